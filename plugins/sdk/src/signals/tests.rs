use proptest::prelude::*;

use super::*;
use crate::testing::{client, context, posting, profile, setting};
use crate::types::{Budget, Client, Competition, Payment, Span, Value};

const NOW: i64 = 1_700_000_000;

fn skill_match(mine: &[&str], asked: &[&str]) -> f64 {
    let signal = SkillMatch::new(&profile(mine).skills, SkillMatchParameters::default());
    signal.of(&asked.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).value
}

#[test]
fn each_skill_covered_better_scores_higher() {
    let ladder = [
        skill_match(&["Cobol"], &["JavaScript", "Rust"]),
        skill_match(&["TypeScript"], &["JavaScript", "Rust"]),
        skill_match(&["JavaScript"], &["JavaScript", "Rust"]),
        skill_match(&["Rust", "TypeScript"], &["JavaScript", "Rust"]),
        skill_match(&["Rust", "JS"], &["JavaScript", "Rust"]),
    ];
    assert!(ladder.is_sorted_by(|a, b| a < b), "{ladder:?}");
    assert_eq!((ladder[0], ladder[4]), (0.0, 1.0));
    // (1 + 0.15 - 0.1) / 2
    assert!((ladder[2] - 0.525).abs() < 1e-9);
}

#[test]
fn a_reason_names_what_is_missing() {
    let signal = SkillMatch::new(&profile(&["Rust"]).skills, SkillMatchParameters::default());
    let asked = ["Rust", "Go", "Perl", "Ada", "Eiffel"].map(str::to_owned);
    let signal = signal.of(&asked);
    assert_eq!(signal.raw, "1 of 5 skills");
    assert_eq!(signal.reason, "You cover 1 of 5 skills exactly; missing: Go, Perl, Ada and 1 more");
}

#[test]
fn parameters_are_read_from_the_scoring_section_and_kept_within_bounds() {
    let mut context = context(NOW, profile(&["Rust"]), Vec::new());
    context.parameters = vec![
        setting("skill_match.missing_penalty", Value::Integer(100)),
        setting("skill_match.exact_match_bonus", Value::Number(-3.0)),
        setting("weights.budget", Value::Number(0.2)),
    ];
    let mut asked = posting("1", NOW);
    asked.skills = vec!["Rust".into(), "Go".into()];
    let signals = Signals::prepare(&context).expect("readable").of(&asked);
    assert_eq!(signals[0].value, 0.0);
    context.parameters[0].value = Value::Text("much".into());
    let fault = Signals::prepare(&context).expect_err("no number");
    assert!(fault.message.contains("skill_match.missing_penalty"), "{}", fault.message);
}

fn rates() -> crate::types::Rates {
    crate::types::Rates {
        hourly_minimum: Some(3_000),
        hourly_preferred: Some(6_000),
        fixed_minimum: Some(50_000),
        fixed_preferred: Some(200_000),
        ..profile(&[]).rates
    }
}

fn budgeted(
    payment: Payment,
    minimum: Option<i64>,
    maximum: Option<i64>,
    currency: &str,
    usd_rate: Option<f64>,
) -> Posting {
    let mut posting = posting("1", NOW);
    posting.payment = payment;
    posting.budget = Some(Budget { minimum, maximum, currency: currency.to_owned(), usd_rate });
    posting
}

#[test]
fn a_budget_is_held_against_the_rates_of_its_kind() {
    let signal = BudgetSignal::new(&rates());
    for (posting, value, reason) in [
        (budgeted(Payment::Fixed, Some(25_000), None, "USD", None), 0.2, "About 250 USD is below your minimum of 500"),
        (
            budgeted(Payment::Fixed, Some(50_000), None, "USD", None),
            0.4,
            "About 500 USD lies between your minimum and your preferred 2000",
        ),
        (
            budgeted(Payment::Fixed, Some(100_000), Some(150_000), "USD", None),
            0.7,
            "About 1250 USD lies between your minimum and your preferred 2000",
        ),
        (budgeted(Payment::Fixed, None, Some(900_000), "USD", None), 1.0, "About 9000 USD reaches your preferred 2000"),
        (
            budgeted(Payment::Hourly, Some(4_500), None, "USD", None),
            0.7,
            "About 45 USD an hour lies between your minimum and your preferred 60",
        ),
        (
            budgeted(Payment::Prize, Some(50_000), None, "USD", None),
            0.4,
            "About 500 USD lies between your minimum and your preferred 2000",
        ),
        (
            budgeted(Payment::Fixed, Some(50_000), None, "EUR", Some(1.2)),
            0.44,
            "About 600 USD lies between your minimum and your preferred 2000",
        ),
    ] {
        let signal = signal.of(&posting);
        assert!((signal.value - value).abs() < 1e-9, "{} {}", signal.value, signal.reason);
        assert_eq!(signal.reason, reason);
    }
}

