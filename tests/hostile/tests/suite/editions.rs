//! Two versions of the contract side by side: today's, and one that does not exist and breaks with it in everything.

use std::sync::Arc;

use async_trait::async_trait;
use ghoststack::contract::account::{Explanation, Identity, Refusal};
use ghoststack::contract::descriptor::{Authentication, AutomaticSubmission, Descriptor};
use ghoststack::contract::judgement::{Drop, Evaluation, Signal, SignalKind, Verdict};
use ghoststack::contract::log::{Host as _, Level};
use ghoststack::contract::search::{Page, Query};
use ghoststack::contract::types::{Attribute, Budget, Context, Delivery, Error, ErrorKind, Posting};
use ghoststack::plugin::component::World;
use ghoststack::plugin::custom::CustomPlugin;
use ghoststack::plugin::edition::{Answer, Edition, Editions, Exports, Guest};
use ghoststack::plugin::engine::Engine;
use ghoststack::plugin::platform::{Judged, PlatformPlugin};
use ghoststack::plugin::session::Session;
use prospector_hostile::guest::{self, ENGINE, MADE_UP_FILTER, MADE_UP_PLATFORM};
use prospector_hostile::posting;
use prospector_hostile::scene::Scene;
use wasmtime::component::{HasSelf, InstancePre, Linker};

mod bindings {
    wasmtime::component::bindgen!({
        world: "ghoststack:prospector/platform",
        path: "madeup/wit",
        imports: { default: trappable },
        exports: { default: async },
    });
}

use bindings::exports::ghoststack::prospector::{account, descriptor, scoring, screening, search};
use bindings::ghoststack::prospector::{log, types};

/// The edition that serves 0.2.0.
struct MadeUp;

impl Edition for MadeUp {
    fn version(&self) -> &'static str {
        "0.2.0"
    }

    fn wit(&self) -> &'static [(&'static str, &'static str)] {
        &[("contract.wit", include_str!("../../madeup/wit/contract.wit"))]
    }

    fn link(&self, linker: &mut Linker<Session>) -> wasmtime::Result<()> {
        bindings::Platform::add_to_linker::<_, HasSelf<Session>>(linker, |session| session)
    }

    fn exports(
        &self,
        component: &InstancePre<Session>,
        has: &dyn Fn(&str) -> bool,
    ) -> wasmtime::Result<Box<dyn Exports>> {
        Ok(Box::new(Found {
            descriptor: descriptor::GuestIndices::new(component)?,
            screening: screening::GuestIndices::new(component)?,
            account: has("account").then(|| account::GuestIndices::new(component)).transpose()?,
            search: has("search").then(|| search::GuestIndices::new(component)).transpose()?,
            scoring: has("scoring").then(|| scoring::GuestIndices::new(component)).transpose()?,
        }))
    }
}

impl types::Host for Session {}

/// What the made-up `log` is to today's.
impl log::Host for Session {
    fn say(&mut self, text: String) -> wasmtime::Result<()> {
        self.log(Level::Info, text, Vec::new())
    }
}

struct Found {
    descriptor: descriptor::GuestIndices,
    screening: screening::GuestIndices,
    account: Option<account::GuestIndices>,
    search: Option<search::GuestIndices>,
    scoring: Option<scoring::GuestIndices>,
}

#[async_trait]
impl Exports for Found {
    fn check(&self, guest: Guest<'_>) -> wasmtime::Result<()> {
        self.descriptor.load(&mut *guest.store, guest.instance)?;
        self.screening.load(&mut *guest.store, guest.instance)?;
        Ok(())
    }

