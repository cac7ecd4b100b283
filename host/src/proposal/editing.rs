//! A proposal as one text that a person edits: its terms and answers as keys, its text below.

use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Map, Number, Value as Json, json};

use super::check::units;
use super::{Content, State};
use crate::config::{ConfigErrors, Hundredths, Matter, write_keys};
use crate::contract::proposals::{Answer, Draft, PlannedMilestone};
use crate::contract::types::{Attribute, Money, Value};

/// The largest text that is read back, in bytes.
pub const MAX_EDITED_BYTES: u64 = 512 * 1024;

static SCHEMA: LazyLock<Json> = LazyLock::new(|| {
    serde_json::from_str(include_str!("editing.json")).expect("editing.json is part of the program, and tested")
});

/// The keys, as they are read back.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys {
    amount: Option<Hundredths>,
    currency: Option<String>,
    days: Option<f64>,
    #[serde(default)]
    milestones: Vec<Milestone>,
    #[serde(default)]
    answers: Vec<Answered>,
    #[serde(default)]
    attributes: Map<String, Json>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Milestone {
    description: String,
    amount: Hundredths,
    due: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answered {
    question: String,
    #[serde(default)]
    answer: String,
}

/// Writes a proposal for the person's editor.
#[must_use]
pub fn write(number: i64, state: State, content: &Content) -> String {
    let draft = &content.draft;
    let title: String = content.title.chars().map(|c| if c.is_control() { ' ' } else { c }).take(120).collect();
    let amount = draft.amount.as_ref().map_or(Json::Null, |money| amount_json(money.amount));
    let mut head = format!("Proposal {number} ({state}): {title}\nThe text is below the second line `---`.");
    if state == State::Approved {
        head.push_str("\nYou have approved it as it was: what you change has to be approved again.");
    }
    let mut keys = vec![
        ("amount", amount, head.as_str()),
        ("currency", draft.amount.as_ref().map_or(Json::Null, |money| json!(money.currency)), ""),
        ("days", draft.duration_days.map_or(Json::Null, |days| json!(days)), ""),
    ];
    if !draft.milestones.is_empty() || content.requirements.as_ref().is_some_and(|of| of.milestones) {
        let milestones: Vec<Json> = draft.milestones.iter().map(milestone_json).collect();
        keys.push((
            "milestones",
            Json::Array(milestones),
            "Parts of the work: [{ description: 'Design', amount: 100, due: '2026-12-01' }]. They make up the amount.",
        ));
    }
    let answers = answers(content);
    if !answers.is_empty() {
        let answers = answers.iter().map(|of| json!({"question": of.question, "answer": of.answer})).collect();
        keys.push(("answers", Json::Array(answers), "What the client asks."));
    }
    if !draft.attributes.is_empty() {
        let attributes = draft.attributes.iter().map(|of| (of.name.clone(), value_json(&of.value))).collect();
        keys.push(("attributes", Json::Object(attributes), "Terms of the platform's own."));
    }
    format!("{}\n{}\n", write_keys(&keys), draft.text)
}

/// The answers, with empty ones for questions that have none yet.
fn answers(content: &Content) -> Vec<Answer> {
    let mut answers = content.draft.answers.clone();
    for asked in content.requirements.iter().flat_map(|of| &of.questions) {
        if !answers.iter().any(|of| of.question == asked.question) {
            answers.push(Answer { question: asked.question.clone(), answer: String::new() });
        }
    }
    answers
}

/// Reads what [`write`] wrote and a person has edited: the draft as it is then. `name` is what errors call the text.
///
/// # Errors
/// Everything that is wrong with it, located.
pub fn read(name: &str, bytes: &[u8], of: &Draft) -> Result<Draft, ConfigErrors> {
    if bytes.len() as u64 > MAX_EDITED_BYTES {
        let message = format!("it is larger than {} KiB", MAX_EDITED_BYTES / 1024);
        return Err(Matter::unreadable(name, message, "make the text shorter"));
    }
    let matter = Matter::read(name, bytes, &SCHEMA)?;
    let wrong = |path: &[&str], code, message: String, help| {
        Err(matter.refused(vec![matter.wrong_key(path, code, message, help)]))
    };
    let keys = match Keys::deserialize(matter.value()) {
        Ok(keys) => keys,
        Err(error) => return wrong(&[], "inconsistent", error.to_string(), "please report this"),
    };
    let currency = match (&keys.currency, keys.amount, keys.milestones.is_empty()) {
        (Some(currency), ..) => currency.clone(),
        (None, None, true) => String::new(),
        (None, ..) => {
            return wrong(
                &["amount"],
                "missing-key",
                "the key `currency` is missing".to_owned(),
                "add it: currency: 'USD'",
            );
        }
    };
    let money = |amount: Hundredths| Money { amount: amount.0, currency: currency.clone() };
    let mut milestones = Vec::with_capacity(keys.milestones.len());
    for (index, Milestone { description, amount, due }) in keys.milestones.into_iter().enumerate() {
        let due_at = match due.as_deref().map(midnight) {
            None => None,
            Some(Some(due)) => Some(due),
            Some(None) => {
                let path = ["milestones", &index.to_string(), "due"];
                return wrong(&path, "bad-format", "it is no day".to_owned(), "write a day such as '2026-12-01'");
            }
        };
        milestones.push(PlannedMilestone { description, amount: money(amount), due_at });
    }
    let given = keys.answers.into_iter().filter(|of| !of.answer.trim().is_empty());
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the schema bounds it")]
    let duration_days = keys.days.map(|days| days as u32);
    Ok(Draft {
        posting: of.posting.clone(),
        text: matter.body().replace("\r\n", "\n").trim().to_owned(),
        amount: keys.amount.map(money),
        duration_days,
        milestones,
        answers: given.map(|Answered { question, answer }| Answer { question, answer }).collect(),
        attributes: keys.attributes.into_iter().map(|(name, value)| Attribute { name, value: plain(&value) }).collect(),
    })
}

fn amount_json(hundredths: i64) -> Json {
    units(hundredths).parse::<Number>().map_or(Json::Null, Json::Number)
}

fn milestone_json(of: &PlannedMilestone) -> Json {
    let mut entry = json!({"description": of.description, "amount": amount_json(of.amount.amount)});
    let due = of.due_at.and_then(|at| jiff::Timestamp::from_second(at).ok());
    if let Some(due) = due {
        entry["due"] = json!(due.to_zoned(jiff::tz::TimeZone::UTC).date().to_string());
    }
    entry
}

fn midnight(day: &str) -> Option<i64> {
    let day: jiff::civil::Date = day.parse().ok()?;
    Some(day.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second())
}

/// A term of the platform's own, as JSON.
#[must_use]
pub fn value_json(value: &Value) -> Json {
    match value {
        Value::Text(text) => json!(text),
        Value::Integer(number) => json!(number),
        Value::Number(number) => json!(number),
        Value::Flag(flag) => json!(flag),
        Value::Texts(texts) => json!(texts),
    }
}

fn plain(value: &Json) -> Value {
    match value {
        Json::Bool(flag) => Value::Flag(*flag),
        Json::Number(number) => {
            number.as_i64().map_or_else(|| Value::Number(number.as_f64().unwrap_or_default()), Value::Integer)
        }
        Json::Array(items) => Value::Texts(items.iter().filter_map(Json::as_str).map(str::to_owned).collect()),
        Json::String(text) => Value::Text(text.clone()),
        other => Value::Text(other.to_string()),
    }
}

/// A term as it is given on a command line, of the kind that it usually is.
///
/// # Errors
/// Which kind it has to be.
pub fn parsed(text: &str, usual: Option<&Value>) -> Result<Value, &'static str> {
    match usual {
        Some(Value::Integer(_) | Value::Number(_)) => {
            let integer = text.trim().parse().ok().map(Value::Integer);
            let number = || text.trim().parse().ok().filter(|of: &f64| of.is_finite()).map(Value::Number);
            integer.or_else(number).ok_or("a number")
        }
        Some(Value::Flag(_)) => text.trim().parse().map(Value::Flag).map_err(|_| "true or false"),
        Some(Value::Texts(_)) => Ok(Value::Texts(text.split(',').map(|part| part.trim().to_owned()).collect())),
        Some(Value::Text(_)) => Ok(Value::Text(text.to_owned())),
        None => Ok(serde_json::from_str(text)
            .ok()
            .filter(|of: &Json| of.is_boolean() || of.is_number())
            .map_or_else(|| Value::Text(text.to_owned()), |of| plain(&of))),
    }
}

#[cfg(test)]
#[path = "editing_tests.rs"]
mod tests;
