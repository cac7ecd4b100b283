//! Whether secrets can be read and written.

use super::Check;
use crate::app::vault::Using;
use crate::app::{Access, App};

const NAME: &str = "vault";

/// Opens the vault. One that holds something is also written to and put back as it was; an empty one is not made for that.
pub(super) async fn vault(app: &App) -> Check {
    // Not while another process moves the secrets.
    let _using = match Using::begin(app, Access::Read) {
        Ok(using) => using,
        Err(error) => return Check::problem(NAME, error.to_string()),
    };
    let vault = app.vault();
    let told = vault.describe();
    let about = format!("{} at {}: {}", told.backend, told.location, told.protection);
    let held = match vault.list(None).await {
        Ok(held) => held.len(),
        // What it says, it says with what to do.
        Err(error) => return Check::problem(NAME, error.to_string()),
    };
    if held == 0 {
        return Check::ok(NAME, format!("{about}; it holds nothing yet"));
    }
    match vault.probe().await {
        Ok(()) => Check::ok(NAME, format!("{about}; it opens, and takes writes")),
        Err(error) => Check::problem(NAME, error.to_string()),
    }
}