#[test]
fn a_budget_that_cannot_be_compared_is_neutral_and_says_what_is_missing() {
    let without_fixed = crate::types::Rates { fixed_minimum: None, fixed_preferred: None, ..rates() };
    for (rates, posting, missing) in [
        (rates(), posting("1", NOW), "budget"),
        (rates(), budgeted(Payment::Fixed, None, None, "USD", None), "budget"),
        (rates(), budgeted(Payment::Fixed, Some(1), None, "INR", None), "budget.usd_rate"),
        (without_fixed.clone(), budgeted(Payment::Fixed, Some(1), None, "USD", None), "profile.rates.fixed_minimum"),
        (profile(&[]).rates, budgeted(Payment::Hourly, Some(1), None, "USD", None), "profile.rates.hourly_minimum"),
    ] {
        let signal = BudgetSignal::new(&rates).of(&posting);
        assert_eq!((signal.value, signal.confidence, signal.missing), (NEUTRAL, 0.0, vec![missing.to_owned()]));
    }
    let mut spread = budgeted(Payment::Fixed, Some(120_000), None, "USD", None);
    spread.duration = Some(Span { minimum: 7, maximum: Some(7) });
    spread.workload = Some(Span { minimum: 40, maximum: Some(40) });
    assert!((BudgetSignal::new(&without_fixed).of(&spread).value - 0.4).abs() < 1e-9);
}

#[test]
fn a_posting_without_a_date_is_neutral_in_that_and_says_so() {
    let few = Some(Competition { proposals: Span { minimum: 2, maximum: Some(2) }, average: None });
    let dated = Posting { competition: few, ..posting("1", NOW - 7200) };
    let undated = Posting { posted_at: None, ..dated.clone() };
    let [dated, undated] = [dated, undated].map(|posting| competition(&posting, NOW));
    assert_eq!((dated.confidence, dated.missing.len()), (1.0, 0));
    assert_eq!((undated.confidence, undated.missing), (0.75, vec!["posted_at".to_owned()]));
    assert!(undated.value < dated.value && undated.value > NEUTRAL, "{}", undated.value);
    assert_eq!(undated.reason, "Few proposals; when it was posted is not known");
}

#[test]
fn a_client_without_history_is_neutral() {
    let unknown = client_history(&client());
    assert_eq!((unknown.value, unknown.confidence, unknown.missing.len()), (NEUTRAL, 0.0, 5));
    let new = Client {
        reviews: Some(0),
        posted: Some(1),
        hires: Some(0),
        spent_usd: Some(0),
        hire_rate: Some(0.0),
        ..client()
    };
    let signal = client_history(&new);
    assert!((0.45..=0.5).contains(&signal.value), "{}", signal.value);
}

#[test]
fn a_posting_that_fits_the_availability_beats_one_that_does_not() {
    let availability = Availability { hours_per_week: Some(20), starts_at: None, longest_days: Some(60) };
    let mut fits = posting("1", NOW);
    fits.duration = Some(Span { minimum: 30, maximum: None });
    fits.workload = Some(Span { minimum: 10, maximum: Some(30) });
    fits.closes_at = Some(NOW + 7 * 86_400);
    let mut too_much = fits.clone();
    too_much.workload = Some(Span { minimum: 40, maximum: None });
    let mut closed = fits.clone();
    closed.closes_at = Some(NOW - 1);
    let [fits, too_much, closed] = [&fits, &too_much, &closed].map(|posting| timeline(posting, &availability, NOW));
    assert_eq!((fits.value, fits.reason.as_str()), (1.0, "Fits your availability; closes in 7 days"));
    assert!(too_much.value < fits.value && too_much.reason.starts_with("More hours a week than you have"));
    assert!(closed.value < fits.value && closed.reason.ends_with("closed for proposals"));
}

