//! Opening the person's browser. To be tried, never relied upon: the address has been printed.

use std::ffi::OsString;
use std::io;
use std::process::Stdio;

use tokio::process::Command;
use url::Url;

use crate::environment;

/// The most commands that are tried.
const MAX_COMMANDS: usize = 8;

/// Why no browser was opened. Not fatal.
#[derive(Debug, thiserror::Error)]
pub enum BrowserError {
    /// Nothing that was tried could be started.
    #[error("no browser could be started (tried: {}); open the printed address yourself, or set BROWSER to a command", tried.join(", "))]
    NoneStarted {
        /// The programs.
        tried: Vec<String>,
    },
    /// The address is not one for a browser.
    #[error(
        "the address is not http or https, so no browser was asked to open it; this is a defect of the platform's plugin"
    )]
    NotWeb,
}

/// Opens `url` with the first command that starts: those of `browser` (the value of `$BROWSER`), else the system's own opener.
///
/// No shell is involved: the address is one argument.
///
/// # Errors
///
/// [`BrowserError`], which is to be shown and passed over.
pub fn open(url: &Url, browser: Option<OsString>) -> Result<(), BrowserError> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(BrowserError::NotWeb);
    }
    let commands = commands(url.as_str(), browser.as_ref().and_then(|browser| browser.to_str()));
    for command in &commands {
        if start(command).is_ok() {
            return Ok(());
        }
    }
    Err(BrowserError::NoneStarted {
        tried: commands.into_iter().filter_map(|command| command.into_iter().next()).collect(),
    })
}

fn start(command: &[String]) -> io::Result<()> {
    let Some((program, arguments)) = command.split_first() else {
        return Err(io::ErrorKind::NotFound.into());
    };
    let mut command = Command::new(program);
    environment::hide_from(command.as_std_mut());
    let mut child = command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    // Waited for only so that it does not linger as a zombie; it may well outlive us.
    tokio::spawn(async move {
        let _ = child.wait().await;
    });
    Ok(())
}

/// Commands in the order to try. `$BROWSER` is a list separated by colons; in each entry `%s` stands for the address, which else comes
/// last, and `%%` for `%`. Words are separated by spaces; there is no quoting.
fn commands(url: &str, browser: Option<&str>) -> Vec<Vec<String>> {
    let own: Vec<Vec<String>> = browser
        .into_iter()
        .flat_map(|list| list.split(':'))
        .filter(|entry| !entry.trim().is_empty())
        .take(MAX_COMMANDS)
        .map(|entry| {
            let mut placed = false;
            let mut words: Vec<String> = entry
                .split_whitespace()
                .map(|word| {
                    placed |= word.replace("%%", "").contains("%s");
                    let parts: Vec<String> = word.split("%%").map(|part| part.replace("%s", url)).collect();
                    parts.join("%")
                })
                .collect();
            if !placed {
                words.push(url.to_owned());
            }
            words
        })
        .collect();
    if !own.is_empty() {
        return own;
    }
    let system: &[&[&str]] = if cfg!(target_os = "macos") {
        &[&["open"]]
    } else if cfg!(windows) {
        &[&["rundll32", "url.dll,FileProtocolHandler"]]
    } else {
        &[&["xdg-open"], &["gio", "open"], &["wslview"]]
    };
    system.iter().map(|command| command.iter().copied().chain([url]).map(str::to_owned).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browser_is_read_as_the_conventional_list() {
        let url = "https://x.example/?a=%20b&c=$(id)";
        for (browser, expected) in [
            ("firefox", vec![vec!["firefox", url]]),
            ("firefox:lynx", vec![vec!["firefox", url], vec!["lynx", url]]),
            ("firefox --new-tab %s:: lynx ", vec![vec!["firefox", "--new-tab", url], vec!["lynx", url]]),
            ("w --rate=5%% --u=%s", vec![vec!["w", "--rate=5%", "--u=https://x.example/?a=%20b&c=$(id)"]]),
        ] {
            assert_eq!(commands(url, Some(browser)), expected, "{browser}");
        }
        assert!(!commands(url, Some(" : ")).is_empty(), "an empty list falls back to the system's");
        assert!(commands(url, None).iter().all(|command| command.last().is_some_and(|last| last == url)));
    }

    #[tokio::test]
    async fn the_address_reaches_the_command_as_one_argument_and_no_shell_reads_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().expect("a directory");
        let out = dir.path().join("out");
        let script = dir.path().join("browser");
        std::fs::write(
            &script,
            format!("#!/bin/sh\nprintf '%s|' \"$#\" \"$1\" > {0}.part\nmv {0}.part {0}\n", out.display()),
        )
        .expect("written");
        std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o700)).expect("executable");
        let url = Url::parse("https://x.example/?a=$(id)&b=`id`;c").expect("a URL");
        let list = format!("/nonexistent/browser:{}", script.display());
        open(&url, Some(list.into())).expect("started");
        tokio::time::timeout(std::time::Duration::from_secs(10), async {
            while !out.exists() {
                tokio::task::yield_now().await;
            }
        })
        .await
        .expect("the command ran");
        assert_eq!(std::fs::read_to_string(&out).expect("read"), format!("1|{url}|"));
    }

    #[test]
    fn what_cannot_be_started_is_named_and_what_is_no_web_address_is_refused() {
        let url = Url::parse("https://x.example/").expect("a URL");
        let error = open(&url, Some("/nonexistent/a:/nonexistent/b".into())).expect_err("not there");
        assert!(error.to_string().contains("/nonexistent/a, /nonexistent/b"), "{error}");
        let file = Url::parse("file:///etc/passwd").expect("a URL");
        assert!(matches!(open(&file, None), Err(BrowserError::NotWeb)));
    }
}
