//! `plugins test`: a component under the real host against what was recorded of it, and how that is recorded.

use std::fs;
use std::path::{Path, PathBuf};

use prospector_e2e::board::KEY;
use prospector_e2e::prospector::finish;
use prospector_e2e::sim::TOKEN;
use prospector_e2e::{Board, Home, Outcome, Prospector, Sim};
use serde_json::{Value, json};

use crate::support::{at, board_component, connected, texts};
use crate::third_platform::{connect, installed};

/// A folder of recordings beside a home.
struct Recordings(PathBuf);

impl Recordings {
    fn beside(prospector: &Prospector) -> Recordings {
        Recordings(prospector.home.beside("recordings"))
    }

    fn test(&self, prospector: &Prospector, component: &str, more: &[&str]) -> Outcome {
        let mut command = prospector.command(["plugins", "test", component]);
        finish(command.args(more).arg("--recordings").arg(&self.0))
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(format!("{name}.json"))
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.file(name)).expect("a recording")
    }

    fn read(&self, name: &str) -> Value {
        serde_json::from_str(&self.text(name)).expect("JSON")
    }

    /// Changes a recording as a person does.
    fn edit(&self, name: &str, edit: impl FnOnce(&mut Value)) {
        let mut recording = self.read(name);
        edit(&mut recording);
        fs::write(self.file(name), recording.to_string()).expect("written");
    }
}

fn board() -> &'static str {
    board_component().to_str().expect("a path")
}

/// Whoever has neither home nor network.
fn elsewhere() -> Prospector {
    at(Home::absent())
}

#[test]
fn a_platform_is_recorded_live_and_replayed_without_it() {
    let live = Board::with(30);
    let prospector = installed(&live, "    tags: [rust]\n    min_hourly_usd: 50");
    let _connected = connect(&prospector, KEY).ok();
    let recordings = Recordings::beside(&prospector);
    let made = recordings.test(&prospector, board(), &["--record", "first-page", "--limit", "12"]).ok();
    assert!(made.stdout.contains("first-page.json is written: 2 requests, 12 postings."), "{}", made.stdout);
    assert!(made.stderr.contains("Look through it"), "{}", made.stderr);
    let text = recordings.text("first-page");
    for secret in [KEY, &live.origin(), "\"ada\"", "x-api-key", "content-length"] {
        assert!(!text.to_ascii_lowercase().contains(&secret.to_ascii_lowercase()), "{secret}: {text}");
    }
    let recording = recordings.read("first-page");
    assert_eq!(recording["account"], Value::Null);
    assert_eq!(recording["result"]["account"]["username"], "account-name");
    assert_eq!(
        recording["exchanges"][1]["request"]["url"],
        "https://api.jobboard.example/v1/jobs?limit=12&offset=0&tag=rust"
    );
    let filters: Vec<&Value> = recording["result"]["postings"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|posting| &posting["verdict"]["drop"]["filter"])
        .collect();
    assert!(filters.contains(&&json!("remote_only")) && filters.contains(&&json!("min_hourly_usd")), "{filters:?}");

    let audited = prospector.run("audit --json --limit 100").ok().stdout;
    assert!(audited.contains("/v1/jobs"), "a live run is audited: {audited}");
    assert_eq!(prospector.run("leads list --json").ok().json()["leads"], json!([]), "and stores no lead");

    let asked = live.seen().len();
    let other = elsewhere();
    for _ in 0..2 {
        let replayed = recordings.test(&other, board(), &[]).ok();
        assert!(replayed.stdout.contains("as recorded: 2 requests, 12 postings"), "{}", replayed.stdout);
    }
    assert_eq!(live.seen().len(), asked, "nothing is asked");
    assert!(!other.home.path().join("store.db").exists() && !other.home.path().join("vault").exists());
}

