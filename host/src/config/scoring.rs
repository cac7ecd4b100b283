//! Weights and thresholds, in the whole numbers that scores are computed with.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Deserializer};

use super::schema;
use super::types::whole;
use crate::contract::SIGNALS;

/// The sum of all weights, in basis points.
pub const WEIGHT_TOTAL: u32 = 10_000;

/// How a lead's points come about.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scoring {
    /// Share of each signal.
    pub weights: Weights,
    /// Points from which something happens.
    pub thresholds: Thresholds,
    /// How skills are compared.
    pub skill_match: SkillMatch,
    /// Points off for a contest; 0 to 100.
    #[serde(deserialize_with = "whole")]
    pub contest_penalty: u8,
    /// Points that one of the person's own scorers may add or take in all, outside the weighted signals; 0 to 100.
    #[serde(deserialize_with = "whole")]
    pub adjustment_max: u8,
}

/// Weights by signal in basis points, which sum to exactly [`WEIGHT_TOTAL`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weights(BTreeMap<String, u32>);

impl Weights {
    /// A signal's weight in basis points; a signal without one counts nothing.
    #[must_use]
    pub fn of(&self, signal: &str) -> u32 {
        self.0.get(signal).copied().unwrap_or(0)
    }

    /// All weights, by the signal's name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u32)> {
        self.0.iter().map(|(signal, weight)| (signal.as_str(), *weight))
    }

    /// The weights of who sets none.
    #[must_use]
    pub fn defaults() -> Self {
        let weights = &schema::host()["$defs"]["scoring"]["properties"]["weights"]["properties"];
        let share = |signal: &str| (signal.to_owned(), weights[signal]["default"].as_f64().unwrap_or_default());
        let shares = SIGNALS.into_iter().map(share).collect();
        Self::normalised(&shares).expect("schema.json is part of the program, and tested")
    }

    /// Weights that still sum to [`WEIGHT_TOTAL`] in which others have a fifth of it between them, beside these in their proportions. A name that has a
    /// weight already keeps it.
    #[must_use]
    pub fn beside<'s>(&self, others: impl IntoIterator<Item = &'s str>) -> Self {
        let new: BTreeSet<&str> = others.into_iter().filter(|name| self.of(name) == 0).collect();
        let total = f64::from(WEIGHT_TOTAL);
        let kept = if new.is_empty() { 1.0 } else { 0.8 };
        let mut shares: BTreeMap<String, f64> =
            self.iter().map(|(name, weight)| (name.to_owned(), f64::from(weight) / total * kept)).collect();
        #[expect(clippy::cast_precision_loss, reason = "a scorer has at most 32 signals")]
        let each = (1.0 - kept) / new.len().max(1) as f64;
        shares.extend(new.into_iter().map(|name| (name.to_owned(), each)));
        Self::normalised(&shares).unwrap_or_else(|| self.clone())
    }

    /// As they are written in the configuration: the platforms' signals first.
    #[must_use]
    pub fn yaml(&self) -> String {
        let place = |name: &str| SIGNALS.iter().position(|signal| *signal == name).unwrap_or(SIGNALS.len());
        let mut all: Vec<(&str, u32)> = self.iter().collect();
        all.sort_by_key(|(name, _)| place(name));
        let share = |weight: u32| f64::from(weight) / f64::from(WEIGHT_TOTAL);
        let all: Vec<String> = all.into_iter().map(|(name, weight)| format!("{name}: {}", share(weight))).collect();
        format!("{{ {} }}", all.join(", "))
    }

    /// Scales shares to whole basis points by the largest remainder, so that nothing is lost to
    /// rounding; ties go to the name that sorts first. `None` when nothing has a share.
    #[must_use]
    pub fn normalised(shares: &BTreeMap<String, f64>) -> Option<Self> {
        let total: f64 = shares.values().sum();
        if !(total.is_finite() && total > 0.0) || shares.values().any(|share| *share < 0.0) {
            return None;
        }
        let mut left = WEIGHT_TOTAL;
        let mut parts: Vec<(&String, u32, f64)> = Vec::with_capacity(shares.len());
        for (signal, share) in shares {
            let exact = share / total * f64::from(WEIGHT_TOTAL);
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a share of a total is within 0 and 10,000"
            )]
            let floor = (exact.floor() as u32).min(left);
            left -= floor;
            parts.push((signal, floor, exact - f64::from(floor)));
        }
        parts.sort_by(|a, b| b.2.total_cmp(&a.2).then_with(|| a.0.cmp(b.0)));
        let signals = parts.len();
        for turn in 0..left as usize {
            parts[turn % signals].1 += 1;
        }
        Some(Self(parts.into_iter().map(|(signal, weight, _)| (signal.clone(), weight)).collect()))
    }
}

