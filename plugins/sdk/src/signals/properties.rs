//! What holds for every signal and input: more of the good never scores lower, more stops to matter, and what is missing is neutral and lowers the
//! confidence by its share.

use proptest::prelude::*;

use super::*;
use crate::judgement::SignalKind;
use crate::testing::{client, context, posting, profile};
use crate::types::{Budget, Client, Competition, Payment, Span};

const NOW: i64 = 1_700_000_000;
const DAY: i64 = 86_400;

/// A posting that states all that signals read.
fn full() -> Posting {
    Posting {
        payment: Payment::Hourly,
        budget: Some(Budget {
            minimum: Some(4_000),
            maximum: Some(5_000),
            currency: "USD".into(),
            usd_rate: Some(1.0),
        }),
        skills: vec!["Rust".into(), "Go".into()],
        duration: Some(Span { minimum: 120, maximum: None }),
        workload: Some(Span { minimum: 30, maximum: None }),
        closes_at: Some(NOW + DAY),
        competition: Some(Competition { proposals: Span { minimum: 7, maximum: Some(7) }, average: None }),
        client: Client {
            rating: Some(4.9),
            reviews: Some(12),
            posted: Some(20),
            hires: Some(15),
            hire_rate: Some(0.75),
            spent_usd: Some(900_000),
            payment_verified: Some(true),
            ..client()
        },
        ..posting("1", NOW - DAY)
    }
}

fn signals(posting: &Posting) -> Vec<Signal> {
    let mut profile = profile(&["Rust"]);
    (profile.rates.hourly_minimum, profile.rates.hourly_preferred) = (Some(3_000), Some(6_000));
    profile.availability =
        Availability { hours_per_week: Some(20), starts_at: Some(NOW + DAY), longest_days: Some(60) };
    Signals::prepare(&context(NOW, profile, Vec::new())).expect("readable").of(posting)
}

#[test]
fn an_input_that_is_missing_is_neutral_listed_and_lowers_the_confidence_by_its_share() {
    /// The signal, the input, its share of the signal, and how it goes missing.
    type Input = (usize, &'static str, f64, fn(&mut Posting));
    let inputs: [Input; 12] = [
        (0, "skills", 1.0, |posting| posting.skills.clear()),
        (1, "budget", 1.0, |posting| posting.budget = None),
        (1, "budget.usd_rate", 1.0, |posting| posting.budget.as_mut().expect("stated").currency = "XAF".into()),
        (2, "client.rating", 0.4, |posting| posting.client.rating = None),
        (2, "client.hires", 0.2, |posting| posting.client.hires = None),
        (2, "client.spent_usd", 0.2, |posting| posting.client.spent_usd = None),
        (2, "client.hire_rate", 0.1, |posting| posting.client.hire_rate = None),
        (2, "client.payment_verified", 0.1, |posting| posting.client.payment_verified = None),
        (3, "competition.proposals", 0.75, |posting| posting.competition = None),
        (3, "posted_at", 0.25, |posting| posting.posted_at = None),
        (4, "duration", 0.35, |posting| posting.duration = None),
        (4, "workload", 0.35, |posting| posting.workload = None),
    ];
    let stated = signals(&full());
    assert!(stated.iter().all(|signal| signal.confidence == 1.0 && signal.missing.is_empty()), "{stated:?}");
    for (at, name, share, lose) in inputs {
        let mut without = full();
        if name == "budget.usd_rate" {
            without.budget.as_mut().expect("stated").usd_rate = None;
        }
        lose(&mut without);
        let (before, after) = (&stated[at], &signals(&without)[at]);
        assert_eq!(after.missing, [name]);
        assert!((before.confidence - after.confidence - share).abs() < 1e-9, "{name}: {}", after.confidence);
        // Its part of the mean is a half now, whatever it was.
        let part = (before.value - after.value) / share + NEUTRAL;
        assert!((-1e-9..=1.0 + 1e-9).contains(&part), "{name}: {} {}", before.value, after.value);
        if share == 1.0 {
            assert_eq!(after.value, NEUTRAL, "{name}");
        }
        for (other, (a, b)) in stated.iter().zip(signals(&without)).enumerate().filter(|(other, _)| *other != at) {
            assert_eq!(a.value, b.value, "{name} moved signal {other}");
        }
    }
}

#[test]
fn of_nothing_at_all_every_signal_is_neutral_and_unsure() {
    let bare = Signals::prepare(&context(NOW, profile(&[]), Vec::new())).expect("readable");
    for signal in bare.of(&Posting { posted_at: None, ..posting("1", NOW) }) {
        // Of the timeline it is known when the freelancer can begin.
        let (value, confidence) = if signal.kind == SignalKind::Timeline { (0.55, 0.1) } else { (NEUTRAL, 0.0) };
        assert!((signal.value - value).abs() < 1e-9 && (signal.confidence - confidence).abs() < 1e-9, "{signal:?}");
    }
}

proptest! {
    #[test]
    fn more_work_for_longer_with_less_time_to_propose_never_scores_higher(
        hours in 0u32..200, more in 0u32..200, days in 0u32..2000, longer in 0u32..2000, left in -DAY..20 * DAY, less in 0i64..20 * DAY,
    ) {
        let value = |hours, days, left| {
            let mut asked = full();
            asked.workload = Some(Span { minimum: hours, maximum: None });
            asked.duration = Some(Span { minimum: days, maximum: None });
            asked.closes_at = Some(NOW + left);
            signals(&asked)[4].value
        };
        prop_assert!(value(hours + more, days + longer, left - less) <= value(hours, days, left) + 1e-12);
    }

    #[test]
    fn a_skill_more_in_the_profile_never_scores_lower(asked in prop::collection::vec("[a-z]{3,8}", 1..8), mine in prop::collection::vec("[a-z]{3,8}", 1..4), known in 0usize..8) {
        let value = |mine: &[&str]| SkillMatch::new(&profile(mine).skills, SkillMatchParameters::default()).of(&asked).value;
        let mine: Vec<&str> = mine.iter().map(String::as_str).collect();
        let mut with = mine.clone();
        with.push(&asked[known % asked.len()]);
        prop_assert!(value(&mine) <= value(&with) + 1e-12);
    }

    #[test]
    fn what_is_enough_is_enough(beyond in 1.0..1e6f64) {
        // Ends that are reached, and ends that are only neared: there more moves next to nothing.
        let paid = |hundredths: f64| {
            let mut offered = full();
            offered.budget = Some(Budget { minimum: Some(hundredths as i64), maximum: None, currency: "USD".into(), usd_rate: Some(1.0) });
            signals(&offered)[1].value
        };
        prop_assert_eq!(paid(6_000.0 * beyond), 1.0);
        let left = |seconds: f64| {
            let mut open = full();
            open.closes_at = Some(NOW + seconds as i64);
            signals(&open)[4].value
        };
        prop_assert_eq!(left(2.0 * DAY as f64 * beyond), left(2.0 * DAY as f64));
        let rivals = |count: f64| {
            let mut wanted = full();
            let count = count as u32;
            wanted.competition = Some(Competition { proposals: Span { minimum: count, maximum: Some(count) }, average: None });
            signals(&wanted)[3].value
        };
        prop_assert!(rivals(1e4) - rivals(1e4 * beyond.min(1e5)) < 0.002);
        let record = |hires: f64| {
            let mut known = full();
            known.client.hires = Some(hires as u32);
            known.client.spent_usd = Some((hires * 1e6) as i64);
            signals(&known)[2].value
        };
        prop_assert!(record(1e4 * beyond.min(1e5)) - record(1e4) < 0.002);
    }
}
