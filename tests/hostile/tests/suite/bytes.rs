//! Bytes that are no component, or one of another world.

use std::path::Path;

use ghoststack::plugin::component::{ComponentError, Inspected, MAX_COMPONENT, World};
use ghoststack::plugin::platform::LoadError;
use prospector_hostile::guest::{ENGINE, PLATFORM, load};
use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{LiftLowerAbi, ManglingAndAbi, Resolve};

/// A core module that imports and exports what a world says and does nothing, with the section that says so.
pub fn core_module(wit: &str, world: &str) -> Vec<u8> {
    core_module_naming(wit, world, ManglingAndAbi::Standard32)
}

/// The same, with the names of exports as that mangling has them.
fn core_module_naming(wit: &str, world: &str, naming: ManglingAndAbi) -> Vec<u8> {
    let mut resolve = Resolve::default();
    let contract = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit");
    let (package, _) = resolve.push_dir(&contract).expect("the contract parses");
    let package =
        if wit.is_empty() { package } else { resolve.push_str("test.wit", wit).expect("the test's WIT parses") };
    let world = resolve.select_world(&[package], Some(world)).expect("the world is there");
    let mut module = dummy_module(&resolve, world, naming);
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).expect("the section can be embedded");
    module
}

/// The same as a component.
pub fn component(wit: &str, world: &str) -> Vec<u8> {
    let module = core_module(wit, world);
    ComponentEncoder::default().validate(true).module(&module).expect("a module").encode().expect("a component")
}

fn read(bytes: &[u8]) -> Result<Inspected, ComponentError> {
    Inspected::read(&ENGINE, bytes)
}

fn unread(bytes: &[u8]) -> ComponentError {
    match read(bytes) {
        Ok(inspected) => panic!("it was read as a {}", inspected.world.as_str()),
        Err(error) => error,
    }
}

#[test]
fn what_is_no_webassembly_is_said_to_be_none() {
    let elf = std::fs::read("/proc/self/exe").expect("this program is one");
    for bytes in [&b""[..], b"\0", b"\0asm", b"#!/bin/sh\necho gotcha\n", b"(component)", &elf[..4096], &[0xff; 1000]] {
        assert_eq!(unread(bytes), ComponentError::NotWasm);
    }
    // A version of the format that is neither a module's nor a component's.
    assert_eq!(unread(b"\0asm\x07\0\x09\0"), ComponentError::NotWasm);
}

#[test]
fn a_component_that_was_cut_off_is_invalid_wherever_it_was_cut() {
    for length in [8, 9, 100, PLATFORM.len() / 2, PLATFORM.len() - 1] {
        let error = unread(&PLATFORM[..length]);
        assert!(matches!(error, ComponentError::Invalid(_) | ComponentError::NoWorld(_)), "{length}: {error}");
    }
}

#[test]
fn a_component_of_more_than_64_mib_is_not_read() {
    let mut bytes = PLATFORM.to_vec();
    bytes.resize(MAX_COMPONENT + 1, 0);
    assert_eq!(unread(&bytes), ComponentError::TooLarge);
    assert!(ComponentError::TooLarge.to_string().contains("64 MiB"));
}

#[test]
fn a_core_module_of_the_contract_is_made_into_a_component_and_is_pure() {
    for (world, expected) in [("filter", World::Filter), ("scorer", World::Scorer)] {
        for naming in [ManglingAndAbi::Standard32, ManglingAndAbi::Legacy(LiftLowerAbi::Sync)] {
            let module = core_module_naming("", world, naming);
            let inspected = read(&module).unwrap_or_else(|error| panic!("{world}: {error}"));
            assert_eq!(inspected.world, expected);
            assert!(inspected.is_pure(), "{:?}", inspected.imports);
            assert_ne!(inspected.source_digest, inspected.digest, "the file and the component differ");
        }
    }
}

#[test]
fn a_component_of_the_contract_is_itself() {
    let inspected = read(PLATFORM).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((inspected.world, inspected.is_pure()), (World::Platform, false));
    assert_eq!(inspected.source_digest, inspected.digest);
}

#[test]
fn a_core_module_that_was_not_made_from_the_contract_fits_no_world() {
    for text in ["(module)", r#"(module (func (export "run")))"#] {
        let error = unread(&wat::parse_str(text).expect("a module"));
        assert!(matches!(error, ComponentError::NoWorld(_) | ComponentError::NotEncodable(_)), "{text}: {error}");
    }
    let importing = wat::parse_str(r#"(module (import "env" "system" (func)))"#).expect("a module");
    assert!(matches!(unread(&importing), ComponentError::NotEncodable(_)));
    assert_eq!(wat_error(b"\0asm\x01\0\0\0\xff"), "not encodable");
}

fn wat_error(bytes: &[u8]) -> &'static str {
    match unread(bytes) {
        ComponentError::NotEncodable(_) => "not encodable",
        _ => "something else",
    }
}

