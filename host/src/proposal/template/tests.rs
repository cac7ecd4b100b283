//! Reading, choosing and rendering templates.

use proptest::prelude::*;

use super::*;
use crate::config::{Profile, validate_str};
use crate::contract::types::{Payment, Posting};
use crate::lead::Lead;
use crate::proposal::amount::suggest;
use crate::proposal::context::{Materials, OWN, names};
use crate::proposal::marker::unfilled;
use crate::proposal::skills::Names;
use crate::store::contract::lead;
use crate::subject::Subject;

const NOW: i64 = 1_780_000_000;

fn profile() -> Profile {
    let text = "profile:
  title: Systems developer
  skills: [Rust, WebAssembly]
  rates: { currency: EUR, fixed: { preferred: 500 } }
  portfolio:
    - { title: Plain site }
    - { title: Booking engine, summary: 'Fast, and small', skills: [rust, SQL] }
    - { title: Shop, skills: [PHP] }
";
    validate_str("p.yaml", text, &[]).expect("valid").config.profile
}

fn context_of(lead: &Lead, profile: &Profile) -> Context {
    let suggestion = suggest(&lead.posting, &profile.rates, None);
    let subject = Subject { platform: "workbazaar", posting: &lead.posting, explained: &lead.explained, now: NOW };
    Context::of(&Materials {
        subject,
        profile,
        signature: None,
        suggestion: &suggestion,
        zone: &jiff::tz::TimeZone::UTC,
    })
}

fn template(text: &str) -> Template {
    Template::read("t.md", text.as_bytes(), None).unwrap_or_else(|error| panic!("{error}"))
}

fn refused(text: &str) -> String {
    Template::read("t.md", text.as_bytes(), None).expect_err(text).to_string()
}

fn rendered(body: &str) -> String {
    let read = template(&format!("---\nname: t\n---\n{body}"));
    read.render(&context_of(&lead("1", 8000), &profile())).unwrap_or_else(|error| error.to_string())
}

#[test]
fn what_is_known_is_filled_in_and_what_is_not_leaves_a_mark() {
    for (body, expected) in [
        ("{{job.title}} for {{ job.skills | join(\", \") }}", "Work 1 for Rust, SQL"),
        ("{{profile.skills | intersect(job.skills)}}", "Rust"),
        ("{{ job.budget.amount | money(job.budget.currency) }} / {{ amount | money(currency) }}", "250 EUR / 500 EUR"),
        ("{{ client.rating }} {{ client.country }} {{ job.skills }}", "4.5 [[fill in: client.country]] Rust, SQL"),
        ("{% if client.country %}a{% else %}b{% endif %}{% if job.budget %}c{% endif %}", "bc"),
        (
            "{% for item in portfolio %}{{ item.title }}: {{ item.summary | default('-') }}; {% endfor %}",
            "Booking engine: Fast, and small; Plain site: -;",
        ),
        ("{{ score }} {{ today }} {{ job.posted_on | date('%d.%m.') }}", "80 2026-05-28 28.05."),
        ("{% for line in breakdown %}x{% endfor %}{{ signals.skill_match }}", "[[fill in: signals.skill_match]]"),
        ("{{ signature | default('Bye') }} {# a remark #}", "Bye"),
        ("{{ '{{' }} [[fill in: your idea]]", "{{ [[fill in: your idea]]"),
    ] {
        assert_eq!(rendered(body), expected, "{body}");
    }
}

