//! The dashboard in a real browser, as a person uses it.

mod attack;
mod figures;
mod keys;
mod looks;
mod nothing;
mod pictures;
mod scriptless;
mod weights;

use std::time::Instant;

use prospector_e2e::chromium::By;
use prospector_e2e::home::{DEVELOPER, platforms, section};
use prospector_e2e::prospector::PATIENCE;
use prospector_e2e::{Chromium, Dashboard, Home, Prospector, Sim};
use serde_json::json;

use crate::following::{self, sent};
use crate::proposing::{leads_of, reviewed};
use crate::support::at;

/// The pages, in the order of their links.
const PAGES: [&str; 10] =
    ["leads", "skipped", "proposals", "contracts", "platforms", "scans", "scoring", "plugins", "settings", "audit"];

/// Enters by the printed link, which leads to the leads.
fn enter(browser: &Chromium, dashboard: &Dashboard) {
    browser.open(dashboard.link.as_str());
    browser.wait_for_path("/leads");
}

/// Opens a page by its address.
fn open(browser: &Chromium, dashboard: &Dashboard, path: &str) {
    browser.open(dashboard.origin.join(path).expect("a path").as_str());
}

/// How many milliseconds it took until the page showed something, when it does: before, keys that are pressed may be lost.
fn painted(browser: &Chromium) -> f64 {
    const SCRIPT: &str = "return performance.getEntriesByType('paint').find(paint => paint.name === 'first-contentful-paint')?.startTime";
    let started = Instant::now();
    loop {
        if let Some(painted) = browser.execute(SCRIPT, &json!([])).as_f64() {
            return painted;
        }
        assert!(started.elapsed() < PATIENCE, "{} is not painted", browser.address());
        std::thread::yield_now();
    }
}

/// Where the leads of the page lead to, in its order.
fn hrefs(browser: &Chromium, selector: &str) -> Vec<String> {
    let links = browser.find_all(By::Css(selector));
    links.iter().map(|link| link.attribute("href").expect("an address")).collect()
}

/// What is looked for at Freelancer, and at Upwork, where proposals are sent by the assumed operations.
const FREELANCER: &str =
    "    categories: ['Websites, IT & Software', 'Mobile Phones & Computing']\n    min_employer_rating: 4.0\n";
const UPWORK: &str = "    categories: ['Web Development', 'Mobile Development']\n    locations: ['United States', GBR, Germany, France]\n    \
    proposal_submission: preview\n";

/// What a home holds after some weeks: what each page shows something of.
struct Furnished {
    prospector: Prospector,
    /// Paths of pages beside [`PAGES`]: a lead, a proposal that waits for review, a contract.
    further: [String; 3],
}

fn furnished(sim: &Sim) -> Furnished {
    let sections = [section(sim.freelancer(), FREELANCER), section(sim.upwork(), UPWORK)];
    let rest = format!("{DEVELOPER}\nproposals: {{ auto_draft: false }}");
    let prospector = at(Home::configured(&platforms(&sections, &rest)));
    let _connected = [prospector.connect().ok(), prospector.connect_to("upwork").ok()];
    let _scanned = prospector.run("scan").ok();
    let (freelancer, upwork) = (leads_of(&prospector, "freelancer"), leads_of(&prospector, "upwork"));
    let (_, bid) = sent(&prospector, &freelancer[1]);
    for action in ["award", "accept"] {
        let _done = sim.freelancer().control("POST", &format!("bids/{bid}/{action}"), &json!({}));
    }
    for (amount, description) in [(120, "First half"), (180, "Second half")] {
        let milestone =
            json!({"bid_id": bid.parse::<u64>().expect("a number"), "amount": amount, "description": description});
        let _paid = sim.freelancer().control("POST", "milestones", &milestone);
    }
    let _synced = following::sync(&prospector);
    let waits = reviewed(&prospector, &freelancer[0]);
    let _another = reviewed(&prospector, &upwork[0]);
    for line in [
        format!("leads mark freelancer/{} starred", freelancer[2]),
        format!("leads tag freelancer/{} +later", freelancer[0]),
        format!("leads mark upwork/{} dismissed", upwork[3]),
    ] {
        let _marked = prospector.run(&line).ok();
    }
    let further = [
        format!("leads/freelancer/{}", freelancer[0]),
        format!("proposals/{waits}"),
        format!("contracts/freelancer/{bid}"),
    ];
    Furnished { prospector, further }
}
