//! *Plugins*: what runs here and on whose word, what it may do, and what its calls take.

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::app::AppError;
use crate::app::live::Live;
use crate::contract::descriptor::Descriptor;
use crate::dashboard::answer::{Failure, Html};
use crate::dashboard::desk::Desk;
use crate::dashboard::door::session::Visitor;
use crate::dashboard::frame::Frame;
use crate::dashboard::show::day;
use crate::plain;
use crate::plugin::catalog;
use crate::plugin::component::Inspected;
use crate::plugin::lock::Entry;
use crate::plugin::signature::Key;
use crate::plugin::timings;
use crate::plugin::wishes::Wishes;

/// The page's routes.
pub fn routes() -> Router<Arc<Desk>> {
    Router::new().route("/plugins", get(list))
}

struct Call {
    export: &'static str,
    calls: u64,
    failed: u64,
    average: String,
    longest: String,
    memory: String,
}

struct Card {
    id: String,
    name: String,
    version: String,
    summary: String,
    world: &'static str,
    source: String,
    agreed: Option<String>,
    digest: String,
    size: usize,
    is_pure: bool,
    imports: Vec<String>,
    wishes: Vec<String>,
    calls: Vec<Call>,
}

struct Broken {
    id: String,
    why: String,
    remedy: String,
}

#[derive(Template)]
#[template(path = "plugins.html")]
struct PluginsPage {
    frame: Frame,
    cards: Vec<Card>,
    broken: Vec<Broken>,
    lock_problem: Option<String>,
}

async fn list(State(desk): State<Arc<Desk>>, visitor: Visitor) -> Result<Response, Failure> {
    let live = desk.live().await;
    let Live { app, .. } = live.as_ref();
    let installation = &app.installation;
    installation.plugins.load_all().await;
    let entry = |id: &str| installation.installed.get(id).filter(|_| !catalog::is_builtin(id));
    let platforms =
        installation.plugins.loaded().map(|plugin| card(&plugin.descriptor, &plugin.inspected, entry(plugin.id())));
    let mut cards: Vec<Card> = platforms.collect();
    let (own, damaged) = installation.installed_customs().await;
    cards.extend(own.iter().map(|plugin| card(&plugin.descriptor, &plugin.inspected, entry(plugin.id()))));
    // Those that the configuration lists by their files.
    let listed = installation.customs(&app.loaded).await.map_err(AppError::from)?;
    let listed = listed.iter().map(|of| &of.plugin).filter(|plugin| entry(plugin.id()).is_none());
    cards.extend(listed.map(|plugin| card(&plugin.descriptor, &plugin.inspected, None)));
    let unusable = installation.plugins.unusable().chain(&damaged);
    let broken = unusable.map(|of| Broken {
        id: of.id.clone(),
        why: plain::line(&of.why.to_string()),
        remedy: plain::line(&of.remedy),
    });
    let page = PluginsPage {
        broken: broken.collect(),
        lock_problem: installation.lock_problem.as_ref().map(|error| plain::line(&error.to_string())),
        cards,
        frame: Frame::of(&desk, &visitor, "plugins"),
    };
    Ok(Html(page).into_response())
}

fn card(of: &Descriptor, inspected: &Inspected, entry: Option<&Entry>) -> Card {
    let source = match entry {
        Some(entry) => {
            let signed =
                entry.key.as_ref().map_or_else(|| "unsigned".to_owned(), |key| format!("signed by {}", Key::id(key)));
            format!("{}, {signed}", plain::line(&entry.source.to_string()))
        }
        None if catalog::is_builtin(&of.id) => "built in".to_owned(),
        None => "a file that the configuration lists".to_owned(),
    };
    Card {
        name: plain::line(&of.display_name),
        version: plain::line(&of.version),
        summary: plain::line(&of.summary),
        world: inspected.world.as_str(),
        source,
        agreed: entry.map(|entry| day(entry.granted_at)),
        digest: inspected.digest.to_string(),
        size: inspected.size.div_ceil(1024),
        is_pure: inspected.is_pure(),
        imports: inspected.imports.clone(),
        wishes: Wishes::of(of, inspected).lines().into_iter().map(|line| plain::line(&line)).collect(),
        calls: timings::of(&of.id).into_iter().map(|(export, timing)| call(export, &timing)).collect(),
        id: of.id.clone(),
    }
}

fn call(export: &'static str, of: &timings::Timing) -> Call {
    Call {
        export,
        calls: of.answered + of.failed,
        failed: of.failed,
        average: time(of.average()),
        longest: time(of.longest),
        memory: format!("{} KiB", of.memory.div_ceil(1024)),
    }
}

fn time(of: Duration) -> String {
    match of.as_micros() {
        us @ 0..=999 => format!("{us} us"),
        us => format!("{:.1} ms", us as f64 / 1000.0),
    }
}
