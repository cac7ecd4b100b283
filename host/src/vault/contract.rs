//! What every backend must do, as tests over `&dyn SecretStore`.
//!
//! A backend's tests call [`upholds_the_contract`] once with a working store, and
//! [`agrees_with_a_model`] from a property test. Both keep to paths beneath `contract`, so a shared
//! server serves as well as a fresh directory.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use proptest::prelude::*;
use secrecy::{ExposeSecret, SecretString};

use super::{Cas, MAX_SECRET_BYTES, MAX_VERSIONS, Secret, SecretPath, SecretStore, VaultError, Version};

/// Text that no error, log or `Debug` output may ever hold; tests put it into their secrets.
pub(super) const PLANTED: &str = "planted-secret";

pub(super) fn path(text: &str) -> SecretPath {
    SecretPath::parse(text).expect("tests use valid paths")
}

/// A secret of one field.
pub(super) fn secret(value: &str) -> Secret {
    Secret::from_fields([("value", SecretString::from(value))]).expect("tests use valid secrets")
}

/// The text of the field that [`secret`] sets.
pub(super) fn text(secret: &Secret) -> &str {
    secret.get("value").expect("tests read what they wrote").expose_secret()
}

/// Runs every rule.
pub(super) async fn upholds_the_contract(store: &dyn SecretStore) {
    a_path_never_written_is_absent(store).await;
    a_written_secret_is_read_back_whole(store).await;
    versions_count_up_and_the_oldest_are_dropped(store).await;
    check_and_set_refuses_what_it_should_and_changes_nothing(store).await;
    deletion_removes_every_version_and_numbering_begins_again(store).await;
    listing_counts_whole_segments_at_any_depth(store).await;
    a_path_may_hold_a_secret_and_lie_above_others(store).await;
    metadata_tells_versions_and_times(store).await;
    concurrent_check_and_set_loses_no_update(store).await;
    a_probe_leaves_nothing_behind(store).await;
    the_description_holds_no_secret(store);
}

async fn a_path_never_written_is_absent(store: &dyn SecretStore) {
    let path = path("contract/absent");
    assert!(store.read(&path).await.expect("reads").is_none());
    assert!(store.read_version(&path, Version::FIRST).await.expect("reads").is_none());
    assert!(store.metadata(&path).await.expect("reads").is_none());
    assert!(!store.delete(&path).await.expect("deletes"));
    assert!(store.list(Some(&path)).await.expect("lists").is_empty());
}

async fn a_written_secret_is_read_back_whole(store: &dyn SecretStore) {
    let path = path("contract/whole");
    let large = "x".repeat(MAX_SECRET_BYTES - 100);
    let fields = [("empty", ""), ("odd", "line\nquote\" \u{0} \u{1f512} \u{202e}"), ("large", &large)];
    let value = Secret::from_fields(fields.map(|(name, value)| (name, SecretString::from(value)))).expect("valid");
    store.write(&path, value, Cas::Any).await.expect("writes");
    let read = store.read(&path).await.expect("reads").expect("is there");
    assert_eq!(read.value.fields().len(), fields.len());
    for (name, value) in fields {
        assert_eq!(read.value.get(name).expect("has the field").expose_secret(), value);
    }
}

async fn versions_count_up_and_the_oldest_are_dropped(store: &dyn SecretStore) {
    let path = path("contract/versions");
    let last = MAX_VERSIONS as u64 + 3;
    for number in 1..=last {
        let written = store.write(&path, secret(&number.to_string()), Cas::Any).await.expect("writes");
        assert_eq!(written.get(), number);
    }
    let latest = store.read(&path).await.expect("reads").expect("is there");
    assert_eq!((latest.version.get(), text(&latest.value)), (last, last.to_string().as_str()));
    for number in 1..=last + 1 {
        let version = Version::new(number).expect("not zero");
        let found = store.read_version(&path, version).await.expect("reads");
        let is_kept = (4..=last).contains(&number);
        assert_eq!(found.is_some(), is_kept, "version {number}");
        if let Some(found) = found {
            assert_eq!((found.version, text(&found.value)), (version, number.to_string().as_str()));
        }
    }
}

