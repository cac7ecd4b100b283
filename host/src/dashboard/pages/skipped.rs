//! *Skipped*: what scans have left out, by what, and what would bring it back.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;

use super::web;
use crate::app::dropped::is_the_persons;
use crate::app::leads::{self, Listing};
use crate::app::live::Live;
use crate::dashboard::answer::{Failure, Html};
use crate::dashboard::desk::Desk;
use crate::dashboard::door::session::Visitor;
use crate::dashboard::frame::Frame;
use crate::dashboard::show::Moment;
use crate::lead::Stage;
use crate::plain;

/// Postings on a page.
const PAGE: u32 = 50;

/// The page's routes.
pub fn routes() -> Router<Arc<Desk>> {
    Router::new().route("/skipped", get(list))
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    platform: String,
    filter: String,
    page: String,
}

impl Asked {
    fn number(&self) -> u32 {
        self.page.parse().unwrap_or(1).clamp(1, 1000)
    }

    fn at(platform: &str, filter: &str, page: u32) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let fields = [("platform", platform), ("filter", filter)];
        query.extend_pairs(fields.into_iter().filter(|(_, value)| !value.is_empty()));
        if page > 1 {
            query.append_pair("page", &page.to_string());
        }
        format!("/skipped?{}", query.finish())
    }
}

/// What one filter of one platform has left out.
struct Group {
    href: String,
    platform: String,
    stage: &'static str,
    filter: String,
    count: u64,
    /// Hundredths of what the largest has.
    share: u64,
    remedy: String,
    is_shown: bool,
}

struct Row {
    platform: String,
    title: String,
    url: Option<String>,
    stage: &'static str,
    filter: String,
    reason: String,
    seen: Moment,
}

#[derive(Template)]
#[template(path = "skipped.html")]
struct SkippedPage {
    frame: Frame,
    asked: Asked,
    groups: Vec<Group>,
    leads: u64,
    total: u64,
    rows: Vec<Row>,
    number: u32,
    before: Option<String>,
    after: Option<String>,
}

async fn list(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let live = desk.live().await;
    let Live { app, services, .. } = live.as_ref();
    let given = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    let number = asked.number();
    let listing =
        Listing { platform: given(&asked.platform), skip: (number - 1) * PAGE, limit: PAGE + 1, ..Listing::default() };
    let (mut found, _) = leads::skipped(app, services, &listing, given(&asked.filter)).await?;
    let (_, counts) = leads::skipped(app, services, &Listing::default(), None).await?;
    let most = counts.skipped.first().map_or(1, |of| of.count.max(1));
    let goes_on = found.len() > PAGE as usize;
    found.truncate(PAGE as usize);
    let now = desk.now();
    let total = counts.skipped.iter().map(|of| of.count).sum();
    let group = |of: crate::store::SkipCount| Group {
        href: Asked::at(&of.platform, &of.filter, 1),
        share: of.count * 100 / most,
        remedy: remedy(
            is_the_persons(app, &of.platform, of.stage.as_str(), &of.filter),
            &of.platform,
            of.stage,
            &of.filter,
        ),
        is_shown: asked.platform == of.platform && asked.filter == of.filter,
        stage: of.stage.as_str(),
        platform: of.platform,
        filter: of.filter,
        count: of.count,
    };
    let rows = found.iter().map(|stored| Row {
        platform: stored.account.platform.clone(),
        title: plain::line(if stored.skipped.title.is_empty() { &stored.skipped.id } else { &stored.skipped.title }),
        url: stored.skipped.url.as_deref().and_then(web),
        stage: stored.skipped.stage.as_str(),
        filter: plain::line(&stored.skipped.filter),
        reason: plain::line(&stored.skipped.reason),
        seen: Moment::of(stored.last_seen, now),
    });
    let page = SkippedPage {
        groups: counts.skipped.into_iter().map(group).collect(),
        leads: counts.leads,
        total,
        rows: rows.collect(),
        number,
        before: (number > 1).then(|| Asked::at(&asked.platform, &asked.filter, number - 1)),
        after: goes_on.then(|| Asked::at(&asked.platform, &asked.filter, number + 1)),
        frame: Frame::of(&desk, &visitor, "skipped"),
        asked,
    };
    Ok(Html(page).into_response())
}

/// What would bring them back.
fn remedy(is_the_persons: bool, platform: &str, stage: Stage, filter: &str) -> String {
    let filter = plain::line(filter);
    match stage {
        Stage::Rule => format!("Change or remove the rule `{filter}`"),
        Stage::Filter => format!("Change or remove the filter that says `{filter}`"),
        Stage::Screening if is_the_persons => format!("Relax `platforms.{platform}.{filter}`"),
        Stage::Screening => "Nothing: the platform's plugin drops them whatever you set".to_owned(),
        Stage::Read => "Nothing: they could not be read".to_owned(),
    }
}
