//! The Freelancer.com platform as a Prospector plugin.
//!
//! | module | what it does |
//! |---|---|
//! | `wishes` | the descriptor: origins, routes, log-in, and the schema of the settings |
//! | `settings` | the settings, typed |
//! | `envelope`, `wire` | reading answers, whatever they hold |
//! | `refusals` | what the platform's refusals mean, in words for a person |
//! | `account`, `profile` | who the credential belongs to, and what that account says of its owner's work |
//! | `categories` | names of categories to identifiers of skills |
//! | `search`, `posting`, `lookup` | a page of postings, from several lists in one order; postings by their identifiers |
//! | `screening`, `scoring` | pure judgements |
//!
//! Facts about the platform that nobody could confirm are marked `assumed` where they are used.

mod account;
mod categories;
mod envelope;
mod lookup;
mod posting;
mod profile;
mod refusals;
mod scoring;
mod screening;
mod search;
mod settings;
mod wire;
mod wishes;

pub use scoring::Scoring;
pub use screening::Screening;

use prospector_plugin::account::{Explanation, Identity, Refusal};
use prospector_plugin::descriptor::Descriptor;
use prospector_plugin::profile::Found;
use prospector_plugin::search::{Page, Query};
use prospector_plugin::types::{Attribute, Error, Posting};
use prospector_plugin::{Host, LookUp, Platform, ReadProfile, export_platform};

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

export_platform!(Freelancer, lookup, profile);