    async fn describe(&self, guest: Guest<'_>) -> wasmtime::Result<Descriptor> {
        let bound = self.descriptor.load(&mut *guest.store, guest.instance)?;
        let of = bound.call_describe(guest.store).await?;
        Ok(Descriptor {
            id: of.id,
            display_name: of.name,
            version: of.version,
            summary: "Made up".to_owned(),
            origins: Vec::new(),
            routes: Vec::new(),
            authentication: Authentication::None,
            settings: r#"{"type":"object"}"#.to_owned(),
            rate_limits: Vec::new(),
            content_retention: None,
            automatic_submission: AutomaticSubmission::Forbidden,
            judges_without: Vec::new(),
        })
    }

    async fn identify(&self, guest: Guest<'_>, _: &[Attribute]) -> Answer<Identity> {
        let bound = self.account.as_ref().expect("a platform").load(&mut *guest.store, guest.instance)?;
        let identified = bound.call_identify(guest.store).await?;
        Ok(identified.map_err(error).map(|name| Identity {
            id: name.clone(),
            username: name,
            permissions: Vec::new(),
            attributes: Vec::new(),
        }))
    }

    async fn explain(&self, guest: Guest<'_>, refusal: &Refusal) -> wasmtime::Result<Option<Explanation>> {
        let bound = self.account.as_ref().expect("a platform").load(&mut *guest.store, guest.instance)?;
        let said = bound.call_explain(guest.store, refusal.code.as_deref().unwrap_or_default()).await?;
        Ok(said.map(|message| Explanation { title: String::new(), message, remedy: String::new(), permanent: false }))
    }

    async fn search(&self, guest: Guest<'_>, query: &Query) -> Answer<Page> {
        let bound = self.search.as_ref().expect("a platform").load(&mut *guest.store, guest.instance)?;
        let jobs = bound.call_search(guest.store, query.now).await?;
        Ok(jobs.map_err(error).map(|jobs| Page {
            postings: jobs.into_iter().map(posting_of).collect(),
            unreadable: Vec::new(),
            notices: Vec::new(),
            next: None,
            total: None,
        }))
    }

    async fn screen(&self, guest: Guest<'_>, _: &Context, postings: &[Posting]) -> Answer<Vec<Verdict>> {
        let bound = self.screening.load(&mut *guest.store, guest.instance)?;
        let jobs: Vec<_> = postings.iter().map(job).collect();
        let verdict = |why: Option<String>| match why {
            Some(reason) => Verdict::Drop(Drop { filter: "made_up".to_owned(), reason }),
            None => Verdict::Keep,
        };
        let verdicts = bound.call_screen(guest.store, &jobs).await?;
        Ok(verdicts.map_err(error).map(|verdicts| verdicts.into_iter().map(verdict).collect()))
    }

    async fn score(&self, guest: Guest<'_>, _: &Context, postings: &[Posting]) -> Answer<Vec<Evaluation>> {
        let bound = self.scoring.as_ref().expect("a platform").load(&mut *guest.store, guest.instance)?;
        let jobs: Vec<_> = postings.iter().map(job).collect();
        let evaluation = |percent: u8| {
            let signal = Signal {
                kind: SignalKind::Budget,
                value: f64::from(percent) / 100.0,
                raw: format!("{percent}%"),
                reason: String::new(),
                missing: Vec::new(),
                confidence: 1.0,
            };
            Evaluation { signals: vec![signal], adjustments: Vec::new() }
        };
        let scores = bound.call_score(guest.store, &jobs).await?;
        Ok(scores.map_err(error).map(|scores| scores.into_iter().map(evaluation).collect()))
    }
}

fn job(posting: &Posting) -> types::Job {
    let pays = posting.budget.as_ref().and_then(|budget| budget.maximum);
    let usd = pays.and_then(|hundredths| u64::try_from(hundredths / 100).ok());
    types::Job { id: posting.id.clone(), headline: posting.title.clone(), usd }
}

fn posting_of(job: types::Job) -> Posting {
    let hundredths = |usd: u64| i64::try_from(usd).expect("a budget") * 100;
    let budget = job.usd.map(|usd| Budget {
        minimum: None,
        maximum: Some(hundredths(usd)),
        currency: "USD".to_owned(),
        usd_rate: Some(1.0),
    });
    Posting { title: job.headline, budget, ..posting::plain(&job.id) }
}

