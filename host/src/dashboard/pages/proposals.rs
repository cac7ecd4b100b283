//! *Proposals*: what waits for a person, beside the posting that it answers; edited, looked at as it would be sent, and approved.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;

use super::web;
use crate::app::error::exit;
use crate::app::live::Live;
use crate::app::posting::facts;
use crate::app::proposals::edit::{self, Changes};
use crate::app::proposals::list::{self, Listing, ShownRow};
use crate::app::proposals::{find, sending};
use crate::app::{AppError, following, notify};
use crate::contract::planning::Way;
use crate::dashboard::answer::{Failure, Html};
use crate::dashboard::desk::Desk;
use crate::dashboard::door::session::Visitor;
use crate::dashboard::frame::Frame;
use crate::dashboard::plan::Shown;
use crate::dashboard::show::{Moment, path};
use crate::plain;
use crate::proposal::{Deed, Proposal, State as Stage};
use crate::store::Found;
use crate::submission::Wish;

/// Proposals that are listed.
const LISTED: u32 = 200;

/// The page's routes.
pub fn routes() -> Router<Arc<Desk>> {
    Router::new()
        .route("/proposals", get(list_all))
        .route("/proposals/pause", post(pause))
        .route("/proposals/{number}", get(show).post(edited))
        .route("/proposals/{number}/preview", post(preview))
        .route("/proposals/{number}/carry-out", post(carry_out))
        .route("/proposals/{number}/resolve", post(resolve))
        .route("/proposals/{number}/remove", post(remove))
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    state: String,
}

struct Row {
    number: i64,
    title: String,
    platform: String,
    state: Stage,
    score: String,
    amount: String,
    blocking: usize,
    updated: Moment,
}

struct Budget {
    told: String,
    spent: u64,
    most: u32,
}

