//! The embedded store on a real file system: what is refused, what survives, who may write.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};

use proptest::prelude::*;
use rustix::io::Errno;
use tempfile::TempDir;

use super::*;
use crate::durable::fault::{Fault, Step, inject};
use crate::vault::contract::{
    PLANTED, agrees_with_a_model, histories, increment, path, secret, text, upholds_the_contract,
};

/// Tells the test binary, started by one of its own tests, what to do as a child process.
const CHILD_TASK: &str = "PROSPECTOR_VAULT_TEST_CHILD";
const CHILD_DIRECTORY: &str = "PROSPECTOR_VAULT_TEST_DIRECTORY";

struct Home {
    temporary: TempDir,
}

impl Home {
    fn new() -> Self {
        Self { temporary: tempfile::tempdir().expect("a temporary directory") }
    }

    /// A home whose vault holds [`PLANTED`] at `a`.
    fn with_a_secret() -> Self {
        let home = Self::new();
        home.files().write(&path("a"), secret(PLANTED), Cas::Any).expect("writes");
        home
    }

    fn directory(&self) -> PathBuf {
        self.temporary.path().join("parent").join("vault")
    }

    fn file(&self, name: &str) -> PathBuf {
        self.directory().join(name)
    }

    fn store(&self) -> EmbeddedStore {
        EmbeddedStore::new(self.directory(), Protection::KeyFile)
    }

    fn files(&self) -> Files {
        self.protected_by(Protection::KeyFile)
    }

    fn protected_by(&self, protection: Protection) -> Files {
        let clock = Arc::new(Timestamp::now);
        Files { directory: self.directory(), protection, clock, lock_wait: LOCK_WAIT, opened: Mutex::default() }
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(self.directory())
            .expect("the directory is there")
            .map(|entry| entry.expect("is readable").file_name().into_string().expect("is UTF-8"))
            .collect();
        names.sort();
        names
    }

    fn value(&self, at: &str) -> Option<String> {
        self.files().read(&path(at), None).expect("reads").map(|read| text(&read.value).to_owned())
    }

    /// The error that both a read and a write answer, which must not change the vault file.
    fn refusal(&self) -> EmbeddedError {
        let before = fs::read(self.file(VAULT_FILE)).ok();
        let on_write = refused(self.files().write(&path("a"), secret("new"), Cas::Any));
        let on_read = refused(self.files().read(&path("a"), None));
        assert_eq!(on_read.to_string(), on_write.to_string());
        assert_eq!(fs::read(self.file(VAULT_FILE)).ok(), before, "a refused write has changed the vault file");
        on_read
    }
}

/// The embedded store's error, once it has been seen to hold no secret.
#[track_caller]
fn refused<T: std::fmt::Debug>(outcome: Result<T, VaultError>) -> EmbeddedError {
    match outcome {
        Err(VaultError::Embedded(error)) => {
            assert!(!format!("{error} {error:?}").contains(PLANTED), "{error:?}");
            error
        }
        other => panic!("expected an error of the embedded store, not {other:?}"),
    }
}

fn write_private(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).expect("writes");
    fs::set_permissions(path, Permissions::from_mode(0o600)).expect("sets the mode");
}

#[tokio::test]
async fn the_embedded_store_upholds_the_contract() {
    let home = Home::new();
    upholds_the_contract(&home.store()).await;
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_embedded_store_agrees_with_a_model(history in histories()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let home = Home::new();
        runtime.block_on(agrees_with_a_model(&home.store(), &history));
    }
}

#[tokio::test]
async fn nothing_is_created_before_the_first_write() {
    let home = Home::new();
    let store = home.store();
    assert!(store.read(&path("a")).await.expect("reads").is_none());
    assert!(store.metadata(&path("a")).await.expect("reads").is_none());
    assert!(store.list(None).await.expect("lists").is_empty());
    assert!(!store.delete(&path("a")).await.expect("deletes"));
    assert_eq!(fs::read_dir(home.temporary.path()).expect("is there").count(), 0);
}

#[test]
fn files_and_directories_are_private() {
    let home = Home::with_a_secret();
    let mode = |path: &Path| fs::metadata(path).expect("is there").mode() & 0o777;
    assert_eq!(home.names(), [KEY_FILE, LOCK_FILE, VAULT_FILE]);
    for name in home.names() {
        assert_eq!(mode(&home.file(&name)), 0o600, "{name}");
    }
    assert_eq!(mode(&home.directory()), 0o700);
    assert_eq!(mode(home.directory().parent().expect("has one")), 0o700);
}

