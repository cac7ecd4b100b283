//! Editing: what comes out, and what stays.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::config::{PlatformSchema, template as write_template, validate_str};

const GUILD: &str = r#"{"type":"object","properties":{"categories":{"description":"Categories.","type":"array","items":{"type":"string"},"default":[]}}}"#;
const PLATFORMS: [PlatformSchema<'static>; 1] = [PlatformSchema::built_in("guild", GUILD)];

const SKILLS: [&str; 2] = ["profile", "skills"];
const PREFERRED: [&str; 4] = ["profile", "rates", "hourly", "preferred"];

fn skills(items: &[&str]) -> Change {
    Change::Append { path: owned(&SKILLS), items: items.iter().map(|item| json!(item)).collect() }
}

fn owned(path: &[&str]) -> Vec<String> {
    path.iter().map(ToString::to_string).collect()
}

fn set(path: &[&str], value: Value) -> Change {
    Change::Set { path: owned(path), value }
}

fn usual() -> Vec<Change> {
    vec![skills(&["Rust", "C++"]), set(&["profile", "rates", "currency"], json!("EUR")), set(&PREFERRED, json!(45.5))]
}

#[track_caller]
fn edited(before: &str, changes: &[Change], after: &str) {
    assert_eq!(edit(before, changes).as_deref(), Ok(after));
    assert!(validate_str("p.yaml", after, &PLATFORMS).is_ok(), "{after}");
}

#[test]
fn a_file_without_a_profile_gets_one_at_its_end() {
    let profile = "profile:\n  skills:\n    - 'Rust'\n    - 'C++'\n  rates:\n    currency: 'EUR'\n    hourly:\n      preferred: 45.5\n";
    edited("", &usual(), profile);
    edited("# mine\n", &usual(), &format!("# mine\n\n{profile}"));
    edited(
        "platforms:\n  guild: {} # no newline",
        &usual(),
        &format!("platforms:\n  guild: {{}} # no newline\n\n{profile}"),
    );
    edited("vault:\r\n", &usual(), &format!("vault:\r\n\r\n{}", profile.replace('\n', "\r\n")));
    edited(
        "\u{feff}profile: # me\nscoring:\n",
        &usual(),
        &format!("\u{feff}{}scoring:\n", profile.replacen(':', ": # me", 1)),
    );
}

#[test]
fn lists_are_continued_as_they_are_written() {
    for (before, after) in [
        ("profile:\n  skills: [] # none\n", "profile:\n  skills: ['Rust', 'C++'] # none\n"),
        (
            "profile:\n  skills: [it's, 'a, ]b', \"c\\\"]\"]\n",
            "profile:\n  skills: [it's, 'a, ]b', \"c\\\"]\", 'Rust', 'C++']\n",
        ),
        (
            "profile:\n  skills: [\n    Go, # first ]\n    Zig # last\n  ]\n",
            "profile:\n  skills: [\n    Go, # first ]\n    Zig, 'Rust', 'C++' # last\n  ]\n",
        ),
        ("profile:\n  skills: [Go, ]\n", "profile:\n  skills: [Go, 'Rust', 'C++' ]\n"),
        (
            "profile:\n    skills:\n    - Go # first\n    - name: Zig\n      years: 3\n    # the end\n\n    country: DE\n",
            "profile:\n    skills:\n    - Go # first\n    - name: Zig\n      years: 3\n    - 'Rust'\n    - 'C++'\n    # the end\n\n    country: DE\n",
        ),
    ] {
        edited(before, &[skills(&["Rust", "C++"])], after);
    }
}

#[test]
fn keys_join_their_section_and_comments_stay_where_they_are() {
    let before = "# top\nprofile:\n  # who\n  name: default\n  rates: # money\n    # per project\n    fixed: { minimum: 500 }\n\n  # where\n  country: DE\n\n# points\nscoring:\n";
    let after = "# top\nprofile:\n  # who\n  name: default\n  rates: # money\n    # per project\n    fixed: { minimum: 500 }\n    currency: 'EUR'\n    hourly:\n      preferred: 45.5\n\n  # where\n  country: DE\n  skills:\n    - 'Rust'\n    - 'C++'\n\n# points\nscoring:\n";
    edited(before, &usual(), after);
}

#[test]
fn a_plain_value_is_replaced_in_its_place() {
    for (old, new) in [("40", "45.5"), ("4e1  # mine", "45.5  # mine"), ("40.00#no", "")] {
        let text =
            |value: &str| format!("profile:\n  rates:\n    hourly:\n      preferred: {value}\n      minimum: 20\n");
        match new {
            "" => assert!(validate_str("p.yaml", &text(old), &PLATFORMS).is_err()),
            new => edited(&text(old), &[set(&PREFERRED, json!(45.5))], &text(new)),
        }
    }
    let title = set(&["profile", "title"], json!("It's me"));
    for old in ["Developer", "'It''s # old'", "\"old \\\" # \" # mine"] {
        let rest = if old.ends_with("mine") { " # mine" } else { "" };
        edited(
            &format!("profile: \n  title: {old}\n"),
            std::slice::from_ref(&title),
            &format!("profile: \n  title: 'It''s me'{rest}\n"),
        );
    }
    edited(
        "profile:\n  rates: { hourly: { preferred: 40, minimum: 20 } }\n",
        &[set(&PREFERRED, json!(45))],
        "profile:\n  rates: { hourly: { preferred: 45, minimum: 20 } }\n",
    );
}

#[test]
fn in_a_file_of_config_init_keys_take_the_place_of_their_commented_out_forms() {
    let template = write_template(&PLATFORMS).unwrap();
    let new = edit(&template, &usual()).unwrap();
    assert!(validate_str("p.yaml", &new, &PLATFORMS).is_ok());
    let added: Vec<&str> = new.lines().filter(|line| !template.lines().any(|old| old == *line)).collect();
    assert_eq!(
        added,
        [
            "profile:",
            "  rates:",
            "    currency: 'EUR'",
            "    hourly:",
            "      preferred: 45.5",
            "  skills:",
            "    - 'Rust'",
            "    - 'C++'"
        ]
    );
    for (above, below) in [
        ("#  skills: [", "  skills:"),
        ("#    currency: 'USD'", "    currency: 'EUR'"),
        ("#      preferred: 75", "      preferred: 45.5"),
    ] {
        let lines: Vec<&str> = new.lines().collect();
        let at = lines.iter().position(|line| line.starts_with(above)).unwrap();
        assert_eq!(lines[at + 1], below);
    }
    assert_eq!(
        edit(&new, &[set(&["profile", "country"], json!("NZ"))]).unwrap().matches("\n  country: 'NZ'\n").count(),
        1
    );
}

#[test]
fn what_cannot_be_edited_safely_is_refused_with_its_line() {
    for (text, line, why) in [
        ("{ profile: { country: DE } }\n", Some(1), FLOW),
        ("vault:\nprofile: { country: DE }\n", Some(2), FLOW),
        ("profile: {}\n", Some(1), FLOW),
        ("profile:\n  rates: {}\n", Some(2), FLOW),
        ("a: &a\n  country: DE\nprofile: *a\n", None, ""),
        ("profile:\n  skills: &s [Go]\nother: *s\n", None, ""),
        ("profile:\n  skills: &s\n  - Go\nother: *s\n", None, ODD),
        ("  scoring:\n    contest_penalty: 1\n", Some(1), ODD),
        ("vault: |\n  x\n...\n", None, ""),
        ("profile:\n  country: DE\n  country: DE\n", Some(3), "the file is not valid YAML"),
        ("profile: [\n", Some(1), "the file is not valid YAML"),
        ("profile: ~\n", None, ODD),
    ] {
        let refused = edit(text, &usual()).unwrap_err();
        assert!(
            why.is_empty() || (refused.why == why && line.is_none_or(|line| refused.line == Some(line))),
            "{text}: {refused:?}"
        );
    }
}

#[test]
fn a_section_to_paste_is_the_section() {
    let value = json!({"skills": ["Go", {"name": "REST", "aliases": {"guild": "RESTful: 1"}}], "languages": ["en"], "rates": {"hourly": {"preferred": 45}}});
    let pasted = section("profile", &value);
    assert_eq!(
        pasted,
        "profile:\n  languages: ['en']\n  rates:\n    hourly:\n      preferred: 45\n  skills:\n    - 'Go'\n    - { name: 'REST', aliases: { guild: 'RESTful: 1' } }\n"
    );
    assert_eq!(parse(&pasted).unwrap().value["profile"], value);
}

/// Text of any value that a plugin's answer may hold, once it is clean.
fn word() -> impl Strategy<Value = String> {
    prop_oneof!["[A-Za-z][A-Za-z .+#/&-]{0,12}[a-z]", "[!-~é日👍][ -~é日👍]{0,10}[!-~é日👍]"]
}

fn comment() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), "# [a-z:' ]{0,12}", Just("#  - odd:".to_owned())]
}

