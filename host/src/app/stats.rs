//! The funnel: how many postings were discovered, shown, drafted for, proposed to, won and lost.

use std::collections::BTreeMap;

use serde::Serialize;

use super::leads::scope;
use super::{App, AppError, Services};
use crate::lead::Score;
use crate::proposal::{Proposal, State};
use crate::store::proposals::ProposalFilter;

/// What a funnel is divided by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum By {
    /// The platform.
    #[default]
    Platform,
    /// The template of the proposals; postings without a proposal have none.
    Template,
    /// The score, in bands of ten points.
    Score,
}

impl By {
    /// As on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            By::Platform => "platform",
            By::Template => "template",
            By::Score => "score",
        }
    }
}

/// One funnel.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Funnel {
    /// The platform, the template, or the band: `70-79`.
    pub name: String,
    /// Postings met. What was forgotten since (`retention`) is not counted.
    pub discovered: u64,
    /// Those that were kept, with a score from `scoring.thresholds.display_min` on.
    pub shown: u64,
    /// Proposals begun.
    pub drafted: u64,
    /// Those that the platform has, or had.
    pub submitted: u64,
    /// Those that the client wants.
    pub won: u64,
    /// Those that the client does not want.
    pub lost: u64,
}

impl Funnel {
    /// The steps, with their names, from the first to the last.
    #[must_use]
    pub fn steps(&self) -> [(&'static str, u64); 6] {
        [
            ("discovered", self.discovered),
            ("shown", self.shown),
            ("drafted", self.drafted),
            ("submitted", self.submitted),
            ("won", self.won),
            ("lost", self.lost),
        ]
    }

    fn count(&mut self, proposal: &Proposal) {
        self.drafted += 1;
        self.submitted += u64::from(was_submitted(proposal));
        self.won += u64::from(proposal.state == State::Won);
        self.lost += u64::from(proposal.state == State::Lost);
    }

    fn add(&mut self, other: &Funnel) {
        self.discovered += other.discovered;
        self.shown += other.shown;
        self.drafted += other.drafted;
        self.submitted += other.submitted;
        self.won += other.won;
        self.lost += other.lost;
    }
}

/// What came of everything since a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// What it is divided by.
    pub by: &'static str,
    /// Since when, in seconds since 1970; none for ever.
    pub since: Option<i64>,
    /// One each, by name.
    pub funnels: Vec<Funnel>,
    /// All together.
    pub total: Funnel,
}

/// Counts.
///
/// # Errors
/// The store's.
pub async fn stats(
    app: &App,
    services: &Services,
    platform: Option<&str>,
    by: By,
    since: Option<i64>,
) -> Result<Stats, AppError> {
    let scope = scope(app, platform)?;
    let mut funnels: BTreeMap<String, Funnel> = BTreeMap::new();
    let least = Score::clamped(i64::from(app.config().scoring.thresholds.display_min) * 100);
    for met in services.store.tally(&scope, since, least).await? {
        let name = match by {
            By::Platform => met.platform,
            By::Template => NO_TEMPLATE.to_owned(),
            By::Score => met.band.map_or_else(|| NO_SCORE.to_owned(), band),
        };
        let funnel = funnels.entry(name).or_default();
        funnel.discovered += met.discovered;
        funnel.shown += met.shown;
    }
    for proposal in services.store.proposals(&ProposalFilter::all(scope)).await? {
        if since.is_some_and(|since| proposal.created_at < since) {
            continue;
        }
        let name = match by {
            By::Platform => proposal.account.platform.clone(),
            By::Template => proposal.content.template.clone().unwrap_or_else(|| NO_TEMPLATE.to_owned()),
            By::Score => proposal
                .content
                .score
                .map_or_else(|| NO_SCORE.to_owned(), |score| band(u32::from(score.hundredths()) / 1000)),
        };
        funnels.entry(name).or_default().count(&proposal);
    }
    let mut total = Funnel { name: "all".to_owned(), ..Funnel::default() };
    let funnels: Vec<Funnel> = funnels.into_iter().map(|(name, funnel)| Funnel { name, ..funnel }).collect();
    funnels.iter().for_each(|funnel| total.add(funnel));
    Ok(Stats { by: by.as_str(), since, funnels, total })
}

/// Postings that no proposal was made to, and proposals without a template.
const NO_TEMPLATE: &str = "(none)";
/// Postings that were dropped before they had a score.
const NO_SCORE: &str = "(none)";

/// The name of the tens of a score; 100 belongs to the last.
fn band(tens: u32) -> String {
    match tens {
        9.. => "90-100".to_owned(),
        tens => format!("{:02}-{:02}", tens * 10, tens * 10 + 9),
    }
}

fn was_submitted(proposal: &Proposal) -> bool {
    proposal.state.is_at_platform() || proposal.content.remote.is_some()
}
