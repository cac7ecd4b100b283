//! Comparing names of skills across spellings and platforms.
//!
//! A name is reduced to its [`key`]; keys that mean the same are in one group of [`table`], related ones are there with a
//! likeness. Profiles are expanded by the table once a batch, so that judging a posting costs one look-up a skill.

mod table;

use crate::types::ProfileSkill;

/// Longest key, in bytes; the contract's bound for names.
const LONGEST: usize = 128;

/// How well a profile covers a skill that was asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cover {
    /// By this very skill, under whatever name.
    Exact,
    /// By a related one; likeness between 0 and 1.
    Near(f64),
    /// Not at all.
    None,
}

/// A name without what spelling varies in: case, blanks, punctuation, and the ending of `React.js`, `ReactJS`, `React JS`.
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
    with_key(name, str::to_owned)
}

/// Calls `then` with a name's key, which needs no allocation for ASCII.
fn with_key<T>(name: &str, then: impl FnOnce(&str) -> T) -> T {
    let mut buffer = [0u8; LONGEST];
    if name.is_ascii() {
        let mut length = 0;
        for byte in name.bytes().take(LONGEST) {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'#') {
                buffer[length] = byte.to_ascii_lowercase();
                length += 1;
            }
        }
        // Only ASCII was written.
        then(without_js(std::str::from_utf8(&buffer[..length]).unwrap_or_default()))
    } else {
        let folded: String = name
            .chars()
            .take(LONGEST)
            .flat_map(char::to_lowercase)
            .filter(|c| c.is_alphanumeric() || matches!(c, '+' | '#'))
            .collect();
        then(without_js(&folded))
    }
}

fn without_js(key: &str) -> &str {
    // AngularJS and Angular are two frameworks.
    if key == "angularjs" {
        return key;
    }
    key.strip_suffix("js").filter(|rest| rest.len() >= 2).unwrap_or(key)
}

/// The skills of a profile, ready to be asked.
#[derive(Debug, Clone, Default)]
pub struct Covered {
    /// By key, sorted, each key once with its best cover: 1 for an exact one.
    keys: Vec<(String, f64)>,
}

impl Covered {
    /// Expands a profile by the names that mean the same and by related skills of at least `threshold` likeness.
    #[must_use]
    pub fn new(skills: &[ProfileSkill], threshold: f64) -> Self {
        let mut covered = Self::default();
        for name in skills.iter().flat_map(|skill| skill.aliases.iter().chain([&skill.name])) {
            let own = key(name);
            if own.is_empty() {
                continue;
            }
            for (related, likeness) in table::related(&own) {
                if likeness >= threshold {
                    covered.note(related, likeness);
                    table::names(related).for_each(|name| covered.note(name, likeness));
                }
            }
            covered.note(&own, 1.0);
            table::names(&own).for_each(|name| covered.note(name, 1.0));
        }
        covered
    }

    /// Notes how far a key is covered, if no better is known.
    ///
    /// Kept sorted by insertion: the standard library's sorts would be a third of a component's code.
    fn note(&mut self, key: &str, cover: f64) {
        match self.find(key) {
            Ok(at) => self.keys[at].1 = self.keys[at].1.max(cover),
            Err(at) => self.keys.insert(at, (key.to_owned(), cover)),
        }
    }

    fn find(&self, key: &str) -> Result<usize, usize> {
        self.keys.binary_search_by(|(known, _)| known.as_str().cmp(key))
    }

    /// Whether the profile names no skill.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// How well a skill is covered.
    #[must_use]
    pub fn cover(&self, name: &str) -> Cover {
        with_key(name, |key| match self.find(key) {
            Ok(at) if self.keys[at].1 >= 1.0 => Cover::Exact,
            Ok(at) => Cover::Near(self.keys[at].1),
            Err(_) => Cover::None,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn profile(names: &[&str]) -> Vec<ProfileSkill> {
        names.iter().map(|name| ProfileSkill { name: (*name).to_owned(), aliases: Vec::new(), years: None }).collect()
    }

    #[test]
    fn spellings_of_one_skill_are_one_skill() {
        for (mine, asked) in [
            ("React", "React.js"),
            ("ReactJS", "react js"),
            ("Node.js", "NodeJS"),
            ("JavaScript", "Javascript"),
            ("JavaScript", "JS"),
            ("PostgreSQL", "Postgres"),
            (".NET", "dotnet"),
            ("HTML", "HTML5"),
            ("C#", "C# Programming"),
            ("Golang", "Go"),
            ("Español", "ESPAÑOL"),
        ] {
            assert_eq!(Covered::new(&profile(&[mine]), 0.7).cover(asked), Cover::Exact, "{mine} / {asked}");
            assert_eq!(Covered::new(&profile(&[asked]), 0.7).cover(mine), Cover::Exact, "{asked} / {mine}");
        }
    }

    #[test]
    fn skills_that_only_look_alike_are_kept_apart() {
        for (mine, asked) in
            [("C", "C++"), ("C++", "C#"), ("Java", "JavaScript"), ("Go", "Django"), ("R", "Rust"), ("", "")]
        {
            assert_eq!(Covered::new(&profile(&[mine]), 0.7).cover(asked), Cover::None, "{mine} / {asked}");
        }
    }

    #[test]
    fn a_related_skill_covers_in_part_down_to_the_threshold() {
        let near = |threshold| Covered::new(&profile(&["TypeScript"]), threshold).cover("JavaScript");
        assert!(matches!(near(0.7), Cover::Near(likeness) if (0.7..1.0).contains(&likeness)));
        assert_eq!(near(0.95), Cover::None);
    }

    #[test]
    fn an_alias_of_the_profile_counts_as_the_skill() {
        let mut skills = profile(&["K8s administration"]);
        skills[0].aliases.push("Container Orchestration".to_owned());
        assert_eq!(Covered::new(&skills, 0.7).cover("container orchestration"), Cover::Exact);
    }

    proptest! {
        #[test]
        fn any_name_covers_itself(name in "\\PC{1,200}") {
            let covered = Covered::new(&profile(&[&name]), 0.7);
            prop_assert!(covered.is_empty() || covered.cover(&name) == Cover::Exact);
        }
    }
}
