//! A file for each page: what it asks of [`crate::app`], and how that is shown.

mod audit;
mod contracts;
mod leads;
mod platforms;
mod plugins;
mod proposals;
mod scans;
mod scoring;
mod settings;
mod skipped;

use std::sync::Arc;

use axum::Router;

use super::desk::Desk;

/// The routes of all pages.
pub fn routes() -> Router<Arc<Desk>> {
    Router::new()
        .merge(leads::routes())
        .merge(skipped::routes())
        .merge(proposals::routes())
        .merge(contracts::routes())
        .merge(platforms::routes())
        .merge(scans::routes())
        .merge(scoring::routes())
        .merge(plugins::routes())
        .merge(settings::routes())
        .merge(audit::routes())
}

/// An address that a browser may be led to: a platform could have sent any.
fn web(url: &str) -> Option<String> {
    let parsed = url::Url::parse(url).ok()?;
    matches!(parsed.scheme(), "https" | "http").then(|| parsed.to_string())
}
