//! *Audit*: every request that was made of a platform, and what happened to credentials.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;

use crate::app::audit::{self, Listing, Row as Entry};
use crate::app::live::Live;
use crate::dashboard::answer::{Failure, Html};
use crate::dashboard::desk::Desk;
use crate::dashboard::door::session::Visitor;
use crate::dashboard::frame::Frame;
use crate::dashboard::show::Moment;
use crate::plain;

/// Rows that are shown.
const ROWS: u32 = 200;

/// The page's routes.
pub fn routes() -> Router<Arc<Desk>> {
    Router::new().route("/audit", get(list))
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    platform: String,
}

struct Row {
    at: Moment,
    plugin: String,
    phase: String,
    what: String,
    outcome: String,
    is_bad: bool,
    took: String,
    bytes: String,
    credential: String,
}

#[derive(Template)]
#[template(path = "audit.html")]
struct AuditPage {
    frame: Frame,
    asked: Asked,
    platforms: Vec<String>,
    rows: Vec<Row>,
}

async fn list(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let live = desk.live().await;
    let Live { app, services, .. } = live.as_ref();
    let platform = Some(asked.platform.clone()).filter(|platform| !platform.is_empty());
    let listing = Listing { platform, since: None, limit: ROWS };
    let now = desk.now();
    let rows = audit::list(app, services, &listing).await?;
    let page = AuditPage {
        platforms: app.config().platforms.keys().cloned().collect(),
        rows: rows.into_iter().map(|entry| row(entry, now)).collect(),
        frame: Frame::of(&desk, &visitor, "audit"),
        asked,
    };
    Ok(Html(page).into_response())
}

fn row(of: Entry, now: i64) -> Row {
    let base = Row {
        at: Moment::of(of.at, now),
        plugin: of.plugin,
        phase: of.phase,
        what: String::new(),
        outcome: String::new(),
        is_bad: false,
        took: String::new(),
        bytes: String::new(),
        credential: String::new(),
    };
    match (of.request, of.event) {
        (Some(request), _) => Row {
            what: plain::line(&format!("{} {}{}", request.method, request.host, request.path)),
            is_bad: request.outcome != "ok" || request.status.is_some_and(|status| status >= 400),
            outcome: match request.status {
                Some(status) if request.outcome == "ok" => status.to_string(),
                Some(status) => format!("{status}, {}", plain::line(&request.outcome)),
                None => plain::line(&request.outcome),
            },
            took: format!("{} ms", request.duration_us.div_ceil(1000)),
            bytes: format!("{} / {}", request.bytes_out, request.bytes_in),
            credential: request.credential.unwrap_or_default(),
            ..base
        },
        (None, event) => {
            let event = event.unwrap_or_default();
            Row { is_bad: event == "auth_expired", what: format!("credential: {}", event.replace('_', " ")), ..base }
        }
    }
}
