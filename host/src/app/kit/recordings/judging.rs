//! A filter or scorer at work, over the postings of a recording.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::file::Recording;
use crate::app::posting::plain;
use crate::contract::judgement::{Evaluation, Verdict};
use crate::contract::types::{Attribute, Context, Posting, Profile, UtcSeconds};
use crate::pipeline::context;
use crate::pipeline::score::{Weighing, signal_name};
use crate::plugin::custom::CustomPlugin;
use crate::plugin::fault::CallError;

/// The most that adjustments may add or take in a recording, in hundredths of a point: more than any scorer gives.
const ADJUSTMENT_MAX: i32 = 10_000;

/// What judging depends on beside settings and postings.
pub struct By {
    /// The time.
    pub now: UtcSeconds,
    /// For whom.
    pub profile: Profile,
    /// The parameters of scoring.
    pub parameters: Vec<Attribute>,
    /// How signals are weighed.
    pub weighing: Weighing,
}

impl By {
    /// What a recording says.
    #[must_use]
    pub fn of(recording: &Recording) -> By {
        let weights = recording.scoring.weights.clone();
        By {
            now: recording.now,
            profile: recording.profile.clone(),
            parameters: context::attributes(&recording.scoring.parameters),
            weighing: Weighing { weights, adjustment_max: ADJUSTMENT_MAX },
        }
    }
}

/// What came of a posting.
type Row = BTreeMap<&'static str, Value>;

/// Has a filter or scorer judge postings. What both worlds say of a posting stands in one row.
///
/// # Errors
/// The component's.
pub async fn run(
    filter: Option<&CustomPlugin>,
    scorer: Option<&CustomPlugin>,
    by: By,
    settings: Vec<Attribute>,
    postings: &[Posting],
) -> Result<Value, CallError> {
    let mut postings = postings.to_vec();
    let context = Context { now: by.now, profile: by.profile, settings, parameters: by.parameters };
    let mut rows: Vec<Row> = postings
        .iter()
        .map(|posting| Row::from([("id", json!(posting.id)), ("title", json!(posting.title))]))
        .collect();
    if let Some(filter) = filter {
        for (row, verdict) in rows.iter_mut().zip(filter.screen(&context, &mut postings).await?) {
            row.insert("verdict", verdict_row(&verdict));
        }
    }
    if let Some(scorer) = scorer {
        for (row, evaluation) in rows.iter_mut().zip(scorer.score(&context, &mut postings).await?) {
            row.extend(evaluation_row(&evaluation));
        }
    }
    Ok(json!({ "postings": rows }))
}

fn verdict_row(of: &Verdict) -> Value {
    match of {
        Verdict::Keep => json!("keep"),
        Verdict::Drop(drop) => json!({"drop": {"filter": drop.filter, "reason": drop.reason}}),
    }
}

/// As many digits as scores show.
fn rounded(value: f64) -> f64 {
    (value * 10_000.0).round() / 10_000.0
}

fn evaluation_row(of: &Evaluation) -> [(&'static str, Value); 2] {
    let signal = |signal: &crate::contract::judgement::Signal| {
        json!({
            "signal": signal_name(&signal.kind),
            "value": rounded(signal.value),
            "raw": signal.raw,
            "reason": signal.reason,
            "missing": signal.missing,
            "confidence": rounded(signal.confidence),
        })
    };
    let adjustment = |of: &crate::contract::judgement::Adjustment| json!({"name": of.name, "points": f64::from(of.points) / 100.0, "reason": of.reason});
    [
        ("signals", of.signals.iter().map(signal).collect()),
        ("adjustments", of.adjustments.iter().map(adjustment).collect()),
    ]
}

/// Attributes with dots in their names as nested objects: what [`context::attributes`] makes them of.
#[must_use]
pub fn nested(flat: &[Attribute]) -> Map<String, Value> {
    let mut nested = Map::new();
    for attribute in flat {
        let mut place = &mut nested;
        let mut words = attribute.name.split('.').peekable();
        while let Some(word) = words.next() {
            if words.peek().is_none() {
                place.insert(word.to_owned(), plain(&attribute.value));
                break;
            }
            let below = place.entry(word.to_owned()).or_insert_with(|| json!({}));
            let Value::Object(below) = below else { break };
            place = below;
        }
    }
    nested
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::kit::sample;

    #[test]
    fn parameters_of_scoring_read_back_as_they_were() {
        let by_name = |mut of: Vec<Attribute>| {
            of.sort_by(|a, b| a.name.cmp(&b.name));
            of
        };
        let parameters = sample::parameters();
        assert_eq!(by_name(context::attributes(&nested(&parameters))), by_name(parameters));
    }
}
