//! Sending at most once, whatever happens.

mod model;
mod platform;

use std::collections::BTreeMap;

use super::*;
use crate::contract::proposals::ProposalStatus;
use crate::lead::AccountKey;
use crate::proposal::Origin;
use crate::store::{Scope, SqliteStore};
use crate::testing::HandClock;
use platform::{Mishap, Platform, SHOWN_AFTER};

const NOON: i64 = 1_780_000_000;

fn account() -> AccountKey {
    AccountKey { profile: "default".to_owned(), platform: "workbazaar".to_owned(), account: "default".to_owned() }
}

fn content(posting: &str) -> Content {
    let draft = Draft {
        posting: posting.to_owned(),
        text: "I can do it".to_owned(),
        amount: None,
        duration_days: None,
        milestones: vec![],
        answers: vec![],
        attributes: vec![],
    };
    Content {
        title: "A posting".to_owned(),
        url: "https://example.com/1".to_owned(),
        draft,
        template: None,
        origin: Origin::Person,
        score: None,
        requirements: None,
        approval: None,
        attempt: None,
        remote: None,
        trouble: None,
    }
}

/// A home with a store, and a platform.
struct Scene {
    home: tempfile::TempDir,
    store: Arc<SqliteStore>,
    clock: Arc<HandClock>,
    platform: Platform,
}

impl Scene {
    async fn new() -> Scene {
        let home = tempfile::tempdir().expect("a folder");
        let store = Arc::new(SqliteStore::open(&home.path().join("db")).await.expect("opens"));
        let clock = Arc::new(HandClock::at(NOON));
        let platform = Platform::new(&clock);
        Scene { home, store, clock, platform }
    }

    fn submission(&self) -> Submission<'_> {
        Submission { store: self.store.clone(), desk: &self.platform, clock: self.clock.clone() }
    }

    /// The process is another one: what was not stored is gone.
    async fn restarts(&mut self) {
        crate::store::Store::close(self.store.as_ref()).await;
        self.store = Arc::new(SqliteStore::open(&self.home.path().join("db")).await.expect("opens"));
    }

    async fn reviewed(&self, posting: &str) -> Proposal {
        self.store
            .add_proposal(&account(), State::Review, &content(posting), "drafted", self.clock.now())
            .await
            .expect("adds")
    }

    async fn read(&self, number: i64) -> Proposal {
        self.store.proposal("default", number).await.expect("reads")
    }

    /// Prepares, and approves unless that was done.
    async fn approved(&self, proposal: Proposal) -> Result<Prepared, SubmissionError> {
        let prepared = self.submission().prepare(proposal, Wish::Submit).await?;
        if prepared.is_approved() { Ok(prepared) } else { self.submission().approve(prepared).await }
    }

    /// Carries out what was approved, until its end or the process's.
    async fn carry_out(&mut self, prepared: &Prepared) {
        let died = {
            let submission = self.submission();
            tokio::select! {
                _ = submission.carry_out(prepared, &[]) => false,
                () = self.platform.death.notified() => true,
            }
        };
        if died {
            self.restarts().await;
        }
    }

    /// Pursues until it is settled; the time passes as it has to.
    async fn pursue(&self, number: i64) -> Proposal {
        for _ in 0..200 {
            let proposal = self.read(number).await;
            if proposal.state != State::Submitting {
                return proposal;
            }
            match self.submission().pursue(&proposal).await.expect("pursues") {
                Pursued::Settled(proposal) => return *proposal,
                Pursued::Waits(until) => self.clock.pass((until - self.clock.now()).max(1)),
            }
        }
        panic!("proposal {number} is never settled");
    }
}

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

