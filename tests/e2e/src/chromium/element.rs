//! Something in a page.

use serde_json::{Value, json};

use super::driver::Failure;
use super::{Chromium, text};

/// The protocol's name for a reference to an element.
const REFERENCE: &str = "element-6066-11e4-a52e-4f735466cecf";

/// An element of the page that was open when it was found.
#[derive(Debug)]
pub struct Element<'p> {
    page: &'p Chromium,
    id: String,
}

impl<'p> Element<'p> {
    pub(super) fn read(page: &'p Chromium, reference: &Value) -> Option<Self> {
        Some(Self { page, id: reference[REFERENCE].as_str()?.to_owned() })
    }

    pub(super) fn ask(&self, what: &str) -> Result<Value, Failure> {
        self.page.driver.command("GET", &self.path(what), &Value::Null)
    }

    pub(super) fn ask_name(&self) -> Result<String, Failure> {
        // White space at its ends is the page's, and nobody speaks it.
        Ok(text(&self.ask("computedlabel")?).trim().to_owned())
    }

    pub(super) fn try_click(&self) -> Result<(), Failure> {
        self.page.driver.command("POST", &self.path("click"), &json!({})).map(drop)
    }

    /// The text that it shows.
    #[must_use]
    #[track_caller]
    pub fn text(&self) -> String {
        text(&self.must("text"))
    }

    /// Its role for assistive technology: `button`.
    #[must_use]
    #[track_caller]
    pub fn role(&self) -> String {
        text(&self.must("computedrole"))
    }

    /// Its name for assistive technology.
    #[must_use]
    #[track_caller]
    pub fn name(&self) -> String {
        self.ask_name().unwrap_or_else(|failure| panic!("a name: {failure}"))
    }

    /// An attribute, if it has it.
    #[must_use]
    #[track_caller]
    pub fn attribute(&self, name: &str) -> Option<String> {
        self.must(&format!("attribute/{name}")).as_str().map(str::to_owned)
    }

    /// What a field holds.
    #[must_use]
    #[track_caller]
    pub fn value(&self) -> String {
        text(&self.must("property/value"))
    }

    /// A property of its style as the browser has computed it: `color` is `rgba(0, 0, 0, 1)`.
    #[must_use]
    #[track_caller]
    pub fn style(&self, property: &str) -> String {
        text(&self.must(&format!("css/{property}")))
    }

    /// Clicks it.
    ///
    /// # Panics
    /// Where something else is in the way, or it is gone.
    #[track_caller]
    pub fn click(&self) {
        self.try_click().unwrap_or_else(|failure| panic!("a click: {failure}"));
    }

    /// Types into it, after what is in it.
    #[track_caller]
    pub fn type_in(&self, text: &str) {
        self.page.must("POST", &self.path("value"), &json!({ "text": text }));
    }

    /// Empties a field.
    #[track_caller]
    pub fn clear(&self) {
        self.page.must("POST", &self.path("clear"), &json!({}));
    }

    fn path(&self, what: &str) -> String {
        format!("/element/{}/{what}", self.id)
    }

    #[track_caller]
    fn must(&self, what: &str) -> Value {
        self.page.must("GET", &self.path(what), &Value::Null)
    }
}
