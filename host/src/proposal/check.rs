//! What stands against a draft, before a person reviews it. It is looked at alone and in whole: nothing is asked, nothing is stored.
//!
//! A platform's plugin looks once more when it is sent, and may find what only the platform knows.

use std::collections::BTreeSet;

use super::contact::{Kind, contacts};
use super::marker::unfilled;
use crate::contract::planning::Problem;
use crate::contract::proposals::{Draft, Question, Requirements};
use crate::contract::types::{Money, Value};

/// Problems that are told at once, at most.
pub const MAX_PROBLEMS: usize = 32;

/// What is held to where the platform was not asked.
#[must_use]
pub fn unasked() -> Requirements {
    Requirements {
        text_minimum: 1,
        text_maximum: 5000,
        forbids_contact_details: true,
        amount_required: false,
        currency: None,
        milestones: true,
        questions: Vec::new(),
        attributes: Vec::new(),
    }
}

/// What stands against a draft, by what the platform asks, if it was asked.
#[must_use]
pub fn check(draft: &Draft, asked: Option<&Requirements>) -> Vec<Problem> {
    let default = unasked();
    let mut checked =
        Checked { draft, asked: asked.unwrap_or(&default), was_asked: asked.is_some(), problems: Vec::new() };
    checked.text();
    checked.amount();
    checked.milestones();
    checked.answers();
    checked.attributes();
    if asked.is_none() {
        let message = "the platform was not asked what it takes: it was held to the usual limits, and is looked at again before it is sent";
        checked.add("requirements", message, false);
    }
    // A stable sort: what blocks comes first.
    checked.problems.sort_by_key(|problem| !problem.blocking);
    checked.problems.truncate(MAX_PROBLEMS);
    checked.problems
}

/// Whether a proposal can be reviewed.
#[must_use]
pub fn is_reviewable(problems: &[Problem]) -> bool {
    !problems.iter().any(|problem| problem.blocking)
}

struct Checked<'d> {
    draft: &'d Draft,
    asked: &'d Requirements,
    was_asked: bool,
    problems: Vec<Problem>,
}

