//! From signals to a score: the person's weights, in whole hundredths of a point, so that the breakdown adds up exactly.
//!
//! A score is the sum over the weighted signals of `round(weight * value)`, where a weight is in hundredths of a percent (those of a set sum to
//! 10000) and a value is 0 to 1, plus the adjustments, held within 0 and 100 points. What holding it there takes or adds is itself an
//! adjustment, `clamp`.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::judge::Judgement;
use crate::contract::SIGNALS;
use crate::contract::judgement::{self, Evaluation, Signal, SignalKind};
use crate::lead::{Adjustment, Explained, Line, Score};

/// How signals are weighed, and how far adjustments may go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weighing {
    /// In hundredths of a percent, by the signal's name; they sum to 10000.
    pub weights: BTreeMap<String, u32>,
    /// The most that the adjustments of one of the person's own scorers may add or take in all, in hundredths of a point.
    pub adjustment_max: i32,
}

/// A signal's name, as weights are given by it.
#[must_use]
pub fn signal_name(kind: &SignalKind) -> &str {
    match kind {
        SignalKind::SkillMatch => "skill_match",
        SignalKind::Budget => "budget",
        SignalKind::ClientHistory => "client_history",
        SignalKind::Competition => "competition",
        SignalKind::Timeline => "timeline",
        SignalKind::Custom(name) => name,
    }
}

impl Weighing {
    /// The score of what was said of a posting, with its story. A weighted signal that nobody gave is neutral, and said to be missing.
    #[must_use]
    pub fn compose(&self, said: Judgement) -> Explained {
        let Judgement { platform, scorers, mut faults } = said;
        let platform = platform.unwrap_or(Evaluation { signals: Vec::new(), adjustments: Vec::new() });
        let mut adjustments: Vec<Adjustment> = platform.adjustments.into_iter().map(adjustment).collect();
        let mut signals: BTreeMap<String, Signal> =
            platform.signals.into_iter().map(|signal| (signal_name(&signal.kind).to_owned(), signal)).collect();
        for (scorer, evaluation) in scorers {
            for signal in evaluation.signals {
                let name = signal_name(&signal.kind).to_owned();
                match signals.entry(name) {
                    Entry::Vacant(free) => drop(free.insert(signal)),
                    Entry::Occupied(taken) => {
                        faults.push(format!(
                            "the signal `{}` of `{scorer}` has a name that is taken: left out",
                            taken.key()
                        ));
                    }
                }
            }
            adjustments.extend(self.bounded(evaluation.adjustments));
        }
        let mut confidence = 0.0;
        let mut breakdown = Vec::with_capacity(signals.len().max(self.weights.len()));
        for (name, weight) in self.ordered() {
            let line = match signals.remove(name) {
                Some(signal) => {
                    confidence += f64::from(weight) * signal.confidence;
                    line(name.to_owned(), weight, signal)
                }
                None => self.absent(name, weight),
            };
            breakdown.push(line);
        }
        // Signals without a weight are shown, and add nothing.
        breakdown.extend(signals.into_iter().map(|(name, signal)| line(name, 0, signal)));
        total(breakdown, adjustments, confidence / 10_000.0, faults)
    }

    /// A scorer's adjustments, cut where their sum would leave what the configuration allows.
    fn bounded(&self, given: Vec<judgement::Adjustment>) -> impl Iterator<Item = Adjustment> {
        let (most, mut sum) = (self.adjustment_max, 0);
        given.into_iter().map(move |given| {
            let points = (sum + given.points.clamp(-10_000, 10_000)).clamp(-most, most) - sum;
            sum += points;
            let mut adjustment = Adjustment { points, ..adjustment(given.clone()) };
            if points != given.points {
                adjustment.reason.push_str(" (cut to what `scoring.adjustment_max` allows)");
            }
            adjustment
        })
    }

    /// The weights: the five signals first, then custom ones by name.
    fn ordered(&self) -> impl Iterator<Item = (&str, u32)> {
        let known = SIGNALS.iter().filter_map(|name| self.weights.get(*name).map(|weight| (*name, *weight)));
        let custom = self
            .weights
            .iter()
            .filter(|(name, _)| !SIGNALS.contains(&name.as_str()))
            .map(|(name, weight)| (name.as_str(), *weight));
        known.chain(custom).filter(|(name, weight)| *weight > 0 || SIGNALS.contains(name))
    }

    fn absent(&self, name: &str, weight: u32) -> Line {
        Line {
            signal: name.to_owned(),
            raw: "not judged".to_owned(),
            value: 0.5,
            weight,
            points: points(weight, 0.5),
            reason: "Not judged by the plugin, so counted as neutral".to_owned(),
            missing: vec![name.to_owned()],
            confidence: 0.0,
        }
    }
}

