//! Browsing what scans have stored, and what the person makes of it.

use std::collections::BTreeSet;

use serde::Serialize;

use super::scan::{LeadRow, lead_row};
use super::{App, AppError, Services};
use crate::lead::{Mark, Passed, Score, Stage};
use crate::plain;
use crate::store::{Counts, Found, LeadFilter, LeadSort, Scope, SkippedFilter, StoreError, StoredLead, StoredSkip};

/// What to list.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// One platform only.
    pub platform: Option<String>,
    /// Points, 0 to 100.
    pub min_score: u8,
    /// First seen by a scan since then, in seconds since 1970; of skipped postings last seen.
    pub since: Option<i64>,
    /// Leads with one of these marks; all but dismissed ones where there are none.
    pub marks: Vec<Mark>,
    /// Leads with all of these tags.
    pub tags: Vec<String>,
    /// Leads that hold all the words of this in title, description or skills.
    pub search: Option<String>,
    /// In which order leads are listed.
    pub sort: LeadSort,
    /// The other way round.
    pub reverse: bool,
    /// So many of the first are left out: a later page.
    pub skip: u32,
    /// At most so many.
    pub limit: u32,
}

/// A stored lead, as it is printed. Times are in seconds since 1970.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StoredRow {
    /// The lead.
    #[serde(flatten)]
    pub lead: LeadRow,
    /// What the person makes of it.
    pub mark: Mark,
    /// The person's tags.
    pub tags: Vec<String>,
    /// When it was first met.
    pub first_seen: i64,
    /// When it was last met.
    pub last_seen: i64,
    /// When its texts were purged, for the platform's terms do not let them be kept; they are empty then.
    pub purged_at: Option<i64>,
}

/// A stored lead, as it is printed.
#[must_use]
pub fn stored_row(stored: &StoredLead) -> StoredRow {
    StoredRow {
        lead: lead_row(&stored.account.platform, &stored.lead),
        mark: stored.mark,
        tags: stored.tags.clone(),
        first_seen: stored.first_seen,
        last_seen: stored.last_seen,
        purged_at: stored.purged_at,
    }
}

/// What was on when a lead was judged, and has not dropped it, in plain lines: whose filters, and which.
#[must_use]
pub fn passed(of: &StoredLead) -> Vec<(String, Vec<String>)> {
    let line = |one: &Passed| match &one.set_to {
        Some(value) => plain::line(&format!("{} {value}", one.filter)),
        None => plain::line(&one.filter),
    };
    let all = &of.lead.explained.passed;
    let whose = |stage| match stage {
        Stage::Screening => format!("{}'s filters", of.account.platform),
        Stage::Filter => "your filters".to_owned(),
        _ => "your rules".to_owned(),
    };
    let at = |stage| (whose(stage), all.iter().filter(|one| one.stage == stage).map(line).collect());
    [Stage::Screening, Stage::Filter, Stage::Rule]
        .map(at)
        .into_iter()
        .filter(|(_, of): &(_, Vec<_>)| !of.is_empty())
        .collect()
}

/// Whose leads are listed.
///
/// # Errors
/// [`AppError::UnknownPlatform`].
pub fn scope(app: &App, platform: Option<&str>) -> Result<Scope, AppError> {
    let scope = Scope::profile(app.config().profile.name.clone());
    Ok(match platform {
        Some(platform) => scope.on(app.installation.known(platform)?),
        None => scope,
    })
}

