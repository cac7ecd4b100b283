//! Keys that look like secrets, and the lines that must not be shown because of them.
//!
//! `prospector.yaml` gets copied, committed and pasted into bug reports, so no secret may live
//! in it. A person will still put one there, once. The check refuses it by the key's name, and
//! whatever is printed about the file, including for an unrelated mistake, blanks the value out.
//! A secret under an innocent key cannot be recognised.

/// Whether a key's name says that its value is a secret. `token_file`, `token_url` and the like
/// only say where one is, and pass.
#[must_use]
pub fn looks_secret(key: &str) -> bool {
    let words = words(key);
    let last = words.last().map(String::as_str).unwrap_or_default();
    let pair = words.len().checked_sub(2).map(|start| words[start..].concat());
    let whole = words.concat();
    matches!(last, "secret" | "password" | "passwd" | "passphrase" | "token" | "credential" | "credentials")
        || matches!(
            pair.as_deref(),
            Some("apikey" | "privatekey" | "accesskey" | "secretkey" | "secretid" | "signingkey")
        )
        || matches!(
            whole.as_str(),
            "apikey" | "clientsecret" | "accesstoken" | "refreshtoken" | "privatekey" | "secretkey"
        )
}

/// Splits `client_secret`, `client-secret` and `clientSecret` alike, in lower case.
fn words(key: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut boundary = true;
    let mut lower_before = false;
    for c in key.trim().chars() {
        if !c.is_alphanumeric() {
            boundary = true;
            continue;
        }
        if boundary || (c.is_uppercase() && lower_before) {
            words.push(String::new());
        }
        boundary = false;
        lower_before = c.is_lowercase();
        if let Some(word) = words.last_mut() {
            word.extend(c.to_lowercase());
        }
    }
    words
}

/// What a line of the source shows in place of a secret.
pub(super) const MASK: &str = "••••••••";

/// The text with the values of secret-looking keys replaced, line by line, so that line numbers
/// and the columns before a value hold. It works on the text, not on the parsed tree: a file
/// that does not parse may hold secrets too. It errs on the side of hiding: everything to the
/// end of the line goes, and so do following lines that may continue the value.
#[must_use]
pub(super) fn redacted(text: &str) -> Vec<String> {
    let mut hidden_below: Option<usize> = None;
    text.lines()
        .map(|line| {
            let indent = line.len() - line.trim_start_matches([' ', '\t', '-']).len();
            if let Some(limit) = hidden_below {
                if line.trim().is_empty() || indent > limit {
                    return line[..line.len() - line.trim_start().len()].to_owned() + MASK;
                }
                hidden_below = None;
            }
            match secret_value(line) {
                Some(value) => {
                    // A value that starts inside `{` or `[`, or on the next line, may go on at
                    // any indentation; a plain one only deeper than its key.
                    let open = line[..value].contains(['{', '[', '?'])
                        || line[value..].trim().is_empty()
                        || line[value..].trim_start().starts_with(['"', '\'']);
                    let closed = line[value..].trim_end().ends_with(['}', ']', '"', '\'']);
                    hidden_below = Some(if open && !closed { 0 } else { indent });
                    format!("{} {MASK}", &line[..value])
                }
                None => line.to_owned(),
            }
        })
        .collect()
}

/// The byte just after the colon of the first secret-looking key on the line.
fn secret_value(line: &str) -> Option<usize> {
    line.match_indices([':', '=']).find_map(|(at, _)| {
        let before = line[..at].trim_end().trim_end_matches(['"', '\'']);
        let start = before
            .rfind(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-')))
            .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
        looks_secret(&before[start..]).then_some(at + 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn keys_are_judged_by_their_last_words() {
        for key in [
            "client_secret",
            "clientSecret",
            "CLIENT-SECRET",
            "clientsecret",
            "token",
            "access_token",
            "refreshToken",
            "password",
            "api_key",
            "apiKey",
            "apikey",
            "secret_id",
            "private_key",
            "passphrase",
            "smtp_password",
        ] {
            assert!(looks_secret(key), "{key}");
        }
        for key in [
            "token_file",
            "secret_file",
            "token_url",
            "max_tokens",
            "client_id",
            "key",
            "keywords",
            "secretary",
            "password_file",
            "",
            "monkey",
        ] {
            assert!(!looks_secret(key), "{key}");
        }
    }

    #[test]
    fn values_of_secret_keys_never_reach_the_shown_text() {
        for text in [
            "client_secret: hunter2",
            "a: {client_secret: 'hunter2', b: 1}",
            "client_secret:\n  hunter2",
            "client_secret: |\n  one\n  hunter2\nb: 1",
            "- token: \"one\n  hunter2\"",
            "{ client_secret:\n hunter2 }",
            "  token : hunter2",
            "\"api_key\": hunter2",
            "token: 'one\n\n  hunter2'",
            "tab:\n\tpassword: hunter2",
        ] {
            let shown = redacted(text).join("\n");
            assert!(!shown.contains("hunter2"), "{text:?} shows {shown:?}");
            assert_eq!(shown.lines().count(), text.lines().count());
        }
    }

    #[test]
    fn lines_after_the_secret_are_shown_again() {
        let shown = redacted("a:\n  token: hunter2\n  b: 1\nc: 2");
        assert_eq!(shown[2..], ["  b: 1", "c: 2"]);
    }

    proptest! {
        #[test]
        fn redaction_keeps_the_number_of_lines(text in "[ -~\\n\\t\\r{}:\\[\\]é•]{0,200}") {
            prop_assert_eq!(redacted(&text).len(), text.lines().count());
        }

        #[test]
        fn a_plain_secret_is_hidden_at_any_indentation(
            indent in 0usize..8, value in "[a-z]{12}"
        ) {
            let text = format!("x: 1\n{:indent$}client_secret: {value}\n", "");
            prop_assert!(!redacted(&text).join("\n").contains(&value));
        }
    }
}