#[test]
fn no_file_holds_a_secret_or_its_path_in_the_clear() {
    let home = Home::new();
    home.files().write(&path("a-telling-name"), secret(PLANTED), Cas::Any).expect("writes");
    for name in home.names() {
        let bytes = fs::read(home.file(&name)).expect("reads");
        for clear in [PLANTED, "a-telling-name"] {
            assert!(!bytes.windows(clear.len()).any(|window| window == clear.as_bytes()), "{clear} in {name}");
        }
    }
}

#[test]
fn versions_are_dated_by_the_clock_that_was_passed_in() {
    let home = Home::new();
    let now = Arc::new(Mutex::new(Timestamp::UNIX_EPOCH));
    let clock = Arc::clone(&now);
    let store = EmbeddedStore::with_clock(
        home.directory(),
        Protection::KeyFile,
        Arc::new(move || *clock.lock().expect("not poisoned")),
    );
    store.files.write(&path("a"), secret("1"), Cas::Any).expect("writes");
    let later = Timestamp::from_second(4_000_000_000).expect("in range");
    *now.lock().expect("not poisoned") = later;
    store.files.write(&path("a"), secret("2"), Cas::Any).expect("writes");
    let metadata = store.files.metadata(&path("a")).expect("reads").expect("is there");
    assert_eq!((metadata.created_at, metadata.current.created_at), (Timestamp::UNIX_EPOCH, later));
}

#[test]
fn a_damaged_vault_file_is_told_from_a_cut_one_and_left_as_it_is() {
    let home = Home::with_a_secret();
    let vault = home.file(VAULT_FILE);
    let intact = fs::read(&vault).expect("reads");
    for index in 0..intact.len() {
        let mut bytes = intact.clone();
        bytes[index] ^= 1;
        fs::write(&vault, &bytes).expect("writes");
        assert!(matches!(refused(home.files().read(&path("a"), None)), EmbeddedError::Tampered { .. }), "byte {index}");
        fs::write(&vault, &intact[..index]).expect("writes");
        assert!(
            matches!(refused(home.files().read(&path("a"), None)), EmbeddedError::Truncated { .. }),
            "cut at {index}"
        );
    }
    assert!(matches!(home.refusal(), EmbeddedError::Truncated { .. }));
    fs::write(&vault, [&intact[..], b"x"].concat()).expect("writes");
    assert!(matches!(home.refusal(), EmbeddedError::Tampered { .. }));
    fs::write(&vault, b"%PDF-1.7 and so on, for long enough that it could hold the header of a vault").expect("writes");
    assert!(matches!(home.refusal(), EmbeddedError::NotAVault { .. }));
    fs::write(&vault, &intact).expect("writes");
    assert_eq!(home.value("a").as_deref(), Some(PLANTED));
}

#[test]
fn a_missing_key_is_said_and_never_replaced_by_a_new_one() {
    let home = Home::with_a_secret();
    let key = fs::read(home.file(KEY_FILE)).expect("reads");
    fs::remove_file(home.file(KEY_FILE)).expect("removes");
    assert!(matches!(home.refusal(), EmbeddedError::KeyMissing { .. }));
    assert_eq!(home.names(), [LOCK_FILE, VAULT_FILE]);
    write_private(&home.file(KEY_FILE), &key);
    assert_eq!(home.value("a").as_deref(), Some(PLANTED));
}

#[test]
fn the_key_of_another_vault_is_told_from_tampering() {
    let (home, other) = (Home::with_a_secret(), Home::with_a_secret());
    fs::copy(other.file(KEY_FILE), home.file(KEY_FILE)).expect("copies");
    let error = home.refusal();
    assert!(matches!(error, EmbeddedError::WrongKey { .. }), "{error}");
    assert!(error.to_string().contains(KEY_FILE));
}

