//! Having a page judged, whatever the plugin does.
//!
//! A posting that makes a plugin trap must not hide the others: a batch that fails is halved until the postings at fault are alone. Those are
//! shown unjudged, with the fault. A plugin that fails on everything is given up after a few tries.

use super::Platform;
use crate::contract::judgement::{Drop, Evaluation};
use crate::contract::types::{Context, Posting};
use crate::plugin::fault::CallError;
use crate::plugin::platform::Judged;

/// Failed calls for one page, after which what is left stays unjudged.
const MAX_FAULTS: u32 = 12;

/// What became of a posting.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Kept, with its evaluation.
    Keep(Evaluation),
    /// Dropped.
    Drop(Drop),
    /// The plugin failed on it, in these words.
    Unjudged(String),
}

/// A page, judged.
pub struct JudgedPage {
    /// The postings, in their order.
    pub postings: Vec<(Posting, Outcome)>,
    /// The plugin's considered refusal to judge, if there was one: then all are unjudged.
    pub refused: Option<CallError>,
}

/// Has postings judged.
pub async fn judge(platform: &dyn Platform, context: &Context, mut postings: Vec<Posting>) -> JudgedPage {
    let mut outcomes: Vec<Option<Outcome>> = vec![None; postings.len()];
    let mut refused = None;
    let mut faults = 0;
    let mut last_fault = String::new();
    let whole = 0..postings.len();
    let mut waiting = vec![whole];
    while let Some(range) = waiting.pop() {
        if range.is_empty() {
            continue;
        }
        if faults >= MAX_FAULTS || refused.is_some() {
            outcomes[range].fill(Some(Outcome::Unjudged(last_fault.clone())));
            continue;
        }
        match platform.judge(context, &mut postings[range.clone()]).await {
            Ok(judged) => {
                for (slot, judged) in outcomes[range].iter_mut().zip(judged) {
                    *slot = Some(match judged {
                        Judged::Keep(evaluation) => Outcome::Keep(evaluation),
                        Judged::Drop(drop) => Outcome::Drop(drop),
                    });
                }
            }
            Err(error) => {
                last_fault = error.to_string();
                match error {
                    CallError::Refused(_) => {
                        outcomes[range].fill(Some(Outcome::Unjudged(last_fault.clone())));
                        refused = Some(error);
                    }
                    CallError::Fault(_) => {
                        faults += 1;
                        if range.len() == 1 {
                            outcomes[range].fill(Some(Outcome::Unjudged(last_fault.clone())));
                        } else {
                            let middle = range.start + range.len() / 2;
                            waiting.push(middle..range.end);
                            waiting.push(range.start..middle);
                        }
                    }
                }
            }
        }
    }
    let postings = postings
        .into_iter()
        .zip(outcomes)
        .map(|(posting, outcome)| {
            (posting, outcome.unwrap_or_else(|| Outcome::Unjudged("the plugin gave no answer".to_owned())))
        })
        .collect();
    JudgedPage { postings, refused }
}
