//! Attempts to change something at a platform: what they use up, allowances, the switch that stops them, and that each leaves once.

use super::proposals::add;
use super::*;
use crate::contract::planning::Cost;
use crate::proposal::{Attempt, Content, Deed, Proposal, State};
use crate::store::proposals::{Allowance, SUBMISSIONS, Spent};

pub(super) async fn upholds_the_contract(store: &dyn Store) {
    what_is_used_up_is_counted_and_given_back(store).await;
    an_allowance_is_never_passed(store).await;
    a_pause_stops_what_is_new(store).await;
    a_request_leaves_once_and_only_under_its_attempt(store).await;
}

pub(super) fn attempt(id: &str, deed: Deed, connects: Option<u32>) -> Attempt {
    let cost = |quantity| Cost { name: "Connects".to_owned(), amount: "some".to_owned(), quantity };
    Attempt {
        id: id.to_owned(),
        deed,
        begun_at: NOON,
        held_until: NOON + 180,
        sent_at: None,
        before: None,
        costs: vec![cost(connects)],
        shown_after: 60,
        asked: 0,
        ask_at: NOON + 60,
    }
}

/// Begins an attempt of a proposal.
pub(super) async fn begin(
    store: &dyn Store,
    read: &Proposal,
    attempt: Attempt,
    allowances: &[Allowance],
    now: i64,
) -> Result<Proposal, StoreError> {
    let content = Content { attempt: Some(attempt), ..read.content.clone() };
    store.begin_attempt(read, State::Submitting, &content, allowances, now).await
}

pub(super) fn allowed(name: &str, most: u32, since: i64) -> Allowance {
    Allowance { period: "day", since, name: name.to_owned(), most }
}

pub(super) async fn spent(store: &dyn Store, profile: &str, since: i64) -> Vec<(String, u64)> {
    let spent = store.spent(profile, since).await.expect("counts");
    spent.into_iter().map(|Spent { name, quantity, .. }| (name, quantity)).collect()
}

async fn what_is_used_up_is_counted_and_given_back(store: &dyn Store) {
    let account = key("spending", "workbazaar", "default");
    for (posting, deed, state, left) in [
        // Refused, or never sent: nothing was used up.
        ("a", Deed::Submit, State::Failed, vec![]),
        ("b", Deed::Submit, State::Approved, vec![]),
        ("c", Deed::Submit, State::Submitted, vec![("Connects", 4), (SUBMISSIONS, 1)]),
        ("d", Deed::HandOver, State::Uncertain, vec![("Connects", 8), (SUBMISSIONS, 2)]),
        // Terms are no submission, whatever they cost.
        ("e", Deed::Revise, State::Submitted, vec![("Connects", 12), (SUBMISSIONS, 2)]),
    ] {
        let read = add(store, &account, posting, State::Approved, NOON).await;
        let before = spent(store, "spending", 0).await;
        let begun = begin(store, &read, attempt(posting, deed, Some(4)), &[], NOON).await.expect("begins");
        assert_eq!((begun.state, begun.revision), (State::Submitting, 2));
        assert_ne!(spent(store, "spending", 0).await, before, "it counts from the intent on");
        store.change_proposal(&begun, state, &begun.content, "ended", NOON + 1).await.expect("changes");
        let counted: Vec<(String, u64)> =
            left.into_iter().map(|(name, quantity)| (name.to_owned(), quantity)).collect();
        assert_eq!(spent(store, "spending", 0).await, counted, "{posting}");
    }
    assert!(spent(store, "spending", NOON + 1).await.is_empty(), "what was before is not counted");
    assert!(spent(store, "spending-none", 0).await.is_empty());
    // A cost that cannot be counted uses up nothing but the submission.
    let read = add(store, &account, "f", State::Approved, NOON + 9).await;
    begin(store, &read, attempt("f", Deed::Submit, None), &[], NOON + 9).await.expect("begins");
    assert_eq!(spent(store, "spending", NOON + 9).await, [(SUBMISSIONS.to_owned(), 1)]);
    let without = store.begin_attempt(&read, State::Submitting, &read.content, &[], NOON).await;
    assert!(matches!(without, Err(StoreError::Invalid { .. })), "{without:?}");
}

