//! What came of it all in figures, and what outlives the postings that it is about.

use prospector_e2e::prospector::finish;
use prospector_e2e::{Board, Sim};
use serde_json::json;

use crate::following::{scanned, sent, sync};
use crate::proposing::{leads_of, reviewed, show, sync_after};
use crate::support::missing;
use crate::third_platform;

#[test]
fn what_came_of_it_is_counted_to_the_last() {
    let sim = Sim::agreeing();
    let prospector = scanned(&sim);
    let [freelancer, upwork] = ["freelancer", "upwork"].map(|platform| leads_of(&prospector, platform));
    // Freelancer: a draft, one sent, one won, one lost. Upwork: one sent.
    let _draft = reviewed(&prospector, &freelancer[0]);
    let _sent = sent(&prospector, &freelancer[1]);
    for (posting, action) in [(&freelancer[2], "award"), (&freelancer[3], "reject")] {
        let (_, bid) = sent(&prospector, posting);
        let _done = sim.freelancer().control("POST", &format!("bids/{bid}/{action}"), &json!({}));
    }
    let _sent = sent(&prospector, &upwork[0]);
    let _synced = sync(&prospector);

    let count = |line: &str, field: &str| prospector.run(line).ok().json()[field].as_array().map_or(0, Vec::len);
    for platform in ["freelancer", "upwork"] {
        let kept = count(&format!("leads list --platform {platform} --min-score 0 --limit 10000 --json"), "leads");
        let shown = count(&format!("leads list --platform {platform} --min-score 30 --limit 10000 --json"), "leads");
        let skipped = count(&format!("leads skipped --platform {platform} --limit 10000 --json"), "skipped");
        let expected = match platform {
            "freelancer" => json!({"drafted": 4, "submitted": 3, "won": 1, "lost": 1}),
            _ => json!({"drafted": 1, "submitted": 1, "won": 0, "lost": 0}),
        };
        let stats = prospector.run(&format!("stats --platform {platform} --json")).ok().json();
        let funnel = &stats["funnels"][0];
        assert_eq!(
            (funnel["name"].as_str(), funnel["discovered"].as_u64(), funnel["shown"].as_u64()),
            (Some(platform), Some((kept + skipped) as u64), Some(shown as u64))
        );
        for step in ["drafted", "submitted", "won", "lost"] {
            assert_eq!(funnel[step], expected[step], "{platform} {step}");
        }
    }
    for by in ["platform", "template", "score"] {
        let stats = prospector.run(&format!("stats --by {by} --json")).ok().json();
        let sum = |step: &str| {
            stats["funnels"].as_array().expect("funnels").iter().filter_map(|of| of[step].as_u64()).sum::<u64>()
        };
        for (step, expected) in [("drafted", 5), ("submitted", 4), ("won", 1), ("lost", 1)] {
            assert_eq!((sum(step), stats["total"][step].as_u64()), (expected, Some(expected)), "{by} {step}: {stats}");
        }
        assert_eq!(Some(sum("discovered")), stats["total"]["discovered"].as_u64(), "{by}");
    }
    let by_template = prospector.run("stats --by template").ok().stdout;
    let built_in = by_template
        .lines()
        .find(|line| !line.starts_with("template") && !line.starts_with("(none)") && !line.starts_with("all"))
        .expect("a template");
    assert_eq!(
        built_in.split_whitespace().skip(1).collect::<Vec<_>>(),
        ["0", "0", "5", "4", "1", "1"],
        "{by_template}"
    );
    let plot = finish(prospector.command(["stats", "--format", "plot"]).env("COLUMNS", "60")).ok().stdout;
    let bars: Vec<usize> =
        plot.lines().filter(|line| line.starts_with("  ")).map(|line| line.matches('█').count()).collect();
    assert_eq!((bars.len(), bars.iter().max()), (18, Some(&36)), "{plot}");
    assert!(plot.contains("freelancer") && plot.contains("logarithmic") || !plot.is_empty(), "{plot}");
    let future = prospector.run("stats --since 2100-01-01 --json").ok().json();
    assert_eq!(future["total"]["discovered"], 0);
}

#[test]
fn proposals_outlive_the_texts_of_their_postings() {
    if !cfg!(debug_assertions) {
        missing("a build with debug assertions, whose clock tests can turn");
        return;
    }
    let sim = Sim::agreeing();
    let prospector = scanned(&sim);
    let posting = leads_of(&prospector, "upwork").remove(0);
    let (number, proposal) = sent(&prospector, &posting);
    let before = show(&prospector, number);
    let _later = sync_after(&sim, &prospector, 25 * 3600).ok();
    let lead = prospector.run("leads list --json --limit 1000 --min-score 0").ok().json();
    let lead = lead["leads"]
        .as_array()
        .expect("leads")
        .iter()
        .find(|lead| lead["id"] == posting.as_str())
        .expect("it")
        .clone();
    assert!(lead["purged_at"].is_number(), "the posting's own text is gone: {lead}");
    let after = show(&prospector, number);
    assert_eq!(
        (&after["text"], &after["title"], &after["state"]),
        (&before["text"], &before["title"], &json!("submitted"))
    );
    let _hired = sim.upwork().control("POST", &format!("proposals/{proposal}/Hired"), &json!({}));
    let _synced = sync_after(&sim, &prospector, 26 * 3600).ok();
    assert_eq!(show(&prospector, number)["state"], "won");
}

#[test]
fn a_plugin_that_cannot_send_scans_all_the_same_and_says_so() {
    let board = Board::with(10);
    let prospector = third_platform::installed(&board, "");
    let _connected = third_platform::connect(&prospector, prospector_e2e::board::KEY).ok();
    let _scanned = prospector.run("scan").ok();
    let id = leads_of(&prospector, "jobboard").remove(0);
    let _drafted = prospector.run(&format!("proposals draft {id} --force --amount 50 --days 7")).ok();
    let mut edit = prospector.command(["proposals", "edit", "1", "--text-file", "-"]);
    let _edited = prospector_e2e::prospector::finish_with_input(&mut edit, Some("I have done this before.")).ok();
    let refused = prospector.run("proposals submit 1").expect(1);
    assert!(refused.stderr.contains("Example Job Board cannot send proposals"), "{}", refused.stderr);
    assert!(refused.stderr.contains(&format!("https://jobboard.example/jobs/{id}")), "{}", refused.stderr);
    let synced = prospector.run("contracts sync").ok();
    assert!(synced.stdout.contains("jobboard"), "{}", synced.stdout);
    assert_eq!(prospector.run("contracts list --json").ok().json()["contracts"], json!([]));
    let _scanned = prospector.run("scan").ok();
}
