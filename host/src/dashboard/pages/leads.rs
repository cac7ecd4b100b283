//! *Leads*: ranked, filtered and searched, each with how its score came about; one of them with its whole story.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Form, Path, Query, State};
use axum::http::HeaderMap;
use axum::http::header::REFERER;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use url::{Position, Url};

use super::web;
use crate::app::history::{ChangeRow, history};
use crate::app::leads::{self, Listing};
use crate::app::live::Live;
use crate::app::posting::{facts, pay};
use crate::app::proposals::draft::{Wishes, by_hand};
use crate::app::proposals::templates;
use crate::app::retention::{self, Fetched};
use crate::app::scan::{AdjustmentRow, LineRow, lead_row};
use crate::app::{App, AppError};
use crate::contract::types::UtcSeconds;
use crate::dashboard::answer::{BY_SCRIPT, Failure, Html};
use crate::dashboard::desk::Desk;
use crate::dashboard::door::session::Visitor;
use crate::dashboard::frame::Frame;
use crate::dashboard::show::{Moment, path};
use crate::lead::Mark;
use crate::plain;
use crate::store::proposals::ProposalFilter;
use crate::store::{LeadSort, Scope, StoredLead};

/// Leads on a page.
const PAGE: u32 = 50;
/// Pages that can be turned to: what is further down is found by filters.
const PAGES: u32 = 200;
/// Skills that a row shows.
const SKILLS: usize = 8;

/// The page's routes.
pub fn routes() -> Router<Arc<Desk>> {
    Router::new()
        .route("/leads", get(list))
        .route("/leads/{platform}/{id}", get(show))
        .route("/leads/{platform}/{id}/mark", post(mark))
        .route("/leads/{platform}/{id}/tags", post(tag))
        .route("/leads/{platform}/{id}/draft", post(draft))
}

/// What is asked for: as a form sends it, where what is left empty is there and empty.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    platform: String,
    min_score: String,
    mark: String,
    tag: String,
    q: String,
    sort: String,
    page: String,
}

impl Asked {
    fn listing(&self, app: &App) -> Result<Listing, Failure> {
        let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let min_score = match given(&self.min_score) {
            Some(text) => text
                .parse()
                .ok()
                .filter(|points| *points <= 100)
                .ok_or_else(|| Failure::unusable("A score is a number from 0 to 100."))?,
            None => app.config().scoring.thresholds.display_min,
        };
        let marks = match self.mark.as_str() {
            "" => Vec::new(),
            "all" => Mark::ALL.to_vec(),
            name => vec![mark_named(name)?],
        };
        let sort = match self.sort.as_str() {
            "" | "score" => LeadSort::Score,
            "posted" => LeadSort::Posted,
            "seen" => LeadSort::Seen,
            "budget" => LeadSort::Budget,
            "confidence" => LeadSort::Confidence,
            _ => return Err(Failure::unusable("Leads are sorted by score, posted, seen, budget or confidence.")),
        };
        Ok(Listing {
            platform: given(&self.platform),
            min_score,
            marks,
            tags: given(&self.tag).into_iter().collect(),
            search: given(&self.q),
            sort,
            skip: (self.number() - 1) * PAGE,
            // One more says whether there is another page.
            limit: PAGE + 1,
            ..Listing::default()
        })
    }

    /// The page's number, from 1.
    fn number(&self) -> u32 {
        self.page.parse().unwrap_or(1).clamp(1, PAGES)
    }

    /// Where another page of the same is.
    fn turned(&self, page: u32) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let fields = [
            ("platform", &self.platform),
            ("min_score", &self.min_score),
            ("mark", &self.mark),
            ("tag", &self.tag),
            ("q", &self.q),
            ("sort", &self.sort),
        ];
        query.extend_pairs(fields.into_iter().filter(|(_, value)| !value.is_empty()));
        query.append_pair("page", &page.to_string());
        format!("/leads?{}", query.finish())
    }

    fn is_narrow(&self) -> bool {
        [&self.platform, &self.min_score, &self.mark, &self.tag, &self.q].into_iter().any(|field| !field.is_empty())
    }
}

fn mark_named(name: &str) -> Result<Mark, Failure> {
    Mark::ALL
        .into_iter()
        .find(|mark| mark.as_str() == name)
        .ok_or_else(|| Failure::unusable("A lead is new, seen, starred or dismissed."))
}

