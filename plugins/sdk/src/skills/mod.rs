//! Comparing names of skills across spellings and platforms.
//!
//! Platforms name skills each in its own way: Freelancer's "Website Design" is Upwork's "Web Design". A table of some
//! 5,300 skills ties the names together. [`resolve`] finds a skill by any of its names and tells what it is called where:
//! a profile imported from one platform is asked for on another by [`name_on`]. [`Covered`] judges postings by it: names
//! of one skill are that skill, and related ones count in part. [`common`] names the skills of a platform's account as a
//! profile does.
//!
//! ```text
//! a name -> key, spelling aside -> index of the table -> skill -> its names, and related skills
//! ```
//!
//! The table is `technologies.txt` and `trades.txt`, the likenesses are `near.txt`; the first lines of `index` and `near`
//! tell how they are written. To add a skill, add a line; the tests tell what is wrong with it.

mod common;
mod covered;
mod fold;
mod index;
mod memo;
mod near;
#[cfg(test)]
mod table_tests;
mod taxonomy;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod usage_tests;

pub use common::common;
pub use covered::{Cover, Covered};
pub use taxonomy::{Skill, Taxonomy, name_on, resolve};

/// A name without what spelling varies in: case, blanks, punctuation, "and", and the ending of `React.js`, `ReactJS`,
/// `React JS`.
///
/// `+` and `#` stay, as C, C++ and C# differ by them.
///
/// ```
/// use prospector_plugin::skills::key;
/// assert_eq!(key("React.js"), key("ReactJS"));
/// assert_ne!(key("C++"), key("C"));
/// ```
#[must_use]
pub fn key(name: &str) -> String {
    fold::with_key(name, |key| String::from_utf8_lossy(key).into_owned())
}
