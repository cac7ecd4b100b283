//! axe-core: the accessibility rules that a program can check. Its own package from npm, as the lock file pins it, fetched once and not part
//! of this repository (MPL-2.0).

use std::fmt::{self, Write as _};
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::{Chromium, text};
use crate::parts::{once, run};

const PACKAGE: &str = include_str!("axe/package.json");
const LOCK: &str = include_str!("axe/package-lock.json");

/// The rules that are checked: WCAG 2.1, levels A and AA.
const TAGS: [&str; 4] = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"];

/// The program that looks for what is against the rules.
#[derive(Debug, Clone)]
pub struct Axe {
    source: String,
}

/// A rule that a page breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Its id: `color-contrast`.
    pub rule: String,
    /// What it asks for.
    pub help: String,
    /// Where it is broken: the element's selector, and what is wrong with it, colours included.
    pub places: Vec<(String, String)>,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule, self.help)?;
        for (selector, wrong) in &self.places {
            write!(f, "\n  {selector}")?;
            for line in wrong.lines() {
                write!(f, "\n    {}", line.trim())?;
            }
        }
        Ok(())
    }
}

impl Axe {
    /// The program, fetched by npm into this folder unless it is there.
    ///
    /// # Errors
    /// Where it cannot be had.
    pub fn fetched(folder: &Path) -> Result<Self, String> {
        once(folder, LOCK.as_bytes(), || {
            for (name, content) in [("package.json", PACKAGE), ("package-lock.json", LOCK)] {
                fs::write(folder.join(name), content).map_err(|error| error.to_string())?;
            }
            let mut npm = Command::new("npm");
            npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(folder);
            run(&mut npm).map(drop)
        })?;
        let file = folder.join("node_modules/axe-core/axe.min.js");
        let source = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        Ok(Self { source })
    }

    /// What is wrong with the page as it stands, in this window and these colours.
    ///
    /// # Panics
    /// Where no rule could be checked.
    #[must_use]
    #[track_caller]
    pub fn violations(&self, page: &Chromium) -> Vec<Violation> {
        let script = format!(
            "{}\nconst [tags, done] = arguments;\n\
             axe.run(document, {{runOnly: {{type: 'tag', values: tags}}}}).then(\n\
             ({{violations, passes}}) => done({{violations, passed: passes.length}}), error => done({{error: String(error)}}));",
            self.source
        );
        let told = page.must("POST", "/execute/async", &json!({"script": script, "args": [TAGS]}));
        // Every page has a title and a language: where no rule was met, none was checked.
        assert!(
            told["passed"].as_u64().is_some_and(|passed| passed > 0) || told["violations"][0].is_object(),
            "{told}"
        );
        list(&told["violations"]).iter().map(violation).collect()
    }

    /// Asserts that nothing is wrong with it.
    ///
    /// # Panics
    /// With each rule that it breaks, and where.
    #[track_caller]
    pub fn assert_content(&self, page: &Chromium) {
        let violations = self.violations(page);
        let mut report = String::new();
        for violation in &violations {
            let _ = writeln!(report, "{violation}");
        }
        assert!(violations.is_empty(), "{} breaks {} rules:\n{report}", page.address(), violations.len());
    }
}

fn violation(told: &Value) -> Violation {
    let place = |node: &Value| {
        let selectors: Vec<String> = list(&node["target"]).iter().map(text).collect();
        (selectors.join(" "), text(&node["failureSummary"]))
    };
    Violation {
        rule: text(&told["id"]),
        help: text(&told["help"]),
        places: list(&told["nodes"]).iter().map(place).collect(),
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}