#[test]
fn a_component_that_exports_nothing_fits_no_world() {
    let error = unread(&wat::parse_str("(component)").expect("a component"));
    assert!(error.to_string().contains("no interface of ghoststack:prospector"), "{error}");
}

/// A component that exports these interfaces of the contract.
fn exporting(interfaces: &[&str]) -> Vec<u8> {
    let lines: String = interfaces.iter().map(|name| format!("export ghoststack:prospector/{name}@0.1.0;")).collect();
    component(&format!("package test:less; world less {{ {lines} }}"), "less")
}

#[test]
fn a_missing_export_is_named() {
    for (there, missing) in [
        (&["account", "search", "screening", "scoring"][..], "descriptor"),
        (&["descriptor", "account", "search"], "screening"),
        (&["descriptor"], "screening"),
        (&["screening"], "descriptor"),
    ] {
        let error = unread(&exporting(there)).to_string();
        assert!(error.contains(missing), "{there:?}: {error}");
    }
}

#[tokio::test]
async fn a_platform_that_lacks_an_export_is_told_which() {
    let all = ["descriptor", "account", "search", "screening", "scoring"];
    for missing in ["account", "search", "screening", "scoring"] {
        let there: Vec<&str> = all.into_iter().filter(|name| *name != missing).collect();
        let error = load(&exporting(&there)).await.expect_err("it is no platform").to_string();
        assert!(error.contains(missing), "{missing}: {error}");
    }
}

#[test]
fn a_module_of_another_version_of_the_contract_is_told_so() {
    let mut module = core_module_naming("", "filter", ManglingAndAbi::Legacy(LiftLowerAbi::Sync));
    for at in 0..module.len() - 5 {
        if &module[at..at + 6] == b"@0.1.0" {
            module[at + 3] = b'7';
        }
    }
    let error = unread(&module);
    assert!(matches!(error, ComponentError::Version(_)), "{error}");
    let told = "it was made for version 0.7.0 of the contract ghoststack:prospector (`descriptor`), and this program serves version 0.1.0";
    assert_eq!(error.to_string(), told);
}

#[test]
fn a_core_module_of_a_filter_that_imports_what_a_platform_is_given_is_refused() {
    let wit = "package test:curious; world curious { include ghoststack:prospector/filter@0.1.0; import ghoststack:prospector/log@0.1.0; }";
    let error = unread(&core_module_naming(wit, "curious", ManglingAndAbi::Legacy(LiftLowerAbi::Sync))).to_string();
    assert!(error.contains("ghoststack:prospector/log@0.1.0"), "{error}");
}

#[test]
fn a_module_whose_packages_depend_on_each_other_is_read_by_its_exports_alone() {
    let mut module = core_module("", "filter");
    // Of the world's interfaces one is said to be of another package, which depends on this one: a circle.
    let name = b"ghoststack:prospector/screening@0.1.0";
    let place = (0..module.len()).rfind(|&at| module[at..].starts_with(name)).expect("the module names its export");
    module[place + 9] = b's';
    let inspected = read(&module).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(inspected.world, World::Filter);
}

#[test]
fn a_module_whose_metadata_is_cut_off_is_refused() {
    let module = core_module("", "filter");
    for length in 8..module.len() {
        let outcome = std::panic::catch_unwind(|| read(&module[..length]).is_err());
        assert!(outcome.is_ok(), "a panic, cut after {length} of {} bytes", module.len());
    }
}

#[tokio::test]
async fn a_filter_where_a_platform_is_wanted_is_called_one() {
    let error = load(&core_module("", "filter")).await.expect_err("it is a filter");
    assert!(matches!(error, LoadError::World { world: World::Filter, .. }));
    assert_eq!(error.to_string(), "the plugin test is a filter, and a platform is wanted here");
}

#[test]
fn an_import_that_is_not_served_is_named() {
    let wit = "package test:greedy; interface shell { run: func(command: string); }
        world greedy { include ghoststack:prospector/platform@0.1.0; import shell; }";
    let error = unread(&component(wit, "greedy"));
    assert_eq!(error.to_string(), "it imports `test:greedy/shell`, which is not served");
}

#[test]
fn a_filter_that_imports_what_a_platform_is_given_is_refused() {
    let wit = "package test:curious; world curious { include ghoststack:prospector/filter@0.1.0; import ghoststack:prospector/http@0.1.0; }";
    let error = unread(&component(wit, "curious")).to_string();
    assert_eq!(error, "it imports `http`, which a filter is not given");
}

