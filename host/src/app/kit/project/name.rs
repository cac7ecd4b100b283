//! The name of a project: the plugin's id, the crate's name, and part of the addresses that it begins with.

use std::str::FromStr;

use crate::plugin::{catalog, grant};

/// What cannot be a crate's name beside those that it uses: Rust's words, its own crates, and the project's dependencies.
const TAKEN: &[&str] = &[
    "abstract",
    "alloc",
    "as",
    "async",
    "await",
    "become",
    "box",
    "break",
    "const",
    "continue",
    "core",
    "crate",
    "do",
    "dyn",
    "else",
    "enum",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "gen",
    "if",
    "impl",
    "in",
    "let",
    "loop",
    "macro",
    "match",
    "mod",
    "move",
    "mut",
    "override",
    "priv",
    "proc-macro",
    "proptest",
    "prospector-plugin",
    "pub",
    "ref",
    "return",
    "self",
    "serde",
    "serde-json",
    "static",
    "std",
    "struct",
    "super",
    "test",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "unsafe",
    "unsized",
    "use",
    "virtual",
    "where",
    "while",
    "yield",
];

/// A name that a plugin can have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name(String);

impl Name {
    /// As the plugin's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.0
    }

    /// As a person reads it: `Night owls`.
    #[must_use]
    pub fn title(&self) -> String {
        let words = self.0.replace('-', " ");
        let (first, rest) = words.split_at(1);
        format!("{}{rest}", first.to_ascii_uppercase())
    }
}

impl FromStr for Name {
    type Err = String;

    fn from_str(text: &str) -> Result<Name, String> {
        if !grant::is_id(text) {
            return Err("a plugin's name is 2 to 32 of a-z0-9-, and begins with a letter".to_owned());
        }
        if text.ends_with('-') || text.contains("--") {
            return Err("a name neither ends with `-` nor has two of them in a row".to_owned());
        }
        if catalog::is_builtin(text) {
            return Err(format!("`{text}` is a built-in plugin, whose id no other can have"));
        }
        if TAKEN.contains(&text) {
            return Err(format!(
                "`{text}` cannot be a crate's name: it is a word or a crate of Rust's, or one that plugins use"
            ));
        }
        Ok(Name(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_an_id_that_a_crate_can_have() {
        assert_eq!("night-owls".parse::<Name>().map(|name| name.title()), Ok("Night owls".to_owned()));
        for wrong in [
            "",
            "a",
            "Owls",
            "1owl",
            "owls-",
            "ni--ght",
            "fn",
            "serde-json",
            "../owls",
            "o/wls",
            "freelancer",
            &"a".repeat(33),
        ] {
            assert!(wrong.parse::<Name>().is_err(), "{wrong}");
        }
    }
}
