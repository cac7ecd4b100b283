//! What every backend does with the progress of scans.

use super::{NOON, key};
use crate::store::progress::{MAX_CURSOR_BYTES, OpenScan, Progress};
use crate::store::{Purge, Scope, Store, StoreError};

pub(super) async fn is_kept_as_it_was_for_each_account_and_purged_with_it(store: &dyn Store) {
    let (ours, theirs) = (key("going on", "workbazaar", "a"), key("gone on", "workbazaar", "a"));
    assert_eq!(store.progress(&ours).await.expect("reads"), None);
    let open = OpenScan { began_at: NOON, since: Some(NOON - 60), cursor: "50;é".to_owned(), fetched: 50 };
    let begun = Progress {
        fingerprint: "f".to_owned(),
        known_until: Some(NOON - 60),
        everything_at: None,
        open: Some(open.clone()),
    };
    let ended = Progress { known_until: Some(NOON), everything_at: Some(NOON), open: None, ..begun.clone() };
    store.set_progress(&ours, &begun).await.expect("keeps");
    store.set_progress(&theirs, &ended).await.expect("keeps");
    assert_eq!(store.progress(&ours).await.expect("reads"), Some(begun.clone()));
    store.set_progress(&ours, &ended).await.expect("keeps");
    assert_eq!(store.progress(&ours).await.expect("reads"), Some(ended));
    let long = OpenScan { cursor: "c".repeat(MAX_CURSOR_BYTES + 1), ..open };
    let refused = store.set_progress(&ours, &Progress { open: Some(long), ..begun }).await;
    assert!(matches!(refused, Err(StoreError::Invalid { .. })), "{refused:?}");
    store.purge(&Scope::from(&ours), Purge::Everything).await.expect("purges");
    assert_eq!(store.progress(&ours).await.expect("reads"), None);
    assert!(store.progress(&theirs).await.expect("reads").is_some());
}