#[test]
fn what_is_not_as_recorded_is_told_with_its_place_and_accepted_on_demand() {
    let live = Board::with(6);
    let prospector = installed(&live, "    tags: [rust]");
    let _connected = connect(&prospector, KEY).ok();
    let recordings = Recordings::beside(&prospector);
    for name in ["answers", "requests"] {
        let _made = recordings.test(&prospector, board(), &["--record", name]).ok();
    }
    // Another answer of the board's comes to another result.
    recordings.edit("answers", |of| of["exchanges"][1]["answer"]["body"]["json"]["jobs"][3]["pay_max"] = json!(450));
    // Another setting of the person's comes to another request.
    recordings.edit("requests", |of| of["settings"]["tags"] = json!(["go"]));

    let differs = recordings.test(&prospector, board(), &[]).expect(1);
    for words in [
        "postings[3].budget.maximum: 90.0 -> 450.0",
        "postings[3].breakdown[budget].",
        "asked and not recorded: GET https://api.jobboard.example/v1/jobs?limit=10&offset=0&tag=go",
        "nearest is exchanges[1], which has",
        "query.tag: \"rust\" -> \"go\"",
        "recorded and not asked: exchanges[1] GET https://api.jobboard.example/v1/jobs?limit=10&offset=0&tag=rust",
        "failure: null -> {\"kind\":\"unavailable\"",
        "2 of 2 recordings are not as they were.",
    ] {
        assert!(differs.stdout.contains(words), "{words}: {}", differs.stdout);
    }
    assert!(differs.stderr.contains("--record requests") && differs.stderr.contains("--accept"), "{}", differs.stderr);
    let found = recordings.test(&prospector, board(), &["--json"]).expect(1).json();
    assert_eq!((&found["passed"], &found["recordings"][0]["name"]), (&json!(false), &json!("answers")));
    assert!(texts(&found["recordings"][0]["result"], "place").contains(&"postings[3].budget.maximum"), "{found}");
    assert_eq!(found["recordings"][1]["asked"][0]["what"], "not_recorded", "{found}");
    assert_eq!(found["recordings"][1]["asked"][0]["differences"][0]["place"], "query.tag");

    // One recording is tested by its name; what is accepted is as recorded from then on, but for requests that nobody has answered.
    let accepted = recordings.test(&prospector, board(), &["--accept"]).expect(1);
    assert!(accepted.stdout.contains("accepted"), "{}", accepted.stdout);
    let _same = recordings.test(&prospector, board(), &["answers"]).ok();
    let _another = recordings.test(&prospector, board(), &["requests"]).expect(1);
    let _anew = recordings.test(&prospector, board(), &["--record", "requests"]).ok();
    let _same = recordings.test(&prospector, board(), &[]).ok();
}

#[test]
fn a_built_in_platform_is_recorded_and_replayed_by_its_id() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    let recordings = Recordings::beside(&prospector);
    let made = recordings.test(&prospector, "freelancer", &["--record", "scan", "--limit", "5"]).ok();
    assert!(made.stdout.contains("5 postings"), "{}", made.stdout);
    let text = recordings.text("scan");
    for secret in sim.freelancer().tokens().iter().map(String::as_str).chain(["sim-secret", "127.0.0.1"]) {
        assert!(!text.contains(secret), "{secret}");
    }
    drop(sim);
    let replayed = recordings.test(&elsewhere(), "freelancer", &[]).ok();
    assert!(replayed.stdout.contains("as recorded"), "{}", replayed.stdout);
}

#[test]
fn what_a_platform_repeats_of_a_secret_never_lands_in_a_recording() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    let recordings = Recordings::beside(&prospector);
    for (at, status) in [200, 400, 403, 404, 500].into_iter().enumerate() {
        sim.fault(&json!({"route": "/api", "fault": "echo", "status": status, "count": 100}));
        let name = format!("echo-{at}");
        let made = recordings.test(&prospector, "freelancer", &["--record", &name]);
        sim.heal();
        let tokens = sim.freelancer().tokens();
        assert!(!tokens.is_empty() && !sim.requests(TOKEN).is_empty());
        assert_eq!(made.code, 0, "{status}: {}{}", made.stdout, made.stderr);
        let text = recordings.text(&name);
        assert!(text.contains("[redacted]"), "{status}: the echo is there: {text}");
        for secret in tokens.iter().map(String::as_str).chain(["sim-secret"]) {
            assert!(!text.contains(secret), "{status}: {secret}");
            assert!(!made.stdout.contains(secret) && !made.stderr.contains(secret), "{status}: {secret}");
        }
        let _replayed = recordings.test(&elsewhere(), "freelancer", &[&name]).ok();
    }
}

