//! The dashboard: Prospector in a browser.
//!
//! Pages are made here, by templates that are compiled in, and read well without script; with it (htmx, and a page of our own) parts of them change in place.
//! Everything that is done is done by [`crate::app`], as for the command line. Who may look is `door`'s to say.

mod answer;
mod assets;
mod desk;
mod door;
mod frame;
mod logins;
mod pages;
mod plan;
mod runs;
pub mod server;
mod show;

use std::fs;
use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::Redirect;
use axum::routing::{get, post};
use serde::{Deserialize, Serialize};

use crate::app::AppError;
use crate::app::live::Live;
use crate::app::turn::Turn;
use crate::clock::{Clock, SystemClock};
use crate::config::Home;
use crate::durable;
use crate::origin::Origin;
use answer::Failure;
use desk::Desk;
use door::link;
use server::{Listening, Place};

/// A dashboard that is there, as others of the home's processes find it.
#[derive(Deserialize, Serialize)]
struct Found {
    origin: String,
}

/// What asking for a dashboard comes to.
pub enum Asked {
    /// It is served from here.
    Served(Box<Dashboard>),
    /// Another process serves it; its origin.
    There(Origin),
}

/// A dashboard about to be served.
pub struct Dashboard {
    desk: Arc<Desk>,
    listening: Listening,
    _turn: Turn,
}

/// Opens the home's dashboard, or finds the one that is served.
///
/// # Errors
/// What keeps the configuration or the store from being opened, or the port from being taken.
pub async fn open(home: Home, place: &Place) -> Result<Asked, AppError> {
    let Some(turn) = Turn::take_at(&home, &home.dashboard_lock())? else {
        return Ok(Asked::There(found(&home)?));
    };
    let listening = place.take().await?;
    let live = Live::open(home.clone()).await?;
    let kept = serde_json::to_vec(&Found { origin: listening.origin.to_string() }).unwrap_or_default();
    let path = home.dashboard_place();
    durable::replace(&path, &kept, durable::PRIVATE)
        .map_err(|error| AppError::Machine(format!("{} cannot be written: {error}", path.display())))?;
    let desk = Arc::new(Desk::new(home, listening.origin.clone(), live));
    Ok(Asked::Served(Box::new(Dashboard { desk, listening, _turn: turn })))
}

fn found(home: &Home) -> Result<Origin, AppError> {
    let path = home.dashboard_place();
    let read = fs::read(&path).ok().and_then(|bytes| serde_json::from_slice::<Found>(&bytes).ok());
    read.and_then(|found| Origin::parse(&found.origin).ok()).ok_or_else(|| {
        AppError::Busy(format!(
            "another process is about to serve the dashboard, or has left no word of it in {}",
            path.display()
        ))
    })
}

/// A link that opens the dashboard at an origin, once.
///
/// # Errors
/// Where the home cannot be written.
pub fn link(home: &Home, origin: &Origin) -> Result<String, AppError> {
    link::issue(home, origin, SystemClock.now())
}

impl Dashboard {
    /// Where it is served.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.listening.origin
    }

    /// Serves until something ends, and then lets what is being done come to its end.
    pub async fn serve(self, until: impl Future<Output = ()>) {
        let Dashboard { desk, listening, _turn } = self;
        let routes = routes(desk.clone());
        tokio::select! {
            () = listening.serve(routes) => {}
            () = until => {}
        }
        desk.close().await;
    }
}

fn routes(desk: Arc<Desk>) -> Router {
    Router::new()
        .route("/", get(|| async { Redirect::to("/leads") }))
        // A `HEAD` would use the link up without opening anything.
        .route("/enter", get(door::enter).head(|| async { StatusCode::METHOD_NOT_ALLOWED }))
        .route("/leave", post(door::leave))
        .route("/assets/{name}", get(assets::get))
        .merge(pages::routes())
        .fallback(|| async { Failure::nothing_here() })
        .layer(from_fn_with_state(desk.clone(), door::guard))
        .with_state(desk)
}
