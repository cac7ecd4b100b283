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
}

impl AnotherVersion {
    /// Whether it is later than the one that is served.
    #[must_use]
    pub fn is_later(&self) -> bool {
        self.found.as_deref().and_then(numbers).zip(numbers(SERVED)).is_some_and(|(found, served)| found > served)
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
        write!(f, " (`{}`), and this program serves version {SERVED}", self.interface.escape_default())
    }
}

/// The name of an interface of the contract, without package and version; none for a name of another package.
///
/// # Errors
/// Where it is of a version that is not served.
pub(super) fn interface(name: &str) -> Result<Option<&str>, AnotherVersion> {
    let Some(own) = name.strip_prefix(PACKAGE) else { return Ok(None) };
    let (interface, found) = match own.split_once('@') {
        Some((interface, version)) => (interface, Some(version)),
        None => (own, None),
    };
    if found.is_some_and(is_served) {
        return Ok(Some(interface));
    }
    let cut = |text: &str| text.chars().take(64).collect::<String>();
    Err(AnotherVersion { interface: cut(interface), found: found.map(cut) })
}

/// Whether a version is the one that is served, or stands for it: core modules may name it by what is compatible alone (`0.1`, and from 1 on `1`).
fn is_served(version: &str) -> bool {
    let track = match SERVED.split_once('.') {
        Some(("0", rest)) => rest.split_once('.').map_or(SERVED.len(), |(minor, _)| "0.".len() + minor.len()),
        Some((major, _)) => major.len(),
        None => SERVED.len(),
    };
    version == SERVED || version == &SERVED[..track]
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

    #[test]
    fn the_served_version_is_that_of_the_wit() {
        let header = format!("package {}@{SERVED};", PACKAGE.trim_end_matches('/'));
        for (name, text) in super::super::encode::CONTRACT {
            assert!(text.starts_with(&header), "{name} is of another version than {SERVED}");
        }
    }

    #[test]
    fn another_version_is_told_by_its_number_and_by_what_to_do() {
        assert_eq!(interface("ghoststack:prospector/search@0.1.0"), Ok(Some("search")));
        assert_eq!(interface("ghoststack:prospector/search@0.1"), Ok(Some("search")));
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
