//! How long a platform's content is kept: no longer than its terms allow (`content-retention` of its plugin's descriptor).
//!
//! Texts that are older are purged whenever the store is opened for writing and by every scan, so many at a time; scores, figures, marks and tags
//! stay. Who asks for such a lead gets its texts from the platform again, where the plugin can look it up.

use super::{App, AppError, Services};
use crate::contract::types::{Client, Posting};
use crate::lead::Lead;
use crate::plugin::fault::CallError;
use crate::plugin::shelf::Standing;
use crate::store::{Scope, Store, StoredLead};

/// Purges what may no longer be kept, for each platform whose plugin can be used. A failure is noted in the log: the next time makes up for it.
pub(super) async fn purge(app: &App, store: &dyn Store) {
    let now = app.now();
    for (platform, standing) in app.installation.plugins.all() {
        let retention = match standing {
            Standing::Loaded(plugin) => plugin.descriptor.content_retention,
            Standing::Idle(entry) => entry.described.as_ref().and_then(|described| described.content_retention),
            Standing::Unusable(_) => None,
        };
        let Some(seconds) = retention else { continue };
        let scope = Scope::profile(app.config().profile.name.clone()).on(platform);
        match store.purge_content(&scope, now.saturating_sub(i64::from(seconds)), now).await {
            Ok(0) => {}
            Ok(purged) => {
                tracing::info!(platform, purged, "texts older than the platform's terms allow are purged")
            }
            Err(error) => tracing::warn!(platform, "old texts were not purged: {error}"),
        }
    }
}

/// What came of fetching a lead's texts again.
#[derive(Debug)]
pub enum Fetched {
    /// They are stored, for as long as they may be kept.
    Again,
    /// The platform no longer has the posting, or not for this account.
    Gone,
    /// The plugin cannot look postings up, or is not loaded.
    Unsupported,
    /// It was not to be had now.
    Failed(CallError),
}

/// Fetches the texts of a lead that were purged, and stores them; the lead then has them. Its score and figures stay those of the last scan.
///
/// # Errors
/// The store's, or where the configuration lacks what the plugin needs.
pub async fn fetch_again(app: &App, services: &Services, stored: &mut StoredLead) -> Result<Fetched, AppError> {
    let Some(plugin) = app.installation.plugins.load(&stored.account.platform).await else {
        return Ok(Fetched::Unsupported);
    };
    let work = app.work(services, plugin)?;
    let ids = [stored.lead.posting.id.clone()];
    let found = match plugin.find(&work, &app.settings(plugin.id())?, &ids).await {
        Ok(Some(found)) => found,
        Ok(None) => return Ok(Fetched::Unsupported),
        Err(error) => return Ok(Fetched::Failed(error)),
    };
    let Some(found) = found.into_iter().next() else { return Ok(Fetched::Gone) };
    let lead = Lead { posting: with_texts(stored.lead.posting.clone(), found), ..stored.lead.clone() };
    let now = app.now();
    services.store.restore_content(&stored.account, &lead.posting, now).await?;
    (stored.lead, stored.fetched_at, stored.purged_at) = (lead, now, None);
    Ok(Fetched::Again)
}

/// A posting with another's texts, as far as purging takes them.
fn with_texts(of: Posting, texts: Posting) -> Posting {
    let Client { id, country, country_code, .. } = texts.client;
    Posting {
        title: texts.title,
        description: texts.description,
        skills: texts.skills,
        categories: texts.categories,
        attributes: texts.attributes,
        language: texts.language,
        client: Client { id, country, country_code, ..of.client },
        ..of
    }
}
