//! A page as a backend stores it: each posting once, compared with what was known of it.

use std::collections::HashMap;

use super::content::ContentHash;
use super::{Facts, Page, PageSummary, ScanCounts};
use crate::contract::types::UtcSeconds;
use crate::lead::{Lead, Novelty, Skipped};

/// A posting of a page.
pub(super) struct Observation<'p> {
    pub id: &'p str,
    pub title: &'p str,
    pub url: Option<&'p str>,
    pub content: ContentHash,
    pub verdict: Verdict<'p>,
}

/// What became of it.
pub(super) enum Verdict<'p> {
    Kept { lead: &'p Lead, facts: Facts },
    Skipped(&'p Skipped),
}

impl Observation<'_> {
    pub(super) fn is_kept(&self) -> bool {
        matches!(self.verdict, Verdict::Kept { .. })
    }
}

/// What a backend has of a posting.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub kept: bool,
    pub content: Vec<u8>,
    /// As last seen; those from before it was skipped, if it is skipped now.
    pub facts: Option<Facts>,
    /// The scan that saw it last, and what it was to that scan.
    pub scan: i64,
    pub novelty: Novelty,
    /// Past states so far.
    pub revision: i64,
    pub last_seen: UtcSeconds,
}

/// How an observation compares with what is known.
#[derive(Debug, PartialEq)]
pub(super) struct Comparison {
    pub novelty: Novelty,
    /// The scan has met it before: it is counted already.
    pub repeated: bool,
    /// Figures that are no longer so, to be remembered.
    pub past: Option<Facts>,
}

/// Compares. `scan` is the one that observes; a dry run is none.
pub(super) fn compare(known: Option<&Known>, seen: &Observation<'_>, scan: Option<i64>) -> Comparison {
    let Some(known) = known else {
        return Comparison { novelty: Novelty::New, repeated: false, past: None };
    };
    let past = match &seen.verdict {
        Verdict::Kept { facts, .. } => known.facts.as_ref().filter(|past| *past != facts).cloned(),
        Verdict::Skipped(_) => None,
    };
    let repeated = scan == Some(known.scan);
    let novelty = if repeated {
        known.novelty
    } else if known.kept == seen.is_kept() && known.content == seen.content.0 {
        Novelty::Unchanged
    } else {
        Novelty::Changed
    };
    Comparison { novelty, repeated, past }
}

/// The distinct postings of a page, and which of them each entry of the page is.
pub(super) struct Observed<'p> {
    pub distinct: Vec<Observation<'p>>,
    leads: Vec<usize>,
    skipped: Vec<usize>,
}

impl<'p> Observed<'p> {
    /// Of several entries with one identifier the last counts, skipped ones after leads.
    pub(super) fn of(page: &'p Page) -> Observed<'p> {
        let mut observed = Observed {
            distinct: Vec::with_capacity(page.leads.len() + page.skipped.len()),
            leads: Vec::with_capacity(page.leads.len()),
            skipped: Vec::with_capacity(page.skipped.len()),
        };
        let mut places = HashMap::new();
        for lead in &page.leads {
            let place = observed.place(
                &mut places,
                Observation {
                    id: &lead.posting.id,
                    title: &lead.posting.title,
                    url: Some(&lead.posting.url),
                    content: ContentHash::of_posting(&lead.posting),
                    verdict: Verdict::Kept { lead, facts: Facts::of(&lead.posting) },
                },
            );
            observed.leads.push(place);
        }
        for skipped in &page.skipped {
            let place = observed.place(
                &mut places,
                Observation {
                    id: &skipped.id,
                    title: &skipped.title,
                    url: skipped.url.as_deref(),
                    content: ContentHash::of_skipped(skipped),
                    verdict: Verdict::Skipped(skipped),
                },
            );
            observed.skipped.push(place);
        }
        observed
    }

    fn place(&mut self, places: &mut HashMap<&'p str, usize>, observation: Observation<'p>) -> usize {
        let place = *places.entry(observation.id).or_insert(self.distinct.len());
        if place == self.distinct.len() {
            self.distinct.push(observation);
        } else {
            self.distinct[place] = observation;
        }
        place
    }

    /// The page's summary, of the comparisons of [`Observed::distinct`].
    pub(super) fn summary(&self, comparisons: &[Comparison]) -> PageSummary {
        let mut counts = ScanCounts::default();
        for (seen, comparison) in self.distinct.iter().zip(comparisons) {
            if !comparison.repeated {
                counts.add(comparison.novelty, seen.is_kept());
            }
        }
        let novelty = |places: &[usize]| places.iter().map(|&at| comparisons[at].novelty).collect();
        PageSummary { leads: novelty(&self.leads), skipped: novelty(&self.skipped), counts }
    }
}