async fn check_and_set_refuses_what_it_should_and_changes_nothing(store: &dyn SecretStore) {
    let path = path("contract/cas");
    let second = Version::FIRST.next();
    let refused = |cas, current| async move {
        match store.write(&self::path("contract/cas"), secret(PLANTED), cas).await {
            Err(error @ VaultError::CasMismatch { .. }) => {
                assert!(!format!("{error} {error:?}").contains(PLANTED), "{error}");
                let VaultError::CasMismatch { expected, current: found, .. } = error else { unreachable!() };
                assert_eq!((expected, found), (cas, current));
            }
            other => panic!("{cas:?} on {current:?} gave {other:?}"),
        }
    };
    refused(Cas::Current(Version::FIRST), None).await;
    assert!(store.read(&path).await.expect("reads").is_none());

    assert_eq!(store.write(&path, secret("1"), Cas::MustNotExist).await.expect("writes"), Version::FIRST);
    refused(Cas::MustNotExist, Some(Version::FIRST)).await;
    refused(Cas::Current(second), Some(Version::FIRST)).await;
    assert_eq!(store.write(&path, secret("2"), Cas::Current(Version::FIRST)).await.expect("writes"), second);
    refused(Cas::Current(Version::FIRST), Some(second)).await;

    let read = store.read(&path).await.expect("reads").expect("is there");
    assert_eq!((read.version, text(&read.value)), (second, "2"));
}

async fn deletion_removes_every_version_and_numbering_begins_again(store: &dyn SecretStore) {
    let path = path("contract/deleted");
    for _ in 0..2 {
        store.write(&path, secret("x"), Cas::Any).await.expect("writes");
    }
    assert!(store.delete(&path).await.expect("deletes"));
    assert!(!store.delete(&path).await.expect("deletes"));
    assert!(store.read(&path).await.expect("reads").is_none());
    assert!(store.read_version(&path, Version::FIRST).await.expect("reads").is_none());
    assert!(store.metadata(&path).await.expect("reads").is_none());
    assert_eq!(store.write(&path, secret("y"), Cas::MustNotExist).await.expect("writes"), Version::FIRST);
}

