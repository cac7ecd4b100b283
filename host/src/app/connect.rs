//! Connecting and disconnecting a platform's account.

use http::HeaderValue;
use secrecy::SecretString;
use url::Url;

use super::trouble::{Trouble, lacking};
use super::{App, AppError, Services, oauth2};
use crate::auth::loopback::{Loopback, WAIT};
use crate::auth::{
    AuthError, AuthorizationServer, Callback, ClientIdentity, Disconnected, Flow, Grant, Prepared, RedirectUri, Tokens,
    client_credentials, parse_pasted, scopes_for,
};
use crate::config;
use crate::contract::account::Holding;
use crate::contract::descriptor::{Authentication, Feature, Scope};
use crate::fault::{Step, reach};
use crate::plugin::platform::PlatformPlugin;
use crate::store::{Purge, Scope as StoreScope};

/// How the answer of the authorization server comes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Return {
    /// The browser is sent to a listener on this machine.
    Loopback,
    /// The same, where a page of ours began it: its browser alone is believed ([`LoggingIn::cookie`]) and goes on to this page at `http://127.0.0.1`.
    Browser(Url),
    /// The person pastes the address that the browser ended on.
    Pasted,
}

/// A connection about to be made: the store has proved that it takes a credential.
struct Begun<'a> {
    app: &'a App,
    services: &'a Services,
    plugin: &'a PlatformPlugin,
    server: AuthorizationServer,
    prepared: Prepared,
}

/// A log-in about to begin; the listener, if there is one, listens.
pub struct Connecting<'a> {
    begun: Begun<'a>,
    redirect: RedirectUri,
    listener: Option<Loopback>,
}

/// An application about to be connected by its own credentials, without a person.
pub struct ConnectingItself<'a>(Begun<'a>);

/// A connection that was made.
pub struct Connected {
    /// Permissions that were asked for and that the platform did not give, in its plugin's words.
    pub lacking: Option<Trouble>,
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
    let begun = begin(app, services, plugin).await?;
    let configured = redirect_uri.map(str::to_owned).or_else(|| section.connect.redirect_uri.clone());
    let (redirect, listener) = match (configured, back) {
        (Some(uri), _) => {
            let redirect = RedirectUri::parse(&uri).map_err(|e| AppError::Usage(e.to_string()))?;
            (redirect, None)
        }
        (None, Return::Pasted) => (RedirectUri::loopback(plugin.id(), section.connect.callback_port), None),
        (None, back) => {
            let mut listener = Loopback::bind(plugin.id(), section.connect.callback_port).await?;
            if let Return::Browser(then) = back {
                listener = listener.returning_to(then)?;
            }
            (listener.redirect_uri().clone(), Some(listener))
        }
    };
    Ok(Connecting { begun, redirect, listener })
}

/// Prepares to connect by client credentials: nothing is asked of the platform yet.
///
/// # Errors
/// Where the platform does not offer that grant, or the vault does not take a write.
pub async fn prepare_itself<'a>(
    app: &'a App,
    services: &'a Services,
    plugin: &'a PlatformPlugin,
) -> Result<ConnectingItself<'a>, AppError> {
    if !oauth2(plugin)?.grants.contains(&crate::contract::descriptor::Grant::ClientCredentials) {
        let platform = plugin.id().to_owned();
        return Err(AuthError::GrantNotOffered { platform, grant: "client-credentials" }.into());
    }
    Ok(ConnectingItself(begin(app, services, plugin).await?))
}

async fn begin<'a>(app: &'a App, services: &'a Services, plugin: &'a PlatformPlugin) -> Result<Begun<'a>, AppError> {
    let server = app.authorization_server(plugin)?;
    let prepared = services.credentials.prepare(&app.account(plugin.id())).await?;
    Ok(Begun { app, services, plugin, server, prepared })
}

