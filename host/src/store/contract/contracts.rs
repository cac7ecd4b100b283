//! Contracts: what is new and what has changed, since when milestones are handed in, references, and where following left off.

use super::*;
use crate::contract::contracts::{Contract, ContractStatus, Milestone, MilestoneStatus};
use crate::contract::types::Money;
use crate::store::contracts::{ContractCounts, Followed, MAX_CONTRACT_BYTES, MAX_CONTRACTS, Position, StoredContract};

pub(super) async fn upholds_the_contract(store: &dyn Store) {
    what_is_new_and_what_has_changed_is_counted(store).await;
    those_changed_last_come_first_and_accounts_are_apart(store).await;
    a_milestone_is_handed_in_since_it_was_first_seen_so(store).await;
    a_reference_finds_one_contract_or_says_which_it_could_be(store).await;
    whatever_a_platform_says_comes_back_whole(store).await;
    a_position_is_kept_for_each_account_and_what_is_followed(store).await;
    a_purge_removes_an_accounts_contracts_and_positions(store).await;
    a_page_of_any_length_is_stored_at_once(store).await;
    an_account_has_so_many_contracts_and_no_more(store).await;
}

fn contract(id: &str, status: ContractStatus, milestones: &[(&str, MilestoneStatus)]) -> Contract {
    let milestone = |(id, status): &(&str, MilestoneStatus)| Milestone {
        id: (*id).to_owned(),
        description: format!("Part {id}"),
        amount: Some(Money { amount: 12_345, currency: "EUR".to_owned() }),
        due_at: Some(NOON + 86_400),
        submitted_at: None,
        status: status.clone(),
    };
    Contract {
        id: id.to_owned(),
        posting: Some(format!("posting-{id}")),
        proposal: None,
        title: format!("Work {id}"),
        url: None,
        client: Some("Ada".to_owned()),
        status,
        payment: Payment::Fixed,
        amount: None,
        weekly_hours: None,
        starts_at: Some(NOON),
        ends_at: None,
        milestones: milestones.iter().map(milestone).collect(),
        attributes: Vec::new(),
    }
}

fn active(id: &str) -> Contract {
    contract(id, ContractStatus::Active, &[("m1", MilestoneStatus::InProgress)])
}

fn position(cursor: &str, done_at: Option<i64>) -> Position {
    Position { cursor: cursor.to_owned(), done_at }
}

async fn record(store: &dyn Store, account: &AccountKey, page: &[Contract], now: i64) -> ContractCounts {
    store.record_contracts(account, page, &position("c", Some(now)), now).await.expect("records")
}

async fn listed(store: &dyn Store, scope: Scope) -> Vec<StoredContract> {
    store.contracts(&scope).await.expect("lists")
}

async fn what_is_new_and_what_has_changed_is_counted(store: &dyn Store) {
    let account = key("contracts", "workbazaar", "default");
    let counts = |new, changed, unchanged| ContractCounts { new, changed, unchanged };
    assert_eq!(record(store, &account, &[active("1"), active("2")], NOON).await, counts(2, 0, 0));
    let ended = contract("2", ContractStatus::Ended, &[]);
    assert_eq!(record(store, &account, &[active("1"), ended.clone(), active("3")], NOON + 5).await, counts(1, 1, 1));
    let found = store.contract(&(&account).into(), "2").await.expect("there");
    assert_eq!((&found.contract, found.first_seen, found.changed_at), (&ended, NOON, NOON + 5));
    let found = store.contract(&(&account).into(), "1").await.expect("there");
    assert_eq!((found.first_seen, found.changed_at), (NOON, NOON), "what was seen again as it was has not changed");
    assert_eq!(record(store, &account, &[], NOON + 6).await, counts(0, 0, 0));
}

async fn those_changed_last_come_first_and_accounts_are_apart(store: &dyn Store) {
    let [mine, other, platform] =
        [("workbazaar", "default"), ("workbazaar", "second"), ("jobhub", "default")].map(|(p, a)| key("order", p, a));
    record(store, &mine, &[active("b"), active("a")], NOON).await;
    record(store, &other, &[active("a")], NOON + 1).await;
    record(store, &platform, &[active("c")], NOON + 2).await;
    record(store, &mine, &[contract("b", ContractStatus::Paused, &[])], NOON + 3).await;
    let ids = |found: Vec<StoredContract>| found.into_iter().map(|of| of.contract.id).collect::<Vec<_>>();
    assert_eq!(ids(listed(store, Scope::profile("order")).await), ["b", "c", "a", "a"]);
    assert_eq!(ids(listed(store, (&mine).into()).await), ["b", "a"]);
    assert_eq!(ids(listed(store, (&platform).into()).await), ["c"]);
    assert!(listed(store, Scope::profile("order-2")).await.is_empty());
}

