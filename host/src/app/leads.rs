//! Browsing what scans have stored.

use super::{App, AppError, Services};
use crate::lead::Score;
use crate::store::{Counts, Found, LeadFilter, Scope, SkippedFilter, StoredLead, StoredSkip};

/// What to list.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// One platform only.
    pub platform: Option<String>,
    /// Points, 0 to 100.
    pub min_score: u8,
    /// Seen by a scan since then, in seconds since 1970.
    pub since: Option<i64>,
    /// At most so many.
    pub limit: u32,
}

/// Whose leads are listed.
///
/// # Errors
/// [`AppError::UnknownPlatform`].
pub fn scope(app: &App, platform: Option<&str>) -> Result<Scope, AppError> {
    let scope = Scope::profile(app.config().profile.name.clone());
    Ok(match platform {
        // What it found can be read while it does not run.
        Some(platform) if app.installation.unusable.contains_key(platform) => scope.on(platform),
        Some(platform) => scope.on(app.installation.plugin(platform)?.id()),
        None => scope,
    })
}

/// Leads, best first.
///
/// # Errors
/// The store's.
pub async fn list(app: &App, services: &Services, listing: &Listing) -> Result<Vec<StoredLead>, AppError> {
    let filter = LeadFilter {
        min_score: (listing.min_score > 0).then(|| Score::clamped(i64::from(listing.min_score) * 100)),
        since: listing.since,
        ..LeadFilter::all(scope(app, listing.platform.as_deref())?, listing.limit)
    };
    Ok(services.store.leads(&filter).await?)
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
    let asked = SkippedFilter { scope, stage: None, filter, since: listing.since, limit: listing.limit };
    Ok((services.store.skipped(&asked).await?, counts))
}

/// The posting that a reference names: an id, its beginning, or `platform/id`.
///
/// # Errors
/// Where there is none such, or several.
pub async fn find(app: &App, services: &Services, reference: &str) -> Result<Found, AppError> {
    Ok(services.store.find(&scope(app, None)?, reference).await?)
}
