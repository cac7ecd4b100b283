//! Reads search nodes: JSON lines, one node each.

use std::path::Path;

use serde_json::Value;

use super::catalog::{Catalog, Posting};
use crate::data::{self, DataError};

/// Reads a data file.
///
/// # Errors
/// The file cannot be read, or a line of it is no node.
pub(super) fn read(path: &Path) -> Result<Catalog, DataError> {
    data::read(path, parse).map(Catalog::of)
}

fn parse(text: &str) -> Result<Vec<Posting>, (usize, String)> {
    let mut postings = Vec::new();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let refused = |reason: String| (index + 1, reason);
        let node = match serde_json::from_str(line) {
            Ok(Value::Object(node)) => node,
            Ok(_) => return Err(refused("found no object; expected one search node {\"id\": …} a line".to_owned())),
            Err(error) => return Err(refused(format!("not valid JSON (column {}): {error}", error.column()))),
        };
        let posting = Posting::of(node)
            .ok_or_else(|| refused("a search node needs an `id`, a text or a whole number".to_owned()))?;
        postings.push(posting);
    }
    if postings.is_empty() {
        return Err((1, "found nothing; expected one search node {\"id\": …} a line".to_owned()));
    }
    Ok(postings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_are_read_and_what_is_wrong_is_named_with_its_line() {
        let postings = parse("{\"id\":\"1\",\"amount\":{\"rawValue\":\"5.0\"}}\r\n\n{\"id\":2}\n").expect("valid");
        assert_eq!(postings.len(), 2);
        for (text, line, words) in [
            ("{\"id\":\"1\"}\nnot json\n", 2, "not valid JSON (column"),
            ("{\"id\":\"1\"}\n[1]\n", 2, "found no object"),
            ("\n{\"title\":\"x\"}", 2, "needs an `id`"),
            ("{\"id\":\"\"}", 1, "needs an `id`"),
            ("\n\n", 1, "found nothing"),
        ] {
            let (at, reason) = parse(text).expect_err(text);
            assert_eq!(at, line, "{text}: {reason}");
            assert!(reason.contains(words), "{text}: {reason}");
        }
    }
}
