//! What a profile covers.

use super::fold::with_key;
use super::memo::Memo;
use super::near::PAIRS;
use super::taxonomy::{Skill, resolve};
use crate::types::ProfileSkill;

/// How well a profile covers a skill that was asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cover {
    /// By this very skill, under whatever name.
    Exact,
    /// By a related one; likeness between 0 and 1.
    Near(f64),
    /// Not at all.
    None,
}

/// The skills of a profile, ready to be asked.
#[derive(Debug, Clone, Default)]
pub struct Covered {
    /// Skills of the table, sorted, each once with its best cover: 1 for an exact one.
    skills: Vec<(Skill, f64)>,
    /// Keys of the profile's names that the table lacks, sorted.
    others: Vec<Vec<u8>>,
    memo: Memo,
}

impl Covered {
    /// Looks a profile's names up, and adds related skills of at least `threshold` likeness.
    #[must_use]
    pub fn new(skills: &[ProfileSkill], threshold: f64) -> Self {
        let mut covered = Self::default();
        for name in skills.iter().flat_map(|skill| skill.aliases.iter().chain([&skill.name])) {
            match resolve(name) {
                Some(skill) => covered.note(skill, 1.0),
                None => covered.note_other(name),
            }
        }
        let own = covered.skills.clone();
        let has = |skill| own.binary_search_by(|(known, _)| known.cmp(&skill)).is_ok();
        for pair in &PAIRS {
            let likeness = f64::from(pair.likeness) / 100.0;
            let [one, other] = pair.skills.map(Skill::at);
            if likeness >= threshold && has(one) {
                covered.note(other, likeness);
            }
            if likeness >= threshold && has(other) {
                covered.note(one, likeness);
            }
        }
        covered
    }

    /// Notes how far a skill is covered, if no better is known.
    ///
    /// Kept sorted by insertion: the standard library's sorts would be a third of a component's code.
    fn note(&mut self, skill: Skill, cover: f64) {
        match self.find(skill) {
            Ok(at) => self.skills[at].1 = self.skills[at].1.max(cover),
            Err(at) => self.skills.insert(at, (skill, cover)),
        }
    }

    fn note_other(&mut self, name: &str) {
        with_key(name, |key| {
            if let Err(at) = self.find_other(key)
                && !key.is_empty()
            {
                self.others.insert(at, key.to_owned());
            }
        });
    }

    fn find(&self, skill: Skill) -> Result<usize, usize> {
        self.skills.binary_search_by(|(known, _)| known.cmp(&skill))
    }

    fn find_other(&self, key: &[u8]) -> Result<usize, usize> {
        self.others.binary_search_by(|known| known.as_slice().cmp(key))
    }

    /// Whether the profile names no skill.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.skills.is_empty() && self.others.is_empty()
    }

    /// How well a skill is covered.
    #[must_use]
    pub fn cover(&self, name: &str) -> Cover {
        self.memo.get(name, || self.look_up(name))
    }

    fn look_up(&self, name: &str) -> Cover {
        match resolve(name) {
            Some(skill) => match self.find(skill) {
                Ok(at) if self.skills[at].1 >= 1.0 => Cover::Exact,
                Ok(at) => Cover::Near(self.skills[at].1),
                Err(_) => Cover::None,
            },
            None if with_key(name, |key| self.find_other(key).is_ok()) => Cover::Exact,
            None => Cover::None,
        }
    }
}
