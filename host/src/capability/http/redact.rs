//! Taking an attached secret out of an answer, should a server repeat it.

use memchr::memmem;

/// What stands in a secret's place.
const MARK: &[u8] = b"[redacted]";
/// Shorter secrets would be found everywhere by chance.
const MIN_SECRET: usize = 6;

/// Replaces each literal of `secret` in `bytes`; true if there was one.
pub fn redact(bytes: &mut Vec<u8>, secret: &[u8]) -> bool {
    if secret.len() < MIN_SECRET || bytes.len() < secret.len() {
        return false;
    }
    let mut kept: Option<Vec<u8>> = None;
    let mut from = 0;
    for at in memmem::find_iter(bytes.as_slice(), secret) {
        let kept = kept.get_or_insert_with(|| Vec::with_capacity(bytes.len()));
        kept.extend_from_slice(&bytes[from..at]);
        kept.extend_from_slice(MARK);
        from = at + secret.len();
    }
    let Some(mut kept) = kept else { return false };
    kept.extend_from_slice(&bytes[from..]);
    *bytes = kept;
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn nothing_of_a_secret_is_left(secret in "[a-zA-Z0-9]{8,40}", parts in proptest::collection::vec("[a-z ]{0,20}", 1..6)) {
            let mut bytes = parts.join(secret.as_str()).into_bytes();
            let had = redact(&mut bytes, secret.as_bytes());
            proptest::prop_assert_eq!(had, parts.len() > 1);
            proptest::prop_assert!(memmem::find(&bytes, secret.as_bytes()).is_none());
            proptest::prop_assert_eq!(String::from_utf8_lossy(&bytes).replace("[redacted]", &secret), parts.join(secret.as_str()));
        }
    }
}
