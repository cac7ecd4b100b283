//! What protects the data key: that it opens what it made and nothing else, and that one protection is never taken for another.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use rustix::io::Errno;
use secrecy::ExposeSecret;
use tempfile::TempDir;

use super::key_file::KeyFile;
use super::*;
use crate::durable::fault::{Fault, Step, inject};
use crate::vault::contract::{PLANTED, path, secret, text, upholds_the_contract};

/// Says a passphrase, and counts how often it was asked.
struct Says {
    passphrase: &'static str,
    asked: AtomicUsize,
}

impl AskPassphrase for Says {
    fn passphrase(&self, _new: bool) -> Result<SecretString, String> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        Ok(SecretString::from(self.passphrase))
    }
}

fn says(passphrase: &'static str) -> Arc<Says> {
    Arc::new(Says { passphrase, asked: AtomicUsize::new(0) })
}

fn by_passphrase(passphrase: &'static str) -> Protection {
    Protection::Passphrase(says(passphrase))
}

/// A keyring in memory, which may be locked or forget what it is given.
#[derive(Default)]
struct Ring {
    held: Mutex<BTreeMap<String, String>>,
    locked: AtomicBool,
    forgets: AtomicBool,
}

impl Ring {
    fn open(&self) -> Result<std::sync::MutexGuard<'_, BTreeMap<String, String>>, String> {
        match self.locked.load(Ordering::SeqCst) {
            true => Err("it is locked".to_owned()),
            false => Ok(self.held.lock().expect("not poisoned")),
        }
    }
}

impl Keyring for Ring {
    fn get(&self, name: &str) -> Result<Option<SecretString>, String> {
        Ok(self.open()?.get(name).map(|held| SecretString::from(held.as_str())))
    }

    fn set(&self, name: &str, secret: &SecretString) -> Result<(), String> {
        if !self.forgets.load(Ordering::SeqCst) {
            self.open()?.insert(name.to_owned(), secret.expose_secret().to_owned());
        }
        Ok(())
    }

    fn delete(&self, name: &str) -> Result<(), String> {
        self.open()?.remove(name);
        Ok(())
    }
}

struct Scene {
    folder: TempDir,
    ring: Arc<Ring>,
}

impl Scene {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder"), ring: Arc::default() }
    }

    fn directory(&self) -> PathBuf {
        self.folder.path().join("vault")
    }

    fn key_file(&self) -> PathBuf {
        self.directory().join(KEY_FILE)
    }

    fn by_keyring(&self) -> Protection {
        Protection::Keyring(self.ring.clone())
    }

    fn all(&self) -> [Protection; 3] {
        [Protection::KeyFile, by_passphrase("correct horse"), self.by_keyring()]
    }

    fn files(&self, protection: Protection) -> Files {
        let clock: Clock = Arc::new(Timestamp::now);
        Files { directory: self.directory(), protection, clock, lock_wait: LOCK_WAIT, opened: Mutex::default() }
    }

    /// A vault with a secret, protected so.
    fn holding(protection: impl Fn(&Self) -> Protection) -> Self {
        let scene = Self::new();
        scene.files(protection(&scene)).write(&path("a"), secret(PLANTED), Cas::Any).expect("writes");
        scene
    }

    /// The error that both reading and writing answer, which must not change a file.
    fn refusal(&self, protection: Protection) -> EmbeddedError {
        let files = || [VAULT_FILE, KEY_FILE].map(|name| fs::read(self.directory().join(name)).ok());
        let before = files();
        let written =
            self.files(protection.clone()).write(&path("a"), secret("new"), Cas::Any).expect_err("is refused");
        let read = self.files(protection).read(&path("a"), None).expect_err("is refused");
        assert_eq!(read.to_string(), written.to_string());
        assert_eq!(files(), before, "a refused write has changed something");
        let VaultError::Embedded(error) = read else { panic!("{read}") };
        let said = format!("{error} {error:?}");
        assert!(!said.contains(PLANTED) && !said.contains("horse"), "{said}");
        error
    }

    fn opens(&self, protection: Protection) -> bool {
        matches!(self.files(protection).read(&path("a"), None), Ok(Some(read)) if text(&read.value) == PLANTED)
    }
}

#[tokio::test]
async fn every_protection_upholds_the_contract() {
    let scene = Scene::new();
    for (number, protection) in scene.all().into_iter().enumerate() {
        let store = EmbeddedStore::new(scene.folder.path().join(number.to_string()), protection);
        upholds_the_contract(&store).await;
    }
}

