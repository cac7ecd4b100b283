//! `backup` and `restore`.

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::args::{Backup, Globals, Restore};
use super::output::Output;
use super::prompt;
use super::secret::{Wanted, secret};
use super::text;
use crate::app::backup::{self, WithCredentials};
use crate::app::error::exit;
use crate::app::{App, AppError};
use crate::clock::SystemClock;
use crate::config::Home;

const PASSPHRASE: Wanted =
    Wanted { what: "passphrase", variable: "GHOSTSTACK_BACKUP_PASSPHRASE", flag: "--passphrase-file" };

/// Writes a home to a file.
pub async fn back_up(globals: &Globals, args: Backup, output: &mut Output) -> Result<u8, AppError> {
    let home = Home::from_env()?;
    let made = if args.with_credentials {
        let app = App::open().await?;
        let passphrase = new_passphrase(globals, &args)?;
        let with = WithCredentials { app: &app, passphrase: &passphrase };
        backup::backup(&home, &SystemClock, &args.file, args.force, Some(with)).await?
    } else {
        backup::backup(&home, &SystemClock, &args.file, args.force, None).await?
    };
    for left_out in &made.left_out {
        output.message(format_args!("warning: left out: {}", text::line(left_out)));
    }
    if output.is_json() {
        let backup::Made { files, bytes, credentials, left_out } = made;
        let file = &args.file;
        output.json(
            &json!({"file": file, "files": files, "bytes": bytes, "credentials": credentials, "left_out": left_out}),
        );
        return Ok(exit::OK);
    }
    let file = text::line(&args.file.display().to_string());
    output.line(format_args!("Wrote {} files to {file}.", made.files));
    output.line(if made.credentials {
        "The credentials are in it, encrypted: they cannot be restored without the passphrase."
    } else {
        "The credentials are not in it: after restoring it, connect again."
    });
    Ok(exit::OK)
}

/// A passphrase for a new backup. Where a person types it, twice: a slip would make the backup worthless.
fn new_passphrase(globals: &Globals, args: &Backup) -> Result<SecretString, AppError> {
    let typed = args.passphrase_file.is_none() && std::env::var_os(PASSPHRASE.variable).is_none();
    let first = secret(globals, args.passphrase_file.as_deref(), &PASSPHRASE, "the backup's")?;
    if typed {
        let again = prompt::secret("Once more: ", PASSPHRASE.flag)?;
        if again.expose_secret() != first.expose_secret() {
            return Err(AppError::Usage("the two passphrases are not the same; run the command again".to_owned()));
        }
    }
    Ok(first)
}

/// Puts a backup in the place of a home.
pub async fn restore(globals: &Globals, args: Restore, output: &mut Output) -> Result<u8, AppError> {
    let home = Home::from_env()?;
    let wanted = !args.without_credentials && backup::contains_credentials(&args.file)?;
    let passphrase = match wanted {
        true => Some(secret(globals, args.passphrase_file.as_deref(), &PASSPHRASE, "the backup's")?),
        false => None,
    };
    let done = backup::restore(&home, &SystemClock, &args.file, args.force, passphrase.as_ref()).await?;
    if output.is_json() {
        let backup::Restored { files, created_at, version, credentials, before } = done;
        let home = home.root();
        output.json(&json!({
            "home": home, "files": files, "created_at": created_at, "version": version,
            "credentials": credentials, "former_home": before,
        }));
        return Ok(exit::OK);
    }
    let at = text::time(done.created_at);
    let version = text::line(&done.version);
    output.line(format_args!(
        "Restored {} files of {at} (version {version}) to {}.",
        done.files,
        home.root().display()
    ));
    if let Some(before) = &done.before {
        output.line(format_args!("The former home is kept: {}", before.display()));
    }
    match done.credentials {
        Some(_) => output.message("Next: ghoststack prospector status, which shows whether the credentials still work"),
        None => output.message("No credentials were restored. Next: ghoststack prospector connect <platform>"),
    }
    Ok(exit::OK)
}
