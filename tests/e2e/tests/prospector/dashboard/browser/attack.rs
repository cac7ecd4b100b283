//! A posting whose texts are an attack.

use prospector_e2e::chromium::By;
use prospector_e2e::{Chromium, Dashboard, Sim};
use serde_json::{Value, json};

use super::{enter, open};
use crate::proposing::PROFILE;
use crate::support::{chromium, connected_with};

const NASTY: &str = "<script>window.attacked = 1; alert(1)</script><img src=x onerror='window.attacked = 2'>\
    \"'><style>* { color: rgb(1, 2, 3) !important; display: none }</style><a href=\"javascript:window.attacked = 3\">here</a>\
    </title></textarea></svg>\u{202e}evil\u{2066}\u{200b}";

/// What is there of the attack, apart from text.
const FOUND: &str = "return [window.attacked ?? null, document.querySelectorAll('main :is(script, img, style, iframe, object)').length,
    [...document.links].filter(link => !/^https?:$/.test(link.protocol)).length, getComputedStyle(document.querySelector('h1')).color]";

/// What somebody who could write into a page would try.
const INJECTED: &str = "document.body.insertAdjacentHTML('beforeend', `<img src=https://elsewhere.example/x onerror='window.attacked = 4'>
    <a id=bait href='javascript:window.attacked = 5'>here</a><style>h1 { color: rgb(1, 2, 3) }</style>`);
    const script = document.createElement('script'); script.textContent = 'window.attacked = 6'; document.body.append(script);
    document.getElementById('bait').click()";

#[track_caller]
fn is_harmless(browser: &Chromium, colour: &str) {
    // A dialog would keep the browser from doing this.
    assert_eq!(browser.execute(FOUND, &json!([])), json!([null, 0, 0, colour]), "{}", browser.address());
}

#[test]
fn an_attack_in_a_posting_stays_text_and_the_pages_policy_would_stop_it_otherwise() {
    let Some(browser) = chromium() else { return };
    let sim = Sim::agreeing();
    let known = sim.control("GET", "/freelancer/projects", &Value::Null);
    for id in known["ids"].as_array().expect("an array") {
        let texts = json!({"title": NASTY, "description": NASTY, "preview_description": NASTY, "seo_url": "javascript:alert(3)"});
        sim.control("PATCH", &format!("/freelancer/projects/{id}"), &texts);
    }
    let settings = "    min_employer_rating: 4.5\n";
    let prospector = connected_with(&sim, settings, &format!("{PROFILE}proposals: {{ auto_draft: false }}\n"));
    let _scanned = prospector.run("scan").ok();
    let dashboard = Dashboard::of(&prospector);
    enter(&browser, &dashboard);
    let ink = browser.find(By::Css("h1")).style("color");
    let ink = ink.replace("rgba", "rgb").replace(", 1)", ")");
    is_harmless(&browser, &ink);
    let title = browser.find(By::Css(".leads h2 a"));
    assert!(title.text().contains("<script>window.attacked = 1") && title.text().contains("evil"), "{}", title.text());
    assert!(!title.text().contains(['\u{202e}', '\u{2066}', '\u{200b}']), "{}", title.text());
    title.click();
    let _opened = browser.find(By::Role("heading", "The posting"));
    is_harmless(&browser, &ink);
    assert!(browser.find(By::Css(".text")).text().contains("onerror='window.attacked = 2'"));
    browser.click(By::Role("button", "Draft a proposal"));
    browser.wait_for_path("/proposals/1");
    is_harmless(&browser, &ink);
    for page in ["proposals", "skipped", "scans", "scoring", "audit"] {
        open(&browser, &dashboard, page);
        is_harmless(&browser, &ink);
    }
    assert_eq!(browser.complaints(), Vec::<String>::new());

    browser.execute(INJECTED, &json!([]));
    let told = browser
        .execute("return [window.attacked ?? null, getComputedStyle(document.querySelector('h1')).color]", &json!([]));
    assert_eq!(told, json!([null, ink]));
    let complaints = browser.complaints();
    let refused =
        |what: &str| complaints.iter().any(|line| line.contains("Content Security Policy") && line.contains(what));
    assert!(refused("script-src") && refused("style-src") && refused("img-src"), "{complaints:?}");
}
