//! `skill_match`: the skills asked for that the profile covers.

use serde::Deserialize;

use super::blend::{unit, unknown};
use crate::judgement::{Signal, SignalKind};
use crate::skills::{Cover, Covered};
use crate::text::{Line, cut};
use crate::types::ProfileSkill;

/// Names of missing skills that a reason shows.
const SHOWN: usize = 3;
/// Bytes of each that it shows.
const SHOWN_BYTES: usize = 40;

/// `scoring.skill_match` of the person's configuration.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(default)]
pub struct SkillMatchParameters {
    /// Points of a hundred added if all skills are covered exactly, and in proportion for some. 0 to 100.
    pub exact_match_bonus: f64,
    /// Likeness from which a related skill counts, 0 to 1.
    pub semantic_threshold: f64,
    /// Points of a hundred taken if no skill is covered, and in proportion for some. 0 to 100.
    pub missing_penalty: f64,
}

impl Default for SkillMatchParameters {
    fn default() -> Self {
        Self { exact_match_bonus: 15.0, semantic_threshold: 0.7, missing_penalty: 10.0 }
    }
}

/// The signal for one profile.
///
/// Of `n` skills asked for, let `e` be covered exactly, `m` not at all, and `s` be the sum of likenesses (1 for an exact one).
/// The value is `s/n + bonus·e/n - penalty·m/n`, kept within 0 to 1: never lower for a skill covered better.
#[derive(Debug, Clone)]
pub struct SkillMatch {
    covered: Covered,
    bonus: f64,
    penalty: f64,
}

impl SkillMatch {
    /// Expands the profile's skills. Parameters beyond their bounds are taken as the bound.
    #[must_use]
    pub fn new(skills: &[ProfileSkill], parameters: SkillMatchParameters) -> Self {
        Self {
            covered: Covered::new(skills, unit(parameters.semantic_threshold)),
            bonus: unit(parameters.exact_match_bonus / 100.0),
            penalty: unit(parameters.missing_penalty / 100.0),
        }
    }

    /// The signal for the skills that a posting asks for.
    #[must_use]
    pub fn of(&self, asked: &[String]) -> Signal {
        let kind = SignalKind::SkillMatch;
        if asked.is_empty() {
            return unknown(kind, "The posting names no skills", "skills");
        }
        if self.covered.is_empty() {
            return unknown(kind, "Your profile names no skills", "profile.skills");
        }
        let (mut exact, mut near, mut likeness) = (0u32, 0u32, 0.0);
        let mut absent: [&str; SHOWN] = [""; SHOWN];
        let mut missing = 0;
        for skill in asked {
            match self.covered.cover(skill) {
                Cover::Exact => exact += 1,
                Cover::Near(by) => {
                    near += 1;
                    likeness += by;
                }
                Cover::None => {
                    if let Some(place) = absent.get_mut(missing) {
                        *place = cut(skill, SHOWN_BYTES);
                    }
                    missing += 1;
                }
            }
        }
        let share = 1.0 / asked.len() as f64;
        let value = (f64::from(exact) * (1.0 + self.bonus) + likeness - missing as f64 * self.penalty) * share;
        let count = asked.len() as i64;
        let raw = Line::new().int(exact + near).text(" of ").int(count).text(" skills").done();
        let mut reason = Line::new().text("You cover ").int(exact).text(" of ").int(count).text(" skills exactly");
        if near > 0 {
            reason = reason.text(" and ").int(near).text(" nearly");
        }
        for (index, name) in absent.iter().take(missing).enumerate() {
            reason = reason.text(if index == 0 { "; missing: " } else { ", " }).text(name);
        }
        if missing > SHOWN {
            reason = reason.text(" and ").int((missing - SHOWN) as i64).text(" more");
        }
        Signal { kind, value: unit(value), raw, reason: reason.done(), missing: Vec::new(), confidence: 1.0 }
    }
}