#[test]
fn a_mistake_is_told_with_its_line_and_what_may_be_meant() {
    for (text, place, words) in [
        ("---\nname: t\nmatch_skils: [a]\n---\nb", "t.md:3:1", "did you mean `match_skills`?"),
        ("---\nmatch_skills: [a]\n---\nb", "t.md", "the key `name` is missing"),
        ("---\nname: t\nmatch_job_type: [fix]\n---\nb", "t.md:3:18", "did you mean `fixed`?"),
        ("just a text", "t.md", "the key `name` is missing"),
        ("---\nname: t\n---\n \n", "t.md:1:1", "no text"),
        ("---\nname: t\n---\na\n{{ job.titel }}", "t.md:5:4", "did you mean `job.title`?"),
        (
            "---\nname: t\n---\n{% if score %}\n{{ clint.rating }}{% endif %}",
            "t.md:5:4",
            "did you mean `client.rating`?",
        ),
        ("---\nname: t\n---\na\n\n{{ job.title | trunc(3) }}", "t.md:6", "did you mean `truncate`?"),
        ("---\nname: t\n---\n{% if score > 200 %}{{ 'a|b' | uper }}{% endif %}", "t.md:4:32", "did you mean `upper`?"),
        ("---\nname: t\n---\na\n{{ job.title", "t.md:5", ""),
        ("---\nname: t\n---\n{% include 'other.md' %}", "t.md:4", "include"),
        ("---\nname: t\n---\n{% if score %}", "t.md:4", ""),
    ] {
        let said = refused(text);
        assert!(said.contains(place) && said.contains(words), "{text:?}: {said}");
    }
    // What only shows when it is rendered.
    for (body, words) in [
        ("a\n{% for item in portfolio %}{{ item.titel }}{% endfor %}", ":5"),
        ("{{ job }}", "`job` is a group of names: say which"),
        ("{{ job.title | money('EUR') }}", "a number is wanted"),
        ("{% set a = job.title %}{{ a.upper() }}", "no functions, methods"),
    ] {
        let said = rendered(body);
        assert!(said.contains("t.md") && said.contains(words), "{body}: {said}");
    }
}

#[test]
fn what_a_template_may_take_is_bounded() {
    let doubled = "{% set x = 'aaaaaaaaaaaaaaaa' %}".to_owned() + &"{% set x = x ~ x %}".repeat(60);
    assert!(rendered(&doubled).contains("too much work"), "{}", rendered(&doubled));
    let nested = "{% for a in x %}".replace('x', "job.skills").repeat(20) + "a" + &"{% endfor %}".repeat(20);
    assert!(rendered(&nested).contains("too much work"));
    let long = format!("{{% set x = '{}' %}}", "a".repeat(1000)) + &"{{ x }}".repeat(70);
    assert!(rendered(&long).contains("longer than 64 KiB"), "{:.200}", rendered(&long));
    assert!(rendered("{{ 'a' * 99999999 }}").contains("too much work"));
    let deep = format!("{{{{ {}1{} }}}}", "(".repeat(5000), ")".repeat(5000));
    assert!(Template::read("t.md", format!("---\nname: t\n---\n{deep}").as_bytes(), None).is_err());
}

#[test]
fn no_name_is_the_beginning_of_another_and_every_name_is_there() {
    let all: Vec<&str> = names().map(|(name, _)| name).collect();
    for name in &all {
        assert!(!all.iter().any(|other| other.starts_with(&format!("{name}."))), "{name}");
        let printed = rendered(&format!("{{% if {name} %}}{{{{ {name} | count }}}}{{% endif %}}x"));
        assert!(
            printed.ends_with('x') || printed.contains("a list is wanted") || printed.contains("signals"),
            "{name}: {printed}"
        );
    }
    assert_eq!(all.len(), crate::config::Known::ALL.len() + OWN.len());
}

#[test]
fn every_name_and_every_filter_is_documented() {
    let documented = include_str!("../../../../docs/proposals.md");
    for (name, about) in OWN {
        assert!(documented.contains(&format!("| `{name}` | {about} |")), "{name}");
    }
    for (_, called, about) in filters::FILTERS {
        assert!(documented.contains(&format!("| `{called}` | {about} |")), "{called}");
    }
}

#[test]
fn the_template_that_is_built_in_and_the_starter_serve_any_lead() {
    let starter = template(&STARTER.replace("NAME", "mine"));
    for (of, left) in [(Template::built_in(), 0), (starter, 1)] {
        let text = of.render(&context_of(&lead("1", 8000), &profile())).expect("renders");
        assert!(text.contains("Booking engine: Fast, and small") && !text.contains("\n\n\n"), "{text}");
        assert_eq!(unfilled(&text).len(), left, "{text}");
    }
    let mut bare = lead("2", 100);
    bare.posting =
        Posting { skills: Vec::new(), budget: None, payment: Payment::Unstated, competition: None, ..bare.posting };
    let nobody = validate_str("p.yaml", "", &[]).expect("valid").config.profile;
    let text = Template::built_in().render(&context_of(&bare, &nobody)).expect("renders");
    assert!(unfilled(&text).is_empty(), "{text}");
}

