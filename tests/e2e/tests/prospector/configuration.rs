//! `config`, and what a wrong file does to every command.

use std::fs;

use prospector_e2e::Home;
use prospector_e2e::prospector::finish;

use crate::support::at;

/// A wrong file, where it is wrong (line:column), and words of the message.
const WRONG: &[(&str, &str, &[&str])] = &[
    ("platforms:\n  freelancr: {}\n", "2:3", &["unknown platform `freelancr`", "did you mean `freelancer`?"]),
    (
        "platforms:\n  freelancer:\n    scan_intervall: 30m\n",
        "3:5",
        &["platforms.freelancer.scan_intervall", "did you mean `scan_interval`?"],
    ),
    ("platforms:\n  freelancer:\n    min_employer_ratin: 4\n", "3:5", &["did you mean `min_employer_rating`?"]),
    ("platforms:\n  freelancer:\n    scan_interval: 30 parsecs\n", "3:20", &["expected a duration such as '30m'"]),
    ("platforms:\n  freelancer:\n    categories: Web\n", "3:17", &["expected a list", "['Web']"]),
    ("platforms:\n  freelancer:\n    project_types: [fixd]\n", "3:21", &["did you mean `fixed`?"]),
    ("platforms:\n  freelancer:\n    min_employer_rating: 9\n", "3:26", &["a number from 0 to 5"]),
    ("platforms:\n  freelancer:\n    endpoints: { api: 'http://example.com' }\n", "3:23", &["only on loopback"]),
    ("platforms:\n  freelancer:\n    connect: { client_secret: abc }\n", "3:16", &["client_secret"]),
    ("scoring:\n  weights: { skill_match: -1 }\n", "2:27", &["scoring.weights.skill_match"]),
    ("scoring:\n  thresholds: { display_min: .nan }\n", "2:30", &["display_min"]),
    (
        "rules:\n  - { name: x, condition: { field: job.budget, operator: less, value: 5 }, action: exclude }\n",
        "2:",
        &["rules[0].condition.operator", "expected one of eq, neq"],
    ),
    (
        "platforms:\n  upwork:\n    locations: [Germany, Narnia]\n",
        "3:26",
        &["platforms.upwork.locations[1]", "`Narnia`, which is no country"],
    ),
    (
        "platforms:\n  upwork:\n    categories:\n      - Web Developmnt\n",
        "4:9",
        &["platforms.upwork.categories[0]", "has no category", "Did you mean `Web Development`"],
    ),
    ("platforms: [\n", "1:", &["unclosed"]),
    ("platforms:\n\tfreelancer: {}\n", "2:", &["spaces"]),
    ("profile: { skills: [a] }\nprofile: { skills: [b] }\n", "2:1", &["twice", "line 1"]),
    ("a: &a [*a]\n", "1:", &["alias"]),
    ("- just\n- a list\n", "1:", &["expected"]),
    ("unknown_section: {}\n", "1:1", &["unknown key `unknown_section`"]),
];

#[test]
fn a_wrong_file_is_met_with_the_place_the_key_and_the_nearest_valid_one() {
    let prospector = at(Home::configured("{}"));
    for (text, place, words) in WRONG {
        prospector.home.configure(text);
        let file = prospector.home.configuration_file();
        let refused = prospector.run("config validate");
        assert_eq!(refused.code, 3, "{text}: {}{}", refused.stdout, refused.stderr);
        assert!(
            refused.stderr.contains(&format!("{}:{place}", file.display())),
            "{text}: not at {place}: {}",
            refused.stderr
        );
        for words in *words {
            assert!(refused.stderr.contains(words), "{text}: {words}: {}", refused.stderr);
        }
        assert_eq!(refused.stdout, "", "{text}");
    }
}

