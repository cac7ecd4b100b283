//! Paths into the configuration: JSON pointers inside, dotted paths for people.

use std::fmt;

use super::diagnostic::printable;

/// A path of keys and list positions from the document's root.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Pointer(Vec<String>);

impl Pointer {
    pub(super) fn root() -> Self {
        Self::default()
    }

    pub(super) fn of<'a>(segments: impl IntoIterator<Item = &'a str>) -> Self {
        Self(segments.into_iter().map(str::to_owned).collect())
    }

    pub(super) fn push(&mut self, segment: &str) {
        self.0.push(segment.to_owned());
    }

    pub(super) fn pop(&mut self) {
        self.0.pop();
    }

    pub(super) fn join(&self, segment: &str) -> Self {
        let mut longer = self.clone();
        longer.push(segment);
        longer
    }

    pub(super) fn extend<'a>(&self, segments: impl IntoIterator<Item = &'a str>) -> Self {
        let mut longer = self.clone();
        longer.0.extend(segments.into_iter().map(str::to_owned));
        longer
    }

    pub(super) fn parent(&self) -> Option<Self> {
        let (_, rest) = self.0.split_last()?;
        Some(Self(rest.to_vec()))
    }

    pub(super) fn segments(&self) -> &[String] {
        &self.0
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for segment in &self.0 {
            write!(f, "/{}", segment.replace('~', "~0").replace('/', "~1"))?;
        }
        Ok(())
    }
}

/// `platforms.workbazaar.categories[0]`; a key of other characters stands in quotes.
pub(super) fn dotted(pointer: &Pointer) -> String {
    let mut path = String::new();
    for segment in pointer.segments() {
        if !segment.is_empty() && segment.bytes().all(|b| b.is_ascii_digit()) {
            path.push_str(&format!("[{}]", printable(segment, 20)));
            continue;
        }
        if !path.is_empty() {
            path.push('.');
        }
        let plain = segment.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
        if plain && !segment.is_empty() {
            path.push_str(&printable(segment, 80));
        } else {
            path.push_str(&format!("'{}'", printable(segment, 80)));
        }
    }
    path
}