/// A list of skills in some style, at an indentation.
fn list() -> impl Strategy<Value = (u8, Vec<String>, String)> {
    (0u8..5, proptest::collection::vec("[a-z]{2,8}", 1..5), comment())
}

fn written((style, items, comment): &(u8, Vec<String>, String), columns: usize) -> String {
    let pad = " ".repeat(columns);
    let block = |dash: &str| items.iter().map(|item| format!("{dash}- {item} {comment}\n")).collect::<String>();
    match style {
        0 => format!("{pad}skills: [{}] {comment}\n", items.join(", ")),
        1 => format!("{pad}skills: [ '{}', ] {comment}\n", items.join("', '")),
        2 => format!(
            "{pad}skills: [ {comment}\n{pad}  {} {comment}\n{pad}  ]\n",
            items.join(&format!(", {comment}\n{pad}  "))
        ),
        3 => format!("{pad}skills: {comment}\n{}{pad}{comment}\n", block(&pad)),
        _ => format!("{pad}skills:\n{pad}  {comment}\n{}\n", block(&format!("{pad}    "))),
    }
}

prop_compose! {
    /// A profile, as a person may have written it.
    fn profile()(columns in 2usize..5, kept in proptest::collection::vec(any::<bool>(), 6), list in list(), note in comment()) -> String {
        let pad = " ".repeat(columns);
        let parts = [
            format!("{pad}{note}\n{pad}name: me {note}\n"),
            written(&list, columns),
            format!("{pad}rates: {note}\n{pad} {note}\n{pad}  fixed: {{ minimum: 500 }}\n{pad}  hourly:\n{pad}     minimum: 20 {note}\n\n"),
            format!("{pad}title: \"a # b\" {note}\n\n"),
            format!("{pad}languages:\n{pad}- en\n"),
            format!("{pad}{note}\n{pad}country: DE\n{note}\n"),
        ];
        let inside: String = parts.iter().zip(kept).filter(|(_, kept)| *kept).map(|(part, _)| part.as_str()).collect();
        format!("profile: {note}\n{inside}")
    }
}

