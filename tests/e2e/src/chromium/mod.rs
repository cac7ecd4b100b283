//! A real browser, and a person at it: Debian's Chromium without a screen, driven by `chromedriver`.
//!
//! ```text
//!  Chromium ── open, click, type, read ──► Driver ── WebDriver ──► chromedriver ──► chromium (one page, a profile of its own)
//!     ├── look.rs   windows, colours, scripts, screenshots, complaints
//!     └── axe.rs    what axe-core finds in the page as it stands
//! ```
//!
//! Nothing here sleeps: whatever a page is still to become is asked for until it is there, and a page that does not come to it within
//! [`PATIENCE`] fails the test, with what it shows instead.

mod axe;
mod by;
mod driver;
mod element;
mod look;
mod programs;

use std::time::Instant;

use serde_json::{Value, json};
use url::Url;

pub use axe::{Axe, Violation};
pub use by::By;
pub use element::Element;
pub use look::{Colours, Window};

use crate::prospector::PATIENCE;
use driver::{Driver, Failure};

/// The keys that are no characters, for [`Chromium::press`].
pub mod key {
    /// To the next control.
    pub const TAB: &str = "\u{E004}";
    /// Presses a button, follows a link, sends a form.
    pub const ENTER: &str = "\u{E007}";
    /// Closes what is open.
    pub const ESCAPE: &str = "\u{E00C}";
    /// Held with the keys that follow.
    pub const SHIFT: &str = "\u{E008}";
    /// To the end of a line, or of what a slider allows.
    pub const END: &str = "\u{E010}";
    /// To its beginning.
    pub const HOME: &str = "\u{E011}";
    /// Up a line.
    pub const UP: &str = "\u{E013}";
    /// Down a line.
    pub const DOWN: &str = "\u{E015}";
}

/// A browser with one page and a new profile. Ended when dropped, also by a panic.
#[derive(Debug)]
pub struct Chromium {
    driver: Driver,
}

impl Chromium {
    /// A browser in a window of [`Window::DESKTOP`].
    ///
    /// # Errors
    /// Where the programs are not on this machine and cannot be installed: with `CI=true`, as root, they are.
    ///
    /// # Panics
    /// Where they are there and do not start.
    pub fn start() -> Result<Self, String> {
        let driver = Driver::start(&programs::programs()?).expect("the browser starts");
        let browser = Self { driver };
        browser.resize(Window::DESKTOP);
        Ok(browser)
    }

    /// The driver's and the browser's processes.
    #[must_use]
    pub fn processes(&self) -> Vec<u32> {
        self.driver.processes()
    }

    /// Opens an address, and waits until the page is loaded.
    ///
    /// # Panics
    /// Where nobody answers there.
    #[track_caller]
    pub fn open(&self, address: &str) {
        self.must("POST", "/url", &json!({ "url": address }));
    }

    /// Loads the page again.
    #[track_caller]
    pub fn reload(&self) {
        self.must("POST", "/refresh", &json!({}));
    }

    /// Goes back, as the browser's own button does.
    #[track_caller]
    pub fn back(&self) {
        self.must("POST", "/back", &json!({}));
    }

    /// Where the page is.
    ///
    /// # Panics
    /// Where the browser is gone.
    #[must_use]
    #[track_caller]
    pub fn address(&self) -> Url {
        Url::parse(&text(&self.must("GET", "/url", &Value::Null))).expect("a page has an address")
    }

    /// The page's title.
    #[must_use]
    #[track_caller]
    pub fn title(&self) -> String {
        text(&self.must("GET", "/title", &Value::Null))
    }

    /// All text that the page shows.
    #[must_use]
    #[track_caller]
    pub fn text(&self) -> String {
        self.find(By::Css("body")).text()
    }