#[test]
fn a_filter_and_a_scorer_are_recorded_over_made_up_postings_or_stored_leads() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    let recordings = Recordings::beside(&prospector);
    let built = |name: &str| Path::new(env!("OUT_DIR")).join(name).to_str().expect("a path").to_owned();
    let (filter, scorer) = (built("redflags.wasm"), built("taste.wasm"));
    let settings = r#"{"liked":["reports"],"disliked":["summaries"]}"#;
    let other = elsewhere();
    let _made = recordings.test(&other, &scorer, &["--record", "taste", "--settings", settings, "--limit", "3"]).ok();
    let recording = recordings.read("taste");
    assert_eq!(recording["result"]["postings"][0]["signals"][0]["signal"], "taste");
    let _replayed = recordings.test(&other, &scorer, &["taste"]).ok();

    let none = recordings.test(&prospector, &filter, &["--record", "none", "--leads"]).expect(2);
    assert!(none.stderr.contains("no leads to record"), "{}", none.stderr);
    let _scanned = prospector.run("scan").ok();
    let _made = recordings.test(&prospector, &filter, &["--record", "leads", "--leads", "--limit", "200"]).ok();
    let verdicts = recordings.read("leads")["result"]["postings"].clone();
    let dropped = verdicts.as_array().into_iter().flatten().filter(|row| row["verdict"]["drop"].is_object()).count();
    assert!(dropped > 0, "{verdicts}");
    let _replayed = recordings.test(&other, &filter, &["leads"]).ok();

    // Another setting: the very verdict that is another one.
    recordings.edit("taste", |of| of["settings"]["liked"] = json!([]));
    let differs = recordings.test(&other, &scorer, &["taste"]).expect(1).stdout;
    assert!(differs.contains("postings[0].signals[taste].value: 0.5 -> 0.25"), "{differs}");
    // One that is broken keeps no other from being replayed.
    fs::write(recordings.file("broken"), "{").expect("written");
    recordings.edit("taste", |of| of["settings"]["liked"] = json!(["reports"]));
    fs::remove_file(recordings.file("leads")).expect("there");
    let mended = recordings.test(&other, &scorer, &[]).expect(6);
    assert!(mended.stdout.contains("cannot be replayed") && mended.stdout.contains("as recorded"), "{}", mended.stdout);
    assert!(mended.stdout.contains("1 of 2 recordings") && mended.stderr.contains("line 1"), "{mended:?}");
    let told = recordings.test(&other, &scorer, &["--json"]).expect(6).json();
    let passed: Vec<&Value> = told["recordings"].as_array().into_iter().flatten().map(|row| &row["passed"]).collect();
    assert_eq!((&told["passed"], passed), (&json!(false), vec![&json!(false), &json!(true)]), "{told}");
    let mixed = recordings.test(&other, &filter, &["taste"]).expect(2);
    assert!(mixed.stderr.contains("was recorded of the scorer `taste`"), "{}", mixed.stderr);
}

#[test]
fn what_cannot_be_recorded_or_read_is_refused_and_nothing_is_written() {
    let live = Board::with(3);
    let prospector = installed(&live, "");
    let recordings = Recordings::beside(&prospector);
    let test = |component: &str, more: &[&str]| recordings.test(&prospector, component, more);
    let refused = |outcome: Outcome, code: i32, why: &str| {
        let outcome = outcome.expect(code);
        assert!(outcome.stderr.contains(why), "{why}: {}", outcome.stderr);
    };
    refused(test(board(), &[]), 2, "--record NAME");
    refused(test(board(), &["--record", "x"]), 4, "connect jobboard");
    refused(test(board(), &["--record", "../x"]), 2, "1 to 64 of a-z0-9-_");
    refused(test(board(), &["--record", "x", "--leads"]), 2, "for filters and scorers");
    refused(test("nothing", &["--record", "x"]), 2, "no platform `nothing`");
    assert!(!recordings.0.exists());

    let _connected = connect(&prospector, KEY).ok();
    fs::create_dir_all(&recordings.0).expect("a folder");
    fs::write(recordings.file("mine"), "{}").expect("a file");
    refused(test(board(), &["--record", "mine"]), 2, "it is not replaced");
    refused(test(board(), &["mine"]), 6, "does not say `recording`");
    for (text, why) in
        [("{", "line 1"), (r#"{"recording": 2}"#, "version 2"), (r#"{"recording": 1, "now": "x"}"#, "is no recording")]
    {
        fs::write(recordings.file("broken"), text).expect("a file");
        refused(test(board(), &["broken"]), 6, why);
    }
    // A component that nobody has agreed to is given no account.
    let _removed = prospector.run("plugins remove jobboard --yes");
    prospector.home.configure("{}");
    refused(test(board(), &["--record", "x"]), 2, "plugins install");
    assert!(!recordings.file("x").exists());
}
