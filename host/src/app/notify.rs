//! Which events the person is told of, and handing them over.
//!
//! Events come from how things stand, not from the moment in which they came to be so: after each scan and status the connections are looked at, and what
//! is wrong is posted under a key that stays the same while it lasts. So a process that dies after it has found out tells nobody, and the next one does; and nobody
//! is told twice, since the outbox knows the key.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, json};

use super::scan::{ErrorRow, PlatformRow, ScanResult};
use super::{App, AppError, Services, trouble};
use crate::auth::{CredentialInfo, CredentialState, unused_end};
use crate::contract::descriptor::Authentication;
use crate::lead::AccountKey;
use crate::notify::digest::{self, Digest};
use crate::notify::hours::{QuietHours, zone};
use crate::notify::{Attempted, Channel, Courier, EventKind, Notice, channels};
use crate::pipeline::STOPPED;
use crate::plugin::platform::PlatformPlugin;
use crate::proposal::{Origin, Proposal, State};
use crate::store::outbox::{Delivery, DeliveryState, OutboxFilter};
use crate::store::proposals::ProposalFilter;
use crate::store::{ScanCounts, ScanRecord, ScanState, Scope, StoreError};

/// How long a command delivers after it has printed what it was asked for.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// Drafts that are looked at, at most, and for how many seconds one is news: less than the outbox remembers.
const MAX_DRAFTS: u32 = 500;
const DRAFTED_SINCE: i64 = 3 * 86_400;

/// What to do where no channel is configured.
pub const HOW_TO_CONFIGURE: &str = "Add a channel under `notifications:` in the configuration, such as `ntfy: { topic: my-leads }` or `desktop: { enabled: true }`; docs/notifications.md has all of them";

impl App {
    /// Who delivers this configuration's notifications.
    #[must_use]
    pub fn courier(&self, services: &Services) -> Courier {
        let channels = channels(&self.config().notifications, self.home().root());
        let profile = &self.config().profile.name;
        let hours = self.config().notifications.quiet_hours.as_ref();
        let quiet = hours.map(|hours| QuietHours::of(hours, zone(&self.config().profile.timezone)));
        let clock = self.installation.clock.clone();
        Courier::new(services.store.clone(), profile, channels, clock).with_quiet_hours(quiet)
    }
}

/// Posts what the person should know of the connections of these platforms and all enabled ones: ended ones, and those about to end.
///
/// # Errors
/// The store's and the vault's.
pub async fn post_connections(
    app: &App,
    services: &Services,
    courier: &Courier,
    asked: &[Arc<PlatformPlugin>],
) -> Result<(), AppError> {
    if courier.channels().is_empty() {
        return Ok(());
    }
    let enabled = app.platforms(None)?;
    let others = asked.iter().filter(|asked| !enabled.iter().any(|enabled| enabled.id() == asked.id()));
    for plugin in enabled.iter().chain(others) {
        let account = app.account(plugin.id());
        let Some(credential) = services.credentials.describe(&account).await? else { continue };
        let notice = match credential.state {
            CredentialState::AuthExpired => Some(auth_expired(app, plugin, account, &credential).await),
            CredentialState::Connected => token_expiring(app, plugin, account, &credential),
        };
        if let Some(notice) = notice {
            courier.post(notice).await?;
        }
    }
    Ok(())
}

async fn auth_expired(app: &App, plugin: &PlatformPlugin, account: AccountKey, credential: &CredentialInfo) -> Notice {
    let said = trouble::ended(plugin, credential, app.now()).await;
    Notice {
        kind: EventKind::AuthExpired,
        epoch: credential.obtained_at.to_string(),
        title: format!("{}: {}", plugin.descriptor.display_name, said.title),
        message: said.message,
        remedy: Some(said.remedy),
        facts: Map::new(),
        account,
    }
}