#[test]
fn the_template_that_suits_best_is_chosen_and_why_is_told() {
    let make = |name: &str, keys: &str| template(&format!("---\nname: {name}\n{keys}---\ntext"));
    let templates = [
        make("any", ""),
        make("any-fixed", "match_job_type: [fixed]\n"),
        make("hourly", "match_job_type: [hourly]\npriority: 1000\n"),
        make("rust", "match_skills: [rust]\n"),
        make("rust-sql", "match_skills: [SQL, RUST.js, Go]\npriority: -5\n"),
        make("sql-rust-first", "match_skills: [SQL, Rust]\npriority: 5\n"),
        make("go", "match_skills: [Go]\npriority: 1000\n"),
    ];
    let posting = |skills: &[&str], payment| Posting {
        skills: skills.iter().map(|s| (*s).to_owned()).collect(),
        payment,
        ..lead("1", 1).posting
    };
    for (skills, payment, expected, words) in [
        (&["Rust", "SQL"][..], Payment::Fixed, "sql-rust-first", "asks for SQL, Rust; of 2 that suit alike"),
        (&["Rust"], Payment::Fixed, "sql-rust-first", "asks for Rust; of 3 that suit alike"),
        (&["COBOL"], Payment::Fixed, "any-fixed", "pays so"),
        (&["COBOL"], Payment::Hourly, "hourly", "pays so"),
        (&[], Payment::Unstated, "any", "every posting"),
    ] {
        let choice = choose(&templates, &posting(skills, payment), &Names::default()).expect("one suits");
        assert_eq!(choice.template.keys.name, expected, "{skills:?}: {}", choice.reason);
        assert!(choice.reason.contains(words), "{skills:?}: {}", choice.reason);
    }
    assert!(choose(&templates[6..], &posting(&["Rust"], Payment::Fixed), &Names::default()).is_none());
    let fit = choice::fit(&templates[2], &posting(&[], Payment::Fixed), &Names::default());
    assert_eq!(fit.against.as_deref(), Some("it is for hourly work, and the posting pays otherwise"));
}

#[test]
fn a_folder_is_read_as_far_as_it_can_be() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &[u8]| std::fs::write(folder.path().join(name), text).expect("written");
    assert_eq!(load(&folder.path().join("absent")).expect("reads").usable[0].keys.name, BUILT_IN);
    write("a.md", b"---\nname: one\n---\ntext");
    write("b.md", b"---\nname: one\n---\ntext");
    write("c.md", b"---\nnam: c\n---\ntext");
    write("d.md", &[b'a'; 70_000]);
    write("e.md", b"---\nname: e\n---\n\xff");
    write("f.txt", b"not one");
    write(".g.md", b"hidden");
    std::fs::create_dir(folder.path().join("h.md")).expect("a folder");
    let read = load(folder.path()).expect("reads");
    assert_eq!(read.usable.iter().map(|t| t.keys.name.as_str()).collect::<Vec<_>>(), ["one"]);
    let said: Vec<String> = read.broken.iter().map(|broken| broken.problems.to_string()).collect();
    assert_eq!(said.len(), 5, "{said:?}");
    for (said, words) in said.iter().zip([
        "is called so too",
        "did you mean `name`?",
        "larger than 64 KiB",
        "not UTF-8",
        "not a plain file",
    ]) {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert!(read.named("one").is_some() && read.named("c").is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn any_template_and_any_posting_end_in_a_text_or_an_error(
        pieces in prop::collection::vec(prop_oneof![
            Just("{{ job.title }}".to_owned()), Just("{{".to_owned()), Just("}}".to_owned()), Just("{% for a in job.skills %}".to_owned()),
            Just("{% endfor %}".to_owned()), Just("{% if a %}".to_owned()), Just("{% endif %}".to_owned()), Just(" | join".to_owned()),
            Just("{% set a = job.description * 99 %}".to_owned()), Just("{{ a }}".to_owned()), Just("{{ job.description | words(9) }}".to_owned()),
            "\\PC{0,12}".prop_map(|text| text),
        ], 0..12),
        title in "\\PC{0,40}|.{0,40}", skill in ".{0,20}", description in "\\PC{0,300}",
    ) {
        let mut of = lead("1", 8000);
        of.posting = Posting { title, description, skills: vec![skill], ..of.posting };
        let body = pieces.concat();
        if let Ok(template) = Template::read("t.md", format!("---\nname: t\n---\n{body}").as_bytes(), None) {
            match template.render(&context_of(&of, &profile())) {
                Ok(text) => prop_assert!(text.len() <= render::MAX_RENDERED),
                Err(error) => prop_assert!(error.to_string().contains("t.md"), "{}", error),
            }
        }
    }
}