#[tokio::test]
async fn a_thousand_submissions_in_any_weather_send_none_twice() {
    let mut scene = Scene::new().await;
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut ends: BTreeMap<(State, bool), u32> = BTreeMap::new();
    let mut met: BTreeMap<String, u32> = BTreeMap::new();
    for round in 0..1000 {
        let posting = format!("job{round}");
        let number = scene.reviewed(&posting).await.number;
        // A platform that is silent for so long that the person is asked.
        let silent = dice.roll(20) == 0;
        let mut approvals = 0;
        let mut last = Mishap::None;
        for _ in 0..50 {
            let proposal = scene.read(number).await;
            if !matches!(proposal.state, State::Review | State::Approved) {
                break;
            }
            approvals += u32::from(proposal.state == State::Review);
            *scene.platform.unseen_for.lock().unwrap() = dice.roll(u64::from(SHOWN_AFTER)) as i64;
            last = Mishap::ALL[dice.roll(Mishap::ALL.len() as u64) as usize];
            *met.entry(format!("{last:?}")).or_default() += 1;
            *scene.platform.mishap.lock().unwrap() = last;
            let Ok(prepared) = scene.approved(proposal).await else { break };
            scene.carry_out(&prepared).await;
            *scene.platform.tells.lock().unwrap() = !silent;
            let settled = scene.pursue(number).await;
            *scene.platform.tells.lock().unwrap() = true;
            assert_ne!(settled.state, State::Submitting);
        }
        let end = scene.read(number).await;
        let rows = scene.platform.to(&posting);
        assert_eq!(approvals, 1, "{end:?}");
        assert!(rows.len() <= 1, "round {round}, {last:?}: {rows:?}");
        match end.state {
            State::Submitted => {
                let remote = end.content.remote.as_ref().expect("the platform's identifier");
                assert_eq!(rows.first().map(|row| &row.id), Some(&remote.id), "round {round}, {last:?}");
            }
            State::Failed => assert_eq!(rows.len(), 0, "round {round}, {last:?}"),
            State::Uncertain => assert!(silent),
            other => panic!("round {round} ends {other} after {last:?}"),
        }
        *ends.entry((end.state, !rows.is_empty())).or_default() += 1;
        scene.clock.pass(3600);
    }
    eprintln!("ended (state, whether the platform has it): {ends:?}; met: {met:?}");
    assert!(met.len() == Mishap::ALL.len() && ends.len() == 4, "every mishap and every end was met: {met:?} {ends:?}");
}

#[tokio::test]
async fn of_two_who_carry_out_one_approval_one_does() {
    let scene = Scene::new().await;
    for round in 0..50 {
        let posting = format!("job{round}");
        let reviewed = scene.reviewed(&posting).await;
        let prepared = scene.approved(reviewed).await.expect("approves");
        let submission = scene.submission();
        let (one, other) = tokio::join!(submission.carry_out(&prepared, &[]), submission.carry_out(&prepared, &[]));
        assert_eq!(u32::from(one.is_ok()) + u32::from(other.is_ok()), 1, "{one:?} {other:?}");
        assert_eq!(scene.platform.to(&posting).len(), 1);
    }
}

#[tokio::test]
async fn an_attempt_that_was_given_up_by_others_cannot_send_any_more() {
    let scene = Scene::new().await;
    let prepared = scene.approved(scene.reviewed("job").await).await.expect("approves");
    let attempt = attempt::begun(Deed::Submit, &prepared.previewed.plan, None, NOON).expect("an identifier");
    let content = Content { attempt: Some(attempt), ..prepared.proposal.content.clone() };
    let store = scene.store.clone();
    let begun = store.begin_attempt(&prepared.proposal, State::Submitting, &content, &[], NOON).await.expect("begins");
    let late = Ledger::of(&begun, store, scene.clock.clone());
    // The machine slept, and another process has found the attempt without an owner.
    let settled = scene.pursue(begun.number).await;
    assert_eq!(settled.state, State::Approved);
    let said = crate::capability::http::permit::SentLedger::record_sent(&late).await;
    assert!(said.is_err_and(|why| why.contains("no longer under way")));
}

#[tokio::test]
async fn what_the_platform_has_already_is_followed_and_not_sent() {
    let scene = Scene::new().await;
    let there = scene.platform.take("job");
    let reviewed = scene.reviewed("job").await;
    let error = scene.approved(reviewed).await.expect_err("it is there");
    let SubmissionError::AlreadyThere(proposal) = error else { panic!("{error}") };
    assert_eq!((proposal.state, proposal.content.remote.map(|r| r.id)), (State::Submitted, Some(there.id)));
    assert_eq!(scene.platform.to("job").len(), 1);
}

#[tokio::test]
async fn a_withdrawn_proposal_of_last_week_is_not_taken_for_the_new_one() {
    let mut scene = Scene::new().await;
    scene.platform.take("job");
    scene.platform.rows.lock().unwrap()[0].status = ProposalStatus::Withdrawn;
    *scene.platform.mishap.lock().unwrap() = Mishap::SilentBefore;
    let prepared = scene.approved(scene.reviewed("job").await).await.expect("approves");
    scene.carry_out(&prepared).await;
    let settled = scene.pursue(prepared.proposal.number).await;
    assert_eq!(settled.state, State::Failed);
    assert_eq!(settled.content.trouble.expect("trouble").kind, "not-received");
}

#[tokio::test]
async fn a_platform_that_is_silent_for_a_day_leaves_it_to_the_person() {
    for was_sent in [true, false] {
        let mut scene = Scene::new().await;
        *scene.platform.mishap.lock().unwrap() = Mishap::SilentAfter;
        let prepared = scene.approved(scene.reviewed("job").await).await.expect("approves");
        scene.carry_out(&prepared).await;
        *scene.platform.tells.lock().unwrap() = false;
        let settled = scene.pursue(prepared.proposal.number).await;
        assert_eq!(settled.state, State::Uncertain);
        assert!(scene.clock.now() - NOON >= 24 * 3600);
        let decided = scene.submission().resolve(&settled, was_sent).await.expect("resolves");
        assert_eq!(decided.state, if was_sent { State::Submitted } else { State::Failed });
        // And where the platform tells after all, that counts.
        *scene.platform.tells.lock().unwrap() = true;
        let tracked = scene.submission().track(&Scope::profile("default"), None).await.expect("tracks");
        assert_eq!(tracked.changed.len(), 1);
        let now = scene.read(settled.number).await;
        assert_eq!((now.state, now.content.remote.map(|r| r.id)), (State::Submitted, Some("p1".to_owned())));
    }
}

