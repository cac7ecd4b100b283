//! The document as bytes.
//!
//! A format of our own instead of JSON, since a general serialiser grows and abandons buffers that
//! nobody zeroizes: here the size is computed first, one buffer is allocated, and it is wiped.
//!
//! `count (4)`, then for each path in ascending order: `path | created (8) | versions (1)`, then for
//! each version, oldest first: `number (8) | created (8) | fields (1)`, then for each field in the order
//! of names: `name | value`. Integers are little endian, times are milliseconds since 1970 in UTC, texts
//! are UTF-8 behind a length of 4 bytes.
//!
//! Decoding accepts exactly what encoding produces. It runs only on authenticated bytes, and is strict
//! all the same: a defect in a writer must be found by the first reader.

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::document::{Document, Entry};
use crate::vault::{MAX_VERSIONS, Secret, SecretPath, Version, Versioned};

const LENGTH_BYTES: usize = 4;

/// The size of the encoded document in bytes.
pub(super) fn encoded_bytes(document: &Document) -> usize {
    let text = |text: &str| LENGTH_BYTES + text.len();
    let version = |kept: &Versioned| {
        8 + 8 + 1 + kept.value.fields().map(|(name, value)| text(name) + text(value.expose_secret())).sum::<usize>()
    };
    let entry = |(path, entry): (&SecretPath, &Entry)| {
        text(path.as_str()) + 8 + 1 + entry.versions.iter().map(version).sum::<usize>()
    };
    LENGTH_BYTES + document.entries.iter().map(entry).sum::<usize>()
}

/// Encodes into one buffer of exactly the right size.
pub(super) fn encode(document: &Document) -> Zeroizing<Vec<u8>> {
    let size = encoded_bytes(document);
    let mut out = Zeroizing::new(Vec::with_capacity(size));
    put_length(&mut out, document.entries.len());
    for (path, entry) in &document.entries {
        put_text(&mut out, path.as_str());
        out.extend_from_slice(&entry.created_at.as_millisecond().to_le_bytes());
        put_byte(&mut out, entry.versions.len());
        for kept in &entry.versions {
            out.extend_from_slice(&kept.version.get().to_le_bytes());
            out.extend_from_slice(&kept.created_at.as_millisecond().to_le_bytes());
            put_byte(&mut out, kept.value.fields().len());
            for (name, value) in kept.value.fields() {
                put_text(&mut out, name);
                put_text(&mut out, value.expose_secret());
            }
        }
    }
    debug_assert_eq!(out.len(), size, "a buffer that grew has left secrets behind");
    out
}

/// Decodes, or says what is wrong without repeating any content.
pub(super) fn decode(bytes: &[u8]) -> Result<Document, &'static str> {
    let mut reader = Reader { rest: bytes };
    let mut document = Document::default();
    for _ in 0..reader.length()? {
        let path = SecretPath::parse(reader.text()?).map_err(|_| "a path is invalid")?;
        let entry = Entry { created_at: reader.time()?, versions: reader.versions()? };
        if document.entries.last_key_value().is_some_and(|(last, _)| *last >= path) {
            return Err("the paths are out of order");
        }
        document.entries.insert(path, entry);
    }
    if reader.rest.is_empty() { Ok(document) } else { Err("something follows the last secret") }
}

fn put_length(out: &mut Vec<u8>, length: usize) {
    let length = u32::try_from(length).expect("the bounds of paths, secrets and stores are far below 4 GiB");
    out.extend_from_slice(&length.to_le_bytes());
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    put_length(out, text.len());
    out.extend_from_slice(text.as_bytes());
}

