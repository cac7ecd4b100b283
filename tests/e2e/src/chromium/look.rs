//! How the page is looked at: the window, the colours, with scripts or without; and what the browser has to say about it.

use std::cell::RefCell;
use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{Chromium, text};

/// Marks the end of what was asked for in the browser's log.
const LAST: &str = "(nothing more was written so far)";

/// What the page has room in, in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Its width.
    pub width: u32,
    /// Its height.
    pub height: u32,
    /// Whether it is a phone's: `<meta name="viewport">` counts.
    pub mobile: bool,
}

impl Window {
    /// A common laptop's.
    pub const DESKTOP: Self = Self { width: 1280, height: 900, mobile: false };
    /// A common phone's.
    pub const PHONE: Self = Self { width: 390, height: 844, mobile: true };
}

/// What the person prefers (`prefers-color-scheme`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colours {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Chromium {
    /// Gives the page another window.
    #[track_caller]
    pub fn resize(&self, window: Window) {
        let Window { width, height, mobile } = window;
        let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile});
        self.devtools("Emulation.setDeviceMetricsOverride", &metrics);
    }

    /// By how many pixels the page is wider than its window: a person has to push it to and fro.
    #[must_use]
    #[track_caller]
    pub fn overflow(&self) -> i64 {
        let script = "const page = document.documentElement; return page.scrollWidth - page.clientWidth";
        self.execute(script, &json!([])).as_i64().unwrap_or_default()
    }

    /// Prefers these colours, for this page and those that follow.
    #[track_caller]
    pub fn prefer(&self, colours: Colours) {
        let value = match colours {
            Colours::Light => "light",
            Colours::Dark => "dark",
        };
        let features = json!({"features": [{"name": "prefers-color-scheme", "value": value}]});
        self.devtools("Emulation.setEmulatedMedia", &features);
    }

    /// Whether pages may run scripts, from the next one on.
    #[track_caller]
    pub fn allow_scripts(&self, allowed: bool) {
        self.devtools("Emulation.setScriptExecutionDisabled", &json!({ "value": !allowed }));
    }

    /// Writes what the window shows to a PNG file, whose folder is made.
    ///
    /// # Panics
    /// Where it cannot be written.
    #[track_caller]
    pub fn screenshot(&self, file: &Path) {
        let shot = text(&self.must("GET", "/screenshot", &Value::Null));
        save(file, &shot);
    }

    /// Writes what the window shows to a WebP file, as small as it is for documents; its size in bytes.
    ///
    /// # Panics
    /// Where it cannot be written.
    #[track_caller]
    pub fn picture(&self, file: &Path) -> u64 {
        let shot = self.devtools("Page.captureScreenshot", &json!({"format": "webp", "quality": 65}));
        save(file, &text(&shot["data"]))
    }

    /// Errors that the browser wrote to its console since this was asked last: of scripts, of what could not be loaded, of what the page's
    /// own policy (CSP) has refused.
    #[must_use]
    #[track_caller]
    pub fn complaints(&self) -> Vec<String> {
        // What is written comes to the log a moment later, in its order: this is written last.
        self.execute("console.error(arguments[0])", &json!([LAST]));
        let said = RefCell::new(Vec::new());
        self.wait_for("the browser's log", || {
            let log = self.driver.command("POST", "/se/log", &json!({"type": "browser"}))?;
            let entries = log.as_array().map(Vec::as_slice).unwrap_or_default();
            let errors = entries.iter().filter(|entry| entry["level"] == "SEVERE").map(|entry| text(&entry["message"]));
            let mut said = said.borrow_mut();
            said.extend(errors);
            Ok(said.iter().any(|line: &String| line.contains(LAST)).then_some(()))
        });
        said.into_inner().into_iter().filter(|line| !line.contains(LAST)).collect()
    }
}

/// Writes a picture that the driver gave, and makes its folder; its size in bytes.
fn save(file: &Path, shot: &str) -> u64 {
    let picture = STANDARD.decode(shot).expect("the driver encodes pictures in base64");
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).expect("a folder");
    }
    fs::write(file, &picture).expect("the picture can be written");
    picture.len() as u64
}
