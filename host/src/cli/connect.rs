//! `connect`: by OAuth in the browser, by an API key, or not at all where none is needed.

use secrecy::SecretString;

use super::args::{Connect, Globals, LogInBy};
use super::output::Output;
use super::secret::{Wanted, secret};
use super::{prompt, text};
use crate::app::connect::{self, Connected, Return};
use crate::app::error::exit;
use crate::app::{Access, App, AppError, api_key, oauth2};
use crate::auth::browser;
use crate::contract::descriptor::{ApiKey, Authentication, Scope};
use crate::plugin::platform::PlatformPlugin;

/// Connects an account, as its platform wants it.
pub async fn run(globals: &Globals, args: Connect, output: &mut Output) -> Result<u8, AppError> {
    let app = App::open().await?;
    let plugin = app.installation.named(&args.platform).await?.clone();
    let name = &plugin.descriptor.display_name;
    let by_itself = args.grant == LogInBy::ClientCredentials;
    let of_oauth =
        args.client_id.is_some() || args.client_secret_file.is_some() || args.redirect_uri.is_some() || by_itself;
    match &plugin.descriptor.authentication {
        Authentication::Oauth2(_) if args.api_key_file.is_some() => Err(AppError::Usage(format!(
            "{name} has a log-in in the browser and takes no API key; leave out --api-key-file"
        ))),
        Authentication::Oauth2(_) if by_itself && (args.no_browser || args.redirect_uri.is_some()) => {
            let said =
                "with --grant client-credentials no browser takes part; leave out --no-browser and --redirect-uri";
            Err(AppError::Usage(said.to_owned()))
        }
        Authentication::Oauth2(_) if by_itself => by_client(globals, args, &app, &plugin, output).await,
        Authentication::Oauth2(_) => in_browser(globals, args, &app, &plugin, output).await,
        Authentication::ApiKey(_) if of_oauth || args.no_browser => {
            let said = format!(
                "{name} takes an API key and has no log-in in the browser; give --api-key-file, or be asked for the key"
            );
            Err(AppError::Usage(said))
        }
        Authentication::ApiKey(key) => by_key(globals, args, &app, &plugin, key, output).await,
        Authentication::None => {
            output.line(format_args!("{} needs no log-in.", text::line(name)));
            output.message(format_args!("Scan it with: ghoststack prospector scan --platform {}", plugin.id()));
            Ok(exit::OK)
        }
    }
}

/// Stores an API key that the platform accepts.
async fn by_key(
    globals: &Globals,
    args: Connect,
    app: &App,
    plugin: &PlatformPlugin,
    wanted: &ApiKey,
    output: &mut Output,
) -> Result<u8, AppError> {
    let name = text::line(&plugin.descriptor.display_name);
    let services = app.services(Access::Write).await?;
    let connecting = api_key::prepare(app, &services, plugin, wanted).await?;
    output.message(format_args!("{name} issues API keys at {}", text::line(&wanted.registration_url)));
    let audience: Vec<&str> = connecting.audience().iter().map(String::as_str).collect();
    output.message(format_args!("The key will be sent to {}, and nowhere else.", audience.join(", ")));
    let key = secret(globals, args.api_key_file.as_deref(), &API_KEY, &name)?;
    let identity = connecting.finish(&key).await?;
    services.close().await;
    output.line(format_args!("{name} knows the key as {}. It is stored in Vault.", text::line(&identity.username)));
    Ok(exit::OK)
}

/// Connects an application for its owner.
async fn by_client(
    globals: &Globals,
    args: Connect,
    app: &App,
    plugin: &PlatformPlugin,
    output: &mut Output,
) -> Result<u8, AppError> {
    let services = app.services(Access::Write).await?;
    let connecting = connect::prepare_itself(app, &services, plugin).await?;
    output.message(format_args!("Applications are registered at {}", oauth2(plugin)?.registration_url));
    tell_scopes(&connecting.scopes()?, output);
    let (id, secret) = client(globals, args, app, plugin)?;
    let connected = connecting.finish(&id, &secret).await?;
    services.close().await;
    tell_connected(&connected, output);
    Ok(exit::OK)
}

fn tell_connected(connected: &Connected, output: &mut Output) {
    output.line("Authorization successful. Tokens stored in Vault.");
    if let Some(lacking) = &connected.lacking {
        output.message(format_args!("warning: {}: {}", text::line(&lacking.title), text::line(&lacking.message)));
        output.message(format_args!("Next: {}", text::line(&lacking.remedy)));
    }
}

/// What is asked for, and why: shown before anybody agrees.
fn tell_scopes(scopes: &[&Scope], output: &mut Output) {
    output.message("Prospector will ask for:");
    for scope in scopes {
        output.message(format_args!("  {}: {}", text::line(&scope.name), text::line(&scope.purpose)));
    }
}

/// The application's Client ID and Client Secret.
fn client(
    globals: &Globals,
    args: Connect,
    app: &App,
    plugin: &PlatformPlugin,
) -> Result<(String, SecretString), AppError> {
    let name = text::line(&plugin.descriptor.display_name);
    let id = match args.client_id.or_else(|| app.section(plugin.id()).ok()?.connect.client_id.clone()) {
        Some(id) => id,
        None if prompt::is_possible(globals.no_input) => prompt::line(&format!("Enter {name} Client ID: "))?,
        None => {
            return Err(AppError::Usage("nobody is there to be asked for the Client ID; give --client-id".to_owned()));
        }
    };
    let secret = secret(globals, args.client_secret_file.as_deref(), &CLIENT_SECRET, &name)?;
    Ok((id, secret))
}

/// Connects an account in the browser.
async fn in_browser(
    globals: &Globals,
    args: Connect,
    app: &App,
    plugin: &PlatformPlugin,
    output: &mut Output,
) -> Result<u8, AppError> {
    let name = plugin.descriptor.display_name.clone();
    let services = app.services(Access::Write).await?;
    let back = if args.no_browser { Return::Pasted } else { Return::Loopback };
    let connecting = connect::prepare(app, &services, plugin, args.redirect_uri.as_deref(), back).await?;
    let listens = connecting.listens();
    output.message(format_args!(
        "Your application at {name} has to be registered with this redirect URI: {}",
        connecting.redirect_uri()
    ));
    output.message(format_args!("Applications are registered at {}", oauth2(plugin)?.registration_url));
    tell_scopes(&connecting.scopes()?, output);
    let no_browser = args.no_browser;
    let (client_id, client_secret) = client(globals, args, app, plugin)?;
    let logging_in = connecting.begin(&client_id, &client_secret)?;
    if no_browser {
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
    let connected = if listens {
        logging_in.wait().await?
    } else {
        let pasted = prompt::line("Paste the address that the browser ended on, or the code shown there: ")?;
        logging_in.pasted(&pasted).await?
    };
    services.close().await;
    tell_connected(&connected, output);
    Ok(exit::OK)
}

const CLIENT_SECRET: Wanted =
    Wanted { what: "Client Secret", variable: "GHOSTSTACK_CLIENT_SECRET", flag: "--client-secret-file" };
const API_KEY: Wanted = Wanted { what: "API key", variable: "GHOSTSTACK_API_KEY", flag: "--api-key-file" };
