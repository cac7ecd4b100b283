//! The name of a secret: segments joined by `/`, checked once where they enter.
//!
//! The alphabet is what both a URL and HashiCorp Vault's policies take literally, so that a path means
//! the same to every backend. Text from outside (an account's name, an e-mail address) goes through
//! [`SecretPath::from_segments`], which escapes the rest without ever mapping two texts to one path.

use std::fmt;
use std::str::FromStr;

/// The longest path, in bytes.
pub const MAX_PATH_BYTES: usize = 512;

/// The longest segment of a path, in bytes after escaping.
pub const MAX_SEGMENT_BYTES: usize = 128;

/// How much of a refused path an error repeats, in characters.
const SHOWN_CHARACTERS: usize = 80;

/// A checked path: one or more segments of `A-Z a-z 0-9 . _ @ - =`, joined by `/`.
///
/// Never begins or ends with `/`, has no empty segment and none that is `.` or `..`. Ordered bytewise.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecretPath(String);

/// Why a text is not a [`SecretPath`]. Repeats the beginning of the text, escaped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the secret path {shown} {problem}; use segments of letters, digits, '.', '_', '@', '-' and \
    '=' joined by '/', such as credentials/default/workbazaar/alice"
)]
pub struct InvalidPath {
    shown: String,
    problem: String,
}

impl SecretPath {
    /// Checks a path that is written out, such as `credentials/default/workbazaar/alice`.
    ///
    /// # Errors
    ///
    /// [`InvalidPath`] says which rule is broken.
    pub fn parse(text: &str) -> Result<Self, InvalidPath> {
        let refuse = |problem: String| InvalidPath { shown: shown(text), problem };
        if text.is_empty() {
            return Err(refuse("is empty".to_owned()));
        }
        if text.len() > MAX_PATH_BYTES {
            return Err(refuse(format!("has {} bytes, over the limit of {MAX_PATH_BYTES}", text.len())));
        }
        for segment in text.split('/') {
            if segment.is_empty() {
                return Err(refuse("has an empty segment".to_owned()));
            }
            if segment == "." || segment == ".." {
                return Err(refuse(format!("has the segment {segment}, which could mean another path")));
            }
            if segment.len() > MAX_SEGMENT_BYTES {
                return Err(refuse(format!(
                    "has a segment of {} bytes, over the limit of {MAX_SEGMENT_BYTES}",
                    segment.len()
                )));
            }
            if let Some(odd) = segment.chars().find(|c| !is_plain(*c) && *c != '=') {
                return Err(refuse(format!("holds the character {odd:?}")));
            }
        }
        Ok(Self(text.to_owned()))
    }

    /// Joins texts of any content, one segment each.
    ///
    /// Bytes outside the alphabet become `=XX` (two hexadecimal digits), and so does `=` itself:
    /// different texts give different paths.
    ///
    /// # Errors
    ///
    /// [`InvalidPath`] when there is no segment, one is empty, or a length limit is exceeded.
    pub fn from_segments<'a>(segments: impl IntoIterator<Item = &'a str>) -> Result<Self, InvalidPath> {
        let escaped: Vec<String> = segments.into_iter().map(escape).collect();
        Self::parse(&escaped.join("/"))
    }

    /// The path as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The texts that the path was joined of.
    pub fn segments(&self) -> impl Iterator<Item = String> {
        self.0.split('/').map(unescape)
    }

    /// Whether this path lies strictly beneath `ancestor`, counting whole segments.
    #[must_use]
    pub fn is_beneath(&self, ancestor: &Self) -> bool {
        self.0.strip_prefix(ancestor.as_str()).is_some_and(|rest| rest.starts_with('/'))
    }
}

impl fmt::Display for SecretPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for SecretPath {
    type Err = InvalidPath;

    fn from_str(text: &str) -> Result<Self, InvalidPath> {
        Self::parse(text)
    }
}

fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '@' | '-')
}

