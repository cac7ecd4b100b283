//! Texts of platforms, made fit to be shown: what a terminal or a browser would act on is left out.

use crate::capability::log::is_plain;

/// A text on one line, without anything that moves the cursor, changes colours or reorders what is around it: such characters are
/// left out, white space is folded.
pub fn line(text: &str) -> String {
    let visible: String =
        text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(|c| is_plain(*c)).collect();
    visible.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The same for a text of several lines.
pub fn paragraphs(text: &str) -> String {
    let mut lines: Vec<String> = text.lines().map(line).collect();
    lines.dedup_by(|a, b| a.is_empty() && b.is_empty());
    lines.join("\n").trim().to_owned()
}

/// A time as people and programs read it, in UTC: `2026-11-22T09:04:28Z`.
pub fn time(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map_or_else(|_| seconds.to_string(), |at| at.to_string())
}

/// JSON with a line for each field; anything else as it is.
pub fn json(text: &str) -> String {
    let parsed: Option<serde_json::Value> = serde_json::from_str(text).ok();
    parsed.and_then(|value| serde_json::to_string_pretty(&value).ok()).unwrap_or_else(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_title_becomes_a_plain_line() {
        let title = "\u{1b}]0;pwned\u{7}Fix \u{202e}my\n\u{9b}2J <b>site</b>\u{200b}\0  👍";
        assert_eq!(line(title), "]0;pwnedFix my 2J <b>site</b> 👍");
    }
}
