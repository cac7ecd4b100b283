//! One scan: discover, deduplicate, screen, score, store; a page at a time, so that memory does not grow with the number of pages.
//!
//! ```text
//! platform.search(cursor) --page--> deduplicate --> platform.judge --> compose --> store.record_page
//!        ^                                            |  drops: skipped, with the reason        |
//!        +------------------- next cursor <-----------+-----------------------------------------+
//! ```
//!
//! It knows a platform through the trait [`Platform`] and the store through its own, so it runs without WebAssembly in tests. It
//! never prints: what it makes of each page goes to an [`Observer`], and the whole to a [`ScanReport`].

mod asking;
pub mod context;
pub mod course;
mod failure;
pub mod judge;
pub mod ranking;
pub mod rules;
pub mod score;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;

use crate::clock::Clock;
use crate::config::{Rule, RuleAction};
use crate::contract::search::{Notice, Page as FoundPage, Query, Unreadable};
use crate::contract::types::{Attribute, Context, ErrorKind, Posting, Profile, UtcSeconds};
use crate::lead::{AccountKey, Applied, Explained, Lead, Novelty, Passed, Skipped, Stage};
use crate::plugin::digest::Digest;
use crate::plugin::fault::CallError;
use crate::plugin::platform::{Judged, PlatformPlugin, Work};
use course::{Course, Reach};
pub use failure::{STOPPED, failure, notice_title};
use failure::{stopped, stuck};

use crate::store::{Page, PageSummary, Progress, ScanFailure, ScanId, ScanLease, ScanOutcome, Store, StoreError};
use crate::subject::Subject;

/// Postings asked for at once. Each call of a plugin costs some 60 us whatever it brings; a scan that is killed has read as many for nothing.
pub const PAGE: u32 = 200;
/// Pages of one scan at most: a platform that never comes to an end is stopped here.
const MAX_PAGES: u32 = 2_000;
/// Pages in a row that bring nothing new. Platforms may give fewer postings a page than are asked for.
const MAX_BARREN_PAGES: u32 = 20;
/// How long a scan holds its account without a sign of life.
const LEASE: Duration = Duration::from_secs(5 * 60);
/// The longest wait of a platform's that a scan sits out; a longer one ends it, and is told.
const MAX_WAIT: Duration = Duration::from_secs(60);
/// Waits that it sits out for one page.
const MAX_WAITS: u32 = 2;
/// Notices that are kept of a scan.
const MAX_NOTICES: usize = 50;

/// What a scan asks of a platform.
#[async_trait]
pub trait Platform: Send + Sync {
    /// A page of postings.
    ///
    /// # Errors
    /// The platform's or the plugin's.
    async fn search(&self, query: &Query) -> Result<FoundPage, CallError>;

    /// An answer for each posting, in their order. The postings are left as they are.
    ///
    /// # Errors
    /// The plugin's.
    async fn judge(&self, context: &Context, postings: &mut [Posting]) -> Result<Vec<Judged>, CallError>;
}

/// A platform's plugin at work for an account.
pub struct PluginPlatform {
    /// The plugin.
    pub plugin: Arc<PlatformPlugin>,
    /// For whom and with what.
    pub work: Work,
}

#[async_trait]
impl Platform for PluginPlatform {
    async fn search(&self, query: &Query) -> Result<FoundPage, CallError> {
        self.plugin.search(&self.work, query).await
    }

    async fn judge(&self, context: &Context, postings: &mut [Posting]) -> Result<Vec<Judged>, CallError> {
        self.plugin.judge(context, postings).await
    }
}

/// What a scan is to do.
#[derive(Clone, Debug)]
pub struct ScanRequest {
    /// Whose account.
    pub account: AccountKey,
    /// The platform's settings.
    pub settings: Vec<Attribute>,
    /// Those of them that drop postings and are on, with what they are set to: see [`crate::config::PlatformSection::filters`].
    pub filters: Vec<(String, String)>,
    /// The person whose leads they are.
    pub profile: Profile,
    /// The `scoring` section, as plugins are given it.
    pub parameters: Vec<Attribute>,
    /// How signals are weighed.
    pub weights: score::Weighing,
    /// The person's own filters and scorers.
    pub customs: judge::Customs,
    /// The person's rules.
    pub rules: Vec<Rule>,
    /// Postings fetched at most.
    pub limit: u32,
    /// What is looked at. A dry run looks at everything.
    pub reach: Reach,
    /// Store nothing.
    pub dry_run: bool,
    /// What other processes are told of who scans.
    pub owner: String,
}

