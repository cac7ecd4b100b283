//! Platforms' texts, made fit for a terminal's columns.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

pub use crate::plain::{line, paragraphs, time};

/// Cut to so many columns, with an ellipsis where something was cut.
pub fn fit(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut width = 0;
    for c in text.chars() {
        let more = c.width().unwrap_or(0);
        if width + more + 1 > columns {
            break;
        }
        width += more;
        kept.push(c);
    }
    kept.push('…');
    kept
}

/// Padded on the right to so many columns.
pub fn pad(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(text.width())))
}

/// Broken into lines of at most so many columns, each but the first indented by so many.
pub fn wrap(text: &str, columns: usize, indent: usize) -> String {
    let mut out = String::new();
    let mut width = 0;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let needed = word.width() + usize::from(width > 0);
        if width > 0 && width + needed > columns.max(20) {
            out.push('\n');
            out.push_str(&" ".repeat(indent));
            width = 0;
        }
        if width > 0 {
            out.push(' ');
            width += 1;
        }
        out.push_str(word);
        width += word.width();
    }
    out
}

/// A text as a sentence begins. What it begins with may be a path, an address, a key or a name, which stay as they are written: only a word of
/// letters alone is changed.
pub fn sentence(text: &str) -> String {
    let word = text.split([' ', ',', ';']).next().unwrap_or_default();
    let is_word = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
    match text.split_at_checked(1) {
        Some((first, rest)) if is_word => format!("{}{rest}", first.to_ascii_uppercase()),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capability::log::is_plain;

    #[test]
    fn a_sentence_begins_with_a_capital_and_a_path_or_a_name_as_it_is_written() {
        for (text, shown) in [
            ("no platform is connected", "No platform is connected"),
            ("nobody, and nothing", "Nobody, and nothing"),
            ("prospector.yaml cannot be read", "prospector.yaml cannot be read"),
            ("plugins/board.wasm cannot be tried", "plugins/board.wasm cannot be tried"),
            ("oci://r.example/board is not there", "oci://r.example/board is not there"),
            ("https://r.example says no", "https://r.example says no"),
            ("scan_interval is too short", "scan_interval is too short"),
            ("title: at most 120", "title: at most 120"),
            ("night-owls is not connected", "night-owls is not connected"),
            ("`board` is not loaded", "`board` is not loaded"),
            ("--key gives another", "--key gives another"),
            ("éclair", "éclair"),
            ("", ""),
        ] {
            assert_eq!(sentence(text), shown);
        }
    }

    #[test]
    fn cutting_counts_columns_not_characters() {
        assert_eq!(fit("日本語の仕事", 7), "日本語…");
        assert_eq!(fit("short", 7), "short");
        assert_eq!(pad("日本", 6), "日本  ");
    }

    proptest::proptest! {
        #[test]
        fn no_text_gets_a_control_character_to_the_terminal(text in "\\PC*|.*", columns in 1usize..50) {
            let shown = fit(&line(&text), columns);
            proptest::prop_assert!(shown.chars().all(is_plain));
            proptest::prop_assert!(shown.width() <= columns.max(1));
        }
    }
}
