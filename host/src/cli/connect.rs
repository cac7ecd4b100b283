//! `connect`.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use secrecy::SecretString;
use zeroize::Zeroizing;

use super::args::{Connect, Globals};
use super::output::Output;
use super::prompt;
use crate::app::connect::{self, Return};
use crate::app::error::exit;
use crate::app::{Access, App, AppError, oauth2};
use crate::auth::browser;

/// The environment variable that may hold the Client Secret.
const SECRET_VARIABLE: &str = "GHOSTSTACK_CLIENT_SECRET";
/// Longest file with a secret that is read, in bytes.
const MAX_SECRET_FILE: u64 = 4 * 1024;

/// Connects an account in the browser.
pub async fn run(globals: &Globals, args: Connect, output: &mut Output) -> Result<u8, AppError> {
    let app = App::open().await?;
    let plugin = app.installation.plugin(&args.platform)?.clone();
    let name = plugin.descriptor.display_name.clone();
    let services = app.services(Access::Write).await?;
    let back = if args.no_browser { Return::Pasted } else { Return::Loopback };
    let connecting = connect::prepare(&app, &services, &plugin, args.redirect_uri.as_deref(), back).await?;
    let listens = connecting.listens();
    output.message(format_args!(
        "Your application at {name} has to be registered with this redirect URI: {}",
        connecting.redirect_uri()
    ));
    output.message(format_args!("Applications are registered at {}", oauth2(&plugin)?.registration_url));
    output.message("Prospector will ask for:");
    for scope in connecting.scopes()? {
        output.message(format_args!("  {}: {}", scope.name, scope.purpose));
    }
    let client_id = match args.client_id.or_else(|| app.section(plugin.id()).ok()?.connect.client_id.clone()) {
        Some(id) => id,
        None if prompt::is_possible(globals.no_input) => prompt::line(&format!("Enter {name} Client ID: "))?,
        None => {
            return Err(AppError::Usage("nobody is there to be asked for the Client ID; give --client-id".to_owned()));
        }
    };
    let client_secret = client_secret(globals, args.client_secret_file.as_deref(), &name)?;
    let logging_in = connecting.begin(&client_id, &client_secret)?;
    if args.no_browser {
        output.line("Open this address in a browser:");
        output.line(logging_in.url());
    } else {
        output.line("Opening browser for authorization...");
        output.flush();
        if let Err(error) = browser::open(logging_in.url(), std::env::var_os("BROWSER")) {
            output.message(format_args!("{error}"));
        }
        output.message(format_args!("If no browser opens, open this address: {}", logging_in.url()));
    }
    output.flush();
    if listens {
        logging_in.wait().await?;
    } else {
        let pasted = prompt::line("Paste the address that the browser ended on, or the code shown there: ")?;
        logging_in.pasted(&pasted).await?;
    }
    services.close().await;
    output.line("Authorization successful. Tokens stored in Vault.");
    Ok(exit::OK)
}

/// The Client Secret: from the file named, else the environment, else the person. Never from an argument, which other users can read.
fn client_secret(globals: &Globals, file: Option<&Path>, name: &str) -> Result<SecretString, AppError> {
    if let Some(file) = file {
        return read_secret(file);
    }
    if let Ok(secret) = std::env::var(SECRET_VARIABLE) {
        return Ok(SecretString::from(secret));
    }
    if prompt::is_possible(globals.no_input) {
        return prompt::secret(&format!("Enter {name} Client Secret: "));
    }
    Err(AppError::Usage(format!(
        "nobody is there to be asked for the Client Secret; set {SECRET_VARIABLE} or give --client-secret-file"
    )))
}

fn read_secret(file: &Path) -> Result<SecretString, AppError> {
    let unreadable =
        |e: std::io::Error| AppError::Usage(format!("the secret cannot be read from {}: {e}", file.display()));
    let mut text = Zeroizing::new(String::with_capacity(MAX_SECRET_FILE as usize));
    File::open(file).map_err(unreadable)?.take(MAX_SECRET_FILE).read_to_string(&mut text).map_err(unreadable)?;
    Ok(SecretString::from(text.trim()))
}
