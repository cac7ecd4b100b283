//! The Upwork platform as a Prospector plugin.
//!
//! | module | what it does |
//! |---|---|
//! | `wishes` | the descriptor: origins, routes, log-in, and the schema of the settings |
//! | `settings`, `ontology` | the settings, typed; names of categories to identifiers |
//! | `document`, `wire` | what is asked, and what is answered |
//! | `envelope`, `refusals` | an answer's errors, and what they mean in words for a person |
//! | `account`, `profile` | who the credential belongs to, and what the account says of their work |
//! | `plan`, `search`, `posting` | a page of postings, from several queries in one order |
//! | `lookup` | postings by their identifiers |
//! | `applying`, `proposing` | what a proposal needs; sending it or handing it over, withdrawing it |
//! | `operations`, `proposals` | assumed operations that do so; proposals that were sent |
//! | `contracts` | contracts with their milestones |
//! | `screening` | a pure judgement; scoring is the SDK's five signals alone |
//!
//! Facts about the platform that nobody could confirm are marked `assumed` where they are used.

mod account;
mod applying;
mod contracts;
mod document;
mod envelope;
mod lookup;
mod ontology;
mod operations;
mod plan;
mod posting;
mod profile;
mod proposals;
mod proposing;
mod refusals;
mod screening;
mod search;
mod settings;
mod wire;
mod wishes;

pub use screening::Screening;

use prospector_plugin::account::{Explanation, Identity, Refusal};
use prospector_plugin::contracts::ContractPage;
use prospector_plugin::descriptor::Descriptor;
use prospector_plugin::planning::Plan;
use prospector_plugin::profile::Found;
use prospector_plugin::proposals::{Change, Proposal, ProposalPage, Requirements};
use prospector_plugin::search::{Page, Query};
use prospector_plugin::signals::Signals;
use prospector_plugin::types::{Attribute, Error, Posting, UtcSeconds};
use prospector_plugin::{FollowContracts, Host, LookUp, Platform, Propose, ReadProfile, export_platform};

use settings::Settings;

/// The platform.
#[derive(Debug)]
pub struct Upwork;

impl Platform for Upwork {
    type Screen = Screening;
    type Score = Signals;

    fn descriptor() -> Descriptor {
        wishes::descriptor()
    }

    fn identify(host: &dyn Host, settings: &[Attribute]) -> Result<Identity, Error> {
        account::identify(host, &Settings::read(settings)?)
    }

    fn explain(refusal: &Refusal) -> Option<Explanation> {
        refusals::explain(refusal)
    }

    fn check(settings: &[Attribute]) -> Result<(), Error> {
        ontology::resolve(&Settings::read(settings)?.categories).map(drop)
    }

    fn search(host: &dyn Host, query: &Query) -> Result<Page, Error> {
        search::search(host, query)
    }
}

impl ReadProfile for Upwork {
    fn read_profile(host: &dyn Host, settings: &[Attribute]) -> Result<Found, Error> {
        profile::read(host, &Settings::read(settings)?)
    }
}

impl LookUp for Upwork {
    fn find(host: &dyn Host, settings: &[Attribute], ids: &[String]) -> Result<Vec<Posting>, Error> {
        lookup::find(host, &Settings::read(settings)?, ids)
    }
}

impl Propose for Upwork {
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
        reference: Option<&str>,
    ) -> Result<Proposal, Error> {
        proposing::perform(host, &Settings::read(settings)?, change, reference)
    }

    fn look_up(host: &dyn Host, settings: &[Attribute], posting: &str) -> Result<Option<Proposal>, Error> {
        proposals::look_up(host, &Settings::read(settings)?, posting)
    }

    fn proposals_changed(
        host: &dyn Host,
        settings: &[Attribute],
        cursor: Option<&str>,
        now: UtcSeconds,
    ) -> Result<ProposalPage, Error> {
        proposals::changed(host, &Settings::read(settings)?, cursor, now)
    }
}

impl FollowContracts for Upwork {
    fn contracts_changed(
        host: &dyn Host,
        settings: &[Attribute],
        cursor: Option<&str>,
        now: UtcSeconds,
    ) -> Result<ContractPage, Error> {
        contracts::changed(host, &Settings::read(settings)?, cursor, now)
    }
}

export_platform!(Upwork, contracts, lookup, profile, proposals);
