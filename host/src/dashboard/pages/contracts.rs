//! *Contracts*: what was won, with its milestones on a time line, and handing them in.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;

use super::web;
use crate::app::contracts::handing_in::{hand_in, prepare};
use crate::app::contracts::{self, ContractRow, MilestoneRow, MoneyRow};
use crate::app::following::{self, follow};
use crate::app::live::Live;
use crate::app::{AppError, notify};
use crate::dashboard::answer::{Failure, Html};
use crate::dashboard::desk::Desk;
use crate::dashboard::door::session::Visitor;
use crate::dashboard::frame::Frame;
use crate::dashboard::plan::Shown;
use crate::dashboard::show::{Moment, day, path};
use crate::plain;

/// Seconds of a day.
const DAY: i64 = 86_400;
/// The time line's width.
const WIDTH: i64 = 1000;

/// The page's routes.
pub fn routes() -> Router<Arc<Desk>> {
    Router::new()
        .route("/contracts", get(list))
        .route("/contracts/sync", post(sync))
        .route("/contracts/{platform}/{id}", get(show))
        .route("/contracts/{platform}/{id}/{milestone}/preview", post(preview))
        .route("/contracts/{platform}/{id}/{milestone}/hand-in", post(carry_out))
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    all: bool,
}

/// A contract in the list.
struct Row {
    href: String,
    title: String,
    platform: String,
    client: String,
    status: String,
    pays: String,
    next: Option<(String, Moment)>,
    is_running: bool,
}

#[derive(Template)]
#[template(path = "contracts.html")]
struct ContractsPage {
    frame: Frame,
    all: bool,
    rows: Vec<Row>,
}

fn money(of: Option<&MoneyRow>) -> String {
    of.map(|of| format!("{:.2} {}", of.amount, plain::line(&of.currency))).unwrap_or_default()
}

fn row(of: &ContractRow, now: i64) -> Row {
    let is_open = |milestone: &&MilestoneRow| !matches!(milestone.status.as_str(), "submitted" | "approved");
    let due = of.milestones.iter().filter(is_open).filter_map(|milestone| Some((milestone.due_at?, milestone)));
    let next = due.min_by_key(|(at, _)| *at);
    let pays = [plain::line(&of.payment), money(of.amount.as_ref())];
    Row {
        href: path(&["contracts", &of.platform, &of.id]),
        title: plain::line(&of.title),
        platform: of.platform.clone(),
        client: of.client.as_deref().map(plain::line).unwrap_or_default(),
        status: plain::line(&of.status.replace('_', " ")),
        pays: pays.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", "),
        next: next.map(|(at, milestone)| (plain::line(&milestone.description), Moment::of(at, now))),
        is_running: of.running,
    }
}

async fn list(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let live = desk.live().await;
    let now = desk.now();
    let found = contracts::list(&live.app, &live.services, None, asked.all).await?;
    let rows = found.iter().map(|of| row(of, now)).collect();
    Ok(Html(ContractsPage { frame: Frame::of(&desk, &visitor, "contracts"), all: asked.all, rows }).into_response())
}

/// A milestone with its place on the time line.
struct Milestone {
    id: String,
    description: String,
    status: String,
    /// The status as a style's name: one of the contract's words, or `other`.
    kind: &'static str,
    amount: String,
    due: Option<(Moment, String)>,
    submitted: Option<Moment>,
    is_open: bool,
}

/// A point of the time line.
struct Point {
    x: i64,
    kind: &'static str,
    told: String,
}

/// From the first day to the last, with what is due between them.
struct Line {
    points: Vec<Point>,
    today: Option<i64>,
    from: String,
    to: String,
    told: String,
}

#[derive(Template)]
#[template(path = "contract.html")]
struct ContractPage {
    frame: Frame,
    contract: Row,
    url: Option<String>,
    proposal: Option<i64>,
    facts: Vec<(&'static str, String)>,
    milestones: Vec<Milestone>,
    line: Option<Line>,
    hands_in: bool,
}

fn kind(status: &str) -> &'static str {
    const KINDS: [&str; 5] = ["upcoming", "in_progress", "submitted", "approved", "revision_requested"];
    KINDS.into_iter().find(|kind| *kind == status).unwrap_or("other")
}

