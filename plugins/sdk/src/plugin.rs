//! What an author implements.

use crate::Host;
use crate::account::{Explanation, Identity, Refusal};
use crate::assessment::Assessed;
use crate::contracts::ContractPage;
use crate::descriptor::{Descriptor, PostingPart};
use crate::judgement::{Evaluation, Verdict};
use crate::milestones::Submission;
use crate::planning::Plan;
use crate::profile::Found;
use crate::proposals::{Change, Proposal, ProposalPage, Requirements};
use crate::search::{Page, Query};
use crate::types::{Attribute, Context, Error, Posting, UtcSeconds};

/// Keeps or drops postings.
///
/// The value is made once a batch and asked once a posting: whatever depends on profile and settings alone
/// (normalised skills, parsed settings) belongs into [`prepare`](Self::prepare).
pub trait Screen: Sized {
    /// Reads profile and settings.
    ///
    /// # Errors
    /// `invalid-input` for settings that cannot be used; the whole batch then goes unscreened.
    fn prepare(context: &Context) -> Result<Self, Error>;

    /// The verdict on one posting. Same posting, same verdict.
    fn screen(&self, posting: &Posting) -> Verdict;
}

/// Judges how well postings fit. Made once a batch, as [`Screen`] is.
pub trait Score: Sized {
    /// Reads profile, settings and parameters.
    ///
    /// # Errors
    /// `invalid-input` for settings that cannot be used; the whole batch then goes unscored.
    fn prepare(context: &Context) -> Result<Self, Error>;

    /// The evaluation of one posting. Same posting, same evaluation.
    fn score(&self, posting: &Posting) -> Evaluation;
}

/// A marketplace: world `platform`.
pub trait Platform {
    /// Its screening.
    type Screen: Screen;
    /// Its scoring.
    type Score: Score;

    /// What the plugin is and wishes for. Called where every import is refused.
    fn descriptor() -> Descriptor;

    /// Who the credential belongs to, in at most 5 requests; for the plugin's own settings, as [`settings::read`](crate::settings::read)
    /// takes them.
    ///
    /// # Errors
    /// What the platform or the host refused, or a setting that cannot be used.
    fn identify(host: &dyn Host, settings: &[Attribute]) -> Result<Identity, Error>;

    /// What a refusal means; none if there is nothing to add to the host's own words.
    fn explain(refusal: &Refusal) -> Option<Explanation>;

    /// Whether the settings can be used, as far as that can be told without the platform; asked when a person checks the configuration, beside
    /// [`Screen::prepare`] and [`Score::prepare`].
    ///
    /// # Errors
    /// `invalid-input` with the setting's name as its code.
    fn check(settings: &[Attribute]) -> Result<(), Error> {
        let _ = settings;
        Ok(())
    }

    /// A page of postings.
    ///
    /// # Errors
    /// What the platform or the host refused, or a setting that names nothing.
    fn search(host: &dyn Host, query: &Query) -> Result<Page, Error>;
}

/// A marketplace whose accounts tell skills and rates: the optional interface `profile`, exported by
/// `export_platform!(Guild, profile)`.
pub trait ReadProfile: Platform {
    /// What the account says of the freelancer, in at most 5 requests; for the plugin's own settings.
    /// [`skills::common`](crate::skills::common) names the skills.
    ///
    /// # Errors
    /// What the platform or the host refused, or a setting that cannot be used.
    fn read_profile(host: &dyn Host, settings: &[Attribute]) -> Result<Found, Error>;
}

/// A marketplace whose postings can be read again by their identifiers: the optional interface `lookup`, exported by
/// `export_platform!(Guild, lookup)`.
pub trait LookUp: Platform {
    /// The postings of these identifiers (at most 20) that are still to be had; for the plugin's own settings.
    ///
    /// # Errors
    /// What the platform or the host refused, or a setting that cannot be used. That a posting is gone is no error.
    fn find(host: &dyn Host, settings: &[Attribute], ids: &[String]) -> Result<Vec<Posting>, Error>;
}

/// A marketplace that sets wake-ups ([`Host::wake_at`]): the optional interface `wake`, exported by `export_platform!(Guild, wake)`.
pub trait Wake: Platform {
    /// Does what the wake-up was set for, in at most 8 requests, all of them reads. After an error it comes again; see the WIT.
    ///
    /// # Errors
    /// What the platform or the host refused.
    fn wake(host: &dyn Host, key: &str, now: UtcSeconds) -> Result<(), Error>;
}

/// A marketplace that takes proposals: the optional interface `proposals`, exported by `export_platform!(Guild, proposals)`.
///
/// The host previews a change, shows the plan to a person and performs it after the person has agreed. The gate lets exactly the request of the plan
/// pass, once: both have to make it from the change alone, so that the same change gives the same bytes.
pub trait Propose: Platform {
    /// What the platform asks of a proposal to a posting. Reads only.
    ///
    /// # Errors
    /// What the platform or the host refused; `not-found` or `conflict` for a posting that takes no proposal.
    fn requirements_of(host: &dyn Host, settings: &[Attribute], posting: &str) -> Result<Requirements, Error>;

