//! *Platforms*: what is connected, by which permissions and until when; connecting, connecting again, and disconnecting.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Form, Path, State};
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use super::web;
use crate::app::connect::{Return, disconnect};
use crate::app::live::Live;
use crate::app::status::{self, PlatformStatus, State as Standing};
use crate::app::{AppError, api_key, oauth2};
use crate::auth::RedirectUri;
use crate::contract::descriptor::Authentication;
use crate::dashboard::answer::{Failure, Html};
use crate::dashboard::desk::Desk;
use crate::dashboard::door::session::Visitor;
use crate::dashboard::frame::Frame;
use crate::dashboard::logins::{Client, Ended};
use crate::dashboard::show::{Moment, path};
use crate::plain;
use crate::plugin::platform::PlatformPlugin;

/// The page's routes.
pub fn routes() -> Router<Arc<Desk>> {
    Router::new()
        .route("/platforms", get(list))
        .route("/platforms/{platform}/connect", get(form).post(connect))
        .route("/platforms/{platform}/paste", post(paste))
        .route("/platforms/{platform}/connecting", get(connecting))
        .route("/platforms/{platform}/check", post(check))
        .route("/platforms/{platform}/disconnect", post(cut))
}

struct Permission {
    name: String,
    purpose: String,
    is_granted: bool,
    is_verified: bool,
}

struct Card {
    id: String,
    name: String,
    state: &'static str,
    is_connected: bool,
    needs_no_log_in: bool,
    account: Option<String>,
    permissions: Vec<Permission>,
    token: Option<Moment>,
    unused: Option<Moment>,
    synced: Option<Moment>,
    trouble: Option<(String, String, String)>,
}

#[derive(Template)]
#[template(path = "platforms.html")]
struct PlatformsPage {
    frame: Frame,
    connected: Vec<Card>,
    /// Those that could be added.
    others: Vec<Card>,
}

fn card(plugin: Option<&PlatformPlugin>, of: PlatformStatus, now: i64) -> Card {
    let purpose = |name: &str| {
        let scopes = plugin.and_then(|plugin| oauth2(plugin).ok()).map(|of| of.scopes.as_slice()).unwrap_or_default();
        scopes.iter().find(|scope| scope.name == name).map(|scope| plain::line(&scope.purpose)).unwrap_or_default()
    };
    Card {
        name: plain::line(&of.name),
        state: match of.state {
            Standing::Disconnected => "not connected",
            Standing::Connected => "connected",
            Standing::AuthExpired => "access ended",
            Standing::Error => "in trouble",
        },
        is_connected: of.state != Standing::Disconnected,
        needs_no_log_in: of.authentication == status::LogIn::None,
        account: of.account.as_deref().map(plain::line),
        permissions: of
            .scopes
            .iter()
            .map(|scope| Permission {
                purpose: purpose(&scope.name),
                name: plain::line(&scope.name),
                is_granted: scope.granted,
                is_verified: scope.verified,
            })
            .collect(),
        token: of.token_expires_at.map(|at| Moment::of(at, now)),
        unused: of.refresh_token_unused_until.map(|at| Moment::of(at, now)),
        synced: of.last_sync_at.map(|at| Moment::of(at, now)),
        trouble: of.error.map(|of| (plain::line(&of.title), plain::line(&of.message), plain::line(&of.remedy))),
        id: of.platform,
    }
}

async fn list(State(desk): State<Arc<Desk>>, visitor: Visitor) -> Result<Response, Failure> {
    let live = desk.live().await;
    let Live { app, services, .. } = live.as_ref();
    let now = desk.now();
    let mut cards = Vec::new();
    app.installation.plugins.load_all().await;
    for plugin in app.installation.plugins.loaded() {
        cards.push(card(Some(plugin), status::status(app, services, plugin, true).await?, now));
    }
    for unusable in app.installation.plugins.unusable() {
        cards.push(card(None, status::not_loaded(app, services, unusable).await?, now));
    }
    let (connected, others) = cards.into_iter().partition(|card| card.is_connected);
    Ok(Html(PlatformsPage { frame: Frame::of(&desk, &visitor, "platforms"), connected, others }).into_response())
}

#[derive(Template)]
#[template(path = "connect.html")]
struct ConnectPage {
    frame: Frame,
    id: String,
    name: String,
    client_id: String,
    /// Where applications, or keys, are registered.
    registration: Option<String>,
    /// What an application is registered with; none for a key.
    redirect_uri: Option<String>,
    permissions: Vec<(String, String)>,
    /// Where a key will be sent; nothing for an application.
    audience: Vec<String>,
}

async fn form(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Path(platform): Path<String>,
) -> Result<Response, Failure> {
    let live = desk.live().await;
    let plugin = live.app.installation.named(&platform).await?;
    let section = live.app.section(&platform)?;
    let base = ConnectPage {
        frame: Frame::of(&desk, &visitor, "platforms"),
        name: plain::line(&plugin.descriptor.display_name),
        client_id: section.connect.client_id.clone().unwrap_or_default(),
        registration: None,
        redirect_uri: None,
        permissions: Vec::new(),
        audience: Vec::new(),
        id: platform,
    };
    let page = match &plugin.descriptor.authentication {
        Authentication::Oauth2(of) => {
            let own = RedirectUri::loopback(&base.id, section.connect.callback_port);
            let redirect = section.connect.redirect_uri.clone().unwrap_or_else(|| own.as_str().to_owned());
            let scopes = of.scopes.iter().map(|scope| (plain::line(&scope.name), plain::line(&scope.purpose)));
            ConnectPage {
                registration: web(&of.registration_url),
                redirect_uri: Some(redirect),
                permissions: scopes.collect(),
                ..base
            }
        }
        Authentication::ApiKey(of) => {
            let connecting = api_key::prepare(&live.app, &live.services, plugin, of).await?;
            let audience = connecting.audience().iter().cloned().collect();
            ConnectPage { registration: web(&of.registration_url), audience, ..base }
        }
        Authentication::None => return Ok(Redirect::to("/platforms").into_response()),
    };
    Ok(Html(page).into_response())
}

