//! The plots of `docs/scoring.md`, drawn from the signals themselves, so that they cannot drift from them.
//!
//! The test fails where a file is not what the code draws; `PROSPECTOR_DRAW=1 cargo test -p prospector-plugin --test curves` draws them anew.

mod plot;

use std::path::PathBuf;

use plot::{Plot, Series};
use prospector_plugin::signals::{
    BudgetSignal, SkillMatch, SkillMatchParameters, client_history, competition, timeline,
};
use prospector_plugin::testing::{client, posting, profile};
use prospector_plugin::types::{Availability, Budget, Client, Competition, Payment, Posting, Rates, Span};

const NOW: i64 = 1_700_000_000;
const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// A curve of `steps` equal steps from 0 to `end`.
fn series(label: &str, end: f64, steps: u32, value: impl Fn(f64) -> f64) -> Series {
    let at = |step: u32| end * f64::from(step) / f64::from(steps);
    Series { label: label.to_owned(), points: (0..=steps).map(at).map(|x| (x, value(x))).collect() }
}

fn whole(x: f64) -> u32 {
    x.round() as u32
}

fn skill_match(label: &str, parameters: SkillMatchParameters) -> Series {
    series(label, 10.0, 10, |covered| {
        let asked: Vec<String> = (0..10).map(|number| format!("skill of kind {number}")).collect();
        let mine: Vec<&str> = asked.iter().take(whole(covered) as usize).map(String::as_str).collect();
        let mine = if mine.is_empty() { vec!["something else"] } else { mine };
        SkillMatch::new(&profile(&mine).skills, parameters).of(&asked).value
    })
}

fn budget(label: &str, minimum: Option<i64>, preferred: Option<i64>) -> Series {
    let rates = Rates { fixed_minimum: minimum, fixed_preferred: preferred, ..profile(&[]).rates };
    let signal = BudgetSignal::new(&rates);
    series(label, 3_000.0, 60, |amount| {
        let hundredths = Some((amount * 100.0) as i64);
        let offered =
            Budget { minimum: hundredths, maximum: hundredths, currency: "USD".to_owned(), usd_rate: Some(1.0) };
        signal.of(&Posting { payment: Payment::Fixed, budget: Some(offered), ..posting("1", NOW) }).value
    })
}

fn rating(label: &str, reviews: Option<u32>) -> Series {
    series(label, 5.0, 50, |rating| client_history(&Client { rating: Some(rating), reviews, ..client() }).value)
}

fn rivals(label: &str, posted_at: Option<i64>) -> Series {
    series(label, 100.0, 100, |count| {
        let proposals = Span { minimum: whole(count), maximum: Some(whole(count)) };
        let competing = Some(Competition { proposals, average: None });
        competition(&Posting { competition: competing, posted_at, ..posting("1", NOW) }, NOW).value
    })
}

fn timed(change: impl FnOnce(&mut Posting)) -> f64 {
    let mut posting = posting("1", NOW);
    change(&mut posting);
    let availability = Availability { hours_per_week: Some(20), starts_at: None, longest_days: Some(60) };
    timeline(&posting, &availability, NOW).value
}