impl<'de> Deserialize<'de> for Weights {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let shares = BTreeMap::deserialize(deserializer)?;
        Self::normalised(&shares).ok_or_else(|| serde::de::Error::custom("the weights do not sum to more than 0"))
    }
}

/// Points from which something happens; 0 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thresholds {
    /// Below: hidden.
    #[serde(deserialize_with = "whole")]
    pub display_min: u8,
    /// Below: shown, not eligible for a proposal.
    #[serde(deserialize_with = "whole")]
    pub review_min: u8,
    /// From here a draft is prepared without asking.
    #[serde(deserialize_with = "whole")]
    pub auto_pipeline_min: u8,
}

/// How skills are compared.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SkillMatch {
    /// Points for a skill named exactly; 0 to 100.
    #[serde(deserialize_with = "whole")]
    pub exact_match_bonus: u8,
    /// Least similarity of near names; 0 to 1.
    pub semantic_threshold: f64,
    /// Points off for a missing skill; 0 to 100.
    #[serde(deserialize_with = "whole")]
    pub missing_penalty: u8,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shares(pairs: &[(&str, f64)]) -> BTreeMap<String, f64> {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), *v)).collect()
    }

    #[test]
    fn the_default_weights_are_exact() {
        let weights = Weights::normalised(&shares(&[
            ("skill_match", 0.30),
            ("budget", 0.20),
            ("client_history", 0.25),
            ("competition", 0.15),
            ("timeline", 0.10),
        ]))
        .unwrap();
        assert_eq!(weights.of("skill_match"), 3_000);
        assert_eq!(weights.of("client_history"), 2_500);
        assert_eq!(weights.of("nothing"), 0);
    }

    #[test]
    fn thirds_lose_nothing_and_ties_go_by_name() {
        let weights = Weights::normalised(&shares(&[("a", 1.0), ("b", 1.0), ("c", 1.0)])).unwrap();
        let all: Vec<_> = weights.iter().collect();
        assert_eq!(all, [("a", 3_334), ("b", 3_333), ("c", 3_333)]);
    }

    #[test]
    fn other_signals_get_a_fifth_beside_those_there_are_and_it_sums_to_one_as_it_is_written() {
        let defaults = Weights::defaults();
        let one =
            "{ skill_match: 0.24, budget: 0.16, client_history: 0.2, competition: 0.12, timeline: 0.08, taste: 0.2 }";
        assert_eq!(defaults.beside(["taste"]).yaml(), one);
        assert_eq!(defaults.beside(["a", "b"]).of("b"), 1_000);
        assert_eq!(defaults.beside(["taste"]).beside(["taste"]).yaml(), one);
        assert_eq!(defaults.beside([]), defaults);
        let thirds = Weights::normalised(&shares(&[("a", 1.0), ("b", 1.0), ("c", 1.0)])).unwrap();
        let written = thirds.beside(["d", "e", "f"]).yaml();
        let value = |part: &str| part.split(": ").nth(1).unwrap().parse::<f64>().unwrap();
        let sum: f64 = written.trim_matches(['{', '}', ' ']).split(", ").map(value).sum();
        assert!((sum - 1.0).abs() < 1e-9, "{written}");
    }

    #[test]
    fn nothing_to_share_is_no_weights() {
        assert_eq!(Weights::normalised(&shares(&[("a", 0.0)])), None);
        assert_eq!(Weights::normalised(&shares(&[])), None);
        assert_eq!(Weights::normalised(&shares(&[("a", f64::NAN)])), None);
    }

    proptest! {
        #[test]
        fn weights_always_sum_to_the_total(
            values in proptest::collection::vec(0.0f64..1000.0, 1..32)
        ) {
            let shares: BTreeMap<String, f64> = values
                .iter()
                .enumerate()
                .map(|(index, value)| (format!("s{index}"), *value))
                .collect();
            if let Some(weights) = Weights::normalised(&shares) {
                let sum: u32 = weights.iter().map(|(_, weight)| weight).sum();
                prop_assert_eq!(sum, WEIGHT_TOTAL);
            }
        }
    }
}
