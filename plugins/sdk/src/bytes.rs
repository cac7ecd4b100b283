//! What can be told of sixteen bytes at once. In components `simd128` does: telling of one byte after the other is most of what reading long
//! texts costs there. Elsewhere, where plugins run in their tests only, it is told by simpler means.
#![cfg_attr(target_arch = "wasm32", allow(unsafe_code))]

#[cfg(target_arch = "wasm32")]
use std::arch::wasm32::{
    i8x16_lt, i8x16_splat, u8x16_bitmask, u8x16_eq, u8x16_shr, u8x16_splat, u8x16_swizzle, v128, v128_and, v128_load,
    v128_or, v128_store,
};

/// Bytes that are looked at together.
pub(crate) const CHUNK: usize = 16;

/// Gives back the room of a list that is read and done with. In a component it serves the next of about its size; elsewhere it is freed.
pub(crate) fn give_back<T: Copy>(list: Vec<T>) {
    #[cfg(target_arch = "wasm32")]
    crate::arena::give_back(list);
    #[cfg(not(target_arch = "wasm32"))]
    drop(list);
}

/// Bytes as text; none where they are no UTF-8.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

/// Bytes as text; none where they are no UTF-8. What is of ASCII alone up to some place, as most of what platforms send is, is seen to be so at once.
#[cfg(target_arch = "wasm32")]
#[target_feature(enable = "simd128")]
pub(crate) fn text(bytes: &[u8]) -> Option<&str> {
    let (blocks, _) = bytes.as_chunks::<{ 4 * CHUNK }>();
    let is_ascii = |block: &&[u8; 4 * CHUNK]| {
        let [one, two, three, four] = block.as_chunks().0 else { return false };
        let all = v128_or(v128_or(load(one), load(two)), v128_or(load(three), load(four)));
        u8x16_bitmask(all) == 0
    };
    let ascii = blocks.iter().take_while(is_ascii).count() * 4 * CHUNK;
    std::str::from_utf8(&bytes[ascii..]).ok()?;
    // SAFETY: the beginning has no byte beyond ASCII, and the rest was found to be UTF-8.
    Some(unsafe { std::str::from_utf8_unchecked(bytes) })
}

/// Where the quote is that ends a text of JSON, of which this is the first byte, and whether there are escapes in it; none where it does not end.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn closing_quote(bytes: &[u8], start: usize) -> Option<(usize, bool)> {
    let (mut at, mut escaped) = (start, false);
    loop {
        at += before_quote(bytes.get(at..)?);
        if *bytes.get(at)? == b'"' {
            return Some((at, escaped));
        }
        (at, escaped) = (at + 2, true);
    }
}

/// Bytes before the first quote or backslash; all, where there is none.
#[cfg(not(target_arch = "wasm32"))]
#[inline]
fn before_quote(bytes: &[u8]) -> usize {
    let (chunks, rest) = bytes.as_chunks();
    for (nth, chunk) in chunks.iter().enumerate() {
        if let Some(at) = quote(chunk) {
            return nth * CHUNK + at;
        }
    }
    bytes.len() - rest.len() + rest.iter().position(is_quote).unwrap_or(rest.len())
}

/// Where the quote is that ends a text of JSON, of which this is the first byte, and whether there are escapes in it; none where it does not end.
#[cfg(target_arch = "wasm32")]
#[inline]
#[target_feature(enable = "simd128")]
pub(crate) fn closing_quote(bytes: &[u8], start: usize) -> Option<(usize, bool)> {
    let (chunks, rest) = bytes.get(start..)?.as_chunks();
    let (mut at, mut escaped) = (start, false);
    // The first byte of the next chunk belongs to an escape.
    let mut escapes_next = false;
    for chunk in chunks {
        let mut open = quotes(chunk);
        if escapes_next {
            open &= !1;
            escapes_next = false;
        }
        while open != 0 {
            let nth = open.trailing_zeros();
            if chunk[nth as usize & (CHUNK - 1)] == b'"' {
                return Some((at + nth as usize, escaped));
            }
            escaped = true;
            escapes_next = nth as usize == CHUNK - 1;
            // The backslash, and what it escapes.
            open &= !(3 << nth);
        }
        at += CHUNK;
    }
    for &byte in rest {
        if escapes_next {
            escapes_next = false;
        } else if byte == b'"' {
            return Some((at, escaped));
        } else if byte == b'\\' {
            (escaped, escapes_next) = (true, true);
        }
        at += 1;
    }
    None
}

#[cfg(not(target_arch = "wasm32"))]
fn is_quote(byte: &u8) -> bool {
    matches!(byte, b'"' | b'\\')
}

/// Where the first quote or backslash is, if there is one.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn quote(chunk: &[u8; CHUNK]) -> Option<usize> {
    chunk.iter().position(is_quote)
}

