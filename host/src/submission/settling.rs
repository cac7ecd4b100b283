//! Storing what came of a change that was carried out.

use super::verdict::{self, Verdict};
use super::{Submission, SubmissionError, is_live};
use crate::contract::proposals::Draft;
use crate::proposal::state::{Event, Standing};
use crate::proposal::{Content, Proposal, Remote, State};

impl Submission<'_> {
    /// Stores what came of a submission.
    pub(super) async fn settle(&self, begun: &Proposal, verdict: Verdict) -> Result<Proposal, SubmissionError> {
        if begun.state != State::Submitting {
            // The platform's word came by another way meanwhile.
            return Ok(begun.clone());
        }
        let with = |trouble| Content { trouble: Some(trouble), attempt: None, ..begun.content.clone() };
        match verdict {
            Verdict::Done(remote) => self.see(begun, remote, "the platform has taken it").await,
            // It is certain, also where it was noted that it leaves: the gate has seen that it did not.
            Verdict::Unsent(trouble) => self.happen(begun, Event::Unsent, with(trouble), "nothing was sent").await,
            Verdict::Refused(trouble) => {
                if verdict::is_conflict(&trouble)
                    && let Ok(Some(there)) = self.desk.look_up(&begun.content.draft.posting).await
                    && is_live(&Remote::from(there.clone()))
                {
                    return self.see(begun, there.into(), "the platform had it already").await;
                }
                self.happen(begun, Event::Refused, with(trouble), "refused").await
            }
            Verdict::Unknown(trouble) => {
                let mut content = Content { trouble: Some(trouble), ..begun.content.clone() };
                if let Some(attempt) = &mut content.attempt {
                    // Whoever looks next may go on with it.
                    attempt.held_until = self.clock.now();
                    attempt.ask_at =
                        attempt.sent_at.unwrap_or(attempt.begun_at).saturating_add(attempt.shown_after.into());
                }
                Ok(self
                    .change(begun, begun.state, content, "the answer did not tell; the platform will be asked")
                    .await?)
            }
        }
    }

    pub(super) async fn settle_revision(
        &self,
        begun: &Proposal,
        draft: &Draft,
        verdict: Verdict,
    ) -> Result<Proposal, SubmissionError> {
        let (content, note) = match verdict {
            Verdict::Done(remote) => (
                Content { draft: draft.clone(), remote: Some(remote), attempt: None, ..begun.content.clone() },
                "its terms were changed at the platform",
            ),
            Verdict::Unsent(trouble) | Verdict::Refused(trouble) => (
                Content { attempt: None, trouble: Some(trouble), ..begun.content.clone() },
                "its terms were not changed",
            ),
            // To change them again does no harm.
            Verdict::Unknown(trouble) => (
                Content { attempt: None, trouble: Some(trouble), ..begun.content.clone() },
                "its terms may have been changed; look at it, or change them again",
            ),
        };
        Ok(self.change(begun, begun.state, content, note).await?)
    }

    pub(super) async fn settle_withdrawal(
        &self,
        begun: &Proposal,
        verdict: Verdict,
    ) -> Result<Proposal, SubmissionError> {
        let freed = |trouble| Content { attempt: None, trouble, ..begun.content.clone() };
        match verdict {
            Verdict::Done(remote) => {
                let standing = Standing::from(&remote.status);
                let content = Content { remote: Some(remote), ..freed(None) };
                self.happen(begun, Event::Seen(standing), content, "taken back").await
            }
            Verdict::Unsent(trouble) | Verdict::Refused(trouble) | Verdict::Unknown(trouble) => {
                let there = self.desk.look_up(&begun.content.draft.posting).await;
                if let Ok(Some(there)) = there
                    && begun.content.remote.as_ref().is_some_and(|remote| remote.id == there.id)
                {
                    return self.see(begun, there.into(), trouble.message.as_str()).await.map(|mut seen| {
                        seen.content.trouble = (seen.state == State::Submitted).then_some(trouble);
                        seen
                    });
                }
                Ok(self.change(begun, begun.state, freed(Some(trouble)), "it was not taken back for certain").await?)
            }
        }
    }
}
