//! What a person makes of leads: marks, tags, lists of what they look for, what has changed.

use prospector_e2e::Sim;
use serde_json::{Value, json};

use crate::support::{connected_with, hundredths, texts};

const PROFILE: &str = "profile:\n  skills: [Rust, WebAssembly, TypeScript, React, PostgreSQL]\n";

fn ids(list: &Value) -> Vec<String> {
    texts(&list["leads"], "id").into_iter().map(str::to_owned).collect()
}

#[test]
fn marks_and_tags_are_kept_over_scans_and_lists_are_made_of_them() {
    let sim = Sim::agreeing();
    let prospector = connected_with(&sim, "", PROFILE);
    let all = ids(&prospector.run("scan --json").ok().json());
    let [first, second, third] = [0, 1, 2].map(|at| all[at].as_str());
    let list = |line: &str| ids(&prospector.run(&format!("leads list --json {line}")).ok().json());

    let _starred = prospector.run(&format!("leads mark {first} starred")).ok();
    let told = prospector.run(&format!("leads mark freelancer/{second} dismissed --json")).ok().json();
    assert_eq!(told, json!({"platform": "freelancer", "id": second, "mark": "dismissed", "tags": []}));
    let told = prospector.run(&format!("leads tag {first} +later +rust")).ok().stdout;
    assert!(told.contains("has the tags later, rust"), "{told}");
    let _tagged = prospector.run(&format!("leads tag {third} +later")).ok();
    let _untagged = prospector.run(&format!("leads tag {first} -rust")).ok();
    let _scanned = prospector.run("scan").ok();

    assert_eq!(list("--mark starred"), [first]);
    assert_eq!(list("--tag later"), [first, third]);
    assert!(list("--tag rust").is_empty());
    assert!(!list("--limit 1000").contains(&second.to_owned()), "a dismissed lead is hidden");
    assert_eq!(list("--mark dismissed"), [second]);
    assert_eq!(list("--mark dismissed --mark starred").len(), 2);
    let scan = prospector.run("scan").ok().stdout;
    assert!(!scan.contains(second) && scan.contains("1 dismissed leads are hidden"), "{scan}");
    let table = prospector.run("leads list --limit 1").ok().stdout;
    assert!(table.contains("* [later]"), "{table}");

    for (line, code, said) in [
        (format!("leads mark {first} loved"), 2, "starred"),
        ("leads mark nonexistent seen".to_owned(), 9, "nonexistent"),
        (format!("leads tag {first} later"), 2, "+later"),
        (format!("leads tag {first} +"), 2, "empty"),
        (format!("leads tag {first} +{}", "x".repeat(65)), 2, "64 bytes"),
    ] {
        let refused = prospector.run(&line).expect(code);
        assert!(refused.stderr.contains(said), "{line}: {}", refused.stderr);
    }
    assert_eq!(list("--tag later"), [first, third], "what is refused changes nothing");
}

#[test]
fn to_be_shown_is_to_be_seen_but_not_by_a_program() {
    let sim = Sim::agreeing();
    let prospector = connected_with(&sim, "", PROFILE);
    let id = ids(&prospector.run("scan --json").ok().json())[0].clone();
    let mark = || prospector.run(&format!("leads show {id} --json")).ok().json()["mark"].clone();
    let _explained = prospector.run(&format!("leads explain {id}")).ok();
    assert_eq!((mark(), mark()), (json!("new"), json!("new")));
    let _shown = prospector.run(&format!("leads show {id}")).ok();
    assert_eq!(mark(), "seen");
    let _starred = prospector.run(&format!("leads mark {id} starred")).ok();
    let shown = prospector.run(&format!("leads show {id}")).ok();
    assert!(shown.stdout.contains("\nstarred\n"), "{}", shown.stdout);
    assert_eq!(mark(), "starred");
}

#[test]
fn lists_are_sorted_searched_and_bounded_as_asked() {
    let sim = Sim::agreeing();
    let prospector = connected_with(&sim, "", PROFILE);
    let _scanned = prospector.run("scan").ok();
    let list = |line: &str| prospector.run(&format!("leads list --json --min-score 0 --limit 1000 {line}")).ok().json();
    let all = list("");
    let confidences = |list: &Value| -> Vec<f64> {
        list["leads"].as_array().into_iter().flatten().filter_map(|lead| lead["confidence"].as_f64()).collect()
    };
    assert!(confidences(&list("--sort confidence")).is_sorted_by(|a, b| a >= b));
    assert!(confidences(&list("--sort confidence --reverse")).is_sorted_by(|a, b| a <= b));
    assert!(confidences(&all).len() > 10 && !confidences(&all).is_sorted_by(|a, b| a >= b));
    for sort in ["posted", "budget", "score"] {
        let (there, back) = (list(&format!("--sort {sort}")), list(&format!("--sort {sort} --reverse")));
        assert_eq!(ids(&there).len(), ids(&all).len());
        assert_ne!(ids(&there), ids(&back), "{sort}");
    }
    let found = list("--search RUST");
    assert!(!ids(&found).is_empty() && ids(&found).len() < ids(&all).len());
    assert!(ids(&list("--search 'no-such-word-anywhere'")).is_empty());
    assert_eq!(ids(&list("--since 1h")).len(), ids(&all).len());
    assert!(ids(&list("--since 2999-01-01")).is_empty());
    assert!(prospector.run("leads list --since yesterday").expect(2).stderr.contains("2026-11-01"));
}

