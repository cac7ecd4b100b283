//! Templates of proposals: Markdown with keys before it, in `~/.ghoststack/prospector/templates/`.
//!
//! ```text
//! folder ──► Template (keys held to schema.json, text looked at) ──► choice ──► render(context) ──► text, with marks where something is missing
//! ```
//!
//! A template is the person's own, and may have been copied from anybody: what it may take is bounded ([`render`], [`folder`]), it reaches nothing but what it is
//! given ([`super::context`]), and a mistake in it is told with file and line. A name that does not exist is such a mistake; what merely is not known of
//! this posting leaves a mark ([`super::marker`]).

pub mod choice;
pub mod filters;
pub mod folder;
pub mod render;
pub mod value;

use std::path::PathBuf;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;

use super::context::Context;
use crate::config::{ConfigErrors, Matter};

pub use choice::{Choice, Fit, choose};
pub use folder::{Templates, load};

/// The largest file that is read, in bytes.
pub const MAX_TEMPLATE_BYTES: u64 = 64 * 1024;
/// What the template that is built in is called.
pub const BUILT_IN: &str = "default";
/// What `proposals templates new` writes, with `NAME` for the name.
pub const STARTER: &str = include_str!("starter.md");

const DEFAULT: &str = include_str!("default.md");

static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("schema.json")).expect("schema.json is part of the program, and tested")
});

/// A template that can be rendered, as far as can be told without a lead.
#[derive(Debug)]
pub struct Template {
    /// Its keys.
    pub keys: Keys,
    /// Its file; none for the one that is built in.
    pub file: Option<PathBuf>,
    matter: Matter,
    body: String,
}

/// What stands before a template's text.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    /// What it is called.
    pub name: String,
    /// Skills that it is for; none for any.
    pub match_skills: Vec<String>,
    /// How postings pay that it is for, as `job.payment` has it; none for any.
    pub match_job_type: Vec<String>,
    /// Decides between templates that suit alike.
    #[serde(deserialize_with = "whole")]
    pub priority: i32,
}

/// JSON Schema counts `10.0` as an integer, so it is one here too.
fn whole<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<i32, D::Error> {
    let number = f64::deserialize(deserializer)?;
    #[expect(clippy::cast_possible_truncation, reason = "the schema bounds it")]
    Ok(number as i32)
}

impl Template {
    /// Reads one under a name for errors.
    ///
    /// # Errors
    /// Everything that is wrong with it, located.
    pub fn read(name: &str, bytes: &[u8], file: Option<PathBuf>) -> Result<Template, ConfigErrors> {
        let matter = Matter::read(name, bytes, &SCHEMA)?;
        let keys = Keys::deserialize(matter.value());
        let keys = keys.map_err(|error| {
            matter.refused(vec![matter.wrong_key(&[], "inconsistent", error.to_string(), "please report this")])
        })?;
        let body = matter.body_in_place();
        let template = Template { keys, file, matter, body };
        if template.matter.body().trim().is_empty() {
            let problem =
                template.matter.wrong_line(1, "empty", "the template has no text below its keys".to_owned(), "", []);
            return Err(template.matter.refused(vec![problem]));
        }
        render::look_at(&template.body).map_err(|fault| template.refused(&fault))?;
        Ok(template)
    }

    /// The one that is built in, for who has none.
    #[must_use]
    pub fn built_in() -> Template {
        Template::read("default.md (built in)", DEFAULT.as_bytes(), None)
            .expect("default.md is part of the program, and tested")
    }

    /// Renders it.
    ///
    /// # Errors
    /// What is wrong with it, located.
    pub fn render(&self, context: &Context) -> Result<String, ConfigErrors> {
        render::render(&self.body, context).map_err(|fault| self.refused(&fault))
    }

    fn refused(&self, fault: &render::Fault) -> ConfigErrors {
        let known = fault.known.iter().map(String::as_str);
        let problem = self.matter.wrong_line(fault.line, "template", fault.message.clone(), &fault.word, known);
        self.matter.refused(vec![problem])
    }
}

#[cfg(test)]
mod tests;
