//! Docker's credential helpers: `docker-credential-NAME get`, the registry on its standard input, a credential in JSON on its output.

use std::process::Stdio;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStdout, Command};
use zeroize::Zeroizing;

use super::docker::Credential;
use crate::environment;

/// How long a helper may take: it may have to ask the person to open a keyring.
const PATIENCE: Duration = Duration::from_secs(60);

/// The most bytes of its answer.
const MAX_ANSWER: u64 = 64 * 1024;

/// What a helper says where it has nothing, in the words that Docker's own tools look for.
const NOTHING: &[u8] = b"credentials not found";

/// The user's name by which a helper says that its secret is a refresh token.
const IDENTITY: &str = "<token>";

#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "Username")]
    user: SecretString,
    #[serde(rename = "Secret")]
    secret: SecretString,
}

/// Whether a helper may have this name: nothing that leads to another program.
pub(super) fn is_name(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
    (1..=64).contains(&name.len()) && name.bytes().all(plain)
}

/// The helper's program.
pub(super) fn program(name: &str) -> String {
    format!("docker-credential-{name}")
}

/// Asks a helper for the credential of a registry; none where it has nothing.
///
/// # Errors
/// What it did, as the end of a sentence. Never what it printed.
pub(super) async fn get(name: &str, registry: &str) -> Result<Option<Credential>, String> {
    let mut command = std::process::Command::new(program(name));
    environment::hide_from(&mut command);
    let mut command = Command::from(command);
    // What it says of errors is for the person, who sees it at once.
    command.arg("get").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
    let mut child = command.spawn().map_err(|e| format!("cannot be started: {e}"))?;
    let answered = tokio::time::timeout(PATIENCE, talk(&mut child, registry)).await;
    let (answer, succeeded) = answered.map_err(|_| format!("did not answer in {} seconds", PATIENCE.as_secs()))??;
    if !succeeded {
        return match answer.windows(NOTHING.len()).any(|words| words == NOTHING) {
            true => Ok(None),
            false => Err("failed".to_owned()),
        };
    }
    let Answer { user, secret: password } =
        serde_json::from_slice(&answer).map_err(|_| "answered in another way than credential helpers do".to_owned())?;
    Ok(Some(match user.expose_secret() {
        IDENTITY => Credential::Identity(password),
        _ => Credential::Password { user, password },
    }))
}

async fn talk(child: &mut Child, registry: &str) -> Result<(Zeroizing<Vec<u8>>, bool), String> {
    let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
    let feed = async {
        if let Some(mut stdin) = stdin {
            // It need not read: what it answers says more.
            let _ = stdin.write_all(registry.as_bytes()).await;
        }
    };
    let ((), answer) = tokio::join!(feed, read(stdout));
    let answer = answer?;
    let status = child.wait().await.map_err(|e| format!("cannot be waited for: {e}"))?;
    Ok((answer, status.success()))
}

async fn read(stdout: Option<ChildStdout>) -> Result<Zeroizing<Vec<u8>>, String> {
    // With room for all of it from the beginning: a buffer that grows leaves copies behind.
    let mut answer = Zeroizing::new(Vec::with_capacity(MAX_ANSWER as usize + 1));
    if let Some(stdout) = stdout {
        let read = stdout.take(MAX_ANSWER + 1).read_to_end(&mut answer).await;
        read.map_err(|e| format!("cannot be read from: {e}"))?;
    }
    if answer.len() as u64 > MAX_ANSWER {
        return Err(format!("answered more than {} KiB", MAX_ANSWER >> 10));
    }
    Ok(answer)
}
