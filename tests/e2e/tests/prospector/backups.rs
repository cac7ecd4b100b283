//! `backup` and `restore`.

use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use prospector_e2e::prospector::finish;
use prospector_e2e::{Outcome, Prospector, Sim, Terminal};

use crate::support::{board_component, connected, texts};

const PASSPHRASE: &str = "correct horse battery staple";

fn with_file(prospector: &Prospector, words: &[&str], file: &Path) -> Outcome {
    let mut command = prospector.command(words);
    finish(command.arg(file).env("GHOSTSTACK_BACKUP_PASSPHRASE", PASSPHRASE))
}

/// A home with all that a backup may hold.
fn full(sim: &Sim) -> Prospector {
    let prospector = connected(sim);
    let mut install = prospector.command(["plugins", "install", "--yes"]);
    let _installed = finish(install.arg(board_component())).ok();
    let templates = prospector.home.path().join("prospector/templates/de");
    fs::create_dir_all(&templates).expect("a folder");
    fs::write(templates.join("short.md"), "Guten Tag").expect("written");
    let _scanned = prospector.run("scan --platform freelancer").ok();
    prospector
}

fn unpacked(file: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    let packed = fs::File::open(file).expect("it is there");
    flate2::read::GzDecoder::new(packed).read_to_end(&mut bytes).expect("it is whole");
    bytes
}

fn holds(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|piece| piece == what)
}

fn leads(prospector: &Prospector) -> Vec<String> {
    let listed = prospector.run("leads list --json --limit 1000 --min-score 0").ok().json();
    texts(&listed["leads"], "id").into_iter().map(str::to_owned).collect()
}