/// A part of a score's bar, in hundredths of its width.
pub struct Segment {
    x: u32,
    width: u32,
    /// Which of the colours.
    shade: usize,
    told: String,
}

/// A lead in the list.
pub struct Row {
    href: String,
    platform: String,
    id: String,
    title: String,
    score: String,
    band: &'static str,
    pays: String,
    posted: Option<Moment>,
    client: String,
    skills: Vec<String>,
    more_skills: usize,
    mark: &'static str,
    tags: Vec<String>,
    segments: Vec<Segment>,
    story: String,
    reason: String,
    rule: Option<String>,
}

fn row(stored: &StoredLead, now: UtcSeconds) -> Row {
    let lead = lead_row(&stored.account.platform, &stored.lead);
    let posting = &stored.lead.posting;
    let best = lead.breakdown.iter().max_by(|a, b| a.points.total_cmp(&b.points));
    let country = posting.client.country.as_deref().map(plain::line);
    let rating = posting.client.rating.map(|rating| format!("{rating:.1} of 5"));
    let client: Vec<String> = country.into_iter().chain(rating).filter(|part| !part.is_empty()).collect();
    Row {
        href: path(&["leads", &lead.platform, &lead.id]),
        title: title(stored),
        score: format!("{:.0}", lead.score),
        band: band(lead.score),
        pays: plain::line(&pay(&posting.payment, posting.budget.as_ref())),
        posted: posting.posted_at.map(|at| Moment::of(at, now)),
        client: client.join(", "),
        skills: posting.skills.iter().take(SKILLS).map(|skill| plain::line(skill)).collect(),
        more_skills: posting.skills.len().saturating_sub(SKILLS),
        mark: stored.mark.as_str(),
        tags: stored.tags.clone(),
        segments: segments(&lead.breakdown),
        story: story(&lead.breakdown),
        reason: best.map(|line| plain::line(&line.reason)).unwrap_or_default(),
        rule: lead.rule.as_ref().map(|rule| plain::line(&rule.name)),
        platform: lead.platform,
        id: lead.id,
    }
}

fn title(stored: &StoredLead) -> String {
    match plain::line(&stored.lead.posting.title) {
        title if title.is_empty() => {
            format!("{} (its texts are not kept any more)", plain::line(&stored.lead.posting.id))
        }
        title => title,
    }
}

fn band(score: f64) -> &'static str {
    match score {
        score if score >= 75.0 => "good",
        score if score >= 50.0 => "fair",
        _ => "low",
    }
}

fn segments(breakdown: &[LineRow]) -> Vec<Segment> {
    let mut x = 0;
    let segment = |(shade, line): (usize, &LineRow)| {
        // Whole hundredths: points are at most 100.
        let width = (line.points.max(0.0) * 100.0).round() as u32;
        let told = format!("{} {:.1} of {:.0}", plain::line(&line.signal), line.points, line.weight * 100.0);
        let segment = Segment { x, width, shade: shade % 8, told };
        x += width;
        segment
    };
    breakdown.iter().enumerate().map(segment).collect()
}

/// The bar, for who does not see it.
fn story(breakdown: &[LineRow]) -> String {
    let parts: Vec<String> =
        breakdown.iter().map(|line| format!("{} {:.1}", plain::line(&line.signal), line.points)).collect();
    parts.join(", ")
}

#[derive(Template)]
#[template(path = "leads.html")]
struct LeadsPage {
    frame: Frame,
    asked: Asked,
    display_min: u8,
    platforms: Vec<String>,
    leads: Vec<Row>,
    number: u32,
    before: Option<String>,
    after: Option<String>,
    /// Nothing was found, but there is something.
    is_narrow: bool,
    /// Some platform was scanned before.
    was_scanned: bool,
}