impl ScanRequest {
    /// Of what is asked for and what it is judged by: where that has changed, what is known of the platform's postings is worth nothing.
    fn fingerprint(&self) -> String {
        let judged_by = (&self.parameters, &self.weights.weights, self.weights.adjustment_max);
        let custom = |of: &judge::Configured| format!("{} {:?}", of.plugin.fingerprint(), of.settings);
        let customs =
            [&self.customs.filters, &self.customs.scorers].map(|list| list.iter().map(custom).collect::<Vec<_>>());
        let all =
            format!("{:?} {:?} {} {judged_by:?} {customs:?} {:?}", self.settings, self.profile, self.limit, self.rules);
        Digest::of(all.as_bytes()).to_string()
    }
}

/// Is told what a scan does while it does it.
pub trait Observer: Send {
    /// A page was judged. `known` says for each lead and each skipped posting whether it is new.
    fn page(&mut self, page: &Page, known: &PageSummary);

    /// How far it is: postings fetched so far, and in all where the platform says.
    fn progress(&mut self, fetched: u64, total: Option<u64>);

    /// Whether the scan is to go on after the page that it has just stored.
    fn goes_on(&self) -> bool {
        true
    }
}

/// What a scan came to. What it found until a failure is stored and counted all the same.
#[derive(Clone, Debug, Default)]
pub struct ScanReport {
    /// Postings that the platform delivered, unreadable ones included, repeats not.
    pub fetched: u64,
    /// Never seen before.
    pub new: u64,
    /// Seen before, and different now.
    pub changed: u64,
    /// Kept.
    pub kept: u64,
    /// Dropped.
    pub skipped: u64,
    /// What the person should know.
    pub notices: Vec<Notice>,
    /// Why it ended early.
    pub failure: Option<ScanFailure>,
    /// What was left out as unchanged since then, as far as the platform can tell; none where everything was looked at.
    pub since: Option<UtcSeconds>,
    /// Postings that a scan which was cut off had fetched before: this one went on where that ended.
    pub resumed_after: u64,
    /// How long the platform asks to be left alone after that, where it says.
    pub retry_after: Option<Duration>,
    /// From its beginning to its end.
    pub duration: Duration,
}

/// Runs one scan.
///
/// # Errors
/// The store's: another scan of the account is under way, or the store cannot be written. A platform's failure is not an error here but
/// part of the report.
pub async fn scan(
    platform: &dyn Platform,
    store: &dyn Store,
    clock: &dyn Clock,
    request: &ScanRequest,
    observer: &mut dyn Observer,
) -> Result<ScanReport, StoreError> {
    let started = Instant::now();
    let open = match request.dry_run {
        true => None,
        false => {
            let lease = store.acquire_scan_lease(&request.account, &request.owner, clock.now(), LEASE).await?;
            match store.begin_scan(&lease, clock.now()).await {
                Ok(id) => Some((lease, id)),
                Err(error) => {
                    store.release_scan_lease(&lease).await?;
                    return Err(error);
                }
            }
        }
    };
    let course = match request.dry_run {
        true => Course::set(Reach::Everything, None, "", clock.now()),
        false => {
            let known = store.progress(&request.account).await?;
            Course::set(request.reach, known, &request.fingerprint(), clock.now())
        }
    };
    let report = ScanReport { since: course.since(), resumed_after: course.fetched_before(), ..ScanReport::default() };
    let patiences = judge::Patiences::with(&request.customs);
    let mut scan =
        Scan { platform, store, clock, request, open: open.as_ref(), course, patiences, report, seen: HashSet::new() };
    let walked = scan.walk(observer).await;
    let mut report = scan.report;
    report.duration = started.elapsed();
    if let Some((lease, id)) = &open {
        if walked.is_ok() {
            store.finish_scan(id, clock.now(), &outcome(&report)).await?;
        }
        store.release_scan_lease(lease).await?;
    }
    walked.map(|()| report)
}

fn outcome(report: &ScanReport) -> ScanOutcome {
    ScanOutcome {
        fetched: report.fetched,
        notices: report.notices.iter().map(|notice| format!("{}: {}", notice.subject, notice.message)).collect(),
        failure: report.failure.clone(),
        duration: report.duration,
    }
}

struct Scan<'a> {
    platform: &'a dyn Platform,
    store: &'a dyn Store,
    clock: &'a dyn Clock,
    request: &'a ScanRequest,
    /// None in a dry run.
    open: Option<&'a (ScanLease, ScanId)>,
    course: Course,
    patiences: judge::Patiences,
    report: ScanReport,
    /// Postings met so far: a platform's pages shift while they are read.
    seen: HashSet<String>,
}