/// A refresh token that dies unused is renewed from `connect.keep_alive_after` on. Where half of the time that is left then has passed as well, it
/// could not be, and its end is near.
fn token_expiring(
    app: &App,
    plugin: &PlatformPlugin,
    account: AccountKey,
    credential: &CredentialInfo,
) -> Option<Notice> {
    let Authentication::Oauth2(oauth) = &plugin.descriptor.authentication else { return None };
    let ends_at = unused_end(credential, oauth.refresh_token_idle_lifetime)?;
    let left = 1.0 - app.section(plugin.id()).ok()?.connect.keep_alive_after;
    let lifetime = Duration::from_secs(oauth.refresh_token_idle_lifetime?.into());
    let near = i64::try_from(lifetime.mul_f64((left / 2.0).clamp(0.0, 1.0)).as_secs()).ok()?;
    if !(ends_at.saturating_sub(near)..ends_at).contains(&app.now()) {
        return None;
    }
    let (id, name) = (plugin.id(), &plugin.descriptor.display_name);
    let end = Timestamp::from_second(ends_at).map_or_else(|_| ends_at.to_string(), |end| end.to_string());
    Some(Notice {
        kind: EventKind::TokenExpiring,
        epoch: ends_at.to_string(),
        title: format!("{name}: Access ends soon"),
        message: format!("It could not be renewed for a while, and ends at {end} unless that works until then"),
        remedy: Some(format!(
            "Run `ghoststack prospector status --platform {id}`, which tries again and says what is in the way; after the end, `ghoststack prospector connect {id}`"
        )),
        facts: Map::from_iter([("ends_at".to_owned(), json!(ends_at))]),
        account,
    })
}

/// Posts the scans that have failed. What failed since the access has ended is told of by [`post_connections`] alone.
///
/// # Errors
/// The store's and the vault's.
pub async fn post_failures(
    app: &App,
    services: &Services,
    courier: &Courier,
    result: &ScanResult,
) -> Result<(), AppError> {
    if courier.channels().is_empty() {
        return Ok(());
    }
    for row in &result.platforms {
        let Some(error) = row.error.as_ref().filter(|error| !matches!(error.kind.as_str(), "busy" | STOPPED)) else {
            continue;
        };
        let account = app.account(&row.platform);
        let credential = services.credentials.describe(&account).await?;
        if credential.is_some_and(|of| of.state == CredentialState::AuthExpired) {
            continue;
        }
        let last_sync = services.store.last_sync(&account).await?;
        courier.post(scan_failed(account, error, last_sync)).await?;
    }
    Ok(())
}

/// Posts digests of the leads that are news, of all enabled platforms for which it is time. In quiet hours none is made: afterwards one tells of all.
///
/// # Errors
/// The store's.
pub async fn post_leads(app: &App, services: &Services, courier: &Courier) -> Result<(), AppError> {
    if courier.is_quiet() {
        return Ok(());
    }
    let configured = app.config().notifications.digest.clone();
    let digest = Digest { configured, zone: zone(&app.config().profile.timezone) };
    for plugin in app.platforms(None)? {
        let (account, name) = (app.account(plugin.id()), &plugin.descriptor.display_name);
        digest::post(services.store.as_ref(), courier, &account, name, &digest, app.now()).await?;
    }
    Ok(())
}

/// Posts the drafts that were made by themselves and wait for the person, one event each.
///
/// # Errors
/// The store's.
pub async fn post_drafts(app: &App, services: &Services, courier: &Courier) -> Result<(), AppError> {
    if !courier.wants(EventKind::ProposalDrafted) {
        return Ok(());
    }
    let scope = Scope::profile(&app.config().profile.name);
    let filter = ProposalFilter { limit: MAX_DRAFTS, ..ProposalFilter::all(scope) };
    let waiting = services.store.proposals(&filter.in_states(&[State::Draft, State::Review])).await?;
    let since = app.now().saturating_sub(DRAFTED_SINCE);
    for of in waiting.into_iter().filter(|of| of.content.origin != Origin::Person && of.created_at > since) {
        courier.post(drafted(&of)).await?;
    }
    Ok(())
}

fn drafted(of: &Proposal) -> Notice {
    let (number, content) = (of.number, &of.content);
    let message = match of.state {
        State::Review => "It waits for your review",
        _ => "Something in it is still yours to write",
    };
    let facts = json!({
        "number": number, "id": content.draft.posting, "url": content.url, "state": of.state,
        "score": content.score.map(crate::lead::Score::points),
    });
    Notice {
        kind: EventKind::ProposalDrafted,
        epoch: format!("{number} at {}", of.created_at),
        title: format!("Drafted: {}", content.title),
        message: message.to_owned(),
        remedy: Some(format!("Look at it: `ghoststack prospector proposals show {number}`")),
        facts: facts.as_object().cloned().unwrap_or_default(),
        account: of.account.clone(),
    }
}

