//! Finding out what became of a submission that did not tell.

use super::{Submission, SubmissionError, again};
use crate::contract::types::UtcSeconds;
use crate::proposal::state::Event;
use crate::proposal::{Attempt, Content, Deed, Proposal, Remote, State, Trouble};

/// Seconds after which a platform that cannot be asked is given up: the person decides then.
const PATIENCE: i64 = 24 * 3600;
/// Seconds for which a handed-over proposal is looked for before the person is asked.
const HAND_OVER_PATIENCE: i64 = 7 * 86_400;

/// What came of pursuing a submission.
#[derive(Clone, Debug, PartialEq)]
pub enum Pursued {
    /// It stands where it stood, and there is something to be done at this time.
    Waits(UtcSeconds),
    /// It is in another state now.
    Settled(Box<Proposal>),
}

impl Submission<'_> {
    /// Goes on with a proposal that is being submitted, where nobody else does. Nothing is sent.
    ///
    /// # Errors
    /// The store's.
    pub async fn pursue(&self, proposal: &Proposal) -> Result<Pursued, SubmissionError> {
        let now = self.clock.now();
        let Some(attempt) = proposal.content.attempt.as_ref().filter(|_| proposal.state == State::Submitting) else {
            return Ok(Pursued::Waits(now));
        };
        // A clock that was turned back must not make a lease last for ever.
        let held_until = attempt.held_until.min(now.saturating_add(super::HELD));
        match attempt.deed {
            Deed::HandOver => {}
            _ if now < held_until => return Ok(Pursued::Waits(held_until)),
            _ if attempt.sent_at.is_none() => return self.never_left(proposal).await,
            _ => {}
        }
        if now < attempt.ask_at {
            return Ok(Pursued::Waits(attempt.ask_at));
        }
        let attempt = attempt.clone();
        match self.desk.look_up(&proposal.content.draft.posting).await {
            Ok(Some(there)) if attempt.before.as_ref() != Some(&there.id) => {
                self.see(proposal, Remote::from(there), "the platform shows it").await.map(settled)
            }
            // Of what the person does at the platform's own page, nothing is known to have been sent.
            Ok(_) if attempt.deed == Deed::HandOver => {
                self.ask_again(proposal, attempt, None, HAND_OVER_PATIENCE).await
            }
            Ok(_) => self.absent(proposal).await.map(settled),
            Err(error) => {
                let trouble = super::verdict::trouble(&error);
                let patience = if attempt.deed == Deed::HandOver { HAND_OVER_PATIENCE } else { PATIENCE };
                self.ask_again(proposal, attempt, Some(trouble), patience).await
            }
        }
    }

    /// The process that began it is gone, and had not noted that anything leaves: so nothing has.
    async fn never_left(&self, proposal: &Proposal) -> Result<Pursued, SubmissionError> {
        let trouble = Trouble::new(
            "interrupted",
            "The program ended before anything was sent",
            format!("Run `ghoststack prospector proposals submit {}` again", proposal.number),
        );
        let content = Content { attempt: None, trouble: Some(trouble), ..proposal.content.clone() };
        self.happen(proposal, Event::Unsent, content, "interrupted before anything was sent").await.map(settled)
    }

    async fn absent(&self, proposal: &Proposal) -> Result<Proposal, SubmissionError> {
        let why = proposal.content.trouble.as_ref().map_or_else(String::new, |of| format!(" ({})", of.message));
        let trouble = Trouble::new(
            "not-received",
            format!("It was sent, and the platform shows no such proposal{why}"),
            format!(
                "Look at the posting; to try again, run `ghoststack prospector proposals submit {}` and approve it once more",
                proposal.number
            ),
        );
        let content = Content { attempt: None, trouble: Some(trouble), ..proposal.content.clone() };
        self.happen(proposal, Event::Absent, content, "the platform shows none").await
    }

    async fn ask_again(
        &self,
        proposal: &Proposal,
        attempt: Attempt,
        trouble: Option<Trouble>,
        patience: i64,
    ) -> Result<Pursued, SubmissionError> {
        let now = self.clock.now();
        let since = attempt.sent_at.unwrap_or(attempt.begun_at);
        let mut content = proposal.content.clone();
        if now.saturating_sub(since) >= patience {
            let number = proposal.number;
            let why = trouble.map_or_else(String::new, |trouble| format!(": {}", trouble.message));
            content.trouble = Some(Trouble::new(
                "uncertain",
                format!("Whether the platform has it could not be found out{why}"),
                format!(
                    "Look at the platform, then say which it is: `ghoststack prospector proposals resolve {number} --sent` or `--not-sent`"
                ),
            ));
            return self
                .happen(proposal, Event::Undecided, content, "it cannot be told; you decide")
                .await
                .map(settled);
        }
        let ask_at = again(now, attempt.asked);
        content.attempt = Some(Attempt { asked: attempt.asked.saturating_add(1), ask_at, ..attempt });
        content.trouble = trouble.or(content.trouble);
        self.change(proposal, proposal.state, content, "the platform did not tell yet").await?;
        Ok(Pursued::Waits(ask_at))
    }
}

fn settled(proposal: Proposal) -> Pursued {
    Pursued::Settled(Box::new(proposal))
}
