//! Drafting a proposal to a lead: template, context, text, terms, checks, state.

use jiff::tz::TimeZone;

use super::{Asking, Plugins, problems, written};
use crate::app::error::exit;
use crate::app::{App, AppError, Services};
use crate::contract::planning::Problem;
use crate::contract::proposals::{Draft, Requirements};
use crate::contract::types::{Money, PostingStatus, UtcSeconds};
use crate::notify::hours::zone;
use crate::pipeline;
use crate::plugin::fault::CallError;
use crate::proposal::amount::{Suggestion, suggest};
use crate::proposal::context::{Context, Materials};
use crate::proposal::skills::Names;
use crate::proposal::state::Event;
use crate::proposal::template::{Choice, Template, Templates, choose};
use crate::proposal::{Content, Origin, Proposal, Trouble};
use crate::store::proposals::ProposalFilter;
use crate::store::{Scope, StoreError, StoredLead};
use crate::subject::Subject;

/// What a draft is to be like.
#[derive(Clone, Debug, Default)]
pub struct Wishes {
    /// The template of this name, instead of the one that suits best.
    pub template: Option<String>,
    /// The amount, in hundredths, instead of the one that is suggested.
    pub amount: Option<i64>,
    /// How many days the work takes.
    pub days: Option<u32>,
    /// Draft although the lead is not eligible, and write a draft that is there anew.
    pub force: bool,
}

/// A proposal that was drafted.
#[derive(Clone, Debug)]
pub struct Drafted {
    /// As it is stored.
    pub proposal: Proposal,
    /// What stands against it.
    pub problems: Vec<Problem>,
    /// Why this template.
    pub chosen: String,
    /// Where the amount comes from.
    pub priced: String,
}

/// What came of drafting.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// A proposal.
    Drafted(Box<Drafted>),
    /// The platform takes none to the posting any more, in its own words.
    Over(String),
}

/// Drafts a proposal to a lead that is eligible for one, or is to have one all the same. The lead has its texts.
///
/// # Errors
/// Where the lead is not eligible; as [`draft`].
pub async fn by_hand(
    app: &App,
    services: &Services,
    stored: &StoredLead,
    templates: &Templates,
    wishes: &Wishes,
) -> Result<Drafted, AppError> {
    if !wishes.force {
        eligible(app, stored)?;
    }
    let asking = Plugins { app, services };
    match draft(app, services, &asking, stored, templates, wishes, Origin::Person).await? {
        Outcome::Drafted(drafted) => Ok(*drafted),
        Outcome::Over(said) => Err(refused(format!("the platform takes no proposal to it: {said}"))),
    }
}

/// Drafts a proposal and stores it.
///
/// # Errors
/// Where the lead has a proposal already; where the template cannot be used; the store's.
pub async fn draft(
    app: &App,
    services: &Services,
    asking: &dyn Asking,
    stored: &StoredLead,
    templates: &Templates,
    wishes: &Wishes,
    origin: Origin,
) -> Result<Outcome, AppError> {
    let posting = &stored.lead.posting;
    let former = former(services, stored, wishes.force).await?;
    let platform = &stored.account.platform;
    let (asked, trouble) = match asking.requirements(platform, &posting.id).await {
        Ok(asked) => (asked, None),
        Err(error) if is_over(&error) && !wishes.force => {
            return Ok(Outcome::Over(pipeline::failure(&error).message));
        }
        Err(error) => {
            let failure = pipeline::failure(&error);
            (None, Some(Trouble { kind: failure.kind, code: None, message: failure.message, remedy: failure.remedy }))
        }
    };
    let profile = &app.config().profile;
    let choice = chosen(templates, stored, &Names::of(profile, platform), wishes.template.as_deref())?;
    let suggestion = priced(app, stored, asked.as_ref(), wishes.amount)?;
    let subject = Subject { platform, posting, explained: &stored.lead.explained, now: app.now() };
    let zone: TimeZone = zone(&profile.timezone);
    let signature = app.config().proposals.signature.as_deref();
    let context = Context::of(&Materials { subject, profile, signature, suggestion: &suggestion, zone: &zone });
    let text = choice.template.render(&context)?;
    let draft = Draft {
        posting: posting.id.clone(),
        text,
        amount: suggestion.amount.clone(),
        duration_days: wishes.days.or(posting.duration.map(|span| span.minimum)).filter(|days| *days > 0),
        milestones: Vec::new(),
        answers: Vec::new(),
        attributes: asked.as_ref().map(|of| of.attributes.clone()).unwrap_or_default(),
    };
    let content = Content {
        title: posting.title.clone(),
        url: posting.url.clone(),
        draft,
        template: Some(choice.template.keys.name.clone()),
        origin,
        score: Some(stored.lead.explained.score),
        requirements: asked,
        approval: None,
        attempt: None,
        remote: None,
        trouble,
    };
    let problems = problems(&content);
    let state = written(&problems);
    let proposal = match former {
        None => services.store.add_proposal(&stored.account, state, &content, "drafted", app.now()).await?,
        Some(former) => services.store.change_proposal(&former, state, &content, "drafted anew", app.now()).await?,
    };
    let (chosen, priced) = (choice.reason, suggestion.reason);
    Ok(Outcome::Drafted(Box::new(Drafted { proposal, problems, chosen, priced })))
}

