//! How well postings fit: the five shared signals, and a penalty for contests.

use prospector_plugin::Score;
use prospector_plugin::judgement::{Adjustment, Evaluation};
use prospector_plugin::signals::Signals;
use prospector_plugin::types::{Context, Error, Posting, PostingKind};
use serde::Deserialize;

/// What is used of the person's `scoring` section beside what the signals read.
#[derive(Debug, Deserialize)]
#[serde(default)]
struct Parameters {
    /// In points.
    contest_penalty: f64,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { contest_penalty: 15.0 }
    }
}

/// Profile and parameters, ready to score by.
#[derive(Debug, Clone)]
pub struct Scoring {
    signals: Signals,
    /// In hundredths of a point, not negative.
    contest_penalty: i32,
}

impl Score for Scoring {
    fn prepare(context: &Context) -> Result<Self, Error> {
        let parameters: Parameters = prospector_plugin::settings::read(&context.parameters)?;
        Ok(Self {
            signals: Signals::prepare(context)?,
            // A conversion from float saturates, and makes 0 of what is no number.
            contest_penalty: ((parameters.contest_penalty * 100.0).round() as i32).clamp(0, 10_000),
        })
    }

    fn score(&self, posting: &Posting) -> Evaluation {
        let contest = matches!(posting.kind, PostingKind::Contest) && self.contest_penalty > 0;
        Evaluation {
            signals: self.signals.of(posting),
            adjustments: if contest { vec![self.contest()] } else { Vec::new() },
        }
    }
}

impl Scoring {
    fn contest(&self) -> Adjustment {
        Adjustment {
            name: "contest".to_owned(),
            points: -self.contest_penalty,
            reason: "In a contest the work is handed in before it is known who is paid".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use prospector_plugin::testing::{context, posting, profile, setting};
    use prospector_plugin::types::Value;

    use super::*;

    #[test]
    fn a_contest_is_penalised_by_what_the_person_says() {
        for (penalty, points) in
            [(None, -1500), (Some(2.5), -250), (Some(1e9), -10_000), (Some(f64::NAN), 0), (Some(-4.0), 0)]
        {
            let mut context = context(0, profile(&[]), Vec::new());
            context.parameters =
                penalty.map(|penalty| setting("contest_penalty", Value::Number(penalty))).into_iter().collect();
            let scoring = Scoring::prepare(&context).expect("valid");
            let mut contest = posting("1", 0);
            assert_eq!(scoring.score(&contest).adjustments, []);
            contest.kind = PostingKind::Contest;
            let evaluation = scoring.score(&contest);
            assert_eq!(evaluation.adjustments.iter().map(|adjustment| adjustment.points).sum::<i32>(), points);
            assert_eq!(evaluation.signals.len(), 5);
        }
    }
}
