//! Matching of skills: spellings, likenesses, aliases.

use proptest::prelude::*;

use super::*;
use crate::types::ProfileSkill;

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

    #[test]
    fn what_a_name_resolves_to_does_not_depend_on_its_case_or_on_blanks_around_it(name in "[ -~]{0,150}") {
        prop_assert_eq!(resolve(&name), resolve(&name.to_ascii_uppercase()));
        if name.len() < 120 {
            prop_assert_eq!(resolve(name.trim()), resolve(&format!("  {} ", name.trim())));
        }
    }

    #[test]
    fn any_words_are_resolved_or_refused_without_a_panic(name in "\\PC{0,20}[ -(]?(MS )?\\PC{0,300}( developer| designer|s|ies|\\(ML\\))?") {
        let skill = resolve(&name);
        prop_assert!(skill.is_none_or(|skill| resolve(skill.canonical()) == Some(skill)));
    }
}
