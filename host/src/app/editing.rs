//! The configuration file, changed elsewhere than in an editor: checked as a whole before it takes the place of what is there.

use super::{AppError, Installation};
use crate::config::edit::{self, Change};
use crate::config::{self, ConfigErrors, Loaded, Overrides, OwnFile};
use crate::plugin::digest::Digest;

/// The file, as it is shown to be edited.
#[derive(Debug)]
pub struct Editable {
    /// Its text; empty where there is no file yet.
    pub text: String,
    /// By what is known that it is still the same when it is saved.
    pub digest: Digest,
}

/// The file; none where a line of it looks as if it held a secret.
///
/// # Errors
/// Where it is there and cannot be read.
pub fn read(installation: &Installation) -> Result<Option<Editable>, AppError> {
    let file = OwnFile::read(&installation.home)?;
    let editable = |text: &str| Editable { text: text.to_owned(), digest: Digest::of(file.bytes()) };
    Ok(file.showable().map(editable))
}

/// Checks a text that is to be the configuration, plugins' own settings too; what it comes to, with its warnings.
///
/// # Errors
/// Everything that is wrong with it, located.
pub async fn check(installation: &Installation, text: &str) -> Result<Loaded, ConfigErrors> {
    let name = installation.home.config_file().display().to_string();
    let loaded = installation
        .with_schemas(|schemas| config::validate(&name, text.as_bytes(), schemas, &Overrides::filling()))?;
    installation.check_settings(&loaded).await?;
    Ok(loaded)
}

/// Checks a text and writes it, in the place of the one that it was made from.
///
/// # Errors
/// Everything that is wrong with it; where the file is another by now, or cannot be written.
pub async fn save(installation: &Installation, made_from: Digest, text: &str) -> Result<(), AppError> {
    let file = OwnFile::read(&installation.home)?;
    if Digest::of(file.bytes()) != made_from {
        return Err(config::ReplaceError::Changed { path: file.path().to_owned() }.into());
    }
    check(installation, text).await?;
    Ok(file.replace(&installation.home, text.as_bytes())?)
}

/// Makes changes to the file, and touches nothing else in it.
///
/// # Errors
/// Where that cannot be done safely: then with the section as it would be; what is wrong with the outcome; where the file cannot be written.
pub async fn change(installation: &Installation, section: &str, changes: &[Change]) -> Result<(), AppError> {
    let file = OwnFile::read(&installation.home)?;
    let present = installation.with_schemas(|schemas| file.section(section, schemas))?;
    let text = file.edited(changes).map_err(|why| uneditable(&file, section, present, changes, &why.to_string()))?;
    check(installation, &text).await?;
    Ok(file.replace(&installation.home, text.as_bytes())?)
}

/// Why changes were not made, with what the section would be, to be pasted.
pub(super) fn uneditable(
    file: &OwnFile,
    section: &str,
    present: serde_json::Value,
    changes: &[Change],
    why: &str,
) -> AppError {
    let mut whole = serde_json::json!({ section: present });
    changes.iter().for_each(|change| edit::apply(&mut whole, change));
    AppError::Uneditable {
        path: file.path().to_owned(),
        why: why.to_owned(),
        paste: edit::section(section, &whole[section]),
    }
}
