//! Without script.

use std::fs;

use prospector_e2e::chromium::By;
use prospector_e2e::{Dashboard, Sim};

use super::{PAGES, enter, furnished, hrefs, open};
use crate::support::chromium;

#[test]
fn pages_read_and_work_without_script() {
    let Some(browser) = chromium() else { return };
    let sim = Sim::agreeing();
    let home = furnished(&sim);
    let dashboard = Dashboard::of(&home.prospector);
    browser.allow_scripts(false);
    enter(&browser, &dashboard);
    for page in PAGES.into_iter().chain(home.further.iter().map(String::as_str)) {
        open(&browser, &dashboard, page);
        let _shown = browser.find(By::Css("main :is(table, .lead, .card, .facts-list)"));
        assert!(browser.find_all(By::Css(".script-only")).is_empty(), "{page}");
    }
    // A mark in a list that was filtered leads back to it.
    open(&browser, &dashboard, "leads?min_score=1&platform=freelancer");
    let leads = hrefs(&browser, ".leads h2 a");
    browser.click(By::Css(".leads > .lead:first-child form[data-key=s] button"));
    let _said = browser.find(By::Text(" is starred."));
    assert_eq!(
        (browser.address().path(), browser.address().query()),
        ("/leads", Some("min_score=1&platform=freelancer"))
    );
    let _starred = browser.find(By::Css(".leads > .lead:first-child [aria-pressed=true]"));
    // One on the lead's own page stays there.
    open(&browser, &dashboard, &leads[0]);
    browser.click(By::Role("button", "Dismiss"));
    let _said = browser.find(By::Text(" is dismissed."));
    assert_eq!(browser.address().path(), leads[0]);

    open(&browser, &dashboard, "scans");
    let scans = browser.find_all(By::Text("done")).len();
    browser.click(By::Role("button", "Scan Freelancer now"));
    let _ended = browser.find(By::Text(" fetched, "));
    assert_eq!(browser.find_all(By::Role("cell", "done")).len(), scans + 1);

    open(&browser, &dashboard, "scoring");
    browser.click(By::Role("button", "Try them"));
    browser.wait_for_path("/scoring");
    let _tried = browser.find(By::Role("link", "Those of the configuration"));

    open(&browser, &dashboard, "settings");
    browser.find(By::Css("#text")).type_in("# mine\n");
    browser.click(By::Role("button", "Save"));
    let _saved = browser.find(By::Text("Saved, and in force."));
    let file = home.prospector.home.configuration_file();
    assert!(fs::read_to_string(file).expect("it is there").ends_with("# mine\n"));
}
