//! `profile import` and `profile show`.

use std::fs;

use prospector_e2e::prospector::finish;
use prospector_e2e::sim::IDENTITY;
use prospector_e2e::{Home, Prospector, Sim, Terminal};
use serde_json::{Value, json};

use crate::support::{at, connected, connected_with, pointed_at, texts};

/// A profile of one's own, with comments in every place.
const OWN: &str = "# who I am\nprofile: # me\n  # what I know\n  skills:\n    - Cooking # for friends\n    - { name: 'JS', aliases: { freelancer: 'JavaScript' } }\n  rates:\n    # no less\n    hourly: # by the hour\n      preferred: 60\n  # where\n  country: DE\n\n# points\nscoring: { contest_penalty: 3 }";

fn text(prospector: &Prospector) -> String {
    fs::read_to_string(prospector.home.configuration_file()).expect("the configuration is there")
}

fn imported(prospector: &Prospector) -> String {
    prospector.run("profile import --yes").ok().stdout
}

#[test]
fn a_fresh_home_gets_skills_and_rate_and_a_second_import_changes_nothing() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    let before = text(&prospector);
    let shown = prospector.run("profile show").ok();
    assert!(shown.stdout.starts_with("Skills: none  # default\n"), "{}", shown.stdout);
    assert!(shown.stderr.contains("ghoststack prospector profile import"), "{}", shown.stderr);

    let said = imported(&prospector);
    for line in [
        "  + skills: Rust\n",
        "  + rates.hourly.preferred: 45\n",
        "  + country: NZ\n",
        "  + languages: en\n",
        "\nWrote ",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    let after = text(&prospector);
    assert!(after.starts_with(&before), "what was there has changed: {after}");
    assert!(after.contains("\nprofile:\n  skills:\n    - '") && after.contains("\n      preferred: 45\n"), "{after}");
    let _valid = prospector.run("config validate").ok();

    let again = imported(&prospector);
    assert_eq!(again, "  4 skills are there already\nNothing to change.\n");
    assert_eq!(text(&prospector), after);

    let shown = prospector.run("profile show").ok();
    assert!(
        shown.stdout.starts_with("Skills: 4  # line ") && shown.stderr.is_empty(),
        "{}{}",
        shown.stdout,
        shown.stderr
    );
    for line in [
        "\n  Rust\n",
        "\nPreferred hourly rate: 45  # line ",
        "\nMinimum budget: not set\n",
        "\nHours a week: 40  # default\n",
    ] {
        assert!(shown.stdout.contains(line), "{line}: {}", shown.stdout);
    }
    let json = prospector.run("profile show --json").ok().json();
    assert_eq!(
        (json["empty"].clone(), json["profile"]["rates"]["hourly"]["preferred"].clone()),
        (json!(false), json!(45))
    );
    let scan = prospector.run("scan --json").ok().json();
    assert!(scan["leads"].to_string().contains("You cover 2 of 2 skills"), "the profile did not reach the plugin");
}

#[test]
fn what_a_person_wrote_is_kept_comments_and_all() {
    let sim = Sim::agreeing();
    let prospector = connected_with(&sim, "", OWN);
    let before = text(&prospector);
    let said = imported(&prospector);
    assert!(said.contains("  = rates.hourly.preferred: 60 is kept; Freelancer says 45\n"), "{said}");
    assert!(said.contains("  = country: DE is kept; Freelancer says NZ\n"), "{said}");
    let after = text(&prospector);
    let mut lines = after.lines();
    for line in before.lines() {
        assert!(lines.any(|new| new == line), "{line:?} is lost: {after}");
    }
    assert!(!after.contains("'JavaScript'\n") && after.matches("JavaScript").count() == 1, "{after}");
    let (head, tail) =
        (before.split("# who I am").next().unwrap_or_default(), "\n# points\nscoring: { contest_penalty: 3 }\n");
    assert!(after.starts_with(head) && after.ends_with(tail), "{after}");
    let overwritten = prospector.run("profile import --yes --overwrite").ok();
    assert!(overwritten.stdout.contains("  ~ rates.hourly.preferred: 60 becomes 45\n"), "{}", overwritten.stdout);
    assert_eq!(
        text(&prospector),
        after.replace("preferred: 60", "preferred: 45").replace("country: DE", "country: 'NZ'")
    );
}

