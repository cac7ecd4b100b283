//! The passphrase of the embedded vault: from the environment, from a file, or from a person.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;
use std::sync::OnceLock;

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use crate::config;
use crate::vault::AskPassphrase;

/// The variable with the passphrase, for a program that nobody sits before.
pub const PASSPHRASE_VARIABLE: &str = "GHOSTSTACK_VAULT_PASSPHRASE";

/// The most bytes of a passphrase.
const MAX_PASSPHRASE_BYTES: u64 = 4096;

/// What asks a person a question that is answered by a secret.
pub type Ask = fn(&str) -> Result<SecretString, String>;

/// Set by whoever has a terminal; otherwise nobody is asked.
static ASK: OnceLock<Ask> = OnceLock::new();

/// Has a person asked where the passphrase is nowhere else. The first to say so counts.
pub fn ask_by(ask: Ask) {
    let _ = ASK.set(ask);
}

/// The places that the passphrase may be in.
pub(super) struct Passphrase {
    file: Option<PathBuf>,
}

impl Passphrase {
    pub(super) fn of(vault: &config::Vault) -> Self {
        Self { file: vault.passphrase_file.clone() }
    }
}

impl AskPassphrase for Passphrase {
    fn passphrase(&self, new: bool) -> Result<SecretString, String> {
        if let Some(given) = std::env::var_os(PASSPHRASE_VARIABLE).filter(|given| !given.is_empty()) {
            let given = given.into_string().map_err(|_| format!("{PASSPHRASE_VARIABLE} is not text; correct it"))?;
            return Ok(SecretString::from(given));
        }
        if let Some(path) = &self.file {
            return read(path)
                .map_err(|why| format!("{} cannot be read: {why}; see vault.passphrase_file", path.display()));
        }
        let Some(ask) = ASK.get() else {
            return Err(format!(
                "set {PASSPHRASE_VARIABLE}, name a file in vault.passphrase_file, or run this on a terminal"
            ));
        };
        if !new {
            return ask("Passphrase of the vault: ");
        }
        let first = ask("New passphrase of the vault: ")?;
        let second = ask("The same once more: ")?;
        match first.expose_secret() == second.expose_secret() {
            true => Ok(first),
            false => Err("the two passphrases differ; run the command again".to_owned()),
        }
    }
}

/// A file's first line.
fn read(path: &PathBuf) -> Result<SecretString, String> {
    let mut text = Zeroizing::new(String::new());
    let file = File::open(path).map_err(|error| error.to_string())?;
    file.take(MAX_PASSPHRASE_BYTES).read_to_string(&mut text).map_err(|error| error.to_string())?;
    Ok(SecretString::from(text.lines().next().unwrap_or_default()))
}