/// Everything beside the home, by name.
fn beside(prospector: &Prospector) -> Vec<String> {
    let outer = prospector.home.beside("");
    let mut names: Vec<String> =
        fs::read_dir(outer).expect("there").flatten().map(|e| e.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn restored_to(prospector: &Prospector, name: &str, words: &[&str], file: &Path) -> (PathBuf, Outcome) {
    let home = prospector.home.beside(name);
    let mut command = prospector.command(words);
    let done = finish(command.arg(file).env("GHOSTSTACK_HOME", &home).env("GHOSTSTACK_BACKUP_PASSPHRASE", PASSPHRASE));
    (home, done)
}

#[test]
fn without_credentials_all_else_comes_back_and_no_secret_is_in_the_file() {
    let sim = Sim::agreeing();
    let prospector = full(&sim);
    let file = prospector.home.beside("backup.tgz");
    let made = with_file(&prospector, &["backup"], &file).ok();
    assert!(made.stdout.contains("credentials are not in it"), "{}", made.stdout);
    assert_eq!(fs::metadata(&file).expect("there").permissions().mode() & 0o777, 0o600);
    assert_eq!(beside(&prospector), ["backup.tgz", "home"]);
    let bytes = unpacked(&file);
    let vault = prospector.home.path().join("prospector/vault");
    let mut planted: Vec<Vec<u8>> = sim.freelancer().tokens().into_iter().map(String::into_bytes).collect();
    assert!(planted.len() >= 2, "there are an access and a refresh token");
    planted.push(b"sim-secret".to_vec());
    for name in ["secrets.key", "secrets.vault"] {
        let kept = fs::read(vault.join(name)).expect("there");
        planted.push(kept[16..48].to_vec());
        planted.push(name.as_bytes().to_vec());
    }
    for secret in &planted {
        assert!(!holds(&bytes, secret), "{}", String::from_utf8_lossy(secret));
    }
    assert!(holds(&bytes, b"Guten Tag") && !holds(&bytes, b".cwasm"));

    let (home, done) = restored_to(&prospector, "other", &["restore"], &file);
    let done = done.ok();
    assert!(done.stderr.contains("connect <platform>"), "{}", done.stderr);
    let other = |line: &str| finish(prospector.command(line.split(' ')).env("GHOSTSTACK_HOME", &home));
    let listed = other("leads list --json --limit 1000 --min-score 0").ok().json();
    assert_eq!(texts(&listed["leads"], "id"), leads(&prospector));
    assert_eq!(fs::read(home.join("prospector/templates/de/short.md")).expect("there"), b"Guten Tag");
    assert!(other("plugins list").ok().stdout.contains("jobboard"));
    let status = other("status --platform freelancer").expect(4);
    assert!(status.stdout.contains("Disconnected"), "{}", status.stdout);
    for path in [home.clone(), home.join("prospector/store.db"), home.join("prospector.yaml")] {
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o077, 0, "{}", path.display());
    }
    let wal = fs::read(home.join("prospector/store.db")).expect("there");
    assert_eq!((wal[18], wal[19]), (2, 2), "the database works with a write-ahead log, as before");
}

#[test]
fn with_credentials_the_connection_comes_back_by_the_passphrase_alone() {
    let sim = Sim::agreeing();
    let prospector = full(&sim);
    let file = prospector.home.beside("backup.tgz");
    let _made = with_file(&prospector, &["backup", "--with-credentials"], &file).ok();
    let bytes = unpacked(&file);
    for secret in sim.freelancer().tokens().iter().map(String::as_str).chain(["sim-secret", PASSPHRASE]) {
        assert!(!holds(&bytes, secret.as_bytes()), "{secret}");
    }
    let mut wrong = prospector.command(["restore"]);
    wrong.arg(&file).env("GHOSTSTACK_HOME", prospector.home.beside("wrong"));
    let refused = finish(wrong.env("GHOSTSTACK_BACKUP_PASSPHRASE", "another passphrase")).expect(7);
    assert!(refused.stderr.contains("passphrase is another one"), "{}", refused.stderr);
    let mut silent = prospector.command(["restore"]);
    silent.arg(&file).env("GHOSTSTACK_HOME", prospector.home.beside("wrong"));
    let refused = finish(&mut silent).expect(2);
    assert!(refused.stderr.contains("GHOSTSTACK_BACKUP_PASSPHRASE"), "{}", refused.stderr);
    assert_eq!(beside(&prospector), ["backup.tgz", "home"], "nothing is left of what was refused");

    let (home, done) = restored_to(&prospector, "other", &["restore"], &file);
    let _restored = done.ok();
    let status = finish(prospector.command(["status", "--platform", "freelancer"]).env("GHOSTSTACK_HOME", &home)).ok();
    assert!(status.stdout.contains("Account: wren_codes"), "{}", status.stdout);
    assert!(!home.join("credentials.sealed").exists());
    let (home, done) = restored_to(&prospector, "third", &["restore", "--without-credentials"], &file);
    let _restored = done.ok();
    assert!(!home.join("prospector/vault").exists() && !home.join("credentials.sealed").exists());
}

#[test]
fn a_home_that_is_not_empty_is_replaced_by_force_only_and_kept() {
    let sim = Sim::agreeing();
    let prospector = full(&sim);
    let file = prospector.home.beside("backup.tgz");
    let _made = with_file(&prospector, &["backup"], &file).ok();
    let refused = with_file(&prospector, &["backup"], &file).expect(2);
    assert!(refused.stderr.contains("--force"), "{}", refused.stderr);
    let _again = with_file(&prospector, &["backup", "--force"], &file).ok();
    prospector.home.configure("platforms: {}\n");
    let before = prospector.home.contents();
    let refused = with_file(&prospector, &["restore"], &file).expect(2);
    assert!(refused.stderr.contains("--force"), "{}", refused.stderr);
    assert_eq!(prospector.home.contents(), before);
    let done = with_file(&prospector, &["restore", "--force", "--json"], &file).ok().json();
    let former = PathBuf::from(done["former_home"].as_str().expect("a former home"));
    assert!(former.to_string_lossy().contains("home.before-restore-"), "{}", former.display());
    assert_eq!(fs::read_to_string(former.join("prospector.yaml")).expect("kept"), "platforms: {}\n");
    assert!(former.join("prospector/vault/secrets.key").exists());
    assert!(!leads(&prospector).is_empty());
}

#[test]
fn an_archive_that_was_cut_or_altered_leaves_the_home_as_it_is() {
    let sim = Sim::agreeing();
    let prospector = full(&sim);
    let file = prospector.home.beside("backup.tgz");
    let _made = with_file(&prospector, &["backup"], &file).ok();
    let whole = fs::read(&file).expect("there");
    let before = (prospector.home.contents(), beside(&prospector));
    let mut altered = whole.clone();
    altered[whole.len() / 2] ^= 0x10;
    let cut = &whole[..whole.len() - 9];
    for (bytes, words) in
        [(&altered[..], "backup"), (cut, "damaged"), (b"nonsense", "not a backup"), (b"", "not a backup")]
    {
        fs::write(&file, bytes).expect("written");
        let refused = with_file(&prospector, &["restore", "--force"], &file).expect(7);
        assert!(refused.stderr.contains(words), "{words}: {}", refused.stderr);
        assert_eq!((prospector.home.contents(), beside(&prospector)), before);
    }
    let refused = with_file(&prospector, &["restore", "--force"], Path::new("/dev/null")).expect(7);
    assert!(refused.stderr.contains("not a plain file"), "{}", refused.stderr);
}

#[test]
fn a_home_in_which_a_scan_runs_is_not_replaced_and_can_be_backed_up() {
    let sim = Sim::agreeing();
    let prospector = full(&sim);
    let file = prospector.home.beside("backup.tgz");
    let mut scan = crate::support::scanning_at(&sim, &prospector, prospector_e2e::sim::POSTINGS, 0, 60_000);
    let _made = with_file(&prospector, &["backup"], &file).ok();
    let refused = with_file(&prospector, &["restore", "--force"], &file).expect(8);
    assert!(refused.stderr.contains("scan is under way"), "{}", refused.stderr);
    scan.kill().expect("it runs");
    let _ended = scan.wait().expect("it ended");
    let _restored = with_file(&prospector, &["restore", "--force"], &file).ok();
}

#[test]
fn a_passphrase_is_typed_twice_and_not_shown() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    let file = prospector.home.beside("backup.tgz");
    let mut command = prospector.command(["backup", "--with-credentials"]);
    let mut terminal = Terminal::start(command.arg(&file));
    terminal.wait_for("passphrase: ");
    terminal.type_in("hunter2-hunter2\r");
    terminal.wait_for("Once more: ");
    terminal.type_in("hunter2-hunter3\r");
    let (code, shown) = terminal.end();
    assert_eq!(code, 2, "{shown}");
    assert!(shown.contains("not the same") && !shown.contains("hunter2"), "{shown}");
    assert!(!file.exists());
}
