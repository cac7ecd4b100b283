//! Proposals: numbers, one open proposal a posting, changes that do not overwrite each other, what is used up, the switch.

use super::*;
use crate::contract::planning::Cost;
use crate::contract::proposals::Draft;
use crate::proposal::{Attempt, Content, Deed, Origin, Proposal, State};
use crate::store::proposals::{Allowance, MAX_PROPOSAL_BYTES, Passage, ProposalFilter, SUBMISSIONS, Spent};

pub(super) async fn upholds_the_contract(store: &dyn Store) {
    numbers_count_up_within_a_profile_and_are_never_given_again(store).await;
    a_posting_has_one_open_proposal(store).await;
    a_change_of_what_has_changed_is_refused(store).await;
    lists_are_filtered_and_in_order(store).await;
    the_story_is_kept(store).await;
    what_is_used_up_is_counted_and_given_back(store).await;
    an_allowance_is_never_passed(store).await;
    a_pause_stops_what_is_new(store).await;
    a_request_leaves_once_and_only_under_its_attempt(store).await;
    a_removed_proposal_is_gone_and_what_it_used_up_stays(store).await;
    a_purge_removes_an_accounts_proposals(store).await;
    a_content_is_bounded_and_comes_back_whole(store).await;
    at_most_one_of_many_at_once_is_begun(store).await;
}

fn content(posting: &str) -> Content {
    Content {
        title: format!("Work {posting}"),
        url: format!("https://work.example/{posting}"),
        draft: Draft {
            posting: posting.to_owned(),
            text: "I can do this".to_owned(),
            amount: None,
            duration_days: None,
            milestones: Vec::new(),
            answers: Vec::new(),
            attributes: Vec::new(),
        },
        template: None,
        origin: Origin::Person,
        score: Some(Score::clamped(8000)),
        requirements: None,
        approval: None,
        attempt: None,
        remote: None,
        trouble: None,
    }
}

/// A proposal in a state.
async fn add(store: &dyn Store, account: &AccountKey, posting: &str, state: State, now: i64) -> Proposal {
    store.add_proposal(account, state, &content(posting), "drafted", now).await.expect("adds")
}