#[test]
fn a_damaged_key_file_is_said_whichever_byte_it_is() {
    let home = Home::with_a_secret();
    let key = home.file(KEY_FILE);
    let intact = fs::read(&key).expect("reads");
    for index in 0..intact.len() {
        let mut bytes = intact.clone();
        bytes[index] ^= 0x80;
        fs::write(&key, &bytes).expect("writes");
        assert!(
            matches!(refused(home.files().read(&path("a"), None)), EmbeddedError::KeyDamaged { .. }),
            "byte {index}"
        );
        fs::write(&key, &intact[..index]).expect("writes");
        assert!(
            matches!(refused(home.files().read(&path("a"), None)), EmbeddedError::KeyDamaged { .. }),
            "cut at {index}"
        );
    }
    assert!(matches!(home.refusal(), EmbeddedError::KeyDamaged { .. }));
}

#[test]
fn a_damaged_key_is_not_replaced_even_when_there_is_no_vault_yet() {
    let home = Home::with_a_secret();
    fs::remove_file(home.file(VAULT_FILE)).expect("removes");
    fs::write(home.file(KEY_FILE), b"half a key").expect("writes");
    let error = refused(home.files().write(&path("a"), secret("new"), Cas::Any));
    assert!(matches!(error, EmbeddedError::KeyDamaged { .. }), "{error}");
    assert_eq!(fs::read(home.file(KEY_FILE)).expect("reads"), b"half a key");
}

#[test]
fn a_file_larger_than_any_store_is_refused_unread() {
    let home = Home::with_a_secret();
    let limit = (MAX_STORE_BYTES + format::OVERHEAD_BYTES) as u64;
    let file = fs::OpenOptions::new().write(true).open(home.file(VAULT_FILE)).expect("opens");
    file.set_len(limit + 1).expect("grows");
    let error = refused(home.files().read(&path("a"), None));
    assert!(matches!(error, EmbeddedError::TooLarge { .. }), "{error}");
}

#[test]
fn links_pipes_and_directories_in_the_place_of_files_are_refused() {
    for name in [VAULT_FILE, KEY_FILE, LOCK_FILE] {
        let home = Home::with_a_secret();
        let (file, aside) = (home.file(name), home.temporary.path().join("aside"));
        fs::rename(&file, &aside).expect("renames");
        let write = || refused(home.files().write(&path("a"), secret("new"), Cas::Any));

        symlink(&aside, &file).expect("links");
        assert!(matches!(write(), EmbeddedError::Symlink { path } if path == file), "{name}");
        fs::remove_file(&file).expect("removes");

        fs::create_dir(&file).expect("creates");
        assert!(matches!(write(), EmbeddedError::NotARegularFile { path } if path == file), "{name}");
        fs::remove_dir(&file).expect("removes");

        let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
        rustix::fs::mknodat(rustix::fs::CWD, &file, rustix::fs::FileType::Fifo, mode, 0).expect("a pipe");
        assert!(matches!(write(), EmbeddedError::NotARegularFile { path } if path == file), "{name}");
        fs::remove_file(&file).expect("removes");

        fs::rename(&aside, &file).expect("renames");
        assert_eq!(home.value("a").as_deref(), Some(PLANTED), "{name}");
    }
}

#[test]
fn a_link_or_file_in_the_place_of_the_directory_is_refused() {
    let home = Home::with_a_secret();
    let (directory, aside) = (home.directory(), home.temporary.path().join("aside"));
    fs::rename(&directory, &aside).expect("renames");
    symlink(&aside, &directory).expect("links");
    assert!(matches!(home.refusal(), EmbeddedError::Symlink { path } if path == directory));
    fs::remove_file(&directory).expect("removes");
    write_private(&directory, b"");
    assert!(matches!(home.refusal(), EmbeddedError::NotADirectory { path } if path == directory));
}

#[test]
fn a_file_in_the_place_of_a_parent_directory_is_refused() {
    let home = Home::new();
    write_private(home.directory().parent().expect("has one"), b"");
    let error = refused(home.files().write(&path("a"), secret("new"), Cas::Any));
    assert!(matches!(error, EmbeddedError::NotADirectory { .. }), "{error}");
}

