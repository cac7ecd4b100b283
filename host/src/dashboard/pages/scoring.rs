//! *Scoring*: what each signal weighs, with the best leads as other weights would have them, before anything is saved.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Form, Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use serde_json::json;

use crate::app::backtest::{self, Backtest, Candidate, Moved};
use crate::app::editing;
use crate::app::live::Live;
use crate::config::edit::Change;
use crate::contract::SIGNALS;
use crate::dashboard::answer::{BY_SCRIPT, Failure, Html};
use crate::dashboard::desk::Desk;
use crate::dashboard::door::session::Visitor;
use crate::dashboard::frame::Frame;
use crate::dashboard::show::path;
use crate::plain;

/// The page's routes.
pub fn routes() -> Router<Arc<Desk>> {
    Router::new().route("/scoring", get(show).post(save))
}

struct Slider {
    name: String,
    /// 0 to 100.
    value: u32,
    is_custom: bool,
}

struct Row {
    href: String,
    title: String,
    score: String,
    was: String,
    rank: usize,
    way: String,
}

#[derive(Template)]
#[template(path = "scoring.html")]
struct ScoringPage {
    frame: Frame,
    sliders: Vec<Slider>,
    is_tried: bool,
    tried: TriedPart,
}

/// What the weights come to.
#[derive(Template)]
#[template(path = "scoring_tried.html")]
struct TriedPart {
    /// Each signal's share once they sum to 100.
    shares: Vec<(String, String)>,
    leads: usize,
    changed: usize,
    correlation: Option<String>,
    ndcg: Option<(String, String)>,
    eligible: (usize, usize),
    rows: Vec<Row>,
}

/// The weights that a form gives: whole hundredths, by signal.
fn given(form: &BTreeMap<String, String>) -> Result<BTreeMap<String, f64>, Failure> {
    let fields = form.iter().filter_map(|(name, value)| Some((name.strip_prefix("weight.")?, value)));
    let weight = |(name, value): (&str, &String)| match value.trim().parse::<u32>() {
        Ok(share @ 0..=100) => Ok((name.to_owned(), f64::from(share) / 100.0)),
        _ => Err(Failure::unusable(format!("The weight of {} is a whole number from 0 to 100.", plain::line(name)))),
    };
    fields.map(weight).collect()
}

async fn show(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    headers: HeaderMap,
    Query(form): Query<BTreeMap<String, String>>,
) -> Result<Response, Failure> {
    let live = desk.live().await;
    let Live { app, services, .. } = live.as_ref();
    let weights = given(&form)?;
    let shares = backtest::weights(app, &weights)?;
    let candidate = Candidate { weights: weights.clone(), ..Candidate::default() };
    let tried = backtest::backtest(app, services, None, &candidate, 0).await?;
    let shares = shares.iter().map(|(name, share)| (name.to_owned(), format!("{:.1}%", f64::from(share) / 100.0)));
    let tried = part(tried, shares.collect());
    if headers.contains_key(BY_SCRIPT) {
        return Ok(Html(tried).into_response());
    }
    let configured: BTreeMap<&str, u32> = app.config().scoring.weights.iter().collect();
    let slider = |name: &str| Slider {
        name: name.to_owned(),
        // Whole hundredths, as the configuration has them in hundredths of that.
        value: weights.get(name).map_or_else(
            || configured.get(name).map_or(0, |share| (share + 50) / 100),
            |share| (share * 100.0).round() as u32,
        ),
        is_custom: !SIGNALS.contains(&name),
    };
    let customs = configured.keys().copied().filter(|name| !SIGNALS.contains(name));
    let page = ScoringPage {
        sliders: SIGNALS.into_iter().chain(customs).map(slider).collect(),
        is_tried: !weights.is_empty(),
        tried,
        frame: Frame::of(&desk, &visitor, "scoring"),
    };
    Ok(Html(page).into_response())
}

fn part(of: Backtest, shares: Vec<(String, String)>) -> TriedPart {
    let row = |moved: Moved| {
        let rank = moved.candidate_rank.unwrap_or_default();
        Row {
            href: path(&["leads", &moved.platform, &moved.id]),
            title: plain::line(if moved.title.is_empty() { &moved.id } else { &moved.title }),
            score: moved.candidate_score.map(|score| format!("{score:.1}")).unwrap_or_default(),
            was: format!("{:.1}", moved.score),
            rank,
            way: match moved.rank {
                before if before > rank => format!("up {} from {before}", before - rank),
                before if before < rank => format!("down {} from {before}", rank - before),
                _ => "stays".to_owned(),
            },
        }
    };
    TriedPart {
        shares,
        leads: of.leads,
        changed: of.changed,
        correlation: of.rank_correlation.map(|value| format!("{value:.2}")),
        ndcg: of.ndcg.map(|(before, after)| (format!("{before:.2}"), format!("{after:.2}"))),
        eligible: of.eligible,
        rows: of.top.into_iter().map(row).collect(),
    }
}

async fn save(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Form(form): Form<BTreeMap<String, String>>,
) -> Result<Response, Failure> {
    let weights = given(&form)?;
    let changes: Vec<Change> = weights
        .iter()
        .map(|(name, share)| Change::Set {
            path: ["scoring", "weights", name].map(str::to_owned).to_vec(),
            value: json!(share),
        })
        .collect();
    desk.act(move |live| async move {
        // Weights that cannot be are told before the file is looked at.
        backtest::weights(&live.app, &weights)?;
        editing::change(&live.app.installation, "scoring", &changes).await
    })
    .await?;
    // Those that are in force now weigh what is stored.
    let (leads, changed) = desk.act(|live| async move { backtest::apply(&live.app, &live.services).await }).await?;
    desk.sessions.say(&visitor, format!("Saved. {changed} of {leads} leads have another score now."));
    Ok(Redirect::to("/scoring").into_response())
}
