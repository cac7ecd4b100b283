//! The Freelancer.com platform as a Prospector plugin.
//!
//! | module | what it does |
//! |---|---|
//! | `wishes` | the descriptor: origins, routes, log-in, and the schema of the settings |
//! | `settings` | the settings, typed |
//! | `envelope`, `wire` | reading answers, whatever they hold |
//! | `refusals`, `codes` | what the platform's refusals mean, in words for a person |
//! | `account`, `profile` | who the credential belongs to, and what that account says of its owner's work |
//! | `categories` | names of categories to identifiers of skills |
//! | `search`, `posting`, `lookup` | a page of postings, from several lists in one order; postings by their identifiers |
//! | `proposing`, `terms`, `bids` | what a bid needs and costs, placing, changing and taking it back; bids as proposals |
//! | `contracts`, `milestones`, `handing_in` | awarded bids as contracts, with their milestones; handing one in |
//! | `screening`, `scoring` | pure judgements |
//!
//! Facts about the platform that nobody could confirm are marked `assumed` where they are used.

mod account;
mod bids;
mod categories;
mod codes;
mod contracts;
mod envelope;
mod handing_in;
mod lookup;
mod milestones;
mod posting;
mod profile;
mod proposing;
mod refusals;
mod scoring;
mod screening;
mod search;
mod settings;
mod terms;
mod wire;
mod wishes;

pub use scoring::Scoring;
pub use screening::Screening;

use prospector_plugin::account::{Explanation, Identity, Refusal};
use prospector_plugin::contracts::ContractPage;
use prospector_plugin::descriptor::Descriptor;
use prospector_plugin::milestones::Submission;
use prospector_plugin::planning::Plan;
use prospector_plugin::profile::Found;
use prospector_plugin::proposals::{Change, Proposal, ProposalPage, Requirements};
use prospector_plugin::search::{Page, Query};
use prospector_plugin::types::{Attribute, Error, Posting, UtcSeconds};
use prospector_plugin::{FollowContracts, HandIn, Host, LookUp, Platform, Propose, ReadProfile, export_platform};

use settings::Settings;

/// The platform.
#[derive(Debug)]
pub struct Freelancer;

impl Platform for Freelancer {
    type Screen = Screening;
    type Score = Scoring;

    fn descriptor() -> Descriptor {
        wishes::descriptor()
    }

    fn identify(host: &dyn Host, _settings: &[Attribute]) -> Result<Identity, Error> {
        account::identify(host)
    }

    fn explain(refusal: &Refusal) -> Option<Explanation> {
        refusals::explain(refusal)
    }

    fn search(host: &dyn Host, query: &Query) -> Result<Page, Error> {
        search::search(host, query)
    }
}

impl ReadProfile for Freelancer {
    fn read_profile(host: &dyn Host, _settings: &[Attribute]) -> Result<Found, Error> {
        profile::read(host)
    }
}

impl LookUp for Freelancer {
    fn find(host: &dyn Host, _settings: &[Attribute], ids: &[String]) -> Result<Vec<Posting>, Error> {
        lookup::find(host, ids)
    }
}

impl Propose for Freelancer {
    fn requirements_of(host: &dyn Host, settings: &[Attribute], posting: &str) -> Result<Requirements, Error> {
        proposing::requirements_of(host, &Settings::read(settings)?, posting)
    }

    fn preview(host: &dyn Host, settings: &[Attribute], change: &Change) -> Result<Plan, Error> {
        proposing::preview(host, &Settings::read(settings)?, change)
    }

    fn perform(
        host: &dyn Host,
        settings: &[Attribute],
        change: &Change,
        _reference: Option<&str>,
    ) -> Result<Proposal, Error> {
        proposing::perform(host, &Settings::read(settings)?, change)
    }

    fn look_up(host: &dyn Host, _settings: &[Attribute], posting: &str) -> Result<Option<Proposal>, Error> {
        bids::look_up(host, posting)
    }

    fn proposals_changed(
        host: &dyn Host,
        _settings: &[Attribute],
        cursor: Option<&str>,
        now: UtcSeconds,
    ) -> Result<ProposalPage, Error> {
        bids::changed(host, cursor, now)
    }
}

impl FollowContracts for Freelancer {
    fn contracts_changed(
        host: &dyn Host,
        _settings: &[Attribute],
        cursor: Option<&str>,
        now: UtcSeconds,
    ) -> Result<ContractPage, Error> {
        contracts::changed(host, cursor, now)
    }
}

impl HandIn for Freelancer {
    fn preview_milestone(host: &dyn Host, _settings: &[Attribute], submission: &Submission) -> Result<Plan, Error> {
        handing_in::preview(host, submission)
    }

    fn submit_milestone(
        host: &dyn Host,
        _settings: &[Attribute],
        submission: &Submission,
        _reference: Option<&str>,
    ) -> Result<(), Error> {
        handing_in::submit(host, submission)
    }
}

export_platform!(Freelancer, contracts, lookup, milestones, profile, proposals);