#[test]
fn the_list_as_csv_is_what_a_spreadsheet_reads_and_holds_no_formula() {
    let sim = Sim::agreeing();
    let prospector = connected_with(&sim, "", PROFILE);
    let scan = prospector.run("scan --json").ok().json();
    // A title of the simulator's begins with `=HYPERLINK(`.
    let formula = scan["leads"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|lead| lead["title"].as_str().is_some_and(|title| title.starts_with('=')));
    let formula = formula.expect("a title that would be a formula");
    let printed = prospector.run("leads list --format csv --min-score 0 --limit 1000").ok().stdout;
    let records = records(&printed);
    assert_eq!(records.len(), ids(&scan).len() + 1);
    let head = &records[0];
    assert!(records.iter().all(|record| record.len() == head.len()), "every record has every cell");
    let column = |name: &str| head.iter().position(|cell| cell == name).expect(name);
    for (record, id) in
        records.iter().skip(1).zip(ids(&prospector.run("leads list --json --min-score 0 --limit 1000").ok().json()))
    {
        assert_eq!(record[column("id")], id);
        for cell in record {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell:?} is a formula");
        }
    }
    let row = records.iter().find(|record| formula["id"] == record[column("id")].as_str()).expect("its row");
    assert!(row[column("title")].starts_with("'="), "{row:?}");
    assert_eq!(row[column("score")].parse::<f64>().ok(), formula["score"].as_f64());
    assert!(prospector.run("leads list --json --format csv").expect(2).stderr.contains("--format json"));
    assert_eq!(prospector.run("leads list --format json").ok().json(), prospector.run("leads list --json").ok().json());
}

/// Reads RFC 4180: records end with CR and LF, quoted cells hold doubled quotes.
fn records(text: &str) -> Vec<Vec<String>> {
    let (mut records, mut record, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => record.push(std::mem::take(&mut cell)),
            '\r' if !quoted => {
                assert_eq!(letters.next(), Some('\n'), "a record ends with CR and LF");
                record.push(std::mem::take(&mut cell));
                records.push(std::mem::take(&mut record));
            }
            other => cell.push(other),
        }
    }
    assert!(record.is_empty() && cell.is_empty() && !quoted, "the last record ends too");
    records
}

#[test]
fn what_has_changed_about_a_lead_is_told_with_its_story() {
    let sim = Sim::agreeing();
    let prospector = connected_with(&sim, "", PROFILE);
    let id = ids(&prospector.run("scan --json").ok().json())[0].clone();
    let count = || {
        prospector.run(&format!("leads show {id} --json")).ok().json()["posting"]["competition"]["proposals"]["minimum"]
            .clone()
    };
    let before = count();
    let bids = json!({"bid_stats": {"bid_count": 77, "bid_avg": 500.0}});
    sim.control("PATCH", &format!("/freelancer/projects/{id}"), &bids);
    let _scanned = prospector.run("scan").ok();
    let explained = prospector.run(&format!("leads explain {id} --json")).ok().json();
    let [change] = explained["history"].as_array().expect("a list").as_slice() else {
        panic!("{}", explained["history"])
    };
    assert_eq!(
        (&change["what"], &change["before"], &change["after"]),
        (&json!("proposals"), &json!(before.to_string()), &json!("77"))
    );
    for line in ["explain", "show"] {
        let told = prospector.run(&format!("leads {line} {id}")).ok().stdout;
        assert!(told.contains("CHANGED") && told.contains("then 77"), "{told}");
    }
    let told = prospector.run(&format!("leads explain {id}")).ok().stdout;
    assert!(told.contains("measured: 77 proposals; confidence 1.00"), "{told}");
}

#[test]
fn a_lead_that_a_rule_ranks_first_leads_every_list_by_score() {
    let sim = Sim::agreeing();
    let prospector = connected_with(&sim, "", PROFILE);
    let all = ids(&prospector.run("scan --json").ok().json());
    let last = all.last().expect("a lead").clone();
    let title =
        prospector.run(&format!("leads show {last} --json")).ok().json()["title"].as_str().expect("a title").to_owned();
    let rules = format!(
        "{PROFILE}rules:\n  - name: mine\n    condition: {{ field: job.title, operator: eq, value: {} }}\n    action: priority\n",
        json!(title)
    );
    let file = prospector.home.path().join("prospector.yaml");
    let text = std::fs::read_to_string(&file).expect("the configuration");
    std::fs::write(&file, text.replace(PROFILE, &rules)).expect("written");
    let scan = prospector.run("scan --json").ok().json();
    let listed = prospector.run("leads list --json --min-score 0 --limit 3").ok().json();
    assert_eq!((&ids(&scan)[0], &ids(&listed)[0]), (&last, &last));
    assert!(hundredths(&listed["leads"][0]["score"]) <= hundredths(&listed["leads"][1]["score"]));
    let told = prospector.run(&format!("leads explain {last}")).ok().stdout;
    assert!(told.contains("rule mine (priority):"), "{told}");
}
