//! What is looked for in a page: as its author sees it, or as a person or a screen reader does.

use std::fmt;

use serde_json::{Value, json};

use super::Chromium;
use super::driver::Failure;
use super::element::Element;

/// What an element is known by. Only what is shown is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By<'t> {
    /// A CSS selector.
    Css(&'t str),
    /// Text of its own, or part of it, as it stands in one piece in the page.
    Text(&'t str),
    /// The role and the whole name that it has for assistive technology: `Role("button", "Allow")`.
    Role(&'t str, &'t str),
}

impl fmt::Display for By<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Css(selector) => write!(f, "`{selector}`"),
            Self::Text(text) => write!(f, "the text {text:?}"),
            Self::Role(role, name) => write!(f, "the {role} named {name:?}"),
        }
    }
}

impl By<'_> {
    /// All of these that are shown, in the page's order.
    pub(super) fn shown<'p>(self, page: &'p Chromium) -> Result<Vec<Element<'p>>, Failure> {
        let (using, value) = match self {
            Self::Css(selector) => ("css selector", selector.to_owned()),
            Self::Text(text) => ("xpath", format!("//body//*[text()[contains(normalize-space(), {})]]", literal(text))),
            Self::Role(role, _) => ("css selector", candidates(role)),
        };
        let found = page.driver.command("POST", "/elements", &json!({"using": using, "value": value}))?;
        let mut shown = Vec::new();
        for element in found.as_array().map(Vec::as_slice).unwrap_or_default() {
            let Some(element) = Element::read(page, element) else { continue };
            let is_meant = match self {
                Self::Role(role, name) => element.ask_name()? == name && element.ask("computedrole")? == role,
                Self::Css(_) | Self::Text(_) => true,
            };
            if is_meant && element.ask("displayed")? == Value::Bool(true) {
                shown.push(element);
            }
        }
        Ok(shown)
    }
}

/// What may have a role: asking everything in a large page what it is would take long.
fn candidates(role: &str) -> String {
    let native = match role {
        "alert" | "dialog" | "status" | "log" => "dialog, output",
        "banner" => "header",
        "button" => "button, summary, input[type=submit], input[type=button], input[type=reset]",
        "cell" | "columnheader" | "row" | "rowheader" | "table" => "table, tr, td, th",
        "checkbox" | "radio" | "searchbox" | "spinbutton" | "textbox" => "input, textarea",
        "combobox" | "listbox" | "option" => "select, option, input",
        "form" => "form",
        "heading" => "h1, h2, h3, h4, h5, h6",
        "img" | "image" => "img, svg",
        "link" => "a",
        "main" => "main",
        "navigation" => "nav",
        _ => "*",
    };
    format!("{native}, [role]")
}

/// A text in XPath 1.0, which has no escapes.
fn literal(text: &str) -> String {
    if !text.contains('"') {
        return format!("\"{text}\"");
    }
    let pieces: Vec<String> = text.split('"').map(|piece| format!("\"{piece}\"")).collect();
    format!("concat({})", pieces.join(", '\"', "))
}
