//! Today's edition: nothing is translated.

use async_trait::async_trait;
use wasmtime::Store;
use wasmtime::component::{HasSelf, Instance, InstancePre, Linker};

use super::{Answer, Edition, Exports, Guest, absent};
use crate::contract::account::{self, Explanation, Identity, Refusal};
use crate::contract::assessment::{self, Assessed};
use crate::contract::contracts::{self, ContractPage};
use crate::contract::descriptor::{self, Descriptor};
use crate::contract::judgement::{Evaluation, Verdict};
use crate::contract::milestones::{self, Submission};
use crate::contract::planning::Plan;
use crate::contract::profile::{self, Found};
use crate::contract::proposals::{self, Change, Proposal, ProposalPage, Requirements};
use crate::contract::search::{self, Page, Query};
use crate::contract::types::{Attribute, Context, Posting, UtcSeconds};
use crate::contract::{Platform, lookup, scoring, screening, wake};
use crate::plugin::encode::CONTRACT;
use crate::plugin::session::Session;
use crate::plugin::version::SERVED;

/// The edition of the contract in `wit/`.
pub struct Current;

impl Edition for Current {
    fn version(&self) -> &'static str {
        SERVED
    }

    fn wit(&self) -> &'static [(&'static str, &'static str)] {
        CONTRACT
    }

    fn link(&self, linker: &mut Linker<Session>) -> wasmtime::Result<()> {
        Platform::add_to_linker::<_, HasSelf<Session>>(linker, |session| session)
    }

    fn exports(
        &self,
        component: &InstancePre<Session>,
        has: &dyn Fn(&str) -> bool,
    ) -> wasmtime::Result<Box<dyn Exports>> {
        Ok(Box::new(Interfaces::of(component, has)?))
    }
}

/// The interfaces that components export, each with where its functions are in one that does.
macro_rules! interfaces {
    ($($interface:ident),+ $(,)?) => {
        struct Interfaces {
            $($interface: Option<$interface::GuestIndices>,)+
        }

        impl Interfaces {
            fn of(component: &InstancePre<Session>, has: &dyn Fn(&str) -> bool) -> wasmtime::Result<Interfaces> {
                Ok(Interfaces {
                    $($interface: has(stringify!($interface))
                        .then(|| $interface::GuestIndices::new(component))
                        .transpose()?,)+
                })
            }

            fn load(&self, store: &mut Store<Session>, instance: &Instance) -> wasmtime::Result<()> {
                $(if let Some(indices) = &self.$interface {
                    indices.load(&mut *store, instance)?;
                })+
                Ok(())
            }
        }
    };
}

interfaces!(
    account, assessment, contracts, descriptor, lookup, milestones, profile, proposals, scoring, screening, search,
    wake
);

/// Calls a function of an interface.
macro_rules! call {
    ($self:ident.$interface:ident, $guest:ident, $function:ident($($argument:expr),*)) => {{
        let Some(indices) = &$self.$interface else { return absent(stringify!($interface)) };
        let bound = indices.load(&mut *$guest.store, $guest.instance)?;
        bound.$function($guest.store, $($argument),*).await
    }};
}

#[async_trait]
impl Exports for Interfaces {
    fn check(&self, guest: Guest<'_>) -> wasmtime::Result<()> {
        self.load(guest.store, guest.instance)
    }

    async fn describe(&self, guest: Guest<'_>) -> wasmtime::Result<Descriptor> {
        call!(self.descriptor, guest, call_describe())
    }

    async fn identify(&self, guest: Guest<'_>, settings: &[Attribute]) -> Answer<Identity> {
        call!(self.account, guest, call_identify(settings))
    }

    async fn explain(&self, guest: Guest<'_>, refusal: &Refusal) -> wasmtime::Result<Option<Explanation>> {
        call!(self.account, guest, call_explain(refusal))
    }

    async fn search(&self, guest: Guest<'_>, query: &Query) -> Answer<Page> {
        call!(self.search, guest, call_search(query))
    }

    async fn screen(&self, guest: Guest<'_>, context: &Context, postings: &[Posting]) -> Answer<Vec<Verdict>> {
        call!(self.screening, guest, call_screen(context, postings))
    }

    async fn score(&self, guest: Guest<'_>, context: &Context, postings: &[Posting]) -> Answer<Vec<Evaluation>> {
        call!(self.scoring, guest, call_score(context, postings))
    }

    async fn assess(&self, guest: Guest<'_>, context: &Context, postings: &[Posting]) -> Answer<Vec<Assessed>> {
        call!(self.assessment, guest, call_assess(context, postings))
    }

    async fn read_profile(&self, guest: Guest<'_>, settings: &[Attribute]) -> Answer<Found> {
        call!(self.profile, guest, call_read(settings))
    }

    async fn find(&self, guest: Guest<'_>, settings: &[Attribute], ids: &[String]) -> Answer<Vec<Posting>> {
        call!(self.lookup, guest, call_find(settings, ids))
    }

    async fn wake(&self, guest: Guest<'_>, key: &str, now: UtcSeconds) -> Answer<()> {
        call!(self.wake, guest, call_wake(key, now))
    }

    async fn requirements_of(&self, guest: Guest<'_>, settings: &[Attribute], posting: &str) -> Answer<Requirements> {
        call!(self.proposals, guest, call_requirements_of(settings, posting))
    }

    async fn preview(&self, guest: Guest<'_>, settings: &[Attribute], change: &Change) -> Answer<Plan> {
        call!(self.proposals, guest, call_preview(settings, change))
    }

    async fn perform(
        &self,
        guest: Guest<'_>,
        settings: &[Attribute],
        change: &Change,
        reference: Option<&str>,
    ) -> Answer<Proposal> {
        call!(self.proposals, guest, call_perform(settings, change, reference))
    }

    async fn look_up(&self, guest: Guest<'_>, settings: &[Attribute], posting: &str) -> Answer<Option<Proposal>> {
        call!(self.proposals, guest, call_look_up(settings, posting))
    }

    async fn proposals_changed(
        &self,
        guest: Guest<'_>,
        settings: &[Attribute],
        cursor: Option<&str>,
        now: UtcSeconds,
    ) -> Answer<ProposalPage> {
        call!(self.proposals, guest, call_changes(settings, cursor, now))
    }

    async fn contracts_changed(
        &self,
        guest: Guest<'_>,
        settings: &[Attribute],
        cursor: Option<&str>,
        now: UtcSeconds,
    ) -> Answer<ContractPage> {
        call!(self.contracts, guest, call_changes(settings, cursor, now))
    }

    async fn preview_milestone(
        &self,
        guest: Guest<'_>,
        settings: &[Attribute],
        submission: &Submission,
    ) -> Answer<Plan> {
        call!(self.milestones, guest, call_preview(settings, submission))
    }

    async fn submit_milestone(
        &self,
        guest: Guest<'_>,
        settings: &[Attribute],
        submission: &Submission,
        reference: Option<&str>,
    ) -> Answer<()> {
        call!(self.milestones, guest, call_submit(settings, submission, reference))
    }
}
