//! Where an artifact is: `oci://registry[:port]/namespace/name:tag`, `@sha256:...`, or both.

use std::fmt;
use std::str::FromStr;

use crate::origin::Origin;
use crate::plugin::digest::Digest;

/// What a reference begins with.
pub const SCHEME: &str = "oci://";

/// The longest name of a repository, in bytes, as registries have it.
const MAX_REPOSITORY: usize = 255;

/// The longest tag, in bytes.
const MAX_TAG: usize = 128;

/// Docker's own registry is spoken to at another name than it is called by.
const DOCKER_HUB: (&str, &str) = ("docker.io", "registry-1.docker.io");

/// An artifact in a registry, by a tag, a digest, or both: then the digest says which, and the tag what it was called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    registry: String,
    origin: Origin,
    repository: String,
    tag: Option<String>,
    digest: Option<Digest>,
}

/// Why a text is no reference.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` names nothing in a registry: {why}; write it as oci://registry/namespace/name:version, or with @sha256:... at its end"
)]
pub struct NoReference {
    text: String,
    why: &'static str,
}

impl Reference {
    /// The registry's host, with its port where one was given.
    #[must_use]
    pub fn registry(&self) -> &str {
        &self.registry
    }

    /// Where the registry is spoken to: HTTPS, and plain HTTP on this machine.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Namespace and name.
    #[must_use]
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// What it is called there.
    #[must_use]
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// The digest of its manifest, where that is given.
    #[must_use]
    pub fn digest(&self) -> Option<Digest> {
        self.digest
    }

    /// The same without its digest, where a tag says what it is called; else the same.
    #[must_use]
    pub fn unpinned(&self) -> Reference {
        Reference { digest: self.digest.filter(|_| self.tag.is_none()), ..self.clone() }
    }

    /// The same, by this digest alone or beside its tag.
    #[must_use]
    pub fn pinned(&self, digest: Digest) -> Reference {
        Reference { digest: Some(digest), ..self.clone() }
    }

    /// Another tag of the same repository; none if it cannot be one.
    #[must_use]
    pub fn tagged(&self, tag: &str) -> Option<Reference> {
        is_tag(tag).then(|| Reference { tag: Some(tag.to_owned()), digest: None, ..self.clone() })
    }

    /// What a registry is asked for: the digest, or else the tag.
    #[must_use]
    pub fn selector(&self) -> String {
        match (self.digest, &self.tag) {
            (Some(digest), _) => digest.to_string(),
            (None, tag) => tag.clone().unwrap_or_default(),
        }
    }
}

impl FromStr for Reference {
    type Err = NoReference;

    fn from_str(text: &str) -> Result<Reference, NoReference> {
        let refused = |why| NoReference { text: crate::capability::log::escaped(text, 100), why };
        let rest = text.strip_prefix(SCHEME).ok_or_else(|| refused("it does not begin with oci://"))?;
        let (registry, path) = rest.split_once('/').ok_or_else(|| refused("it has no name after its registry"))?;
        let (path, digest) = match path.split_once('@') {
            Some((path, digest)) => {
                let digest = digest
                    .parse()
                    .map_err(|_| refused("its digest is not sha256: and 64 lower-case hexadecimal digits"))?;
                (path, Some(digest))
            }
            None => (path, None),
        };
        let (repository, tag) = match path.split_once(':') {
            Some((repository, tag)) if is_tag(tag) => (repository, Some(tag.to_owned())),
            Some(_) => return Err(refused("its version is not 1 to 128 of A-Za-z0-9_.-")),
            None => (path, None),
        };
        if repository.len() > MAX_REPOSITORY || !repository.split('/').all(is_component) {
            return Err(refused("its name has to be of lower-case letters, digits and single . _ - between them"));
        }
        if tag.is_none() && digest.is_none() {
            return Err(refused("it does not say which version"));
        }
        let registry = registry.to_ascii_lowercase();
        let origin = origin(&registry).ok_or_else(|| refused("its registry is no host, or host:port"))?;
        Ok(Reference { registry, origin, repository: repository.to_owned(), tag, digest })
    }
}

