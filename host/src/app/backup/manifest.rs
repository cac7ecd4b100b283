//! The first file of an archive: what is in it, and the digest of each.

use serde::{Deserialize, Serialize};

use super::member;
use crate::plugin::digest::Digest;

/// The version of the format that is written. A later one is not read.
pub const FORMAT: u32 = 1;

/// What an archive holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`FORMAT`].
    pub format: u32,
    /// The version of the program that made it.
    pub ghoststack: String,
    /// When, in seconds since 1970.
    pub created_at: i64,
    /// Whether credentials are in it.
    pub credentials: bool,
    /// The other files, in their order.
    pub files: Vec<Entry>,
}

/// A file of an archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Its path below the home.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of it.
    pub sha256: Digest,
}

#[derive(Deserialize)]
struct Versioned {
    format: u32,
}

/// Why a manifest cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub enum Unusable {
    /// A later version wrote it.
    Later(u32),
    /// It is none, or says what cannot be.
    Wrong(String),
}

impl Manifest {
    /// Reads one, and sees that it says only what can be.
    pub fn parse(bytes: &[u8]) -> Result<Manifest, Unusable> {
        let wrong = |error: serde_json::Error| Unusable::Wrong(format!("its manifest cannot be read: {error}"));
        let Versioned { format } = serde_json::from_slice(bytes).map_err(wrong)?;
        if format > FORMAT {
            return Err(Unusable::Later(format));
        }
        let manifest: Manifest = serde_json::from_slice(bytes).map_err(wrong)?;
        manifest.check().map_err(Unusable::Wrong)?;
        Ok(manifest)
    }

    fn check(&self) -> Result<(), String> {
        if self.files.len() > member::MOST_FILES {
            return Err(format!("it has more than {} files", member::MOST_FILES));
        }
        let mut seen = std::collections::BTreeSet::new();
        let mut total: u64 = 0;
        for entry in &self.files {
            let name = entry.path.escape_debug().to_string();
            let most = member::bound(&entry.path).filter(|_| entry.path != member::MANIFEST);
            let most = most.ok_or_else(|| format!("it has a file that no backup has: {name}"))?;
            if entry.bytes > most {
                return Err(format!("{name} is larger than {most} bytes"));
            }
            if !seen.insert(entry.path.as_str()) {
                return Err(format!("it has {name} twice"));
            }
            total = total.saturating_add(entry.bytes);
        }
        if total > member::MOST_BYTES {
            return Err(format!("its files are larger than {} bytes", member::MOST_BYTES));
        }
        if self.credentials != seen.contains(member::SEALED) {
            return Err("its manifest and its files disagree on credentials".to_owned());
        }
        Ok(())
    }
}

/// What stands for all files but the credentials, to be encrypted with them: none of it can be exchanged then.
pub fn binding(files: &[Entry]) -> Digest {
    let rest = files.iter().filter(|entry| entry.path != member::SEALED);
    let lines: Vec<String> = rest.map(|entry| format!("{} {} {}\n", entry.sha256, entry.bytes, entry.path)).collect();
    Digest::of(lines.concat().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(paths: &[(&str, u64)]) -> Manifest {
        let entry = |(path, bytes): &(&str, u64)| Entry {
            path: (*path).to_owned(),
            bytes: *bytes,
            sha256: Digest::of(path.as_bytes()),
        };
        let files = paths.iter().map(entry).collect();
        Manifest { format: FORMAT, ghoststack: "0.1.0".to_owned(), created_at: 7, credentials: false, files }
    }

    #[test]
    fn a_manifest_that_says_what_cannot_be_is_refused() {
        let parse = |manifest: &Manifest| Manifest::parse(&serde_json::to_vec(manifest).expect("JSON"));
        let good = manifest(&[(member::CONFIGURATION, 9), (member::DATABASE, 9)]);
        assert_eq!(parse(&good), Ok(good.clone()));
        for (files, said) in [
            (&[("../../.bashrc", 1)][..], "no backup has"),
            (&[(member::MANIFEST, 1)], "no backup has"),
            (&[(member::CONFIGURATION, 1), (member::CONFIGURATION, 1)], "twice"),
            (&[(member::CONFIGURATION, u64::MAX)], "larger than"),
            (&[(member::SEALED, 1)], "disagree"),
        ] {
            let Err(Unusable::Wrong(why)) = parse(&manifest(files)) else { panic!("{files:?} is taken") };
            assert!(why.contains(said), "{why}");
        }
        assert_eq!(parse(&Manifest { format: 2, ..good }), Err(Unusable::Later(2)));
        assert!(matches!(Manifest::parse(b"[]"), Err(Unusable::Wrong(_))));
    }

    #[test]
    fn the_binding_changes_with_each_file_and_not_with_the_credentials() {
        let files = manifest(&[(member::CONFIGURATION, 1), (member::SEALED, 2)]).files;
        assert_eq!(binding(&files), binding(&files[..1]));
        assert_ne!(binding(&files), binding(&manifest(&[(member::CONFIGURATION, 2)]).files));
        assert_ne!(binding(&files), binding(&[]));
    }
}
