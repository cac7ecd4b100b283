//! Components that are to be installed, and are not what can be.

use std::path::PathBuf;

use ghoststack::app::AppError;
use ghoststack::app::plugins;
use prospector_hostile::guest::{ENGINE, PLATFORM};

use super::bytes::{component, core_module};

async fn refused(bytes: &[u8]) -> String {
    let folder = tempfile::tempdir().expect("a directory");
    let file: PathBuf = folder.path().join("plugin.wasm");
    std::fs::write(&file, bytes).expect("a file");
    match plugins::read(&ENGINE, &file).await {
        Ok(plugin) => panic!("{} would be installed", plugin.id()),
        Err(error @ (AppError::NotInstallable(..) | AppError::Load(_))) => error.to_string(),
        Err(other) => panic!("another refusal: {other}"),
    }
}

#[tokio::test]
async fn what_does_nothing_but_trap_is_not_installed_whatever_its_world() {
    for bytes in [
        component("", "platform"),
        component("", "filter"),
        core_module("", "filter"),
        component("", "scorer"),
        core_module("", "scorer"),
    ] {
        let said = refused(&bytes).await;
        assert!(said.contains("descriptor.describe"), "{said}");
    }
}

#[tokio::test]
async fn a_component_that_was_cut_off_is_not_installed() {
    let said = refused(&PLATFORM[..PLATFORM.len() - 1]).await;
    assert!(said.contains("not a valid component"), "{said}");
}
