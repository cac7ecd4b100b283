//! What is told of the bytes of a text at a glance: which of them are in words, and at which of them a phrase may begin.

#[cfg(not(target_arch = "wasm32"))]
pub(super) use self::portable::Glance;
#[cfg(target_arch = "wasm32")]
pub(super) use self::simd::Glance;

/// What components do; elsewhere for its tests.
#[cfg(any(target_arch = "wasm32", test))]
mod simd {
    use super::super::{FOLDED, NOTHING, bit};
    use crate::bytes::{ByteSet, CHUNK};

    /// What stands in words.
    static WORDS: ByteSet = {
        let mut holds = [false; 256];
        let mut byte = 0;
        while byte < 256 {
            holds[byte] = FOLDED[byte] != NOTHING;
            byte += 1;
        }
        ByteSet::of(&holds)
    };

    /// Told by the first two bytes of the phrases.
    #[derive(Debug, Clone)]
    pub(in super::super) struct Glance {
        firsts: ByteSet,
        seconds: ByteSet,
    }

    impl Glance {
        /// `begins` has what second bytes may fold to, by what first ones do.
        pub(in super::super) fn by(begins: &[u64; 256]) -> Self {
            let seconds = begins.iter().fold(0, |all, seconds| all | seconds);
            let holds = |holds: &dyn Fn(u8) -> bool| ByteSet::of(&FOLDED.map(holds));
            Self {
                firsts: holds(&|folded| begins[usize::from(folded)] != 0),
                seconds: holds(&|folded| seconds & bit(folded) != 0),
            }
        }

        /// A bit for each byte, the first's the lowest. What follows the last byte is not seen: a phrase may begin there if its first byte is one's.
        #[inline]
        #[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
        pub(in super::super) fn at(&self, chunk: &[u8; CHUNK]) -> (u32, u32) {
            let may_follow = self.seconds.among(chunk) >> 1 | 1 << (CHUNK - 1);
            (WORDS.among(chunk), self.firsts.among(chunk) & may_follow)
        }
    }
}

#[cfg(any(not(target_arch = "wasm32"), test))]
mod portable {
    use crate::bytes::CHUNK;

    /// A 1 in each of eight bytes.
    const EACH: u64 = 0x0101_0101_0101_0101;

    /// The highest bit of each.
    const HIGHEST: u64 = 0x80 * EACH;

    /// Told by words alone: a phrase may begin anywhere.
    #[derive(Debug, Clone)]
    pub(in super::super) struct Glance;

    impl Glance {
        pub(in super::super) fn by(_: &[u64; 256]) -> Self {
            Self
        }

        /// A bit for each byte, the first's the lowest.
        #[inline]
        pub(in super::super) fn at(&self, chunk: &[u8; CHUNK]) -> (u32, u32) {
            let (eights, _) = chunk.as_chunks();
            let words = eights.iter().rev().fold(0, |words, eight| words << 8 | in_words(u64::from_le_bytes(*eight)));
            (words, u32::MAX)
        }
    }

    /// Which of eight bytes are in words.
    fn in_words(bytes: u64) -> u32 {
        let ascii = bytes & !HIGHEST;
        // The highest bit of a byte of ASCII, once it is added, says that the byte was not below `least`.
        let from = |ascii: u64, least: u8| ascii + EACH * u64::from(0x80 - least);
        let lower = ascii | (0x20 * EACH);
        let letters = from(lower, b'a') & !from(lower, b'z' + 1);
        let digits = from(ascii, b'0') & !from(ascii, b'9' + 1);
        let highest = (letters | digits | bytes) & HIGHEST;
        // Brings the eight bits together in the highest byte.
        ((highest >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56) as u32
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{FOLDED, NOTHING, Phrases};
    use super::{portable, simd};
    use crate::bytes::CHUNK;

    #[test]
    fn words_are_told_byte_by_byte() {
        let (one, other) = (portable::Glance::by(&[0; 256]), simd::Glance::by(&[0; 256]));
        for byte in 0..=255u8 {
            for place in 0..CHUNK {
                let mut chunk = [0; CHUNK];
                chunk[place] = byte;
                let expected = u32::from(FOLDED[usize::from(byte)] != NOTHING) << place;
                assert_eq!((one.at(&chunk).0, other.at(&chunk).0), (expected, expected), "{byte} at {place}");
            }
        }
    }

    proptest! {
        #[test]
        fn a_phrase_may_begin_wherever_one_begins(
            phrases in prop::collection::vec("[a-zé0-9]{1,3}( [a-z])?", 1..4),
            text in "[a-zA-Zéß0-9 ,]{0,15}",
            at in 0..CHUNK,
            phrase in any::<prop::sample::Index>(),
        ) {
            let phrase = phrases[phrase.index(phrases.len())].to_uppercase();
            // The rest of the phrase may lie behind the chunk.
            let bytes: Vec<u8> = text.bytes().cycle().take(at).chain(phrase.bytes()).chain([b' '; CHUNK]).collect();
            let bytes = if text.is_empty() { [vec![b' '; at], bytes].concat() } else { bytes };
            let chunk = bytes.first_chunk().expect("sixteen bytes");
            let glance = simd::Glance::by(&Phrases::new(&phrases).begins);
            prop_assert!(glance.at(chunk).1 >> at & 1 == 1, "{phrase} at {at} of {text}");
        }
    }
}