#[derive(Deserialize)]
struct Entered {
    #[serde(default)]
    client_id: String,
    secret: SecretString,
}

#[derive(Template)]
#[template(path = "consent.html")]
struct ConsentPage {
    frame: Frame,
    id: String,
    name: String,
    url: String,
    origin: String,
    listens: bool,
}

async fn connect(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Path(platform): Path<String>,
    Form(entered): Form<Entered>,
) -> Result<Response, Failure> {
    let live = desk.live().await;
    let plugin = live.app.installation.named(&platform).await?.clone();
    let name = plain::line(&plugin.descriptor.display_name);
    let again = path(&["platforms", &platform, "connect"]);
    if let Authentication::ApiKey(wanted) = &plugin.descriptor.authentication {
        let (plugin, wanted) = (plugin.clone(), wanted.clone());
        let known = desk.act(move |live| async move {
            let connecting = api_key::prepare(&live.app, &live.services, &plugin, &wanted).await?;
            connecting.finish(&entered.secret).await
        });
        let known = known.await.map_err(|failure| failure.leading_to(&again, "Try again"))?;
        desk.sessions.say(&visitor, format!("{name} knows the key as {}.", plain::line(&known.username)));
        return Ok(Redirect::to("/platforms").into_response());
    }
    let client = Client { id: entered.client_id.trim().to_owned(), secret: entered.secret };
    let begun = desk.logins.begin(live, &platform, client, desk.way_back(&platform)).await;
    let begun = begun.map_err(|error| Failure::from(error).leading_to(&again, "Try again"))?;
    let page = ConsentPage {
        frame: Frame::of(&desk, &visitor, "platforms"),
        origin: begun.url.origin().ascii_serialization(),
        url: begun.url.to_string(),
        listens: begun.listens,
        name,
        id: platform,
    };
    let mut response = Html(page).into_response();
    if let Some(cookie) = begun.cookie {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(response)
}

#[derive(Deserialize)]
struct Pasted {
    address: String,
}

async fn paste(State(desk): State<Arc<Desk>>, Path(platform): Path<String>, Form(form): Form<Pasted>) -> Response {
    if !desk.logins.paste(&platform, form.address) {
        return Failure::unusable("No log-in waits for an answer. Begin it again.").into_response();
    }
    Redirect::to(&path(&["platforms", &platform, "connecting"])).into_response()
}

#[derive(Template)]
#[template(path = "connecting.html")]
struct ConnectingPage {
    frame: Frame,
    id: String,
    name: String,
    failed: Option<(String, Option<String>)>,
}

/// Where the browser comes back to: how the log-in ended, or that it goes on.
async fn connecting(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Path(platform): Path<String>,
) -> Result<Response, Failure> {
    let name = plain::line(&desk.live().await.app.installation.named(&platform).await?.descriptor.display_name);
    let failed = match desk.logins.ended(&platform) {
        None => return Ok(Redirect::to("/platforms").into_response()),
        Some(None) => None,
        Some(Some(Ended::Failed(message, remedy))) => Some((message, remedy)),
        Some(Some(Ended::Connected(lacking))) => {
            desk.logins.forget(&platform).await;
            let said = match lacking {
                None => format!("{name} is connected. Scan it next: Scans, above."),
                Some(lacking) => format!("{name} is connected. {lacking}"),
            };
            desk.sessions.say(&visitor, said);
            return Ok(Redirect::to("/platforms").into_response());
        }
    };
    let frame = Frame::of(&desk, &visitor, "platforms");
    Ok(Html(ConnectingPage { frame, id: platform, name, failed }).into_response())
}

async fn check(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Path(platform): Path<String>,
) -> Result<Response, Failure> {
    let of = desk.act(move |live| async move {
        let Live { app, services, .. } = live.as_ref();
        status::status(app, services, app.installation.named(&platform).await?, false).await
    });
    let of = of.await?;
    let said = match of.error {
        Some(trouble) => plain::line(&format!("{}: {} {}", trouble.title, trouble.message, trouble.remedy)),
        None => format!("{} answers.", plain::line(&of.name)),
    };
    desk.sessions.say(&visitor, said);
    Ok(Redirect::to("/platforms").into_response())
}

async fn cut(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Path(platform): Path<String>,
) -> Result<Response, Failure> {
    desk.logins.forget(&platform).await;
    let name = desk.act(move |live| async move {
        let Live { app, services, .. } = live.as_ref();
        let plugin = app.installation.named(&platform).await?;
        disconnect(app, services, plugin).await?;
        Ok::<_, AppError>(plain::line(&plugin.descriptor.display_name))
    });
    let name = name.await?;
    desk.sessions.say(&visitor, format!("{name} is disconnected. Its leads are still here."));
    Ok(Redirect::to("/platforms").into_response())
}

impl Desk {
    /// How a log-in's answer comes back: to this very browser, where that reaches the callback on this machine's loopback.
    fn way_back(&self, platform: &str) -> Return {
        let here = self.origin.to_string();
        let then = Url::parse(&format!("{here}{}", path(&["platforms", platform, "connecting"])));
        match then {
            Ok(then) if here.starts_with("http://127.0.0.1:") => Return::Browser(then),
            _ => Return::Pasted,
        }
    }
}
