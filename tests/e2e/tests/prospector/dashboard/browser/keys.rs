//! Without a mouse.

use prospector_e2e::chromium::{By, key};
use prospector_e2e::{Dashboard, Sim};
use serde_json::{Value, json};

use super::{PAGES, enter, furnished, hrefs, open, painted};
use crate::following::scanned;
use crate::support::chromium;

#[test]
fn leads_are_gone_through_opened_starred_and_dismissed_by_keys() {
    let Some(browser) = chromium() else { return };
    let sim = Sim::agreeing();
    let prospector = scanned(&sim);
    let dashboard = Dashboard::of(&prospector);
    enter(&browser, &dashboard);
    let leads = hrefs(&browser, ".leads h2 a");
    let _shown = painted(&browser);
    let here = || browser.focused().attribute("data-href").unwrap_or_default();
    for (pressed, row) in [("j", 0), ("j", 1), ("j", 2), ("k", 1), ("k", 0), ("k", 0)] {
        browser.press(pressed);
        assert_eq!(here(), leads[row], "after {pressed}");
        let outline = |property: &str| browser.focused().style(property);
        assert_eq!((outline("outline-style").as_str(), outline("outline-width").as_str()), ("solid", "3px"));
    }
    browser.press("s");
    let _starred = browser.find(By::Css(".lead.starred:focus"));
    assert_eq!(here(), leads[0], "the row that was changed is still the one that keys act on");
    browser.press("s");
    let _taken_off = browser.find(By::Css(".lead.seen:focus"));
    browser.press("s");
    let _starred = browser.find(By::Css(".lead.starred:focus"));
    browser.press("jd");
    let _dismissed = browser.find(By::Css(".lead.dismissed:focus"));
    assert_eq!(here(), leads[1]);
    browser.press("?");
    let _keys = browser.find(By::Role("dialog", "Keys"));
    // What is pressed there is not for the list below.
    browser.press("j");
    browser.press(key::ESCAPE);
    browser.wait_until_gone(By::Css("dialog"));
    assert_eq!(here(), leads[1], "the focus is back where it was");
    // Nor is what is typed into a field.
    browser.fill(By::Role("searchbox", "Search"), "jd?");
    assert_eq!(browser.find(By::Css("[name=q]")).value(), "jd?");
    assert!(browser.find_all(By::Css("dialog")).is_empty());
    browser.reload();
    assert_eq!(hrefs(&browser, ".leads h2 a")[..2], [leads[0].clone(), leads[2].clone()]);
    let _shown = painted(&browser);
    browser.press("jj");
    browser.press(key::ENTER);
    browser.wait_for_path(&leads[2]);
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

/// Everything of the page that can be used, and what the focus comes to; by what each is, in the page's order.
const USABLE: &str = "const all = [...document.querySelectorAll('a[href], button, input, select, textarea, [tabindex=\"0\"]')];
    window.met = new Set();
    document.addEventListener('focusin', event => window.met.add(event.target));
    window.usable = all.filter(one => one.checkVisibility({visibilityProperty: true}) && !one.disabled && one.type !== 'hidden');
    return window.usable.length";

const UNREACHED: &str = "return window.usable.filter(one => !window.met.has(one)).map(one => one.outerHTML)";

#[test]
fn tab_comes_to_everything_and_what_all_pages_have_can_be_skipped() {
    let Some(browser) = chromium() else { return };
    let sim = Sim::agreeing();
    let home = furnished(&sim);
    let dashboard = Dashboard::of(&home.prospector);
    enter(&browser, &dashboard);
    for page in PAGES.into_iter().chain(home.further.iter().map(String::as_str)) {
        open(&browser, &dashboard, page);
        let _shown = painted(&browser);
        browser.press(key::TAB);
        let skip = browser.focused();
        assert_eq!(
            (skip.text().as_str(), skip.style("outline-style").as_str()),
            ("Skip to the content", "solid"),
            "{page}"
        );
        browser.press(key::ENTER);
        assert_eq!(browser.focused().attribute("id").as_deref(), Some("main"), "{page}");
        open(&browser, &dashboard, page);
        let _shown = painted(&browser);
        let usable = browser.execute(USABLE, &json!([])).as_u64().expect("a count");
        // What scrolls is come to as well.
        browser.press(&key::TAB.repeat(usize::try_from(usable).expect("a count") + 20));
        assert_eq!(browser.execute(UNREACHED, &json!([])), Value::Array(Vec::new()), "{page}");
    }
}
