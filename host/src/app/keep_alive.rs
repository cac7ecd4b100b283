//! Refresh tokens that die unused, of all connected platforms: used in time, whichever platform is asked for.

use super::{App, Services};
use crate::auth::KeptAlive;
use crate::contract::descriptor::Authentication;
use crate::plugin::platform::PlatformPlugin;

/// A connection that will end unless something works until then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// The platform's id.
    pub platform: String,
    /// When its refresh token dies, in seconds since 1970.
    pub ends_at: i64,
    /// Why it could not be used now.
    pub why: String,
}

/// Uses the refresh tokens of all enabled platforms whose time has come; tells which it could not. One that cannot be kept alive keeps
/// nothing else from being done: what is wrong with it, `status` says.
pub async fn keep_alive(app: &App, services: &Services) -> Vec<Ending> {
    let Ok(plugins) = app.platforms(None) else { return Vec::new() };
    let kept = plugins.iter().map(|plugin| keep_one(app, services, plugin));
    futures_util::future::join_all(kept).await.into_iter().flatten().collect()
}

async fn keep_one(app: &App, services: &Services, plugin: &PlatformPlugin) -> Option<Ending> {
    let Authentication::Oauth2(oauth) = &plugin.descriptor.authentication else { return None };
    oauth.refresh_token_idle_lifetime?;
    services.credentials.put_in_force(app.authorization_server(plugin).ok()?);
    let share = app.section(plugin.id()).ok()?.connect.keep_alive_after;
    match services.credentials.keep_alive(&app.account(plugin.id()), share).await {
        Ok(KeptAlive::Failed { error, ends_at }) => {
            Some(Ending { platform: plugin.id().to_owned(), ends_at, why: error.to_string() })
        }
        Ok(KeptAlive::NotNeeded | KeptAlive::Renewed) => None,
        Err(error) => {
            tracing::debug!(platform = plugin.id(), %error, "the credential was not kept alive");
            None
        }
    }
}