fn milestone(of: &MilestoneRow, now: i64) -> Milestone {
    Milestone {
        id: of.id.clone(),
        description: plain::line(&of.description),
        status: plain::line(&of.status.replace('_', " ")),
        kind: kind(&of.status),
        amount: money(of.amount.as_ref()),
        due: of.due_at.map(|at| (Moment::of(at, now), day(at))),
        submitted: of.submitted_at.map(|at| Moment::of(at, now)),
        is_open: !matches!(of.status.as_str(), "submitted" | "approved"),
    }
}

/// The time line of a contract whose milestones say when they are due.
fn line(of: &ContractRow, now: i64) -> Option<Line> {
    let due: Vec<(i64, &MilestoneRow)> = of.milestones.iter().filter_map(|part| Some((part.due_at?, part))).collect();
    let all = due.iter().map(|(at, _)| *at).chain(of.starts_at).chain(of.ends_at);
    let (from, to) = (all.clone().min()?, all.max()?);
    if due.is_empty() {
        return None;
    }
    // A day on both sides, so that nothing is at the edge.
    let (from, to) = (from.saturating_sub(DAY), to.saturating_add(DAY));
    let span = i128::from(to) - i128::from(from);
    let x = |at: i64| i64::try_from((i128::from(at) - i128::from(from)) * i128::from(WIDTH) / span).unwrap_or_default();
    let told = |(at, part): &(i64, &MilestoneRow)| {
        format!("{}: {}, due {}", plain::line(&part.description), part.status.replace('_', " "), day(*at))
    };
    Some(Line {
        points: due.iter().map(|of| Point { x: x(of.0), kind: kind(&of.1.status), told: told(of) }).collect(),
        today: (from..=to).contains(&now).then(|| x(now)),
        from: day(from.saturating_add(DAY)),
        to: day(to.saturating_sub(DAY)),
        told: due.iter().map(told).collect::<Vec<_>>().join("; "),
    })
}

