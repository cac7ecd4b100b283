//! Changing something at a platform: only what a person approved, once, and by exactly the request that was shown.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use axum::body::Body;
use axum::http::Response as Answer;
use axum::response::Response;
use ghoststack::capability::http::permit::{Outcome, Permission, SentLedger};
use ghoststack::contract::planning::Way;
use ghoststack::contract::proposals::{Change, Draft, Proposal};
use ghoststack::plugin::fault::CallError;
use ghoststack::plugin::platform::{PlatformPlugin, Work};
use ghoststack::plugin::proposals::{Previewed, permit};
use ghoststack::store::{Audit, AuditFilter, PluginData, Scope};
use prospector_hostile::guest::{self, attributes};
use prospector_hostile::scene::Scene;
use prospector_hostile::server::{Seen, Server};

use crate::{absurd, fault, refusal};

/// A ledger that counts.
#[derive(Clone, Default)]
struct Ledger(Arc<AtomicU32>);

#[async_trait]
impl SentLedger for Ledger {
    async fn record_sent(&self) -> Result<(), String> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

/// A platform that takes everything, and a plugin that works for an account there.
struct Stage {
    plugin: Arc<PlatformPlugin>,
    scene: Scene,
    server: Server,
    work: Work,
}

/// What came of performing.
struct Performed {
    outcome: Outcome,
    noted: u32,
    answer: Result<Proposal, CallError>,
}

impl Stage {
    async fn open() -> Stage {
        Stage::answering(|_| {
            Answer::builder().body(Body::from(r#"{"data":{"preview":{"id":"preview-1"}}}"#)).expect("an answer")
        })
        .await
    }

    async fn answering(answer: impl Fn(&Seen) -> Response + Clone + Send + Sync + 'static) -> Stage {
        let (plugin, scene, server) = (guest::assessing().await, Scene::open().await, Server::start(answer).await);
        let work = scene.work(&plugin, &[("api", &server.origin())]);
        Stage { plugin, scene, server, work }
    }

    async fn preview(&self, behaviour: &str) -> Result<Previewed, CallError> {
        self.plugin.preview(&self.work, &attributes(behaviour, &[]), &submit()).await
    }

    /// Previews without a flaw, and then performs.
    async fn perform(&self, behaviour: &str) -> Performed {
        let of = self.preview("").await.expect("a plan");
        self.perform_by(behaviour, &of).await
    }

    async fn perform_by(&self, behaviour: &str, of: &Previewed) -> Performed {
        let ledger = Ledger::default();
        let permit = permit(of.planned.clone().expect("a request"), Box::new(ledger.clone()));
        let settings = attributes(behaviour, &[]);
        let reference = of.plan.reference.as_deref();
        let answer = self.plugin.perform(&self.work, &settings, &submit(), reference, &permit).await;
        let Permission::Write(permit) = permit.as_ref() else { panic!("a permit for a write") };
        Performed { outcome: permit.settle(), noted: ledger.0.load(Ordering::SeqCst), answer }
    }

    /// What reached the platform but for reads.
    fn writes(&self) -> Vec<String> {
        self.server.seen().into_iter().map(|seen| seen.line).collect()
    }

    /// What the guest was told of each request.
    async fn told(&self) -> String {
        let entry = self.scene.store.state_get(&self.work.account, "sent").await.expect("reads");
        entry.map_or_else(String::new, |entry| String::from_utf8_lossy(&entry.value).trim().to_owned())
    }
}

fn submit() -> Change {
    Change::Submit(Draft {
        posting: "job1".to_owned(),
        text: "I can do it".to_owned(),
        amount: None,
        duration_days: None,
        milestones: vec![],
        answers: vec![],
        attributes: vec![],
    })
}

const WRITE: &str = "POST /write/proposals";

#[tokio::test]
async fn the_approved_request_passes_once() {
    let stage = Stage::open().await;
    let done = stage.perform("").await;
    assert_eq!((done.outcome, done.noted), (Outcome::Answered(200), 1));
    assert_eq!(done.answer.expect("is done").posting, "job1");
    assert_eq!(stage.writes(), [WRITE]);
    stage.scene.flush().await;
    let rows =
        stage.scene.store.audit(&AuditFilter { scope: Scope::from(&stage.work.account), since: None, limit: 10 }).await;
    let row = &rows.expect("reads")[0];
    assert_eq!((row.phase.as_str(), row.outcome.as_str()), ("submit", "ok"));
}

#[tokio::test]
async fn outside_a_permit_nothing_is_written() {
    for behaviour in ["preview-writes", "requirements-write", "look-up-writes", "changes-write"] {
        let stage = Stage::open().await;
        let settings = attributes(behaviour, &[]);
        match behaviour {
            "preview-writes" => drop(stage.preview(behaviour).await.expect("a plan")),
            "requirements-write" => {
                refusal(stage.plugin.requirements_of(&stage.work, &settings, "job1").await);
            }
            "look-up-writes" => drop(refusal(stage.plugin.look_up(&stage.work, &settings, "job1").await)),
            _ => drop(refusal(stage.plugin.proposals_changed(&stage.work, &settings, None, 0).await)),
        }
        assert_eq!(stage.told().await, "gate.write-without-approval", "{behaviour}");
        assert_eq!(stage.writes(), [""; 0], "{behaviour}");
    }
}

#[tokio::test]
async fn inside_a_permit_nothing_is_written_twice() {
    for behaviour in ["perform-twice", "perform-and-another"] {
        let stage = Stage::open().await;
        let done = stage.perform(behaviour).await;
        assert_eq!(refusal(done.answer).code.as_deref(), Some("gate.no-permit"), "{behaviour}");
        assert_eq!((done.outcome, done.noted), (Outcome::Answered(200), 1), "{behaviour}");
        assert_eq!(stage.told().await, "200 gate.no-permit", "{behaviour}");
        assert_eq!(stage.writes(), [WRITE], "{behaviour}");
    }
}

#[tokio::test]
async fn to_another_posting_or_in_other_terms_nothing_is_written() {
    for behaviour in ["perform-another", "perform-elsewhere", "perform-more", "perform-put"] {
        let stage = Stage::open().await;
        let done = stage.perform(behaviour).await;
        assert_eq!(refusal(done.answer).code.as_deref(), Some("gate.no-permit"), "{behaviour}");
        assert_eq!((done.outcome, done.noted), (Outcome::Unspent, 0), "{behaviour}");
        assert_eq!(stage.writes(), [""; 0], "{behaviour}");
    }
}

#[tokio::test]
async fn a_plan_that_could_not_be_approved_is_the_plugins_fault() {
    for (behaviour, why) in [
        ("plan-another", "does not name what it is about"),
        ("plan-read", "would change nothing"),
        ("plan-stray", "were not granted"),
        ("plan-rubbish", "URL"),
        ("preview-for-ever", "a wait of more than"),
        ("rehearse-invented", "a reference that no rehearsal's answer has in it"),
        ("rehearse-another", "a reference that no rehearsal's answer has in it"),
        ("rehearse-submit", "a reference that no rehearsal's answer has in it"),
    ] {
        let stage = Stage::open().await;
        let fault = fault(stage.preview(behaviour).await);
        assert!(absurd(&fault).contains(why), "{behaviour}: {fault}");
    }
}

#[tokio::test]
async fn a_person_is_sent_to_the_platforms_own_pages_only() {
    let stage = Stage::open().await;
    let of = stage.preview("hand-over here").await.expect("a plan");
    assert!(matches!(&of.plan.way, Way::HandOver(page) if *page == format!("{}/apply", stage.server.origin())));
    assert_eq!(of.planned, None);
    let port = stage.server.origin().rsplit(':').next().expect("a port").to_owned();
    let with_port = format!("hand-over http://localhost:{port}/apply");
    for behaviour in ["hand-over https://evil.example/apply", "hand-over javascript:alert(1)", &with_port] {
        let fault = fault(stage.preview(behaviour).await);
        assert!(absurd(&fault).contains("url") || absurd(&fault).contains("none of its origins"), "{fault}");
    }
    assert_eq!(stage.writes(), [""; 0]);
}

#[tokio::test]
async fn a_rehearsal_passes_if_it_was_declared_and_names_the_posting() {
    let stage = Stage::open().await;
    let of = stage.preview("rehearse").await.expect("a plan");
    assert_eq!(of.plan.reference.as_deref(), Some("preview-1"));
    assert!(matches!(&of.plan.way, Way::Send(request) if request.url.ends_with("/graphql")));
    assert_eq!(stage.writes(), ["POST /graphql"]);
    // What it rests on names the posting for the submission, which passes once.
    stage.server.forget();
    let done = stage.perform_by("rehearse", &of).await;
    assert_eq!((done.outcome, stage.writes()), (Outcome::Answered(200), vec!["POST /graphql".to_owned()]));
    // Another posting's, a mutation that was not declared, and a fifth one do not pass.
    for (behaviour, told, sent) in [
        ("rehearse-another", "gate.no-permit", 0),
        ("rehearse-submit", "gate.write-without-approval", 0),
        ("rehearse-often", "200 200 200 200 gate.no-permit gate.no-permit", 4),
    ] {
        let stage = Stage::open().await;
        let _ = stage.preview(behaviour).await;
        assert_eq!((stage.told().await.as_str(), stage.writes().len()), (told, sent), "{behaviour}");
    }
}

#[tokio::test]
async fn what_a_plugin_claims_does_not_count_where_nothing_was_sent() {
    let stage = Stage::open().await;
    let done = stage.perform("perform-nothing").await;
    assert!(done.answer.is_ok());
    assert_eq!((done.outcome, done.noted), (Outcome::Unspent, 0));
    // And an answer about another posting is none.
    let done = stage.perform("answer-another").await;
    assert!(absurd(&fault(done.answer)).contains("another posting"));
    assert_eq!(done.outcome, Outcome::Answered(200));
    let settings = attributes("look-up-another", &[]);
    assert!(absurd(&fault(stage.plugin.look_up(&stage.work, &settings, "job1").await)).contains("another posting"));
    let settings = attributes("changes-many", &[]);
    assert!(
        absurd(&fault(stage.plugin.proposals_changed(&stage.work, &settings, None, 0).await)).contains("at most 100")
    );
}

#[tokio::test]
async fn the_gate_knows_what_became_of_the_request_whatever_the_plugin_does() {
    let stage = Stage::open().await;
    let done = stage.perform("perform-and-trap").await;
    fault(done.answer);
    assert_eq!((done.outcome, done.noted), (Outcome::Answered(200), 1));
    let failing = Stage::answering(|_| Answer::builder().status(500).body(Body::empty()).expect("an answer")).await;
    assert_eq!(failing.perform("").await.outcome, Outcome::Answered(500));
    // A redirect is not followed with a write.
    let redirecting = Stage::answering(|_| {
        Answer::builder().status(307).header("location", "/write/proposals").body(Body::empty()).expect("an answer")
    })
    .await;
    assert_eq!(redirecting.perform("").await.outcome, Outcome::Answered(307));
    assert_eq!(redirecting.writes(), [WRITE]);
    // Nobody listens: no byte has left.
    let stage = Stage::open().await;
    let of = stage.preview("").await.expect("a plan");
    let Stage { plugin, scene, server, work } = stage;
    drop(server);
    let stage = Stage { plugin, scene, server: Server::start(|_| Response::default()).await, work };
    let done = stage.perform_by("", &of).await;
    assert_eq!((done.outcome, done.noted), (Outcome::NotSent, 1), "{:?}", done.answer);
}