fn attempt(id: &str, deed: Deed, connects: Option<u32>) -> Attempt {
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
async fn begin(
    store: &dyn Store,
    read: &Proposal,
    attempt: Attempt,
    allowances: &[Allowance],
    now: i64,
) -> Result<Proposal, StoreError> {
    let content = Content { attempt: Some(attempt), ..read.content.clone() };
    store.begin_attempt(read, State::Submitting, &content, allowances, now).await
}

fn allowed(name: &str, most: u32, since: i64) -> Allowance {
    Allowance { period: "day", since, name: name.to_owned(), most }
}

async fn spent(store: &dyn Store, profile: &str, since: i64) -> Vec<(String, u64)> {
    let spent = store.spent(profile, since).await.expect("counts");
    spent.into_iter().map(|Spent { name, quantity, .. }| (name, quantity)).collect()
}

async fn numbers_count_up_within_a_profile_and_are_never_given_again(store: &dyn Store) {
    let (one, other) = (key("numbers", "workbazaar", "default"), key("numbers-2", "workbazaar", "default"));
    let first = add(store, &one, "a", State::Draft, NOON).await;
    let second = add(store, &one, "b", State::Review, NOON + 1).await;
    assert_eq!((first.number, second.number, add(store, &other, "a", State::Draft, NOON).await.number), (1, 2, 1));
    assert_eq!((first.revision, first.created_at, first.updated_at, first.state), (1, NOON, NOON, State::Draft));
    assert_eq!(store.proposal("numbers", 2).await.expect("reads"), second);
    store.remove_proposal(&second).await.expect("removes");
    assert_eq!(add(store, &one, "c", State::Draft, NOON).await.number, 3);
    for (profile, number) in [("numbers", 2), ("numbers", 9), ("numbers-none", 1)] {
        let missing = store.proposal(profile, number).await;
        assert!(matches!(missing, Err(StoreError::NoSuchProposal { number: told }) if told == number), "{missing:?}");
    }
}

async fn a_posting_has_one_open_proposal(store: &dyn Store) {
    let account = key("one-each", "workbazaar", "default");
    for state in State::ALL {
        let posting = format!("p-{state}");
        let first = add(store, &account, &posting, state, NOON).await;
        let second = store.add_proposal(&account, State::Draft, &content(&posting), "drafted", NOON).await;
        match second {
            Ok(second) => assert!(!state.is_open() && second.number > first.number, "{state}"),
            Err(StoreError::ProposalExists { number, state: told }) => {
                assert!(state.is_open(), "{state}");
                assert_eq!((number, told), (first.number, state));
            }
            Err(other) => panic!("{state}: {other}"),
        }
    }
    // The same identifier on another platform or account is another posting.
    for other in [key("one-each", "jobhub", "default"), key("one-each", "workbazaar", "second")] {
        add(store, &other, "p-draft", State::Draft, NOON).await;
    }
}

async fn a_change_of_what_has_changed_is_refused(store: &dyn Store) {
    let account = key("changes", "workbazaar", "default");
    let read = add(store, &account, "a", State::Draft, NOON).await;
    let edited = Content { title: "Edited".to_owned(), ..content("a") };
    let changed = store.change_proposal(&read, State::Review, &edited, "edited", NOON + 5).await.expect("changes");
    assert_eq!((changed.revision, changed.updated_at, changed.created_at), (2, NOON + 5, NOON));
    assert_eq!(store.proposal("changes", 1).await.expect("reads"), changed);
    let late = [
        store.change_proposal(&read, State::Failed, &content("a"), "late", NOON + 6).await.map(drop),
        begin(store, &read, attempt("late", Deed::Submit, None), &[], NOON + 6).await.map(drop),
        store.remove_proposal(&read).await,
    ];
    for refused in late {
        assert!(matches!(refused, Err(StoreError::ProposalChanged { number: 1 })), "{refused:?}");
    }
    assert_eq!(store.proposal("changes", 1).await.expect("reads"), changed, "what is refused changes nothing");
    assert!(spent(store, "changes", 0).await.is_empty());
    assert_eq!(store.passages("changes", 1).await.expect("reads").len(), 2);
}

async fn lists_are_filtered_and_in_order(store: &dyn Store) {
    let (one, other) = (key("lists", "workbazaar", "default"), key("lists", "jobhub", "default"));
    let first = add(store, &one, "a", State::Draft, NOON).await;
    add(store, &one, "b", State::Review, NOON + 1).await;
    add(store, &other, "a", State::Lost, NOON + 2).await;
    store.change_proposal(&first, State::Review, &first.content, "checked", NOON + 3).await.expect("changes");
    let numbers = async |filter: ProposalFilter| -> Vec<i64> {
        store.proposals(&filter).await.expect("lists").iter().map(|of| of.number).collect()
    };
    let all = ProposalFilter::all(Scope::profile("lists"));
    assert_eq!(numbers(all.clone()).await, [1, 3, 2]);
    assert_eq!(numbers(ProposalFilter { limit: 2, ..all.clone() }).await, [1, 3]);
    assert_eq!(numbers(all.clone().in_states(&[State::Review])).await, [1, 2]);
    assert_eq!(numbers(all.clone().in_states(&[State::Lost, State::Won])).await, [3]);
    assert!(numbers(all.clone().in_states(&[])).await.is_empty(), "no state is none");
    assert_eq!(numbers(ProposalFilter { posting: Some("a".to_owned()), ..all }).await, [1, 3]);
    assert_eq!(numbers(ProposalFilter::all((&one).into())).await, [1, 2]);
    assert!(numbers(ProposalFilter::all(Scope::profile("lists-none"))).await.is_empty());
}

async fn the_story_is_kept(store: &dyn Store) {
    let account = key("story", "workbazaar", "default");
    let mut of = add(store, &account, "a", State::Draft, NOON).await;
    for (state, note) in [(State::Review, "edited"), (State::Approved, "approved"), (State::Review, "thought better")] {
        of = store.change_proposal(&of, state, &of.content, note, of.updated_at + 1).await.expect("changes");
    }
    let told = store.passages("story", 1).await.expect("reads");
    let passage = |at, state, note: &str| Passage { at, state, note: note.to_owned() };
    let expected = [
        passage(NOON, State::Draft, "drafted"),
        passage(NOON + 1, State::Review, "edited"),
        passage(NOON + 2, State::Approved, "approved"),
        passage(NOON + 3, State::Review, "thought better"),
    ];
    assert_eq!(told, expected);
    assert!(store.passages("story", 9).await.expect("reads").is_empty());
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

async fn a_removed_proposal_is_gone_and_what_it_used_up_stays(store: &dyn Store) {
    let account = key("removing", "workbazaar", "default");
    let read = add(store, &account, "a", State::Approved, NOON).await;
    let begun = begin(store, &read, attempt("a", Deed::Submit, Some(3)), &[], NOON).await.expect("begins");
    let ended = store.change_proposal(&begun, State::Withdrawn, &begun.content, "ended", NOON).await.expect("changes");
    store.remove_proposal(&ended).await.expect("removes");
    assert!(store.passages("removing", 1).await.expect("reads").is_empty());
    assert_eq!(spent(store, "removing", 0).await, [("Connects".to_owned(), 3), (SUBMISSIONS.to_owned(), 1)]);
    let again = store.remove_proposal(&ended).await;
    assert!(matches!(again, Err(StoreError::NoSuchProposal { number: 1 })), "{again:?}");
    assert_eq!(add(store, &account, "a", State::Draft, NOON).await.number, 2);
}

async fn a_purge_removes_an_accounts_proposals(store: &dyn Store) {
    let (gone, stays) = (key("purging", "workbazaar", "default"), key("purging", "jobhub", "default"));
    for account in [&gone, &stays] {
        add(store, account, "a", State::Draft, NOON).await;
    }
    store.purge(&(&gone).into(), Purge::PluginData).await.expect("purges");
    assert_eq!(store.proposals(&ProposalFilter::all(Scope::profile("purging"))).await.expect("lists").len(), 2);
    store.purge(&(&gone).into(), Purge::Everything).await.expect("purges");
    let left = store.proposals(&ProposalFilter::all(Scope::profile("purging"))).await.expect("lists");
    assert_eq!(left.iter().map(|of| of.account.platform.as_str()).collect::<Vec<_>>(), ["jobhub"]);
    assert_eq!(add(store, &gone, "b", State::Draft, NOON).await.number, 3, "numbers go on");
}

async fn a_content_is_bounded_and_comes_back_whole(store: &dyn Store) {
    let account = key("bounds", "workbazaar", "default");
    let odd = Content { title: "\u{0}\u{1b}[1m'\"%_ é👍\u{202e}".to_owned(), ..content("a") };
    let added = store.add_proposal(&account, State::Draft, &odd, "", NOON).await.expect("adds");
    assert_eq!(store.proposal("bounds", added.number).await.expect("reads").content, odd);
    let mut large = content("b");
    large.draft.text = "a".repeat(MAX_PROPOSAL_BYTES);
    for refused in [
        store.add_proposal(&account, State::Draft, &large, "", NOON).await,
        store.change_proposal(&added, State::Draft, &large, "", NOON).await,
    ] {
        assert!(matches!(refused, Err(StoreError::Invalid { .. })), "{refused:?}");
    }
    assert_eq!(store.proposal("bounds", added.number).await.expect("reads"), added);
    large.draft.text = "a".repeat(MAX_PROPOSAL_BYTES - 2000);
    let fits = store.add_proposal(&account, State::Draft, &large, "", NOON).await.expect("fits");
    assert_eq!(fits.number, 2, "what is refused takes no number");
}

async fn at_most_one_of_many_at_once_is_begun(store: &dyn Store) {
    let account = key("racing", "workbazaar", "default");
    let content = content("a");
    let many = (0..8).map(|_| store.add_proposal(&account, State::Draft, &content, "drafted", NOON));
    let added = futures_util::future::join_all(many).await;
    assert_eq!(added.iter().filter(|of| of.is_ok()).count(), 1);
    let read = added.into_iter().find_map(Result::ok).expect("one");
    let allowances = [allowed(SUBMISSIONS, 100, 0)];
    let many = (0..8).map(|n| begin(store, &read, attempt(&n.to_string(), Deed::Submit, None), &allowances, NOON));
    let begun = futures_util::future::join_all(many).await;
    assert_eq!(begun.iter().filter(|of| of.is_ok()).count(), 1);
    assert_eq!(spent(store, "racing", 0).await, [(SUBMISSIONS.to_owned(), 1)]);
}