prop_compose! {
    /// A whole file: what is before the profile, the profile, and what is after it.
    fn file()(
        note in comment(), before in any::<bool>(), inside in proptest::option::of(profile()), after in any::<bool>(), windows in any::<bool>(), cut in any::<bool>()
    ) -> [String; 3] {
        let head = if before { format!("{note}\nplatforms: {note}\n  guild: {{ categories: ['a: b'] }}\n\n{note}\n") } else { format!("{note}\n") };
        let tail = if after { format!("\nscoring: {note}\n  weights:\n    budget: 0.2\n{note}\nrules: []\n") } else { String::new() };
        let mut parts = [head, inside.unwrap_or_default(), tail];
        if cut && let Some(last) = parts.iter_mut().rev().find(|part| !part.is_empty()) {
            last.truncate(last.trim_end().len());
        }
        if windows { parts.map(|part| part.replace('\n', "\r\n")) } else { parts }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_configuration_gets_the_changes_and_keeps_everything_else(
        [head, inside, tail] in file(), names in proptest::collection::vec(word(), 0..5), rate in 1u32..10_000_000, alias in word()
    ) {
        let text = format!("{head}{inside}{tail}");
        let old = validate_str("p.yaml", &text, &PLATFORMS).map_err(|e| TestCaseError::fail(format!("{e}")))?;
        let mut items: Vec<Value> = names.iter().map(|name| json!(name)).collect();
        items.push(json!({"name": "an alias", "aliases": {"guild": alias}}));
        let amount = if rate % 100 == 0 { json!(rate / 100) } else { json!(f64::from(rate) / 100.0) };
        let changes = [Change::Append { path: owned(&SKILLS), items }, set(&["profile", "rates", "currency"], json!("EUR")), set(&["profile", "rates", "fixed", "minimum"], amount), set(&["profile", "country"], json!("NZ"))];
        let fixed_is_flow = inside.contains("fixed:");
        let new = edit(&text, &changes).map_err(|e| TestCaseError::fail(format!("{e} in\n{text}")))?;

        // The value is the old one with the changes.
        let mut expected = parse(&text).unwrap().value;
        changes.iter().for_each(|change| apply(&mut expected, change));
        prop_assert_eq!(&parse(&new).unwrap().value, &expected);
        let loaded = validate_str("p.yaml", &new, &PLATFORMS).map_err(|e| TestCaseError::fail(format!("{e} in\n{new}")))?;
        prop_assert_eq!(&loaded.config.platforms, &old.config.platforms);
        prop_assert_eq!(&loaded.config.scoring, &old.config.scoring);
        prop_assert!(loaded.config.profile.skills.starts_with(&old.config.profile.skills));
        prop_assert_eq!(&loaded.config.profile.name, &old.config.profile.name);
        prop_assert_eq!(loaded.config.profile.rates.hourly, old.config.profile.rates.hourly);

        // What is outside the section is the same, byte by byte.
        if inside.is_empty() {
            prop_assert!(new.starts_with(&text), "{}", new);
        } else {
            prop_assert!(new.starts_with(&head) && new.ends_with(&tail), "{}", new);
        }
        // Each line is there still, in its order, but those of values that changed.
        let changed = |line: &&str| {
            line.trim_start().starts_with("country:") || (fixed_is_flow && line.contains("fixed:")) || line.contains(['[', ',']) || (inside.contains("skills: [") && !line.trim().starts_with('#'))
        };
        let mut lines = new.lines().map(str::trim_end);
        for line in text.lines().map(str::trim_end).filter(|line| !changed(line)) {
            prop_assert!(lines.any(|new| new == line), "lost {line:?} in\n{new}");
        }
        // And every comment.
        let comments = |text: &str| text.matches("# ").count() + text.matches("#  - odd:").count();
        prop_assert!(comments(&new) >= comments(&text));
    }

    #[test]
    fn any_text_is_edited_rightly_or_refused(text in "(profile:|  skills:|  - a|[ \\[\\]{},:&*'\"#a-]{0,6}|\\n){0,12}") {
        if let Ok(new) = edit(&text, &usual()) {
            let mut expected = parse(&text).unwrap().value;
            usual().iter().for_each(|change| apply(&mut expected, change));
            prop_assert_eq!(parse(&new).unwrap().value, expected);
        }
    }
}
