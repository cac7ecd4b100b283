//! `leads`.

use prospector_e2e::Sim;
use prospector_e2e::prospector::finish;
use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr;

use crate::support::{connected_with, hundredths, texts};

const PROFILE: &str = "profile:\n  skills: [Rust, WebAssembly, TypeScript, React, PostgreSQL]\n";

/// What a scan prints of a lead, without what is known of it since.
fn scanned_part(lead: &Value) -> Value {
    let mut lead = lead.clone();
    if let Value::Object(fields) = &mut lead {
        for since in ["mark", "tags", "first_seen", "last_seen", "purged_at", "history", "passed"] {
            fields.remove(since);
        }
    }
    lead
}

#[test]
fn what_was_scanned_can_be_listed_shown_and_explained() {
    let sim = Sim::agreeing();
    let prospector = connected_with(&sim, "    min_employer_rating: 4.0", PROFILE);
    let scan = prospector.run("scan --json").ok().json();
    let listed = prospector.run("leads list --json --min-score 0 --limit 1000").ok().json();
    // Leads of the same score have no order among them.
    let by_id = |document: &Value| {
        let mut leads = document["leads"].as_array().cloned().unwrap_or_default();
        leads.sort_by_key(|lead| lead["id"].to_string());
        leads.iter().map(scanned_part).collect::<Vec<_>>()
    };
    assert_eq!(by_id(&listed), by_id(&scan), "what is stored is what was printed");
    let best = &scan["leads"][0];
    let id = best["id"].as_str().expect("a lead");
    let explained = prospector.run(&format!("leads explain {id} --json")).ok().json();
    assert_eq!((scanned_part(&explained), &explained["history"]), (best.clone(), &json!([])));
    assert_eq!((&explained["mark"], &explained["tags"]), (&json!("new"), &json!([])));
    let shown = prospector.run(&format!("leads show {id} --json")).ok().json();
    assert_eq!((&shown["id"], &shown["score"], &shown["breakdown"]), (&best["id"], &best["score"], &best["breakdown"]));
    assert!(shown["posting"]["description"].as_str().is_some_and(|text| !text.is_empty()));
    let told = prospector.run(&format!("leads show {id}")).ok().stdout;
    for end in ["minimum", "maximum"] {
        // In main units, as a person reads it.
        let amount = shown["posting"]["budget"][end].as_f64().expect("the best lead states a budget");
        assert!(told.contains(&format!("{amount:.2}")), "{amount}: {told}");
    }

    let table = prospector.run("leads list --limit 3").ok();
    assert_eq!(table.stdout.lines().count(), 4, "{}", table.stdout);
    assert!(table.stdout.contains(id), "{}", table.stdout);
    let score = format!("{:.2}", hundredths(&best["score"]) as f64 / 100.0);
    for line in [format!("leads explain {id}"), format!("leads explain freelancer/{id}"), format!("leads show {id}")] {
        let told = prospector.run(&line).ok();
        assert!(told.stdout.starts_with(&format!("{score}  ")), "{line}: {}", told.stdout);
        for signal in ["skill_match", "budget", "client_history", "competition", "timeline", "total"] {
            assert!(told.stdout.contains(&format!("\n{signal} ")), "{line}: {}", told.stdout);
        }
    }
}

#[test]
fn the_printed_points_add_up_to_the_printed_total() {
    let sim = Sim::agreeing();
    let prospector = connected_with(&sim, "    include_contests: true", PROFILE);
    let scan = prospector.run("scan --json").ok().json();
    let contest = texts(&scan["leads"], "id").into_iter().find(|id| id.starts_with("contest-")).expect("a contest");
    for id in [texts(&scan["leads"], "id")[0], contest] {
        let told = prospector.run(&format!("leads explain {id}")).ok().stdout;
        let mut rows = told.lines().skip_while(|line| !line.starts_with("SIGNAL"));
        let column = rows.next().and_then(|head| head.find("POINTS")).expect("a column of points");
        let (mut sum, mut total) = (0, None);
        for row in rows {
            let name = row.split_whitespace().next().unwrap_or_default();
            let points = row.get(column..column + 6).unwrap_or_default().trim().parse::<f64>();
            match (name, points) {
                ("confidence", _) => break,
                // A reason goes on in lines of its own, and what was measured stands below it.
                _ if row.starts_with(' ') => {}
                (_, Err(_)) => panic!("no points in {row:?}: {told}"),
                ("total", Ok(points)) => total = Some((points * 100.0).round() as i64),
                (_, Ok(points)) => sum += (points * 100.0).round() as i64,
            }
        }
        assert_eq!(Some(sum), total, "{told}");
    }
}

