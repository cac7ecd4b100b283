//! Which version of the contract this program serves, and what is said of a plugin that was made for another.
//!
//! Names of interfaces carry the version: `ghoststack:prospector/search@0.1.0`. One that is not served is refused before anything of the plugin
//! runs: what it means by a name of the contract is not known here.

use std::fmt;

/// The package of the contract, as names of its interfaces begin.
pub const PACKAGE: &str = "ghoststack:prospector/";

/// The version of the contract that is served.
pub const SERVED: &str = "0.1.0";

/// The version that a plugin was made for, which is not served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnotherVersion {
    /// An interface that it names.
    pub interface: String,
    /// The version there; none where it names none.
    pub found: Option<String>,
    /// Those that are served, today's first.
    pub served: Vec<&'static str>,
}

impl AnotherVersion {
    /// Whether it is later than all that are served.
    #[must_use]
    pub fn is_later(&self) -> bool {
        let served = self.served.iter().filter_map(|served| numbers(served)).max();
        self.found.as_deref().and_then(numbers).zip(served).is_some_and(|(found, served)| found > served)
    }

    /// What an author or a person can do about it.
    #[must_use]
    pub fn remedy(&self) -> String {
        match self.is_later() {
            true => format!("run a later Prospector, or take an edition of the plugin that was made for {SERVED}"),
            false => format!(
                "build it against version {SERVED}: `ghoststack prospector plugins new` writes its `wit/` and its SDK beside a project"
            ),
        }
    }
}

impl fmt::Display for AnotherVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let package = PACKAGE.trim_end_matches('/');
        match &self.found {
            Some(found) => write!(f, "it was made for version {} of the contract {package}", found.escape_default())?,
            None => write!(f, "it names no version of the contract {package}")?,
        }
        write!(f, " (`{}`), and this program serves ", self.interface.escape_default())?;
        match self.served.as_slice() {
            [one] => write!(f, "version {one}"),
            several => write!(f, "versions {}", several.join(" and ")),
        }
    }
}

/// Whether a component made for one version runs where another is served: the same, an earlier one that it is compatible with, or a name that stands for
/// all of these, as core modules may write it (`0.1`, and from 1 on `1`).
pub(super) fn is_served(found: &str, served: &str) -> bool {
    let (Some(now), Some(then)) = (numbers(served), numbers(found)) else { return false };
    let track = |of: [u64; 3]| if of[0] == 0 { (0, of[1]) } else { (of[0], 0) };
    let plain = found.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    plain && track(now) == track(then) && then <= now
}

/// The numbers of a version, absent ones as 0.
fn numbers(version: &str) -> Option<[u64; 3]> {
    let mut numbers = [0; 3];
    let core = version.split(['-', '+']).next().unwrap_or_default();
    for (at, number) in core.split('.').enumerate() {
        *numbers.get_mut(at)? = number.parse().ok()?;
    }
    Some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugin::edition::Editions;

    #[test]
    fn the_served_version_is_that_of_the_wit() {
        let header = format!("package {}@{SERVED};", PACKAGE.trim_end_matches('/'));
        for (name, text) in super::super::encode::CONTRACT {
            assert!(text.starts_with(&header), "{name} is of another version than {SERVED}");
        }
    }

    #[test]
    fn earlier_versions_of_a_track_are_served_and_no_others() {
        for (found, served, expected) in [
            ("0.1.0", "0.1.0", true),
            ("0.1", "0.1.0", true),
            ("0.1.0", "0.1.3", true),
            ("0.1.3", "0.1.0", false),
            ("0.1.0", "0.2.0", false),
            ("0.2.0", "0.1.0", false),
            ("1", "1.4.0", true),
            ("1.2.0", "1.4.0", true),
            ("1.5.0", "1.4.0", false),
            ("0.1.0-draft", "0.1.0", false),
            ("", "0.1.0", false),
            ("x", "0.1.0", false),
        ] {
            assert_eq!(is_served(found, served), expected, "{found} where {served} is served");
        }
    }

    #[test]
    fn another_version_is_told_by_its_number_and_by_what_to_do() {
        let editions = Editions::default();
        let interface = |name: &str| editions.serving(name).map(|of| of.map(|(name, _)| name.to_owned()));
        assert_eq!(interface("ghoststack:prospector/search@0.1.0"), Ok(Some("search".to_owned())));
        assert_eq!(interface("ghoststack:prospector/search@0.1"), Ok(Some("search".to_owned())));
        assert_eq!(interface("wasi:io/streams@0.2.6"), Ok(None));
        let rows = [
            ("search@0.2.0", "version 0.2.0", "run a later Prospector"),
            ("search@1", "version 1", "run a later Prospector"),
            ("search@0.1.1", "version 0.1.1", "run a later Prospector"),
            ("search@0.0.9", "version 0.0.9", "build it against version 0.1.0"),
            ("search@0.1.0-draft", "version 0.1.0-draft", "build it against version 0.1.0"),
            ("search", "names no version", "build it against version 0.1.0"),
            ("search@x\u{1b}", "version x\\u{1b}", "build it against"),
        ];
        for (name, told, remedy) in rows {
            let error = interface(&format!("{PACKAGE}{name}")).expect_err(name);
            assert!(error.to_string().contains(told), "{error}");
            assert!(error.to_string().ends_with("this program serves version 0.1.0"), "{error}");
            assert!(error.remedy().contains(remedy), "{name}: {}", error.remedy());
        }
    }
}
