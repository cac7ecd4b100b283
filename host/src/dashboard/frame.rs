//! What surrounds every page.

use super::assets;
use super::desk::Desk;
use super::door::session::Visitor;

/// The pages, in the order in which a person needs them.
const PAGES: [(&str, &str); 10] = [
    ("leads", "Leads"),
    ("skipped", "Skipped"),
    ("proposals", "Proposals"),
    ("contracts", "Contracts"),
    ("platforms", "Platforms"),
    ("scans", "Scans"),
    ("scoring", "Scoring"),
    ("plugins", "Plugins"),
    ("settings", "Settings"),
    ("audit", "Audit"),
];

/// One way to a page.
pub struct Way {
    /// Where it leads.
    pub href: String,
    /// What it is called.
    pub label: &'static str,
    /// The page that is shown.
    pub is_current: bool,
}

/// What surrounds a page.
pub struct Frame {
    /// The ways to all pages.
    pub ways: Vec<Way>,
    /// What forms carry.
    pub csrf: String,
    /// What came of what was done last.
    pub said: Option<String>,
    /// Why the configuration on the disk is not in force.
    pub broken: Option<String>,
    /// Where the style is.
    pub style: &'static str,
    /// Where the scripts are, in order.
    pub scripts: [&'static str; 2],
    /// Where the icon is.
    pub icon: &'static str,
}

impl Frame {
    /// Around a page, for a visitor.
    pub fn of(desk: &Desk, visitor: &Visitor, page: &str) -> Frame {
        let way =
            |(path, label): (&str, &'static str)| Way { href: format!("/{path}"), label, is_current: path == page };
        Frame {
            ways: PAGES.into_iter().map(way).collect(),
            csrf: visitor.csrf().to_owned(),
            said: desk.sessions.said(visitor),
            broken: desk.broken(),
            style: assets::style(),
            scripts: assets::scripts(),
            icon: assets::icon(),
        }
    }
}
