//! A platform that does whatever a test asks of it, however absurd.
//!
//! What it does is named by a *behaviour*, which reaches each export by the way that is open to it: by the setting `behaviour`, but for
//! `explain` by the refusal's code, and for `describe`, which is given nothing at all, by [`wish::PLANTED`], which the test writes into the component's bytes.
//!
//! It is written against the bare bindings: the authors' kit keeps a plugin from much of this.

mod answers;
#[cfg(feature = "assessment")]
mod assess;
mod bindings;
mod credentials;
mod fetch;
mod floods;
mod inert;
mod misbehave;
#[cfg(feature = "profile")]
mod profile;
#[cfg(feature = "proposals")]
mod proposals;
mod settings;
#[cfg(feature = "wake")]
mod wake;
#[cfg(feature = "wasi-http")]
mod wasi;
pub mod wish;

use bindings::exports::ghoststack::prospector::{account, descriptor, scoring, screening, search};
use bindings::ghoststack::prospector::judgement::{Evaluation, Verdict};
use bindings::ghoststack::prospector::types::{Attribute, Context, Error, Posting};

/// The one that misbehaves.
#[derive(Debug)]
pub struct Hostile;

impl descriptor::Guest for Hostile {
    fn describe() -> descriptor::Descriptor {
        let behaviour = wish::planted();
        misbehave::perhaps(behaviour);
        wish::descriptor(behaviour)
    }
}

impl account::Guest for Hostile {
    fn identify(settings: Vec<Attribute>) -> Result<account::Identity, Error> {
        let behaviour = settings::text(&settings, "behaviour");
        misbehave::perhaps(&behaviour);
        Ok(answers::identity(&behaviour))
    }

    fn explain(refusal: account::Refusal) -> Option<account::Explanation> {
        let behaviour = refusal.code.unwrap_or_default();
        misbehave::perhaps(&behaviour);
        Some(answers::explanation(&behaviour))
    }
}

impl search::Guest for Hostile {
    fn search(query: search::Query) -> Result<search::Page, Error> {
        let behaviour = settings::text(&query.settings, "behaviour");
        misbehave::perhaps(&behaviour);
        match behaviour.as_str() {
            "fetch" => Ok(fetch::page(&query.settings)),
            "ask-credentials" => Ok(credentials::page(&query.settings)),
            "flood-state" => Ok(floods::state()),
            "flood-wake-ups" => Ok(floods::wake_ups()),
            "flood-requests" => Ok(floods::requests(&query.settings)),
            "look-around" => Ok(inert::page()),
            other => answers::search(other, &query),
        }
    }
}

impl screening::Guest for Hostile {
    fn screen(context: Context, postings: Vec<Posting>) -> Result<Vec<Verdict>, Error> {
        let behaviour = settings::text(&context.settings, "behaviour");
        misbehave::perhaps(behaviour.strip_prefix("screen-").unwrap_or_default());
        misbehave::on_postings(&behaviour, &postings);
        answers::verdicts(&behaviour, &postings)
    }
}

impl scoring::Guest for Hostile {
    fn score(context: Context, postings: Vec<Posting>) -> Result<Vec<Evaluation>, Error> {
        let behaviour = settings::text(&context.settings, "behaviour");
        misbehave::perhaps(behaviour.strip_prefix("score-").unwrap_or_default());
        answers::evaluations(&behaviour, &postings)
    }
}

#[cfg(target_arch = "wasm32")]
#[allow(unsafe_code, missing_docs, clippy::all)]
mod exported {
    use super::{Hostile, bindings};
    bindings::export!(Hostile with_types_in bindings);
}