impl Scan<'_> {
    /// Goes through the platform's pages. A failure of the platform's ends the walk and is noted in the report; where it stopped is kept.
    async fn walk(&mut self, observer: &mut dyn Observer) -> Result<(), StoreError> {
        let mut cursor = self.course.cursor().map(str::to_owned);
        let mut barren = 0;
        for _ in 0..MAX_PAGES {
            let wanted = u64::from(self.request.limit).saturating_sub(self.report.resumed_after + self.report.fetched);
            if wanted == 0 {
                return self.keep(self.course.ended()).await;
            }
            let query = Query {
                now: self.clock.now(),
                settings: self.request.settings.clone(),
                profile: self.request.profile.clone(),
                cursor: cursor.clone(),
                limit: PAGE.min(u32::try_from(wanted).unwrap_or(PAGE)),
                since: self.course.since(),
            };
            let mut found = match self.search(&query).await? {
                Ok(found) => found,
                // The cursor of another day, perhaps of another version of the plugin.
                Err(CallError::Refused(error)) if error.kind == ErrorKind::InvalidInput && self.is_resuming() => {
                    self.course = self.course.clone().from_the_first_page();
                    (cursor, self.report.resumed_after) = (None, 0);
                    continue;
                }
                Err(error) => {
                    self.fail(&error);
                    return Ok(());
                }
            };
            let (next, total) = (found.next.take(), found.total);
            let before = self.report.fetched;
            let gone_on = self.take(found, observer).await?;
            observer.progress(self.report.fetched, total);
            if !gone_on {
                return Ok(());
            }
            barren = if self.report.fetched == before { barren + 1 } else { 0 };
            match next {
                None => return self.keep(self.course.ended()).await,
                Some(next) if cursor.as_ref() == Some(&next) || barren > MAX_BARREN_PAGES => break,
                Some(next) => {
                    self.keep(self.course.went_on(&next, self.report.fetched)).await?;
                    if !observer.goes_on() {
                        self.report.failure = Some(stopped());
                        return Ok(());
                    }
                    cursor = Some(next);
                }
            }
        }
        self.report.failure = Some(stuck());
        self.keep(self.course.given_up()).await
    }

    /// Whether nothing was read yet but by the scan that this one goes on with.
    fn is_resuming(&self) -> bool {
        self.course.is_resumed() && self.report.fetched == 0
    }

    /// Keeps how far the postings are known.
    async fn keep(&self, progress: Progress) -> Result<(), StoreError> {
        match self.open {
            Some(_) => self.store.set_progress(&self.request.account, &progress).await,
            None => Ok(()),
        }
    }

    fn fail(&mut self, error: &CallError) {
        self.report.failure = Some(failure(error));
        if let CallError::Refused(refused) = error {
            self.report.retry_after = refused.retry_after.map(|seconds| Duration::from_secs(seconds.into()));
        }
    }

    /// Asks for a page; again after the wait that the platform asks for, where that is short.
    async fn search(&mut self, query: &Query) -> Result<Result<FoundPage, CallError>, StoreError> {
        for _ in 0..MAX_WAITS {
            let refused = match self.platform.search(query).await {
                Err(CallError::Refused(error)) if error.kind == ErrorKind::RateLimited => error,
                answered => return Ok(answered),
            };
            let Some(wait) =
                refused.retry_after.map(|s| Duration::from_secs(u64::from(s))).filter(|wait| *wait <= MAX_WAIT)
            else {
                return Ok(Err(CallError::Refused(refused)));
            };
            tracing::warn!(
                platform = self.request.account.platform,
                seconds = wait.as_secs(),
                "too many requests: waiting before the next"
            );
            if let Some((lease, _)) = self.open {
                self.store.renew_scan_lease(lease, self.clock.now(), LEASE).await?;
            }
            self.clock.wait(wait).await;
        }
        Ok(self.platform.search(query).await)
    }

    /// Judges and stores one page; false if the scan should end with it.
    async fn take(&mut self, found: FoundPage, observer: &mut dyn Observer) -> Result<bool, StoreError> {
        for notice in found.notices {
            if self.report.notices.len() < MAX_NOTICES && !self.report.notices.contains(&notice) {
                self.report.notices.push(notice);
            }
        }
        let postings: Vec<Posting> =
            found.postings.into_iter().filter(|posting| self.seen.insert(posting.id.clone())).collect();
        let mut page = Page { leads: Vec::with_capacity(postings.len()), skipped: Vec::new() };
        for item in found.unreadable {
            let skipped = unreadable(item);
            if self.seen.insert(skipped.id.clone()) {
                page.skipped.push(skipped);
            }
        }
        self.report.fetched += (postings.len() + page.skipped.len()) as u64;
        let context = Context {
            now: self.clock.now(),
            profile: self.request.profile.clone(),
            settings: self.request.settings.clone(),
            parameters: self.request.parameters.clone(),
        };
        let judged = judge::judge(self.platform, &self.request.customs, &context, postings, &mut self.patiences).await;
        for (posting, outcome) in judged.postings {
            self.decide(posting, outcome, context.now, &mut page);
        }
        let summary = match self.open {
            Some((lease, id)) => {
                self.store.renew_scan_lease(lease, self.clock.now(), LEASE).await?;
                self.store.record_page(id, self.clock.now(), &page).await?
            }
            None => self.store.compare_page(&self.request.account, &page).await?,
        };
        self.report.kept += page.leads.len() as u64;
        self.report.skipped += page.skipped.len() as u64;
        self.report.new += count(&summary, Novelty::New);
        self.report.changed += count(&summary, Novelty::Changed);
        observer.page(&page, &summary);
        if let Some(error) = judged.refused {
            self.fail(&error);
            return Ok(false);
        }
        Ok(true)
    }
}

