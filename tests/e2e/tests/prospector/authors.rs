//! What an author of a plugin types: a project, its tests, its component, what a host would say of it, and its first run. With cargo itself,
//! offline, in the project as it was written.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use ghoststack::plugin::catalog::BUILTIN;
use prospector_e2e::board::KEY;
use prospector_e2e::home::configuration;
use prospector_e2e::prospector::finish;
use prospector_e2e::{Board, Home, Outcome, Prospector, Sim};
use serde_json::{Value, json};

use crate::support::{at, board_component, connected_with, texts};

/// A project that `plugins new` has written beside a home.
struct Project {
    folder: PathBuf,
    said: Value,
}

impl Project {
    fn new(prospector: &Prospector, name: &str, world: &str) -> Project {
        let folder = prospector.home.beside(name);
        let line = format!("plugins new {name} --world {world} --path {} --json", folder.display());
        let said = prospector.run(&line).ok().json();
        // The versions of this workspace, which are at hand where nothing can be fetched.
        let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.lock");
        fs::copy(lock, folder.join("Cargo.lock")).expect("a copy");
        Project { folder, said }
    }

    /// Runs cargo there. What projects depend on is compiled once for all of them.
    fn cargo(&self, arguments: &[&str]) {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("projects");
        let mut cargo = Command::new(env!("CARGO"));
        cargo
            .args(arguments)
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", target)
            .env("CARGO_NET_OFFLINE", "true");
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy().into_owned();
            let outer = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CFG_"];
            if outer.iter().any(|prefix| name.starts_with(prefix))
                || name == "RUSTFLAGS"
                || name == "CARGO_ENCODED_RUSTFLAGS"
            {
                cargo.env_remove(name);
            }
        }
        let done = cargo.output().expect("cargo starts");
        let (stdout, stderr) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
        assert!(done.status.success(), "cargo {arguments:?} in {}\n{stdout}\n{stderr}", self.folder.display());
        if arguments == ["test"] {
            assert!(stdout.contains("test result: ok.") && !stdout.starts_with("running 0 tests"), "{stdout}");
        }
    }

    /// Tests and builds it as its README says; where its component is.
    fn built(&self) -> PathBuf {
        self.cargo(&["test"]);
        let target = self.said["target"].as_str().expect("a target");
        self.cargo(&["build", "--target", target, "--release"]);
        let artifact = self.said["artifact"].as_str().expect("a path");
        let made = artifact.strip_prefix("target/").expect("cargo makes it below target/");
        Path::new(env!("CARGO_TARGET_TMPDIR")).join("projects").join(made)
    }
}

fn verify(prospector: &Prospector, file: &Path) -> Outcome {
    finish(prospector.command(["plugins", "verify", "--json"]).arg(file))
}

#[test]
fn a_platform_is_written_tested_built_verified_installed_and_scanned() {
    let board = Board::with(30);
    let prospector = at(Home::configured("{}"));
    let file = Project::new(&prospector, "night-owls", "platform").built();
    let verified = verify(&prospector, &file).ok().json();
    assert_eq!((&verified["accepted"], &verified["worlds"]), (&json!(true), &json!(["platform"])), "{verified}");
    assert_eq!((&verified["about"]["id"], &verified["about"]["name"]), (&json!("night-owls"), &json!("Night owls")));
    assert_eq!(verified["wishes"]["origins"], json!({"api": "https://api.night-owls.example"}));
    assert_eq!(verified["optional"], json!(["assessment"]));

    let _installed = finish(prospector.command(["plugins", "install", "--yes"]).arg(&file)).ok();
    let section =
        format!("platforms:\n  night-owls:\n    tags: [rust]\n    endpoints: {{ api: '{}' }}\n", board.origin());
    prospector.home.configure(&section);
    let _connected = finish(prospector.command(["connect", "night-owls"]).env("GHOSTSTACK_API_KEY", KEY)).ok();
    let scan = prospector.run("scan --json").ok().json();
    assert_eq!(scan["platforms"][0]["fetched"], 30, "{scan}");
    assert!(texts(&scan["skipped"], "filter").contains(&"remote_only"), "{scan}");
}

