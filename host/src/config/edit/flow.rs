//! Lists between brackets.

use serde_json::Value;

use crate::config::template;

/// Adds items behind the last one of the list that opens at a byte; none if no list does.
pub(super) fn append(text: &str, open: usize, items: &[Value]) -> Option<String> {
    let (end, last) = last_of(text, open)?;
    let added: Vec<String> = items.iter().map(template::flow).collect();
    let added = added.join(", ");
    let before = match last {
        '[' => "",
        ',' => " ",
        _ => ", ",
    };
    let mut edited = text.to_owned();
    edited.insert_str(end, &format!("{before}{added}"));
    Some(edited)
}

/// Where the last character of a list's content ends, comments and blanks aside, and which it is.
fn last_of(text: &str, open: usize) -> Option<(usize, char)> {
    let rest = text.get(open..).filter(|rest| rest.starts_with('['))?;
    let (mut depth, mut last, mut previous) = (0_usize, (open, '['), ' ');
    let mut characters = rest.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        let starts = previous.is_whitespace() || matches!(previous, '[' | '{' | ',' | ':');
        let mut end = at + c.len_utf8();
        match c {
            '[' | '{' => depth += 1,
            ']' | '}' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(last);
                }
            }
            '#' if previous.is_whitespace() => {
                while characters.next_if(|(_, c)| *c != '\n').is_some() {}
                continue;
            }
            quote @ ('\'' | '"') if starts => {
                let mut closed = false;
                while let Some((at, c)) = characters.next() {
                    end = at + c.len_utf8();
                    match c {
                        '\\' if quote == '"' => {
                            characters.next();
                        }
                        c if c != quote => {}
                        '\'' if characters.next_if(|(_, next)| *next == '\'').is_some() => {}
                        _ => {
                            closed = true;
                            break;
                        }
                    }
                }
                if !closed {
                    return None;
                }
            }
            _ => {}
        }
        previous = c;
        if !c.is_whitespace() {
            last = (open + end, c);
        }
    }
    None
}