impl Scan<'_> {
    /// Weighs what was said of a posting, and runs the rules over it: a lead of the page, or a skipped posting.
    fn decide(&self, posting: Posting, outcome: judge::Outcome, now: UtcSeconds, page: &mut Page) {
        let mut skip = |posting: Posting, stage, filter, reason| {
            page.skipped.push(Skipped {
                id: posting.id,
                title: posting.title,
                url: Some(posting.url),
                stage,
                filter,
                reason,
            });
        };
        let judgement = match outcome {
            judge::Outcome::Drop { stage, filter, reason } => return skip(posting, stage, filter, reason),
            judge::Outcome::Keep(judgement) => judgement,
        };
        let mut passed = self.passed(&judgement);
        let mut explained = self.request.weights.compose(judgement);
        let subject =
            Subject { platform: &self.request.account.platform, posting: &posting, explained: &explained, now };
        match rules::first_match(&self.request.rules, &subject) {
            Some((rule, reason)) if rule.action == RuleAction::Exclude => {
                return skip(posting, Stage::Rule, rule.name.clone(), reason);
            }
            Some((rule, reason)) => {
                explained.rule = Some(Applied { name: rule.name.clone(), action: rule.action, reason });
            }
            None => {}
        }
        let decided = explained.rule.as_ref().map(|rule| rule.name.as_str());
        let asked = self.request.rules.iter().take_while(|rule| Some(rule.name.as_str()) != decided);
        passed.extend(asked.filter(|rule| rule.action == RuleAction::Exclude).map(|rule| Passed {
            stage: Stage::Rule,
            filter: rule.name.clone(),
            set_to: None,
        }));
        page.leads.push(Lead { posting, explained: Explained { passed, ..explained } });
    }

    /// The filters that are on, and have kept a posting.
    fn passed(&self, said: &judge::Judgement) -> Vec<Passed> {
        let of_platform = self.request.filters.iter().filter(|_| said.platform.is_some());
        let of_platform = of_platform.map(|(name, set_to)| Passed {
            stage: Stage::Screening,
            filter: name.clone(),
            set_to: Some(set_to.clone()),
        });
        let ids = self.request.customs.filters.iter().map(|filter| filter.plugin.id());
        let own = ids.filter(|id| !said.failed.iter().any(|failed| failed == id)).map(|id| Passed {
            stage: Stage::Filter,
            filter: id.to_owned(),
            set_to: None,
        });
        of_platform.chain(own).collect()
    }
}

fn count(summary: &PageSummary, novelty: Novelty) -> u64 {
    summary.leads.iter().chain(&summary.skipped).filter(|known| **known == novelty).count() as u64
}

/// An item that could not be read, as a skipped posting. One without an identifier gets one from what is known of it, the same each time.
fn unreadable(item: Unreadable) -> Skipped {
    let id = item.id.unwrap_or_else(|| {
        let known = format!("{}\n{}", item.title.as_deref().unwrap_or_default(), item.reason);
        format!("unreadable-{}", &Digest::of(known.as_bytes()).to_hex()[..16])
    });
    Skipped {
        id,
        title: item.title.unwrap_or_default(),
        url: None,
        stage: Stage::Read,
        filter: "unreadable".to_owned(),
        reason: item.reason,
    }
}

#[cfg(test)]
mod tests;