#[test]
fn a_filter_and_a_scorer_are_written_tested_built_verified_tried_and_listed() {
    let sim = Sim::agreeing();
    let limit = "    max_results_per_scan: 300";
    let prospector = connected_with(&sim, limit, "profile: {skills: [Rust]}\n");
    let _scanned = prospector.run("scan").ok();
    let filter = Project::new(&prospector, "no-shouting", "filter").built();
    let scorer = Project::new(&prospector, "my-taste", "scorer").built();
    for (file, world) in [(&filter, "filter"), (&scorer, "scorer")] {
        let verified = verify(&prospector, file).ok().json();
        assert_eq!((&verified["worlds"], &verified["core_module"]), (&json!([world]), &json!(true)), "{verified}");
        assert_eq!((&verified["pure"], &verified["wishes"]), (&json!(true), &Value::Null), "{verified}");
    }
    let tried = finish(prospector.command(["scoring", "backtest", "--json", "--component"]).arg(&scorer)).ok().json();
    assert_eq!(tried["faults"], json!(0), "{tried}");

    let listed = format!(
        "profile: {{skills: [Rust]}}\nplugins:\n  filters: ['{}']\n  scorers: ['{}']\nscoring: {{weights: {{taste: 0.2}}}}\n",
        filter.display(),
        scorer.display()
    );
    prospector.home.configure(&configuration(&sim, limit, &listed));
    let scan = prospector.run("scan --json").ok().json();
    let dropped = texts(&scan["skipped"], "filter");
    assert!(dropped.iter().any(|filter| filter.starts_with("no-shouting/")), "{dropped:?}");
    let breakdown = &scan["leads"][0]["breakdown"];
    assert!(texts(breakdown, "signal").contains(&"taste"), "{breakdown}");
}

#[test]
fn a_project_is_told_of_with_what_to_type_next_and_nothing_is_written_over() {
    let prospector = at(Home::absent());
    let folder = prospector.home.beside("owls");
    let new = |name: &str| prospector.run(&format!("plugins new {name} --world filter --path {}", folder.display()));
    for (name, why) in [("Owls", "2 to 32 of a-z0-9-"), ("fn", "cannot be a crate's name"), ("upwork", "built-in")] {
        assert!(new(name).expect(2).stderr.contains(why), "{name}");
        assert!(!folder.exists());
    }
    let done = new("owls").ok();
    assert!(done.stdout.contains("The filter `owls` is written to"), "{}", done.stdout);
    for step in ["cargo test", "--target wasm32-unknown-unknown --release", "plugins verify target/", "filters: ['"] {
        assert!(done.stderr.contains(step), "{step}: {}", done.stderr);
    }
    let before = fs::read(folder.join("README.md")).expect("there");
    assert!(new("owls").expect(2).stderr.contains("exists already"));
    assert_eq!(fs::read(folder.join("README.md")).expect("there"), before);
    assert!(!prospector.home.path().exists(), "no home is made for it");
}