fn escape(text: &str) -> String {
    if text == "." || text == ".." {
        return text.replace('.', "=2E");
    }
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if is_plain(char::from(byte)) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("={byte:02X}"));
        }
    }
    escaped
}

fn unescape(segment: &str) -> String {
    let mut pieces = segment.split('=');
    let mut bytes = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        match piece.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                bytes.extend_from_slice(&piece.as_bytes()[2..]);
            }
            // Whoever wrote the path did not join it here.
            None => {
                bytes.push(b'=');
                bytes.extend_from_slice(piece.as_bytes());
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn shown(text: &str) -> String {
    let start: String = text.chars().take(SHOWN_CHARACTERS).collect();
    let cut = if start.len() < text.len() { "..." } else { "" };
    format!("{start:?}{cut}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn paths_are_accepted_or_refused_by_the_table() {
        let long_segment = "s".repeat(MAX_SEGMENT_BYTES + 1);
        let long_path = ["abc"; 200].join("/");
        let table: &[(&str, Option<&str>)] = &[
            ("a", None),
            ("credentials/default/workbazaar/alice", None),
            ("a.b/c_d/e-f/g@h/i=2Fj", None),
            ("...", None),
            ("", Some("is empty")),
            ("/a", Some("empty segment")),
            ("a/", Some("empty segment")),
            ("a//b", Some("empty segment")),
            ("a/../b", Some("the segment ..")),
            ("./a", Some("the segment .")),
            ("a b", Some("the character ' '")),
            ("a/b\n", Some("the character '\\n'")),
            ("a/*", Some("the character '*'")),
            ("ä", Some("the character 'ä'")),
            (&long_segment, Some("a segment of 129 bytes")),
            (&long_path, Some("799 bytes")),
        ];
        for (text, refusal) in table {
            match (SecretPath::parse(text), refusal) {
                (Ok(path), None) => assert_eq!(path.as_str(), *text),
                (Err(error), Some(part)) => {
                    assert!(error.to_string().contains(part), "{text:?}: {error}");
                }
                (outcome, _) => panic!("{text:?} gave {outcome:?}"),
            }
        }
    }

    #[test]
    fn a_refused_path_is_repeated_escaped_and_shortened() {
        let text = format!("\u{1b}[31m{}", "x".repeat(1000));
        let error = SecretPath::parse(&text).expect_err("holds an escape").to_string();
        assert!(!error.contains('\u{1b}'));
        assert!(error.len() < 400, "{error}");
    }

    #[test]
    fn beneath_counts_whole_segments() {
        let path = |text| SecretPath::parse(text).expect("valid");
        assert!(path("a/b/c").is_beneath(&path("a/b")));
        assert!(path("a/b/c").is_beneath(&path("a")));
        assert!(!path("a/bc").is_beneath(&path("a/b")));
        assert!(!path("a/b").is_beneath(&path("a/b")));
        assert!(!path("a").is_beneath(&path("a/b")));
    }

    #[test]
    fn an_empty_text_is_no_segment() {
        assert!(SecretPath::from_segments(["a", "", "b"]).is_err());
        assert!(SecretPath::from_segments([]).is_err());
    }

    proptest! {
        #[test]
        fn different_segments_give_different_paths(
            a in prop::collection::vec("[a/.=%\\x00-\\x7fä]{1,6}", 1..4),
            b in prop::collection::vec("[a/.=%\\x00-\\x7fä]{1,6}", 1..4),
        ) {
            let path = |parts: &[String]| SecretPath::from_segments(parts.iter().map(String::as_str));
            let (a_path, b_path) = (path(&a).expect("short"), path(&b).expect("short"));
            prop_assert_eq!(a == b, a_path == b_path);
            prop_assert_eq!(a_path.segments().collect::<Vec<_>>(), a);
        }

        #[test]
        fn parsing_never_panics_and_keeps_the_text(text in any::<String>()) {
            if let Ok(path) = SecretPath::parse(&text) {
                prop_assert_eq!(path.as_str(), text);
            }
        }
    }
}
