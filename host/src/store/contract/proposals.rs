//! Proposals: numbers, one open proposal a posting, changes that do not overwrite each other, removal, bounds.

use super::attempts::{allowed, attempt, begin, spent};
use super::*;
use crate::contract::proposals::Draft;
use crate::proposal::{Content, Deed, Origin, Proposal, State};
use crate::store::proposals::{MAX_PROPOSAL_BYTES, Passage, ProposalFilter, SUBMISSIONS};

pub(super) async fn upholds_the_contract(store: &dyn Store) {
    numbers_count_up_within_a_profile_and_are_never_given_again(store).await;
    a_posting_has_one_open_proposal(store).await;
    a_change_of_what_has_changed_is_refused(store).await;
    lists_are_filtered_and_in_order(store).await;
    the_story_is_kept(store).await;
    super::attempts::upholds_the_contract(store).await;
    a_removed_proposal_is_gone_and_what_it_used_up_stays(store).await;
    a_purge_removes_an_accounts_proposals(store).await;
    a_content_is_bounded_and_comes_back_whole(store).await;
    at_most_one_of_many_at_once_is_begun(store).await;
}

pub(super) fn content(posting: &str) -> Content {
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
pub(super) async fn add(store: &dyn Store, account: &AccountKey, posting: &str, state: State, now: i64) -> Proposal {
    store.add_proposal(account, state, &content(posting), "drafted", now).await.expect("adds")
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
