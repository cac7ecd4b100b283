//! The states of a proposal, and what leads from one to the next.
//!
//! ```text
//!            edited                        edited
//!         ┌──────────┐                 ┌────────────┐
//!         ▼  checked │       approved  │   begun    ▼
//!       draft ────► review ─────────► approved ───► submitting ──── accepted, found ────► submitted ──► won ⇄ lost
//!         ▲            ▲    unapproved │  ▲            │   │                                  │ ▲ │
//!         │            └───────────────┘  └─ unsent ───┘   ├── undecided ──► uncertain ── yes ─┘ └──► withdrawn
//!         └──────────── edited ───────── failed ◄── refused, absent ────────────┘ no
//! ```

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::contract::proposals::ProposalStatus;

/// How far a proposal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It is being written, or something in it is wrong.
    Draft,
    /// It waits for a person to look at it.
    Review,
    /// A person has agreed that it is sent as it is.
    Approved,
    /// It is being sent, or was handed over to the person to be sent; the platform's word is awaited.
    Submitting,
    /// Whether the platform has it cannot be told: the person decides.
    Uncertain,
    /// The platform has it.
    Submitted,
    /// It was not sent, or was refused: it can be changed and approved again.
    Failed,
    /// It was taken back.
    Withdrawn,
    /// The client wants it.
    Won,
    /// The client does not want it.
    Lost,
}

impl State {
    /// All there are, in the order of a proposal's life.
    pub const ALL: [State; 10] = [
        State::Draft,
        State::Review,
        State::Approved,
        State::Submitting,
        State::Uncertain,
        State::Submitted,
        State::Failed,
        State::Withdrawn,
        State::Won,
        State::Lost,
    ];

    /// As in JSON and on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            State::Draft => "draft",
            State::Review => "review",
            State::Approved => "approved",
            State::Submitting => "submitting",
            State::Uncertain => "uncertain",
            State::Submitted => "submitted",
            State::Failed => "failed",
            State::Withdrawn => "withdrawn",
            State::Won => "won",
            State::Lost => "lost",
        }
    }

    /// The state of that name.
    #[must_use]
    pub fn of(name: &str) -> Option<State> {
        State::ALL.into_iter().find(|state| state.as_str() == name)
    }

    /// Whether the posting is spoken for: no other proposal to it is begun meanwhile.
    #[must_use]
    pub fn is_open(self) -> bool {
        !matches!(self, State::Withdrawn | State::Lost)
    }

    /// Whether its text may be changed here before anything of it is at the platform.
    #[must_use]
    pub fn is_editable(self) -> bool {
        self.next(Event::Edited).is_some()
    }

    /// Whether the platform has it and goes on with it.
    #[must_use]
    pub fn is_at_platform(self) -> bool {
        matches!(self, State::Submitted | State::Won | State::Lost | State::Withdrawn)
    }

    /// Where an event leads; none if it cannot happen here.
    #[must_use]
    pub fn next(self, event: Event) -> Option<State> {
        use State::{Approved, Draft, Failed, Lost, Review, Submitted, Submitting, Uncertain, Withdrawn, Won};
        Some(match (self, event) {
            (Draft | Review | Approved | Failed, Event::Edited) => Draft,
            (Draft | Review, Event::Checked) => Review,
            (Review | Approved, Event::Approved) => Approved,
            (Approved, Event::Unapproved) => Review,
            (Approved, Event::Begun) => Submitting,
            (Submitting, Event::Unsent) => Approved,
            (Submitting, Event::Refused) | (Submitting | Uncertain, Event::Absent) => Failed,
            (Submitting, Event::Undecided) => Uncertain,
            // The platform may show it at any time: sent by hand, or by a request that was thought lost.
            (Draft | Review | Approved | Submitting | Uncertain | Failed, Event::Seen(Standing::Submitted)) => {
                Submitted
            }
            (Draft | Review | Approved | Submitting | Uncertain | Failed, Event::Seen(standing)) => standing.state(),
            (Submitted | Won | Lost | Withdrawn, Event::Seen(standing)) => standing.state(),
            _ => return None,
        })
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How a proposal stands at the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Standing {
    /// It waits for the client, or is in a state that only the platform knows.
    Submitted,
    /// It was taken back.
    Withdrawn,
    /// The client wants it.
    Won,
    /// The client does not want it.
    Lost,
}

impl Standing {
    /// All there are.
    pub const ALL: [Standing; 4] = [Standing::Submitted, Standing::Withdrawn, Standing::Won, Standing::Lost];

    fn state(self) -> State {
        match self {
            Standing::Submitted => State::Submitted,
            Standing::Withdrawn => State::Withdrawn,
            Standing::Won => State::Won,
            Standing::Lost => State::Lost,
        }
    }
}

impl From<&ProposalStatus> for Standing {
    fn from(status: &ProposalStatus) -> Standing {
        match status {
            // A word that nobody here knows is shown as it is and changes nothing.
            ProposalStatus::Submitted | ProposalStatus::Other(_) => Standing::Submitted,
            ProposalStatus::Withdrawn => Standing::Withdrawn,
            ProposalStatus::Declined => Standing::Lost,
            ProposalStatus::Won => Standing::Won,
        }
    }
}

/// What happens to a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// Its text or terms were changed here.
    Edited,
    /// It was checked, and nothing stands against it.
    Checked,
    /// A person has agreed.
    Approved,
    /// The person has thought better of it.
    Unapproved,
    /// The intent to send it is stored, or it was handed over.
    Begun,
    /// It is certain that nothing was sent, and nothing was refused: the approval still holds.
    Unsent,
    /// The platform has refused it, or it cannot be sent.
    Refused,
    /// The platform shows none, long enough after: it has none. Or the person says so.
    Absent,
    /// The platform cannot be asked, or does not tell.
    Undecided,
    /// The platform has it, and this is how it stands there.
    Seen(Standing),
}

