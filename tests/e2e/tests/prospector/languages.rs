//! Plugins in Python and JavaScript: the examples, and what `plugins new` writes, tested and built by the ordinary commands of each language,
//! and run by the real program.
//!
//! What builds them is installed once below the target directory. Where it cannot be had a test says so and passes; with `CI=true` it fails.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use prospector_e2e::board::KEY;
use prospector_e2e::home::configuration;
use prospector_e2e::parts::{once, run};
use prospector_e2e::prospector::finish;
use prospector_e2e::{Board, Home, Prospector, Sim};
use serde_json::{Value, json};

use crate::support::{at, connected_with, missing, texts};

/// A language's own tools.
#[derive(Clone, Copy)]
struct Tools {
    name: &'static str,
    /// An example, which says what has to be installed.
    example: &'static str,
    /// Where its programs are, below its folder.
    programs: &'static str,
    install: fn(&Path, &Path) -> Result<(), String>,
}

const PYTHON: Tools = Tools { name: "python", example: "clarity", programs: "bin", install: install_python };
const JS: Tools = Tools { name: "js", example: "rush", programs: "node_modules/.bin", install: install_js };

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("a repository").to_owned()
}

fn install_python(folder: &Path, example: &Path) -> Result<(), String> {
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(folder))?;
    let pip = folder.join("bin/python");
    run(Command::new(pip).args(["-m", "pip", "install", "--quiet", "-r"]).arg(example.join("requirements.txt")))
        .map(drop)
}