fn line(name: String, weight: u32, signal: Signal) -> Line {
    Line {
        signal: name,
        raw: signal.raw,
        value: signal.value,
        weight,
        points: points(weight, signal.value),
        reason: signal.reason,
        missing: signal.missing,
        confidence: signal.confidence,
    }
}

fn adjustment(given: judgement::Adjustment) -> Adjustment {
    Adjustment { name: given.name, points: given.points, reason: given.reason }
}

fn points(weight: u32, value: f64) -> i32 {
    // A weight is at most 10000 and a value at most 1.
    (f64::from(weight) * value).round() as i32
}

fn total(breakdown: Vec<Line>, mut adjustments: Vec<Adjustment>, confidence: f64, faults: Vec<String>) -> Explained {
    let sum: i64 = breakdown
        .iter()
        .map(|line| i64::from(line.points))
        .chain(adjustments.iter().map(|a| i64::from(a.points)))
        .sum();
    let score = Score::clamped(sum);
    let over = i64::from(score.hundredths()) - sum;
    if over != 0 {
        // At most 16 adjustments of 100 points are over.
        let points = i32::try_from(over).unwrap_or_default();
        adjustments.push(Adjustment {
            name: "clamp".to_owned(),
            points,
            reason: "A score is at least 0 and at most 100".to_owned(),
        });
    }
    Explained { score, confidence: confidence.clamp(0.0, 1.0), breakdown, adjustments, faults, rule: None }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    fn weighing(shares: &[(&str, u32)]) -> Weighing {
        Weighing { weights: shares.iter().map(|(n, w)| ((*n).to_owned(), *w)).collect(), adjustment_max: 2_000 }
    }

    fn signal(kind: SignalKind, value: f64) -> Signal {
        Signal { kind, value, raw: String::new(), reason: String::new(), missing: vec![], confidence: 1.0 }
    }

    fn of_platform(evaluation: Evaluation) -> Judgement {
        Judgement { platform: Some(evaluation), ..Judgement::default() }
    }

    fn sum(explained: &Explained) -> i64 {
        explained
            .breakdown
            .iter()
            .map(|l| i64::from(l.points))
            .chain(explained.adjustments.iter().map(|a| i64::from(a.points)))
            .sum()
    }

    #[test]
    fn a_signal_that_was_not_given_is_neutral_and_one_without_a_weight_adds_nothing() {
        let explained = weighing(&[("skill_match", 6000), ("budget", 4000)]).compose(of_platform(Evaluation {
            signals: vec![signal(SignalKind::SkillMatch, 1.0), signal(SignalKind::Custom("taste".to_owned()), 1.0)],
            adjustments: vec![],
        }));
        let lines: Vec<_> = explained.breakdown.iter().map(|l| (l.signal.as_str(), l.points)).collect();
        assert_eq!(lines, [("skill_match", 6000), ("budget", 2000), ("taste", 0)]);
        assert_eq!((explained.score.hundredths(), explained.confidence), (8000, 0.6));
    }

    #[test]
    fn what_clamping_takes_is_an_adjustment() {
        let evaluation = Evaluation {
            signals: vec![signal(SignalKind::Budget, 0.2)],
            adjustments: vec![judgement::Adjustment {
                name: "contest".to_owned(),
                points: -3000,
                reason: String::new(),
            }],
        };
        let explained = weighing(&[("budget", 10_000)]).compose(of_platform(evaluation));
        assert_eq!(explained.score.hundredths(), 0);
        assert_eq!(explained.adjustments.last().map(|a| (a.name.as_str(), a.points)), Some(("clamp", 1000)));
    }

    proptest! {
        #[test]
        fn a_breakdown_always_adds_up_to_its_score(
            shares in proptest::collection::vec(0u32..=10_000, 5),
            values in proptest::collection::vec(0.0f64..=1.0, 5),
            adjustments in proptest::collection::vec(-10_000i32..=10_000, 0..16),
        ) {
            let weights = weighing(&SIGNALS.iter().copied().zip(shares).collect::<Vec<_>>());
            let kinds = [SignalKind::SkillMatch, SignalKind::Budget, SignalKind::ClientHistory, SignalKind::Competition, SignalKind::Timeline];
            let evaluation = Evaluation {
                signals: kinds.into_iter().zip(values).map(|(kind, value)| signal(kind, value)).collect(),
                adjustments: adjustments.into_iter().map(|points| judgement::Adjustment { name: "a".to_owned(), points, reason: String::new() }).collect(),
            };
            let explained = weights.compose(of_platform(evaluation));
            prop_assert_eq!(sum(&explained), i64::from(explained.score.hundredths()));
        }
    }
}