impl Checked<'_> {
    fn add(&mut self, field: impl Into<String>, message: impl Into<String>, blocking: bool) {
        self.problems.push(Problem { field: field.into(), message: message.into(), blocking });
    }

    fn text(&mut self) {
        let (draft, asked) = (self.draft, self.asked);
        let length = draft.text.chars().count();
        let bound = |bound: u32| usize::try_from(bound).unwrap_or(usize::MAX);
        if draft.text.trim().is_empty() {
            self.add("text", "the text is empty", true);
        } else if length < bound(asked.text_minimum) {
            let message =
                format!("the text has {length} characters, and the platform asks for {} at least", asked.text_minimum);
            self.add("text", message, true);
        }
        if length > bound(asked.text_maximum) {
            let message =
                format!("the text has {length} characters, and the platform takes {} at most", asked.text_maximum);
            self.add("text", message, true);
        }
        self.writing("text", &draft.text);
    }

    /// What any text of a proposal is held to.
    fn writing(&mut self, field: &str, text: &str) {
        for what in unfilled(text) {
            let message = format!("{} is still to be written: put your words in the place of its mark", quoted(&what));
            self.add(field, message, true);
        }
        if !self.asked.forbids_contact_details {
            return;
        }
        for contact in contacts(text) {
            let (name, said) = (contact.kind.name(), quoted(&contact.text));
            match contact.kind {
                Kind::Link => self.add(
                    field,
                    format!("{said} is {name}: see that it leads to no contact details, which the platform forbids"),
                    false,
                ),
                Kind::Email | Kind::Phone | Kind::Messenger => {
                    self.add(
                        field,
                        format!("{said} is {name}, which the platform forbids before a contract: take it out"),
                        true,
                    );
                }
            }
        }
    }

    fn amount(&mut self) {
        let (draft, asked) = (self.draft, self.asked);
        match &draft.amount {
            None if asked.amount_required => {
                self.add("amount", "the platform asks for an amount: `proposals edit --amount` names it", true)
            }
            None => {}
            Some(money) => {
                self.money("amount", money);
                if let Some(currency) = asked.currency.as_ref().filter(|currency| **currency != money.currency) {
                    let message =
                        format!("the amount is in {}, and the platform takes {currency}", quoted(&money.currency));
                    self.add("amount", message, true);
                }
            }
        }
        if draft.duration_days == Some(0) {
            self.add("days", "the work takes no day: name 1 at least, or none", true);
        }
    }

    fn money(&mut self, field: &str, money: &Money) {
        if money.amount <= 0 {
            self.add(field, "the amount has to be more than nothing", true);
        }
        if money.currency.len() != 3 || !money.currency.bytes().all(|b| b.is_ascii_uppercase()) {
            self.add(field, format!("{} is no code of a currency, such as USD", quoted(&money.currency)), true);
        }
    }

    fn milestones(&mut self) {
        let draft = self.draft;
        if draft.milestones.is_empty() {
            return;
        }
        if !self.asked.milestones {
            self.add("milestones", "the platform takes no milestones here: take them out", true);
        }
        let mut sum: i64 = 0;
        for (index, milestone) in draft.milestones.iter().enumerate() {
            let field = format!("milestones.{index}");
            if milestone.description.trim().is_empty() {
                self.add(&field, "it has no description", true);
            }
            self.writing(&field, &milestone.description);
            self.money(&field, &milestone.amount);
            if draft.amount.as_ref().is_some_and(|whole| whole.currency != milestone.amount.currency) {
                self.add(&field, "its currency is another than the amount's", true);
            }
            sum = sum.saturating_add(milestone.amount.amount);
        }
        match &draft.amount {
            None => self.add("amount", "there are milestones, and no amount that they make up", true),
            Some(whole) if whole.amount != sum => {
                let message =
                    format!("the milestones come to {}, and the amount is {}", units(sum), units(whole.amount));
                self.add("milestones", message, true);
            }
            Some(_) => {}
        }
    }

    fn answers(&mut self) {
        let (draft, asked) = (self.draft, self.asked);
        for (index, Question { question, required }) in asked.questions.iter().enumerate() {
            let given = draft.answers.iter().find(|of| of.question == *question).map_or("", |of| of.answer.as_str());
            let field = format!("answers.{index}");
            match (given.trim().is_empty(), required) {
                (true, true) => self.add(field, format!("{} has to be answered", quoted(question)), true),
                (true, false) => self.add(field, format!("{} is not answered", quoted(question)), false),
                (false, _) => self.writing(&field, given),
            }
        }
        if self.was_asked {
            let known: BTreeSet<&str> = asked.questions.iter().map(|of| of.question.as_str()).collect();
            for answer in draft.answers.iter().filter(|of| !known.contains(of.question.as_str())) {
                self.add("answers", format!("{} is not asked: take its answer out", quoted(&answer.question)), true);
            }
        }
    }

    fn attributes(&mut self) {
        if !self.was_asked {
            return;
        }
        let asked = self.asked;
        for given in &self.draft.attributes {
            let field = format!("attributes.{}", cut(&given.name, 100));
            match asked.attributes.iter().find(|of| of.name == given.name) {
                None => {
                    let known: Vec<&str> = asked.attributes.iter().map(|of| of.name.as_str()).collect();
                    let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
                    self.add(
                        field,
                        format!("the platform knows no such term here; it knows: {}", cut(&known, 300)),
                        true,
                    );
                }
                Some(of) if kind(&of.value) != kind(&given.value) => {
                    self.add(field, format!("it has to be {}, as its usual value is", kind(&of.value)), true);
                }
                Some(_) => {}
            }
        }
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Text(_) => "a text",
        Value::Integer(_) | Value::Number(_) => "a number",
        Value::Flag(_) => "true or false",
        Value::Texts(_) => "a list of texts",
    }
}

/// Hundredths in main units: `12.50`.
#[must_use]
pub fn units(hundredths: i64) -> String {
    let sign = if hundredths < 0 { "-" } else { "" };
    let whole = hundredths.unsigned_abs();
    format!("{sign}{}.{:02}", whole / 100, whole % 100)
}

fn quoted(text: &str) -> String {
    format!("`{}`", cut(text, 120))
}

fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