#[test]
fn a_file_of_config_init_takes_the_settings_where_it_explains_them() {
    let sim = Sim::agreeing();
    let (template, prospector) = (at(Home::absent()), connected(&sim));
    let _written = template.run("config init").ok();
    let explained = text(&template);
    assert!(explained.contains("aliases: { freelancer: "), "the template tells of aliases: {explained}");
    let endpoints = text(&prospector)
        .lines()
        .filter(|line| line.starts_with("    "))
        .map(|line| format!("{line}\n"))
        .collect::<String>();
    prospector.home.configure(&explained.replacen("  freelancer:\n", &format!("  freelancer:\n{endpoints}"), 1));
    let before = text(&prospector);
    let _said = imported(&prospector);
    let after = text(&prospector);
    let added: Vec<&str> = after.lines().filter(|line| !before.lines().any(|old| old == *line)).collect();
    assert!(added.contains(&"profile:") && added.contains(&"  skills:"), "{added:?}");
    let lost: Vec<&str> = before.lines().filter(|line| !after.lines().any(|new| new == *line)).collect();
    assert_eq!(lost, ["#profile:", "#  rates:", "#    hourly:"]);
}

#[test]
fn a_dry_run_and_a_question_without_an_answer_change_nothing() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    let before = prospector.home.contents();
    let dry = prospector.run("profile import --dry-run").ok();
    assert!(dry.stdout.contains("  + rates.hourly.preferred: 45\n") && !dry.stdout.contains("Wrote"), "{}", dry.stdout);
    let json = prospector.run("profile import --dry-run --json").ok().json();
    assert_eq!(json["applied"], false);
    assert!(texts(&json["entries"], "key").contains(&"rates.hourly.preferred"), "{json}");
    let file = prospector.home.configuration_file();
    let unchanged = |prospector: &Prospector| prospector.home.contents().get(&file) == before.get(&file);
    assert!(unchanged(&prospector));
    for line in ["profile import", "profile import --no-input", "profile import --json"] {
        let refused = prospector.run(line).expect(2);
        assert!(refused.stderr.contains("--yes") && unchanged(&prospector), "{line}: {}", refused.stderr);
    }
    let json = prospector.run("profile import --yes --json").ok().json();
    assert!(json["applied"] == true && !unchanged(&prospector), "{json}");
}

#[test]
fn at_a_terminal_it_asks_first() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    let before = text(&prospector);
    for (answer, code, last) in
        [("\r", 1, "Nothing was changed."), ("n\r", 1, "Nothing was changed."), ("y\r", 0, "Wrote ")]
    {
        let mut terminal = Terminal::start(prospector.command(["profile", "import"]).env("NO_COLOR", "1"));
        terminal.wait_for("  + country: NZ\r\n");
        terminal.wait_for("Change the file? [y/N] ");
        assert_eq!(text(&prospector), before);
        terminal.type_in(answer);
        terminal.wait_for(last);
        assert_eq!(terminal.end().0, code);
    }
    assert_ne!(text(&prospector), before);
}

#[test]
fn what_cannot_be_edited_safely_is_printed_to_be_pasted() {
    let sim = Sim::agreeing();
    let prospector = connected_with(&sim, "", "profile: { country: DE, skills: ['Cooking'] }");
    let before = text(&prospector);
    let refused = prospector.run("profile import --yes").expect(3);
    assert!(
        refused.stderr.contains("cannot be edited safely: line ") && refused.stderr.contains("next: "),
        "{}",
        refused.stderr
    );
    let pasted = refused.stdout.split_once("profile:\n").map(|(_, rest)| rest).unwrap_or_default();
    assert!(pasted.contains("    - 'Cooking'\n") && pasted.contains("      preferred: 45\n"), "{}", refused.stdout);
    assert_eq!(text(&prospector), before);
    prospector
        .home
        .configure(&before.replace("profile: { country: DE, skills: ['Cooking'] }", &format!("profile:\n{pasted}")));
    assert!(imported(&prospector).ends_with("Nothing to change.\n"));
}