async fn a_milestone_is_handed_in_since_it_was_first_seen_so(store: &dyn Store) {
    let account = key("handed", "workbazaar", "default");
    let with = |status: MilestoneStatus, title: &str| {
        let both = [("m1", status), ("m2", MilestoneStatus::Upcoming)];
        Contract { title: title.to_owned(), ..contract("1", ContractStatus::Active, &both) }
    };
    let since = async |now: i64, of: Contract| {
        record(store, &account, &[of], now).await;
        let found = store.contract(&(&account).into(), "1").await.expect("there");
        found.handed_in.into_iter().collect::<Vec<_>>()
    };
    let m1 = |at: i64| vec![("m1".to_owned(), at)];
    assert_eq!(since(NOON, with(MilestoneStatus::InProgress, "a")).await, []);
    assert_eq!(since(NOON + 10, with(MilestoneStatus::Submitted, "a")).await, m1(NOON + 10));
    assert_eq!(since(NOON + 20, with(MilestoneStatus::Submitted, "another title")).await, m1(NOON + 10));
    assert_eq!(since(NOON + 30, with(MilestoneStatus::RevisionRequested, "a")).await, []);
    assert_eq!(since(NOON + 40, with(MilestoneStatus::Submitted, "a")).await, m1(NOON + 40), "another handing in");
}

async fn a_reference_finds_one_contract_or_says_which_it_could_be(store: &dyn Store) {
    let [here, there] = ["workbazaar", "jobhub"].map(|platform| key("named", platform, "default"));
    record(store, &here, &[active("100"), active("1001"), active("a/b")], NOON).await;
    record(store, &there, &[active("100"), active("200")], NOON).await;
    let scope = Scope::profile("named");
    for (reference, platform, id) in [
        ("200", "jobhub", "200"),
        ("2", "jobhub", "200"),
        ("1001", "workbazaar", "1001"),
        ("workbazaar/100", "workbazaar", "100"),
        ("jobhub/1", "jobhub", "100"),
        ("a/b", "workbazaar", "a/b"),
        ("workbazaar/a/", "workbazaar", "a/b"),
    ] {
        let found = store.contract(&scope, reference).await.expect(reference);
        assert_eq!((found.account.platform.as_str(), found.contract.id.as_str()), (platform, id), "{reference}");
    }
    for reference in ["100", "10", "workbazaar/1"] {
        let found = store.contract(&scope, reference).await;
        assert!(matches!(found, Err(StoreError::Ambiguous { .. })), "{reference}: {found:?}");
    }
    for reference in ["3", "", "jobhub/3", "%", "' OR 1=1 --"] {
        let found = store.contract(&scope, reference).await;
        assert!(matches!(found, Err(StoreError::NoSuchContract { .. })), "{reference}: {found:?}");
    }
}

async fn whatever_a_platform_says_comes_back_whole(store: &dyn Store) {
    let account = key("odd", "workbazaar", "default");
    let odd = Contract {
        title: "\u{0}\u{1b}[1m'\"%_ é👍\u{202e}".to_owned(),
        status: ContractStatus::Other("under a moon".to_owned()),
        payment: Payment::Other("barter".to_owned()),
        weekly_hours: Some(u32::MAX),
        amount: Some(Money { amount: i64::MAX, currency: "XXX".to_owned() }),
        starts_at: Some(i64::MIN),
        ends_at: Some(i64::MAX),
        ..contract("odd", ContractStatus::Active, &[("m", MilestoneStatus::Other("pondered".to_owned()))])
    };
    record(store, &account, std::slice::from_ref(&odd), NOON).await;
    assert_eq!(store.contract(&(&account).into(), "odd").await.expect("there").contract, odd);
    assert_eq!(record(store, &account, &[odd], NOON + 1).await.unchanged, 1);
}

