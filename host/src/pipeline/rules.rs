//! The person's rules, run over scored leads in their order: the first that matches decides.
//!
//! What a posting does not say passes no comparison, turned round or not: a rule never acts on data that is missing.

use crate::config::{Comparison, Condition, Rule};
use crate::subject::{Subject, Value};

/// The first rule that a lead meets, and why: the comparisons that held, with what was found.
#[must_use]
pub fn first_match<'r>(rules: &'r [Rule], subject: &Subject<'_>) -> Option<(&'r Rule, String)> {
    rules.iter().find_map(|rule| {
        let mut held = Vec::new();
        holds(&rule.condition, subject, &mut held).then(|| (rule, held.join("; ")))
    })
}

/// Whether a condition holds; adds the comparisons that made it so.
fn holds(condition: &Condition, subject: &Subject<'_>, held: &mut Vec<String>) -> bool {
    let before = held.len();
    let holds = match condition {
        Condition::All(all) => all.iter().all(|inner| holds(inner, subject, held)),
        Condition::Any(any) => any.iter().any(|inner| holds(inner, subject, held)),
        Condition::Compare(comparison) => match subject.value(&comparison.field) {
            Some(value) if passes(&value, comparison) => {
                held.push(told(comparison, &value));
                true
            }
            _ => false,
        },
    };
    if !holds {
        held.truncate(before);
    }
    holds
}

/// `job.budget.amount is 300 (lt 500)`.
fn told(comparison: &Comparison, value: &Value<'_>) -> String {
    let Comparison { field, operator, value: written, .. } = comparison;
    let found = match value {
        Value::Number(number) => format!(" is {number}"),
        Value::Flag(flag) => format!(" is {flag}"),
        Value::Text(text) if text.len() <= 60 => format!(" is {text:?}"),
        Value::Text(_) | Value::Texts(_) => String::new(),
    };
    let written: String = written.to_string().chars().take(120).collect();
    format!("{field}{found} ({} {written})", operator.name())
}

fn passes(value: &Value<'_>, comparison: &Comparison) -> bool {
    match value {
        Value::Number(number) => comparison.test.number(*number),
        Value::Text(text) => comparison.test.texts(std::iter::once(*text)),
        Value::Texts(texts) => comparison.test.texts(texts.iter().map(String::as_str)),
        Value::Flag(flag) => comparison.test.flag(*flag),
    }
}

#[cfg(test)]
mod tests;
