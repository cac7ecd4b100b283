//! The five signals of the scoring model, shared by all platforms.
//!
//! Each is a value from 0 (bad) to 1 (good), monotone in each of its inputs and saturating where more stops to matter. An
//! input that is missing counts as neutral, 0.5; it is listed, and lowers the confidence by its share.
//!
//! [`Signals`] is prepared once a batch from profile and parameters, and then asked once a posting.

mod blend;
mod budget;
mod client_history;
mod competition;
mod skill_match;
mod timeline;

pub use budget::BudgetSignal;
pub use client_history::client_history;
pub use competition::competition;
pub use skill_match::{SkillMatch, SkillMatchParameters};
pub use timeline::timeline;

use serde::Deserialize;

use crate::Score;
use crate::judgement::{Evaluation, Signal};
use crate::types::{Availability, Context, Error, Posting, UtcSeconds};

/// A missing input, and a signal of which nothing is known.
pub const NEUTRAL: f64 = 0.5;

/// The person's `scoring` section, as far as signals read it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(default)]
struct Parameters {
    skill_match: SkillMatchParameters,
}

/// The five signals for one profile.
#[derive(Debug, Clone)]
pub struct Signals {
    skill_match: SkillMatch,
    budget: BudgetSignal,
    availability: Availability,
    now: UtcSeconds,
}

impl Signals {
    /// Reads profile and parameters.
    ///
    /// # Errors
    /// `invalid-input` for a parameter of the wrong type.
    pub fn prepare(context: &Context) -> Result<Self, Error> {
        let parameters: Parameters = crate::settings::read(&context.parameters)?;
        Ok(Self {
            skill_match: SkillMatch::new(&context.profile.skills, parameters.skill_match),
            budget: BudgetSignal::new(&context.profile.rates),
            availability: context.profile.availability,
            now: context.now,
        })
    }

    /// The signals of a posting, in the order of the scoring model.
    #[must_use]
    pub fn of(&self, posting: &Posting) -> Vec<Signal> {
        vec![
            self.skill_match.of(&posting.skills),
            self.budget.of(posting),
            client_history(&posting.client),
            competition(posting, self.now),
            timeline(posting, &self.availability, self.now),
        ]
    }
}

/// The five signals alone, for platforms that adjust nothing.
impl Score for Signals {
    fn prepare(context: &Context) -> Result<Self, Error> {
        Self::prepare(context)
    }

    fn score(&self, posting: &Posting) -> Evaluation {
        Evaluation { signals: self.of(posting), adjustments: Vec::new() }
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
