//! What each page looks like, to everybody: in light and dark, in a window and on a phone, with content and without.

use std::fmt::Write as _;

use prospector_e2e::chromium::{Axe, By, Colours, Window};
use prospector_e2e::{Chromium, Dashboard, Home, Sim};

use super::{PAGES, enter, furnished, open, painted};
use crate::support::{at, axe, chromium};

/// Adds what is wrong with the page as it stands.
fn look(browser: &Chromium, axe: &Axe, wrong: &mut String) {
    for (window, width) in [(Window::DESKTOP, "in a window"), (Window::PHONE, "on a phone")] {
        browser.resize(window);
        let overflow = browser.overflow();
        if overflow > 0 {
            let _ = writeln!(wrong, "{} {width} is {overflow} pixels too wide", browser.address().path());
        }
        for colours in [Colours::Light, Colours::Dark] {
            browser.prefer(colours);
            for violation in axe.violations(browser) {
                let _ = writeln!(wrong, "{} {width} in {colours:?}: {violation}", browser.address().path());
            }
        }
    }
    browser.resize(Window::DESKTOP);
}

#[test]
fn pages_without_content_hold_to_the_rules() {
    let (Some(browser), Some(axe)) = (chromium(), axe()) else { return };
    let prospector = at(Home::configured(""));
    let dashboard = Dashboard::of(&prospector);
    enter(&browser, &dashboard);
    let mut wrong = String::new();
    for page in PAGES.into_iter().chain(["platforms/upwork/connect", "nothing"]) {
        open(&browser, &dashboard, page);
        look(&browser, &axe, &mut wrong);
    }
    browser.click(By::Role("button", "Log out"));
    let _left = browser.find(By::Text("You are not logged in"));
    open(&browser, &dashboard, "leads");
    let _shown_nothing = browser.find(By::Css("main.alone"));
    look(&browser, &axe, &mut wrong);
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn pages_with_content_hold_to_the_rules() {
    let (Some(browser), Some(axe)) = (chromium(), axe()) else { return };
    let sim = Sim::agreeing();
    let home = furnished(&sim);
    let dashboard = Dashboard::of(&home.prospector);
    enter(&browser, &dashboard);
    let mut wrong = String::new();
    for page in PAGES.into_iter().chain(home.further.iter().map(String::as_str)) {
        open(&browser, &dashboard, page);
        look(&browser, &axe, &mut wrong);
    }
    open(&browser, &dashboard, &home.further[1]);
    browser.click(By::Role("button", "Look at what would be sent"));
    let _plan = browser.find(By::Text("Nothing was sent yet."));
    look(&browser, &axe, &mut wrong);
    open(&browser, &dashboard, "leads");
    let _when = painted(&browser);
    browser.press("?");
    let _keys = browser.find(By::Css("dialog"));
    look(&browser, &axe, &mut wrong);
    assert!(wrong.is_empty(), "{wrong}");
}
