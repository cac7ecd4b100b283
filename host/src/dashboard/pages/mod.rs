//! A file for each page: what it asks of [`crate::app`], and how that is shown.

mod leads;

use std::sync::Arc;

use axum::Router;

use super::desk::Desk;

/// The routes of all pages.
pub fn routes() -> Router<Arc<Desk>> {
    Router::new().merge(leads::routes())
}