impl Event {
    /// All there are.
    #[must_use]
    pub fn all() -> Vec<Event> {
        let plain = [
            Event::Edited,
            Event::Checked,
            Event::Approved,
            Event::Unapproved,
            Event::Begun,
            Event::Unsent,
            Event::Refused,
            Event::Absent,
            Event::Undecided,
        ];
        plain.into_iter().chain(Standing::ALL.map(Event::Seen)).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// All states that events of a kind lead to, from one on.
    fn reached(from: State, happens: impl Fn(Event) -> bool) -> BTreeSet<State> {
        let mut reached = BTreeSet::from([from]);
        loop {
            let more: BTreeSet<State> = reached
                .iter()
                .flat_map(|state| {
                    Event::all().into_iter().filter(|event| happens(*event)).filter_map(|e| state.next(e))
                })
                .collect();
            if more.is_subset(&reached) {
                return reached;
            }
            reached.extend(more);
        }
    }

    #[test]
    fn every_state_is_reached_and_none_is_stuck() {
        assert_eq!(reached(State::Draft, |_| true).len(), State::ALL.len());
        for state in State::ALL {
            let ends = reached(state, |_| true);
            assert!(ends.contains(&State::Withdrawn) && ends.contains(&State::Lost), "{state} cannot end");
        }
    }

    #[test]
    fn nothing_is_sent_but_by_an_approval() {
        let without = reached(State::Draft, |event| !matches!(event, Event::Approved | Event::Seen(_)));
        assert!(!without.contains(&State::Submitting), "{without:?}");
        // What was changed since loses its approval.
        assert_eq!(State::Approved.next(Event::Edited), Some(State::Draft));
        assert_eq!(State::Draft.next(Event::Approved), None);
        assert_eq!(State::Draft.next(Event::Begun), None);
    }

    #[test]
    fn what_may_have_been_sent_is_not_sent_again_by_itself() {
        for state in [State::Submitting, State::Uncertain, State::Submitted] {
            assert_eq!(state.next(Event::Begun), None);
            assert_eq!(state.next(Event::Approved), None);
            assert_eq!(state.next(Event::Edited), None);
        }
        // Only where it is certain that no byte has left, the approval lives on.
        let again: Vec<Event> =
            Event::all().into_iter().filter(|e| State::Submitting.next(*e) == Some(State::Approved)).collect();
        assert_eq!(again, [Event::Unsent]);
        assert_eq!(State::Uncertain.next(Event::Unsent), None);
    }

    #[test]
    fn names_lead_back_to_their_states() {
        for state in State::ALL {
            assert_eq!(State::of(state.as_str()), Some(state));
            assert_eq!(serde_json::to_string(&state).unwrap(), format!("\"{state}\""));
        }
        assert_eq!(State::of("sent"), None);
    }
}
