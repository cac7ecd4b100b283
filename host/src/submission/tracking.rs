//! Following proposals that the platform has.

use super::{Submission, SubmissionError};
use crate::contract::proposals::Proposal as Theirs;
use crate::proposal::state::Standing;
use crate::proposal::{Content, Deed, Proposal, Remote, State};
use crate::store::Scope;
use crate::store::proposals::ProposalFilter;

/// Pages that one round reads.
const MAX_PAGES: u32 = 100;

/// What a round of following found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tracked {
    /// Proposals that stand otherwise than before, as they are now.
    pub changed: Vec<Proposal>,
    /// Proposals of the platform's that were read.
    pub read: u64,
    /// Where the next round begins.
    pub cursor: Option<String>,
}

impl Submission<'_> {
    /// Reads what has changed at the platform since a cursor, and stores it with the proposals that it belongs to: by the platform's identifier, or, where
    /// none is known yet, by the posting.
    ///
    /// # Errors
    /// The platform's, the plugin's and the store's. What was stored until then stays; the cursor is the last page's that was read whole.
    pub async fn track(&self, scope: &Scope, from: Option<String>) -> Result<Tracked, SubmissionError> {
        let mut tracked = Tracked { cursor: from, ..Tracked::default() };
        // One round sees the proposals as they were at its beginning; what somebody else has changed meanwhile is left to the next one.
        let mut ours = self.store.proposals(&ProposalFilter::all(scope.clone())).await?;
        for _ in 0..MAX_PAGES {
            let page = self.desk.changed(tracked.cursor.as_deref(), self.clock.now()).await?;
            tracked.read += page.proposals.len() as u64;
            for theirs in page.proposals {
                let Some(at) = belonging(&ours, &theirs) else { continue };
                if let Some(now) = self.follow(&ours[at], theirs).await? {
                    let before = std::mem::replace(&mut ours[at], now.clone());
                    let word = |of: &Proposal| of.content.remote.as_ref().map(|remote| remote.status.clone());
                    // That its address or time there is known better now is no news.
                    if before.state != now.state || word(&before) != word(&now) {
                        tracked.changed.push(now);
                    }
                }
            }
            let stuck = tracked.cursor.as_ref() == Some(&page.cursor);
            tracked.cursor = Some(page.cursor);
            if !page.more || stuck {
                break;
            }
        }
        Ok(tracked)
    }

    /// Stores how a proposal stands; none where that is known.
    async fn follow(&self, ours: &Proposal, theirs: Theirs) -> Result<Option<Proposal>, SubmissionError> {
        let remote = Remote::from(theirs);
        if ours.content.remote.as_ref() == Some(&remote) {
            return Ok(None);
        }
        let standing = Standing::from(&remote.status);
        let event = crate::proposal::state::Event::Seen(standing);
        // A proposal that is being written is not the withdrawn one of last week.
        let is_unsent = matches!(ours.state, State::Draft | State::Review | State::Approved | State::Failed);
        if is_unsent && !super::is_live(&remote) {
            return Ok(None);
        }
        let Some(state) = ours.state.next(event) else { return Ok(None) };
        let note = format!("the platform says: {}", word(&remote));
        let content = Content {
            remote: Some(remote),
            attempt: ours.content.attempt.clone().filter(|of| matches!(of.deed, Deed::Revise | Deed::Withdraw)),
            trouble: None,
            ..ours.content.clone()
        };
        match self.store.change_proposal(ours, state, &content, &note, self.clock.now()).await {
            Ok(now) => Ok(Some(now)),
            Err(crate::store::StoreError::ProposalChanged { .. } | crate::store::StoreError::NoSuchProposal { .. }) => {
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// The platform's word for a status.
fn word(remote: &Remote) -> &str {
    use crate::contract::proposals::ProposalStatus;
    match &remote.status {
        ProposalStatus::Submitted => "submitted",
        ProposalStatus::Withdrawn => "withdrawn",
        ProposalStatus::Declined => "declined",
        ProposalStatus::Won => "won",
        ProposalStatus::Other(word) => word,
    }
}

/// Which of ours one of the platform's is: that with its identifier, else the one to the posting that has none yet and was not begun with that one in
/// sight.
fn belonging(ours: &[Proposal], theirs: &Theirs) -> Option<usize> {
    let by_id = ours.iter().position(|of| of.content.remote.as_ref().is_some_and(|remote| remote.id == theirs.id));
    by_id.or_else(|| {
        ours.iter().position(|of| {
            let before = of.content.attempt.as_ref().and_then(|attempt| attempt.before.as_ref());
            of.content.draft.posting == theirs.posting
                && of.content.remote.is_none()
                && of.state.is_open()
                && before != Some(&theirs.id)
        })
    })
}
