//! From the authors' traits to the contract's exports.
//!
//! The types here carry the generated `Guest` traits for an author's type, so that the macros hold no logic. Inputs and
//! drops are forgotten rather than freed: in a component the arena of `arena.rs` never frees, and walking a thousand
//! postings to free nothing would cost time.

use std::marker::PhantomData;

use crate::bindings::{
    account, assessment, contracts, descriptor, lookup, milestones, profile, proposals, scoring, screening, search,
    wake,
};
use crate::contracts::ContractPage;
use crate::descriptor::{Authentication, AutomaticSubmission, Descriptor, Unread};
use crate::milestones::Submission;
use crate::planning::Plan;
use crate::proposals::{Change, Proposal, ProposalPage, Requirements};
use crate::types::{Attribute, Context, Error, Posting, UtcSeconds};
use crate::{
    About, FollowContracts, HandIn, LookUp, Platform, Propose, ReadProfile, Sandbox, Score, Screen, Wake, assess_all,
    score_all, screen_all,
};

/// A [`Platform`] as exports.
#[derive(Debug)]
pub struct PlatformExports<P>(PhantomData<P>);

impl<P: Platform> descriptor::exports::ghoststack::prospector::descriptor::Guest for PlatformExports<P> {
    fn describe() -> Descriptor {
        P::descriptor()
    }
}

impl<P: Platform> account::exports::ghoststack::prospector::account::Guest for PlatformExports<P> {
    fn identify(settings: Vec<Attribute>) -> Result<crate::account::Identity, Error> {
        P::identify(&Sandbox, &settings)
    }

    fn explain(refusal: crate::account::Refusal) -> Option<crate::account::Explanation> {
        P::explain(&refusal)
    }
}

impl<P: Platform> search::exports::ghoststack::prospector::search::Guest for PlatformExports<P> {
    fn search(query: crate::search::Query) -> Result<crate::search::Page, Error> {
        P::search(&Sandbox, &query)
    }
}

impl<P: Platform> screening::exports::ghoststack::prospector::screening::Guest for PlatformExports<P> {
    fn screen(context: Context, postings: Vec<Posting>) -> Result<Vec<crate::judgement::Verdict>, Error> {
        checked::<P>(&context, &postings)?;
        forgetting(context, postings, screen_all::<P::Screen>)
    }
}

impl<P: Platform> scoring::exports::ghoststack::prospector::scoring::Guest for PlatformExports<P> {
    fn score(context: Context, postings: Vec<Posting>) -> Result<Vec<crate::judgement::Evaluation>, Error> {
        forgetting(context, postings, score_all::<P::Score>)
    }
}

impl<P: Platform> assessment::exports::ghoststack::prospector::assessment::Guest for PlatformExports<P> {
    fn assess(context: Context, postings: Vec<Posting>) -> Result<Vec<crate::assessment::Assessed>, Error> {
        checked::<P>(&context, &postings)?;
        forgetting(context, postings, assess_all::<P::Screen, P::Score>)
    }
}

impl<P: ReadProfile> profile::exports::ghoststack::prospector::profile::Guest for PlatformExports<P> {
    fn read(settings: Vec<Attribute>) -> Result<crate::profile::Found, Error> {
        P::read_profile(&Sandbox, &settings)
    }
}

impl<P: LookUp> lookup::exports::ghoststack::prospector::lookup::Guest for PlatformExports<P> {
    fn find(settings: Vec<Attribute>, ids: Vec<String>) -> Result<Vec<Posting>, Error> {
        P::find(&Sandbox, &settings, &ids)
    }
}

impl<P: Wake> wake::exports::ghoststack::prospector::wake::Guest for PlatformExports<P> {
    fn wake(key: String, now: UtcSeconds) -> Result<(), Error> {
        P::wake(&Sandbox, &key, now)
    }
}

impl<P: Propose> proposals::exports::ghoststack::prospector::proposals::Guest for PlatformExports<P> {
    fn requirements_of(settings: Vec<Attribute>, posting: String) -> Result<Requirements, Error> {
        P::requirements_of(&Sandbox, &settings, &posting)
    }

    fn preview(settings: Vec<Attribute>, change: Change) -> Result<Plan, Error> {
        P::preview(&Sandbox, &settings, &change)
    }

    fn perform(settings: Vec<Attribute>, change: Change, reference: Option<String>) -> Result<Proposal, Error> {
        P::perform(&Sandbox, &settings, &change, reference.as_deref())
    }

    fn look_up(settings: Vec<Attribute>, posting: String) -> Result<Option<Proposal>, Error> {
        P::look_up(&Sandbox, &settings, &posting)
    }

    fn changes(settings: Vec<Attribute>, cursor: Option<String>, now: UtcSeconds) -> Result<ProposalPage, Error> {
        P::proposals_changed(&Sandbox, &settings, cursor.as_deref(), now)
    }
}