#[derive(Template)]
#[template(path = "proposals.html")]
struct ProposalsPage {
    frame: Frame,
    state: String,
    states: [&'static str; 10],
    /// Those that wait for the person come first.
    waiting: Vec<Row>,
    others: Vec<Row>,
    budgets: Vec<Budget>,
    paused: Option<Moment>,
    is_paused_by_configuration: bool,
}

fn row(of: &Proposal, now: i64) -> Row {
    let row = list::row(of);
    Row {
        number: row.number,
        title: plain::line(&row.title),
        amount: money(row.amount, row.currency.as_deref()),
        score: row.score.map(|score| format!("{score:.0}")).unwrap_or_default(),
        platform: row.platform,
        state: row.state,
        blocking: row.blocking,
        updated: Moment::of(row.updated_at, now),
    }
}

fn money(amount: Option<f64>, currency: Option<&str>) -> String {
    amount.map(|amount| format!("{amount:.2} {}", plain::line(currency.unwrap_or_default()))).unwrap_or_default()
}

async fn list_all(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let live = desk.live().await;
    let Live { app, services, .. } = live.as_ref();
    let states = match asked.state.as_str() {
        "" => Vec::new(),
        name => vec![Stage::of(name).ok_or_else(|| Failure::unusable("There is no such state."))?],
    };
    let now = desk.now();
    let found = list::list(app, services, &Listing { platform: None, states, limit: LISTED }).await?;
    let rows = found.iter().map(|of| row(of, now));
    let waits = |row: &Row| matches!(row.state, Stage::Draft | Stage::Review | Stage::Approved | Stage::Uncertain);
    let (waiting, others) = rows.partition(waits);
    let (budgets, paused) = sending::budgets(app, services).await?;
    let budget = |of: sending::BudgetRow| Budget {
        told: format!("{} this {}", plain::line(&of.name), of.period),
        spent: of.spent,
        most: of.most,
    };
    let page = ProposalsPage {
        state: asked.state,
        states: Stage::ALL.map(Stage::as_str),
        waiting,
        others,
        budgets: budgets.into_iter().map(budget).collect(),
        paused: paused.map(|since| Moment::of(since, now)),
        is_paused_by_configuration: app.config().proposals.paused,
        frame: Frame::of(&desk, &visitor, "proposals"),
    };
    Ok(Html(page).into_response())
}

/// The posting that a proposal answers.
struct Posting {
    href: Option<String>,
    facts: Vec<(&'static str, String)>,
    description: String,
}

#[derive(Template)]
#[template(path = "proposal.html")]
struct ProposalPage {
    frame: Frame,
    number: i64,
    title: String,
    url: Option<String>,
    state: Stage,
    is_editable: bool,
    is_handed_over: bool,
    amount: String,
    currency: String,
    terms: Vec<(String, String)>,
    remote_url: Option<String>,
    trouble: Option<(String, Option<String>)>,
    shown: ShownRow,
    attributes: Vec<(String, String)>,
    story: Vec<(Moment, Stage, String)>,
    posting: Option<Posting>,
}

async fn show(State(desk): State<Arc<Desk>>, visitor: Visitor, Path(number): Path<i64>) -> Result<Response, Failure> {
    let live = desk.live().await;
    let Live { app, services, .. } = live.as_ref();
    let of = find(app, services, number).await?;
    let shown = list::shown(app, services, &of).await?;
    let now = desk.now();
    let row = &shown.proposal;
    let attempt = of.content.attempt.as_ref();
    let page = ProposalPage {
        frame: Frame::of(&desk, &visitor, "proposals"),
        number,
        title: plain::line(&row.title),
        url: web(&row.url),
        state: of.state,
        is_editable: of.state.is_editable(),
        is_handed_over: of.state == Stage::Submitting && attempt.is_some_and(|of| of.deed == Deed::HandOver),
        amount: row.amount.map(|amount| format!("{amount:.2}")).unwrap_or_default(),
        currency: row.currency.clone().unwrap_or_default(),
        terms: terms(&shown),
        remote_url: shown.remote.as_ref().and_then(|of| web(of.url.as_deref()?)),
        trouble: of
            .content
            .trouble
            .as_ref()
            .map(|of| (plain::line(&of.message), of.remedy.as_deref().map(plain::line))),
        attributes: attributes(&of),
        story: shown.story.iter().map(|of| (Moment::of(of.at, now), of.state, plain::line(&of.note))).collect(),
        posting: posting(&live, &of).await,
        shown,
    };
    Ok(Html(page).into_response())
}

fn terms(of: &ShownRow) -> Vec<(String, String)> {
    let row = &of.proposal;
    let mut terms = vec![("platform".to_owned(), format!("{} {}", row.platform, plain::line(&row.id)))];
    terms.extend(row.score.map(|score| ("points".to_owned(), format!("{score:.2}"))));
    terms.extend(row.template.as_deref().map(|name| ("template".to_owned(), plain::line(name))));
    let parts = of.milestones.iter().map(|part| {
        ("milestone".to_owned(), format!("{:.2} {}: {}", part.amount, part.currency, plain::line(&part.description)))
    });
    terms.extend(parts);
    terms.extend(
        of.costs.iter().map(|cost| ("cost".to_owned(), plain::line(&format!("{}: {}", cost.name, cost.amount)))),
    );
    terms.extend(of.remote.as_ref().map(|of| ("there".to_owned(), plain::line(&format!("{} {}", of.id, of.status)))));
    terms
}

/// Terms of the platform's own: those that are set, and those that it knows besides.
fn attributes(of: &Proposal) -> Vec<(String, String)> {
    let known = of.content.requirements.iter().flat_map(|of| &of.attributes);
    let all = known.chain(&of.content.draft.attributes);
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    for attribute in all {
        let value = crate::proposal::editing::value_json(&attribute.value);
        found.insert(attribute.name.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    }
    found.into_iter().collect()
}

/// The posting, as far as it is still there.
async fn posting(live: &Live, of: &Proposal) -> Option<Posting> {
    let reference = format!("{}/{}", of.account.platform, of.content.draft.posting);
    let Ok(Found::Lead(stored)) = crate::app::leads::find(&live.app, &live.services, &reference).await else {
        return None;
    };
    let of = &stored.lead.posting;
    Some(Posting {
        href: Some(path(&["leads", &stored.account.platform, &of.id])),
        facts: facts(of).into_iter().map(|(name, value)| (name, plain::line(&value))).collect(),
        description: plain::paragraphs(&of.description),
    })
}

/// What a form changes.
fn changes(form: &BTreeMap<String, String>, of: &Proposal) -> Result<Changes, Failure> {
    let given = |name: &str| form.get(name).map(|value| value.trim()).filter(|value| !value.is_empty());
    let amount =
        |text: &str| edit::amount(text).ok_or_else(|| Failure::unusable("Write an amount such as 450 or 37.50."));
    let days = |text: &str| text.parse().map_err(|_| Failure::unusable("The days are a whole number."));
    let present: BTreeMap<String, String> = attributes(of).into_iter().collect();
    let attribute = |(name, value): (&String, &String)| {
        let name = name.strip_prefix("attribute.")?;
        (present.get(name) != Some(value)).then(|| (name.to_owned(), value.clone()))
    };
    let answer = |(name, value): (&String, &String)| {
        Some((name.strip_prefix("answer.")?.to_owned(), value.replace("\r\n", "\n")))
    };
    Ok(Changes {
        text: form.get("text").map(|text| text.replace("\r\n", "\n")),
        amount: given("amount").map(amount).transpose()?,
        currency: given("currency").map(str::to_uppercase),
        days: given("days").map(days).transpose()?,
        answers: form.iter().filter_map(answer).collect(),
        attributes: form.iter().filter_map(attribute).collect(),
    })
}

/// A failure is no dead end: what stands against a proposal is mended on its page.
fn led_back(failure: Failure, number: i64) -> Failure {
    failure.leading_to(&format!("/proposals/{number}"), format!("Back to proposal {number}"))
}

async fn edited(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Path(number): Path<i64>,
    Form(form): Form<BTreeMap<String, String>>,
) -> Result<Response, Failure> {
    let live = desk.live().await;
    let of = find(&live.app, &live.services, number).await?;
    let changes = changes(&form, &of)?;
    let edited = desk.act(move |live| async move {
        let draft = edit::changed(&of.content, &changes)?;
        edit::store(&live.app, &live.services, &of, draft).await
    });
    let edited = edited.await.map_err(|failure| led_back(failure, number))?;
    let blocking = edited.problems.iter().filter(|problem| problem.blocking).count();
    let said = match blocking {
        0 => "Saved. It can be sent once you approve it.".to_owned(),
        1 => "Saved. One thing keeps it from being sent.".to_owned(),
        many => format!("Saved. {many} things keep it from being sent."),
    };
    desk.sessions.say(&visitor, said);
    Ok(Redirect::to(&format!("/proposals/{number}")).into_response())
}

#[derive(Deserialize)]
struct Wished {
    wish: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    digest: String,
}

impl Wished {
    fn wish(&self) -> Result<Wish, Failure> {
        match self.wish.as_str() {
            "submit" => Ok(Wish::Submit),
            "withdraw" => Ok(Wish::Withdraw { reason: self.reason.trim().to_owned() }),
            _ => Err(Failure::unusable("A proposal is submitted or withdrawn here.")),
        }
    }
}

#[derive(Template)]
#[template(path = "proposal_plan.html")]
struct PlanPage {
    frame: Frame,
    number: i64,
    title: String,
    platform: String,
    wish: String,
    reason: String,
    digest: String,
    text: String,
    answers: Vec<(String, String)>,
    plan: Shown,
}

/// Shows what a wish comes to. The platform is asked, and nothing is changed there.
async fn preview(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Path(number): Path<i64>,
    Form(form): Form<Wished>,
) -> Result<Response, Failure> {
    let wish = form.wish()?;
    let prepared = desk.act(move |live| async move {
        match sending::prepare(&live.app, &live.services, number, wish).await {
            // What the platform has already is told of, and no failure.
            Err(AppError::Failed { message, exit_code: exit::OK, .. }) => Ok(Err(message)),
            Err(error) => Err(error),
            Ok(sending) => Ok(Ok(sending.prepared)),
        }
    });
    let prepared = match prepared.await.map_err(|failure| led_back(failure, number))? {
        Ok(prepared) => prepared,
        Err(message) => {
            desk.sessions.say(&visitor, plain::paragraphs(&message));
            return Ok(Redirect::to(&format!("/proposals/{number}")).into_response());
        }
    };
    let draft = &prepared.proposal.content.draft;
    let live = desk.live().await;
    let plugin = live.app.installation.named(&prepared.proposal.account.platform).await?;
    let page = PlanPage {
        frame: Frame::of(&desk, &visitor, "proposals"),
        number,
        title: plain::line(&prepared.proposal.content.title),
        platform: plain::line(&plugin.descriptor.display_name),
        wish: form.wish,
        reason: form.reason,
        digest: prepared.digest.clone(),
        text: plain::paragraphs(&draft.text),
        answers: draft.answers.iter().map(|of| (plain::line(&of.question), plain::paragraphs(&of.answer))).collect(),
        plan: Shown::of(&prepared.previewed.plan),
    };
    Ok(Html(page).into_response())
}

#[derive(Template)]
#[template(path = "proposal_handed.html")]
struct HandedPage {
    frame: Frame,
    number: i64,
    url: Option<String>,
    text: String,
    is_submission: bool,
}

/// Carries out what was shown, as it was shown.
async fn carry_out(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Path(number): Path<i64>,
    Form(form): Form<Wished>,
) -> Result<Response, Failure> {
    let wish = form.wish()?;
    let carried = desk.act(move |live| async move {
        let Live { app, services, .. } = live.as_ref();
        let sending = sending::prepare(app, services, number, wish).await?;
        let way = sending.prepared.previewed.plan.way.clone();
        let changed = sending::carry_out(app, services, sending, &form.digest).await?;
        told(&live).await?;
        Ok((way, changed))
    });
    let (way, changed) = carried.await.map_err(|failure| led_back(failure, number))?;
    if let Way::HandOver(url) = &way {
        let page = HandedPage {
            frame: Frame::of(&desk, &visitor, "proposals"),
            number,
            url: web(url),
            text: changed.content.draft.text.clone(),
            is_submission: changed.state == Stage::Submitting,
        };
        return Ok(Html(page).into_response());
    }
    let said = match changed.state {
        Stage::Submitted => "The platform has it.",
        Stage::Withdrawn => "It is taken back.",
        Stage::Submitting => "Its answer did not tell whether the platform has it: the platform is being asked.",
        Stage::Failed => "It was not sent.",
        Stage::Approved => "Nothing was sent; it is still approved.",
        _ => "It stands.",
    };
    desk.sessions.say(&visitor, said);
    if changed.state == Stage::Submitting {
        let live = desk.live().await;
        desk.spawn(async move {
            if let Err(error) = sending::awaited(&live.app, &live.services, changed).await {
                tracing::warn!(%error, "it is not known what became of a proposal");
            }
        });
    }
    Ok(Redirect::to(&format!("/proposals/{number}")).into_response())
}

/// Posts what there is to tell of proposals, and delivers it as far as that goes at once.
async fn told(live: &Live) -> Result<(), AppError> {
    let courier = live.app.courier(&live.services);
    following::post(&live.app, &live.services, &courier).await?;
    courier.deliver_due(notify::PATIENCE).await?;
    Ok(())
}

#[derive(Deserialize)]
struct Resolved {
    was_sent: bool,
}

async fn resolve(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Path(number): Path<i64>,
    Form(form): Form<Resolved>,
) -> Result<Response, Failure> {
    let resolved = desk.act(move |live| async move {
        let resolved = sending::resolve(&live.app, &live.services, number, form.was_sent).await?;
        told(&live).await?;
        Ok(resolved)
    });
    let resolved = resolved.await.map_err(|failure| led_back(failure, number))?;
    desk.sessions.say(&visitor, format!("It is {} now.", resolved.state));
    Ok(Redirect::to(&format!("/proposals/{number}")).into_response())
}

async fn remove(State(desk): State<Arc<Desk>>, visitor: Visitor, Path(number): Path<i64>) -> Result<Response, Failure> {
    desk.act(move |live| async move {
        let of = find(&live.app, &live.services, number).await?;
        edit::remove(&live.services, &of).await
    })
    .await?;
    desk.sessions.say(&visitor, format!("Proposal {number} is removed, and its lead dismissed."));
    Ok(Redirect::to("/proposals").into_response())
}

#[derive(Deserialize)]
struct Paused {
    paused: bool,
}

async fn pause(State(desk): State<Arc<Desk>>, visitor: Visitor, Form(form): Form<Paused>) -> Result<Response, Failure> {
    desk.act(move |live| async move { sending::pause(&live.app, &live.services, form.paused).await }).await?;
    desk.sessions.say(
        &visitor,
        if form.paused { "Nothing is sent until you let it go on." } else { "Proposals can be sent again." },
    );
    Ok(Redirect::to("/proposals").into_response())
}