async fn a_position_is_kept_for_each_account_and_what_is_followed(store: &dyn Store) {
    let [here, there] = ["workbazaar", "jobhub"].map(|platform| key("followed", platform, "default"));
    let at = async |account: &AccountKey, of: Followed| store.position(account, of).await.expect("reads");
    assert_eq!(at(&here, Followed::Contracts).await, None);
    store.record_contracts(&here, &[active("1")], &position("p1", Some(NOON)), NOON).await.expect("records");
    assert_eq!(at(&here, Followed::Contracts).await, Some(position("p1", Some(NOON))));
    assert_eq!((at(&here, Followed::Proposals).await, at(&there, Followed::Contracts).await), (None, None));
    // In the middle of a round the end of the last one is still known.
    store.record_contracts(&here, &[], &position("p2", None), NOON + 5).await.expect("records");
    assert_eq!(at(&here, Followed::Contracts).await, Some(position("p2", Some(NOON))));
    let proposals = position("x", None);
    store.set_position(&here, Followed::Proposals, Some(&proposals)).await.expect("keeps");
    store.set_position(&here, Followed::Contracts, None).await.expect("forgets");
    assert_eq!((at(&here, Followed::Contracts).await, at(&here, Followed::Proposals).await), (None, Some(proposals)));
    assert_eq!(listed(store, (&here).into()).await.len(), 1, "what was read stays");
}

async fn a_purge_removes_an_accounts_contracts_and_positions(store: &dyn Store) {
    let [gone, stays] = ["workbazaar", "jobhub"].map(|platform| key("purging-work", platform, "default"));
    for account in [&gone, &stays] {
        record(store, account, &[active("1")], NOON).await;
    }
    store.purge(&(&gone).into(), Purge::PluginData).await.expect("purges");
    assert_eq!(listed(store, Scope::profile("purging-work")).await.len(), 2);
    store.purge(&(&gone).into(), Purge::Everything).await.expect("purges");
    let left = listed(store, Scope::profile("purging-work")).await;
    assert_eq!(left.iter().map(|of| of.account.platform.as_str()).collect::<Vec<_>>(), ["jobhub"]);
    let positions = [&gone, &stays].map(|account| store.position(account, Followed::Contracts));
    let [gone, stays] = positions;
    assert_eq!((gone.await.expect("reads"), stays.await.expect("reads").is_some()), (None, true));
}

async fn a_page_of_any_length_is_stored_at_once(store: &dyn Store) {
    let account = key("many", "workbazaar", "default");
    let many: Vec<Contract> = (0..1_000).map(|id| active(&id.to_string())).collect();
    assert_eq!(record(store, &account, &many, NOON).await.new, 1_000);
    // The same twice on a page is one contract, and the last word counts.
    let twice = [active("7"), contract("7", ContractStatus::Completed, &[])];
    record(store, &account, &twice, NOON + 1).await;
    let all = listed(store, (&account).into()).await;
    assert_eq!((all.len(), &all[0].contract.status), (1_000, &ContractStatus::Completed));
}

async fn an_account_has_so_many_contracts_and_no_more(store: &dyn Store) {
    let (many, large) = (key("bounds", "workbazaar", "many"), key("bounds", "workbazaar", "large"));
    let numbered = |range: std::ops::Range<u32>| range.map(|n| active(&n.to_string())).collect::<Vec<_>>();
    for from in (0..MAX_CONTRACTS).step_by(1_000) {
        record(store, &many, &numbered(from..from + 1_000), NOON).await;
    }
    let before = store.position(&many, Followed::Contracts).await.expect("reads");
    let refused =
        store.record_contracts(&many, &[active("one-more")], &position("further", None), NOON).await.expect_err("full");
    assert!(matches!(refused, StoreError::Exhausted { .. }), "{refused}");
    assert_eq!(store.position(&many, Followed::Contracts).await.expect("reads"), before, "all or nothing");
    assert_eq!(listed(store, (&many).into()).await.len(), MAX_CONTRACTS as usize);
    // Those that are known still change.
    let counts = record(store, &many, &[contract("7", ContractStatus::Ended, &[])], NOON + 1).await;
    assert_eq!(counts.changed, 1);

    let title = "x".repeat(8 << 20);
    let of = |n: u64| Contract { title: title.clone(), ..active(&n.to_string()) };
    let fitting = MAX_CONTRACT_BYTES / (title.len() as u64 + 1_000);
    for n in 0..fitting {
        record(store, &large, &[of(n)], NOON).await;
    }
    let refused = store.record_contracts(&large, &[of(fitting)], &position("c", None), NOON).await.expect_err("full");
    assert!(refused.to_string().contains("64 MiB"), "{refused}");
    // Another account of the same platform has its own room.
    assert_eq!(record(store, &key("bounds", "workbazaar", "other"), &[of(0)], NOON).await.new, 1);
}
