//! The person's editor.

use std::path::Path;
use std::process::Command;

use super::args::Globals;
use crate::app::AppError;
use crate::environment;

/// The editor that the environment names. `by_hand` says what to do without one.
pub fn named(globals: &Globals, by_hand: &str) -> Result<String, AppError> {
    if globals.no_input {
        return Err(AppError::Usage(format!("an editor cannot be opened with --no-input; {by_hand}")));
    }
    let named = ["VISUAL", "EDITOR"].into_iter().find_map(|name| {
        std::env::var(name).ok().map(|editor| editor.trim().to_owned()).filter(|editor| !editor.is_empty())
    });
    named.ok_or_else(|| AppError::Usage(format!("neither VISUAL nor EDITOR names an editor; set one, or {by_hand}")))
}

/// Opens a file in the editor, which may be a command with arguments, and waits for its end.
pub fn opened(editor: &str, path: &Path) -> Result<(), AppError> {
    let done = environment::hide_from(&mut Command::new("sh"))
        .arg("-c")
        .arg(format!("{editor} \"$1\""))
        .arg("sh")
        .arg(path)
        .status();
    match done {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(AppError::Usage(format!("the editor `{editor}` failed ({status}), so nothing was changed"))),
        Err(error) => Err(AppError::Machine(format!("the editor `{editor}` cannot be started: {error}"))),
    }
}
