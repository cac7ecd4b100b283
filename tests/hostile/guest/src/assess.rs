//! The optional `assessment`, made of screening and scoring without the host's help.

use crate::bindings::ghoststack::prospector::judgement::Verdict;
use crate::bindings::ghoststack::prospector::types::{Context, Error, Posting};
use crate::{Hostile, answers, misbehave, settings};

mod bindings {
    #![allow(missing_docs, unsafe_code, unused, clippy::all, clippy::pedantic)]
    wit_bindgen::generate!({
        world: "ghoststack:prospector/opt-assessment",
        path: "../../../wit",
        pub_export_macro: true,
        with: {
            "ghoststack:prospector/types@0.1.0": crate::bindings::ghoststack::prospector::types,
            "ghoststack:prospector/judgement@0.1.0": crate::bindings::ghoststack::prospector::judgement,
        },
    });
}

use bindings::exports::ghoststack::prospector::assessment::{Assessed, Guest};

impl Guest for Hostile {
    fn assess(context: Context, postings: Vec<Posting>) -> Result<Vec<Assessed>, Error> {
        let behaviour = settings::text(&context.settings, "behaviour");
        misbehave::perhaps(behaviour.strip_prefix("assess-").unwrap_or_default());
        misbehave::on_postings(&behaviour, &postings);
        let evaluations = answers::evaluations(&behaviour, &postings)?;
        let verdicts = answers::verdicts(&behaviour, &postings)?;
        Ok(verdicts
            .into_iter()
            .zip(evaluations)
            .map(|(verdict, evaluation)| match verdict {
                Verdict::Keep => Assessed::Keep(evaluation),
                Verdict::Drop(drop) => Assessed::Drop(drop),
            })
            .collect())
    }
}

#[cfg(target_arch = "wasm32")]
#[allow(unsafe_code, missing_docs, clippy::all)]
mod exported {
    use super::{Hostile, bindings};
    bindings::export!(Hostile with_types_in bindings);
}