#[test]
fn nobody_is_asked_before_a_secret_is_wanted_and_then_once() {
    let scene = Scene::holding(|_| by_passphrase("correct horse"));
    let asked = says("correct horse");
    let empty = scene.folder.path().join("empty");
    let nothing = EmbeddedStore::new(empty, Protection::Passphrase(asked.clone()));
    assert!(nothing.describe().protection.contains("passphrase (Argon2id)"));
    assert!(nothing.files.read(&path("a"), None).expect("reads").is_none());
    assert_eq!(asked.asked.load(Ordering::SeqCst), 0);
    let files = scene.files(Protection::Passphrase(asked.clone()));
    for _ in 0..3 {
        assert!(files.read(&path("a"), None).expect("reads").is_some());
        files.write(&path("b"), secret("x"), Cas::Any).expect("writes");
    }
    assert_eq!(asked.asked.load(Ordering::SeqCst), 1);
}

#[test]
fn another_passphrase_opens_nothing() {
    let scene = Scene::holding(|_| by_passphrase("correct horse"));
    assert!(scene.opens(by_passphrase("correct horse")));
    for wrong in ["correct hors", "correct horse ", "Correct horse"] {
        assert!(matches!(scene.refusal(by_passphrase(wrong)), EmbeddedError::WrongPassphrase { .. }));
    }
    assert!(matches!(scene.refusal(by_passphrase("")), EmbeddedError::NoPassphrase { .. }));
}

#[test]
fn one_protection_is_never_taken_for_another() {
    for made in 0..3 {
        let scene = Scene::holding(|scene| scene.all()[made].clone());
        for (configured, protection) in scene.all().into_iter().enumerate() {
            if configured == made {
                assert!(scene.opens(protection));
                continue;
            }
            let wanted = protection.source();
            let error = scene.refusal(protection);
            let EmbeddedError::KeySource { configured, found, .. } = &error else { panic!("{error}") };
            assert_eq!((*configured, *found), (wanted, scene.all()[made].source()));
            assert!(error.to_string().contains("--to embedded --key"), "{error}");
        }
    }
}

#[test]
fn a_damaged_key_file_is_said_whichever_byte_it_is() {
    for made in 1..3 {
        let scene = Scene::holding(|scene| scene.all()[made].clone());
        let intact = fs::read(scene.key_file()).expect("reads");
        for index in 0..intact.len() {
            let mut bytes = intact.clone();
            bytes[index] ^= 1;
            fs::write(scene.key_file(), &bytes).expect("writes");
            assert!(
                matches!(scene.refusal(scene.all()[made].clone()), EmbeddedError::KeyDamaged { .. }),
                "byte {index}"
            );
            fs::write(scene.key_file(), &intact[..index]).expect("writes");
            assert!(
                matches!(scene.refusal(scene.all()[made].clone()), EmbeddedError::KeyDamaged { .. }),
                "cut at {index}"
            );
        }
    }
}

#[test]
fn an_altered_key_file_opens_nothing_even_with_its_checksum_made_anew() {
    for made in 1..3 {
        let scene = Scene::holding(|scene| scene.all()[made].clone());
        let intact = fs::read(scene.key_file()).expect("reads");
        let content = intact.len() - 16;
        for index in 8..content {
            let mut bytes = intact[..content].to_vec();
            // A cost may be altered to another that is within bounds; it must not open either.
            bytes[index] ^= 1;
            bytes.extend(key::hash(b"ghoststack vault key file 1\0", &bytes));
            fs::write(scene.key_file(), &bytes).expect("writes");
            assert!(!scene.opens(scene.all()[made].clone()), "byte {index} of kind {made}");
        }
    }
}

#[test]
fn a_cost_that_would_exhaust_the_machine_is_refused_unpaid() {
    let scene = Scene::holding(|_| by_passphrase("correct horse"));
    let intact = fs::read(scene.key_file()).expect("reads");
    let mut bytes = intact[..intact.len() - 16].to_vec();
    bytes[16..20].copy_from_slice(&u32::MAX.to_le_bytes());
    bytes.extend(key::hash(b"ghoststack vault key file 1\0", &bytes));
    fs::write(scene.key_file(), &bytes).expect("writes");
    assert!(matches!(scene.refusal(by_passphrase("correct horse")), EmbeddedError::KeyDamaged { .. }));
}

#[test]
fn a_keyring_that_does_not_serve_is_told_from_one_that_has_no_such_key() {
    let scene = Scene::holding(Scene::by_keyring);
    scene.ring.locked.store(true, Ordering::SeqCst);
    let error = scene.refusal(scene.by_keyring());
    assert!(matches!(&error, EmbeddedError::Keyring { why } if why == "it is locked"), "{error}");
    scene.ring.locked.store(false, Ordering::SeqCst);
    let held = scene.ring.held.lock().expect("not poisoned").clone();
    for other in [None, Some("00".repeat(32)), Some("no key".to_owned())] {
        let changed = held.keys().filter_map(|name| Some((name.clone(), other.clone()?))).collect();
        *scene.ring.held.lock().expect("not poisoned") = changed;
        let error = scene.refusal(scene.by_keyring());
        match other {
            None => assert!(matches!(error, EmbeddedError::NotInKeyring { .. }), "{error}"),
            Some(_) => assert!(matches!(error, EmbeddedError::WrongKeyringKey { .. }), "{error}"),
        }
    }
    *scene.ring.held.lock().expect("not poisoned") = held;
    assert!(scene.opens(scene.by_keyring()));
}

