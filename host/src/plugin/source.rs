//! Where a plugin comes from: a file, or a registry.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::registry::Reference;
use crate::registry::reference::{NoReference, SCHEME};

/// What the record of installed plugins writes before a file's path.
const FILE: &str = "file:";

/// A file or an artifact in a registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Source {
    /// A file.
    File(PathBuf),
    /// An artifact.
    Registry(Reference),
}

impl Source {
    /// As a person gives it: a path, or `oci://...`.
    ///
    /// # Errors
    /// Where it begins like a reference and is none.
    pub fn given(text: &str) -> Result<Source, NoReference> {
        if text.starts_with(SCHEME) { text.parse().map(Source::Registry) } else { Ok(Source::File(text.into())) }
    }

    /// As a person would give it in a shell.
    #[must_use]
    pub fn argument(&self) -> String {
        match self {
            Source::File(path) => quoted(&path.display().to_string()),
            Source::Registry(reference) => reference.to_string(),
        }
    }

    /// The same wherever one stands.
    #[must_use]
    pub fn absolute(&self) -> Source {
        match self {
            Source::File(path) => Source::File(std::path::absolute(path).unwrap_or_else(|_| path.clone())),
            Source::Registry(_) => self.clone(),
        }
    }

    /// The file.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        match self {
            Source::File(path) => Some(path),
            Source::Registry(_) => None,
        }
    }
}

impl FromStr for Source {
    type Err = NoReference;

    /// As it is recorded.
    fn from_str(text: &str) -> Result<Source, NoReference> {
        match text.strip_prefix(FILE) {
            Some(path) => Ok(Source::File(path.into())),
            None => text.parse().map(Source::Registry),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::File(path) => write!(f, "{FILE}{}", path.display()),
            Source::Registry(reference) => reference.fmt(f),
        }
    }
}

impl TryFrom<String> for Source {
    type Error = NoReference;

    fn try_from(text: String) -> Result<Source, NoReference> {
        text.parse()
    }
}

impl From<Source> for String {
    fn from(source: Source) -> String {
        source.to_string()
    }
}

/// A path as a shell takes it.
fn quoted(path: &str) -> String {
    let plain = path.bytes().all(|b| b.is_ascii_alphanumeric() || b"/._-+@".contains(&b));
    if plain { path.to_owned() } else { format!("'{}'", path.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_recorded_and_read_again() {
        for (given, recorded) in [("/a/b.wasm", "file:/a/b.wasm"), ("oci://r.example/a/b:1", "oci://r.example/a/b:1")] {
            let source = Source::given(given).expect(given);
            assert_eq!((source.to_string().as_str(), source.argument().as_str()), (recorded, given));
            assert_eq!(recorded.parse(), Ok(source));
        }
        assert!(Source::given("oci://r.example/a/b").is_err() && "/a/b.wasm".parse::<Source>().is_err());
    }

    #[test]
    fn a_path_is_one_word_to_a_shell() {
        for (path, word) in [("/a/b-1.wasm", "/a/b-1.wasm"), ("/a b", "'/a b'"), ("/it's;x", r"'/it'\''s;x'")] {
            assert_eq!(quoted(path), word);
        }
    }
}
