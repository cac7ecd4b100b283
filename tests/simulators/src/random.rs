//! Random names for tokens, codes and request ids.

const ALPHANUMERIC: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const HEX: &[u8; 16] = b"0123456789abcdef";

/// `length` random letters and digits.
pub(crate) fn alphanumeric(length: usize) -> String {
    draw(ALPHANUMERIC, length)
}

/// `length` random lower-case hexadecimal digits.
pub(crate) fn hex(length: usize) -> String {
    draw(HEX, length)
}

fn draw(alphabet: &[u8], length: usize) -> String {
    let mut bytes = vec![0_u8; length];
    getrandom::fill(&mut bytes).expect("the system's random source works");
    bytes.iter().map(|byte| char::from(alphabet[usize::from(*byte) % alphabet.len()])).collect()
}
