//! The pictures of `docs/dashboard.md`.

use std::path::Path;

use prospector_e2e::chromium::{By, Colours, Window};
use prospector_e2e::{Chromium, Dashboard, Sim};

use super::{PAGES, enter, furnished, open};
use crate::support::chromium;

/// What one has room in.
const WINDOW: Window = Window { width: 1200, height: 800, mobile: false };
/// What one may take in the repository.
const MOST_BYTES: u64 = 60_000;

/// Takes the page in both colours.
fn take(browser: &Chromium, name: &str) {
    for (colours, suffix) in [(Colours::Light, "light"), (Colours::Dark, "dark")] {
        browser.prefer(colours);
        let file = format!("{}/../../docs/dashboard/{name}-{suffix}.webp", env!("CARGO_MANIFEST_DIR"));
        let bytes = browser.picture(Path::new(&file));
        assert!(bytes < MOST_BYTES, "{file}: {bytes} bytes");
    }
}

#[test]
#[ignore = "writes docs/dashboard/: PROSPECTOR_WRITE=1 cargo test --workspace --test prospector -- pictures --ignored"]
fn the_pictures_of_the_docs_are_taken() {
    assert!(std::env::var_os("PROSPECTOR_WRITE").is_some(), "PROSPECTOR_WRITE=1 writes them anew");
    let browser = chromium().expect("a browser");
    let sim = Sim::agreeing();
    let home = furnished(&sim);
    let dashboard = Dashboard::of(&home.prospector);
    browser.resize(WINDOW);
    enter(&browser, &dashboard);
    let further = ["lead", "proposal", "contract"];
    let paths = PAGES.into_iter().chain(home.further.iter().map(String::as_str));
    for (path, name) in paths.zip(PAGES.into_iter().chain(further)) {
        open(&browser, &dashboard, path);
        take(&browser, name);
    }
    open(&browser, &dashboard, &home.further[1]);
    browser.click(By::Role("button", "Look at what would be sent"));
    let _plan = browser.find(By::Text("Nothing was sent yet."));
    take(&browser, "plan");
}