/// Where the first quote or backslash is, if there is one.
#[cfg(target_arch = "wasm32")]
#[inline]
#[target_feature(enable = "simd128")]
pub(crate) fn quote(chunk: &[u8; CHUNK]) -> Option<usize> {
    let mask = quotes(chunk);
    (mask != 0).then(|| mask.trailing_zeros() as usize)
}

/// Which bytes are quotes or backslashes: a bit each, the first byte's the lowest.
#[cfg(target_arch = "wasm32")]
#[inline]
#[target_feature(enable = "simd128")]
fn quotes(chunk: &[u8; CHUNK]) -> u32 {
    let bytes = load(chunk);
    let found = v128_or(u8x16_eq(bytes, u8x16_splat(b'"')), u8x16_eq(bytes, u8x16_splat(b'\\')));
    u32::from(u8x16_bitmask(found))
}

/// What the simple escapes of JSON stand for, by the byte behind the backslash; zero for those that are none.
pub(crate) const SIMPLE_ESCAPES: [u8; 256] = {
    let mut escapes = [0; 256];
    let simple = *b"n\nt\tr\rb\x08f\x0c\"\"\\\\//";
    let mut at = 0;
    while at < simple.len() {
        escapes[simple[at] as usize] = simple[at + 1];
        at += 2;
    }
    escapes
};

/// Appends a text of JSON up to the first escape; the bytes that it took.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn append_plain(to: &mut String, from: &str) -> usize {
    // There is no quote before it.
    let before = before_quote(from.as_bytes());
    to.push_str(&from[..before]);
    before
}

/// Appends a text of JSON up to an escape that is no simple one, or one near its end; the bytes that it took. They are looked at while they are copied,
/// as each copying of a few bytes by itself is a call of the host's.
#[cfg(target_arch = "wasm32")]
#[inline]
#[target_feature(enable = "simd128")]
pub(crate) fn append_plain(to: &mut String, from: &str) -> usize {
    let bytes = from.as_bytes();
    to.reserve(bytes.len() + CHUNK);
    // SAFETY: what is added is text: whole characters of `from`, as a backslash is one, and what escapes stand for, which is ASCII.
    let to = unsafe { to.as_mut_vec() };
    let room: *mut u8 = to.spare_capacity_mut().as_mut_ptr().cast();
    // No more is written than read, and a chunk at most behind that.
    let (mut read, mut written) = (0, 0);
    while let Some(chunk) = bytes.get(read..).and_then(<[u8]>::first_chunk) {
        let chunk = load(chunk);
        // SAFETY: there is room for all of `from` and a chunk.
        unsafe { v128_store(room.add(written).cast(), chunk) };
        let mask = u8x16_bitmask(u8x16_eq(chunk, u8x16_splat(b'\\')));
        let before = if mask == 0 { CHUNK } else { mask.trailing_zeros() as usize };
        (read, written) = (read + before, written + before);
        if mask != 0 {
            match bytes.get(read + 1).map(|byte| SIMPLE_ESCAPES[usize::from(*byte)]) {
                Some(byte @ 1..) => {
                    // SAFETY: as above.
                    unsafe { room.add(written).write(byte) };
                    (read, written) = (read + 2, written + 1);
                }
                _ => {
                    // SAFETY: so many were written.
                    unsafe { to.set_len(to.len() + written) };
                    return read;
                }
            }
        }
    }
    // SAFETY: so many were written.
    unsafe { to.set_len(to.len() + written) };
    while let Some(&byte) = bytes.get(read).filter(|byte| **byte != b'\\') {
        to.push(byte);
        read += 1;
    }
    read
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
    fn the_quote_that_ends_a_text_is_found_wherever_it_is() {
        for length in 0..50 {
            for place in 0..=length {
                let text = format!("{}\"{}", "x".repeat(place), "\"".repeat(length - place));
                assert_eq!(closing_quote(text.as_bytes(), 0), Some((place, false)));
                let escaped = format!("x{}\\\"{text}", "\\\\".repeat(length));
                assert_eq!(closing_quote(escaped.as_bytes(), 1), Some((escaped.len() - text.len() + place, true)));
            }
            assert_eq!(closing_quote("x".repeat(length).as_bytes(), 0), None);
            assert_eq!(closing_quote("\\\"".repeat(length).as_bytes(), 0), None);
        }
    }

    #[test]
    fn bytes_are_text_where_they_are_utf8_wherever_they_are_not() {
        for length in 0..200 {
            let ascii = vec![b'x'; length];
            assert!(text(&ascii).is_some());
            for place in 0..length {
                // A byte that begins nothing, one that ends nothing, and characters that may be cut at the end.
                for character in [&[0xff][..], &[0x80], "é".as_bytes(), "€".as_bytes(), "🦀".as_bytes()] {
                    let mut bytes = ascii.clone();
                    let end = length.min(place + character.len());
                    bytes[place..end].copy_from_slice(&character[..end - place]);
                    assert_eq!(text(&bytes), std::str::from_utf8(&bytes).ok(), "{character:x?} at {place} of {length}");
                }
            }
        }
    }
}
