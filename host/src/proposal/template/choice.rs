//! Which template suits a posting.
//!
//! One that names skills suits where at least one of them is asked for; one that names job types, where the posting pays so; one that names nothing suits
//! always. Of those that suit, the one with the most skills in common is taken, then one that names the job type before one that names none, then the
//! one with the higher priority, then the first by name. So a choice is the same each time, and can be told.

use std::cmp::Reverse;

use super::Template;
use crate::contract::types::{Payment, Posting};
use crate::proposal::skills::Names;

/// How a template suits a posting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fit<'t> {
    /// Its skills that the posting asks for.
    pub skills: Vec<&'t str>,
    /// Whether it names how the posting pays.
    pub job_type: bool,
    /// Why it does not suit, where it does not.
    pub against: Option<String>,
}

/// The template that was chosen.
#[derive(Clone, Debug)]
pub struct Choice<'t> {
    /// Which.
    pub template: &'t Template,
    /// Why, in a sentence.
    pub reason: String,
}

/// How a template suits a posting.
#[must_use]
pub fn fit<'t>(template: &'t Template, posting: &Posting, names: &Names) -> Fit<'t> {
    let keys = &template.keys;
    let paid = match &posting.payment {
        Payment::Fixed => "fixed",
        Payment::Hourly => "hourly",
        Payment::Prize => "prize",
        Payment::Unstated => "",
        Payment::Other(word) => word,
    };
    let skills = names.common(&keys.match_skills, &posting.skills);
    let job_type = keys.match_job_type.iter().any(|named| named == paid);
    let against = if !keys.match_job_type.is_empty() && !job_type {
        let pays = if paid.is_empty() { "does not say how it pays" } else { "pays otherwise" };
        Some(format!("it is for {} work, and the posting {pays}", keys.match_job_type.join(" or ")))
    } else if !keys.match_skills.is_empty() && skills.is_empty() {
        Some("the posting asks for none of its skills".to_owned())
    } else {
        None
    };
    Fit { skills, job_type, against }
}

/// The template that suits a posting best; none where none suits.
#[must_use]
pub fn choose<'t>(templates: &'t [Template], posting: &Posting, names: &Names) -> Option<Choice<'t>> {
    let fitting = templates.iter().map(|template| (template, fit(template, posting, names)));
    let fitting: Vec<(&Template, Fit<'_>)> = fitting.filter(|(_, fit)| fit.against.is_none()).collect();
    let rank = |(template, fit): &&(&'t Template, Fit<'_>)| {
        (Reverse(fit.skills.len()), Reverse(fit.job_type), Reverse(template.keys.priority), template.keys.name.clone())
    };
    let (template, best) = fitting.iter().min_by_key(rank)?;
    let mut reasons = Vec::new();
    if !best.skills.is_empty() {
        reasons.push(format!("the posting asks for {}", best.skills.join(", ")));
    }
    if best.job_type {
        reasons.push("it is for work that pays so".to_owned());
    }
    if reasons.is_empty() {
        reasons.push("it is for every posting".to_owned());
    }
    let alike = fitting
        .iter()
        .filter(|(_, fit)| fit.skills.len() == best.skills.len() && fit.job_type == best.job_type)
        .count();
    if alike > 1 {
        reasons.push(format!("of {alike} that suit alike it has the highest priority, or the first name"));
    }
    Some(Choice { template, reason: reasons.join("; ") })
}
