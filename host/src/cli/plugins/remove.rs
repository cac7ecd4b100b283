//! `plugins remove`.

use super::args::Remove;
use crate::app::error::exit;
use crate::app::plugins::{self, Holdings};
use crate::app::{Access, AppError, Installation};
use crate::cli::args::Globals;
use crate::cli::output::Output;
use crate::cli::prompt;

/// Says what goes with a plugin, asks, and removes it.
pub async fn run(
    globals: &Globals,
    args: Remove,
    installation: Installation,
    output: &mut Output,
) -> Result<u8, AppError> {
    let id = args.plugin;
    let app = installation.configured()?;
    let services = app.services(Access::Write).await?;
    let holdings = plugins::holdings(&app, &services, &id).await?;
    if !output.is_json() {
        say(&holdings, output);
        output.flush();
    }
    if !args.yes {
        if output.is_json() || !prompt::is_possible(globals.no_input) {
            return Err(AppError::Usage("nobody is there to be asked; agree with --yes".to_owned()));
        }
        if !prompt::agreed("Remove it?", false)? {
            output.message("Nothing was removed.");
            return Ok(exit::FAILURE);
        }
    }
    let unrevoked = plugins::remove(&app, &services, &id).await?;
    services.close().await;
    if output.is_json() {
        output.json(&serde_json::json!({"removed": holdings, "not_revoked": unrevoked}));
        return Ok(exit::OK);
    }
    output.line(format_args!("`{id}` is removed."));
    if !unrevoked.is_empty() {
        output.message("Its credential is deleted here, and may stay valid at the platform until you revoke it there.");
    }
    let file = app.home().config_file();
    if app.loaded.settings.iter().any(|setting| in_file(setting, &id)) {
        output.message(format_args!(
            "Delete the section `platforms.{id}` of {}: no plugin reads it any more.",
            file.display()
        ));
    }
    Ok(exit::OK)
}

fn in_file(setting: &crate::config::Setting, id: &str) -> bool {
    matches!(setting.origin, crate::config::Place::File(_)) && setting.path.starts_with(&format!("platforms.{id}."))
}

fn say(holdings: &Holdings, output: &mut Output) {
    let Holdings { id, version, credentials, state_keys, wake_ups } = holdings;
    output.line(format_args!("`{id}` {version} and what it holds will be deleted:"));
    match credentials.as_slice() {
        [] => output.line("  no credential is stored for it"),
        profiles => output.line(format_args!("  the stored credential (profile {})", profiles.join(", "))),
    }
    output.line(format_args!("  its state: {state_keys} entries; wake-ups: {wake_ups}"));
    output.line("Leads that it found are kept.");
}
