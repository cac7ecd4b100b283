//! What a value can be sent through in a template: `{{ job.title | truncate(60) }}`. There are no others than these.
//!
//! Through all of them but `default` a gap goes as it is.

use std::sync::Arc;

use jiff::civil::Date;
use minijinja::{Environment, Error, ErrorKind, Value};

use super::value::{Gap, number};
use crate::proposal::skills::Names;

/// Filters with how they are called and what they do, for the documentation.
pub const FILTERS: &[(&str, &str, &str)] = &[
    ("join", "join(\", \")", "The entries of a list, with this between them; a comma and a blank unless given."),
    (
        "intersect",
        "intersect(job.skills)",
        "The entries of a list that are in another too, as skills are compared: `React.js` is `React`.",
    ),
    ("first", "first(3)", "The first so many entries of a list, or the very first."),
    ("count", "count", "How many entries a list has."),
    ("truncate", "truncate(60)", "A text of at most so many characters, cut at a word's end with an ellipsis."),
    ("words", "words(40)", "The first so many words of a text, with an ellipsis where there are more."),
    ("line", "line", "A text on one line."),
    ("upper", "upper", "In capital letters."),
    ("lower", "lower", "In small letters."),
    ("capitalize", "capitalize", "With a capital letter at its beginning."),
    ("money", "money(currency)", "An amount as people write it: `1,500 EUR`, `37.50 USD`."),
    ("round", "round(1)", "A number with so many decimals; none unless given."),
    ("percent", "percent", "A share of 1 as a percentage: `0.85` is `85%`."),
    ("date", "date(\"%d %B %Y\")", "A day in this form, by strftime; `22 November 2026` unless given."),
    ("default", "default(\"your country\")", "Something else where the posting does not say."),
];

/// The longest text that a filter makes, in bytes.
const MAX_TEXT: usize = 256 * 1024;

/// Adds them.
pub(super) fn add_to(env: &mut Environment<'_>, names: &Names) {
    let names = Arc::new(names.clone());
    env.add_filter(
        "join",
        unless_gap2(|list, between: Option<String>| join(&list, between.as_deref().unwrap_or(", "))),
    );
    env.add_filter("intersect", move |list: Value, others: Value| intersect(&list, &others, &names));
    env.add_filter("first", unless_gap2(|list, most: Option<u32>| first(&list, most)));
    env.add_filter("count", |list: Value| if Gap::is(&list) { Ok(Value::from(0)) } else { count(&list) });
    env.add_filter(
        "truncate",
        unless_gap2(|value, most: u32| Ok(Value::from(truncate(&text(&value)?, most as usize)))),
    );
    env.add_filter("words", unless_gap2(|value, most: u32| Ok(Value::from(words(&text(&value)?, most as usize)))));
    env.add_filter(
        "line",
        unless_gap(|value| Ok(Value::from(text(&value)?.split_whitespace().collect::<Vec<_>>().join(" ")))),
    );
    env.add_filter("upper", unless_gap(|value| Ok(Value::from(text(&value)?.to_uppercase()))));
    env.add_filter("lower", unless_gap(|value| Ok(Value::from(text(&value)?.to_lowercase()))));
    env.add_filter("capitalize", unless_gap(|value| Ok(Value::from(capitalize(&text(&value)?)))));
    env.add_filter("money", |amount: Value, currency: Value| match (Gap::is(&amount), Gap::is(&currency)) {
        (true, _) => Ok(amount),
        (_, true) => Ok(currency),
        _ => Ok(Value::from(money(float(&amount)?, &text(&currency)?))),
    });
    env.add_filter(
        "round",
        unless_gap2(|value, decimals: Option<u32>| Ok(round(float(&value)?, decimals.unwrap_or(0)))),
    );
    env.add_filter("percent", unless_gap(|value| Ok(Value::from(format!("{:.0}%", float(&value)? * 100.0)))));
    env.add_filter("date", unless_gap2(|value, form: Option<String>| date(&text(&value)?, form.as_deref())));
    env.add_filter("default", |value: Value, other: Value| if Gap::is(&value) { other } else { value });
}

fn unless_gap(
    filter: impl Fn(Value) -> Result<Value, Error> + Send + Sync + 'static,
) -> impl Fn(Value) -> Result<Value, Error> + Send + Sync + 'static {
    move |value| if Gap::is(&value) { Ok(value) } else { filter(value) }
}