#[test]
fn what_others_may_reach_is_refused_with_the_command_that_closes_it() {
    let home = Home::with_a_secret();
    let table = [(VAULT_FILE, 0o640, 0o600), (KEY_FILE, 0o604, 0o600), (LOCK_FILE, 0o620, 0o600), ("", 0o750, 0o700)];
    for (name, open, closed) in table {
        let target = if name.is_empty() { home.directory() } else { home.file(name) };
        fs::set_permissions(&target, Permissions::from_mode(open)).expect("sets the mode");
        let error = refused(home.files().write(&path("a"), secret("new"), Cas::Any));
        let remedy = format!("chmod {closed:o} {}", target.display());
        assert!(error.to_string().ends_with(&remedy), "{error}");
        fs::set_permissions(&target, Permissions::from_mode(closed)).expect("sets the mode");
    }
    assert_eq!(home.value("a").as_deref(), Some(PLANTED));
}

#[test]
fn a_lock_that_is_held_is_named_after_a_bounded_wait_and_does_not_stop_readers() {
    let home = Home::with_a_secret();
    let directory = Directory::open(&home.directory()).expect("opens").expect("is there");
    let lock = WriteLock::acquire(&directory, LOCK_FILE, Duration::ZERO).expect("is free");
    let impatient = Files { lock_wait: Duration::from_millis(5), ..home.files() };
    let error = refused(impatient.write(&path("a"), secret("new"), Cas::Any));
    let message = error.to_string();
    assert!(message.contains(LOCK_FILE) && message.contains(&format!("process {}", std::process::id())), "{message}");
    assert_eq!(home.value("a").as_deref(), Some(PLANTED));
    drop(lock);
    impatient.write(&path("a"), secret("new"), Cas::Any).expect("is free again");
}

#[test]
fn a_disk_that_fails_at_any_step_keeps_the_old_secrets() {
    type IsRight = fn(&EmbeddedError) -> bool;
    let kinds: [(Errno, IsRight); 5] = [
        (Errno::NOSPC, |error| matches!(error, EmbeddedError::DiskFull { .. })),
        (Errno::DQUOT, |error| matches!(error, EmbeddedError::DiskFull { .. })),
        (Errno::ROFS, |error| matches!(error, EmbeddedError::ReadOnly { .. })),
        (Errno::ACCESS, |error| matches!(error, EmbeddedError::Denied { .. })),
        (Errno::IO, |error| matches!(error, EmbeddedError::Io { .. })),
    ];
    for step in Step::ALL {
        for (errno, is_right) in kinds {
            let home = Home::with_a_secret();
            inject(Some((step, Fault::Errno(errno))));
            let error = refused(home.files().write(&path("a"), secret("new"), Cas::Any));
            inject(None);
            let value = home.value("a");
            if step == Step::SyncDirectory {
                assert!(matches!(error, EmbeddedError::Unconfirmed { .. }), "{step:?} {errno:?}: {error}");
                assert_eq!(value.as_deref(), Some("new"));
            } else {
                assert!(is_right(&error), "{step:?} {errno:?}: {error}");
                assert_eq!(value.as_deref(), Some(PLANTED), "{step:?} {errno:?}");
            }
            assert_eq!(home.names(), [KEY_FILE, LOCK_FILE, VAULT_FILE], "{step:?} {errno:?}");
        }
    }
}

#[test]
fn a_probe_fails_where_a_write_would() {
    let home = Home::with_a_secret();
    inject(Some((Step::WriteTemporary, Fault::Errno(Errno::NOSPC))));
    let error = refused(home.files().probe());
    inject(None);
    assert!(matches!(error, EmbeddedError::DiskFull { .. }), "{error}");
}

#[test]
fn a_first_write_that_fails_at_any_step_can_be_repeated() {
    for step in Step::ALL {
        let home = Home::new();
        inject(Some((step, Fault::Errno(Errno::NOSPC))));
        refused(home.files().write(&path("a"), secret("1"), Cas::MustNotExist));
        inject(None);
        home.files().write(&path("a"), secret("2"), Cas::Any).expect("the disk has space again");
        assert_eq!(home.value("a").as_deref(), Some("2"), "{step:?}");
    }
}

