//! Secrets that the person gives: never by an argument, which other users can read.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use secrecy::SecretString;
use zeroize::Zeroizing;

use super::args::Globals;
use super::prompt;
use crate::app::AppError;

/// Longest file with a secret that is read, in bytes.
const MAX_SECRET_FILE: u64 = 4 * 1024;

/// A secret and the ways to give it.
pub struct Wanted {
    pub what: &'static str,
    pub variable: &'static str,
    pub flag: &'static str,
}

/// A secret: from the file named, else the environment, else the person.
pub fn secret(globals: &Globals, file: Option<&Path>, wanted: &Wanted, name: &str) -> Result<SecretString, AppError> {
    let Wanted { what, variable, flag } = wanted;
    if let Some(file) = file {
        return read_secret(file);
    }
    if let Ok(secret) = std::env::var(variable) {
        return Ok(SecretString::from(secret));
    }
    if prompt::is_possible(globals.no_input) {
        return prompt::secret(&format!("Enter {name} {what}: "), flag);
    }
    Err(AppError::Usage(format!("nobody is there to be asked for the {what}; set {variable} or give {flag}")))
}

fn read_secret(file: &Path) -> Result<SecretString, AppError> {
    let unreadable =
        |e: std::io::Error| AppError::Usage(format!("the secret cannot be read from {}: {e}", file.display()));
    let mut text = Zeroizing::new(String::with_capacity(MAX_SECRET_FILE as usize));
    File::open(file).map_err(unreadable)?.take(MAX_SECRET_FILE).read_to_string(&mut text).map_err(unreadable)?;
    Ok(SecretString::from(text.trim()))
}
