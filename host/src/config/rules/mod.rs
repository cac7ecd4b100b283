//! Rules: typed when they are read, so that what runs them meets nothing that cannot be compared.

mod comparison;
mod field;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::diagnostic::Diagnostic;
use super::document::Places;
use super::explain::value_place;
use super::pointer::{Pointer, dotted};

pub use comparison::{Comparison, Operator};
pub use field::{Field, Kind, Known};

/// What to do with leads that meet a condition.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Shown with what the rule did; unique.
    pub name: String,
    /// When it applies.
    pub condition: Condition,
    /// What it does.
    pub action: RuleAction,
}

/// What a rule does with a lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RuleAction {
    /// Keeps it as it is.
    Pass,
    /// Skips it, with the rule's name as the reason.
    Exclude,
    /// Ranks it first.
    Priority,
    /// Prepares a proposal and stops at review.
    Draft,
}

impl RuleAction {
    /// As it is written.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Exclude => "exclude",
            Self::Priority => "priority",
            Self::Draft => "draft",
        }
    }
}

/// A tree of comparisons, at most as deep as a document.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// Every one holds; never empty.
    All(Vec<Condition>),
    /// At least one holds; never empty.
    Any(Vec<Condition>),
    /// One comparison.
    Compare(Comparison),
}

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Written {
            all: Option<Vec<Condition>>,
            any: Option<Vec<Condition>>,
            field: Option<String>,
            operator: Option<Operator>,
            value: Option<Value>,
        }
        match Written::deserialize(deserializer)? {
            Written { all: Some(all), any: None, field: None, operator: None, value: None } => Ok(Self::All(all)),
            Written { all: None, any: Some(any), field: None, operator: None, value: None } => Ok(Self::Any(any)),
            Written { all: None, any: None, field: Some(field), operator: Some(operator), value: Some(value) } => {
                let typed = Comparison::typed(&field, operator, &value);
                typed.map(Self::Compare).map_err(|misfit| D::Error::custom(misfit.message))
            }
            _ => Err(D::Error::custom("a condition is `field`, `operator` and `value`, or `all`, or `any`")),
        }
    }
}

/// What is wrong with the comparisons of rules whose shape is right, each at its place.
pub(super) fn check(value: &Value, places: &Places) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for (index, rule) in value["rules"].as_array().into_iter().flatten().enumerate() {
        let mut at = Pointer::of(["rules", index.to_string().as_str(), "condition"]);
        check_condition(&rule["condition"], &mut at, places, &mut problems);
    }
    problems
}

fn check_condition(condition: &Value, at: &mut Pointer, places: &Places, out: &mut Vec<Diagnostic>) {
    for key in ["all", "any"] {
        for (index, inner) in condition[key].as_array().into_iter().flatten().enumerate() {
            at.push(key);
            at.push(&index.to_string());
            check_condition(inner, at, places, out);
            at.pop();
            at.pop();
        }
    }
    let operator = Operator::deserialize(&condition["operator"]);
    let (Some(field), Ok(operator)) = (condition["field"].as_str(), operator) else { return };
    if let Err(misfit) = Comparison::typed(field, operator, &condition["value"]) {
        let at = at.join(misfit.key);
        out.push(
            Diagnostic::error(misfit.code, value_place(places, &at), misfit.message)
                .at(dotted(&at))
                .suggest(misfit.suggestion)
                .help(misfit.help),
        );
    }
}