#[test]
fn skipped_lists_each_posting_with_its_reason_and_counts_each_filter() {
    let sim = Sim::agreeing();
    let prospector = connected_with(
        &sim,
        "    min_employer_rating: 4.5\n    project_types: [fixed]\n    include_contests: true\n    categories: ['Websites, IT & Software']",
        PROFILE,
    );
    let scan = prospector.run("scan --json").ok().json();
    let skipped = prospector.run("leads skipped --json --limit 1000").ok().json();
    let (mut now, mut then) = (texts(&skipped["skipped"], "id"), texts(&scan["skipped"], "id"));
    now.sort_unstable();
    then.sort_unstable();
    assert_eq!(now, then);
    let counted: u64 =
        skipped["counts"].as_array().expect("an array").iter().filter_map(|row| row["count"].as_u64()).sum();
    assert_eq!(counted, now.len() as u64);
    let table = prospector.run("leads skipped --limit 3 --filter min_employer_rating").ok();
    assert!(table.stdout.lines().nth(1).is_some_and(|row| row.contains("min_employer_rating")), "{}", table.stdout);
    assert!(table.stdout.contains("dropped by min_employer_rating"), "{}", table.stdout);
    let one = prospector.run(&format!("leads explain {}", now[0])).ok();
    assert!(one.stdout.contains("was skipped"), "{}", one.stdout);
}

#[test]
fn an_identifier_that_is_unknown_or_may_be_several_is_not_found() {
    let sim = Sim::agreeing();
    let prospector = connected_with(&sim, "", PROFILE);
    let _scanned = prospector.run("scan").ok();
    for command in ["show", "explain"] {
        let unknown = prospector.run(&format!("leads {command} nonexistent")).expect(9);
        assert!(
            unknown.stderr.contains("\"nonexistent\"") && unknown.stderr.contains("leads list"),
            "{}",
            unknown.stderr
        );
        let ambiguous = prospector.run(&format!("leads {command} 399")).expect(9);
        assert!(
            ambiguous.stderr.contains("may be any of") && ambiguous.stderr.contains("write more"),
            "{}",
            ambiguous.stderr
        );
        assert_eq!((unknown.stdout, ambiguous.stdout), (String::new(), String::new()));
        for odd in ["''", "freelancer/", "/", "%", "_", "../../etc/passwd"] {
            let refused = prospector.run(&format!("leads {command} {odd}"));
            assert_eq!(refused.code, 9, "{odd}: {}{}", refused.stdout, refused.stderr);
        }
    }
}

#[test]
fn before_the_first_scan_each_says_how_to_begin() {
    let sim = Sim::agreeing();
    let prospector = crate::support::pointed_at(&sim);
    let before = prospector.home.contents();
    let list = prospector.run("leads list").ok();
    assert!(
        list.stdout.is_empty() && list.stderr.contains("ghoststack prospector scan"),
        "{}{}",
        list.stdout,
        list.stderr
    );
    assert!(prospector.run("leads list --json").ok().json()["leads"].as_array().is_some_and(Vec::is_empty));
    let _skipped = prospector.run("leads skipped").ok();
    let _unknown = prospector.run("leads show 1").expect(9);
    assert_eq!(prospector.home.contents(), before, "reading has written something");
}

#[test]
fn in_a_narrow_terminal_no_table_is_wider_than_it() {
    let sim = Sim::agreeing();
    let prospector = connected_with(&sim, "    min_employer_rating: 4.0\n    include_contests: true", PROFILE);
    let id = texts(&prospector.run("scan --json").ok().json()["leads"], "id")[0].to_owned();
    for columns in [40, 60, 80] {
        let narrow =
            |line: &str| finish(prospector.command(line.split(' ')).env("COLUMNS", columns.to_string())).ok().stdout;
        for line in ["leads list --min-score 0", "leads skipped", &format!("leads explain {id}"), "plugins list"] {
            let told = narrow(line);
            // Title and address of a lead, the counts behind a table and what a lead lacks are sentences, which a terminal breaks.
            let sentences = if line.starts_with("leads explain") { 2 } else { 0 };
            let rows = told.lines().skip(sentences);
            let rows = rows.filter(|row| !row.contains(" dropped by ") && !row.starts_with("confidence"));
            for row in rows {
                assert!(row.width() <= columns, "{line} in {columns} columns: {row:?} has {}", row.width());
            }
        }
        assert!(narrow("leads list").contains(&id), "the identifier is whole");
    }
}