/// Posts how the scan of one platform has ended.
///
/// # Errors
/// As [`post_scans`].
pub async fn post_scan(app: &App, services: &Services, row: PlatformRow) -> Result<(), AppError> {
    let result = ScanResult { platforms: vec![row], ..ScanResult::default() };
    post_scans(app, services, &app.courier(services), &result).await
}

/// Posts how scans have ended.
///
/// # Errors
/// The store's and the vault's.
pub async fn post_scans(
    app: &App,
    services: &Services,
    courier: &Courier,
    result: &ScanResult,
) -> Result<(), AppError> {
    post_failures(app, services, courier, result).await?;
    post_completed(app, services, courier, result).await
}

/// Posts the latest scans that have ended well. They are looked up in the store, so that one whose process has died since is told of by the next.
async fn post_completed(
    app: &App,
    services: &Services,
    courier: &Courier,
    result: &ScanResult,
) -> Result<(), AppError> {
    if !courier.wants(EventKind::ScanCompleted) {
        return Ok(());
    }
    for row in &result.platforms {
        let account = app.account(&row.platform);
        let latest = services.store.scans(&(&account).into(), app.now(), 1).await?;
        if let Some(scan) = latest.into_iter().find(|scan| scan.state == ScanState::Succeeded) {
            courier.post(scan_completed(account, &scan)).await?;
        }
    }
    Ok(())
}

fn scan_completed(account: AccountKey, scan: &ScanRecord) -> Notice {
    let ScanCounts { new, changed, kept, skipped, .. } = scan.counts;
    let facts = json!({
        "new": new, "changed": changed, "leads": kept, "skipped": skipped, "started_at": scan.started_at,
    });
    Notice {
        kind: EventKind::ScanCompleted,
        epoch: format!("{} at {}", scan.id.number(), scan.started_at),
        title: format!("{} was scanned", account.platform),
        message: format!("{new} new, {changed} changed; {kept} leads, {skipped} skipped"),
        remedy: None,
        facts: facts.as_object().cloned().unwrap_or_default(),
        account,
    }
}

/// One event for each kind of failure until a scan ends well.
pub(crate) fn scan_failed(account: AccountKey, error: &ErrorRow, last_sync: Option<i64>) -> Notice {
    let since = last_sync.map_or_else(|| "never".to_owned(), |at| at.to_string());
    Notice {
        kind: EventKind::ScanFailed,
        epoch: format!("{} since {since}", error.kind),
        title: format!("A scan of {} failed", account.platform),
        message: error.message.clone(),
        remedy: error.remedy.clone(),
        facts: Map::from_iter([("kind".to_owned(), json!(error.kind)), ("last_sync_at".to_owned(), json!(last_sync))]),
        account,
    }
}

/// Sends a test through the channels, or the one of this name.
///
/// # Errors
/// Where there is none, with what to do.
pub async fn test(courier: &Courier, account: AccountKey, only: Option<&str>) -> Result<Vec<Attempted>, AppError> {
    let all = courier.channels();
    if all.is_empty() {
        return Err(AppError::NoChannel);
    }
    let chosen: Vec<&Channel> = all.iter().filter(|channel| only.is_none_or(|name| channel.name == name)).collect();
    if chosen.is_empty() {
        let names: Vec<&str> = all.iter().map(|channel| channel.name.as_str()).collect();
        let asked = only.unwrap_or_default();
        return Err(AppError::Usage(format!("no channel is called `{asked}`; there are: {}", names.join(", "))));
    }
    let notice = Notice {
        kind: EventKind::Test,
        account,
        epoch: String::new(),
        title: "Prospector: a test".to_owned(),
        message: "Notifications reach you here.".to_owned(),
        remedy: None,
        facts: Map::new(),
    };
    courier.test(&chosen, notice).await.map_err(AppError::Machine)
}

/// What is in the outbox, the latest event first.
///
/// # Errors
/// The store's.
pub async fn list(
    app: &App,
    services: &Services,
    state: Option<DeliveryState>,
    limit: u32,
) -> Result<Vec<Delivery>, StoreError> {
    services.store.deliveries(&OutboxFilter { profile: app.config().profile.name.clone(), state, limit }).await
}
