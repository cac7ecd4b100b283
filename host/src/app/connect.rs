//! Connecting and disconnecting a platform's account.

use secrecy::SecretString;
use url::Url;

use super::{App, AppError, Services, oauth2};
use crate::auth::loopback::{Loopback, WAIT};
use crate::auth::{
    AuthError, AuthorizationServer, Callback, ClientIdentity, Disconnected, Flow, Grant, Prepared, RedirectUri,
    parse_pasted, scopes_for,
};
use crate::contract::descriptor::{Authentication, Feature, Scope};
use crate::plugin::platform::PlatformPlugin;
use crate::store::{Purge, Scope as StoreScope};

/// Features that scopes are asked for. All of them: a person who connects once should not have to do it again for proposals.
const FEATURES: [Feature; 3] = [Feature::Search, Feature::Proposals, Feature::Contracts];

/// How the answer of the authorization server comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Return {
    /// The browser is sent to a listener on this machine.
    Loopback,
    /// The person pastes the address that the browser ended on.
    Pasted,
}

/// A connection about to be made: the store has proved that it takes a credential, and the listener, if there is one, listens.
pub struct Connecting<'a> {
    app: &'a App,
    services: &'a Services,
    plugin: &'a PlatformPlugin,
    server: AuthorizationServer,
    prepared: Prepared,
    redirect: RedirectUri,
    listener: Option<Loopback>,
}

/// A log-in under way in the browser.
pub struct LoggingIn<'a> {
    of: Connecting<'a>,
    client: ClientIdentity,
    flow: Flow,
}

/// What a platform refused, and why, in its plugin's words where it has any.
async fn explained(plugin: &PlatformPlugin, now: i64, error: AuthError) -> AppError {
    let Some(refusal) = error.refusal().cloned() else { return error.into() };
    match plugin.explain(&refusal, now).await {
        Ok(Some(said)) => AppError::Explained { title: said.title, message: said.message, remedy: said.remedy },
        Ok(None) | Err(_) => error.into(),
    }
}

/// Prepares to connect: nothing is asked of the platform yet.
///
/// # Errors
/// Where the vault does not take a write, the port is taken, or the redirect URI cannot be used.
pub async fn prepare<'a>(
    app: &'a App,
    services: &'a Services,
    plugin: &'a PlatformPlugin,
    redirect_uri: Option<&str>,
    back: Return,
) -> Result<Connecting<'a>, AppError> {
    let section = app.section(plugin.id())?;
    let server = app.authorization_server(plugin)?;
    let prepared = services.credentials.prepare(&app.account(plugin.id())).await?;
    let configured = redirect_uri.map(str::to_owned).or_else(|| section.connect.redirect_uri.clone());
    let (redirect, listener) = match (configured, back) {
        (Some(uri), _) => {
            let redirect = RedirectUri::parse(&uri).map_err(|e| AppError::Usage(e.to_string()))?;
            (redirect, None)
        }
        (None, Return::Pasted) => (RedirectUri::loopback(plugin.id(), section.connect.callback_port), None),
        (None, Return::Loopback) => {
            let listener = Loopback::bind(plugin.id(), section.connect.callback_port).await?;
            (listener.redirect_uri().clone(), Some(listener))
        }
    };
    Ok(Connecting { app, services, plugin, server, prepared, redirect, listener })
}

impl<'a> Connecting<'a> {
    /// What the person registers with the platform.
    #[must_use]
    pub fn redirect_uri(&self) -> &str {
        self.redirect.as_str()
    }

    /// Whether the answer comes by itself; else the person pastes it.
    #[must_use]
    pub fn listens(&self) -> bool {
        self.listener.is_some()
    }

    /// The permissions that will be asked for, to be shown with their purpose.
    ///
    /// # Errors
    /// Where the platform has no OAuth log-in.
    pub fn scopes(&self) -> Result<Vec<&'a Scope>, AppError> {
        Ok(scopes_for(oauth2(self.plugin)?, &FEATURES))
    }

    /// Begins the log-in with an application's client id and secret.
    ///
    /// # Errors
    /// Where they cannot be such.
    pub fn begin(self, client_id: &str, client_secret: &SecretString) -> Result<LoggingIn<'a>, AppError> {
        let client = ClientIdentity::new(client_id, Some(client_secret)).map_err(|e| AppError::Usage(e.to_string()))?;
        let flow = Flow::begin(&self.server, &client, &self.redirect, &self.scopes()?)?;
        Ok(LoggingIn { of: self, client, flow })
    }
}

impl LoggingIn<'_> {
    /// What the browser is to open.
    #[must_use]
    pub fn url(&self) -> &Url {
        self.flow.authorization_url()
    }

    /// Waits for the browser to come back, and finishes.
    ///
    /// # Errors
    /// As [`LoggingIn::finish`], or after five minutes without an answer.
    pub async fn wait(mut self) -> Result<(), AppError> {
        let Some(listener) = self.of.listener.take() else {
            return Err(AppError::Usage("the answer has to be pasted: nothing listens for it".to_owned()));
        };
        let callback = listener.wait(self.flow.state(), WAIT).await?;
        self.finish(callback).await
    }

    /// Finishes with the address or code that the person pasted.
    ///
    /// # Errors
    /// As [`LoggingIn::finish`], or where it is neither.
    pub async fn pasted(self, text: &str) -> Result<(), AppError> {
        let callback = parse_pasted(text).map_err(AuthError::from)?;
        self.finish(callback).await
    }

    /// Exchanges the code, stores the tokens, and asks the platform whose they are.
    async fn finish(self, callback: Callback) -> Result<(), AppError> {
        let LoggingIn { of, client, flow } = self;
        let now = of.app.now();
        let scopes = of.scopes()?;
        let tokens = match flow.finish(callback, &of.services.http, of.app.installation.clock.as_ref()).await {
            Ok(tokens) => tokens,
            Err(error) => return Err(explained(of.plugin, now, error).await),
        };
        of.prepared.save(&of.server, &client, Grant::AuthorizationCode, &scopes, &tokens).await?;
        // The tokens are safe; that the account has no name yet is for `status` to mend.
        let work = of.app.work(of.services, of.plugin)?;
        match of.plugin.identify(&work, &of.app.settings(of.plugin.id())?).await {
            Ok(identity) => of.services.credentials.set_username(&work.account, &identity.username).await?,
            Err(error) => tracing::warn!(%error, "connected, but the platform did not say whose account it is"),
        }
        Ok(())
    }
}

/// Gives an account's credential up. Leads stay; what the plugin kept goes.
///
/// # Errors
/// The vault's or the store's.
pub async fn disconnect(app: &App, services: &Services, plugin: &PlatformPlugin) -> Result<Disconnected, AppError> {
    if let Authentication::Oauth2(_) = &plugin.descriptor.authentication {
        services.credentials.put_in_force(app.authorization_server(plugin)?);
    }
    let account = app.account(plugin.id());
    let done = services.credentials.disconnect(&account).await?;
    services.store.purge(&StoreScope::from(&account), Purge::PluginData).await?;
    Ok(done)
}
