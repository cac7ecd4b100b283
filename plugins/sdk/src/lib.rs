//! What a Prospector plugin is written with.
//!
//! A plugin implements a trait or two and exports itself with one macro:
//!
//! | world | implement | export |
//! |---|---|---|
//! | `platform` | [`Platform`], with a [`Screen`] and a [`Score`]; [`ReadProfile`], [`LookUp`] and [`Wake`] if it can | [`export_platform!`] |
//! | `filter` | [`About`] and [`Screen`] | [`export_filter!`] |
//! | `scorer` | [`About`] and [`Score`] | [`export_scorer!`] |
//!
//! The data types are the contract's own, generated from `wit/`: see [`types`], [`judgement`] and the other re-exports.
//! What reaches the outside does so through [`Host`], so that a plugin's unit tests run natively against
//! [`testing::FakeHost`], without any wasm.
//!
//! ```
//! use prospector_plugin::{About, Screen, Summary, judgement::{Drop, Verdict}, types::{Context, Error, Posting}};
//!
//! struct NoShouting;
//!
//! impl About for NoShouting {
//!     fn about() -> Summary {
//!         Summary { id: "no-shouting", display_name: "No shouting", version: "0.1.0", summary: "Drops titles in capitals.",
//!             settings: r#"{"type":"object"}"#, judges_without: &[] }
//!     }
//! }
//!
//! impl Screen for NoShouting {
//!     fn prepare(_: &Context) -> Result<Self, Error> { Ok(Self) }
//!     fn screen(&self, posting: &Posting) -> Verdict {
//!         if posting.title.chars().any(char::is_lowercase) { return Verdict::Keep; }
//!         Verdict::Drop(Drop { filter: "title".into(), reason: "The title is in capitals".into() })
//!     }
//! }
//!
//! prospector_plugin::export_filter!(NoShouting);
//! ```

#[cfg(target_arch = "wasm32")]
mod arena;
#[doc(hidden)]
pub mod bindings;
mod bytes;
#[doc(hidden)]
pub mod export;
mod host;
mod plugin;

pub mod answer;
pub mod countries;
pub mod error;
pub mod fitting;
pub mod graphql;
pub mod kept;
pub mod lenient;
pub mod merge;
pub mod money;
pub mod names;
pub mod page;
pub mod paging;
pub mod phrases;
pub mod plans;
pub mod posting;
pub mod refusals;
pub mod request;
pub mod screening;
pub mod settings;
pub mod signals;
pub mod skills;
pub mod testing;
pub mod text;
pub mod time;
pub mod wishes;

pub use bindings::account::exports::ghoststack::prospector::account;
pub use bindings::assessment::exports::ghoststack::prospector::assessment;
pub use bindings::contracts::exports::ghoststack::prospector::contracts;
pub use bindings::descriptor::exports::ghoststack::prospector::descriptor;
pub use bindings::ghoststack::prospector::{http, judgement, log, planning, schedule, state, types, vault};
pub use bindings::milestones::exports::ghoststack::prospector::milestones;
pub use bindings::profile::exports::ghoststack::prospector::profile;
pub use bindings::proposals::exports::ghoststack::prospector::proposals;
pub use bindings::search::exports::ghoststack::prospector::search;
pub use host::{Host, Sandbox};
pub use plugin::{
    About, FollowContracts, HandIn, LookUp, Platform, Propose, ReadProfile, Score, Screen, Summary, Wake, assess_all,
    score_all, screen_all,
};
