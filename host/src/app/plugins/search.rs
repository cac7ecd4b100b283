//! Looking for another version of an installed plugin where it came from.

use semver::Version as Semver;

use super::Choices;
use super::fetch::{Fetched, fetch, named, pull};
use crate::app::AppError;
use crate::plugin::lock::Entry;
use crate::plugin::source::Source;
use crate::registry::{DockerConfig, Reference, Registry};

/// What is where a plugin came from.
pub(super) enum Found {
    /// What was installed.
    Nothing {
        /// Whether it cannot be anything else.
        is_pinned: bool,
    },
    /// Perhaps something else.
    There(Box<Fetched>),
}

/// Looks where a plugin came from: at the file; at the registry's tag, or at a higher version's.
pub(super) async fn search(entry: &Entry, choices: &Choices, is_another_key: bool) -> Result<Found, AppError> {
    let reference = match &entry.source {
        Source::File(_) => {
            return Ok(Found::There(Box::new(fetch(&entry.source, choices.signature.as_deref()).await?)));
        }
        Source::Registry(reference) => reference,
    };
    if reference.digest().is_some() && !is_another_key {
        return Ok(Found::Nothing { is_pinned: true });
    }
    let mut registry = Registry::open(reference, DockerConfig::from_env()).await?;
    let newest = match reference.tag().and_then(version) {
        Some(current) => highest(reference, &current, &registry.tags().await?),
        None => None,
    };
    if newest.is_none() && !is_another_key && Some(registry.manifest(reference).await?.0) == entry.manifest_sha256 {
        return Ok(Found::Nothing { is_pinned: false });
    }
    let named = choices.signature.as_deref().map(named).transpose()?;
    let fetched = pull(&mut registry, newest.as_ref().unwrap_or(reference)).await?;
    Ok(Found::There(Box::new(Fetched { signature: named.or(fetched.signature), ..fetched })))
}

/// A tag that is a version, with a `v` before it or not.
fn version(tag: &str) -> Option<Semver> {
    Semver::parse(tag.strip_prefix('v').unwrap_or(tag)).ok()
}

/// The tag of the highest version above this one. One that is not released counts only where this one is not either.
fn highest(reference: &Reference, current: &Semver, tags: &[String]) -> Option<Reference> {
    let versions = tags.iter().filter_map(|tag| Some((version(tag)?, tag)));
    let higher = versions.filter(|(of, _)| of > current && (of.pre.is_empty() || !current.pre.is_empty()));
    reference.tagged(higher.max_by(|(a, _), (b, _)| a.cmp(b))?.1)
}

/// Just what was installed, where it came from.
pub(super) fn recorded(entry: &Entry) -> Source {
    match (&entry.source, entry.manifest_sha256) {
        (Source::Registry(reference), Some(manifest)) => Source::Registry(reference.pinned(manifest)),
        (source, _) => source.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_released_version_above_is_found_among_tags() {
        let reference: Reference = "oci://r.example/board:0.1.0".parse().expect("a reference");
        for (current, tags, found) in [
            ("0.1.0", &["0.1.0", "0.2.0", "0.10.0", "0.9.0", "latest", "sha256-00", "01.2.3"][..], Some("0.10.0")),
            ("0.1.0", &["0.1.0", "0.0.9", "0.1.1-rc.1"], None),
            ("0.1.1-rc.1", &["0.1.1-rc.2", "0.1.0"], Some("0.1.1-rc.2")),
            ("v1.0.0", &["v1.0.1", "1.0.0"], Some("v1.0.1")),
            ("1.0.0", &[], None),
        ] {
            let tags: Vec<String> = tags.iter().map(|tag| (*tag).to_owned()).collect();
            let newest = highest(&reference, &version(current).expect("a version"), &tags);
            assert_eq!(newest.as_ref().and_then(Reference::tag), found, "{current} {tags:?}");
        }
        assert_eq!(version("latest"), None);
    }
}