fn put_byte(out: &mut Vec<u8>, count: usize) {
    out.push(u8::try_from(count).expect("the bounds of versions and fields are below 256"));
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], &'static str> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or("it ends early")?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], &'static str> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or("it ends early")?;
        self.rest = rest;
        Ok(*taken)
    }

    fn length(&mut self) -> Result<usize, &'static str> {
        usize::try_from(u32::from_le_bytes(self.array()?)).map_err(|_| "a length is too large")
    }

    fn byte(&mut self) -> Result<usize, &'static str> {
        Ok(usize::from(u8::from_le_bytes(self.array()?)))
    }

    fn text(&mut self) -> Result<&'a str, &'static str> {
        let length = self.length()?;
        std::str::from_utf8(self.take(length)?).map_err(|_| "a text is not UTF-8")
    }

    fn time(&mut self) -> Result<Timestamp, &'static str> {
        Timestamp::from_millisecond(i64::from_le_bytes(self.array()?)).map_err(|_| "a time is out of range")
    }

    fn versions(&mut self) -> Result<Vec<Versioned>, &'static str> {
        let count = self.byte()?;
        if !(1..=MAX_VERSIONS).contains(&count) {
            return Err("a secret has no version, or too many");
        }
        let mut versions: Vec<Versioned> = Vec::with_capacity(count);
        for _ in 0..count {
            let version = Version::new(u64::from_le_bytes(self.array()?)).ok_or("a version is zero")?;
            let created_at = self.time()?;
            let value = self.secret()?;
            if versions.last().is_some_and(|last| last.version.next() != version) {
                return Err("the versions are out of order");
            }
            versions.push(Versioned { value, version, created_at });
        }
        Ok(versions)
    }

    fn secret(&mut self) -> Result<Secret, &'static str> {
        let count = self.byte()?;
        let mut fields: Vec<(&str, SecretString)> = Vec::with_capacity(count);
        for _ in 0..count {
            let name = self.text()?;
            if fields.last().is_some_and(|(last, _)| *last >= name) {
                return Err("the fields are out of order");
            }
            fields.push((name, SecretString::from(self.text()?)));
        }
        Secret::from_fields(fields).map_err(|_| "a secret exceeds its bounds")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::Cas;
    use proptest::prelude::*;

    fn documents() -> impl Strategy<Value = Document> {
        let fields = prop::collection::btree_map("[a-z][a-z0-9_]{0,4}", any::<String>(), 1..4);
        let writes = prop::collection::vec(("[a-c](/[a-c]){0,2}", fields, -1_000_000_i64..1_000_000), 0..30);
        writes.prop_map(|writes| {
            let mut document = Document::default();
            for (path, fields, second) in writes {
                let path = SecretPath::parse(&path).expect("valid");
                let fields = fields.into_iter().map(|(name, value)| (name, SecretString::from(value)));
                let value = Secret::from_fields(fields).expect("valid");
                let now = Timestamp::from_second(second).expect("in range");
                document.write(&path, value, Cas::Any, now).expect("unchecked");
            }
            document
        })
    }

    proptest! {
        #[test]
        fn a_document_survives_encoding_bytewise(document in documents()) {
            let bytes = encode(&document);
            prop_assert_eq!(bytes.len(), encoded_bytes(&document));
            let again = decode(&bytes).map_err(TestCaseError::fail)?;
            prop_assert_eq!(&*encode(&again), &*bytes);
        }

        #[test]
        fn no_shortened_or_extended_document_decodes(document in documents(), cut in any::<prop::sample::Index>()) {
            let bytes = encode(&document);
            prop_assert!(decode(&bytes[..cut.index(bytes.len())]).is_err());
            prop_assert!(decode(&[&bytes[..], &[0]].concat()).is_err());
        }

        #[test]
        fn arbitrary_bytes_never_panic_and_decode_only_if_they_are_canonical(
            document in documents(),
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        ) {
            let mut bytes = encode(&document).to_vec();
            for (index, value) in changes {
                let index = index.index(bytes.len());
                bytes[index] = value;
            }
            if let Ok(decoded) = decode(&bytes) {
                prop_assert_eq!(&*encode(&decoded), &bytes);
            }
        }
    }

    #[test]
    fn a_count_that_lies_is_refused_without_reserving_memory() {
        assert_eq!(decode(&u32::MAX.to_le_bytes()).err(), Some("it ends early"));
    }
}
