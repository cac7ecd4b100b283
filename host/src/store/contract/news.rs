//! What every backend must do about news of leads.

use super::{NOON, key, lead, page, scan, skip};
use crate::lead::AccountKey;
use crate::store::news::Untold;
use crate::store::outbox::{Event, OutboxFilter};
use crate::store::{Store, StoreError};

/// Runs every rule.
pub(super) async fn upholds_the_contract(store: &dyn Store) {
    a_lead_is_news_until_it_was_told_of(store).await;
    a_lead_whose_score_has_risen_is_news_again(store).await;
    of_two_who_tell_the_same_one_does(store).await;
    what_cannot_be_posted_stays_news(store).await;
}

async fn news(store: &dyn Store, account: &AccountKey) -> Vec<Untold> {
    store.untold(account, 100).await.expect("reads")
}

fn ids(news: &[Untold]) -> Vec<&str> {
    news.iter().map(|lead| lead.id.as_str()).collect()
}

fn event(account: &AccountKey, id: &str) -> (Event, Vec<String>) {
    let event = Event {
        id: id.to_owned(),
        key: id.to_owned(),
        account: account.clone(),
        kind: "lead.discovered".to_owned(),
        created_at: NOON,
        data: "{}".to_owned(),
    };
    (event, vec!["ntfy".to_owned()])
}

async fn posted(store: &dyn Store, account: &AccountKey) -> usize {
    let filter = OutboxFilter { profile: account.profile.clone(), state: None, limit: 100 };
    store.deliveries(&filter).await.expect("lists").len()
}

async fn a_lead_is_news_until_it_was_told_of(store: &dyn Store) {
    let account = key("news", "workbazaar", "default");
    let first = page(vec![lead("1", 4000), lead("2", 5000)], vec![skip("3", "rating")]);
    scan(store, &account, NOON, std::slice::from_ref(&first)).await;
    let found = news(store, &account).await;
    assert_eq!(ids(&found), ["2", "1"], "the best first, and no skipped ones");
    assert!(found.iter().all(|lead| lead.before.is_none() && lead.first_seen == NOON));
    assert_eq!(store.told_at(&account).await.expect("reads"), None);
    assert!(store.tell(&account, &found, &[event(&account, "evt_1")], NOON + 5).await.expect("tells"));
    assert_eq!(store.told_at(&account).await.expect("reads"), Some(NOON + 5));
    assert_eq!(posted(store, &account).await, 1);
    scan(store, &account, NOON + 10, &[first]).await;
    assert_eq!(news(store, &account).await, [], "it was seen again, and is the same");
    scan(store, &account, NOON + 20, &[page(vec![lead("3", 100)], vec![])]).await;
    assert_eq!(ids(&news(store, &account).await), ["3"], "it is kept for the first time");
    assert_eq!(news(store, &key("news-2", "workbazaar", "default")).await, []);
}

async fn a_lead_whose_score_has_risen_is_news_again(store: &dyn Store) {
    let account = key("news-risen", "workbazaar", "default");
    let mut scores = Vec::new();
    for (hour, score) in [4000, 3000, 4000, 6000, 6000].into_iter().enumerate() {
        scan(store, &account, NOON + hour as i64, &[page(vec![lead("1", score)], vec![])]).await;
        let found = news(store, &account).await;
        scores.push(found.first().map(|lead| (lead.before, lead.score)));
        assert!(store.tell(&account, &found, &[], NOON).await.expect("tells"));
    }
    assert_eq!(scores, [Some((None, 4000)), None, None, Some((Some(4000), 6000)), None]);
}

async fn of_two_who_tell_the_same_one_does(store: &dyn Store) {
    let account = key("news-two", "workbazaar", "default");
    scan(store, &account, NOON, &[page(vec![lead("1", 4000), lead("2", 5000)], vec![])]).await;
    let found = news(store, &account).await;
    assert!(store.tell(&account, &found, &[event(&account, "evt_a")], NOON).await.expect("tells"));
    assert!(!store.tell(&account, &found, &[event(&account, "evt_b")], NOON).await.expect("answers"));
    assert_eq!(posted(store, &account).await, 1);
}

async fn what_cannot_be_posted_stays_news(store: &dyn Store) {
    let account = key("news-stay", "workbazaar", "default");
    scan(store, &account, NOON, &[page(vec![lead("1", 4000)], vec![])]).await;
    let found = news(store, &account).await;
    let (event, _) = event(&account, "evt_1");
    let refused = store.tell(&account, &found, &[(event, Vec::new())], NOON).await;
    assert!(matches!(refused, Err(StoreError::Invalid { .. })), "{refused:?}");
    assert_eq!(news(store, &account).await, found);
}
