//! `status`.

use serde::Serialize;

use super::args::Status;
use super::notify::{News, tell};
use super::output::Output;
use super::plugins::warn_of_lock;
use super::text;
use crate::app::error::exit;
use crate::app::keep_alive::{Ending, keep_alive};
use crate::app::status::{self, LogIn, PlatformStatus, State};
use crate::app::{Access, App, AppError};
use crate::vault::Description;

/// The data, as `--json` prints it.
#[derive(Serialize)]
struct Document {
    platforms: Vec<PlatformStatus>,
    vault: Description,
}

/// Prints a block for each platform.
pub async fn run(args: Status, output: &mut Output) -> Result<u8, AppError> {
    let app = App::open_for(args.platform.as_deref()).await?;
    let (plugins, unusable) = app.asked(args.platform.as_deref())?;
    let services = app.services(if args.offline { Access::Read } else { Access::Write }).await?;
    let asked = plugins.iter().map(|plugin| status::status(&app, &services, plugin, args.offline));
    let mut platforms: Vec<PlatformStatus> = futures_util::future::try_join_all(asked).await?;
    for unusable in unusable {
        platforms.push(status::not_loaded(&app, &services, unusable).await?);
    }
    warn_of_lock(&app.installation, output);
    let vault = services.vault.describe();
    if !args.offline {
        warn_of_endings(&keep_alive(&app, &services).await, output);
    }
    let code = platforms.iter().map(PlatformStatus::exit_code).find(|code| *code != exit::OK).unwrap_or(exit::OK);
    if output.is_json() {
        output.json(&Document { platforms, vault });
    } else {
        print(&platforms, output);
        if args.platform.is_none() {
            let (location, protection) = (text::line(&vault.location), text::line(&vault.protection));
            output.message(format_args!("Vault: {} ({location}; {protection})", vault.backend));
        }
    }
    if !args.offline {
        tell(&app, &services, &News { plugins: &plugins, scans: None }, output).await;
    }
    services.close().await;
    Ok(code)
}

fn print(platforms: &[PlatformStatus], output: &mut Output) {
    for (index, platform) in platforms.iter().enumerate() {
        if index > 0 {
            output.line("");
        }
        block(platform, output);
    }
    if platforms.is_empty() {
        output.message("No platform is enabled. List one under `platforms:`; `ghoststack prospector config init` writes a file to begin with.");
    }
}

/// Connections that will end since their refresh token could not be used in time.
pub fn warn_of_endings(endings: &[Ending], output: &mut Output) {
    for Ending { platform, ends_at, why } in endings {
        output.message(format_args!(
            "warning: the access to {platform} ends at {} unless a renewal works until then: {}",
            time(Some(*ends_at), ""),
            text::line(why)
        ));
    }
}

fn block(status: &PlatformStatus, output: &mut Output) {
    output.line(format_args!("Platform: {}", text::line(&status.name)));
    let state = match status.state {
        State::Disconnected => "Disconnected",
        State::Connected => "Connected",
        State::AuthExpired => "Auth_expired",
        State::Error => "Error",
    };
    output.line(format_args!("Status: {state}"));
    if status.state == State::Disconnected {
        output.line(format_args!("Last sync: {}", time(status.last_sync_at, "never")));
        output.message(format_args!("Connect it with: ghoststack prospector connect {}", status.platform));
        return;
    }
    let unknown = if status.authentication == LogIn::None { "none is needed" } else { "unknown" };
    output.line(format_args!("Account: {}", status.account.as_deref().map_or_else(|| unknown.to_owned(), text::line)));
    let granted: Vec<String> =
        status.scopes.iter().filter(|scope| scope.granted).map(|scope| text::line(&scope.name)).collect();
    let scopes = match status.authentication {
        LogIn::ApiKey if granted.is_empty() => "as the key allows".to_owned(),
        _ => granted.join(", "),
    };
    output.line(format_args!("Scopes: {scopes}"));
    let endless = if matches!(status.authentication, LogIn::None | LogIn::ApiKey) { "never" } else { "unknown" };
    output.line(format_args!("Token expires: {}", time(status.token_expires_at, endless)));
    output.line(format_args!("Last sync: {}", time(status.last_sync_at, "never")));
    if let Some(error) = &status.error {
        output.line(format_args!("{}: {}", text::line(&error.title), text::line(&error.message)));
        output.line(format_args!("Next: {}", text::line(&error.remedy)));
    }
}

fn time(at: Option<i64>, none: &str) -> String {
    at.map_or_else(|| none.to_owned(), text::time)
}