async fn list(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let live = desk.live().await;
    let Live { app, services, .. } = live.as_ref();
    let mut found = leads::list(app, services, &asked.listing(app)?).await?;
    let number = asked.number();
    let goes_on = found.len() > PAGE as usize && number < PAGES;
    found.truncate(PAGE as usize);
    let mut was_scanned = false;
    if found.is_empty() {
        for plugin in app.platforms(None)? {
            was_scanned |= services.store.last_sync(&app.account(plugin.id())).await.map_err(AppError::from)?.is_some();
        }
    }
    let now = desk.now();
    let page = LeadsPage {
        display_min: app.config().scoring.thresholds.display_min,
        platforms: app.config().platforms.keys().cloned().collect(),
        leads: found.iter().map(|stored| row(stored, now)).collect(),
        number,
        before: (number > 1).then(|| asked.turned(number - 1)),
        after: goes_on.then(|| asked.turned(number + 1)),
        is_narrow: asked.is_narrow(),
        was_scanned,
        frame: Frame::of(&desk, &visitor, "leads"),
        asked,
    };
    Ok(Html(page).into_response())
}

#[derive(Template)]
#[template(path = "lead.html")]
struct LeadPage {
    frame: Frame,
    lead: Row,
    url: Option<String>,
    confidence: String,
    total: String,
    breakdown: Vec<LineRow>,
    adjustments: Vec<AdjustmentRow>,
    missing: Vec<String>,
    faults: Vec<String>,
    rule: Option<(String, &'static str, String)>,
    /// Whose filters it has passed, and which.
    passed: Vec<(String, Vec<String>)>,
    facts: Vec<(&'static str, String)>,
    description: String,
    changes: Vec<(Moment, ChangeRow)>,
    trouble: Option<String>,
    /// The number of the proposal to it.
    proposal: Option<i64>,
}

async fn show(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Path((platform, id)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let now = desk.now();
    let (stored, trouble, changes, proposal) = desk.act(move |live| seen(live, platform, id)).await?;
    let posting = &stored.lead.posting;
    let of = lead_row(&stored.account.platform, &stored.lead);
    let page = LeadPage {
        frame: Frame::of(&desk, &visitor, "leads"),
        lead: row(&stored, now),
        url: web(&posting.url),
        confidence: format!("{:.2}", of.confidence),
        total: format!("{:.2}", of.score),
        missing: of.breakdown.iter().flat_map(|line| &line.missing).map(|name| plain::line(name)).collect(),
        faults: of.faults.iter().map(|fault| plain::line(fault)).collect(),
        rule: of.rule.map(|rule| (plain::line(&rule.name), rule.action.name(), plain::line(&rule.reason))),
        breakdown: of.breakdown.into_iter().map(plain_line).collect(),
        adjustments: of.adjustments,
        passed: leads::passed(&stored),
        facts: facts(posting).into_iter().map(|(name, value)| (name, plain::line(&value))).collect(),
        description: plain::paragraphs(&posting.description),
        changes: changes.into_iter().map(|change| (Moment::of(change.until, now), change)).collect(),
        trouble,
        proposal,
    };
    Ok(Html(page).into_response())
}

fn plain_line(line: LineRow) -> LineRow {
    LineRow {
        signal: plain::line(&line.signal),
        raw: plain::line(&line.raw),
        reason: plain::line(&line.reason),
        ..line
    }
}

type Seen = (StoredLead, Option<String>, Vec<ChangeRow>, Option<i64>);

/// A lead, its texts fetched again where they were purged. To be shown is to be seen.
async fn seen(live: Arc<Live>, platform: String, id: String) -> Result<Seen, AppError> {
    let Live { app, services, .. } = live.as_ref();
    let mut stored = leads::find_lead(app, services, &format!("{platform}/{id}")).await?;
    let changes = history(services, &stored).await?;
    let mut trouble = None;
    if stored.purged_at.is_some() {
        trouble = match retention::fetch_again(app, services, &mut stored).await? {
            Fetched::Again => None,
            Fetched::Gone => Some("the platform no longer has the posting".to_owned()),
            Fetched::Unsupported => Some("its plugin cannot fetch them again: read them at the platform".to_owned()),
            Fetched::Failed(error) => {
                Some(format!("they could not be fetched again: {}", plain::line(&error.to_string())))
            }
        };
    }
    if stored.mark == Mark::New {
        leads::mark(services, &stored, Mark::Seen).await?;
        stored.mark = Mark::Seen;
    }
    let proposal = latest_proposal(&live, &stored).await?;
    Ok((stored, trouble, changes, proposal))
}

/// The number of the latest proposal to a lead.
async fn latest_proposal(live: &Live, stored: &StoredLead) -> Result<Option<i64>, AppError> {
    let posting = Some(stored.lead.posting.id.clone());
    let of = ProposalFilter { posting, limit: 1, ..ProposalFilter::all(Scope::from(&stored.account)) };
    Ok(live.services.store.proposals(&of).await?.first().map(|proposal| proposal.number))
}

#[derive(Deserialize)]
struct Marked {
    mark: String,
}

#[derive(Template)]
#[template(path = "lead_row.html")]
struct RowPart {
    lead: Row,
    csrf: String,
}

async fn mark(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    headers: HeaderMap,
    Path((platform, id)): Path<(String, String)>,
    Form(form): Form<Marked>,
) -> Result<Response, Failure> {
    let mark = mark_named(&form.mark)?;
    let changed = desk.act(move |live| async move {
        let Live { app, services, .. } = live.as_ref();
        let mut stored = leads::find_lead(app, services, &format!("{platform}/{id}")).await?;
        leads::mark(services, &stored, mark).await?;
        stored.mark = mark;
        Ok(stored)
    });
    changed_row(&desk, &visitor, &headers, changed.await?)
}

#[derive(Deserialize)]
struct Tagged {
    tags: String,
}

async fn tag(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    headers: HeaderMap,
    Path((platform, id)): Path<(String, String)>,
    Form(form): Form<Tagged>,
) -> Result<Response, Failure> {
    let wanted: Vec<String> =
        form.tags.split(',').map(|tag| tag.trim().to_owned()).filter(|tag| !tag.is_empty()).collect();
    let changed = desk.act(move |live| async move {
        let Live { app, services, .. } = live.as_ref();
        let mut stored = leads::find_lead(app, services, &format!("{platform}/{id}")).await?;
        let gone = stored.tags.iter().filter(|tag| !wanted.contains(tag)).map(|tag| format!("-{tag}"));
        let changes: Vec<String> = gone.chain(wanted.iter().map(|tag| format!("+{tag}"))).collect();
        stored.tags = leads::tag(services, &stored, &changes).await?;
        Ok(stored)
    });
    changed_row(&desk, &visitor, &headers, changed.await?)
}

/// The row as it is now; without script, the page that the person was at.
fn changed_row(desk: &Desk, visitor: &Visitor, headers: &HeaderMap, stored: StoredLead) -> Result<Response, Failure> {
    let lead = row(&stored, desk.now());
    if headers.contains_key(BY_SCRIPT) {
        return Ok(Html(RowPart { lead, csrf: visitor.csrf().to_owned() }).into_response());
    }
    desk.sessions.say(visitor, format!("{} is {}.", lead.title, lead.mark));
    Ok(Redirect::to(&list_left(desk, headers).unwrap_or(lead.href)).into_response())
}

/// The list that a form was sent from, as it was filtered and turned; none where it was a lead's own page.
fn list_left(desk: &Desk, headers: &HeaderMap) -> Option<String> {
    let from = Url::parse(headers.get(REFERER)?.to_str().ok()?).ok()?;
    let is_list = from.path() == "/leads" && from.origin().ascii_serialization() == desk.origin.to_string();
    is_list.then(|| from[Position::BeforePath..Position::AfterQuery].to_owned())
}

async fn draft(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Path((platform, id)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let back = path(&["leads", &platform, &id]);
    let drafted = desk.act(move |live| async move {
        let Live { app, services, .. } = live.as_ref();
        let stored = leads::find_lead(app, services, &format!("{platform}/{id}")).await?;
        // What was written is not to be written over.
        if let Some(number) = latest_proposal(&live, &stored).await? {
            return Ok((number, "There is a proposal to it already.".to_owned()));
        }
        // The person has looked at it: whether it is good enough is theirs to say.
        let wishes = Wishes { force: true, ..Wishes::default() };
        let drafted = by_hand(app, services, &stored, &templates::load(app)?, &wishes).await?;
        let said = format!("Drafted: {}; {}.", plain::line(&drafted.chosen), plain::line(&drafted.priced));
        Ok((drafted.proposal.number, said))
    });
    let (number, said) = drafted.await.map_err(|failure| failure.leading_to(&back, "Back to the lead"))?;
    desk.sessions.say(&visitor, said);
    Ok(Redirect::to(&format!("/proposals/{number}")).into_response())
}
