//! The vault file: a header in the clear, and the encrypted document.
//!
//! `magic (8) | format (4) | body length (4) | generation (8) | key id (16) | nonce (24)`, integers
//! little endian, then the body: the ciphertext and its 16-byte tag, by XChaCha20-Poly1305. The whole
//! header is associated data, so that none of it can be altered either. The nonce is random and new on
//! each write: at 192 bits, repeating one is out of the question.
//!
//! **How a refusal is told from another.** The header alone cannot say whether it names another key
//! because it belongs to another key or because it was altered. Therefore the body is tried first with
//! the header that it *should* have under our key. If it authenticates, only the header differs, and
//! the file was tampered with. Only if it does not is the header's own claim (no vault file, newer format,
//! cut off, another key) repeated; with no claim to repeat, the file was tampered with.
//!
//! The generation counts writes. It shows in the log which of two copies is newer; it does not prevent
//! that an old copy is put back.

use std::path::Path;

use chacha20poly1305::{AeadInOut, KeyInit, Tag, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use super::error::EmbeddedError;
use super::key::{DataKey, KeyId};

const MAGIC: [u8; 8] = *b"GSVAULT\0";
const FORMAT: u32 = 1;
const TAG_BYTES: usize = 16;

/// The size of the header in bytes.
pub(super) const HEADER_BYTES: usize = 64;

/// What a file adds to the document, in bytes.
pub(super) const OVERHEAD_BYTES: usize = HEADER_BYTES + TAG_BYTES;

/// What a vault file holds once it is decrypted.
pub(super) struct Opened {
    pub(super) plaintext: Zeroizing<Vec<u8>>,
    pub(super) generation: u64,
}

#[derive(Clone, Copy)]
struct Header {
    magic: [u8; 8],
    format: u32,
    body_bytes: u32,
    generation: u64,
    key_id: KeyId,
    nonce: [u8; 24],
}

impl Header {
    fn to_bytes(self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        bytes[..8].copy_from_slice(&self.magic);
        bytes[8..12].copy_from_slice(&self.format.to_le_bytes());
        bytes[12..16].copy_from_slice(&self.body_bytes.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.generation.to_le_bytes());
        bytes[24..40].copy_from_slice(&self.key_id.0);
        bytes[40..].copy_from_slice(&self.nonce);
        bytes
    }

    fn from_bytes(bytes: &[u8; HEADER_BYTES]) -> Self {
        Self {
            magic: part(bytes, 0),
            format: u32::from_le_bytes(part(bytes, 8)),
            body_bytes: u32::from_le_bytes(part(bytes, 12)),
            generation: u64::from_le_bytes(part(bytes, 16)),
            key_id: KeyId(part(bytes, 24)),
            nonce: part(bytes, 40),
        }
    }
}

/// Encrypts a document in its own buffer and returns the file's bytes.
///
/// The caller bounds the document far below the 4 GiB that the header can say.
pub(super) fn seal(key: &DataKey, generation: u64, mut document: Zeroizing<Vec<u8>>) -> Result<Vec<u8>, EmbeddedError> {
    let mut nonce = [0; 24];
    getrandom::fill(&mut nonce).map_err(|_| EmbeddedError::NoRandomness)?;
    let body_bytes = u32::try_from(document.len() + TAG_BYTES).expect("the store's bound is far below 4 GiB");
    let header = Header { magic: MAGIC, format: FORMAT, body_bytes, generation, key_id: key.id(), nonce }.to_bytes();
    let tag = cipher(key)
        .encrypt_inout_detached(&XNonce::from(nonce), &header, document.as_mut_slice().into())
        .expect("the store's bound is far below what one nonce can encrypt");
    Ok([&header, document.as_slice(), tag.as_slice()].concat())
}

/// Authenticates and decrypts a vault file. `path` and `key_path` are for the errors.
pub(super) fn open(key: &DataKey, file: &[u8], path: &Path, key_path: &Path) -> Result<Opened, EmbeddedError> {
    let path_of_vault = || path.to_owned();
    let Some((found_bytes, body)) = file.split_first_chunk::<HEADER_BYTES>() else {
        let begins_like_one = file.iter().zip(&MAGIC).all(|(found, expected)| found == expected);
        return Err(if begins_like_one {
            truncated(path, OVERHEAD_BYTES, file.len())
        } else {
            EmbeddedError::NotAVault { path: path_of_vault() }
        });
    };
    let found = Header::from_bytes(found_bytes);
    let body_bytes = u32::try_from(body.len()).unwrap_or(u32::MAX);
    let expected = Header { magic: MAGIC, format: FORMAT, body_bytes, key_id: key.id(), ..found };
    match (decrypt(key, &expected, body), found.to_bytes() == expected.to_bytes()) {
        (Some(plaintext), true) => Ok(Opened { plaintext, generation: found.generation }),
        (Some(_), false) => Err(EmbeddedError::Tampered { path: path_of_vault() }),
        (None, _) => Err(if found.magic != MAGIC {
            EmbeddedError::NotAVault { path: path_of_vault() }
        } else if found.format > FORMAT {
            EmbeddedError::NewerFormat { path: path_of_vault(), found: found.format, supported: FORMAT }
        } else if found.body_bytes > body_bytes {
            truncated(path, HEADER_BYTES.saturating_add(found.body_bytes as usize), file.len())
        } else if found.key_id != expected.key_id {
            EmbeddedError::WrongKey {
                path: path_of_vault(),
                key_path: key_path.to_owned(),
                vault_key: found.key_id.to_string(),
                found_key: expected.key_id.to_string(),
            }
        } else {
            EmbeddedError::Tampered { path: path_of_vault() }
        }),
    }
}

fn decrypt(key: &DataKey, header: &Header, body: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (ciphertext, tag) = body.split_last_chunk::<TAG_BYTES>()?;
    let mut buffer = Zeroizing::new(ciphertext.to_vec());
    cipher(key)
        .decrypt_inout_detached(
            &XNonce::from(header.nonce),
            &header.to_bytes(),
            buffer.as_mut_slice().into(),
            &Tag::from(*tag),
        )
        .ok()?;
    Some(buffer)
}

fn cipher(key: &DataKey) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(key.expose().into())
}

