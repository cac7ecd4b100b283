//! Having postings answered for by a plugin, whatever it does.
//!
//! A posting that makes a plugin trap must not hide the others: a batch that fails is halved until the postings at fault are alone. One
//! that fails on everything is given up after a few tries.

use async_trait::async_trait;

use crate::contract::types::Posting;
use crate::plugin::fault::CallError;

/// Failed calls for one page, after which what is left stays unanswered.
const MAX_FAULTS: u32 = 12;

/// What is asked of a plugin.
#[async_trait]
pub trait Question: Send + Sync {
    /// What it answers for each posting.
    type Answer: Clone + Send;

    /// An answer for each posting, in their order. The postings are left as they are.
    ///
    /// # Errors
    /// The plugin's.
    async fn ask(&self, postings: &mut [Posting]) -> Result<Vec<Self::Answer>, CallError>;
}

/// What came of a question.
pub struct Answers<A> {
    /// For each posting: its answer, or why there is none.
    pub each: Vec<Result<A, String>>,
    /// The plugin's considered refusal, if there was one: then none is answered that was not before.
    pub refused: Option<CallError>,
}

/// Asks.
pub async fn ask<Q: Question>(question: &Q, postings: &mut [Posting]) -> Answers<Q::Answer> {
    let mut each: Vec<Result<Q::Answer, String>> = vec![Err("the plugin gave no answer".to_owned()); postings.len()];
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
            each[range].fill(Err(last_fault.clone()));
            continue;
        }
        match question.ask(&mut postings[range.clone()]).await {
            Ok(answers) => {
                for (slot, answer) in each[range].iter_mut().zip(answers) {
                    *slot = Ok(answer);
                }
            }
            Err(error) => {
                last_fault = error.to_string();
                match error {
                    CallError::Refused(_) => {
                        each[range].fill(Err(last_fault.clone()));
                        refused = Some(error);
                    }
                    CallError::Fault(_) => {
                        faults += 1;
                        if range.len() == 1 {
                            each[range].fill(Err(last_fault.clone()));
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
    Answers { each, refused }
}