#[test]
fn a_store_at_its_bounds_refuses_more_and_keeps_what_it_has() {
    let home = Home::with_a_secret();
    let files = home.files();
    let large = "x".repeat(60_000);
    let mut session = files.begin().expect("begins");
    for number in 0..MAX_STORE_BYTES / large.len() + 1 {
        let path = path(&format!("large/{number}"));
        session.document.write(&path, secret(&large), Cas::Any, Timestamp::UNIX_EPOCH).expect("unchecked");
    }
    assert!(matches!(session.save(), Err(EmbeddedError::Full { limit: MAX_STORE_BYTES, .. })));
    drop(session);
    let mut session = files.begin().expect("begins");
    for number in 0..MAX_PATHS {
        let path = path(&format!("many/{number}"));
        session.document.write(&path, secret(""), Cas::Any, Timestamp::UNIX_EPOCH).expect("unchecked");
    }
    assert!(matches!(session.save(), Err(EmbeddedError::Full { limit: MAX_PATHS, .. })));
    drop(session);
    assert_eq!(files.list(None).expect("lists"), [path("a")]);
}

#[tokio::test]
async fn a_write_whose_caller_goes_away_still_completes() {
    let home = Home::new();
    let store = home.store();
    let at = path("a");
    {
        let mut write = store.write(&at, secret("kept"), Cas::Any);
        let first = write.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(matches!(first, Poll::Pending | Poll::Ready(Ok(_))));
    }
    let wait = async {
        while store.read(&at).await.expect("reads").is_none() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), wait).await.expect("the write completes");
}

#[test]
fn processes_that_increment_one_counter_lose_no_update() {
    let home = Home::new();
    let children: Vec<_> = (0..4).map(|_| child("increment", &home.directory()).spawn().expect("starts")).collect();
    for mut child in children {
        assert!(child.wait().expect("ends").success());
    }
    assert_eq!(home.value("counter").as_deref(), Some("40"));
}

#[test]
fn a_process_that_dies_at_any_step_leaves_the_old_or_the_new_secret_and_no_litter() {
    for (index, step) in Step::ALL.into_iter().enumerate() {
        let home = Home::with_a_secret();
        let ended: ExitStatus = child(&format!("die:{index}"), &home.directory()).status().expect("runs");
        assert!(!ended.success(), "{step:?} was not reached");

        let expected = if step == Step::SyncDirectory { "new" } else { PLANTED };
        assert_eq!(home.value("a").as_deref(), Some(expected), "{step:?}");
        let has_litter = home.names().iter().any(|name| name.ends_with(".tmp"));
        let should_have = matches!(step, Step::WriteTemporary | Step::SyncTemporary | Step::Rename);
        assert_eq!(has_litter, should_have, "{step:?}: {:?}", home.names());

        home.files().write(&path("b"), secret("next"), Cas::MustNotExist).expect("the lock is free");
        assert_eq!(home.names(), [KEY_FILE, LOCK_FILE, VAULT_FILE], "{step:?}");
        assert_eq!(home.value("a").as_deref(), Some(expected), "{step:?}");
    }
}

#[test]
fn only_leftovers_of_our_own_files_are_removed() {
    let home = Home::with_a_secret();
    for name in [".secrets.vault.0123.tmp", ".secrets.key.89ab.tmp", "notes.tmp", ".secrets.vault.swp"] {
        write_private(&home.file(name), b"x");
    }
    assert_eq!(home.value("a").as_deref(), Some(PLANTED));
    home.files().write(&path("b"), secret("x"), Cas::Any).expect("writes");
    assert_eq!(home.names(), [".secrets.vault.swp", "notes.tmp", KEY_FILE, LOCK_FILE, VAULT_FILE]);
}

fn child(task: &str, directory: &Path) -> Command {
    let module = module_path!().split_once("::").expect("has a crate name").1;
    let mut command = Command::new(std::env::current_exe().expect("is known"));
    command
        .args([&format!("{module}::a_child_process"), "--exact", "--ignored", "--quiet"])
        .env(CHILD_TASK, task)
        .env(CHILD_DIRECTORY, directory)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null());
    command
}

#[test]
#[ignore = "started by other tests as a process of its own"]
fn a_child_process() {
    let task = std::env::var(CHILD_TASK).expect("started by another test");
    let store = EmbeddedStore::new(
        std::env::var_os(CHILD_DIRECTORY).expect("started by another test").into(),
        Protection::KeyFile,
    );
    if let Some(index) = task.strip_prefix("die:") {
        let step = Step::ALL[index.parse::<usize>().expect("a step")];
        inject(Some((step, Fault::Abort)));
        store.files.write(&path("a"), secret("new"), Cas::Any).expect("does not return");
    } else {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(increment(&store, &path("counter"), 10));
    }
}