#[test]
fn without_a_connected_account_it_says_how_to_connect_one() {
    let sim = Sim::agreeing();
    let prospector = pointed_at(&sim);
    let before = prospector.home.contents();
    for line in ["profile import --dry-run", "profile import --dry-run --platform freelancer"] {
        let refused = prospector.run(line).expect(4);
        assert!(refused.stderr.contains("ghoststack prospector connect freelancer"), "{}", refused.stderr);
    }
    assert_eq!(prospector.home.contents(), before);
    let unknown = prospector.run("profile import --platform frelancer").expect(2);
    assert!(unknown.stderr.contains("did you mean `freelancer`"), "{}", unknown.stderr);
    let nobody = at(Home::absent()).run("profile import --yes").expect(4);
    assert!(
        nobody.stderr.contains("ghoststack prospector connect <platform>") && nobody.stderr.contains("freelancer"),
        "{}",
        nobody.stderr
    );
}

#[test]
fn an_account_that_is_refused_leaves_the_file_as_it_was() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    let before = text(&prospector);
    for (name, rule, code, words) in [
        ("403", json!({"fault": "status", "status": 403}), 4, "Missing scopes"),
        ("500", json!({"fault": "status", "status": 500}), 5, "HTTP 500"),
        ("HTML", json!({"fault": "not-json"}), 5, "is not what was expected"),
        ("cut off", json!({"fault": "cut-off"}), 5, "broke off"),
        ("huge", json!({"fault": "huge", "megabytes": 12}), 5, "larger than 8 MiB"),
        ("an error with HTTP 200", json!({"fault": "error-with-200", "status": 500}), 5, "Freelancer"),
        ("429", json!({"fault": "status", "status": 429, "retry_after": 1}), 5, "1 s"),
        ("401", json!({"fault": "status", "status": 401}), 4, "connect freelancer"),
    ] {
        let mut rule: Value = rule;
        rule["route"] = IDENTITY.into();
        rule["count"] = 1000.into();
        sim.fault(&rule);
        let refused = prospector.run("profile import --yes");
        assert_eq!(refused.code, code, "{name}: {}{}", refused.stdout, refused.stderr);
        assert!(refused.stderr.contains(words) && refused.stderr.contains("next: "), "{name}: {}", refused.stderr);
        assert_eq!(text(&prospector), before, "{name}");
        sim.heal();
    }
    let _again = prospector.connect().ok();
    assert!(imported(&prospector).contains("Wrote "));
}

#[test]
fn a_skill_by_the_platforms_name_for_it_is_covered() {
    let sim = Sim::agreeing();
    let best = |skill: &str| {
        let prospector = connected_with(&sim, "", &format!("profile:\n  skills: [{skill}]"));
        let scan = prospector.run("scan --json").ok().json();
        scan["leads"].to_string().matches("You cover 1 of ").count()
    };
    assert_eq!(best("Oxidised plumbing"), 0);
    assert!(best("{ name: Oxidised plumbing, aliases: { freelancer: Rust } }") > 0);
    assert_eq!(best("{ name: Oxidised plumbing, aliases: { upwork: Rust } }"), 0, "another platform's name");
}

#[test]
fn plugins_that_read_profiles_say_so() {
    let prospector = at(Home::configured("{}"));
    let inspected = prospector.run("plugins inspect freelancer --json").ok().json();
    assert!(inspected["exports"].as_array().is_some_and(|exports| exports.contains(&json!("profile"))), "{inspected}");
}

#[test]
fn a_link_to_a_file_elsewhere_stays_one_and_permissions_are_kept() {
    use std::os::unix::fs::PermissionsExt;
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    let (file, elsewhere) = (prospector.home.configuration_file(), prospector.home.beside("dotfiles.yaml"));
    fs::rename(&file, &elsewhere).expect("it can be moved");
    fs::set_permissions(&elsewhere, fs::Permissions::from_mode(0o640)).expect("permissions");
    std::os::unix::fs::symlink(&elsewhere, &file).expect("a link");
    let _done = finish(&mut prospector.command(["profile", "import", "--yes"])).ok();
    assert!(file.is_symlink() && text(&prospector).contains("preferred: 45"));
    assert_eq!(fs::metadata(&elsewhere).expect("it is there").permissions().mode() & 0o777, 0o640);
}
