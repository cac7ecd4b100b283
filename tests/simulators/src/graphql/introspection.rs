//! Questions about the schema itself, which the platform answers only in good faith.

use std::collections::HashMap;

use apollo_compiler::executable::Field;
use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Classification, Prepared, error_of};

/// How freely the schema may be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Introspection {
    /// Without limit.
    Open,
    /// Each of the fields that multiply an answer once, as graphql-java's rule and the live API have it.
    GoodFaith,
    /// Not at all.
    Off,
}

/// Fields that may be asked for once, by their type.
const ONCE: [(&str, &str); 6] = [
    ("Query", "__schema"),
    ("Query", "__type"),
    ("__Type", "fields"),
    ("__Type", "inputFields"),
    ("__Type", "interfaces"),
    ("__Type", "possibleTypes"),
];

/// Checks an operation against the rule.
pub(super) fn check(rule: Introspection, prepared: &Prepared) -> Result<(), Vec<Value>> {
    if rule == Introspection::Open {
        return Ok(());
    }
    let mut counts: HashMap<(&str, &str), usize> = HashMap::new();
    for field in prepared.operation.all_fields(&prepared.document) {
        if let Some(once) = ONCE.into_iter().find(|(of, name)| is(field, of, name)) {
            *counts.entry(once).or_default() += 1;
        }
    }
    let most = if rule == Introspection::Off { 0 } else { 1 };
    match ONCE.into_iter().find(|once| counts.get(once).is_some_and(|&count| count > most)) {
        None => Ok(()),
        Some((of, name)) => Err(vec![error_of(
            &format!("This request is not asking for introspection in good faith - {of}.{name} is present too often!"),
            Classification::BadFaithIntrospection,
        )]),
    }
}

fn is(field: &Field, of: &str, name: &str) -> bool {
    // Root meta-fields are told by their name, the others by a name that only `__Type` gives a list of types or fields.
    field.name.as_str() == name && (of == "Query" || field.definition.ty.inner_named_type().starts_with("__"))
}
