//! The browser that pages are tested with: each thing that a person does at it, and what is found wrong with a page, shown on small pages of a
//! server of the test's own.

mod pages;
mod returning;

use std::fs;
use std::path::Path;
use std::time::Instant;

use prospector_e2e::chromium::{By, Colours, Window, key};
use prospector_e2e::prospector::PATIENCE;

use crate::support::{axe, chromium};
use pages::{site, untidy};

#[test]
fn a_person_reads_types_presses_keys_and_waits_for_what_comes_later() {
    let Some(browser) = chromium() else { return };
    browser.open(&site());
    assert_eq!(browser.title(), "Owls");
    assert_eq!(browser.find(By::Role("heading", "Owls of the \"old\" wood")).text(), "Owls of the \"old\" wood");
    assert_eq!(browser.find(By::Text("of the \"old\"")).role(), "heading");
    // What is hidden is not there for a person.
    assert!(browser.find_all(By::Text("Only for later")).is_empty());
    browser.fill(By::Role("textbox", "Name"), "Ada");
    browser.fill(By::Css("#name"), "Tawny");
    assert_eq!(browser.find(By::Css("#name")).value(), "Tawny");
    browser.click(By::Role("button", "Greet"));
    // The page's script answers a moment later.
    assert_eq!(browser.find(By::Text("Hello Tawny")).role(), "status");
    browser.wait_until_gone(By::Text("Nobody is greeted yet"));
    // By the keyboard alone: from the button back to the field, whose text is selected then, and the form by Enter.
    browser.press(&[key::SHIFT, key::TAB].concat());
    assert_eq!(browser.focused().name(), "Name");
    browser.press(&["Elf", key::ENTER].concat());
    let _greeted = browser.find(By::Text("Hello Elf"));
    browser.press(&[key::TAB, key::TAB].concat());
    assert_eq!((browser.focused().role().as_str(), browser.focused().name().as_str()), ("link", "More"));
    browser.press(key::ENTER);
    browser.wait_for_path("/more");
    assert!(browser.text().contains("That is all."));
    browser.back();
    browser.wait_for_path("/");
    assert!(browser.find(By::Role("link", "More")).attribute("href").is_some_and(|address| address.ends_with("/more")));
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn windows_colours_and_scripts_are_as_a_person_has_them() {
    let Some(browser) = chromium() else { return };
    let site = site();
    browser.open(&site);
    let ground = || browser.find(By::Css("body")).style("background-color");
    let white = "rgba(255, 255, 255, 1)";
    assert_eq!((ground().as_str(), browser.overflow()), (white, 0));
    assert_eq!(browser.find(By::Css("#width")).style("color"), "rgba(0, 0, 0, 1)");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("screenshots");
    for (window, name, width) in [(Window::DESKTOP, "desktop", 1280), (Window::PHONE, "phone", 390)] {
        browser.resize(window);
        assert_eq!(browser.execute("return innerWidth", &serde_json::json!([])), width);
        let file = folder.join(format!("chromium-{name}.png"));
        browser.screenshot(&file);
        let picture = fs::read(&file).expect("it was written");
        let size = |at: usize| u32::from_be_bytes(picture[at..at + 4].try_into().expect("four bytes"));
        assert_eq!((&picture[..4], size(16), size(20)), (&b"\x89PNG"[..], window.width, window.height), "{name}");
    }
    assert_eq!(browser.find(By::Css("#width")).style("color"), "rgba(0, 0, 128, 1)", "a phone has a rule of its own");
    browser.open(&format!("{site}/wide"));
    assert!(browser.overflow() > 500, "{}", browser.overflow());
    browser.open(&site);
    browser.prefer(Colours::Dark);
    assert_eq!(ground(), "rgba(16, 16, 32, 1)");
    browser.prefer(Colours::Light);
    assert_eq!(ground(), white);
    assert!(browser.find_all(By::Text("Without scripts")).is_empty());
    browser.allow_scripts(false);
    browser.reload();
    assert_eq!(browser.find(By::Text("Without scripts")).text(), "Without scripts, send the form.");
    browser.allow_scripts(true);
    browser.reload();
    assert!(browser.find_all(By::Text("Without scripts")).is_empty());
}

#[test]
fn what_a_page_is_refused_by_its_own_policy_or_breaks_in_a_script_is_heard_of_once() {
    let Some(browser) = chromium() else { return };
    let site = site();
    browser.open(&format!("{site}/refused"));
    let complaints = browser.complaints();
    let about = |what: &str| complaints.iter().filter(|line| line.contains(what)).count();
    assert_eq!((about("Content Security Policy"), about("nothing is not defined")), (1, 1), "{complaints:?}");
    assert!(browser.complaints().is_empty());
    browser.open(&site);
    assert!(browser.complaints().is_empty());
}

#[test]
fn axe_finds_nothing_wrong_with_a_good_page_and_says_where_and_why_another_is_bad() {
    let (Some(browser), Some(axe)) = (chromium(), axe()) else { return };
    browser.open(&site());
    for colours in [Colours::Light, Colours::Dark] {
        browser.prefer(colours);
        axe.assert_content(&browser);
    }
    browser.prefer(Colours::Light);
    browser.open(&untidy());
    let violations = axe.violations(&browser);
    let rules: Vec<&str> = violations.iter().map(|violation| violation.rule.as_str()).collect();
    assert_eq!(rules, ["color-contrast", "html-has-lang", "image-alt", "label"]);
    let contrast = violations[0].to_string();
    for said in ["#pale", "foreground color: #bbbbbb", "background color: #ffffff", "4.5:1"] {
        assert!(contrast.contains(said), "{said}: {contrast}");
    }
    assert!(violations[2].to_string().contains("\n  img"), "{}", violations[2]);
}

#[test]
fn a_browser_that_is_dropped_has_ended() {
    let Some(browser) = chromium() else { return };
    browser.open(&site());
    let processes = browser.processes();
    // What has ended and was not waited for is listed still, as a zombie, and has no command line.
    let runs = |id: &u32| fs::read(format!("/proc/{id}/cmdline")).is_ok_and(|line| !line.is_empty());
    // A browser also begins processes that end at once.
    assert!(processes.iter().filter(|id| runs(id)).count() > 1, "{processes:?}");
    drop(browser);
    let dropped = Instant::now();
    while processes.iter().any(runs) {
        assert!(dropped.elapsed() < PATIENCE, "{processes:?}");
        std::thread::yield_now();
    }
}
