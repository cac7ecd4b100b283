//! When two names mean the same skill, as far as drafting needs it: `React.js` is `React`, `node JS` is `Node.js`, `C` is not `C++`.
//!
//! Scores are weighed by plugins, which know more of skills; here the person sees at once what was matched.

use std::collections::BTreeMap;

use crate::config::Profile;

/// What a name is compared by: its letters and digits, with `+` and `#`, in lower case and without a `.js` at its end.
#[must_use]
pub fn key(name: &str) -> String {
    let lower = name.trim().to_lowercase();
    let stem = [".js", " js"].iter().find_map(|end| lower.strip_suffix(end)).unwrap_or(&lower);
    let kept: String = stem.chars().filter(|c| c.is_alphanumeric() || matches!(c, '+' | '#')).collect();
    // A name of signs alone is still a name.
    if kept.is_empty() { lower } else { kept }
}

/// The names that a platform uses for skills of the profile, beside the profile's own.
#[derive(Clone, Debug, Default)]
pub struct Names(BTreeMap<String, String>);

impl Names {
    /// Those of a platform.
    #[must_use]
    pub fn of(profile: &Profile, platform: &str) -> Names {
        let aliased =
            profile.skills.iter().filter_map(|skill| Some((key(skill.aliases.get(platform)?), key(&skill.name))));
        Names(aliased.collect())
    }

    /// What a name is compared by.
    #[must_use]
    pub fn key(&self, name: &str) -> String {
        let key = key(name);
        self.0.get(&key).cloned().unwrap_or(key)
    }

    /// Those of some names that are among others, in their order, each once.
    #[must_use]
    pub fn common<'n>(&self, names: &'n [String], others: &[String]) -> Vec<&'n str> {
        let others: Vec<String> = others.iter().map(|name| self.key(name)).collect();
        let mut met = Vec::new();
        let common = names.iter().filter(|name| {
            let key = self.key(name);
            let is_new = others.contains(&key) && !met.contains(&key);
            met.push(key);
            is_new
        });
        common.map(String::as_str).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_one_skill_are_compared_alike_and_others_are_not() {
        for (a, b) in [
            ("React.js", "react"),
            ("Node JS", "Node.js"),
            ("PostgreSQL ", "postgresql"),
            ("Ruby on Rails", "ruby-on-rails"),
        ] {
            assert_eq!(key(a), key(b), "{a} and {b}");
        }
        for (a, b) in [("C", "C++"), ("C", "C#"), ("Java", "JavaScript"), ("Go", "Godot"), ("JS", "")] {
            assert_ne!(key(a), key(b), "{a} and {b}");
        }
    }

    #[test]
    fn what_a_platform_calls_a_skill_counts_there() {
        let text = "profile:\n  skills: [Rust, { name: Web shops, aliases: { guild: E-Commerce } }]\n";
        let profile = crate::config::validate_str("p.yaml", text, &[]).expect("valid").config.profile;
        let own: Vec<String> = profile.skills.iter().map(|skill| skill.name.clone()).collect();
        let asked = ["e commerce".to_owned(), "RUST".to_owned(), "Go".to_owned()];
        assert_eq!(Names::of(&profile, "guild").common(&own, &asked), ["Rust", "Web shops"]);
        assert_eq!(Names::of(&profile, "bazaar").common(&own, &asked), ["Rust"]);
    }
}
