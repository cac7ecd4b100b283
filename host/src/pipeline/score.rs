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

/// The adjustment that holds a score within its bounds.
const CLAMP: &str = "clamp";

/// What a line says that stands for a signal which nobody gave.
const NOT_JUDGED: &str = "not judged";

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
        let Judgement { platform, scorers, mut faults, failed: _ } = said;
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

    /// A lead with what a scorer says of it put over what was said under the same names before; to be weighed anew.
    #[must_use]
    pub fn joined(&self, of: Explained, evaluation: Evaluation) -> Explained {
        let Explained { mut breakdown, mut adjustments, .. } = of;
        let lines = evaluation.signals.into_iter().map(|signal| line(signal_name(&signal.kind).to_owned(), 0, signal));
        let lines: Vec<Line> = lines.collect();
        breakdown.retain(|before| lines.iter().all(|line| line.signal != before.signal));
        breakdown.extend(lines);
        adjustments.retain(|before| evaluation.adjustments.iter().all(|given| given.name != before.name));
        adjustments.extend(self.bounded(evaluation.adjustments));
        Explained { breakdown, adjustments, ..of }
    }

    /// The same lead under these weights: nothing is judged anew, and what was said of it stays. The rule that decided stays too, although one
    /// that looks at the score might decide otherwise now.
    #[must_use]
    pub fn reweigh(&self, of: Explained) -> Explained {
        let Explained { breakdown, mut adjustments, faults, rule, passed, .. } = of;
        adjustments.retain(|adjustment| adjustment.name != CLAMP);
        // What was missing was weighted then, and need not be now.
        let given = breakdown.into_iter().filter(|line| !is_absent(line));
        let mut lines: BTreeMap<String, Line> = given.map(|line| (line.signal.clone(), line)).collect();
        let mut confidence = 0.0;
        let weigh = |line: Line, weight| Line { weight, points: points(weight, line.value), ..line };
        let mut breakdown: Vec<Line> = self
            .ordered()
            .map(|(name, weight)| match lines.remove(name) {
                Some(line) => {
                    confidence += f64::from(weight) * line.confidence;
                    weigh(line, weight)
                }
                None => self.absent(name, weight),
            })
            .collect();
        breakdown.extend(lines.into_values().map(|line| weigh(line, 0)));
        Explained { rule, passed, ..total(breakdown, adjustments, confidence / 10_000.0, faults) }
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
            raw: NOT_JUDGED.to_owned(),
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

fn is_absent(line: &Line) -> bool {
    line.raw == NOT_JUDGED && line.missing == [line.signal.as_str()]
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
            name: CLAMP.to_owned(),
            points,
            reason: "A score is at least 0 and at most 100".to_owned(),
        });
    }
    Explained {
        score,
        confidence: confidence.clamp(0.0, 1.0),
        breakdown,
        adjustments,
        faults,
        rule: None,
        passed: Vec::new(),
    }
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

    #[test]
    fn a_scorers_signals_and_adjustments_are_bounded_and_hide_no_others() {
        let given = |name: &str, value| Evaluation {
            signals: vec![signal(SignalKind::Custom(name.to_owned()), value)],
            adjustments: [1500, 1000, -4000]
                .map(|points| judgement::Adjustment { name: "a".to_owned(), points, reason: String::new() })
                .into(),
        };
        let platform = Evaluation { signals: vec![signal(SignalKind::Budget, 0.5)], adjustments: vec![] };
        let scorers = vec![("one".to_owned(), given("taste", 1.0)), ("two".to_owned(), given("taste", 0.0))];
        let said = Judgement { platform: Some(platform), scorers, ..Judgement::default() };
        let explained = weighing(&[("budget", 5_000), ("taste", 5_000)]).compose(said);
        let lines: Vec<_> = explained.breakdown.iter().map(|l| (l.signal.as_str(), l.points)).collect();
        assert_eq!(lines, [("budget", 2500), ("taste", 5000)]);
        // Up to 20 points either way: 15, then 5 of 10, then as far down as 40 go below what was reached.
        let points: Vec<i32> = explained.adjustments.iter().map(|a| a.points).collect();
        assert_eq!(points, [1500, 500, -4000, 1500, 500, -4000]);
        assert!(explained.adjustments[1].reason.contains("scoring.adjustment_max"));
        assert_eq!(explained.faults, ["the signal `taste` of `two` has a name that is taken: left out"]);
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
            let explained = weights.compose(of_platform(evaluation.clone()));
            prop_assert_eq!(sum(&explained), i64::from(explained.score.hundredths()));
            let others = weighing(&[("budget", 9_000), ("taste", 1_000)]);
            prop_assert_eq!(&weights.reweigh(others.compose(of_platform(evaluation))), &explained);
            prop_assert_eq!(&weights.reweigh(explained.clone()), &explained);
        }
    }
}
