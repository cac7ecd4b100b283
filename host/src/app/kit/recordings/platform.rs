//! A platform at work: whose account it is, and a scan, through the real pipeline, of which nothing is stored.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use serde_json::{Value, json};

use super::file::{Recording, Scoring};
use super::judging;
use crate::app::posting::{plain, posting_row};
use crate::app::scan::lead_row;
use crate::capability::Capabilities;
use crate::capability::ephemeral::Ephemeral;
use crate::capability::http::gate::Gate;
use crate::capability::http::policy::Policy;
use crate::clock::Clock;
use crate::contract::account::{Holding, Identity};
use crate::contract::search::{Page as FoundPage, Query};
use crate::contract::types::{Attribute, Context, Posting};
use crate::lead::AccountKey;
use crate::pipeline::course::Reach;
use crate::pipeline::judge::Customs;
use crate::pipeline::{self, Observer, Platform, PluginPlatform, ScanReport, ScanRequest, context};
use crate::plugin::fault::CallError;
use crate::plugin::platform::{Judged, PlatformPlugin, Work};
use crate::store::{Page, PageSummary, ScanFailure, Store};

/// What is asked of it.
pub struct Asked {
    /// Its settings, as it is given them.
    pub settings: Vec<Attribute>,
    /// The rest of what it judges by.
    pub judging: judging::By,
    /// Postings fetched at most.
    pub limit: u32,
}

impl Asked {
    /// What a recording asks, with these settings.
    #[must_use]
    pub fn by(recording: &Recording, settings: Vec<Attribute>) -> Asked {
        Asked { settings, judging: judging::By::of(recording), limit: recording.limit.unwrap_or_default() }
    }
}

/// The account that it works for where there is none.
#[must_use]
pub fn nobody(platform: &str) -> AccountKey {
    AccountKey { profile: "recording".to_owned(), platform: platform.to_owned(), account: "default".to_owned() }
}

/// What a plugin needs to work without a home: nothing is kept, nothing is audited.
#[must_use]
pub fn work(
    plugin: &PlatformPlugin,
    policy: Policy,
    carrier: Arc<dyn crate::capability::http::carrier::Carrier>,
    credentials: Arc<dyn crate::capability::Credentials>,
    store: &Arc<dyn Store>,
    clock: &Arc<dyn Clock>,
) -> Work {
    let data = Arc::new(Ephemeral::over(store.clone()));
    let gate = Gate::over(policy, carrier, credentials.clone(), data.clone(), clock.clone());
    let capabilities = Capabilities { gate, credentials, data, clock: clock.clone() };
    Work { account: nobody(plugin.id()), capabilities: Arc::new(capabilities) }
}

/// What came of it.
pub struct Came {
    /// Whose account it is, where that was told.
    pub identity: Option<Identity>,
    /// Why the scan ended early, if it did.
    pub failure: Option<ScanFailure>,
    /// All of it, as it is recorded.
    pub result: Value,
}

/// Has it tell whose account it works for, and scan. `store` is only read.
///
/// # Errors
/// The store's.
pub async fn run(
    plugin: &Arc<PlatformPlugin>,
    work: Work,
    asked: Asked,
    store: &dyn Store,
) -> Result<Came, crate::store::StoreError> {
    let clock = work.capabilities.clock.clone();
    let (identity, told) = match plugin.identify(&work, &asked.settings).await {
        Ok(identity) => {
            let told = identity_row(&identity);
            (Some(identity), told)
        }
        Err(error) => (None, json!({"failure": failure(&pipeline::failure(&error))})),
    };
    let judging::By { profile, parameters, weighing, .. } = asked.judging;
    let request = ScanRequest {
        account: work.account.clone(),
        settings: asked.settings,
        filters: Vec::new(),
        profile,
        parameters,
        weights: weighing,
        customs: Customs::default(),
        rules: Vec::new(),
        limit: asked.limit,
        reach: Reach::Everything,
        dry_run: true,
        owner: "a recording".to_owned(),
    };
    let watched = Watched { inner: PluginPlatform { plugin: plugin.clone(), work }, found: Mutex::default() };
    let mut pages = Pages(Vec::new());
    let report = pipeline::scan(&watched, store, clock.as_ref(), &request, &mut pages).await?;
    let found = watched.found.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut result = scan(plugin.id(), &report, &found, &pages.0);
    result["account"] = told;
    Ok(Came { identity, failure: report.failure, result })
}