/// Where a registry of this name is spoken to.
fn origin(registry: &str) -> Option<Origin> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b".-:[]".contains(&b);
    if !registry.bytes().all(plain) {
        return None;
    }
    let host = if registry == DOCKER_HUB.0 { DOCKER_HUB.1 } else { registry };
    let secure = Origin::parse(&format!("https://{host}")).ok()?;
    if secure.is_loopback() { Origin::parse(&format!("http://{host}")).ok() } else { Some(secure) }
}

fn is_tag(tag: &str) -> bool {
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    tag.len() <= MAX_TAG && tag.bytes().next().is_some_and(word) && tag.bytes().all(|b| word(b) || b".-".contains(&b))
}

/// One part of a repository's name: letters and digits, and between them `.`, `_`, `__` or hyphens.
fn is_component(part: &str) -> bool {
    let word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let between = |run: &str| matches!(run, "." | "_" | "__") || (!run.is_empty() && run.bytes().all(|b| b == b'-'));
    let bytes = part.as_bytes();
    let ends = bytes.first().zip(bytes.last()).is_some_and(|(first, last)| word(*first) && word(*last));
    ends && part.split(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit()).all(|run| run.is_empty() || between(run))
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}{}/{}", self.registry, self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        match self.digest {
            Some(digest) => write!(f, "@{digest}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_reference_is_read_as_it_is_written() {
        let digest = Digest::of(b"manifest");
        for (text, origin, selector) in [
            ("oci://ghcr.io/ada/board:0.1.0", "https://ghcr.io", "0.1.0"),
            ("oci://registry.example:5000/a/b-c/d__e:v1", "https://registry.example:5000", "v1"),
            ("oci://127.0.0.1:5000/board:1", "http://127.0.0.1:5000", "1"),
            ("oci://localhost/board:1", "http://localhost", "1"),
            ("oci://[::1]:5000/board:1", "http://[::1]:5000", "1"),
            ("oci://docker.io/ada/board:1", "https://registry-1.docker.io", "1"),
            (&format!("oci://ghcr.io/ada/board@{digest}"), "https://ghcr.io", &digest.to_string()),
            (&format!("oci://ghcr.io/ada/board:1@{digest}"), "https://ghcr.io", &digest.to_string()),
        ] {
            let reference: Reference = text.parse().expect(text);
            assert_eq!(reference.to_string(), text);
            assert_eq!((reference.origin().to_string().as_str(), reference.selector().as_str()), (origin, selector));
        }
        let tagged: Reference = format!("oci://ghcr.io/ada/board:1@{digest}").parse().expect("a reference");
        assert_eq!(tagged.unpinned().to_string(), "oci://ghcr.io/ada/board:1");
        assert_eq!(tagged.tagged("2").map(|of| of.to_string()).as_deref(), Some("oci://ghcr.io/ada/board:2"));
    }

    #[test]
    fn what_could_be_taken_for_another_place_is_refused() {
        for text in [
            "ghcr.io/ada/board:1",
            "oci://ghcr.io",
            "oci://ghcr.io/",
            "oci://ghcr.io/ada/board",
            "oci://ghcr.io/ada/board:",
            "oci://ghcr.io/ada/board:a/b",
            "oci://ghcr.io/ada/board:.1",
            "oci://ghcr.io/Ada/board:1",
            "oci://ghcr.io/../board:1",
            "oci://ghcr.io/a//b:1",
            "oci://ghcr.io/a_-b:1",
            "oci://ghcr.io/-a:1",
            "oci://ghcr.io/a%2fb:1",
            "oci://ghcr.io/a?x:1",
            "oci://ada@ghcr.io/board:1",
            "oci://ghcr.io:x/board:1",
            "oci:///board:1",
            "oci://gh cr.io/board:1",
            "oci://ghcr.io/board@sha256:00",
            "oci://ghcr.io/board@md5:00",
        ] {
            assert!(text.parse::<Reference>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_reference_that_reads_back_or_an_error(text in "oci://\\PC{0,60}") {
            if let Ok(reference) = text.parse::<Reference>() {
                prop_assert_eq!(reference.to_string().parse::<Reference>(), Ok(reference));
            }
        }
    }
}