fn plots() -> Vec<Plot> {
    let plain =
        SkillMatchParameters { exact_match_bonus: 0.0, missing_penalty: 0.0, ..SkillMatchParameters::default() };
    vec![
        Plot {
            file: "skill_match.svg",
            title: "skill_match, 10 skills asked for",
            axis: "skills covered exactly",
            series: vec![
                skill_match("bonus 15, penalty 10 (default)", SkillMatchParameters::default()),
                skill_match("bonus 0, penalty 0", plain),
            ],
        },
        Plot {
            file: "budget.svg",
            title: "budget, fixed price",
            axis: "offered, USD",
            series: vec![
                budget("minimum 500, preferred 2000", Some(50_000), Some(200_000)),
                budget("minimum 500 alone", Some(50_000), None),
            ],
        },
        Plot {
            file: "client_rating.svg",
            title: "client_history by rating, all else unknown",
            axis: "rating",
            series: vec![
                rating("50 reviews", Some(50)),
                rating("5 reviews", Some(5)),
                rating("1 review", Some(1)),
                rating("reviews unknown", None),
            ],
        },
        Plot {
            file: "client_hires.svg",
            title: "client_history by hires and by spending, all else unknown",
            axis: "hires; thousands of USD spent",
            series: vec![
                series("hires", 50.0, 50, |hires| {
                    client_history(&Client { hires: Some(whole(hires)), ..client() }).value
                }),
                series("spent", 50.0, 50, |spent| {
                    client_history(&Client { spent_usd: Some((spent * 100_000.0) as i64), ..client() }).value
                }),
            ],
        },
        Plot {
            file: "client_hire_rate.svg",
            title: "client_history by hire rate, all else unknown",
            axis: "hire rate",
            series: [30, 3, 1]
                .map(|posted| {
                    series(&format!("of {posted} postings"), 1.0, 20, |rate| {
                        client_history(&Client { hire_rate: Some(rate), posted: Some(posted), ..client() }).value
                    })
                })
                .into(),
        },
        Plot {
            file: "competition.svg",
            title: "competition by proposals",
            axis: "proposals",
            series: vec![
                rivals("posted now", Some(NOW)),
                rivals("posted 5 days ago", Some(NOW - 5 * DAY)),
                rivals("posted who knows when", None),
            ],
        },
        Plot {
            file: "freshness.svg",
            title: "competition by age, proposals unknown",
            axis: "days since it was posted",
            series: vec![series("age", 30.0, 60, |days| {
                competition(&posting("1", NOW - (days * DAY as f64) as i64), NOW).value
            })],
        },
        Plot {
            file: "timeline.svg",
            title: "timeline, 20 hours a week and 60 days at most are wanted",
            axis: "asked for at least: hours a week; days",
            series: vec![
                series("hours a week, all else unknown", 180.0, 90, |hours| {
                    timed(|posting| posting.workload = Some(Span { minimum: whole(hours), maximum: None }))
                }),
                series("days, all else unknown", 180.0, 90, |days| {
                    timed(|posting| posting.duration = Some(Span { minimum: whole(days), maximum: None }))
                }),
            ],
        },
        Plot {
            file: "deadline.svg",
            title: "timeline by the time left, all else unknown",
            axis: "hours left to propose",
            series: vec![series("time left", 96.0, 48, |hours| {
                timed(|posting| posting.closes_at = Some(NOW + (hours * HOUR as f64) as i64))
            })],
        },
    ]
}

#[test]
fn the_plots_in_the_documentation_are_those_of_the_signals() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/scoring");
    let draw = std::env::var_os("PROSPECTOR_DRAW").is_some();
    let page = std::fs::read_to_string(folder.join("../scoring.md")).unwrap_or_default();
    let mut stale = Vec::new();
    for plot in plots() {
        let (path, drawn) = (folder.join(plot.file), plot.svg());
        assert!(
            draw || page.contains(&format!("(scoring/{})", plot.file)),
            "docs/scoring.md does not show {}",
            plot.file
        );
        if draw {
            std::fs::write(&path, drawn).expect("the plot can be written");
        } else if std::fs::read_to_string(&path).unwrap_or_default() != drawn {
            stale.push(plot.file);
        }
    }
    assert!(stale.is_empty(), "draw anew with PROSPECTOR_DRAW=1: {stale:?}");
}

#[test]
fn every_curve_is_monotone_and_within_its_bounds() {
    for plot in plots() {
        for Series { label, points } in &plot.series {
            let values: Vec<f64> = points.iter().map(|(_, value)| *value).collect();
            assert!(values.iter().all(|value| (0.0..=1.0).contains(value)), "{}: {label}", plot.file);
            let rises = values.is_sorted_by(|a, b| a <= b);
            let falls = values.is_sorted_by(|a, b| a >= b);
            assert!(rises != falls, "{}: {label} is neither rising nor falling: {values:?}", plot.file);
        }
    }
}