#[tokio::test]
async fn what_was_handed_over_is_recognised_when_the_platform_shows_it() {
    let mut scene = Scene::new().await;
    scene.platform.hands_over = true;
    let prepared = scene.approved(scene.reviewed("job").await).await.expect("approves");
    assert_eq!(prepared.deed(), Deed::HandOver);
    let begun = scene.submission().carry_out(&prepared, &[]).await.expect("hands over");
    assert_eq!((begun.state, scene.platform.to("job").len()), (State::Submitting, 0));
    let waits = scene.submission().pursue(&begun).await.expect("pursues");
    assert!(matches!(waits, Pursued::Waits(_)), "{waits:?}");
    scene.platform.take("job");
    scene.clock.pass(3600);
    let settled = scene.pursue(begun.number).await;
    assert_eq!((settled.state, settled.content.remote.map(|r| r.id)), (State::Submitted, Some("p1".to_owned())));
}

#[tokio::test]
async fn what_is_handed_over_and_never_done_is_asked_about_after_a_week() {
    let mut scene = Scene::new().await;
    scene.platform.hands_over = true;
    let prepared = scene.approved(scene.reviewed("job").await).await.expect("approves");
    let begun = scene.submission().carry_out(&prepared, &[]).await.expect("hands over");
    let settled = scene.pursue(begun.number).await;
    assert_eq!(settled.state, State::Uncertain);
    assert!(scene.clock.now() - NOON >= 7 * 86_400);
    let decided = scene.submission().resolve(&settled, false).await.expect("resolves");
    assert_eq!(decided.state, State::Failed);
}

#[tokio::test]
async fn budgets_and_the_pause_hold_before_anything_leaves() {
    let scene = Scene::new().await;
    let allowance = Allowance { period: "day", since: NOON - 100, name: "submissions".to_owned(), most: 1 };
    let first = scene.approved(scene.reviewed("a").await).await.expect("approves");
    let second = scene.approved(scene.reviewed("b").await).await.expect("approves");
    scene.store.pause_proposals("default", true, NOON).await.expect("pauses");
    let paused = scene.submission().carry_out(&first, std::slice::from_ref(&allowance)).await;
    assert!(matches!(paused, Err(SubmissionError::Store(StoreError::Paused { .. }))), "{paused:?}");
    scene.store.pause_proposals("default", false, NOON).await.expect("resumes");
    // One that is refused uses nothing up.
    *scene.platform.mishap.lock().unwrap() = Mishap::Refuses;
    let refused = scene.submission().carry_out(&first, std::slice::from_ref(&allowance)).await.expect("is refused");
    assert_eq!(refused.state, State::Failed);
    *scene.platform.mishap.lock().unwrap() = Mishap::None;
    let sent = scene.submission().carry_out(&second, std::slice::from_ref(&allowance)).await.expect("is sent");
    assert_eq!(sent.state, State::Submitted);
    let third = scene.approved(scene.reviewed("c").await).await.expect("approves");
    let over = scene.submission().carry_out(&third, &[allowance]).await;
    assert!(matches!(over, Err(SubmissionError::Store(StoreError::OverBudget { spent: 1, .. }))), "{over:?}");
    assert_eq!(scene.platform.to("c").len(), 0);
    assert_eq!(scene.read(third.proposal.number).await.state, State::Approved);
}

#[tokio::test]
async fn an_approval_counts_for_what_was_shown_and_for_a_few_days() {
    let scene = Scene::new().await;
    let reviewed = scene.reviewed("job").await;
    let prepared = scene.approved(reviewed).await.expect("approves");
    let again = async || {
        let proposal = scene.read(prepared.proposal.number).await;
        scene.submission().prepare(proposal, Wish::Submit).await.expect("prepares").is_approved()
    };
    assert!(again().await);
    scene.clock.pass(APPROVED_FOR);
    assert!(!again().await);
    // Another text is another thing.
    let read = scene.read(prepared.proposal.number).await;
    let mut content = read.content.clone();
    content.draft.text.push('!');
    let changed = scene.store.change_proposal(&read, State::Approved, &content, "changed behind its back", NOON).await;
    assert_eq!(changed.expect("stores").state, State::Approved);
    assert!(!again().await);
}