/// Whether a posting takes proposals at a time, as far as is known.
#[must_use]
pub fn is_taking(stored: &StoredLead, now: UtcSeconds) -> bool {
    let posting = &stored.lead.posting;
    posting.status != PostingStatus::Closed && posting.closes_at.is_none_or(|at| at > now)
}

fn refused(message: String) -> AppError {
    let remedy = "`proposals draft --force` drafts it all the same".to_owned();
    AppError::Failed { message, remedy: Some(remedy), exit_code: exit::FAILURE }
}

/// Below `scoring.thresholds.review_min` a lead is not eligible for a proposal.
fn eligible(app: &App, stored: &StoredLead) -> Result<(), AppError> {
    let (least, score) = (app.config().scoring.thresholds.review_min, stored.lead.explained.score);
    if !is_taking(stored, app.now()) {
        return Err(refused("the posting takes no more proposals".to_owned()));
    }
    if score.hundredths() < u16::from(least) * 100 {
        return Err(refused(format!(
            "the lead has {score} points, and `scoring.thresholds.review_min` asks for {least}"
        )));
    }
    Ok(())
}

/// The proposal to the posting that is open, where it may be written anew.
async fn former(services: &Services, stored: &StoredLead, force: bool) -> Result<Option<Proposal>, AppError> {
    let scope = Scope::from(&stored.account);
    let filter = ProposalFilter { posting: Some(stored.lead.posting.id.clone()), ..ProposalFilter::all(scope) };
    let open = services.store.proposals(&filter).await?.into_iter().find(|of| of.state.is_open());
    match open {
        None => Ok(None),
        Some(open) if force && open.state.next(Event::Edited).is_some() => Ok(Some(open)),
        Some(open) => Err(StoreError::ProposalExists { number: open.number, state: open.state }.into()),
    }
}

/// Whether a platform has said that it takes none, or none any more.
fn is_over(error: &CallError) -> bool {
    matches!(pipeline::failure(error).kind.as_str(), "not-found" | "conflict" | "unsupported")
}

fn chosen<'t>(
    templates: &'t Templates,
    stored: &StoredLead,
    names: &Names,
    named: Option<&str>,
) -> Result<Choice<'t>, AppError> {
    let Some(name) = named else {
        return choose(&templates.usable, &stored.lead.posting, names).ok_or_else(|| AppError::Failed {
            message: "no template suits the posting".to_owned(),
            remedy: Some(format!(
                "`--template NAME` takes one all the same ({}); one without `match_skills` and `match_job_type` suits every posting",
                known(&templates.usable)
            )),
            exit_code: exit::CONFIG,
        });
    };
    if let Some(template) = templates.named(name) {
        return Ok(Choice { template, reason: "you named it".to_owned() });
    }
    let is_meant = |file: &std::path::Path| file.file_stem().is_some_and(|stem| stem.to_string_lossy() == name);
    match templates.broken.iter().find(|broken| is_meant(&broken.file)) {
        Some(broken) => Err(broken.problems.clone().into()),
        None => Err(AppError::Failed {
            message: format!("there is no template `{name}`; there are: {}", known(&templates.usable)),
            remedy: None,
            exit_code: exit::NOT_FOUND,
        }),
    }
}

fn known(templates: &[Template]) -> String {
    templates.iter().map(|template| template.keys.name.as_str()).collect::<Vec<_>>().join(", ")
}

/// The amount that is wished for, else the one that is suggested.
fn priced(
    app: &App,
    stored: &StoredLead,
    asked: Option<&Requirements>,
    wished: Option<i64>,
) -> Result<Suggestion, AppError> {
    let rates = &app.config().profile.rates;
    let posting = &stored.lead.posting;
    let prescribed = asked.and_then(|of| of.currency.as_deref());
    let suggested = suggest(posting, rates, prescribed);
    let Some(amount) = wished else { return Ok(suggested) };
    let offered = posting.budget.as_ref().map(|of| of.currency.as_str());
    let currency = prescribed.or(offered).unwrap_or(&rates.currency).to_owned();
    Ok(Suggestion { amount: Some(Money { amount, currency }), reason: "You named it".to_owned(), below_minimum: false })
}
