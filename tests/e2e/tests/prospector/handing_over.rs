//! Upwork's proposals: left to the person, on its own page.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Instant;

use prospector_e2e::prospector::{PATIENCE, finish};
use prospector_e2e::sim::GRAPHQL;
use prospector_e2e::{Prospector, Sim};
use serde_json::{Value, json};

use crate::proposing::{digest, leads, live_at_upwork, reviewed, scanned, show, submit, sync_after, sync_later};
use crate::support::missing;

/// Programs of a desktop: one that holds what was copied in a file, and one that notes which page was opened.
struct Desktop {
    folder: PathBuf,
}

impl Desktop {
    fn of(prospector: &Prospector) -> Desktop {
        let folder = prospector.home.beside("desktop");
        fs::create_dir_all(&folder).expect("a folder");
        let desktop = Desktop { folder };
        for (program, script) in [
            ("wl-copy", format!("cat > '{}'", desktop.path("copied").display())),
            // Written whole or not at all, so that nobody reads half of an address.
            (
                "browser",
                format!("printf %s \"$1\" > '{0}.new' && mv '{0}.new' '{0}'", desktop.path("opened").display()),
            ),
        ] {
            let path = desktop.path(program);
            fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("written");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("permissions");
        }
        desktop
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// A command line at this desktop.
    fn run(&self, prospector: &Prospector, line: &str) -> prospector_e2e::Outcome {
        let mut command = prospector.command(line.split_whitespace());
        command
            .env("PATH", format!("{}:/usr/bin:/bin", self.folder.display()))
            .env("WAYLAND_DISPLAY", "wayland-0")
            .env("BROWSER", format!("{} %s", self.path("browser").display()));
        finish(&mut command)
    }

    fn copied(&self) -> String {
        fs::read_to_string(self.path("copied")).unwrap_or_default()
    }

    /// The page that was opened; the browser may start after the program has ended.
    fn opened(&self) -> String {
        wait_for(&self.path("opened"))
    }
}

/// As one line, however wide the terminal was.
pub fn unwrapped(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn wait_for(path: &Path) -> String {
    let started = Instant::now();
    loop {
        match fs::read_to_string(path) {
            Ok(text) => return text,
            Err(error) => assert!(started.elapsed() < PATIENCE, "{}: {error}", path.display()),
        }
        std::thread::yield_now();
    }
}

#[test]
fn a_proposal_is_left_to_the_person_with_page_and_text_and_recognised_when_it_was_sent() {
    let sim = Sim::agreeing();
    let prospector = scanned(&sim, "", "");
    let posting = leads(&prospector).remove(0);
    let number = reviewed(&prospector, &posting);
    let desktop = Desktop::of(&prospector);
    let plan = prospector.run(&format!("proposals submit {number} --dry-run")).ok();
    let shown = unwrapped(&plan.stdout);
    assert!(shown.contains("by hand http") && shown.contains("which states the Connects that"), "{shown}");
    let approved = digest(&prospector, number);
    let handed = desktop.run(&prospector, &format!("proposals submit {number} --approve {approved}")).ok();
    assert!(handed.stdout.contains("Go on at ") && handed.stdout.contains("on the clipboard"), "{}", handed.stdout);
    let page = desktop.opened();
    assert!(page.ends_with("/apply/") && handed.stdout.contains(&page), "{page}: {}", handed.stdout);
    assert_eq!(desktop.copied(), show(&prospector, number)["text"].as_str().expect("a text"));
    assert_eq!(show(&prospector, number)["state"], "submitting");
    assert_eq!(live_at_upwork(&sim, &posting), 0, "nothing was sent");
    assert!(
        sim.requests(GRAPHQL).iter().all(|request| !request["body"].to_string().contains("submitVendorProposal")),
        "nothing was tried either"
    );

    // It waits for as long as the person takes, and is not handed over twice.
    let synced = sync_later(&sim, &prospector).ok();
    assert!(synced.stdout.contains(&format!("proposal {number} is asked at")), "{}", synced.stdout);
    let again = prospector.run(&format!("proposals submit {number} --dry-run")).expect(2);
    assert!(again.stderr.contains("in the state submitting"), "{}", again.stderr);

    let there = sim.upwork().apply_by_hand(&posting);
    let synced = prospector.run("proposals sync").ok();
    assert!(synced.stdout.contains(&format!("proposal {number} is submitted")), "{}", synced.stdout);
    assert!(!synced.stdout.contains("is asked at"), "{}", synced.stdout);
    let shown = show(&prospector, number);
    assert_eq!((&shown["state"], &shown["remote"]["id"]), (&json!("submitted"), &json!(there)));
}

#[test]
fn without_a_desktop_the_text_is_shown_and_programs_get_the_page() {
    let sim = Sim::agreeing();
    let prospector = scanned(&sim, "", "");
    let postings = leads(&prospector);
    let number = reviewed(&prospector, &postings[0]);
    let approved = digest(&prospector, number);
    let mut bare = prospector.command(["proposals", "submit", &number.to_string(), "--approve", &approved]);
    let handed = finish(bare.env("BROWSER", "/nonexistent/browser").env("PATH", "/nonexistent")).ok();
    let text = show(&prospector, number)["text"].as_str().expect("a text").to_owned();
    assert!(handed.stdout.contains(&text) && handed.stdout.contains("no clipboard was found"), "{}", handed.stdout);
    assert!(handed.stderr.contains("no browser could be started"), "{}", handed.stderr);

    let second = reviewed(&prospector, &postings[1]);
    let handed = submit(&prospector, second).ok().json();
    assert!(handed["hand_over"].as_str().is_some_and(|page| page.ends_with("/apply/")), "{handed}");
    assert_eq!(
        (&handed["proposal"]["state"], &handed["proposal"]["attempt"]["deed"]),
        (&json!("submitting"), &json!("hand_over"))
    );
}

#[test]
fn the_persons_word_ends_a_proposal_that_was_left_to_them() {
    let sim = Sim::agreeing();
    let prospector = scanned(&sim, "", "");
    let posting = leads(&prospector).remove(0);
    let number = reviewed(&prospector, &posting);
    let early = prospector.run(&format!("proposals resolve {number} --sent")).expect(2);
    assert!(early.stderr.contains("in the state review"), "{}", early.stderr);
    let _handed = submit(&prospector, number).ok();
    let _not = prospector.run(&format!("proposals resolve {number} --not-sent")).ok();
    assert_eq!(show(&prospector, number)["state"], "failed");
    // It was not sent, so nothing is used up, and it can be approved again.
    assert_eq!(prospector.run("proposals budget --json").ok().json()["budget"][0]["spent"], 0);
    let _handed = submit(&prospector, number).ok();
    let _sent = prospector.run(&format!("proposals resolve {number} --sent")).ok();
    let shown = show(&prospector, number);
    assert_eq!((&shown["state"], &shown["remote"]), (&json!("submitted"), &Value::Null));
    // What the platform has to say about it is found by the posting.
    let there = sim.upwork().apply_by_hand(&posting);
    let _synced = prospector.run("proposals sync").ok();
    assert_eq!(show(&prospector, number)["remote"]["id"], json!(there));
}

#[test]
fn after_a_week_without_a_sign_the_person_is_asked() {
    if !cfg!(debug_assertions) {
        missing("a build with debug assertions, whose clock tests can turn");
        return;
    }
    let sim = Sim::agreeing();
    let prospector = scanned(&sim, "", "");
    let posting = leads(&prospector).remove(0);
    let number = reviewed(&prospector, &posting);
    let _handed = submit(&prospector, number).ok();
    let _synced = sync_after(&sim, &prospector, 8 * 86_400).ok();
    let shown = show(&prospector, number);
    assert_eq!(shown["state"], "uncertain");
    let remedy = shown["trouble"]["remedy"].as_str().expect("a remedy");
    assert!(remedy.contains(&format!("proposals resolve {number} --sent")), "{remedy}");
    let resolved = prospector.run(&format!("proposals resolve {number} --not-sent --json")).ok().json();
    assert_eq!(resolved["state"], "failed");
}
