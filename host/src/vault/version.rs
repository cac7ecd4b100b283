//! Versions of a secret, and the check that a write may demand.

use std::fmt;
use std::num::NonZeroU64;

use jiff::Timestamp;

use super::Secret;

/// How many versions of one path are kept; a write beyond that drops the oldest.
///
/// Ten is also what Vault's KV version 2 keeps unless told otherwise.
pub const MAX_VERSIONS: usize = 10;

/// The number of a version: 1 for the first at a path, then one more for each write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(NonZeroU64);

/// Which current version a write demands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cas {
    /// Any, or none: the write is not checked.
    Any,
    /// Nothing may be stored at the path (Vault's `cas=0`).
    MustNotExist,
    /// Exactly this version must be the current one.
    Current(Version),
}

/// A value with what is known about it.
#[derive(Debug, Clone)]
pub struct Versioned {
    /// The value.
    pub value: Secret,
    /// Its number.
    pub version: Version,
    /// When it was written, to the millisecond.
    pub created_at: Timestamp,
}

/// What is known of a path without reading its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata {
    /// When the path was first written.
    pub created_at: Timestamp,
    /// The version that a plain read gives.
    pub current: VersionInfo,
    /// The versions still kept, oldest first, the current one last.
    pub versions: Vec<VersionInfo>,
}

/// One version that is still kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VersionInfo {
    /// Its number.
    pub version: Version,
    /// When it was written.
    pub created_at: Timestamp,
}

impl Version {
    /// The first version of any path.
    pub const FIRST: Self = Self(NonZeroU64::MIN);

    /// A version from its number; `None` for 0, which no version has.
    #[must_use]
    pub fn new(number: u64) -> Option<Self> {
        NonZeroU64::new(number).map(Self)
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> u64 {
        self.0.get()
    }

    /// The version that a write after this one creates.
    ///
    /// Stays at the largest number, which one write a nanosecond reaches after 584 years.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Cas {
    /// Whether a write may go ahead when `current` is the current version.
    #[must_use]
    pub fn permits(self, current: Option<Version>) -> bool {
        match self {
            Self::Any => true,
            Self::MustNotExist => current.is_none(),
            Self::Current(expected) => current == Some(expected),
        }
    }
}

impl fmt::Display for Cas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any version"),
            Self::MustNotExist => f.write_str("no version"),
            Self::Current(version) => write!(f, "version {version}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_and_set_permits_by_the_table() {
        let second = Version::FIRST.next();
        let table = [
            (Cas::Any, None, true),
            (Cas::Any, Some(Version::FIRST), true),
            (Cas::MustNotExist, None, true),
            (Cas::MustNotExist, Some(Version::FIRST), false),
            (Cas::Current(second), Some(second), true),
            (Cas::Current(second), Some(Version::FIRST), false),
            (Cas::Current(second), None, false),
        ];
        for (cas, current, permitted) in table {
            assert_eq!(cas.permits(current), permitted, "{cas:?} on {current:?}");
        }
    }

    #[test]
    fn no_version_is_zero() {
        assert_eq!(Version::new(0), None);
        assert_eq!(Version::new(1), Some(Version::FIRST));
    }
}
