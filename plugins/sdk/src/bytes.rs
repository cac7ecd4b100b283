//! What can be told of sixteen bytes at once. In components `simd128` does: telling of one byte after the other is most of what reading long
//! texts costs there. Elsewhere, where plugins run in their tests only, it is told by simpler means.
#![cfg_attr(target_arch = "wasm32", allow(unsafe_code))]

#[cfg(target_arch = "wasm32")]
use std::arch::wasm32::{
    i8x16_lt, i8x16_splat, u8x16_bitmask, u8x16_eq, u8x16_shr, u8x16_splat, u8x16_swizzle, v128, v128_and, v128_load,
    v128_or,
};

/// Bytes that are looked at together.
pub(crate) const CHUNK: usize = 16;

/// Bytes before the first quote or backslash; all, where there is none.
#[inline]
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
pub(crate) fn before_quote(bytes: &[u8]) -> usize {
    let (chunks, rest) = bytes.as_chunks();
    for (nth, chunk) in chunks.iter().enumerate() {
        if let Some(at) = quote(chunk) {
            return nth * CHUNK + at;
        }
    }
    bytes.len() - rest.len() + rest.iter().position(is_quote).unwrap_or(rest.len())
}

fn is_quote(byte: &u8) -> bool {
    matches!(byte, b'"' | b'\\')
}

/// Where the first quote or backslash is, if there is one.
#[cfg(not(target_arch = "wasm32"))]
fn quote(chunk: &[u8; CHUNK]) -> Option<usize> {
    chunk.iter().position(is_quote)
}

/// Where the first quote or backslash is, if there is one.
#[cfg(target_arch = "wasm32")]
#[inline]
#[target_feature(enable = "simd128")]
fn quote(chunk: &[u8; CHUNK]) -> Option<usize> {
    let bytes = load(chunk);
    let found = v128_or(u8x16_eq(bytes, u8x16_splat(b'"')), u8x16_eq(bytes, u8x16_splat(b'\\')));
    let mask = u8x16_bitmask(found);
    (mask != 0).then(|| mask.trailing_zeros() as usize)
}

#[cfg(target_arch = "wasm32")]
#[inline]
#[target_feature(enable = "simd128")]
fn load(bytes: &[u8; CHUNK]) -> v128 {
    // SAFETY: these are the sixteen bytes that are loaded, which need no alignment.
    unsafe { v128_load(bytes.as_ptr().cast()) }
}

/// A set of bytes, of which those beyond ASCII are all in it or none.
#[cfg(any(target_arch = "wasm32", test))]
#[derive(Debug, Clone, Copy)]
pub(crate) struct ByteSet {
    /// By the lower half of a byte, what the upper one may be: a bit each.
    uppers: [u8; CHUNK],
    beyond_ascii: bool,
}

/// The bit of each upper half; none of those beyond ASCII.
#[cfg(any(target_arch = "wasm32", test))]
const UPPERS: [u8; CHUNK] = [1, 2, 4, 8, 16, 32, 64, 128, 0, 0, 0, 0, 0, 0, 0, 0];

#[cfg(any(target_arch = "wasm32", test))]
impl ByteSet {
    /// Those that `holds` says; of those beyond ASCII the first stands for all.
    pub(crate) const fn of(holds: &[bool; 256]) -> Self {
        let mut uppers = [0; CHUNK];
        let mut byte = 0;
        while byte < 0x80 {
            if holds[byte] {
                uppers[byte & 0xf] |= UPPERS[byte >> 4];
            }
            byte += 1;
        }
        Self { uppers, beyond_ascii: holds[0x80] }
    }

    /// Which of some bytes are in it: a bit each, the first byte's the lowest.
    #[cfg(target_arch = "wasm32")]
    #[inline]
    #[target_feature(enable = "simd128")]
    pub(crate) fn among(&self, chunk: &[u8; CHUNK]) -> u32 {
        let bytes = load(chunk);
        let uppers = u8x16_swizzle(load(&self.uppers), v128_and(bytes, u8x16_splat(0xf)));
        let found = v128_and(uppers, u8x16_swizzle(load(&UPPERS), u8x16_shr(bytes, 4)));
        let ascii = !u32::from(u8x16_bitmask(u8x16_eq(found, u8x16_splat(0)))) & 0xffff;
        let beyond = u32::from(u8x16_bitmask(i8x16_lt(bytes, i8x16_splat(0))));
        if self.beyond_ascii { ascii | beyond } else { ascii }
    }

    /// The same, by the same tables and one after the other.
    #[cfg(not(target_arch = "wasm32"))]
    pub(crate) fn among(&self, chunk: &[u8; CHUNK]) -> u32 {
        let is_in = |byte: u8| {
            let (lower, upper) = (usize::from(byte & 0xf), usize::from(byte >> 4));
            self.uppers[lower] & UPPERS[upper] != 0 || (self.beyond_ascii && !byte.is_ascii())
        };
        chunk.iter().rev().fold(0, |among, byte| among << 1 | u32::from(is_in(*byte)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_the_bytes_that_it_is_of() {
        let letters: [bool; 256] = std::array::from_fn(|byte| (byte as u8).is_ascii_alphabetic());
        let signs: [bool; 256] = std::array::from_fn(|byte| !(byte as u8).is_ascii_alphabetic());
        for holds in [[false; 256], letters, signs, [true; 256]] {
            let set = ByteSet::of(&holds);
            for byte in 0..=255u8 {
                for place in 0..CHUNK {
                    let mut chunk = [b'a'; CHUNK];
                    chunk[place] = byte;
                    let expected =
                        (0..CHUNK).filter(|at| holds[usize::from(chunk[*at])]).map(|at| 1 << at).sum::<u32>();
                    assert_eq!(set.among(&chunk), expected, "{byte} at {place}");
                }
            }
        }
    }

    #[test]
    fn a_quote_is_found_wherever_it_is() {
        for length in 0..50 {
            let mut bytes = vec![b'x'; length];
            assert_eq!(before_quote(&bytes), length);
            for place in (0..length).rev() {
                bytes[place] = if place % 2 == 0 { b'"' } else { b'\\' };
                assert_eq!(before_quote(&bytes), place);
            }
        }
    }
}
