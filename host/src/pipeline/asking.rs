//! Having postings answered for by a plugin, whatever it does.
//!
//! A posting that makes a plugin trap must not hide the others: a batch that fails is halved until the postings at fault are alone. One
//! that fails on everything is given up after a few tries.

use std::time::{Duration, Instant};

use async_trait::async_trait;

use crate::contract::types::Posting;
use crate::plugin::fault::CallError;

/// Failed calls for one page, after which what is left stays unanswered.
const MAX_FAULTS: u32 = 12;

/// How long a plugin may have taken in one scan for calls that failed, after which it is asked no more: one that spins on each page must not
/// make a scan of many pages take hours.
const MAX_FAILING: Duration = Duration::from_secs(30);

/// How long a plugin has taken in this scan for calls that failed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Patience(Duration);

impl Patience {
    /// None left.
    #[cfg(test)]
    pub(super) fn exhausted() -> Patience {
        Patience(MAX_FAILING)
    }

    fn is_over(self) -> bool {
        self.0 >= MAX_FAILING
    }
}

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

/// Asks, as long as there is patience.
pub async fn ask<Q: Question>(question: &Q, postings: &mut [Posting], patience: &mut Patience) -> Answers<Q::Answer> {
    let mut each: Vec<Result<Q::Answer, String>> = vec![Err("the plugin gave no answer".to_owned()); postings.len()];
    let mut refused = None;
    let mut faults = 0;
    let mut last_fault = "the plugin took too long to fail, and is not asked again in this scan".to_owned();
    let whole = 0..postings.len();
    let mut waiting = vec![whole];
    while let Some(range) = waiting.pop() {
        if range.is_empty() {
            continue;
        }
        if faults >= MAX_FAULTS || refused.is_some() || patience.is_over() {
            each[range].fill(Err(last_fault.clone()));
            continue;
        }
        let asked = Instant::now();
        match question.ask(&mut postings[range.clone()]).await {
            Ok(answers) => {
                for (slot, answer) in each[range].iter_mut().zip(answers) {
                    *slot = Ok(answer);
                }
            }
            Err(error) => {
                last_fault = error.to_string();
                patience.0 += asked.elapsed();
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