async fn show(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Path((platform, id)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let live = desk.live().await;
    let Live { app, services, .. } = live.as_ref();
    let of = contracts::shown(app, services, &format!("{platform}/{id}")).await?;
    let now = desk.now();
    let facts = [
        ("client", of.client.as_deref().map(plain::line)),
        ("pays", Some(row(&of, now).pays)),
        ("hours a week", of.weekly_hours.map(|hours| format!("at most {hours}"))),
        ("began", of.starts_at.map(day)),
        ("ends", of.ends_at.map(day)),
        ("there", Some(plain::line(&of.id))),
    ];
    let page = ContractPage {
        contract: row(&of, now),
        url: of.url.as_deref().and_then(web),
        proposal: of.proposal_number,
        facts: facts
            .into_iter()
            .filter_map(|(name, value)| Some((name, value.filter(|value| !value.is_empty())?)))
            .collect(),
        milestones: of.milestones.iter().map(|part| milestone(part, now)).collect(),
        line: line(&of, now),
        hands_in: app.installation.plugin(&of.platform).is_ok_and(|plugin| plugin.hands_in()),
        frame: Frame::of(&desk, &visitor, "contracts"),
    };
    Ok(Html(page).into_response())
}

async fn sync(State(desk): State<Arc<Desk>>, visitor: Visitor) -> Result<Response, Failure> {
    let rounds = desk.act(move |live| async move {
        let Live { app, services, .. } = live.as_ref();
        let mut rounds = Vec::new();
        for plugin in app.platforms(None)? {
            rounds.push(follow(app, services, &plugin).await?);
        }
        let courier = app.courier(services);
        following::post(app, services, &courier).await?;
        courier.deliver_due(notify::PATIENCE).await?;
        Ok(rounds)
    });
    let told = rounds.await?.into_iter().map(|round| match round.errors.first() {
        Some(error) => {
            format!("{}: {} cannot be followed: {}.", round.platform, error.what, plain::line(&error.message))
        }
        None => format!(
            "{}: {} contracts are new, {} have changed.",
            round.platform, round.contracts_new, round.contracts_changed
        ),
    });
    let told: Vec<String> = told.collect();
    desk.sessions.say(&visitor, told.join(" "));
    Ok(Redirect::to("/contracts").into_response())
}

#[derive(Deserialize)]
struct HandedIn {
    #[serde(default)]
    message: String,
    #[serde(default)]
    digest: String,
}

#[derive(Template)]
#[template(path = "milestone_plan.html")]
struct PlanPage {
    frame: Frame,
    back: String,
    action: String,
    title: String,
    milestone: String,
    message: String,
    digest: String,
    plan: Shown,
}

async fn preview(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Path((platform, id, milestone)): Path<(String, String, String)>,
    Form(form): Form<HandedIn>,
) -> Result<Response, Failure> {
    let (back, action) =
        (path(&["contracts", &platform, &id]), path(&["contracts", &platform, &id, &milestone, "hand-in"]));
    let (wanted, message) = (milestone.clone(), form.message.clone());
    let prepared = desk.act(move |live| async move {
        prepare(&live.app, &live.services, &format!("{platform}/{id}"), &wanted, message).await
    });
    let prepared = prepared.await.map_err(|failure| failure.leading_to(&back, "Back to the contract"))?;
    let plan = Shown::of(prepared.plan());
    let of = prepared.contract.contract.milestones.iter().find(|of| of.id == milestone);
    let page = PlanPage {
        frame: Frame::of(&desk, &visitor, "contracts"),
        back,
        action,
        title: plain::line(&prepared.contract.contract.title),
        milestone: of.map(|of| plain::line(&of.description)).unwrap_or_default(),
        message: form.message,
        digest: plan.digest().to_string(),
        plan,
    };
    Ok(Html(page).into_response())
}

/// Hands in what was shown, as it was shown.
async fn carry_out(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Path((platform, id, milestone)): Path<(String, String, String)>,
    Form(form): Form<HandedIn>,
) -> Result<Response, Failure> {
    let back = path(&["contracts", &platform, &id]);
    let handed = desk.act(move |live| async move {
        let Live { app, services, .. } = live.as_ref();
        let prepared = prepare(app, services, &format!("{platform}/{id}"), &milestone, form.message).await?;
        if Shown::of(prepared.plan()).digest().to_string() != form.digest {
            return Err(AppError::Busy("what would be done is not what was shown; look at it again".to_owned()));
        }
        let page = hand_in(app, services, &prepared).await?;
        follow(app, services, app.installation.plugin(&platform)?).await?;
        Ok(page)
    });
    desk.sessions.say(
        &visitor,
        match handed.await.map_err(|failure| failure.leading_to(&back, "Back to the contract"))? {
            Some(url) => format!("The platform takes this on its own page: {}", plain::line(&url)),
            None => "It is handed in.".to_owned(),
        },
    );
    Ok(Redirect::to(&back).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contract(milestones: &[(&str, Option<i64>)]) -> ContractRow {
        let part = |(status, due_at): &(&str, Option<i64>)| MilestoneRow {
            id: "1".to_owned(),
            description: "A part".to_owned(),
            amount: None,
            due_at: *due_at,
            submitted_at: None,
            status: (*status).to_owned(),
        };
        ContractRow {
            platform: "workbazaar".to_owned(),
            id: "7".to_owned(),
            title: "Work".to_owned(),
            client: None,
            status: "active".to_owned(),
            running: true,
            payment: "fixed".to_owned(),
            amount: None,
            weekly_hours: None,
            starts_at: None,
            ends_at: None,
            posting: None,
            proposal: None,
            proposal_number: None,
            url: None,
            milestones: milestones.iter().map(part).collect(),
        }
    }

    #[test]
    fn a_time_line_holds_all_that_is_due_in_its_order() {
        let now = 1_780_000_000;
        assert!(line(&contract(&[("upcoming", None)]), now).is_none());
        let of = contract(&[
            ("approved", Some(now - 9 * DAY)),
            ("upcoming", Some(now + DAY)),
            ("odd", Some(now + 9 * DAY)),
            ("upcoming", None),
        ]);
        let line = line(&of, now).expect("three are due");
        let at: Vec<(i64, &str)> = line.points.iter().map(|point| (point.x, point.kind)).collect();
        assert_eq!(at, [(50, "approved"), (550, "upcoming"), (950, "other")]);
        assert_eq!(line.today, Some(500));
    }

    #[test]
    fn times_that_cannot_be_do_no_harm() {
        for times in [[i64::MIN, i64::MAX], [0, 0], [i64::MAX, i64::MAX]] {
            let of = contract(&times.map(|at| ("upcoming", Some(at))));
            let line = line(&of, 0).expect("they are due");
            assert!(line.points.iter().all(|point| (0..=WIDTH).contains(&point.x)), "{times:?}");
        }
    }
}
