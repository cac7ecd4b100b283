//! Debian's minisign: keys and signatures that nobody here has made.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use prospector_e2e::parts::run;
use tempfile::TempDir;

use super::debian;

/// Keys by their names, gone with this.
pub struct Minisign {
    unpacked: PathBuf,
    folder: TempDir,
}

impl Minisign {
    /// `None` where it cannot be had, which has been said.
    pub fn new() -> Option<Minisign> {
        let unpacked = debian::unpacked("minisign", &["minisign", "libsodium23"])?;
        Some(Minisign { unpacked, folder: TempDir::with_prefix("minisign-").expect("a folder") })
    }

    /// The file of a public key, which is made when it is first named.
    pub fn key(&self, name: &str) -> PathBuf {
        let (public, secret) = (self.file(name, "pub"), self.file(name, "key"));
        if !public.exists() {
            self.run(
                &[&["-G", "-W", "-p"].map(OsString::from)[..], &[public.clone().into(), "-s".into(), secret.into()]]
                    .concat(),
            );
        }
        public
    }

    /// The public key itself.
    pub fn spelt(&self, name: &str) -> String {
        let text = fs::read_to_string(self.key(name)).expect("a key");
        text.lines().nth(1).expect("the key").to_owned()
    }

    /// Signs bytes by a key, with a comment.
    pub fn sign(&self, name: &str, bytes: &[u8], comment: &str) -> String {
        self.key(name);
        let file = self.file("signed", "wasm");
        fs::write(&file, bytes).expect("written");
        self.run(&[
            "-S".into(),
            "-s".into(),
            self.file(name, "key").into(),
            "-m".into(),
            file.clone().into(),
            "-t".into(),
            comment.into(),
        ]);
        fs::read_to_string(self.file("signed", "wasm.minisig")).expect("a signature")
    }

    fn file(&self, name: &str, suffix: &str) -> PathBuf {
        self.folder.path().join(format!("{name}.{suffix}"))
    }

    fn run(&self, arguments: &[OsString]) {
        let done = run(Command::new(self.unpacked.join("usr/bin/minisign"))
            .args(arguments)
            .env("LD_LIBRARY_PATH", libraries(&self.unpacked)));
        done.expect("minisign does it");
    }
}

/// Where Debian puts libraries of this machine's kind.
fn libraries(unpacked: &Path) -> PathBuf {
    let mut folders = fs::read_dir(unpacked.join("usr/lib")).expect("libraries").flatten().map(|entry| entry.path());
    folders
        .find(|folder| folder.file_name().is_some_and(|name| name.to_string_lossy().contains("linux")))
        .expect("libraries")
}
