//! A person who has only the browser, and platforms on another site: from nothing to proposals that are approved.

use prospector_e2e::chromium::By;
use prospector_e2e::home::{platforms, section};
use prospector_e2e::sim::{GRAPHQL, POSTINGS, TOKEN};
use prospector_e2e::{Chromium, Dashboard, Home, Prospector, Sim};
use serde_json::{Value, json};

use super::{enter, hrefs};
use crate::proposing::{PROFILE, live_at_upwork};
use crate::support::{at, chromium};

const TEXT: &str =
    "I have read your posting to its end and would like to do it. The first part would be there within a week.";

/// A home that knows where the simulated platforms are, and nothing else. They ask at `localhost`, which is not the site of 127.0.0.1.
fn bare(sim: &Sim) -> Prospector {
    let sites = [sim.freelancer(), sim.upwork()];
    let mut text = platforms(&sites.map(|site| section(site, "")), "proposals: { auto_draft: false }");
    for site in sites {
        let accounts = &site.origins().accounts;
        text = text.replace(accounts, &accounts.replace("127.0.0.1", "localhost"));
    }
    at(Home::configured(&text))
}

/// From any page to the platform's consent page.
fn ask(browser: &Chromium, name: &str) {
    browser.click(By::Role("link", "Platforms"));
    browser.click(By::Role("link", &format!("Add {name}")));
    let registered = browser.find(By::Text("/callback")).text();
    assert!(registered.starts_with("http://127.0.0.1:"), "{registered}");
    browser.fill(By::Role("textbox", &format!("{name} Client ID")), "sim-client");
    browser.fill(By::Role("textbox", &format!("{name} Client Secret")), "sim-secret");
    browser.click(By::Role("button", &format!("Go on to {name}")));
    let _asked = browser.find(By::Role("button", "Allow"));
    assert_eq!(browser.address().host_str(), Some("localhost"), "the platform is on another site");
}

fn add(browser: &Chromium, name: &str) {
    ask(browser, name);
    browser.click(By::Role("button", "Allow"));
    let _said = browser.find(By::Text(&format!("{name} is connected.")));
    assert_eq!(browser.address().path(), "/platforms");
    let _state = browser.find(By::Text("connected"));
    assert_eq!(browser.find_all(By::Role("link", &format!("Add {name}"))).len(), 0);
    let _can_be_cut = browser.find(By::Role("button", &format!("Disconnect {name}")));
}

/// Scans a platform that takes its time over the second answer of a route.
fn scan(browser: &Chromium, sim: &Sim, name: &str, route: &str) {
    browser.click(By::Role("link", "Scans"));
    sim.fault(&json!({"route": route, "fault": "slow", "delay_ms": 1500, "skip": 1}));
    browser.click(By::Role("button", &format!("Scan {name} now")));
    let _under_way = browser.find(By::Css("progress"));
    assert!(browser.text().contains(&format!("{name} is being scanned")), "{}", browser.text());
    browser.wait_until_gone(By::Css("progress"));
    let _ended = browser.find(By::Text(" fetched, "));
    let _listed = browser.find(By::Role("cell", "done"));
}

/// Opens the best lead of a platform and drafts a proposal, in words of the person's own; the posting.
fn draft(browser: &Chromium, platform: &str) -> String {
    browser.click(By::Role("link", "Leads"));
    browser.fill(By::Role("spinbutton", "Least score"), "0");
    browser.find(By::Css("select[name=platform]")).type_in(platform);
    browser.click(By::Role("button", "Show"));
    browser.wait_until_gone(By::Text(if platform == "upwork" { "freelancer/" } else { "upwork/" }));
    let best = hrefs(browser, ".leads h2 a").remove(0);
    assert!(best.starts_with(&format!("/leads/{platform}/")), "{best}");
    browser.click(By::Css(".leads h2 a"));
    browser.wait_for_path(&best);
    let _total = browser.find(By::Role("heading", "How the score came about"));
    browser.click(By::Role("button", "Draft a proposal"));
    browser.fill(By::Css("#text"), TEXT);
    browser.fill(By::Css("input[name=days]"), "7");
    browser.click(By::Role("button", "Save"));
    let _saved = browser.find(By::Text("Saved. It can be sent once you approve it."));
    assert_eq!(browser.find(By::Css("#text")).value(), TEXT);
    browser.click(By::Role("button", "Look at what would be sent"));
    let _not_yet = browser.find(By::Text("Nothing was sent yet."));
    best.rsplit('/').next().expect("an identifier").to_owned()
}

