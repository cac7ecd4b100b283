//! Making components of core modules, which is what pure worlds are compiled to.
//!
//! A module of an author's brings a section that says which world it is for, in a format of many layers whose readers trust it: a
//! damaged one makes them panic, or follow a circle until the stack ends. So that section is not read. The module's exports
//! say the world as well, and the host knows its own contract: it drops every custom section and writes the contract's own.

use wasm_encoder::RawSection;
use wasmparser::{ExternalKind, Parser, Payload, Validator, WasmFeatures};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::{PackageId, Resolve, SourceMap, WorldId};

use super::component::{ComponentError, World, one_of};
use super::edition::{Edition, Editions};
use super::version::PACKAGE;

/// The files of the contract, in order: their names and texts.
pub const CONTRACT: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/contract.rs"));

/// A core module as a component of the world that its exports name.
///
/// # Errors
/// [`ComponentError::NotEncodable`], with a sentence on what keeps it from being one; [`ComponentError::Version`].
pub(super) fn encode(editions: &Editions, module: &[u8]) -> Result<Vec<u8>, ComponentError> {
    let (bare, exported) = strip(module).map_err(ComponentError::NotEncodable)?;
    let edition = one_of(editions, exported.iter().map(String::as_str))?;
    let mut names = Vec::new();
    for interface in &exported {
        names.extend(editions.serving(interface).map_err(ComponentError::Version)?.map(|(name, _)| name));
    }
    wrap(bare, edition.as_ref(), &names).map_err(ComponentError::NotEncodable)
}

/// A bare module as a component that exports these interfaces.
fn wrap(mut bare: Vec<u8>, edition: &dyn Edition, names: &[&str]) -> Result<Vec<u8>, String> {
    let mut resolve = Resolve::default();
    let own = |error: &dyn std::fmt::Display| format!("the contract itself cannot be read: {error}");
    let contract = contract(&mut resolve, edition).map_err(|e| own(&e))?;
    let world = world(&mut resolve, contract, edition.version(), names)?;
    embed_component_metadata(&mut bare, &resolve, world, StringEncoding::UTF8).map_err(|e| own(&e))?;
    ComponentEncoder::default()
        .validate(true)
        .module(&bare)
        .and_then(|mut encoder| encoder.encode())
        .map_err(|e| format!("{e:#}").lines().next().unwrap_or_default().to_owned())
}

/// A valid module without its custom sections, and the interfaces of the contract that it exports a function of, with package and version.
fn strip(module: &[u8]) -> Result<(Vec<u8>, Vec<String>), String> {
    let mut validator = Validator::new_with_features(WasmFeatures::default());
    validator.validate_all(module).map_err(|e| e.message().to_owned())?;
    let mut bare = wasm_encoder::Module::new();
    let mut exported = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload.map_err(|e| e.message().to_owned())?;
        if let Payload::ExportSection(exports) = &payload {
            for export in exports.clone() {
                let export = export.map_err(|e| e.message().to_owned())?;
                if let (ExternalKind::Func, Some(interface)) = (export.kind, interface(export.name)) {
                    exported.push(interface.to_owned());
                }
            }
        }
        if let Some((id, range)) = payload.as_section().filter(|_| !matches!(payload, Payload::CustomSection(_))) {
            let data = module.get(range).ok_or("a section reaches beyond its end")?;
            bare.section(&RawSection { id, data });
        }
    }
    exported.sort_unstable();
    exported.dedup();
    Ok((bare.finish(), exported))
}

/// The contract's interface that a core export is of, with package and version: of `ghoststack:prospector/scoring@0.1.0#score`, or of
/// `cm32p2|ghoststack:prospector/scoring@0.1|score`, as the component model's own naming has it.
fn interface(export: &str) -> Option<&str> {
    let (name, end) = match export.strip_prefix("cm32p2|") {
        Some(name) => (name, '|'),
        None => (export, '#'),
    };
    name.strip_prefix(PACKAGE)?;
    name.split_once(end).map(|(interface, _)| interface)
}

/// The contract, parsed.
fn contract(resolve: &mut Resolve, edition: &dyn Edition) -> Result<PackageId, String> {
    let mut files = SourceMap::default();
    for (name, text) in edition.wit() {
        files.push_str(name, *text);
    }
    let group = files.parse().map_err(|(_, error)| error.to_string())?;
    resolve.push_group(group).map_err(|error| error.to_string())
}

/// A world of exactly what is exported: one of the contract's, and what is optional beside it.
fn world(resolve: &mut Resolve, contract: PackageId, version: &str, names: &[&str]) -> Result<WorldId, String> {
    if names.is_empty() {
        return Err(format!("it exports no function of {}", PACKAGE.trim_end_matches('/')));
    }
    let known = |name: &&&str| resolve.packages[contract].interfaces.contains_key(**name);
    if let Some(unknown) = names.iter().find(|name| !known(name)) {
        return Err(format!("it exports {}, which the contract does not have", unknown.escape_default()));
    }
    let base = World::fitting(|export| names.contains(&export));
    let mut text = String::from("package prospector:encoded; world encoded {\n");
    if let Some(base) = base {
        text.push_str(&format!("include {PACKAGE}{}@{version};\n", base.as_str()));
    }
    let covered = base.map_or(&[][..], World::exports);
    for name in names.iter().filter(|name| !covered.contains(name)) {
        text.push_str(&format!("export {PACKAGE}{name}@{version};\n"));
    }
    text.push('}');
    let package = resolve.push_str("encoded.wit", &text).map_err(|e| format!("its world cannot be written: {e:#}"))?;
    resolve.select_world(&[package], Some("encoded")).map_err(|e| format!("its world cannot be chosen: {e:#}"))
}
