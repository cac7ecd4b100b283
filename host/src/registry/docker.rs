//! Credentials for registries, from where `docker login` keeps them: `config.json`, or a helper that it names.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::helper;
use crate::plugin::lock;

/// Largest configuration that is read, in bytes.
const MAX_CONFIG: u64 = 1024 * 1024;

/// What Docker calls its own registry among credentials.
const DOCKER_HUB: (&str, &str) = ("docker.io", "https://index.docker.io/v1/");

/// Base64 as Docker's tools write it: with or without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What a registry is shown.
pub(super) enum Credential {
    /// A user's name and password.
    Password {
        /// The name.
        user: SecretString,
        /// The password, or a token in its place.
        password: SecretString,
    },
    /// A refresh token, for which the realm gives tokens.
    Identity(SecretString),
    /// A token for the registry itself.
    Registry(SecretString),
}

/// Why credentials cannot be had, although the configuration has a word on them. Never what they are.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    /// The configuration cannot be read.
    #[error("Docker's configuration {} cannot be read: {why}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's word.
        why: String,
    },
    /// The configuration is not what Docker writes.
    #[error("Docker's configuration {} cannot be understood: {why}; log in anew: docker login {registry}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Where, or which entry.
        why: String,
        /// Whose credentials were looked for.
        registry: String,
    },
    /// The helper does not serve.
    #[error(
        "the credential helper {helper}, which Docker's configuration names for {registry}, {why}; see that it works, or log in anew: docker login {registry}"
    )]
    Helper {
        /// The program.
        helper: String,
        /// Whose credentials it was asked for.
        registry: String,
        /// What it did.
        why: String,
    },
}

