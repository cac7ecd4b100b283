//! Whether secrets can be read and written.

use super::Check;
use crate::app::App;
use crate::app::vault::{self, Status, Unfinished};

const NAME: &str = "vault";

/// What `vault status` says. A vault that holds something is also written to and put back as it was; an empty one is not made for that.
pub(super) async fn vault(app: &App) -> Vec<Check> {
    let status = match vault::status(app).await {
        Ok(status) => status,
        // While another process moves the secrets.
        Err(error) => return vec![Check::problem(NAME, error.to_string())],
    };
    let migration = status.migration.as_ref().map(unfinished);
    [serving(app, &status).await].into_iter().chain(migration).collect()
}

async fn serving(app: &App, status: &Status) -> Check {
    let version = status.version.as_deref().map_or(String::new(), |version| format!(" {version}"));
    let about = format!("{}{version} at {}: {}", status.backend, status.location, status.protection);
    // What an error says, it says with what to do.
    match (&status.error, status.secrets) {
        (Some(error), _) => Check::problem(NAME, error.as_str()),
        (None, Some(0)) => Check::ok(NAME, format!("{about}; it holds nothing yet")),
        (None, _) => match app.vault().probe().await {
            Ok(()) => Check::ok(NAME, format!("{about}; it opens, and takes writes")),
            Err(error) => Check::problem(NAME, error.to_string()),
        },
    }
}

fn unfinished(left: &Unfinished) -> Check {
    let said = match left.interrupted {
        true => format!("a migration from {} to {} was cut off", left.from.backend, left.to.backend),
        false => format!("credentials that were moved to {} are still in {} too", left.to.backend, left.from.backend),
    };
    Check::warning(NAME, said).remedy(format!("Run `{}`", left.next))
}