#[test]
fn a_keyring_that_forgets_at_once_is_given_no_vault() {
    let scene = Scene::new();
    scene.ring.forgets.store(true, Ordering::SeqCst);
    let error = scene.files(scene.by_keyring()).write(&path("a"), secret(PLANTED), Cas::Any).expect_err("is refused");
    assert!(error.to_string().contains("does not give back"), "{error}");
    assert!(!scene.key_file().exists());
}

#[test]
fn the_key_rests_in_the_clear_only_where_that_was_chosen() {
    for (made, in_the_clear) in [(0, true), (1, false), (2, false)] {
        let scene = Scene::holding(|scene| scene.all()[made].clone());
        let directory = Directory::open(&scene.directory()).expect("opens").expect("is there");
        let key = scene.files(scene.all()[made].clone()).key(&directory).expect("opens").expect("is there");
        let file = fs::read(scene.key_file()).expect("reads");
        assert_eq!(file.windows(key::KEY_BYTES).any(|window| window == key.expose()), in_the_clear);
    }
}

#[test]
fn a_protection_can_be_exchanged_for_any_other() {
    for (from, to) in [(0, 1), (1, 2), (2, 0), (0, 2), (2, 1), (1, 0)] {
        let scene = Scene::holding(|scene| scene.all()[from].clone());
        let before = scene.all()[from].clone();
        let changed = scene.files(scene.all()[to].clone()).protect_anew(move |_| before).expect("is exchanged");
        assert_eq!(changed, Some(scene.all()[from].source()));
        assert!(scene.opens(scene.all()[to].clone()));
        assert!(matches!(scene.refusal(scene.all()[from].clone()), EmbeddedError::KeySource { .. }));
        let kept = scene.ring.held.lock().expect("not poisoned").len();
        assert_eq!(kept, usize::from(to == 2), "a keyring keeps the key while it is the protection, and no longer");
        let again = scene.files(scene.all()[to].clone()).protect_anew(|_| Protection::KeyFile).expect("is as it was");
        assert_eq!(again, None);
    }
}

#[test]
fn a_disk_that_fails_while_the_protection_is_exchanged_leaves_the_old_one() {
    for step in [Step::CreateTemporary, Step::WriteTemporary, Step::SyncTemporary, Step::Rename] {
        let scene = Scene::holding(|_| Protection::KeyFile);
        inject(Some((step, Fault::Errno(Errno::NOSPC))));
        let outcome = scene.files(by_passphrase("correct horse")).protect_anew(|_| Protection::KeyFile);
        inject(None);
        assert!(matches!(outcome, Err(EmbeddedError::DiskFull { .. })), "{step:?}");
        assert!(scene.opens(Protection::KeyFile), "{step:?}");
    }
}

#[test]
fn a_vault_of_the_first_version_still_opens() {
    let scene = Scene::new();
    let directory = Directory::open_or_create(&scene.directory()).expect("creates");
    let mut key = b"GSVLTKEY".to_vec();
    key.extend([1_u32.to_le_bytes(), 1_u32.to_le_bytes()].concat());
    key.extend((0..32).collect::<Vec<u8>>());
    key.extend(key::hash(b"ghoststack vault key file 1\0", &key));
    directory.replace(KEY_FILE, &key).expect("writes");
    assert!(scene.files(Protection::KeyFile).read(&path("a"), None).expect("reads").is_none());
    scene.files(Protection::KeyFile).write(&path("a"), secret(PLANTED), Cas::Any).expect("writes");
    assert_eq!(fs::read(scene.key_file()).expect("reads"), key, "the key is used and left as it is");
    assert!(scene.opens(Protection::KeyFile));
}

#[test]
fn a_sound_key_file_of_an_unknown_format_or_kind_is_called_newer() {
    for (format, kind) in [(2_u32, 1_u32), (1, 9)] {
        let mut bytes = b"GSVLTKEY".to_vec();
        bytes.extend([format.to_le_bytes(), kind.to_le_bytes()].concat());
        bytes.extend(b"another way to say where the key rests");
        bytes.extend(key::hash(b"ghoststack vault key file 1\0", &bytes));
        let error = KeyFile::parse(&bytes, "key".into()).err().expect("is refused");
        assert!(matches!(error, EmbeddedError::NewerFormat { .. }), "{error}");
    }
}