    /// The first of these that the page shows, when it does.
    ///
    /// # Panics
    /// Where it does not come to it.
    #[must_use]
    #[track_caller]
    pub fn find(&self, by: By<'_>) -> Element<'_> {
        self.wait_for(&by.to_string(), || by.shown(self).map(|found| found.into_iter().next()))
    }

    /// All of these that the page shows now; none may be.
    ///
    /// # Panics
    /// Where the browser is gone.
    #[must_use]
    #[track_caller]
    pub fn find_all(&self, by: By<'_>) -> Vec<Element<'_>> {
        self.wait_for(&by.to_string(), || by.shown(self).map(Some))
    }

    /// Waits until the page shows none of these.
    #[track_caller]
    pub fn wait_until_gone(&self, by: By<'_>) {
        self.wait_for(&format!("the end of {by}"), || by.shown(self).map(|found| found.is_empty().then_some(())));
    }

    /// Waits until the page is at an address of this path.
    #[track_caller]
    pub fn wait_for_path(&self, path: &str) {
        self.wait_for(&format!("the path {path}"), || Ok((self.address().path() == path).then_some(())));
    }

    /// Clicks, when it can be clicked.
    #[track_caller]
    pub fn click(&self, by: By<'_>) {
        self.wait_for(&format!("{by} to click"), || match by.shown(self)?.first() {
            Some(found) => found.try_click().map(Some),
            None => Ok(None),
        });
    }

    /// Types into a field, in place of what is in it.
    #[track_caller]
    pub fn fill(&self, by: By<'_>, text: &str) {
        let field = self.find(by);
        field.clear();
        field.type_in(text);
    }

    /// Presses keys one after the other where the focus is; see [`key`].
    ///
    /// # Panics
    /// Where the browser is gone.
    #[track_caller]
    pub fn press(&self, keys: &str) {
        let (mut held, mut actions) = (Vec::new(), Vec::new());
        for pressed in keys.chars() {
            actions.push(json!({"type": "keyDown", "value": pressed}));
            if key::SHIFT.contains(pressed) {
                held.push(pressed);
            } else {
                actions.push(json!({"type": "keyUp", "value": pressed}));
            }
        }
        actions.extend(held.into_iter().map(|released| json!({"type": "keyUp", "value": released})));
        self.must("POST", "/actions", &json!({"actions": [{"type": "key", "id": "keyboard", "actions": actions}]}));
    }

    /// What has the focus: the page's body where nothing has.
    #[must_use]
    #[track_caller]
    pub fn focused(&self) -> Element<'_> {
        Element::read(self, &self.must("GET", "/element/active", &Value::Null)).expect("something has the focus")
    }

    /// Runs a script in the page, which its own policy does not hold back; what it returns.
    #[track_caller]
    pub fn execute(&self, script: &str, arguments: &Value) -> Value {
        self.must("POST", "/execute/sync", &json!({ "script": script, "args": arguments }))
    }

    /// Does a command of Chromium's own DevTools protocol.
    #[track_caller]
    pub fn devtools(&self, command: &str, parameters: &Value) -> Value {
        self.must("POST", "/goog/cdp/execute", &json!({ "cmd": command, "params": parameters }))
    }

    #[track_caller]
    fn must(&self, method: &str, path: &str, body: &Value) -> Value {
        self.driver.command(method, path, body).unwrap_or_else(|failure| panic!("{method} {path}: {failure}"))
    }

    /// Asks until there is an answer.
    #[track_caller]
    fn wait_for<T>(&self, what: &str, ask: impl Fn() -> Result<Option<T>, Failure>) -> T {
        let started = Instant::now();
        loop {
            let last = match ask() {
                Ok(Some(found)) => return found,
                Ok(None) => "it is not there".to_owned(),
                Err(failure) if failure.may_pass() => failure.to_string(),
                Err(failure) => panic!("{what}: {failure}"),
            };
            if started.elapsed() > PATIENCE {
                let shown = self.driver.command("GET", "/source", &Value::Null).map(|source| text(&source));
                let shown = shown.unwrap_or_else(|failure| failure.to_string());
                panic!("{what}: {last}; {} shows:\n{shown}", self.address());
            }
            std::thread::yield_now();
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
