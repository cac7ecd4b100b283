//! Whether secrets can be read and written.

use super::Check;
use crate::app::App;

const NAME: &str = "vault";

/// Opens the vault. One that holds something is also written to and put back as it was; an empty one is not made for that.
pub(super) async fn vault(app: &App) -> Check {
    let vault = match app.vault() {
        Ok(vault) => vault,
        Err(error) => return Check::problem(NAME, error.to_string()),
    };
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
