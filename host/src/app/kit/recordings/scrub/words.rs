//! Words in texts: as they stand there, and as they are spelt.

use serde_json::Value;
use url::form_urlencoded;

/// A text with a word replaced, where it stands as a word.
pub(super) fn word_replaced(text: &str, word: &str, instead: &str) -> String {
    if word.is_empty() || !text.contains(word) {
        return text.to_owned();
    }
    let is_part = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(word) {
        let (before, from) = rest.split_at(at);
        let after = &from[word.len()..];
        out.push_str(before);
        let inside = is_part(out.chars().next_back()) || is_part(after.chars().next());
        out.push_str(if inside { word } else { instead });
        rest = after;
    }
    out + rest
}

/// The ways in which a secret may be written down: as it is, in a form or query, in JSON.
pub(super) fn spellings(secret: &str) -> Vec<String> {
    let form: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let json = Value::from(secret).to_string();
    let mut spellings = vec![secret.to_owned(), form.replace('+', "%20"), form, json[1..json.len() - 1].to_owned()];
    spellings.sort_unstable();
    spellings.dedup();
    spellings
}