impl<'a> Begun<'a> {
    /// The permissions that the enabled features need.
    fn scopes(&self) -> Result<Vec<&'a Scope>, AppError> {
        let features = &self.app.section(self.plugin.id())?.connect.features;
        let features: Vec<Feature> = features.iter().map(feature).collect();
        Ok(scopes_for(oauth2(self.plugin)?, &features))
    }

    /// Has tokens obtained and stored, and asks the platform whose they are.
    async fn finish(
        self,
        client: ClientIdentity,
        grant: Grant,
        obtaining: impl Future<Output = Result<Tokens, AuthError>> + Send + 'static,
    ) -> Result<Connected, AppError> {
        let scopes = self.scopes()?;
        let asked = scopes.iter().map(|scope| (*scope).clone()).collect();
        if let Err(error) = self.prepared.obtain(self.server, client, grant, asked, obtaining).await {
            return Err(explained(self.plugin, self.app.now(), error).await);
        }
        reach(Step::ConnectStored);
        // The tokens are safe; that the account has no name yet is for `status` to mend.
        let work = self.app.work(self.services, self.plugin)?;
        let identified = self.plugin.identify(&work, &self.app.settings(self.plugin.id())?).await;
        reach(Step::ConnectIdentified);
        let identity = match identified {
            Ok(identity) => identity,
            Err(error) => {
                tracing::warn!(%error, "connected, but the platform did not say whose account it is");
                return Ok(Connected { lacking: None });
            }
        };
        self.services.credentials.set_username(&work.account, &identity.username).await?;
        reach(Step::ConnectNamed);
        let is_missing = |scope: &&Scope| {
            let of = identity.permissions.iter().find(|permission| permission.scope == scope.name);
            of.is_some_and(|permission| permission.holding == Holding::Missing)
        };
        let missing: Vec<&str> = scopes.into_iter().filter(is_missing).map(|scope| scope.name.as_str()).collect();
        let lacking = match missing.is_empty() {
            true => None,
            false => Some(lacking(self.plugin, &missing, self.app.now()).await),
        };
        Ok(Connected { lacking })
    }
}

fn feature(configured: &config::Feature) -> Feature {
    match configured {
        config::Feature::Search => Feature::Search,
        config::Feature::Proposals => Feature::Proposals,
        config::Feature::Contracts => Feature::Contracts,
    }
}

fn client(id: &str, secret: &SecretString) -> Result<ClientIdentity, AppError> {
    ClientIdentity::new(id, Some(secret)).map_err(|e| AppError::Usage(e.to_string()))
}

impl<'a> ConnectingItself<'a> {
    /// The permissions that will be asked for, to be shown with their purpose.
    ///
    /// # Errors
    /// Where the platform has no OAuth log-in.
    pub fn scopes(&self) -> Result<Vec<&'a Scope>, AppError> {
        self.0.scopes()
    }

    /// Asks for tokens with an application's client id and secret, stores them, and asks the platform whose they are.
    ///
    /// # Errors
    /// The plugin's own words for what the platform refuses; nothing is stored then, and what was stored stays.
    pub async fn finish(self, client_id: &str, client_secret: &SecretString) -> Result<Connected, AppError> {
        let (client, begun) = (client(client_id, client_secret)?, self.0);
        let (server, identity, http) = (begun.server.clone(), client.clone(), begun.prepared.http());
        let scopes: Vec<Scope> = begun.scopes()?.into_iter().cloned().collect();
        let clock = begun.app.installation.clock.clone();
        let asking = async move {
            let scopes: Vec<&Scope> = scopes.iter().collect();
            client_credentials(&server, &identity, &scopes, &http, clock.as_ref()).await
        };
        begun.finish(client, Grant::ClientCredentials, asking).await
    }
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
        self.begun.scopes()
    }

    /// Begins the log-in with an application's client id and secret.
    ///
    /// # Errors
    /// Where they cannot be such.
    pub fn begin(self, client_id: &str, client_secret: &SecretString) -> Result<LoggingIn<'a>, AppError> {
        let client = client(client_id, client_secret)?;
        let flow = Flow::begin(&self.begun.server, &client, &self.redirect, &self.scopes()?)?;
        reach(Step::ConnectBegun);
        Ok(LoggingIn { of: self, client, flow })
    }
}

impl LoggingIn<'_> {
    /// What the browser is to open.
    #[must_use]
    pub fn url(&self) -> &Url {
        self.flow.authorization_url()
    }

    /// `Set-Cookie` for the page that sends the browser to [`LoggingIn::url`], where that browser alone is believed ([`Return::Browser`]).
    #[must_use]
    pub fn cookie(&self) -> Option<HeaderValue> {
        self.of.listener.as_ref()?.cookie()
    }

    /// Waits for the browser to come back, and finishes. Where this is dropped, the port is free again; what has begun to be stored is stored.
    ///
    /// # Errors
    /// As [`LoggingIn::finish`], or after five minutes without an answer.
    pub async fn wait(mut self) -> Result<Connected, AppError> {
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
    pub async fn pasted(self, text: &str) -> Result<Connected, AppError> {
        let callback = parse_pasted(text).map_err(AuthError::from)?;
        self.finish(callback).await
    }

    /// Exchanges the code, and keeps what it yields.
    async fn finish(self, callback: Callback) -> Result<Connected, AppError> {
        reach(Step::ConnectAnswered);
        let LoggingIn { of: Connecting { begun, .. }, client, flow } = self;
        let (http, clock) = (begun.prepared.http(), begun.app.installation.clock.clone());
        let exchanging = async move { flow.finish(callback, &http, clock.as_ref()).await };
        begun.finish(client, Grant::AuthorizationCode, exchanging).await
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
