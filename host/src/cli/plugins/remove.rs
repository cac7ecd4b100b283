//! `plugins remove`.

use super::args::Remove;
use crate::app::error::exit;
use crate::app::plugins::{self, Holdings};
use crate::app::{Access, AppError, Installation};
use crate::cli::args::Globals;
use crate::cli::output::Output;
use crate::cli::{prompt, text};
use crate::plugin::component::World;

/// Says what goes with a plugin, asks, and removes it.
pub async fn run(
    globals: &Globals,
    args: Remove,
    installation: Installation,
    output: &mut Output,
) -> Result<u8, AppError> {
    let id = args.plugin;
    // Told before the configuration is looked at, in which a section or a list may still name what is gone.
    plugins::removable(&installation, &id)?;
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
    for place in &holdings.named_at {
        let what = if holdings.world == World::Platform { "section" } else { "entry" };
        output.message(format_args!(
            "Delete the {what} `{}` of {}: no plugin reads it any more.",
            text::line(place),
            file.display()
        ));
    }
    Ok(exit::OK)
}

fn say(holdings: &Holdings, output: &mut Output) {
    let Holdings { id, version, world, named_at, credentials, state_keys, wake_ups } = holdings;
    if *world != World::Platform {
        output.line(format_args!("The {} `{id}` {version} will be deleted. It holds nothing.", world.as_str()));
        if !named_at.is_empty() {
            let places = named_at.join(" and ");
            output.line(format_args!(
                "The configuration lists it ({}): nothing is scanned until that is deleted too.",
                text::line(&places)
            ));
        }
        return;
    }
    output.line(format_args!("`{id}` {version} and what it holds will be deleted:"));
    match credentials.as_slice() {
        [] => output.line("  no credential is stored for it"),
        profiles => output.line(format_args!("  the stored credential (profile {})", profiles.join(", "))),
    }
    output.line(format_args!("  its state: {state_keys} entries; wake-ups: {wake_ups}"));
    output.line("Leads that it found are kept.");
}
