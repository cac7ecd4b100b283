//! All that a proposal can come to, found by trying everything from everywhere, with a platform that is sent to and with one that hands over.

use std::collections::{BTreeMap, VecDeque};

use super::*;

/// What may happen to a proposal, by the person, the program, or the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Act {
    /// The person changes the text; it is checked.
    Edit,
    /// The person looks at it and agrees.
    Approve,
    /// What was agreed to is carried out, with a mishap.
    CarryOut(Mishap),
    /// Enough time passes, and the program looks again; the platform tells or does not.
    Look { tells: bool },
    /// The person says whether it was sent.
    Resolve(bool),
    /// At the platform it comes to stand so, without this program.
    Stands(Standing),
    /// The program follows what has changed.
    Follow,
}

impl Act {
    fn all() -> Vec<Act> {
        let carried = Mishap::ALL.map(Act::CarryOut);
        let stands = Standing::ALL.map(Act::Stands);
        let others = [
            Act::Edit,
            Act::Approve,
            Act::Look { tells: true },
            Act::Look { tells: false },
            Act::Resolve(true),
            Act::Resolve(false),
            Act::Follow,
        ];
        others.into_iter().chain(carried).chain(stands).collect()
    }
}

/// What makes one situation differ from another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Situation {
    state: State,
    attempt: Option<(String, bool)>,
    known: bool,
    /// Of the platform's, the latest: all before it have ended.
    there: Option<String>,
    live: usize,
}

impl Scene {
    async fn act(&mut self, number: i64, act: Act) {
        let proposal = self.read(number).await;
        match act {
            Act::Edit => {
                if proposal.state.next(Event::Edited).is_some() {
                    let content = Content { approval: None, ..proposal.content.clone() };
                    let changed = self.store.change_proposal(&proposal, State::Review, &content, "edited", NOON).await;
                    changed.expect("stores");
                }
            }
            Act::Approve => drop(self.approved(proposal).await),
            Act::CarryOut(mishap) => {
                *self.platform.mishap.lock().unwrap() = mishap;
                if proposal.state == State::Approved
                    && let Ok(prepared) = self.submission().prepare(proposal, Wish::Submit).await
                {
                    self.carry_out(&prepared).await;
                }
            }
            Act::Look { tells } => {
                *self.platform.tells.lock().unwrap() = tells;
                self.clock.pass(8 * 86_400);
                let _ = self.submission().pursue(&proposal).await.expect("pursues");
                *self.platform.tells.lock().unwrap() = true;
            }
            Act::Resolve(was_sent) => drop(self.submission().resolve(&proposal, was_sent).await),
            Act::Stands(standing) => {
                if self.platform.to("job").is_empty() {
                    self.platform.take("job");
                }
                if let Some(row) = self.platform.rows.lock().unwrap().last_mut() {
                    row.status = match standing {
                        Standing::Submitted => ProposalStatus::Submitted,
                        Standing::Withdrawn => ProposalStatus::Withdrawn,
                        Standing::Won => ProposalStatus::Won,
                        Standing::Lost => ProposalStatus::Declined,
                    };
                }
            }
            Act::Follow => {
                self.clock.pass(3600);
                self.submission().track(&Scope::profile("default"), None).await.expect("tracks");
            }
        }
    }

    async fn situation(&self, number: i64) -> Situation {
        let proposal = self.read(number).await;
        let attempt = proposal.content.attempt.as_ref();
        let there = self.platform.to("job");
        let is_live = |row: &&platform::Row| matches!(row.status, ProposalStatus::Submitted | ProposalStatus::Won);
        Situation {
            state: proposal.state,
            attempt: attempt.map(|attempt| (format!("{:?}", attempt.deed), attempt.sent_at.is_some())),
            known: proposal.content.remote.is_some(),
            live: there.iter().filter(is_live).count(),
            there: there.last().map(|row| format!("{:?}", row.status)),
        }
    }
}

/// The situation that a path of acts leads to, in a home and at a platform where nothing is left of what was before.
async fn after(scene: &mut Scene, path: &[Act]) -> Situation {
    let hands_over = scene.platform.hands_over;
    scene.platform = Platform { hands_over, ..Platform::new(&scene.clock) };
    let all = Scope::profile("default").on("workbazaar");
    crate::store::Store::purge(scene.store.as_ref(), &all, crate::store::Purge::Everything).await.expect("purges");
    let number = scene.reviewed("job").await.number;
    for act in path {
        scene.act(number, *act).await;
    }
    scene.situation(number).await
}

/// All situations, and where each act leads from each of them.
async fn explored(hands_over: bool) -> BTreeMap<Situation, Vec<Situation>> {
    let mut scene = Scene::new().await;
    scene.platform.hands_over = hands_over;
    let start = after(&mut scene, &[]).await;
    let mut met: BTreeMap<Situation, Vec<Situation>> = BTreeMap::new();
    let mut waiting = VecDeque::from([(start, Vec::new())]);
    while let Some((from, path)) = waiting.pop_front() {
        if met.contains_key(&from) {
            continue;
        }
        let mut leads_to = Vec::new();
        for act in Act::all() {
            let longer = [path.as_slice(), &[act]].concat();
            let to = after(&mut scene, &longer).await;
            // Whatever happens, the platform has one at most for one approval; another approval after one that has ended may add one.
            assert!(to.live <= 1, "{longer:?} leads to {to:?}");
            if to != from {
                waiting.push_back((to.clone(), longer));
                leads_to.push(to);
            }
        }
        met.insert(from, leads_to);
    }
    met
}

#[tokio::test]
async fn every_state_is_reached_and_none_is_stuck_on_either_kind_of_platform() {
    for hands_over in [false, true] {
        let met = explored(hands_over).await;
        let states: std::collections::BTreeSet<State> = met.keys().map(|situation| situation.state).collect();
        // Nothing is refused by a platform that nothing is sent to, but the person may say that it was not sent.
        let expected: std::collections::BTreeSet<State> =
            State::ALL.into_iter().filter(|state| *state != State::Draft).collect();
        assert_eq!(states, expected, "hands over: {hands_over}");
        // From everywhere there is a way on, and one to an end.
        for (from, leads_to) in &met {
            assert!(!leads_to.is_empty(), "{from:?} is stuck");
        }
        let mut ending: std::collections::BTreeSet<&Situation> =
            met.keys().filter(|of| matches!(of.state, State::Withdrawn | State::Lost | State::Won)).collect();
        loop {
            let more: Vec<&Situation> = met
                .iter()
                .filter(|(from, to)| !ending.contains(from) && to.iter().any(|to| ending.contains(to)))
                .map(|(from, _)| from)
                .collect();
            if more.is_empty() {
                break;
            }
            ending.extend(more);
        }
        assert_eq!(ending.len(), met.len(), "every situation can come to an end");
        eprintln!(
            "hands over: {hands_over}; {} situations, {} ways",
            met.len(),
            met.values().map(Vec::len).sum::<usize>()
        );
    }
}