#[test]
fn an_import_that_the_contract_does_not_have_is_named() {
    // The contract's own package, with an interface more: what a component for a later version may look like.
    let text = r#"(component (import "ghoststack:prospector/telemetry@0.1.0" (instance (export "send" (func)))))"#;
    let error = unread(&wat::parse_str(text).expect("a component"));
    assert!(matches!(error, ComponentError::NoWorld(_)), "{error}");
}

/// A component of a world of the contract, after its text was changed.
fn component_of_changed(change: impl Fn(&str) -> String, world: &str) -> Vec<u8> {
    let contract = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit");
    let folder = tempfile::tempdir().expect("a folder can be made");
    for file in std::fs::read_dir(&contract).expect("the contract is there") {
        let file = file.expect("an entry");
        if file.path().is_dir() {
            continue;
        }
        let text = std::fs::read_to_string(file.path()).expect("text");
        std::fs::write(folder.path().join(file.file_name()), change(&text)).expect("a file can be written");
    }
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(folder.path()).expect("it parses");
    let world = resolve.select_world(&[package], Some(world)).expect("the world is there");
    let mut module = dummy_module(&resolve, world, ManglingAndAbi::Standard32);
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).expect("the section can be embedded");
    ComponentEncoder::default().validate(true).module(&module).expect("a module").encode().expect("a component")
}

/// A component of the world `platform` in which the import `log` is said to be of another type.
fn mistyped() -> Vec<u8> {
    let log = "log: func(level: level, message: string, fields: list<attribute>);";
    component_of_changed(|text| text.replace(log, "log: func(level: u64);"), "platform")
}

#[tokio::test]
async fn a_component_of_a_later_version_of_the_contract_is_told_so_before_anything_runs() {
    for (world, interface) in [("platform", "descriptor"), ("filter", "descriptor"), ("scorer", "descriptor")] {
        let later = component_of_changed(|text| text.replace("@0.1.0", "@0.2.0"), world);
        let ComponentError::Version(another) = unread(&later) else { panic!("{world} of another version is read") };
        assert_eq!((another.interface.as_str(), another.found.as_deref()), (interface, Some("0.2.0")));
        assert!(another.is_later() && another.remedy().starts_with("run a later Prospector"), "{}", another.remedy());
        let error = load(&later).await.expect_err("it is of another version").to_string();
        assert!(error.contains("made for version 0.2.0") && error.contains("serves version 0.1.0"), "{error}");
    }
}

#[test]
fn a_component_that_imports_one_interface_of_a_later_version_is_told_which() {
    let text = r#"(component
        (import "ghoststack:prospector/http@0.2.0" (instance (export "fetch" (func)))))"#;
    let error = unread(&wat::parse_str(text).expect("a component")).to_string();
    assert!(error.contains("version 0.2.0") && error.contains("`http`"), "{error}");
}

#[tokio::test]
async fn an_import_of_another_type_is_refused_before_anything_runs() {
    let error = load(&mistyped()).await.expect_err("it is of another type");
    assert!(matches!(&error, LoadError::Component { source: ComponentError::Import(_), .. }), "{error}");
    assert!(error.to_string().contains("log"), "{error}");
}

#[tokio::test]
async fn a_component_that_only_traps_is_reported_by_what_trapped() {
    let error = load(&component("", "platform")).await.expect_err("a dummy traps");
    let LoadError::Fault(fault) = &error else { panic!("{error}") };
    assert_eq!((fault.plugin.as_str(), fault.export), ("test", "descriptor.describe"));
}

#[test]
fn the_name_of_an_import_does_not_reach_the_terminal_as_it_is() {
    let mut bytes =
        component("package test:greedy; world greedy { include ghoststack:prospector/filter@0.1.0; }", "greedy");
    // One more import, under a name that WIT could not spell but the binary format can.
    bytes.extend(import_section("url=<https://a.example/\u{1b}[2J\u{202e}>"));
    let error = unread(&bytes).to_string();
    assert!(!error.chars().any(|c| c.is_control() || c == '\u{202e}'), "{error:?}");
}

/// A component's import section with one instance in it, which has nothing.
fn import_section(name: &str) -> Vec<u8> {
    use wasm_encoder::{
        ComponentImportSection, ComponentSection, ComponentTypeRef, ComponentTypeSection, InstanceType,
    };
    let mut types = ComponentTypeSection::new();
    types.instance(&InstanceType::new());
    let mut imports = ComponentImportSection::new();
    imports.import(name, ComponentTypeRef::Instance(0));
    let mut bytes = Vec::new();
    types.append_to_component(&mut bytes);
    imports.append_to_component(&mut bytes);
    bytes
}
