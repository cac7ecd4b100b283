//! Where two JSON values differ, and how.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Map, Value};

/// Keys by which the elements of an array are known, wherever they stand in it.
const KNOWN_BY: [&str; 3] = ["id", "signal", "name"];
/// Characters of a value that are shown.
const SHOWN: usize = 160;

/// A place where what is now is not what was recorded.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// Where: `postings[3].budget.maximum`.
    pub place: String,
    /// What was recorded; none where there was nothing.
    pub recorded: Option<Value>,
    /// What is now; none where there is nothing any more.
    pub now: Option<Value>,
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown = |value: &Option<Value>| value.as_ref().map_or_else(|| "nothing".to_owned(), short);
        write!(f, "{}: {} -> {}", self.place, shown(&self.recorded), shown(&self.now))
    }
}

/// A value on one line, cut where it is long.
fn short(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// The places where two values differ, in the order of the recorded one. `place` is what both are called.
#[must_use]
pub fn differences(place: &str, recorded: &Value, now: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    compare(place, recorded, now, &mut found);
    found
}

fn compare(place: &str, recorded: &Value, now: &Value, found: &mut Vec<Difference>) {
    match (recorded, now) {
        (Value::Object(a), Value::Object(b)) => compare_objects(place, a, b, found),
        (Value::Array(a), Value::Array(b)) => match KNOWN_BY.iter().find(|key| are_known_by(a, b, key)) {
            Some(key) => compare_known(place, key, a, b, found),
            None => compare_in_order(place, a, b, found),
        },
        (Value::String(a), Value::String(b)) if a != b && a.chars().count().max(b.chars().count()) > SHOWN => {
            compare_long(place, a, b, found);
        }
        (a, b) if a == b => {}
        (a, b) => add(place, Some(a), Some(b), found),
    }
}

fn add(place: &str, recorded: Option<&Value>, now: Option<&Value>, found: &mut Vec<Difference>) {
    found.push(Difference { place: place.to_owned(), recorded: recorded.cloned(), now: now.cloned() });
}

fn compare_objects(place: &str, a: &Map<String, Value>, b: &Map<String, Value>, found: &mut Vec<Difference>) {
    let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
    for key in keys {
        let place = if place.is_empty() { key.clone() } else { format!("{place}.{key}") };
        match (a.get(key), b.get(key)) {
            (Some(a), Some(b)) => compare(&place, a, b, found),
            (a, b) => add(&place, a, b, found),
        }
    }
}

/// Whether every element of both has a text of its own under the key.
fn are_known_by(a: &[Value], b: &[Value], key: &str) -> bool {
    let distinct = |array: &[Value]| {
        let names: Option<Vec<&str>> = array.iter().map(|element| element.get(key)?.as_str()).collect();
        names.is_some_and(|names| names.iter().collect::<BTreeSet<_>>().len() == names.len())
    };
    distinct(a) && distinct(b) && !(a.is_empty() && b.is_empty())
}

fn compare_known(place: &str, key: &str, a: &[Value], b: &[Value], found: &mut Vec<Difference>) {
    fn name<'v>(of: &'v Value, key: &str) -> &'v str {
        of[key].as_str().unwrap_or_default()
    }
    // An id says little where a person reads; the place in the recording says where to look.
    let called = |at: usize, of: &Value| match key {
        "id" => format!("{place}[{at}]"),
        _ => format!("{place}[{}]", name(of, key)),
    };
    for (at, before) in a.iter().enumerate() {
        match b.iter().find(|after| name(after, key) == name(before, key)) {
            Some(after) => compare(&called(at, before), before, after, found),
            None => add(&called(at, before), Some(before), None, found),
        }
    }
    for (at, after) in b.iter().enumerate() {
        if !a.iter().any(|before| name(before, key) == name(after, key)) {
            add(&called(at, after), None, Some(after), found);
        }
    }
    let common = |of: &[Value], other: &[Value]| -> Vec<Value> {
        let there = |one: &&Value| other.iter().any(|other| name(other, key) == name(one, key));
        of.iter().filter(there).map(|one| one[key].clone()).collect()
    };
    let (before, after) = (common(a, b), common(b, a));
    if before != after {
        add(&format!("{place} (order)"), Some(&Value::Array(before)), Some(&Value::Array(after)), found);
    }
}

fn compare_in_order(place: &str, a: &[Value], b: &[Value], found: &mut Vec<Difference>) {
    for at in 0..a.len().max(b.len()) {
        let place = format!("{place}[{at}]");
        match (a.get(at), b.get(at)) {
            (Some(a), Some(b)) => compare(&place, a, b, found),
            (a, b) => add(&place, a, b, found),
        }
    }
}

/// Of long texts, what is around the first character that differs.
fn compare_long(place: &str, a: &str, b: &str, found: &mut Vec<Difference>) {
    const AROUND: usize = 40;
    let same = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
    let part = |text: &str| {
        let from = same.saturating_sub(AROUND);
        let part: String = text.chars().skip(from).take(2 * AROUND).collect();
        Value::String(if from > 0 { format!("…{part}") } else { part })
    };
    add(&format!("{place} (from character {same})"), Some(&part(a)), Some(&part(b)), found);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(a: &Value, b: &Value) -> Vec<String> {
        differences("", a, b).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn each_difference_has_its_place() {
        let posting = |id: &str, maximum: f64| json!({"id": id, "budget": {"maximum": maximum, "currency": "USD"}});
        let before = json!({"postings": [posting("a", 1.0), posting("b", 500.0)], "total": 2});
        assert!(told(&before, &before).is_empty());
        let after = json!({"postings": [posting("a", 1.0), posting("b", 450.0)], "more": true});
        assert_eq!(
            told(&before, &after),
            ["more: nothing -> true", "postings[1].budget.maximum: 500.0 -> 450.0", "total: 2 -> nothing"]
        );
    }

    #[test]
    fn elements_are_compared_with_their_own_wherever_they_stand() {
        let before = json!([{"id": "a", "n": 1}, {"id": "b", "n": 2}]);
        let after = json!([{"id": "c", "n": 3}, {"id": "b", "n": 2}, {"id": "a", "n": 9}]);
        assert_eq!(
            told(&before, &after),
            ["[0].n: 1 -> 9", r#"[0]: nothing -> {"id":"c","n":3}"#, r#" (order): ["a","b"] -> ["b","a"]"#,]
        );
        let signals = |value: f64| json!({"breakdown": [{"signal": "budget", "value": value}]});
        assert_eq!(told(&signals(0.5), &signals(0.25)), ["breakdown[budget].value: 0.5 -> 0.25"]);
        assert_eq!(told(&json!(["x", "y"]), &json!(["x"])), [r#"[1]: "y" -> nothing"#]);
    }

    #[test]
    fn of_long_texts_the_part_that_differs_is_shown() {
        let text = |end: &str| json!({ "description": "x".repeat(500) + end });
        let told = told(&text("one"), &text("two"));
        assert!(told[0].starts_with("description (from character 500): \"…xxx") && told[0].len() < 250, "{told:?}");
        assert!(told[0].contains("xone\" -> \"…xxx") && told[0].ends_with("xtwo\""), "{told:?}");
    }
}
