//! What is known of a server before it is asked: where it is, and how to log in.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::HashiCorpError;

/// The most bytes of a file with a token, a role id or a secret id. A batch token has some hundred.
const MAX_CREDENTIAL_BYTES: u64 = 16 * 1024;

/// A server, a place in it, and a log-in.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Its origin, such as `https://vault.example.com:8200`: `https`, or `http` on loopback.
    pub address: String,
    /// The namespace, where the server has them.
    pub namespace: Option<String>,
    /// Where the KV version 2 engine is mounted, such as `secret`.
    pub mount: String,
    /// The path under the mount that secrets are kept beneath; may be empty.
    pub prefix: String,
    /// PEM file of the authority that signed the server's certificate; else those that the system trusts.
    pub ca_file: Option<PathBuf>,
    /// How to log in.
    pub log_in: LogIn,
}

/// How to log in.
#[derive(Debug, Clone)]
pub enum LogIn {
    /// With a token that somebody else has made.
    Token(Wanted),
    /// With a role; the server makes the token.
    AppRole {
        /// Where the method is mounted, usually `approle`.
        mount: String,
        /// Which role.
        role_id: Wanted,
        /// What proves it.
        secret_id: Wanted,
    },
}

impl LogIn {
    pub(super) fn describe(&self) -> String {
        match self {
            LogIn::Token(token) => match token.sources.first() {
                Some(source) => format!("token from {}", source.describe()),
                None => "no token".to_owned(),
            },
            LogIn::AppRole { mount, .. } => format!("AppRole log-in at auth/{mount}"),
        }
    }
}

/// Something that is needed to log in, and the places to look for it, the first that has it being the one.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// What it is: `token`, `role id`, `secret id`.
    pub what: &'static str,
    /// Where it may be.
    pub sources: Vec<Source>,
    /// What to do where it is in none of them.
    pub remedy: &'static str,
}

/// A place that holds a credential.
#[derive(Debug, Clone)]
pub enum Source {
    /// A file, read whenever somebody logs in: whoever renews it need not restart us.
    File(PathBuf),
    /// The same, where it is no fault that there is none.
    OptionalFile(PathBuf),
    /// A value that is known already.
    Held {
        /// Where it is from, for messages: `VAULT_TOKEN`.
        origin: String,
        /// The value.
        value: SecretString,
    },
}

impl Source {
    pub(super) fn describe(&self) -> String {
        match self {
            Source::File(path) | Source::OptionalFile(path) => path.display().to_string(),
            Source::Held { origin, .. } => origin.clone(),
        }
    }

    fn read(&self) -> Result<Option<SecretString>, HashiCorpError> {
        let text = match self {
            Source::Held { value, .. } => value.clone(),
            Source::File(path) => read_file(path).map_err(|why| unusable(self, why))?,
            Source::OptionalFile(path) if !path.exists() => return Ok(None),
            Source::OptionalFile(path) => read_file(path).map_err(|why| unusable(self, why))?,
        };
        // A line that an editor or `echo` has ended is not part of it, and would be refused as a header.
        let value = text.expose_secret().trim();
        match value {
            "" => Err(unusable(self, "it is empty".to_owned())),
            odd if !odd.bytes().all(|byte| byte.is_ascii_graphic()) => {
                Err(unusable(self, "it holds more than one line, or characters that no credential has".to_owned()))
            }
            value => Ok(Some(SecretString::from(value))),
        }
    }
}

impl Wanted {
    /// The credential, with the place it was in.
    pub(super) fn read(&self) -> Result<(SecretString, String), HashiCorpError> {
        for source in &self.sources {
            if let Some(value) = source.read()? {
                return Ok((value, source.describe()));
            }
        }
        let looked = self.sources.iter().map(Source::describe).collect::<Vec<_>>().join(", ");
        Err(HashiCorpError::NothingToLogInWith { what: self.what, looked, remedy: self.remedy })
    }
}

fn unusable(source: &Source, why: String) -> HashiCorpError {
    HashiCorpError::UnusableCredential { origin: source.describe(), why }
}

fn read_file(path: &Path) -> Result<SecretString, String> {
    let file = File::open(path).map_err(|error| error.to_string())?;
    let metadata = file.metadata().map_err(|error| error.to_string())?;
    if !metadata.is_file() {
        return Err("it is not a plain file".to_owned());
    }
    if metadata.mode() & 0o077 != 0 {
        tracing::warn!(file = %path.display(), "other users may read this credential; close it with chmod 600");
    }
    let mut text = Zeroizing::new(String::new());
    file.take(MAX_CREDENTIAL_BYTES + 1).read_to_string(&mut text).map_err(|error| error.to_string())?;
    match text.len() as u64 {
        size if size > MAX_CREDENTIAL_BYTES => Err(format!("it has more than {MAX_CREDENTIAL_BYTES} bytes")),
        _ => Ok(SecretString::from(text.as_str())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(value: &str) -> Wanted {
        let source = Source::Held { origin: "VAULT_TOKEN".to_owned(), value: SecretString::from(value) };
        Wanted { what: "token", sources: vec![source], remedy: "set one" }
    }

    #[test]
    fn a_credential_loses_the_line_end_that_vaultrs_would_panic_on() {
        for text in ["s.abc", "s.abc\n", "s.abc\r\n", "  s.abc "] {
            let (token, origin) = held(text).read().expect("is one");
            assert_eq!((token.expose_secret(), origin.as_str()), ("s.abc", "VAULT_TOKEN"));
        }
    }

    #[test]
    fn what_could_be_no_header_is_refused_without_being_repeated() {
        for text in ["", " \n", "planted\nsecret", "planted\u{7f}", "plänted"] {
            let error = held(text).read().expect_err("is none");
            assert!(matches!(error, HashiCorpError::UnusableCredential { .. }), "{error}");
            let said = format!("{error} {error:?}");
            assert!(said.contains("VAULT_TOKEN") && !said.contains("planted"), "{said}");
        }
    }

    #[test]
    fn the_first_place_that_has_it_counts_and_a_file_that_is_named_must_be_there() {
        let folder = tempfile::tempdir().expect("a folder");
        let (absent, present) = (folder.path().join("absent"), folder.path().join("present"));
        std::fs::write(&present, "s.file\n").expect("writes");
        let wanted = |sources| Wanted { what: "token", sources, remedy: "set VAULT_TOKEN" };
        let both = wanted(vec![Source::OptionalFile(absent.clone()), Source::File(present)]);
        assert_eq!(both.read().expect("is there").0.expose_secret(), "s.file");
        let named = wanted(vec![Source::File(absent.clone())]).read().expect_err("is missing");
        assert!(named.to_string().contains("absent"), "{named}");
        let none = wanted(vec![Source::OptionalFile(absent)]).read().expect_err("is nowhere");
        assert!(matches!(none, HashiCorpError::NothingToLogInWith { .. }), "{none}");
    }

    #[test]
    fn debug_output_holds_no_credential() {
        assert!(!format!("{:?}", held("planted-secret")).contains("planted"));
    }
}