fn truncated(path: &Path, expected: usize, found: usize) -> EmbeddedError {
    EmbeddedError::Truncated { path: path.to_owned(), expected: expected as u64, found: found as u64 }
}

fn part<const N: usize>(bytes: &[u8; HEADER_BYTES], start: usize) -> [u8; N] {
    let mut part = [0; N];
    part.copy_from_slice(&bytes[start..start + N]);
    part
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key() -> DataKey {
        DataKey::generate().expect("random bytes")
    }

    fn sealed(key: &DataKey, content: &[u8]) -> Vec<u8> {
        seal(key, 7, Zeroizing::new(content.to_vec())).expect("random bytes")
    }

    fn opened(key: &DataKey, file: &[u8]) -> Result<Opened, EmbeddedError> {
        open(key, file, Path::new("vault"), Path::new("key"))
    }

    #[test]
    fn every_single_bit_is_authenticated() {
        let key = key();
        let file = sealed(&key, b"content");
        for bit in 0..file.len() * 8 {
            let mut altered = file.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            assert!(matches!(opened(&key, &altered), Err(EmbeddedError::Tampered { .. })), "bit {bit}");
        }
    }

    #[test]
    fn an_honest_file_of_a_newer_format_or_another_key_says_so() {
        let (ours, other) = (key(), key());
        let file = sealed(&other, b"content");
        assert!(matches!(opened(&ours, &file), Err(EmbeddedError::WrongKey { .. })));
        let mut newer = sealed(&other, b"content");
        newer[8..12].copy_from_slice(&2_u32.to_le_bytes());
        assert!(matches!(opened(&ours, &newer), Err(EmbeddedError::NewerFormat { found: 2, supported: 1, .. })));
    }

    #[test]
    fn two_writes_of_one_content_share_neither_nonce_nor_ciphertext() {
        let key = key();
        let (first, second) = (sealed(&key, b"content"), sealed(&key, b"content"));
        assert_ne!(first[40..HEADER_BYTES], second[40..HEADER_BYTES]);
        assert_ne!(first[HEADER_BYTES..], second[HEADER_BYTES..]);
    }

    #[test]
    fn the_published_vector_of_xchacha20_poly1305_decrypts() {
        let plaintext = b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.";
        let key: [u8; 32] = std::array::from_fn(|index| 0x80 + index as u8);
        let nonce: [u8; 24] = std::array::from_fn(|index| 0x40 + index as u8);
        let data = [0x50, 0x51, 0x52, 0x53, 0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7];
        let mut buffer = plaintext.to_vec();
        let tag = XChaCha20Poly1305::new(&key.into())
            .encrypt_inout_detached(&nonce.into(), &data, buffer.as_mut_slice().into())
            .expect("short");
        assert_eq!(buffer[..4], [0xbd, 0x6d, 0x17, 0x9d]);
        assert_eq!(tag[..4], [0xc0, 0x87, 0x59, 0x24]);
    }

    proptest! {
        #[test]
        fn what_is_sealed_opens_to_the_same(content in prop::collection::vec(any::<u8>(), 0..300)) {
            let key = key();
            let opened = opened(&key, &sealed(&key, &content)).map_err(|e| TestCaseError::fail(e.to_string()))?;
            prop_assert_eq!((&*opened.plaintext, opened.generation), (&content, 7));
        }

        #[test]
        fn any_cut_is_called_a_cut(content in prop::collection::vec(any::<u8>(), 0..300), cut in any::<prop::sample::Index>()) {
            let key = key();
            let file = sealed(&key, &content);
            let is_called_so = matches!(
                opened(&key, &file[..cut.index(file.len())]),
                Err(EmbeddedError::Truncated { .. })
            );
            prop_assert!(is_called_so);
        }

        #[test]
        fn arbitrary_bytes_never_panic_nor_open(
            bytes in prop::collection::vec(any::<u8>(), 0..300),
            begins_like_one in any::<bool>(),
        ) {
            let bytes = if begins_like_one { [&MAGIC[..], &bytes].concat() } else { bytes };
            prop_assert!(opened(&key(), &bytes).is_err());
        }
    }
}