/// Docker's configuration.
#[derive(Clone, Debug)]
pub struct DockerConfig {
    path: Option<PathBuf>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Document {
    auths: BTreeMap<String, Auth>,
    cred_helpers: BTreeMap<String, String>,
    creds_store: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Auth {
    auth: Option<SecretString>,
    username: Option<SecretString>,
    password: Option<SecretString>,
    identitytoken: Option<SecretString>,
    registrytoken: Option<SecretString>,
}

impl DockerConfig {
    /// `config.json` in `DOCKER_CONFIG`, or in `~/.docker`.
    #[must_use]
    pub fn from_env() -> DockerConfig {
        let named = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let folder = named("DOCKER_CONFIG").or_else(|| Some(named("HOME")?.join(".docker")));
        DockerConfig { path: folder.map(|folder| folder.join("config.json")) }
    }

    /// What it has for a registry; none where it has nothing.
    ///
    /// # Errors
    /// See [`CredentialError`].
    pub(super) async fn credential(&self, registry: &str) -> Result<Option<Credential>, CredentialError> {
        let Some(path) = &self.path else { return Ok(None) };
        let bytes = match lock::read_bounded(path, MAX_CONFIG) {
            Ok(bytes) => Zeroizing::new(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(CredentialError::Unreadable { path: path.clone(), why: error.to_string() }),
        };
        let found = find(&bytes, registry).map_err(|why| malformed(path, registry, why))?;
        match found {
            Found::Nothing => Ok(None),
            Found::Credential(credential) => Ok(Some(credential)),
            Found::Helper(name) => helper::get(&name, key(registry)).await.map_err(|why| CredentialError::Helper {
                helper: helper::program(&name),
                registry: registry.to_owned(),
                why,
            }),
        }
    }
}

fn malformed(path: &Path, registry: &str, why: String) -> CredentialError {
    CredentialError::Malformed { path: path.to_owned(), why, registry: registry.to_owned() }
}

/// What the configuration says of a registry.
enum Found {
    Nothing,
    Credential(Credential),
    /// A helper has it.
    Helper(String),
}

/// What a registry is called among credentials.
fn key(registry: &str) -> &str {
    if registry == DOCKER_HUB.0 { DOCKER_HUB.1 } else { registry }
}

/// A helper for just this registry comes first, then what is written down, then the helper for all.
fn find(bytes: &[u8], registry: &str) -> Result<Found, String> {
    // An error's own words may quote a secret.
    let document: Document = serde_json::from_slice(bytes)
        .map_err(|e| format!("it is not what Docker writes, at line {}, column {}", e.line(), e.column()))?;
    let wanted = host(key(registry));
    let is_wanted = |name: &String| host(name) == wanted;
    if let Some((_, helper)) = document.cred_helpers.into_iter().find(|(name, _)| is_wanted(name)) {
        return named(helper);
    }
    if let Some((_, auth)) = document.auths.into_iter().find(|(name, _)| is_wanted(name))
        && let Some(credential) = written(auth)?
    {
        return Ok(Found::Credential(credential));
    }
    document.creds_store.map_or(Ok(Found::Nothing), named)
}

fn named(helper: String) -> Result<Found, String> {
    match helper::is_name(&helper) {
        true => Ok(Found::Helper(helper)),
        false => Err("it names a credential helper that is no word of letters, digits and -_.".to_owned()),
    }
}

/// Host and port of `host`, `https://host` and `https://host/v1/`.
fn host(name: &str) -> String {
    let bare = name.strip_prefix("https://").or_else(|| name.strip_prefix("http://")).unwrap_or(name);
    bare.split('/').next().unwrap_or_default().to_ascii_lowercase()
}

/// What an entry holds; one of a registry whose credentials are with a helper holds nothing.
fn written(auth: Auth) -> Result<Option<Credential>, String> {
    let given = |text: Option<SecretString>| text.filter(|text| !text.expose_secret().is_empty());
    if let Some(token) = given(auth.registrytoken) {
        return Ok(Some(Credential::Registry(token)));
    }
    if let Some(token) = given(auth.identitytoken) {
        return Ok(Some(Credential::Identity(token)));
    }
    if let Some(encoded) = given(auth.auth) {
        let wrong = || "an `auth` is not a name and a password in base64".to_owned();
        let decoded = Zeroizing::new(BASE64.decode(encoded.expose_secret().trim()).map_err(|_| wrong())?);
        let text = std::str::from_utf8(&decoded).map_err(|_| wrong())?;
        let (user, password) = text.split_once(':').ok_or_else(wrong)?;
        let password = SecretString::from(password.trim_end_matches('\0'));
        return Ok(Some(Credential::Password { user: SecretString::from(user), password }));
    }
    Ok(given(auth.username).zip(given(auth.password)).map(|(user, password)| Credential::Password { user, password }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(found: Result<Found, String>) -> String {
        match found {
            Ok(Found::Nothing) => "nothing".to_owned(),
            Ok(Found::Helper(name)) => format!("helper {name}"),
            Ok(Found::Credential(Credential::Password { user, password })) => {
                format!("{}:{}", user.expose_secret(), password.expose_secret())
            }
            Ok(Found::Credential(Credential::Identity(token))) => format!("identity {}", token.expose_secret()),
            Ok(Found::Credential(Credential::Registry(token))) => format!("token {}", token.expose_secret()),
            Err(why) => format!("error {why}"),
        }
    }

    #[test]
    fn credentials_are_found_wherever_docker_keeps_them() {
        let auth = |name: &str, entry: &str| format!(r#"{{"auths":{{"{name}":{entry}}}}}"#);
        // "ada:pa:ss", in base64, with padding, without, and with the NUL that some tools leave.
        for (text, registry, found) in [
            (auth("r.example", r#"{"auth":"YWRhOnBhOnNz"}"#), "r.example", "ada:pa:ss"),
            (auth("r.example:5000", r#"{"auth":"YWRhOnA="}"#), "r.example:5000", "ada:p"),
            (auth("r.example:5000", r#"{"auth":"YWRhOnA"}"#), "r.example:5000", "ada:p"),
            (auth("r.example:5000", r#"{"auth":"YWRhOnA="}"#), "r.example", "nothing"),
            (auth("https://R.example/v2/", r#"{"auth":"YWRhOnA="}"#), "r.example", "ada:p"),
            (auth("https://index.docker.io/v1/", r#"{"auth":"YWRhOnA="}"#), "docker.io", "ada:p"),
            (auth("r.example", r#"{"identitytoken":"it","auth":"YWRhOg=="}"#), "r.example", "identity it"),
            (auth("r.example", r#"{"registrytoken":"rt"}"#), "r.example", "token rt"),
            (auth("r.example", r#"{"username":"ada","password":"p"}"#), "r.example", "ada:p"),
            (auth("r.example", "{}"), "r.example", "nothing"),
            ("{}".to_owned(), "r.example", "nothing"),
            (r#"{"auths":{"r.example":{}},"credsStore":"pass"}"#.to_owned(), "r.example", "helper pass"),
            (r#"{"auths":{"r.example":{"auth":"YWRhOnA="}},"credsStore":"pass"}"#.to_owned(), "r.example", "ada:p"),
            (
                r#"{"credHelpers":{"r.example":"ecr-login"},"credsStore":"pass"}"#.to_owned(),
                "r.example",
                "helper ecr-login",
            ),
            (r#"{"credsStore":"../../bin/sh"}"#.to_owned(), "r.example", "error it names a credential helper"),
            (auth("r.example", r#"{"auth":"planted!"}"#), "r.example", "error an `auth` is not"),
            (
                auth("r.example", r#"{"auth":["planted"]}"#),
                "r.example",
                "error it is not what Docker writes, at line 1",
            ),
            (r#"{"auths":"planted"}"#.to_owned(), "r.example", "error it is not what Docker writes, at line 1"),
        ] {
            let shown = shown(find(text.as_bytes(), registry));
            assert!(shown.starts_with(found) && !shown.contains("planted"), "{text}: {shown}");
        }
    }

    #[tokio::test]
    async fn no_configuration_is_no_credential_and_one_that_cannot_be_read_is_an_error() {
        let folder = tempfile::tempdir().expect("a folder");
        let config = DockerConfig { path: Some(folder.path().join("config.json")) };
        assert!(matches!(config.credential("r.example").await, Ok(None)));
        assert!(matches!(DockerConfig { path: None }.credential("r.example").await, Ok(None)));
        let config = DockerConfig { path: Some(folder.path().to_owned()) };
        assert!(matches!(config.credential("r.example").await, Err(CredentialError::Unreadable { .. })));
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_configuration_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = find(&bytes, "r.example");
        }
    }
}
