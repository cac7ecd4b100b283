//! Weights are moved, looked at, and saved.

use std::fs;

use prospector_e2e::chromium::{By, key};
use prospector_e2e::{Dashboard, Sim};
use serde_json::{Value, json};

use super::{enter, hrefs, open};
use crate::following::scanned;
use crate::support::chromium;

#[test]
fn the_best_ten_change_as_a_slider_moves_and_the_leads_once_it_is_saved() {
    let Some(browser) = chromium() else { return };
    let sim = Sim::agreeing();
    let prospector = scanned(&sim);
    let file = prospector.home.configuration_file();
    let before = fs::read_to_string(&file).expect("it is there");
    let dashboard = Dashboard::of(&prospector);
    enter(&browser, &dashboard);
    let first = hrefs(&browser, ".leads h2 a");
    browser.click(By::Role("link", "Scoring"));
    browser.wait_for_path("/scoring");
    let best = || hrefs(&browser, "#tried th a");
    assert_eq!(best(), first[..10]);
    browser.execute("window.isStillHere = true", &json!([]));
    browser.find(By::Css("[name='weight.client_history']")).type_in(key::HOME);
    browser.find(By::Css("[name='weight.budget']")).type_in(key::END);
    let _shares = browser.find(By::Text("client_history 0.0%"));
    let _told = browser.find(By::Role("heading", "The best ten, as they would be"));
    let tried = best();
    assert!(tried.len() == 10 && tried != first[..10], "{tried:?}");
    assert_eq!(browser.execute("return window.isStillHere", &json!([])), json!(true), "the page was not loaded again");
    assert_eq!(fs::read_to_string(&file).expect("it is there"), before, "nothing is saved yet");
    browser.click(By::Role("button", "Save these weights"));
    let _saved = browser.find(By::Text("leads have another score now"));
    assert_eq!(browser.execute("return window.isStillHere", &json!([])), Value::Null);
    assert_eq!(browser.find(By::Css("[name='weight.client_history']")).value(), "0");
    open(&browser, &dashboard, "leads");
    assert_eq!(hrefs(&browser, ".leads h2 a")[..10], tried);
    assert_eq!(browser.complaints(), Vec::<String>::new());
}