fn error(message: String) -> Error {
    let (code, remedy, retry_after) = (None, None, None);
    Error { kind: ErrorKind::Internal, code, message, remedy, delivery: Delivery::NotSent, retry_after }
}

/// An engine that serves both.
fn both() -> Engine {
    ENGINE.serving(Editions::default().and(Arc::new(MadeUp)))
}

#[tokio::test]
async fn a_plugin_of_each_version_works_beside_the_other() {
    let (engine, scene) = (both(), Scene::open().await);
    let made_up = PlatformPlugin::load(&engine, "made-up", MADE_UP_PLATFORM).await.expect("it is served");
    let todays = PlatformPlugin::load(&engine, "todays", guest::PLATFORM).await.expect("it is served still");
    assert_eq!((made_up.inspected.contract(), todays.inspected.contract()), ("0.2.0", "0.1.0"));
    assert_eq!((made_up.id(), made_up.descriptor.display_name.as_str()), ("made-up", "Made Up"));
    // What it exports and imports is put into today's types.
    let work = scene.work(&made_up, &[]);
    assert_eq!(made_up.identify(&work, &[]).await.expect("identifies").username, "somebody");
    let mut found = made_up.search(&work, &guest::query("")).await.expect("searches").postings;
    assert_eq!(found.iter().map(|of| of.id.as_str()).collect::<Vec<_>>(), ["poor", "rich", "silent"]);
    let judged = made_up.judge(&guest::context(""), &mut found).await.expect("judges");
    assert!(matches!(&judged[0], Judged::Drop(drop) if drop.reason.ends_with("pays 20 USD")), "{judged:?}");
    assert!(matches!(&judged[1], Judged::Keep(of) if of.signals[0].raw == "80%"), "{judged:?}");
    // Today's judges what the other has found, and a filter of the made-up version screens what both have.
    let mut search = todays.search(&scene.work(&todays, &[]), &guest::query("")).await.expect("searches").postings;
    found.append(&mut search);
    let judged = todays.judge(&guest::context(""), &mut found).await.expect("judges");
    assert_eq!(judged.len(), found.len());
    let filter = CustomPlugin::load(&engine, "filter", MADE_UP_FILTER, World::Filter).await.expect("it is served");
    let verdicts = filter.screen(&guest::context(""), &mut found).await.expect("screens");
    assert_eq!(verdicts.iter().filter(|verdict| matches!(verdict, Verdict::Drop(_))).count(), 1, "{verdicts:?}");
}

#[tokio::test]
async fn a_plugin_of_a_version_that_is_not_served_is_told_which_are() {
    let later = guest::load(MADE_UP_PLATFORM).await.expect_err("not served").to_string();
    assert!(later.contains("made for version 0.2.0") && later.contains("this program serves version 0.1.0"), "{later}");
    let later = CustomPlugin::load(&ENGINE, "filter", MADE_UP_FILTER, World::Filter).await.expect_err("not served");
    assert!(later.to_string().contains("made for version 0.2.0"), "{later}");
    // One that names both is of neither.
    let mut mixed = MADE_UP_PLATFORM.to_vec();
    let (from, to) = (b"ghoststack:prospector/account@0.2.0", b"ghoststack:prospector/account@0.1.0");
    let places: Vec<usize> = (0..mixed.len() - from.len()).filter(|at| mixed[*at..].starts_with(from)).collect();
    for at in places {
        mixed[at..at + to.len()].copy_from_slice(to);
    }
    let error = PlatformPlugin::load(&both(), "mixed", &mixed).await.expect_err("of two versions").to_string();
    assert!(
        error.contains("two versions of the contract, 0.2.0 and 0.1.0") || error.contains("0.1.0 and 0.2.0"),
        "{error}"
    );
}
