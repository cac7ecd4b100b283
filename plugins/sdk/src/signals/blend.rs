//! Blending parts into one value.

use super::NEUTRAL;
use crate::judgement::{Signal, SignalKind};

/// A weighted mean, in which a missing part is neutral and lowers the confidence by its weight.
#[derive(Debug, Default)]
pub(super) struct Blend {
    sum: f64,
    weight: f64,
    known: f64,
    missing: Vec<String>,
}

impl Blend {
    pub(super) fn part(&mut self, weight: f64, value: Option<f64>, input: &str) {
        self.estimate(weight, value.map(|value| (value, 1.0)), input);
    }

    /// A part that is known only so far: its second figure, from 0 to 1, is the share of its weight that the confidence gets.
    pub(super) fn estimate(&mut self, weight: f64, value: Option<(f64, f64)>, input: &str) {
        self.weight += weight;
        if let Some((value, sureness)) = value {
            self.known += weight * unit(sureness);
            self.sum += weight * unit(value);
        } else {
            self.sum += weight * NEUTRAL;
            self.missing.push(input.to_owned());
        }
    }

    pub(super) fn signal(self, kind: SignalKind, raw: String, reason: String) -> Signal {
        let (value, confidence) =
            if self.weight > 0.0 { (self.sum / self.weight, self.known / self.weight) } else { (NEUTRAL, 0.0) };
        Signal { kind, value: unit(value), raw, reason, missing: self.missing, confidence: unit(confidence) }
    }
}

/// A signal of which nothing is known, for want of `missing`.
pub(super) fn unknown(kind: SignalKind, reason: &str, missing: &str) -> Signal {
    Signal {
        kind,
        value: NEUTRAL,
        raw: "unknown".to_owned(),
        reason: reason.to_owned(),
        missing: vec![missing.to_owned()],
        confidence: 0.0,
    }
}

/// A value forced into 0 to 1; not a number is neutral.
pub(super) fn unit(value: f64) -> f64 {
    if value.is_nan() { NEUTRAL } else { value.clamp(0.0, 1.0) }
}

/// Grows from 0 towards 1, and is a half at `half`. Below 0 it is 0.
pub(super) fn saturating(value: f64, half: f64) -> f64 {
    let value = value.max(0.0);
    if value.is_infinite() { 1.0 } else { value / (value + half) }
}