fn unless_gap2<A>(
    filter: impl Fn(Value, A) -> Result<Value, Error> + Send + Sync + 'static,
) -> impl Fn(Value, A) -> Result<Value, Error> + Send + Sync + 'static {
    move |value, argument| if Gap::is(&value) { Ok(value) } else { filter(value, argument) }
}

fn wrong(detail: String) -> Error {
    Error::new(ErrorKind::InvalidOperation, detail)
}

/// A text, or what reads as one.
fn text(value: &Value) -> Result<String, Error> {
    match value.as_str() {
        Some(text) => Ok(text.to_owned()),
        None if value.is_number() => Ok(value.to_string()),
        None => Err(wrong(format!("a text is wanted here, and this is {}", value.kind()))),
    }
}

fn float(value: &Value) -> Result<f64, Error> {
    let number = f64::try_from(value.clone()).ok().filter(|number| number.is_finite() && value.is_number());
    number.ok_or_else(|| wrong(format!("a number is wanted here, and this is {}", value.kind())))
}

fn entries(list: &Value) -> Result<Vec<Value>, Error> {
    if Gap::is(list) {
        return Ok(Vec::new());
    }
    if list.as_str().is_some() {
        return Err(wrong("a list is wanted here, and this is a text".to_owned()));
    }
    Ok(list.try_iter().map_err(|_| wrong(format!("a list is wanted here, and this is {}", list.kind())))?.collect())
}

/// Entries as texts between commas, or whatever is between them.
pub(super) fn join(list: &Value, between: &str) -> Result<Value, Error> {
    let mut joined = String::new();
    for (index, entry) in entries(list)?.iter().enumerate() {
        if index > 0 {
            joined.push_str(between);
        }
        joined.push_str(&text(entry)?);
        if joined.len() > MAX_TEXT {
            return Err(wrong(format!("the list is longer than {} KiB as a text", MAX_TEXT / 1024)));
        }
    }
    Ok(Value::from(joined))
}

fn intersect(list: &Value, others: &Value, names: &Names) -> Result<Value, Error> {
    let texts = |list: &Value| entries(list)?.iter().map(text).collect::<Result<Vec<String>, Error>>();
    let (list, others) = (texts(list)?, texts(others)?);
    let common: Vec<Value> = names.common(&list, &others).into_iter().map(Value::from).collect();
    Ok(if common.is_empty() { Gap::value("skills in common") } else { Value::from(common) })
}

fn first(list: &Value, most: Option<u32>) -> Result<Value, Error> {
    let mut entries = entries(list)?.into_iter();
    Ok(match most {
        None => entries.next().unwrap_or_else(|| Gap::value("first")),
        Some(most) => Value::from(entries.take(most as usize).collect::<Vec<_>>()),
    })
}

fn count(list: &Value) -> Result<Value, Error> {
    Ok(Value::from(entries(list)?.len()))
}

/// Cut at a word's end, where there is one in the later half.
fn truncate(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    let end = kept.rfind(char::is_whitespace).filter(|end| *end * 2 >= kept.len()).unwrap_or(kept.len());
    if most == 0 { String::new() } else { format!("{}…", kept[..end].trim_end()) }
}

fn words(text: &str, most: usize) -> String {
    let mut all = text.split_whitespace();
    let kept: Vec<&str> = all.by_ref().take(most).collect();
    let more = if all.next().is_some() { "…" } else { "" };
    format!("{}{more}", kept.join(" "))
}

