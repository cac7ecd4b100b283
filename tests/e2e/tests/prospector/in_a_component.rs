//! The kit's own tests, in a component. What ships is not what unit tests run natively: there the kit looks at sixteen bytes at once, and has an allocator of
//! its own.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Engine, Store};
use wasmtime_wasi::p2::bindings::Command as Program;
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};

/// Bytes of what the tests print.
const SAID: usize = 1 << 20;

struct Session {
    wasi: WasiCtx,
    table: ResourceTable,
}

impl WasiView for Session {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

/// Builds the kit's unit tests as a component.
fn tests() -> PathBuf {
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(["test", "--locked", "--no-run", "--package", "prospector-plugin", "--lib", "--target", "wasm32-wasip2"])
        .args(["--message-format", "json"])
        // As it ships: what may go wrong by an allocator or by instructions of its own may do so only then.
        .args(["--config", "profile.dev.package.prospector-plugin.opt-level = 3"])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."))
        .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("in-a-component"))
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS");
    let done = cargo.output().expect("cargo starts");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let told = String::from_utf8_lossy(&done.stdout);
    let mut messages = told.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let made = messages.find_map(|message| message["executable"].as_str().map(PathBuf::from));
    made.expect("cargo says what it made")
}

#[tokio::test]
async fn the_kit_passes_its_tests_in_a_component_too() {
    let engine = Engine::default();
    let component = Component::from_file(&engine, tests()).expect("a component");
    let mut linker = Linker::new(&engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker).expect("WASI");
    let said = MemoryOutputPipe::new(SAID);
    // No environment: wasi-libc would free what is lowered of it, by its own allocator.
    let wasi = WasiCtxBuilder::new().stdout(said.clone()).stderr(said.clone()).build();
    let mut store = Store::new(&engine, Session { wasi, table: ResourceTable::new() });
    let program = Program::instantiate_async(&mut store, &component, &linker).await.expect("it starts");
    let ended = program.wasi_cli_run().call_run(&mut store).await;
    let said = String::from_utf8_lossy(&said.contents()).into_owned();
    assert!(matches!(ended, Ok(Ok(()))), "{ended:?}\n{said}");
    assert!(said.contains("lenient::tests") && said.contains("test result: ok."), "{said}");
}