impl<P: FollowContracts> contracts::exports::ghoststack::prospector::contracts::Guest for PlatformExports<P> {
    fn changes(settings: Vec<Attribute>, cursor: Option<String>, now: UtcSeconds) -> Result<ContractPage, Error> {
        P::contracts_changed(&Sandbox, &settings, cursor.as_deref(), now)
    }
}

impl<P: HandIn> milestones::exports::ghoststack::prospector::milestones::Guest for PlatformExports<P> {
    fn preview(settings: Vec<Attribute>, submission: Submission) -> Result<Plan, Error> {
        P::preview_milestone(&Sandbox, &settings, &submission)
    }

    fn submit(settings: Vec<Attribute>, submission: Submission, reference: Option<String>) -> Result<(), Error> {
        P::submit_milestone(&Sandbox, &settings, &submission, reference.as_deref())
    }
}

/// A filter or a scorer as exports.
#[derive(Debug)]
pub struct PureExports<P>(PhantomData<P>);

impl<P: About> descriptor::exports::ghoststack::prospector::descriptor::Guest for PureExports<P> {
    fn describe() -> Descriptor {
        let about = P::about();
        Descriptor {
            id: about.id.to_owned(),
            display_name: about.display_name.to_owned(),
            version: about.version.to_owned(),
            summary: about.summary.to_owned(),
            origins: Vec::new(),
            routes: Vec::new(),
            authentication: Authentication::None,
            settings: about.settings.to_owned(),
            rate_limits: Vec::new(),
            content_retention: None,
            automatic_submission: AutomaticSubmission::Forbidden,
            judges_without: about
                .judges_without
                .iter()
                .map(|part| Unread { part: *part, unless: Vec::new() })
                .collect(),
        }
    }
}

impl<P: Screen> screening::exports::ghoststack::prospector::screening::Guest for PureExports<P> {
    fn screen(context: Context, postings: Vec<Posting>) -> Result<Vec<crate::judgement::Verdict>, Error> {
        forgetting(context, postings, screen_all::<P>)
    }
}

impl<P: Score> scoring::exports::ghoststack::prospector::scoring::Guest for PureExports<P> {
    fn score(context: Context, postings: Vec<Posting>) -> Result<Vec<crate::judgement::Evaluation>, Error> {
        forgetting(context, postings, score_all::<P>)
    }
}

/// Without postings, the settings are what is asked about.
fn checked<P: Platform>(context: &Context, postings: &[Posting]) -> Result<(), Error> {
    if postings.is_empty() { P::check(&context.settings) } else { Ok(()) }
}

fn forgetting<T>(context: Context, postings: Vec<Posting>, judge: impl FnOnce(&Context, &[Posting]) -> T) -> T {
    let judged = judge(&context, &postings);
    std::mem::forget((context, postings));
    judged
}

/// Makes the crate a `platform` component of a [`Platform`](crate::Platform), with the optional `assessment` made of its
/// screening and scoring.
///
/// Further optional interfaces are named behind it: `export_platform!(Guild, profile)` for one that is
/// [`ReadProfile`](crate::ReadProfile) too, `lookup` for [`LookUp`](crate::LookUp), `proposals` for [`Propose`](crate::Propose), `contracts` for
/// [`FollowContracts`](crate::FollowContracts), `milestones` for [`HandIn`](crate::HandIn), `wake` for [`Wake`](crate::Wake).
#[macro_export]
macro_rules! export_platform {
    ($platform:ty $(, $optional:ident)* $(,)?) => {
        const _: () = {
            type Exports = $crate::export::PlatformExports<$platform>;
    $crate::__export!(Exports: descriptor account search screening scoring assessment $($optional)*);
        };
    };
}

/// Makes the crate a `filter` component of a type that is [`About`](crate::About) and [`Screen`](crate::Screen).
#[macro_export]
macro_rules! export_filter {
    ($filter:ty) => {
        const _: () = {
            type Exports = $crate::export::PureExports<$filter>;
    $crate::__export!(Exports: descriptor screening);
        };
    };
}

/// Makes the crate a `scorer` component of a type that is [`About`](crate::About) and [`Score`](crate::Score).
#[macro_export]
macro_rules! export_scorer {
    ($scorer:ty) => {
        const _: () = {
            type Exports = $crate::export::PureExports<$scorer>;
    $crate::__export!(Exports: descriptor scoring);
        };
    };
}

/// Exports interfaces from a component; elsewhere it only checks that they could be, so that a native build
/// (unit tests, clippy) finds a missing trait too.
#[doc(hidden)]
#[macro_export]
macro_rules! __export {
    ($exports:ident: $($interface:ident)+) => {
        $(
            #[cfg(target_arch = "wasm32")]
            #[allow(unsafe_code, missing_docs, clippy::all)]
            const _: () = {
                $crate::bindings::$interface::export!($exports with_types_in $crate::bindings::$interface);
            };
            const _: fn() = || {
                fn exported<T: $crate::bindings::$interface::exports::ghoststack::prospector::$interface::Guest>() {}
                exported::<$exports>();
            };
        )+
    };
}