#[test]
fn files_that_are_no_yaml_at_all_are_refused_and_not_a_crash() {
    let prospector = at(Home::configured("{}"));
    let file = prospector.home.configuration_file();
    let deep = "[".repeat(100_000);
    let bombs = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e,*e]\n";
    for bytes in
        [&b"\xff\xfe\x00p"[..], &b"\x00\x01\x02"[..], deep.as_bytes(), bombs.as_bytes(), &vec![b'#'; 5_000_000]]
    {
        fs::write(&file, bytes).expect("a file");
        let refused = prospector.run("config validate").expect(3);
        assert!(refused.stderr.contains("prospector.yaml"), "{}", refused.stderr);
    }
    fs::remove_file(&file).expect("it is there");
    fs::create_dir(&file).expect("a directory");
    let refused = prospector.run("config validate").expect(3);
    assert!(refused.stderr.contains("prospector.yaml"), "{}", refused.stderr);
}

#[test]
fn every_command_that_needs_the_configuration_refuses_a_wrong_one_and_the_others_work() {
    let prospector = at(Home::configured("platforms:\n  freelancer:\n    scan_intervall: 30m\n"));
    for line in [
        "connect freelancer",
        "disconnect freelancer",
        "status",
        "scan",
        "leads list",
        "leads show 1",
        "profile show",
        "profile import",
        "config show",
        "config validate",
    ] {
        let refused = prospector.run(line).expect(3);
        assert!(
            refused.stderr.contains("prospector.yaml:3:5") && refused.stdout.is_empty(),
            "{line}: {}",
            refused.stderr
        );
    }
    for line in ["config path", "plugins list", "plugins inspect freelancer", "completions bash"] {
        let _done = prospector.run(line).ok();
    }
}

#[test]
fn json_has_each_problem_with_its_place() {
    let prospector = at(Home::configured("platforms:\n  freelancer:\n    scan_intervall: 30m\n    categories: 5\n"));
    let refused = prospector.run("config validate --json").expect(3);
    let text = refused.json().to_string();
    assert!(text.contains("scan_intervall") && text.contains("categories") && text.contains("\"line\":3"), "{text}");
}

#[test]
fn what_init_writes_is_valid_private_and_never_overwritten() {
    let prospector = at(Home::absent());
    assert!(prospector.run("config validate").ok().stdout.contains("the defaults are in effect"));
    let written = prospector.run("config init").ok();
    let file = prospector.home.configuration_file();
    assert_eq!(written.stdout, format!("Wrote {}\n", file.display()));
    let (mode, text) = prospector.home.contents().remove(&file).expect("it is there");
    assert_eq!(mode, 0o600);
    let valid = prospector.run("config validate").ok();
    assert_eq!((valid.stdout, valid.stderr), (format!("{} is valid.\n", file.display()), String::new()));
    let again = prospector.run("config init").expect(7);
    assert!(again.stderr.contains("never overwritten"), "{}", again.stderr);
    assert_eq!(fs::read(&file).ok(), text);
}

#[test]
fn show_tells_each_setting_and_where_it_comes_from() {
    let prospector = at(Home::configured("platforms:\n  freelancer:\n    min_employer_rating: 4.0\n"));
    let shown = prospector.run("config show").ok();
    assert!(shown.stdout.contains("platforms.freelancer.min_employer_rating: 4.0  # line 3"), "{}", shown.stdout);
    assert!(shown.stdout.contains("scoring.thresholds.display_min: 30  # default"), "{}", shown.stdout);
    let _json = prospector.run("config show --json").ok().json();
    let path = prospector.run("config path").ok();
    assert_eq!(path.stdout, format!("{}\n", prospector.home.configuration_file().display()));
}

#[test]
fn another_file_can_be_checked_before_it_is_used() {
    let prospector = at(Home::configured("{}"));
    let other = prospector.home.beside("other.yaml");
    fs::write(&other, "platforms:\n  freelancer:\n    scan_interval: 5m\n").expect("a file");
    let valid = finish(&mut prospector.command(["config".as_ref(), "validate".as_ref(), other.as_os_str()])).ok();
    assert!(
        valid.stdout.contains("is valid") && valid.stderr.contains("rate limit"),
        "{}{}",
        valid.stdout,
        valid.stderr
    );
    let absent = prospector.run("config validate /nonexistent/file.yaml").expect(2);
    assert!(absent.stderr.contains("/nonexistent/file.yaml"), "{}", absent.stderr);
}