#[test]
fn a_person_who_has_only_the_browser_goes_from_nothing_to_an_approved_proposal() {
    let Some(browser) = chromium() else { return };
    let sim = Sim::asking();
    let prospector = bare(&sim);
    let dashboard = Dashboard::of(&prospector);
    enter(&browser, &dashboard);
    assert!(browser.text().contains("Nothing was scanned yet."), "{}", browser.text());
    browser.click(By::Role("link", "Add a platform"));
    browser.wait_for_path("/platforms");
    // Who they are is told in the settings.
    browser.click(By::Role("link", "Settings"));
    browser.find(By::Css("#text")).type_in(&format!("\n{PROFILE}"));
    browser.click(By::Role("button", "Save"));
    let _in_force = browser.find(By::Text("Saved, and in force."));

    add(&browser, "Freelancer");
    scan(&browser, &sim, "Freelancer", POSTINGS);
    let posting = draft(&browser, "freelancer");
    let bids =
        || sim.freelancer().control("GET", &format!("live-bids?project={posting}"), &Value::Null)["count"].clone();
    assert!(browser.text().contains("POST ") && browser.text().contains(&posting), "{}", browser.text());
    assert_eq!(bids(), json!(0));
    browser.click(By::Role("button", "Approve and send"));
    let _it_has_it = browser.find(By::Text("The platform has it."));
    assert_eq!((browser.find(By::Css("h1 + .facts .state")).text().as_str(), bids()), ("submitted", json!(1)));

    add(&browser, "Upwork");
    scan(&browser, &sim, "Upwork", GRAPHQL);
    let posting = draft(&browser, "upwork");
    browser.click(By::Role("button", "Approve, and go on at the platform"));
    let _handed = browser.find(By::Role("heading", "Go on at the platform"));
    assert_eq!(browser.find(By::Css("#text")).value(), TEXT);
    let there = browser.find(By::Role("link", "Open the platform's page")).attribute("href").expect("an address");
    assert!(there.ends_with("/apply/"), "{there}");
    let may = json!({"origin": dashboard.origin.origin().ascii_serialization(), "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]});
    browser.devtools("Browser.grantPermissions", &may);
    browser.click(By::Role("button", "Copy it"));
    let _copied = browser.find(By::Role("button", "Copied"));
    let copied = browser.execute("return navigator.clipboard.readText()", &json!([]));
    assert_eq!((copied, live_at_upwork(&sim, &posting)), (json!(TEXT), 0));
    browser.click(By::Role("link", "Back to proposal 2"));
    let _by_hand = browser.find(By::Text("You send it at the platform's own page"));
    assert_eq!(browser.find(By::Css("h1 + .facts .state")).text(), "submitting");
    let _sent = sim.upwork().apply_by_hand(&posting);
    browser.click(By::Role("button", "It was sent"));
    let _resolved = browser.find(By::Text("It is submitted now."));
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn who_says_no_at_the_consent_page_is_told_on_the_dashboard_and_may_try_again() {
    let Some(browser) = chromium() else { return };
    let sim = Sim::asking();
    let prospector = bare(&sim);
    let dashboard = Dashboard::of(&prospector);
    enter(&browser, &dashboard);
    ask(&browser, "Freelancer");
    browser.click(By::Role("button", "Deny"));
    let _said = browser.find(By::Role("heading", "Freelancer is not connected"));
    assert!(browser.find(By::Role("alert", "")).text().contains("Access denied"), "{}", browser.text());
    assert!(sim.requests(TOKEN).is_empty());
    browser.click(By::Role("link", "Try again"));
    browser.wait_for_path("/platforms/freelancer/connect");
    add(&browser, "Freelancer");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn an_answer_that_another_browser_brings_does_not_end_the_wait() {
    let (Some(browser), Some(other)) = (chromium(), chromium()) else { return };
    let sim = Sim::asking();
    let prospector = bare(&sim);
    let dashboard = Dashboard::of(&prospector);
    enter(&browser, &dashboard);
    ask(&browser, "Upwork");
    // The same log-in, to the letter of its state.
    other.open(browser.address().as_str());
    other.click(By::Role("button", "Allow"));
    let _refused = other.find(By::Role("heading", "Not this log-in"));
    browser.click(By::Role("button", "Allow"));
    let _said = browser.find(By::Text("Upwork is connected."));
}