fn install_js(folder: &Path, example: &Path) -> Result<(), String> {
    for file in ["package.json", "package-lock.json"] {
        fs::copy(example.join(file), folder.join(file)).map_err(|error| error.to_string())?;
    }
    // Unlike `npm install`, this refuses a lock file that does not hold all that it should.
    run(Command::new("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(folder)).map(drop)
}

impl Tools {
    /// Where they are; none, with a word why, where they cannot be had.
    fn installed(self) -> Option<PathBuf> {
        static PYTHON_AT: OnceLock<Result<PathBuf, String>> = OnceLock::new();
        static JS_AT: OnceLock<Result<PathBuf, String>> = OnceLock::new();
        let place = if self.name == PYTHON.name { &PYTHON_AT } else { &JS_AT };
        match place.get_or_init(|| self.install_once()) {
            Ok(folder) => Some(folder.clone()),
            Err(why) => {
                missing(&format!("what builds components of {} cannot be installed: {why}", self.name));
                None
            }
        }
    }

    fn install_once(self) -> Result<PathBuf, String> {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("languages").join(self.name);
        let example = repository().join("plugins/examples").join(self.example);
        let wanted =
            ["requirements.txt", "package-lock.json"].iter().filter_map(|file| fs::read(example.join(file)).ok());
        once(&folder, &wanted.collect::<Vec<_>>().concat(), || (self.install)(&folder, &example))?;
        Ok(folder)
    }

    /// Runs a command line of a project's in its folder, with the tools at hand.
    fn run(self, installed: &Path, folder: &Path, line: &str) {
        let mut places: Vec<PathBuf> = vec![installed.join(self.programs)];
        places.extend(std::env::var_os("PATH").iter().flat_map(std::env::split_paths));
        let path: OsString = std::env::join_paths(places).expect("paths");
        let modules = folder.join("node_modules");
        if self.name == JS.name && !modules.exists() {
            std::os::unix::fs::symlink(installed.join("node_modules"), modules).expect("a link");
        }
        let ran = run(Command::new("sh").args(["-c", line]).current_dir(folder).env("PATH", path));
        if let Err(why) = ran {
            panic!("`{line}` in {}: {why}", folder.display());
        }
    }
}

/// Has a component looked at and tested; it is pure, unless it is a platform's, and does what was recorded of it.
fn is_good(prospector: &Prospector, file: &Path, recordings: &Path, world: &str) {
    let (is_pure, postings) = if world == "platform" { (false, 4) } else { (true, 3) };
    // A whole runtime is compiled when it is met first, and how long that takes on a busy machine is not what is tested.
    run(prospector.command(["plugins", "verify"]).arg(file)).expect("a host would take it");
    let verified = finish(prospector.command(["plugins", "verify", "--json"]).arg(file)).ok().json();
    assert_eq!((&verified["worlds"], &verified["pure"]), (&json!([world]), &json!(is_pure)), "{verified}");
    assert_eq!((&verified["accepted"], &verified["notes"]), (&json!(true), &json!([])), "{verified}");
    let mut test = prospector.command(["plugins", "test", "--json"]);
    let tested = finish(test.arg(file).arg("--recordings").arg(recordings)).ok().json();
    assert_eq!(tested["recordings"][0]["postings"], postings, "{tested}");
}

/// Writes a project, tests and builds it as it says; its component, which is good.
fn new_project(tools: Tools, installed: &Path, prospector: &Prospector, name: &str, world: &str) -> PathBuf {
    let folder = prospector.home.beside(name);
    let line = format!("plugins new {name} --world {world} --lang {} --path {} --json", tools.name, folder.display());
    let said = prospector.run(&line).ok().json();
    for step in ["test", "build"] {
        tools.run(installed, &folder, said[step].as_str().expect("a command"));
    }
    let file = folder.join(said["artifact"].as_str().expect("a path"));
    is_good(prospector, &file, &folder.join("recordings"), world);
    let readme = fs::read_to_string(folder.join("README.md")).expect("there");
    for step in ["test", "build"] {
        assert!(readme.contains(said[step].as_str().expect("a command")), "{step}: {readme}");
    }
    file
}

/// Has a filter and a scorer of the person's own run in a scan; what it found.
fn scanned(sim: &Sim, prospector: &Prospector, filter: &Path, scorer: &Path, signal: &str) -> Value {
    let listed = format!(
        "profile: {{skills: [Rust]}}\nplugins:\n  filters: ['{}']\n  scorers: ['{}']\nscoring: {{weights: {{{signal}: 0.2}}}}\n",
        filter.display(),
        scorer.display()
    );
    prospector.home.configure(&configuration(sim, "    max_results_per_scan: 300", &listed));
    let scan = prospector.run("scan --json").ok().json();
    let lead = &scan["leads"][0];
    assert!(texts(&lead["breakdown"], "signal").contains(&signal) && lead["faults"].is_null(), "{lead}");
    let explained = prospector.run(&format!("leads explain {}", lead["id"].as_str().expect("an id"))).ok();
    assert!(explained.stdout.contains(signal), "{}", explained.stdout);
    scan
}

fn a_life_of_projects(tools: Tools, signal: &str, filters: &[&str]) {
    let Some(installed) = tools.installed() else { return };
    let sim = Sim::agreeing();
    let prospector = connected_with(&sim, "    max_results_per_scan: 300", "");
    let filtering = new_project(tools, &installed, &prospector, "my-filter", "filter");
    let scoring = new_project(tools, &installed, &prospector, "my-scorer", "scorer");
    let scan = scanned(&sim, &prospector, &filtering, &scoring, signal);
    let listed = prospector.run("plugins list --json").ok().stdout;
    assert!(listed.contains("my-filter") && listed.contains("my-scorer"), "{listed}");
    let tried = finish(prospector.command(["scoring", "backtest", "--json", "--component"]).arg(&scoring)).ok().json();
    assert_eq!(tried["faults"], json!(0), "{tried}");
    // What it drops is told under its own names.
    let dropped = texts(&scan["skipped"], "filter");
    let mut own = dropped.iter().filter_map(|by| by.strip_prefix("my-filter/"));
    assert!(own.all(|by| filters.contains(&by)), "{dropped:?}");
}

/// A platform's project, from nothing to a scan of its board, which has 70 jobs; `reads` is what it says of reading them.
fn a_life_of_a_platform(tools: Tools, board: &Board, reads: &str) {
    let Some(installed) = tools.installed() else { return };
    let prospector = at(Home::configured("{}"));
    let file = new_project(tools, &installed, &prospector, "night-owls", "platform");
    let installing = finish(prospector.command(["plugins", "install", "--yes"]).arg(&file)).ok();
    let wishes = format!("read jobs: read at https://api.night-owls.example{reads} by GET");
    assert!(installing.stdout.contains(&wishes), "{installing:?}");
    let profile = "profile: { skills: [Rust], rates: { hourly: { minimum: 20, preferred: 60 } } }";
    let section = format!(
        "  night-owls:\n    tags: [rust]\n    min_hourly_usd: 20\n    max_results_per_scan: 100\n    endpoints: {{ api: '{}' }}\n",
        board.origin()
    );
    prospector.home.configure(&format!("{profile}\nplatforms:\n{section}"));
    let connect = |key: &str| finish(prospector.command(["connect", "night-owls"]).env("GHOSTSTACK_API_KEY", key));
    let refused = connect("wrong").expect(4);
    assert!(refused.stderr.contains("https://night-owls.example/account/keys"), "{}", refused.stderr);
    let connected = connect(KEY).ok();
    assert!(connected.stdout.contains("Night owls knows the key as ada"), "{}", connected.stdout);
    board.post(json!({"position": "Neither id nor address"}));
    let scan = prospector.run("scan --json").ok().json();
    // Two pages, every job read, judged as the board's own example judges it.
    assert_eq!(board.seen().iter().filter(|seen| seen.target.starts_with(reads)).count(), 2, "{:?}", board.seen());
    assert_eq!(
        (&scan["platforms"][0]["fetched"], &scan["platforms"][0]["error"]),
        (&json!(71), &Value::Null),
        "{scan}"
    );
    let dropped = texts(&scan["skipped"], "filter");
    for by in ["remote_only", "min_hourly_usd", "unreadable"] {
        assert!(dropped.contains(&by), "{by}: {dropped:?}");
    }
    let lead = &scan["leads"][0];
    assert!(texts(&lead["breakdown"], "signal").contains(&"skill_match") && lead["faults"].is_null(), "{lead}");
    assert!(board.seen().iter().all(|seen| seen.key.as_deref() != Some("wrong") || seen.target == "/v1/me"));
    board.fail(Some((503, "")));
    let down = prospector.run("scan --json").expect(5).json();
    assert_eq!(down["platforms"][0]["error"]["kind"], "unavailable", "{down}");
}

#[test]
fn a_filter_and_a_scorer_in_python_are_written_tested_built_verified_and_run() {
    a_life_of_projects(PYTHON, "clarity", &["least_likeness"]);
}

#[test]
fn a_filter_and_a_scorer_in_javascript_are_written_tested_built_verified_and_run() {
    a_life_of_projects(JS, "freshness", &["max_proposals_per_hour", "min_hours_left"]);
}

#[test]
fn a_platform_in_python_is_written_tested_built_verified_installed_and_scanned() {
    a_life_of_a_platform(PYTHON, &Board::with(70), "/v1/jobs");
}

#[test]
fn a_platform_in_javascript_is_written_tested_built_verified_installed_and_scanned() {
    a_life_of_a_platform(JS, &Board::gazette(70), "/v1/feed.json");
}

#[test]
fn the_examples_in_python_and_javascript_are_tested_built_and_run_as_their_readme_says() {
    let (Some(python), Some(js)) = (PYTHON.installed(), JS.installed()) else { return };
    let sim = Sim::agreeing();
    let prospector = connected_with(&sim, "    max_results_per_scan: 300", "");
    let tree = prospector.home.beside("repository");
    let examples = tree.join("plugins/examples");
    fs::create_dir_all(&examples).expect("a folder");
    std::os::unix::fs::symlink(repository().join("wit"), tree.join("wit")).expect("a link");
    let mut built = Vec::new();
    for (name, world, tools, installed) in [("rush", "filter", JS, &js), ("clarity", "scorer", PYTHON, &python)] {
        let (from, folder) = (repository().join("plugins/examples").join(name), examples.join(name));
        run(Command::new("cp").arg("-r").arg(&from).arg(&folder)).expect("a copy");
        let readme = fs::read_to_string(from.join("README.md")).expect("a README");
        let block = readme.split("```sh\n").nth(1).and_then(|rest| rest.split("```").next()).expect("commands");
        let commands = block.lines().map(|line| line.split("  #").next().unwrap_or_default().trim());
        for line in commands.filter(|line| {
            !line.starts_with("ghoststack") && !line.contains(" install ") && !line.ends_with(" install")
        }) {
            tools.run(installed, &folder, line);
        }
        let file = folder.join(format!("{name}.wasm"));
        is_good(&prospector, &file, &folder.join("recordings"), world);
        built.push(file);
    }
    let scan = scanned(&sim, &prospector, &built[0], &built[1], "clarity");
    assert!(scan["leads"].as_array().is_some_and(|leads| leads.len() > 1));
}

#[test]
fn a_language_without_projects_is_refused_with_those_that_have_them() {
    let prospector = at(Home::absent());
    let folder = prospector.home.beside("owls");
    let line = format!("plugins new owls --world platform --lang perl --path {}", folder.display());
    let refused = prospector.run(&line).expect(2);
    assert!(refused.stderr.contains("rust, python, js"), "{}", refused.stderr);
    assert!(!folder.exists());
}