#[test]
fn what_a_host_would_refuse_is_said_with_what_to_do() {
    let prospector = at(Home::configured("{}"));
    let text = prospector.run(&format!("plugins verify {}", board_component().display())).ok().stdout;
    for words in [
        "Example Job Board 0.1.0 (`jobboard`)",
        "world        platform",
        "contract     0.1.0",
        "reach https://api.jobboard.example as `api`",
        "read `api` /v1/jobs by GET",
        "given, with nothing behind them",
        "optional     assessment",
        "A host would take it.",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let changed = |name: &str, from: &str, to: &str| {
        let path = prospector.home.beside(name);
        fs::write(&path, board_with(from, to)).expect("a file");
        path
    };
    let builtin = prospector.home.beside("builtin.wasm");
    fs::write(&builtin, BUILTIN[0].bytes).expect("a file");
    let cases = [
        (changed("later.wasm", "@0.1.0", "@0.2.0"), "made for version 0.2.0", "run a later Prospector"),
        (
            changed("origin.wasm", "https://api.jobboard.example", "http://127.0.0.1/noboard.ex/"),
            "its origin api",
            "descriptor",
        ),
        (builtin, "which is a built-in plugin", "another id"),
        (prospector.home.beside("none.wasm"), "cannot be read", "cargo build"),
        (prospector.home.path().join("prospector.yaml"), "not WebAssembly", "below `target/`"),
    ];
    for (file, why, remedy) in cases {
        let refused = verify(&prospector, &file).expect(6).json();
        assert_eq!(refused["accepted"], json!(false));
        let problem = &refused["problems"][0];
        assert!(problem["why"].as_str().is_some_and(|said| said.contains(why)), "{why}: {refused}");
        assert!(problem["remedy"].as_str().is_some_and(|said| said.contains(remedy)), "{remedy}: {refused}");
        let text = prospector.run(&format!("plugins verify {}", file.display())).expect(6).stdout;
        assert!(text.contains("A host would refuse it:") && text.contains("to do: "), "{text}");
    }
    assert!(!prospector.home.path().join("plugins.lock").exists(), "nothing is installed");
}

#[test]
fn a_component_of_a_later_version_of_the_contract_is_neither_installed_nor_run() {
    let prospector = at(Home::configured("{}"));
    let later = prospector.home.beside("later.wasm");
    fs::write(&later, board_with("@0.1.0", "@0.2.0")).expect("a file");
    let refused = prospector.run(&format!("plugins install --yes {}", later.display())).expect(6);
    assert!(
        refused.stderr.contains("made for version 0.2.0") && refused.stderr.contains("serves version 0.1.0"),
        "{}",
        refused.stderr
    );
    prospector.home.configure(&format!("plugins: {{filters: ['{}']}}\n", later.display()));
    let refused = prospector.run("config validate").expect(3);
    assert!(refused.stderr.contains("version 0.2.0"), "{}", refused.stderr);
}

/// The example's component with another text in place of one of its own of the same length.
fn board_with(from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut bytes = fs::read(board_component()).expect("the component");
    for at in 0..bytes.len() - from.len() {
        if bytes[at..].starts_with(from.as_bytes()) {
            bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
        }
    }
    bytes
}

#[test]
fn what_calls_take_is_measured_over_one_posting_and_over_a_thousand() {
    let prospector = at(Home::configured("{}"));
    let measure = |file: &Path| finish(prospector.command(["plugins", "bench", "--json"]).arg(file));
    let measured = measure(board_component()).ok().json();
    let rows = measured["calls"].as_array().expect("an array");
    let kinds: Vec<(&str, u64)> =
        rows.iter().filter_map(|row| Some((row["export"].as_str()?, row["postings"].as_u64()?))).collect();
    let expected = [
        ("descriptor.describe", 0),
        ("assessment.assess", 1),
        ("screening.screen", 1),
        ("scoring.score", 1),
        ("assessment.assess", 1000),
        ("screening.screen", 1000),
        ("scoring.score", 1000),
    ];
    assert_eq!(kinds, expected);
    let bound = measured["judging_memory_bound"].as_u64().expect("a bound");
    for row in rows {
        let (median, p95) = (row["median_us"].as_f64().expect("a time"), row["p95_us"].as_f64().expect("a time"));
        assert!(0.0 < median && median <= p95 && row["calls"].as_u64() > Some(0), "{row}");
        assert!(row["memory"].as_u64().is_some_and(|memory| 0 < memory && memory <= bound), "{row}");
    }
    // A thousand postings of 2 KB do not fit into what one takes.
    assert!(rows[4]["memory"].as_u64() > rows[1]["memory"].as_u64(), "{measured}");

    let scorer = Path::new(env!("OUT_DIR")).join("taste.wasm");
    let table =
        finish(prospector.command(["plugins", "bench", "--settings", r#"{"liked":["rust"]}"#]).arg(&scorer)).ok();
    assert!(table.stdout.contains("scoring.score") && table.stdout.contains("MiB"), "{}", table.stdout);
    let refused =
        finish(prospector.command(["plugins", "bench", "--settings", r#"{"liked":7}"#]).arg(&scorer)).expect(6);
    assert!(refused.stderr.contains("liked"), "{}", refused.stderr);
    assert!(measure(&prospector.home.path().join("prospector.yaml")).expect(6).stderr.contains("not WebAssembly"));
}
