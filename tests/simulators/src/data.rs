//! Data files: what a platform serves in place of its samples.

use std::path::{Path, PathBuf};

/// Why a data file was refused.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// The file cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file holds something else.
    #[error("{path}, line {line}: {reason}")]
    Line {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// What is wrong there, and what is expected.
        reason: String,
    },
}

/// Reads a file through `parse`, whose error is a line number and a reason. A byte order mark is dropped.
///
/// # Errors
/// The file cannot be read, or a line of it is not what it should be.
pub fn read<T>(path: &Path, parse: impl FnOnce(&str) -> Result<T, (usize, String)>) -> Result<T, DataError> {
    let text = std::fs::read_to_string(path).map_err(|source| DataError::Read { path: path.to_owned(), source })?;
    parse(text.strip_prefix('\u{feff}').unwrap_or(&text)).map_err(|(line, reason)| DataError::Line {
        path: path.to_owned(),
        line,
        reason,
    })
}
