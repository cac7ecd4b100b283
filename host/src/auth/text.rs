//! Words of a server's, made fit to be shown: bounded, without control characters, without anything that could be a secret.

use secrecy::{ExposeSecret, SecretString};
use url::form_urlencoded;

/// The longest message that is kept, in characters.
const MAX_MESSAGE: usize = 300;

/// The longest code that is kept, in bytes.
const MAX_CODE: usize = 80;

/// A word this long that mixes letters and digits may be a token.
const TOKEN_LIKE: usize = 16;

/// Shorter secrets are not looked for: they would be found in every text.
const SHORTEST_SECRET: usize = 4;

const REDACTED: &str = "[redacted]";

/// A server's sentence; none if nothing readable is left.
pub(super) fn message(text: &str, known: &[&SecretString]) -> Option<String> {
    // Cut first, generously: what follows is linear, but a server should not choose how much of it is done.
    let text: String = text.chars().take(8 * MAX_MESSAGE).map(|c| if is_unprintable(c) { ' ' } else { c }).collect();
    let text = without_known(text, known);
    let text = text.split_whitespace().map(without_tokens).collect::<Vec<_>>().join(" ");
    let text: String = text.chars().take(MAX_MESSAGE).collect();
    (!text.is_empty()).then_some(text)
}

/// A server's code: `invalid_grant`, `ProjectExceptionCodes.DUPLICATE_BID`; none if it does not look like one.
pub(super) fn code(text: &str, known: &[&SecretString]) -> Option<String> {
    let plain = (1..=MAX_CODE).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b':'));
    (plain && without_tokens(text) == text && without_known(text.to_owned(), known) == text).then(|| text.to_owned())
}

fn without_known(mut text: String, known: &[&SecretString]) -> String {
    for secret in known.iter().map(|secret| secret.expose_secret()).filter(|secret| secret.len() >= SHORTEST_SECRET) {
        text = text.replace(secret, REDACTED);
        let encoded: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        text = text.replace(&encoded, REDACTED);
    }
    text
}

fn without_tokens(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    let mut rest = word;
    while let Some(start) = rest.find(is_token_character) {
        let run = &rest[start..];
        let end = run.find(|c| !is_token_character(c)).unwrap_or(run.len());
        let (run, after) = run.split_at(end);
        out.push_str(&rest[..start]);
        out.push_str(if is_token_like(run) { REDACTED } else { run });
        rest = after;
    }
    out.push_str(rest);
    out
}

fn is_token_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~' | '+' | '/' | '=' | '%')
}

fn is_token_like(run: &str) -> bool {
    run.len() >= TOKEN_LIKE && run.bytes().any(|b| b.is_ascii_digit()) && run.bytes().any(|b| b.is_ascii_alphabetic())
}

/// Control characters, and those that reorder or hide text.
fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fffd}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn messages_are_cleaned_by_the_table() {
        let secret = SecretString::from("pass word/1");
        for (text, expected) in [
            ("The code has expired", Some("The code has expired")),
            ("a\u{1b}[31mb\r\nc", Some("a [31mb c")),
            ("", None),
            ("\u{0}\u{7f}", None),
            ("token oauth2v2_0123456789abcdef0123456789abcdef is dead", Some("token [redacted] is dead")),
            ("was \"k3Vb9Qm0cXhT2rZsW8yLfE1uJpNaGd\".", Some("was \"[redacted]\".")),
            ("bad pass word/1 and pass+word%2F1", Some("bad [redacted] and [redacted]")),
            ("\u{202e}txt", Some("txt")),
        ] {
            assert_eq!(message(text, &[&secret]).as_deref(), expected, "{text:?}");
        }
        assert_eq!(message(&"x ".repeat(5_000), &[]).expect("some").chars().count(), MAX_MESSAGE);
    }

    #[test]
    fn codes_are_taken_or_dropped_by_the_table() {
        for (text, good) in [
            ("invalid_grant", true),
            ("ProjectExceptionCodes.RESTRICTED_FROM_BIDDING_PREMIUM_VERIFIED", true),
            ("k3Vb9Qm0cXhT2rZsW8yLfE1uJpNaGd", false),
            ("two words", false),
            ("", false),
        ] {
            assert_eq!(code(text, &[]).is_some(), good, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_known_secret_is_never_repeated(before in ".{0,40}", secret in "[!-~]{8,60}", after in ".{0,40}") {
            prop_assume!(!REDACTED.contains(&secret));
            let known = SecretString::from(secret.as_str());
            for text in [format!("{before}{secret}{after}"), format!("{before} {secret} {after}"), secret.clone()] {
                let shown = message(&text, &[&known]).unwrap_or_default();
                prop_assert!(!shown.contains(&secret), "{shown}");
                prop_assert!(code(&text, &[&known]).is_none_or(|code| !code.contains(&secret)));
            }
        }
    }
}
