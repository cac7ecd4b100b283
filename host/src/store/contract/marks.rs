//! Marks, tags, the orders of lists, and how long content is kept.

use super::*;

pub(super) async fn upholds_the_contract(store: &dyn Store) {
    marks_and_tags_outlive_a_scan(store).await;
    tags_are_kept_within_their_bounds(store).await;
    leads_are_found_by_mark_tag_and_word(store).await;
    a_lead_that_a_rule_ranks_first_comes_first(store).await;
    leads_are_sorted_by_what_is_asked_for(store).await;
    content_is_purged_and_figures_stay(store).await;
    purged_content_comes_back_by_a_scan_or_when_it_is_fetched(store).await;
    one_call_purges_a_bounded_number(store).await;
}

async fn find(store: &dyn Store, account: &AccountKey, id: &str) -> StoredLead {
    match store.find(&account.into(), id).await.expect("is there") {
        Found::Lead(lead) => *lead,
        Found::Skipped(skipped) => panic!("{skipped:?}"),
    }
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

async fn marks_and_tags_outlive_a_scan(store: &dyn Store) {
    let account = key("marks", "workbazaar", "default");
    let kept = [page(vec![lead("1", 5000)], vec![])];
    scan(store, &account, NOON, &kept).await;
    assert_eq!((find(store, &account, "1").await.mark, find(store, &account, "1").await.tags.len()), (Mark::New, 0));
    store.mark(&account, "1", Mark::Starred).await.expect("marks");
    let tags =
        store.tag(&account, "1", &strings(&["b", "a", "gone"]), &strings(&["gone", "never"])).await.expect("tags");
    assert_eq!(tags, ["a", "b"]);
    let dropped = [page(vec![], vec![skip("1", "rating")])];
    for pages in [&kept, &dropped, &kept] {
        scan(store, &account, NOON + 10, pages).await;
    }
    let stored = find(store, &account, "1").await;
    assert_eq!((stored.mark, stored.tags), (Mark::Starred, strings(&["a", "b"])));
    for refused in [
        store.mark(&account, "2", Mark::Seen).await,
        store.tag(&account, "2", &[], &[]).await.map(drop),
        store.mark(&key("marks", "elsewhere", "default"), "1", Mark::Seen).await,
    ] {
        assert!(matches!(refused, Err(StoreError::NoSuchPosting { .. })), "{refused:?}");
    }
}

async fn tags_are_kept_within_their_bounds(store: &dyn Store) {
    let account = key("tags", "workbazaar", "default");
    scan(store, &account, NOON, &[page(vec![lead("1", 1)], vec![])]).await;
    let longest = "é".repeat(MAX_TAG_BYTES / 2);
    assert_eq!(store.tag(&account, "1", &strings(&[&longest]), &[]).await.expect("fits").len(), 1);
    for tag in ["", "a\nb", "\u{1b}[1m", &format!("{longest}x")] {
        let refused = store.tag(&account, "1", &strings(&["fine", tag]), &[]).await;
        assert!(matches!(refused, Err(StoreError::Invalid { .. })), "{tag:?}: {refused:?}");
    }
    let many: Vec<String> = (0..MAX_TAGS).map(|n| n.to_string()).collect();
    assert!(store.tag(&account, "1", &many, &[]).await.is_err());
    assert_eq!(find(store, &account, "1").await.tags.len(), 1, "what is refused changes nothing");
    assert_eq!(store.tag(&account, "1", &many, &strings(&[&longest])).await.expect("fits").len(), MAX_TAGS);
}

async fn leads_are_found_by_mark_tag_and_word(store: &dyn Store) {
    let account = key("finding", "workbazaar", "default");
    let mut odd = lead("c", 100);
    odd.posting.title = "100% \"quoted\" [C++]".to_owned();
    odd.posting.skills = strings(&["Zig"]);
    scan(store, &account, NOON, &[page(vec![lead("a", 300), lead("b", 200), odd], vec![])]).await;
    store.mark(&account, "b", Mark::Dismissed).await.expect("marks");
    store.tag(&account, "a", &strings(&["hot", "rust"]), &[]).await.expect("tags");
    store.tag(&account, "b", &strings(&["hot"]), &[]).await.expect("tags");
    let base = LeadFilter::all((&account).into(), 10);
    let marks = |marks: &[Mark]| LeadFilter { marks: Some(marks.to_vec()), ..base.clone() };
    let tags = |tags: &[&str]| LeadFilter { tags: strings(tags), ..base.clone() };
    let words = |words: &[&str]| LeadFilter { words: strings(words), ..base.clone() };
    let table: [(LeadFilter, &[&str]); 12] = [
        (base.clone(), &["a", "b", "c"]),
        (marks(&[Mark::Dismissed]), &["b"]),
        (marks(&[Mark::New, Mark::Starred]), &["a", "c"]),
        (marks(&[]), &[]),
        (tags(&["hot"]), &["a", "b"]),
        (tags(&["hot", "rust"]), &["a"]),
        (tags(&["h%"]), &[]),
        (words(&["BICYCLES"]), &["a", "b", "c"]),
        (words(&["work", "rust"]), &["a", "b"]),
        (words(&["zig"]), &["c"]),
        (words(&["%", "\"quoted\"", "[c++]"]), &["c"]),
        (words(&["nothing"]), &[]),
    ];
    for (filter, expected) in table {
        assert_eq!(ids(&store.leads(&filter).await.expect("lists")), expected, "{filter:?}");
    }
}

async fn a_lead_that_a_rule_ranks_first_comes_first(store: &dyn Store) {
    let account = key("first", "workbazaar", "default");
    let ranked = |id: &str, score, action| {
        let mut ranked = lead(id, score);
        ranked.explained.rule = Some(Applied { name: "mine".to_owned(), action, reason: "budget".to_owned() });
        ranked
    };
    let first = || ranked("first", 100, RuleAction::Priority);
    let leads = vec![lead("best", 9000), first(), ranked("drafted", 200, RuleAction::Draft)];
    scan(store, &account, NOON, &[page(leads, vec![])]).await;
    let filter = LeadFilter::all((&account).into(), 10);
    assert_eq!(ids(&store.leads(&filter).await.expect("lists")), ["first", "best", "drafted"]);
    let one = LeadFilter { limit: 1, ..filter.clone() };
    assert_eq!(ids(&store.leads(&one).await.expect("lists")), ["first"]);
    let reversed = LeadFilter { reverse: true, ..filter.clone() };
    assert_eq!(ids(&store.leads(&reversed).await.expect("lists")), ["drafted", "best", "first"]);
    scan(store, &account, NOON + 1, &[page(vec![lead("first", 100)], vec![])]).await;
    assert_eq!(ids(&store.leads(&filter).await.expect("lists")), ["best", "drafted", "first"], "the rule is gone");
}

async fn leads_are_sorted_by_what_is_asked_for(store: &dyn Store) {
    let account = key("sorts", "workbazaar", "default");
    let paying = |id: &str, payment, maximum, currency: &str, usd_rate, confidence, posted_at| {
        let mut paying = lead(id, 5000);
        paying.posting.payment = payment;
        paying.posting.budget = Some(Budget { minimum: Some(1), maximum, currency: currency.to_owned(), usd_rate });
        paying.posting.posted_at = posted_at;
        paying.explained.confidence = confidence;
        paying
    };
    let fixed = paying("fixed", Payment::Fixed, Some(150_000), "USD", None, 0.5, Some(NOON - 3));
    // 40 hours of 30 EUR at 1.5.
    let hourly = paying("hourly", Payment::Hourly, Some(3_000), "EUR", Some(1.5), 0.25, None);
    let unknown = paying("unknown", Payment::Fixed, Some(i64::MAX), "XAF", None, 1.0, Some(NOON - 1));
    scan(store, &account, NOON, &[page(vec![fixed], vec![])]).await;
    scan(store, &account, NOON + 1, &[page(vec![hourly, unknown], vec![])]).await;
    for (sort, order, reversed) in [
        (LeadSort::Budget, ["hourly", "fixed", "unknown"], ["fixed", "hourly", "unknown"]),
        (LeadSort::Posted, ["unknown", "fixed", "hourly"], ["fixed", "unknown", "hourly"]),
        (LeadSort::Confidence, ["unknown", "fixed", "hourly"], ["hourly", "fixed", "unknown"]),
        (LeadSort::Seen, ["hourly", "unknown", "fixed"], ["fixed", "hourly", "unknown"]),
    ] {
        for (reverse, expected) in [(false, order), (true, reversed)] {
            let filter = LeadFilter { sort, reverse, ..LeadFilter::all((&account).into(), 10) };
            assert_eq!(ids(&store.leads(&filter).await.expect("lists")), expected, "{sort:?} {reverse}");
        }
    }
}

/// A lead of whose content everything is stated.
fn full(id: &str) -> Lead {
    let mut full = lead(id, 7777);
    full.posting.categories = strings(&["Web"]);
    full.posting.language = Some("de".to_owned());
    full.posting.client.id = Some("c-1".to_owned());
    full.posting.client.country = Some("Chile".to_owned());
    full.posting.client.country_code = Some("CL".to_owned());
    full
}

/// What is left of a posting without its content.
fn without_content(posting: &Posting) -> Posting {
    let client = Client { id: None, country: None, country_code: None, ..posting.client.clone() };
    let (title, description) = (String::new(), String::new());
    let (skills, categories, attributes) = (Vec::new(), Vec::new(), Vec::new());
    Posting { title, description, skills, categories, attributes, client, language: None, ..posting.clone() }
}

async fn content_is_purged_and_figures_stay(store: &dyn Store) {
    let account = key("purges-content", "workbazaar", "default");
    let scope = Scope::from(&account);
    let old = full("old");
    scan(store, &account, NOON, &[page(vec![old.clone()], vec![skip("dropped", "rating")])]).await;
    scan(store, &account, NOON + 100, &[page(vec![full("young")], vec![])]).await;
    store.mark(&account, "old", Mark::Starred).await.expect("marks");
    store.tag(&account, "old", &strings(&["mine"]), &[]).await.expect("tags");
    assert_eq!(store.purge_content(&scope, NOON, NOON + 200).await.expect("purges"), 0, "not a moment too early");
    assert_eq!(store.purge_content(&scope.clone().on("elsewhere"), NOON + 1, NOON + 200).await.expect("purges"), 0);
    assert_eq!(store.purge_content(&scope, NOON + 1, NOON + 200).await.expect("purges"), 2);
    assert_eq!(store.purge_content(&scope, NOON + 1, NOON + 300).await.expect("purges"), 0);
    let stored = find(store, &account, "old").await;
    assert_eq!(stored.lead.posting, without_content(&old.posting));
    assert_eq!((&stored.lead.explained, stored.purged_at), (&old.explained, Some(NOON + 200)));
    assert_eq!((stored.mark, stored.tags), (Mark::Starred, strings(&["mine"])));
    assert_eq!(find(store, &account, "young").await.lead, full("young"));
    let dropped = &all_skipped(store, &scope).await[0].skipped;
    assert_eq!((dropped.title.as_str(), dropped.filter.as_str()), ("", "rating"));
    assert!(!dropped.reason.is_empty());
}

async fn purged_content_comes_back_by_a_scan_or_when_it_is_fetched(store: &dyn Store) {
    let account = key("restores", "workbazaar", "default");
    let scope = Scope::from(&account);
    let seen = [page(vec![full("1"), full("2")], vec![skip("3", "rating")])];
    scan(store, &account, NOON, &seen).await;
    assert_eq!(store.purge_content(&scope, NOON + 1, NOON + 1).await.expect("purges"), 3);
    let mut fetched = full("1").posting;
    fetched.description = "Another text".to_owned();
    store.restore_content(&account, &fetched, NOON + 50).await.expect("stores");
    let stored = find(store, &account, "1").await;
    assert_eq!((stored.purged_at, stored.fetched_at, stored.last_seen), (None, NOON + 50, NOON));
    assert_eq!((stored.lead.posting, stored.lead.explained), (fetched, full("1").explained));
    assert_eq!(store.purge_content(&scope, NOON + 50, NOON + 60).await.expect("purges"), 0);
    let counts = scan(store, &account, NOON + 70, &seen).await;
    assert_eq!((counts.new, counts.changed, counts.unchanged), (0, 0, 3), "what was purged is known all the same");
    let stored = find(store, &account, "2").await;
    assert_eq!((stored.purged_at, stored.lead), (None, full("2")));
    for id in ["3", "4"] {
        let refused = store.restore_content(&account, &full(id).posting, NOON).await;
        assert!(matches!(refused, Err(StoreError::NoSuchPosting { .. })), "{id}: {refused:?}");
    }
}

async fn one_call_purges_a_bounded_number(store: &dyn Store) {
    let account = key("purges-much", "workbazaar", "default");
    let dropped = (0..=MAX_PURGED).map(|n| skip(&n.to_string(), "rating")).collect();
    scan(store, &account, NOON, &[page(vec![], dropped)]).await;
    for expected in [u64::from(MAX_PURGED), 1, 0] {
        assert_eq!(store.purge_content(&(&account).into(), NOON + 1, NOON + 1).await.expect("purges"), expected);
    }
}