fn any_posting() -> impl Strategy<Value = Posting> {
    let span = || (any::<u32>(), any::<Option<u32>>()).prop_map(|(minimum, maximum)| Span { minimum, maximum });
    let payment =
        prop_oneof![Just(Payment::Fixed), Just(Payment::Hourly), Just(Payment::Prize), Just(Payment::Unstated)];
    let client = (
        any::<Option<f64>>(),
        any::<Option<u32>>(),
        any::<Option<u32>>(),
        any::<Option<u32>>(),
        any::<Option<f64>>(),
        any::<Option<i64>>(),
        any::<Option<bool>>(),
    );
    (
        prop::collection::vec("\\PC{0,130}", 0..5),
        prop::option::of((any::<Option<i64>>(), any::<Option<i64>>(), "USD|EUR|", any::<Option<f64>>())),
        payment,
        client,
        (prop::option::of(span()), prop::option::of(span()), prop::option::of(span())),
        (any::<Option<i64>>(), any::<Option<i64>>()),
    )
        .prop_map(|(skills, budget, payment, client, (duration, workload, proposals), (posted_at, closes_at))| {
            let (rating, reviews, posted, hires, hire_rate, spent_usd, payment_verified) = client;
            Posting {
                skills,
                budget: budget.map(|(minimum, maximum, currency, usd_rate)| Budget {
                    minimum,
                    maximum,
                    currency,
                    usd_rate,
                }),
                payment,
                client: Client {
                    rating,
                    reviews,
                    posted,
                    hires,
                    hire_rate,
                    spent_usd,
                    payment_verified,
                    ..crate::testing::client()
                },
                duration,
                workload,
                competition: proposals.map(|proposals| Competition { proposals, average: None }),
                closes_at,
                posted_at,
                ..posting("1", 0)
            }
        })
}

proptest! {
    #[test]
    fn whatever_a_posting_says_its_signals_are_within_the_contract(posting in any_posting(), now: i64, starts_at: Option<i64>) {
        let mut profile = profile(&["Rust", "React"]);
        profile.rates = rates();
        profile.availability = Availability { hours_per_week: Some(20), starts_at, longest_days: Some(0) };
        let signals = Signals::prepare(&context(now, profile, Vec::new())).expect("readable").of(&posting);
        prop_assert_eq!(signals.len(), 5);
        for signal in signals {
            prop_assert!((0.0..=1.0).contains(&signal.value) && (0.0..=1.0).contains(&signal.confidence), "{:?}", signal);
            prop_assert!(signal.raw.len() <= 128 && signal.reason.len() <= 512, "{:?}", signal);
        }
    }

    #[test]
    fn more_money_never_scores_lower(low in 0i64..10_000_000, more in 0i64..10_000_000) {
        let signal = BudgetSignal::new(&rates());
        let value = |amount| signal.of(&budgeted(Payment::Fixed, Some(amount), Some(amount), "USD", None)).value;
        prop_assert!(value(low) <= value(low + more));
    }

    #[test]
    fn a_better_record_never_scores_lower(rating in 0.0..5.0f64, better in 0.0..5.0f64, hires in 0u32..1000, more in 0u32..1000, reviews: Option<u32>) {
        let value = |rating, hires: u32| {
            let spent_usd = Some(i64::from(hires) * 1000);
            client_history(&Client { rating: Some(rating), reviews, hires: Some(hires), spent_usd, ..client() }).value
        };
        prop_assert!(value(rating, hires) <= value((rating + better).min(5.0), hires + more) + 1e-12);
    }

    #[test]
    fn more_proposals_and_more_age_never_score_higher(count in 0u32..100_000, more in 0u32..100_000, age in 0i64..10_000_000, older in 0i64..10_000_000) {
        let value = |count, age| {
            let mut posting = posting("1", NOW - age);
            posting.competition = Some(Competition { proposals: Span { minimum: count, maximum: Some(count) }, average: None });
            competition(&posting, NOW).value
        };
        prop_assert!(value(count + more, age + older) <= value(count, age));
    }
}

#[test]
fn an_estimated_number_of_proposals_lowers_the_confidence_by_what_it_leaves_open() {
    let confidence = |minimum, maximum| {
        let mut posting = posting("1", NOW);
        posting.competition = Some(Competition { proposals: Span { minimum, maximum }, average: None });
        competition(&posting, NOW).confidence
    };
    assert_eq!(confidence(7, Some(7)), 1.0);
    let ladder = [confidence(0, None), confidence(0, Some(50)), confidence(5, Some(10)), confidence(15, Some(20))];
    assert!(ladder.is_sorted_by(|a, b| a < b) && ladder[3] < 1.0, "{ladder:?}");
}

#[test]
fn an_estimated_number_of_proposals_is_not_called_none() {
    let reason = |minimum, maximum| {
        let mut posting = posting("1", NOW);
        posting.competition = Some(Competition { proposals: Span { minimum, maximum }, average: None });
        competition(&posting, NOW).reason
    };
    for (minimum, maximum, words) in [
        (0, Some(0), "No proposals yet"),
        (0, Some(4), "Few proposals"),
        (5, Some(10), "A fair number"),
        (0, None, "Many proposals"),
        (50, None, "Many proposals"),
    ] {
        assert!(reason(minimum, maximum).starts_with(words), "{minimum}-{maximum:?}: {}", reason(minimum, maximum));
    }
}
