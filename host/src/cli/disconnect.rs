//! `disconnect`.

use super::args::Disconnect;
use super::output::Output;
use crate::app::error::exit;
use crate::app::status::{LogIn, log_in};
use crate::app::{Access, App, AppError, connect};
use crate::auth::Revocation;

/// Gives a connection up, and says what could not be revoked.
pub async fn run(args: Disconnect, output: &mut Output) -> Result<u8, AppError> {
    let app = App::open().await?;
    let plugin = app.installation.named(&args.platform).await?.clone();
    let name = &plugin.descriptor.display_name;
    let services = app.services(Access::Write).await?;
    let done = connect::disconnect(&app, &services, &plugin).await?;
    services.close().await;
    let revoked = matches!(done.revocation, Revocation::Done);
    if output.is_json() {
        output.json(&serde_json::json!({"platform": plugin.id(), "existed": done.existed, "revoked": revoked}));
        return Ok(exit::OK);
    }
    if !done.existed {
        output.line(format_args!("{name} was not connected."));
        return Ok(exit::OK);
    }
    output.line(format_args!("{name} is disconnected. The stored credentials are deleted; leads are kept."));
    match done.revocation {
        Revocation::Done => output.line(format_args!("{name} has revoked the access.")),
        Revocation::Nothing => {}
        Revocation::NotOffered if log_in(&plugin) == LogIn::ApiKey => {
            output.message(format_args!("The API key itself stays valid at {name} until you revoke it there."));
        }
        Revocation::NotOffered => {
            output.message(format_args!("{name} cannot revoke access by program: end it in your account's settings there, under connected applications."));
        }
        Revocation::Failed(error) => {
            output.message(format_args!(
                "warning: {name} did not revoke the access ({error}). End it in your account's settings there."
            ));
        }
    }
    Ok(exit::OK)
}