/// Leads, in the order that is asked for.
///
/// # Errors
/// The store's.
pub async fn list(app: &App, services: &Services, listing: &Listing) -> Result<Vec<StoredLead>, AppError> {
    let shown = |mark: &Mark| *mark != Mark::Dismissed;
    let marks = match listing.marks.as_slice() {
        [] => Mark::ALL.into_iter().filter(shown).collect(),
        asked => asked.to_vec(),
    };
    let words = listing.search.as_deref().unwrap_or_default().split_whitespace().map(str::to_owned).collect();
    let filter = LeadFilter {
        min_score: (listing.min_score > 0).then(|| Score::clamped(i64::from(listing.min_score) * 100)),
        since: listing.since,
        marks: Some(marks),
        tags: listing.tags.clone(),
        words,
        sort: listing.sort,
        reverse: listing.reverse,
        skip: listing.skip,
        ..LeadFilter::all(scope(app, listing.platform.as_deref())?, listing.limit)
    };
    Ok(services.store.leads(&filter).await?)
}

/// Platform and id of each lead that the person has dismissed.
///
/// # Errors
/// The store's.
pub async fn dismissed(app: &App, services: &Services) -> Result<BTreeSet<(String, String)>, AppError> {
    let filter = LeadFilter { marks: Some(vec![Mark::Dismissed]), ..LeadFilter::all(scope(app, None)?, u32::MAX) };
    let leads = services.store.leads(&filter).await?;
    Ok(leads.into_iter().map(|stored| (stored.account.platform, stored.lead.posting.id)).collect())
}

/// Skipped postings, the latest first, and how many there are of each filter.
///
/// # Errors
/// The store's.
pub async fn skipped(
    app: &App,
    services: &Services,
    listing: &Listing,
    filter: Option<String>,
) -> Result<(Vec<StoredSkip>, Counts), AppError> {
    let scope = scope(app, listing.platform.as_deref())?;
    let counts = services.store.counts(&scope, listing.since).await?;
    let asked =
        SkippedFilter { scope, stage: None, filter, since: listing.since, skip: listing.skip, limit: listing.limit };
    Ok((services.store.skipped(&asked).await?, counts))
}

/// The posting that a reference names: an id, its beginning, or `platform/id`.
///
/// # Errors
/// Where there is none such, or several.
pub async fn find(app: &App, services: &Services, reference: &str) -> Result<Found, AppError> {
    Ok(services.store.find(&scope(app, None)?, reference).await?)
}

/// The lead that a reference names.
///
/// # Errors
/// As [`find`]; [`AppError::Usage`] where the posting was skipped.
pub async fn find_lead(app: &App, services: &Services, reference: &str) -> Result<StoredLead, AppError> {
    match find(app, services, reference).await? {
        Found::Lead(stored) => Ok(*stored),
        Found::Skipped(stored) => Err(AppError::Usage(format!(
            "{} is no lead: it was skipped by {}; `leads explain` says why",
            stored.skipped.id, stored.skipped.filter
        ))),
    }
}

/// Sets what the person makes of a lead.
///
/// # Errors
/// The store's.
pub async fn mark(services: &Services, stored: &StoredLead, mark: Mark) -> Result<(), AppError> {
    Ok(services.store.mark(&stored.account, &stored.lead.posting.id, mark).await?)
}

/// Adds tags and removes others, written `+rust` and `-old`; the tags that the lead then has.
///
/// # Errors
/// [`AppError::Usage`] for a change that begins with neither sign and for a tag that cannot be one.
pub async fn tag(services: &Services, stored: &StoredLead, changes: &[String]) -> Result<Vec<String>, AppError> {
    let (mut add, mut remove) = (Vec::new(), Vec::new());
    for change in changes {
        match (change.strip_prefix('+'), change.strip_prefix('-')) {
            (Some(tag), _) => add.push(tag.trim().to_owned()),
            (None, Some(tag)) => remove.push(tag.trim().to_owned()),
            (None, None) => {
                return Err(AppError::Usage(format!("write +{change} to add the tag, -{change} to remove it")));
            }
        }
    }
    match services.store.tag(&stored.account, &stored.lead.posting.id, &add, &remove).await {
        Err(StoreError::Invalid { what, why }) => Err(AppError::Usage(format!("{what} cannot be: {why}"))),
        other => Ok(other?),
    }
}