async fn listing_counts_whole_segments_at_any_depth(store: &dyn SecretStore) {
    let names =
        ["contract/list/a", "contract/list/a-b", "contract/list/a/b", "contract/list/a/b/c", "contract/listing"];
    for name in names.iter().rev() {
        store.write(&path(name), secret("x"), Cas::Any).await.expect("writes");
    }
    let list = |under| async move {
        let found = store.list(Some(&path(under))).await.expect("lists");
        found.iter().map(|path| path.as_str().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(list("contract/list").await, &names[..4]);
    assert_eq!(list("contract/list/a").await, &names[2..4]);
    assert!(list("contract/list/a/b/c").await.is_empty());
    let everything = store.list(None).await.expect("lists");
    assert!(everything.is_sorted());
    assert!(names.iter().all(|name| everything.contains(&path(name))));
}

async fn a_path_may_hold_a_secret_and_lie_above_others(store: &dyn SecretStore) {
    let (above, beneath) = (path("contract/above"), path("contract/above/beneath"));
    store.write(&above, secret("above"), Cas::Any).await.expect("writes");
    store.write(&beneath, secret("beneath"), Cas::Any).await.expect("writes");
    assert!(store.delete(&above).await.expect("deletes"));
    assert_eq!(text(&store.read(&beneath).await.expect("reads").expect("is there").value), "beneath");
}

async fn metadata_tells_versions_and_times(store: &dyn SecretStore) {
    let path = path("contract/metadata");
    for _ in 0..3 {
        store.write(&path, secret("x"), Cas::Any).await.expect("writes");
    }
    let metadata = store.metadata(&path).await.expect("reads").expect("is there");
    let numbers: Vec<u64> = metadata.versions.iter().map(|info| info.version.get()).collect();
    assert_eq!(numbers, [1, 2, 3]);
    assert_eq!(metadata.versions.last(), Some(&metadata.current));
    assert_eq!(metadata.created_at, metadata.versions[0].created_at);
    let read = store.read(&path).await.expect("reads").expect("is there");
    assert_eq!((read.version, read.created_at), (metadata.current.version, metadata.current.created_at));
}

async fn concurrent_check_and_set_loses_no_update(store: &dyn SecretStore) {
    let path = path("contract/counter");
    join_all((0..4).map(|_| async { increment(store, &path, 5).await })).await;
    assert_eq!(text(&store.read(&path).await.expect("reads").expect("is there").value), "20");
}

/// Adds 1 to the number at `path`, `times` times, whatever others do to it meanwhile.
pub(super) async fn increment(store: &dyn SecretStore, path: &SecretPath, times: u32) {
    let mut done = 0;
    while done < times {
        let (number, cas) = match store.read(path).await.expect("reads") {
            None => (0, Cas::MustNotExist),
            Some(read) => (text(&read.value).parse::<u32>().expect("a number"), Cas::Current(read.version)),
        };
        match store.write(path, secret(&(number + 1).to_string()), cas).await {
            Ok(_) => done += 1,
            Err(VaultError::CasMismatch { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

async fn a_probe_leaves_nothing_behind(store: &dyn SecretStore) {
    let before = store.list(None).await.expect("lists");
    store.probe().await.expect("is writable");
    store.probe().await.expect("is writable again");
    assert_eq!(store.list(None).await.expect("lists"), before);
}

fn the_description_holds_no_secret(store: &dyn SecretStore) {
    let description = store.describe();
    assert!(!description.backend.is_empty() && !description.location.is_empty());
    assert!(!format!("{description:?}").contains(PLANTED));
}

/// One step of a random history over a few paths.
#[derive(Debug, Clone)]
pub(super) enum Operation {
    Write { path: usize, value: String, cas: Demand },
    Delete { path: usize },
    Probe,
}

/// Which check a write makes, relative to what is there when it runs.
#[derive(Debug, Clone, Copy)]
pub(super) enum Demand {
    Any,
    MustNotExist,
    Current,
    Stale,
}

const MODEL_PATHS: [&str; 4] = ["contract/model/a", "contract/model/a/b", "contract/model/a-b", "contract/model/c"];

/// Histories for [`agrees_with_a_model`].
pub(super) fn histories() -> impl Strategy<Value = Vec<Operation>> {
    let demand = prop_oneof![Just(Demand::Any), Just(Demand::MustNotExist), Just(Demand::Current), Just(Demand::Stale)];
    let write = (0..MODEL_PATHS.len(), "\\PC{0,20}", demand).prop_map(|(path, value, cas)| Operation::Write {
        path,
        value,
        cas,
    });
    let delete = (0..MODEL_PATHS.len()).prop_map(|path| Operation::Delete { path });
    prop::collection::vec(prop_oneof![16 => write, 2 => delete, 1 => Just(Operation::Probe)], 0..40)
}

/// Runs a history on the store and on a plain map; they must never differ.
pub(super) async fn agrees_with_a_model(store: &dyn SecretStore, history: &[Operation]) {
    let mut model: BTreeMap<&str, Vec<(u64, String)>> = BTreeMap::new();
    for name in MODEL_PATHS {
        store.delete(&path(name)).await.expect("deletes");
    }
    for operation in history {
        match operation {
            Operation::Write { path: index, value, cas } => {
                let name = MODEL_PATHS[*index];
                let current = model.get(name).and_then(|versions| versions.last()).map_or(0, |(number, _)| *number);
                let cas = match cas {
                    Demand::Any => Cas::Any,
                    Demand::MustNotExist => Cas::MustNotExist,
                    Demand::Current => Version::new(current).map_or(Cas::MustNotExist, Cas::Current),
                    Demand::Stale => Cas::Current(Version::new(current + 1).expect("not zero")),
                };
                let outcome = store.write(&path(name), secret(value), cas).await;
                if cas.permits(Version::new(current)) {
                    assert_eq!(outcome.expect("permitted").get(), current + 1);
                    let versions = model.entry(name).or_default();
                    versions.push((current + 1, value.clone()));
                    let surplus = versions.len().saturating_sub(MAX_VERSIONS);
                    versions.drain(..surplus);
                } else {
                    assert!(matches!(outcome, Err(VaultError::CasMismatch { .. })), "{outcome:?}");
                }
            }
            Operation::Delete { path: index } => {
                let name = MODEL_PATHS[*index];
                let existed = store.delete(&path(name)).await.expect("deletes");
                assert_eq!(existed, model.remove(name).is_some());
            }
            Operation::Probe => store.probe().await.expect("is writable"),
        }
    }
    let listed = store.list(Some(&path("contract/model"))).await.expect("lists");
    let mut expected: Vec<SecretPath> = model.keys().map(|name| path(name)).collect();
    expected.sort();
    assert_eq!(listed, expected);
    for name in MODEL_PATHS {
        let versions = model.get(name).map_or(&[][..], Vec::as_slice);
        let latest = store.read(&path(name)).await.expect("reads");
        assert_eq!(latest.as_ref().map(|read| read.version.get()), versions.last().map(|(number, _)| *number));
        let metadata = store.metadata(&path(name)).await.expect("reads");
        let numbers: Vec<u64> =
            metadata.iter().flat_map(|found| &found.versions).map(|info| info.version.get()).collect();
        assert_eq!(numbers, versions.iter().map(|(number, _)| *number).collect::<Vec<_>>());
        for (number, value) in versions {
            let version = Version::new(*number).expect("not zero");
            let read = store.read_version(&path(name), version).await.expect("reads").expect("is kept");
            assert_eq!(text(&read.value), value);
        }
    }
}
