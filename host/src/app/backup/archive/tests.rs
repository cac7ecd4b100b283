//! Archives that somebody has made to do harm, or that were damaged.

use std::fs;

use tempfile::TempDir;

use super::*;
use crate::app::backup::manifest::{Entry, FORMAT};
use crate::plugin::digest::Digest;

/// A member as its header says it is.
struct Member<'m> {
    path: &'m str,
    kind: EntryType,
    says: u64,
    bytes: &'m [u8],
}

fn plain<'m>(path: &'m str, bytes: &'m [u8]) -> Member<'m> {
    Member { path, kind: EntryType::Regular, says: bytes.len() as u64, bytes }
}

/// An archive of these members. Paths are written as they are, which tar's own functions would refuse.
fn archive(folder: &TempDir, members: &[Member<'_>]) -> PathBuf {
    let path = folder.path().join("backup");
    let mut tar = Builder::new(GzEncoder::new(File::create(&path).expect("a file"), Compression::fast()));
    for member in members {
        let mut header = header(member.says, 0);
        header.as_old_mut().name[..member.path.len()].copy_from_slice(member.path.as_bytes());
        header.set_entry_type(member.kind);
        if member.kind != EntryType::Regular {
            header.set_link_name("/etc/passwd").expect("short");
        }
        header.set_cksum();
        tar.append(&header, member.bytes).expect("appended");
    }
    tar.into_inner().expect("packed").finish().expect("packed");
    path
}

fn manifest_of(files: &[(&str, u64, &[u8])]) -> Vec<u8> {
    let entry = |(path, bytes, content): &(&str, u64, &[u8])| Entry {
        path: (*path).to_owned(),
        bytes: *bytes,
        sha256: Digest::of(content),
    };
    let files = files.iter().map(entry).collect();
    let manifest = Manifest { format: FORMAT, ghoststack: "0.1.0".into(), created_at: 7, credentials: false, files };
    serde_json::to_vec(&manifest).expect("JSON")
}

/// What extracting says, and that nothing is left of it but what it was given.
fn refused(folder: &TempDir, path: &Path) -> String {
    let staging = Staging::beside(&folder.path().join("home")).expect("a staging folder");
    let error = Reader::open(path).and_then(|reader| reader.extract(&staging)).expect_err("it is taken");
    drop(staging);
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1, "something was left");
    error.to_string()
}

#[test]
fn members_that_no_backup_has_are_refused() {
    let good = plain("prospector.yaml", b"profile: {}");
    for (member, said) in [
        (plain("/etc/cron.d/x", b"x"), "no backup has"),
        (plain("../outside", b"x"), "no backup has"),
        (plain("prospector/templates/../../../x", b"x"), "no backup has"),
        (plain("prospector/vault/secrets.key", b"x"), "no backup has"),
        (Member { kind: EntryType::Symlink, ..plain("prospector.yaml", b"") }, "not a plain file"),
        (Member { kind: EntryType::Link, ..plain("prospector.yaml", b"") }, "not a plain file"),
        (Member { kind: EntryType::Directory, ..plain("prospector.yaml", b"") }, "not a plain file"),
        (Member { kind: EntryType::Fifo, ..plain("prospector.yaml", b"") }, "not a plain file"),
        (Member { kind: EntryType::GNULongName, ..plain("prospector.yaml", b"x") }, "not a plain file"),
        (Member { kind: EntryType::XHeader, ..plain("prospector.yaml", b"x") }, "not a plain file"),
        (Member { kind: EntryType::GNUSparse, ..plain("prospector.yaml", b"") }, "not a plain file"),
        (plain("plugins.lock", b"profile: {}"), "where prospector.yaml should be"),
        (plain("prospector.yaml", b"profile: {} "), "another size"),
        (plain("prospector.yaml", b"profile: []"), "digest is another"),
        (Member { says: 1 << 40, ..plain("prospector.yaml", b"") }, "another size"),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let manifest = manifest_of(&[("prospector.yaml", 11, good.bytes)]);
        let path = archive(&folder, &[plain("manifest.json", &manifest), member]);
        let told = refused(&folder, &path);
        assert!(told.contains(said), "{said}: {told}");
    }
}

#[test]
fn an_archive_that_lacks_something_or_has_more_is_refused() {
    let content: &[u8] = b"profile: {}";
    let manifest = manifest_of(&[("prospector.yaml", 11, content)]);
    let first = || plain("manifest.json", &manifest);
    let file = || plain("prospector.yaml", content);
    for (members, said) in [
        (vec![], "nothing is in it"),
        (vec![file(), first()], "does not begin with manifest.json"),
        (vec![first()], "ends before prospector.yaml"),
        (vec![first(), file(), file()], "goes on after"),
        (vec![Member { says: 1 << 40, ..first() }], "its manifest is larger"),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let told = refused(&folder, &archive(&folder, &members));
        assert!(told.contains(said), "{said}: {told}");
    }
}

#[test]
fn no_shortened_archive_is_taken_and_a_whole_one_is() {
    let content: &[u8] = b"profile: {}";
    let manifest = manifest_of(&[("prospector.yaml", 11, content)]);
    let folder = tempfile::tempdir().expect("a folder");
    let path = archive(&folder, &[plain("manifest.json", &manifest), plain("prospector.yaml", content)]);
    let whole = fs::read(&path).expect("there");
    for length in 0..whole.len() {
        fs::write(&path, &whole[..length]).expect("written");
        let told = refused(&folder, &path);
        assert!(told.contains("backup"), "{told}");
    }
    fs::write(&path, &whole).expect("written");
    let staging = Staging::beside(&folder.path().join("home")).expect("a staging folder");
    Reader::open(&path).and_then(|reader| reader.extract(&staging)).expect("it is whole");
    assert_eq!(fs::read(staging.path().join("prospector.yaml")).expect("taken"), content);
}