fn capitalize(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// `1,500 EUR`; with decimals where it has any.
fn money(amount: f64, currency: &str) -> String {
    let digits = format!("{:.2}", amount.abs());
    let (whole, decimals) = digits.split_once('.').unwrap_or((&digits, "00"));
    let grouped: Vec<&str> =
        whole.as_bytes().rchunks(3).rev().filter_map(|group| std::str::from_utf8(group).ok()).collect();
    let decimals = if decimals == "00" { String::new() } else { format!(".{decimals}") };
    let sign = if amount < 0.0 && digits.bytes().any(|b| (b'1'..=b'9').contains(&b)) { "-" } else { "" };
    format!("{sign}{}{decimals} {currency}", grouped.join(","))
}

fn round(of: f64, decimals: u32) -> Value {
    match decimals.min(6) {
        0 => number(of.round()),
        decimals => Value::from(format!("{of:.*}", decimals as usize)),
    }
}

fn date(day: &str, form: Option<&str>) -> Result<Value, Error> {
    let date: Date =
        day.parse().map_err(|_| wrong(format!("`{}` is no day, such as 2026-11-22", truncate(day, 40))))?;
    let form = form.unwrap_or("%-d %B %Y");
    let printed = jiff::fmt::strtime::format(form, date);
    let printed =
        printed.map_err(|error| wrong(format!("a day cannot be written as `{}`: {error}", truncate(form, 40))))?;
    Ok(Value::from(printed))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rendered(template: &str) -> String {
        let mut env = Environment::empty();
        add_to(&mut env, &Names::default());
        let context = minijinja::context! {
            list => ["React.js", "Rust", "Go"], gap => Gap::value("job.skills"), text => "one two  three\nfour", day => "2026-11-02", share => 0.853,
        };
        env.render_str(template, context)
            .unwrap_or_else(|error| format!("error: {}", error.detail().unwrap_or_default()))
    }

    #[test]
    fn each_filter_does_what_it_says() {
        for (template, expected) in [
            ("{{ list | join }}", "React.js, Rust, Go"),
            ("{{ list | join(' / ') }}", "React.js / Rust / Go"),
            ("{{ list | intersect(['rust', 'REACT']) | join }}", "React.js, Rust"),
            ("{{ list | intersect(['C']) | join }}", "[[fill in: skills in common]]"),
            (
                "{{ list | first }} {{ list | first(2) | join }} {{ list | count }} {{ gap | count }}",
                "React.js React.js, Rust 3 0",
            ),
            ("{{ text | truncate(9) }}", "one two…"),
            ("{{ text | truncate(90) | line }}", "one two three four"),
            ("{{ text | words(2) }} {{ text | words(9) }}", "one two… one two three four"),
            ("{{ 'éa' | upper }} {{ 'ÉA' | lower }} {{ 'éa' | capitalize }}", "ÉA éa Éa"),
            (
                "{{ 1500 | money('EUR') }}, {{ 1234567.5 | money('JPY') }}, {{ 0.0 | money('USD') }}",
                "1,500 EUR, 1,234,567.50 JPY, 0 USD",
            ),
            ("{{ share | percent }} {{ share | round(1) }} {{ 4.6 | round }}", "85% 0.9 5"),
            ("{{ day | date }}, {{ day | date('%Y-%m-%d %A') }}", "2 November 2026, 2026-11-02 Monday"),
            ("{{ gap | default('any') }} {{ share | default('any') }}", "any 0.853"),
            ("{{ gap | join | upper | truncate(3) }}", "[[fill in: job.skills]]"),
            ("{{ text | join }}", "error: a list is wanted here, and this is a text"),
            ("{{ list | upper }}", "error: a text is wanted here, and this is sequence"),
            ("{{ text | money('EUR') }}", "error: a number is wanted here, and this is string"),
            ("{{ text | date }}", "error: `one two  three\nfour` is no day, such as 2026-11-22"),
        ] {
            assert_eq!(rendered(template), expected, "{template}");
        }
        assert!(rendered("{{ day | date('%Q-%') }}").starts_with("error: a day cannot be written as"));
        let mut env = Environment::empty();
        add_to(&mut env, &Names::default());
        for (name, called, _) in FILTERS {
            assert!(called.starts_with(name));
            assert!(env.template_from_str(&format!("{{{{ x | {called} }}}}")).is_ok(), "{called}");
        }
    }

    proptest! {
        #[test]
        fn no_text_and_no_number_is_too_much(text in "\\PC{0,80}", most in 0..100_usize, amount in any::<f64>(), form in ".{0,12}") {
            prop_assert!(truncate(&text, most).chars().count() <= most);
            prop_assert!(words(&text, most).split_whitespace().count() <= most.max(1));
            prop_assert!(money(amount, "EUR").ends_with(" EUR"));
            let _made = (capitalize(&text), date("2026-11-22", Some(&form)), date(&text, None));
        }
    }
}
