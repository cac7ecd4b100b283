//! Whether a component is signed by the key that it has to be signed by.

use crate::plugin::signature::{self, Key};

/// What is known of who made a component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signing {
    /// It has no signature.
    None,
    /// It has one, and nobody said by which key it should be.
    Unchecked {
        /// The key that it says, by minisign's number of it.
        key: Option<String>,
    },
    /// This key has signed just these bytes.
    By {
        /// The key.
        key: Key,
        /// What it has signed with them. The signer's words.
        comment: String,
    },
}

impl Signing {
    /// Checks a signature by the key that is wanted, if one is.
    ///
    /// # Errors
    /// The end of a sentence, with what to do.
    pub(super) fn check(wanted: Option<&Key>, bytes: &[u8], signature: Option<&str>) -> Result<Signing, String> {
        match (wanted, signature) {
            (None, None) => Ok(Signing::None),
            (None, Some(signature)) => Ok(Signing::Unchecked { key: signature::claimed(signature) }),
            (Some(key), None) => Err(format!(
                "it is not signed, and has to be by the key {}: its signature is expected beside the file ({}), in the annotation `{}` of the registry's \
                 manifest, or where --signature says",
                key.id(),
                signature::SUFFIX,
                crate::registry::manifest::SIGNATURE
            )),
            (Some(key), Some(signature)) => signature::verify(key, bytes, signature)
                .map(|comment| Signing::By { key: key.clone(), comment })
                .map_err(|why| why.to_string()),
        }
    }

    /// The key, where it was checked.
    #[must_use]
    pub fn key(&self) -> Option<&Key> {
        match self {
            Signing::By { key, .. } => Some(key),
            Signing::None | Signing::Unchecked { .. } => None,
        }
    }
}