async fn an_allowance_is_never_passed(store: &dyn Store) {
    let account = key("budgets", "workbazaar", "default");
    let allowances = [allowed(SUBMISSIONS, 2, NOON), allowed("connects", 9, NOON), allowed("unheard", 0, NOON)];
    let read = add(store, &account, "early", State::Approved, NOON - 9).await;
    begin(store, &read, attempt("early", Deed::Submit, Some(100)), &[], NOON - 9).await.expect("nothing bounds it");
    let read = add(store, &account, "a", State::Approved, NOON).await;
    let dear = begin(store, &read, attempt("a", Deed::Submit, Some(10)), &allowances, NOON).await;
    let Err(StoreError::OverBudget { name, period, most, spent: told, wanted }) = dear else { panic!("{dear:?}") };
    assert_eq!((name.as_str(), period, most, told, wanted), ("connects", "day", 9, 0, 10), "case does not count");
    assert_eq!(store.proposal("budgets", read.number).await.expect("reads"), read);
    assert!(spent(store, "budgets", NOON).await.is_empty(), "what is refused counts nothing");
    begin(store, &read, attempt("a", Deed::Submit, Some(9)), &allowances, NOON).await.expect("just fits");
    let read = add(store, &account, "b", State::Approved, NOON).await;
    begin(store, &read, attempt("b", Deed::Submit, Some(0)), &allowances, NOON).await.expect("costs nothing");
    let read = add(store, &account, "c", State::Approved, NOON).await;
    let third = begin(store, &read, attempt("c", Deed::Submit, None), &allowances, NOON).await;
    assert!(matches!(&third, Err(StoreError::OverBudget { name, spent: 2, .. }) if name == SUBMISSIONS), "{third:?}");
    begin(store, &read, attempt("c", Deed::Submit, None), &[allowed(SUBMISSIONS, 1, NOON + 1)], NOON + 1)
        .await
        .expect("another day");
}

async fn a_pause_stops_what_is_new(store: &dyn Store) {
    let (account, other) = (key("pausing", "workbazaar", "default"), key("pausing-2", "workbazaar", "default"));
    let read = add(store, &account, "a", State::Approved, NOON).await;
    let elsewhere = add(store, &other, "a", State::Approved, NOON).await;
    assert_eq!(store.paused_since("pausing").await.expect("reads"), None);
    for now in [NOON, NOON + 5] {
        store.pause_proposals("pausing", true, now).await.expect("pauses");
        assert_eq!(store.paused_since("pausing").await.expect("reads"), Some(NOON), "the first counts");
    }
    for deed in [Deed::Submit, Deed::HandOver] {
        let refused = begin(store, &read, attempt("a", deed, None), &[], NOON).await;
        assert!(matches!(refused, Err(StoreError::Paused { since: NOON })), "{refused:?}");
    }
    begin(store, &elsewhere, attempt("a", Deed::Submit, None), &[], NOON).await.expect("another profile's");
    // Taking one back is never stopped.
    let taken = begin(store, &read, attempt("w", Deed::Withdraw, None), &[], NOON).await.expect("goes on");
    store.pause_proposals("pausing", false, NOON + 9).await.expect("goes on");
    assert_eq!(store.paused_since("pausing").await.expect("reads"), None);
    let back = store.change_proposal(&taken, State::Approved, &read.content, "unsent", NOON).await.expect("changes");
    begin(store, &back, attempt("b", Deed::Submit, None), &[], NOON + 9).await.expect("goes on");
}

async fn a_request_leaves_once_and_only_under_its_attempt(store: &dyn Store) {
    let account = key("leaving", "workbazaar", "default");
    let read = add(store, &account, "a", State::Approved, NOON).await;
    let sent = async |attempt: &str, now| store.record_sent("leaving", 1, attempt, now).await.expect("asks");
    assert!(!sent("one", NOON).await, "nothing is under way");
    let begun = begin(store, &read, attempt("one", Deed::Submit, None), &[], NOON).await.expect("begins");
    assert!(!sent("other", NOON).await);
    assert!(sent("one", NOON + 1).await);
    assert!(!sent("one", NOON + 2).await, "it has left");
    let after = store.proposal("leaving", 1).await.expect("reads");
    assert_eq!(
        (after.content.attempt.as_ref().and_then(|of| of.sent_at), after.state),
        (Some(NOON + 1), State::Submitting)
    );
    assert!(after.revision > begun.revision, "who has read it before sees that it has left");
    // Once the platform's word has come by another way, it must not leave.
    let read = add(store, &account, "b", State::Approved, NOON).await;
    let begun = begin(store, &read, attempt("two", Deed::Submit, None), &[], NOON).await.expect("begins");
    store.change_proposal(&begun, State::Submitted, &begun.content, "seen", NOON).await.expect("changes");
    assert!(!store.record_sent("leaving", read.number, "two", NOON).await.expect("asks"));
    let missing = store.record_sent("leaving", 99, "one", NOON).await;
    assert!(matches!(missing, Err(StoreError::NoSuchProposal { number: 99 })), "{missing:?}");
}
