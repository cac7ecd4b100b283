//! Rules as they are written: their shape is settled here, their meaning where they are run.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
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

/// One comparison of a field with a value.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Path of names joined by dots, such as `job.budget.amount`.
    pub field: String,
    /// How to compare.
    pub operator: Operator,
    /// A list for `in` and `not_in`; a number for `gt gte lt lte`; a pattern for `matches`;
    /// otherwise a text, a number or a truth value.
    pub value: Value,
}

/// How a field is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operator {
    /// Equal.
    Eq,
    /// Not equal.
    Neq,
    /// Greater.
    Gt,
    /// Greater or equal.
    Gte,
    /// Less.
    Lt,
    /// Less or equal.
    Lte,
    /// A text or list that has the value in it.
    Contains,
    /// A text or list that has not.
    NotContains,
    /// One of a list.
    In,
    /// None of a list.
    NotIn,
    /// A text that the pattern matches.
    Matches,
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
                Ok(Self::Compare(Comparison { field, operator, value }))
            }
            _ => Err(D::Error::custom("a condition is `field`, `operator` and `value`, or `all`, or `any`")),
        }
    }
}