/// A platform whose postings are remembered as it gave them.
struct Watched {
    inner: PluginPlatform,
    found: Mutex<Vec<Posting>>,
}

#[async_trait]
impl Platform for Watched {
    async fn search(&self, query: &Query) -> Result<FoundPage, CallError> {
        let page = self.inner.search(query).await?;
        self.found.lock().unwrap_or_else(PoisonError::into_inner).extend(page.postings.iter().cloned());
        Ok(page)
    }

    async fn judge(&self, context: &Context, postings: &mut [Posting]) -> Result<Vec<Judged>, CallError> {
        self.inner.judge(context, postings).await
    }
}

struct Pages(Vec<Page>);

impl Observer for Pages {
    fn page(&mut self, page: &Page, _: &PageSummary) {
        self.0.push(page.clone());
    }

    fn progress(&mut self, _: u64, _: Option<u64>) {}
}

fn identity_row(of: &Identity) -> Value {
    let permission = |permission: &crate::contract::account::Permission| {
        let holding = match permission.holding {
            Holding::Held => "held",
            Holding::Missing => "missing",
            Holding::Unverified => "unverified",
        };
        json!({"name": permission.scope, "holding": holding})
    };
    let attributes: serde_json::Map<String, Value> =
        of.attributes.iter().map(|extra| (extra.name.clone(), plain(&extra.value))).collect();
    let permissions: Vec<Value> = of.permissions.iter().map(permission).collect();
    json!({"id": of.id, "username": of.username, "permissions": permissions, "attributes": attributes})
}

fn failure(of: &ScanFailure) -> Value {
    json!({"kind": of.kind, "message": of.message, "remedy": of.remedy})
}

fn scan(platform: &str, report: &ScanReport, found: &[Posting], pages: &[Page]) -> Value {
    let leads = || pages.iter().flat_map(|page| &page.leads);
    let skipped = || pages.iter().flat_map(|page| &page.skipped);
    let judged = |posting: &Posting| {
        let mut row = json!(posting_row(posting));
        if let Some(lead) = leads().find(|lead| lead.posting.id == posting.id) {
            let lead = lead_row(platform, lead);
            row["verdict"] = json!("keep");
            row["score"] = json!(lead.score);
            row["confidence"] = json!(lead.confidence);
            row["breakdown"] = json!(lead.breakdown);
            row["adjustments"] = json!(lead.adjustments);
            if !lead.faults.is_empty() {
                row["faults"] = json!(lead.faults);
            }
        } else if let Some(skip) = skipped().find(|skip| skip.id == posting.id) {
            row["verdict"] = json!({"drop": {"filter": skip.filter, "reason": skip.reason}});
        }
        row
    };
    let is_found = |id: &str| found.iter().any(|posting| posting.id == id);
    let unreadable: Vec<Value> = skipped()
        .filter(|skip| !is_found(&skip.id))
        .map(|skip| json!({"id": skip.id, "title": skip.title, "reason": skip.reason}))
        .collect();
    let notice = |notice: &crate::contract::search::Notice| json!({"title": pipeline::notice_title(notice.kind), "subject": notice.subject, "message": notice.message});
    json!({
        "failure": report.failure.as_ref().map(failure),
        "notices": report.notices.iter().map(notice).collect::<Vec<_>>(),
        "postings": found.iter().map(judged).collect::<Vec<_>>(),
        "unreadable": unreadable,
    })
}

/// The `scoring` section as recordings have it.
#[must_use]
pub fn scoring(of: &crate::config::Scoring) -> Scoring {
    Scoring { parameters: judging::nested(&context::parameters(of)), weights: context::weighing(of).weights }
}