    /// What would be done, what it costs and what stands against it. Reads, and rehearsals that the descriptor names.
    ///
    /// # Errors
    /// What the platform or the host refused. What the person can mend in the draft is no error but a problem of the plan's.
    fn preview(host: &dyn Host, settings: &[Attribute], change: &Change) -> Result<Plan, Error>;

    /// Sends the request of the plan; `reference` is the plan's.
    ///
    /// # Errors
    /// What the platform or the host refused; `delivery` is that of the write, and `conflict` means that it was refused because of what is there.
    fn perform(
        host: &dyn Host,
        settings: &[Attribute],
        change: &Change,
        reference: Option<&str>,
    ) -> Result<Proposal, Error>;

    /// The latest proposal of this account's to a posting; none only if the platform shows none.
    ///
    /// # Errors
    /// What the platform or the host refused, also where it cannot be told.
    fn look_up(host: &dyn Host, settings: &[Attribute], posting: &str) -> Result<Option<Proposal>, Error>;

    /// Proposals changed since a cursor of this function's; all of them without one.
    ///
    /// # Errors
    /// What the platform or the host refused; `invalid-input` for a cursor that is of no use any more.
    fn proposals_changed(
        host: &dyn Host,
        settings: &[Attribute],
        cursor: Option<&str>,
        now: UtcSeconds,
    ) -> Result<ProposalPage, Error>;
}

/// A marketplace whose won work can be followed: the optional interface `contracts`, exported by `export_platform!(Guild, contracts)`.
pub trait FollowContracts: Platform {
    /// Contracts changed since a cursor of this function's; all of them without one. Reads only.
    ///
    /// # Errors
    /// What the platform or the host refused; `invalid-input` for a cursor that is of no use any more.
    fn contracts_changed(
        host: &dyn Host,
        settings: &[Attribute],
        cursor: Option<&str>,
        now: UtcSeconds,
    ) -> Result<ContractPage, Error>;
}

/// A marketplace where milestones are handed in: the optional interface `milestones`, exported by `export_platform!(Guild, milestones)`. Preview and
/// submission are as those of [`Propose`].
pub trait HandIn: Platform {
    /// What would be done, and what stands against it.
    ///
    /// # Errors
    /// As [`Propose::preview`].
    fn preview_milestone(host: &dyn Host, settings: &[Attribute], submission: &Submission) -> Result<Plan, Error>;

    /// Sends the request of the plan.
    ///
    /// # Errors
    /// As [`Propose::perform`].
    fn submit_milestone(
        host: &dyn Host,
        settings: &[Attribute],
        submission: &Submission,
        reference: Option<&str>,
    ) -> Result<(), Error>;
}

/// What a filter or a scorer says of itself. It makes no request, so there is nothing to wish for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    /// 2 to 32 of `a-z0-9-`, beginning with a letter.
    pub id: &'static str,
    /// At most 64 bytes.
    pub display_name: &'static str,
    /// Semver.
    pub version: &'static str,
    /// A sentence of at most 256 bytes.
    pub summary: &'static str,
    /// JSON Schema (2020-12) of the settings; `{"type":"object"}` if there are none.
    pub settings: &'static str,
    /// Parts of postings that it does not read: they are handed over empty, which is cheaper.
    pub judges_without: &'static [PostingPart],
}

/// A filter or a scorer: worlds `filter` and `scorer`, beside [`Screen`] or [`Score`].
pub trait About {
    /// What it is.
    fn about() -> Summary;
}

/// Screens a batch: one verdict a posting, in order.
///
/// # Errors
/// Those of [`Screen::prepare`].
pub fn screen_all<S: Screen>(context: &Context, postings: &[Posting]) -> Result<Vec<Verdict>, Error> {
    let screen = S::prepare(context)?;
    Ok(postings.iter().map(|posting| screen.screen(posting)).collect())
}

/// Scores a batch: one evaluation a posting, in order.
///
/// # Errors
/// Those of [`Score::prepare`].
pub fn score_all<S: Score>(context: &Context, postings: &[Posting]) -> Result<Vec<Evaluation>, Error> {
    let score = S::prepare(context)?;
    Ok(postings.iter().map(|posting| score.score(posting)).collect())
}

/// Screens a batch and scores what was kept, so that one crossing serves both.
///
/// # Errors
/// Those of [`Screen::prepare`] and [`Score::prepare`].
pub fn assess_all<A: Screen, B: Score>(context: &Context, postings: &[Posting]) -> Result<Vec<Assessed>, Error> {
    let screen = A::prepare(context)?;
    let score = B::prepare(context)?;
    Ok(postings
        .iter()
        .map(|posting| match screen.screen(posting) {
            Verdict::Keep => Assessed::Keep(score.score(posting)),
            Verdict::Drop(drop) => Assessed::Drop(drop),
        })
        .collect())
}
