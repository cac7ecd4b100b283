//! Drafts of proposals: by hand and by themselves, from templates of one's own, reviewed and edited.

use std::fs;
use std::path::PathBuf;

use prospector_e2e::prospector::{finish, finish_with_input};
use prospector_e2e::{Outcome, Prospector, Sim};
use serde_json::{Value, json};

use crate::both_platforms;
use crate::notifications::receiver::Receiver;
use crate::support::{connected_with, texts};

const PROFILE: &str = "profile:
  title: Systems developer
  skills: [Rust, WebAssembly, TypeScript, React, PostgreSQL]
  rates: { currency: USD, hourly: { minimum: 40, preferred: 60 }, fixed: { minimum: 300, preferred: 900 } }
  portfolio:
    - { title: Booking engine, summary: Ten thousand bookings a day, skills: [Rust, PostgreSQL] }
";

/// By hand only.
const BY_HAND: &str = "proposals: { auto_draft: false, signature: 'Wren' }\n";

const TEMPLATE: &str = "---
name: rust
match_skills: [Rust, WebAssembly]
priority: 5
---
About {{ job.title | line }}: {{job.skills | join(\", \")}}.
I know {{profile.skills | intersect(job.skills)}}.
{{ signature }}
";

fn template(prospector: &Prospector, file: &str, text: &str) -> PathBuf {
    let folder = prospector.home.path().join("prospector/templates");
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join(file), text).expect("written");
    folder.join(file)
}

fn by_hand() -> (Sim, Prospector, Value) {
    let sim = Sim::agreeing();
    let prospector = connected_with(&sim, "", &format!("{PROFILE}{BY_HAND}"));
    let scan = prospector.run("scan --json").ok().json();
    (sim, prospector, scan)
}

/// The best lead that asks for a skill.
fn lead_for(prospector: &Prospector, skill: &str) -> String {
    let list = prospector.run(&format!("leads list --json --search {skill} --limit 50")).ok().json();
    let asks = |id: &&str| {
        let shown = prospector.run(&format!("leads show {id} --json")).ok().json();
        shown["posting"]["skills"].as_array().into_iter().flatten().any(|of| of == skill)
    };
    texts(&list["leads"], "id").into_iter().find(asks).expect("a lead that asks for it").to_owned()
}

fn edit(prospector: &Prospector, number: u64, editor: &str) -> Outcome {
    finish(prospector.command(["proposals", "edit", &number.to_string()]).env("EDITOR", editor))
}

fn show(prospector: &Prospector, number: u64) -> Value {
    prospector.run(&format!("proposals show {number} --json")).ok().json()
}

/// Files that were made for an editor.
fn copies(prospector: &Prospector) -> Vec<PathBuf> {
    let named = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().contains("-draft-"));
    prospector.home.contents().into_keys().filter(named).collect()
}

#[test]
fn a_lead_is_drafted_from_the_template_that_suits_it_and_waits_for_review() {
    let (_sim, prospector, _) = by_hand();
    template(&prospector, "rust.md", TEMPLATE);
    template(&prospector, "any.md", "---\nname: any\n---\nHello");
    let id = lead_for(&prospector, "Rust");
    let listed = prospector.run(&format!("proposals templates list {id}")).ok().stdout;
    assert!(listed.contains("* rust") && listed.contains("is taken: the posting asks for Rust"), "{listed}");

    let drafted = prospector.run(&format!("proposals draft {id} --json")).ok().json();
    let lead = prospector.run(&format!("leads show {id} --json")).ok().json();
    let skills = texts_of(&lead["posting"]["skills"]).join(", ");
    let text = drafted["text"].as_str().expect("a text");
    assert!(
        text.contains(lead["title"].as_str().expect("a title").trim()) && text.contains(&format!(": {skills}.")),
        "{text}"
    );
    assert!(text.contains("I know Rust") && text.ends_with("\nWren"), "{text}");
    assert_eq!(
        (&drafted["template"], &drafted["number"], &drafted["origin"]),
        (&json!("rust"), &json!(1), &json!("person"))
    );
    assert_eq!((&drafted["score"], &drafted["id"]), (&lead["score"], &json!(id)));
    let (amount, budget) = (drafted["amount"].as_f64().expect("an amount"), &lead["posting"]["budget"]);
    assert!(budget["maximum"].as_f64().is_none_or(|most| amount <= most), "{amount}, {budget}");
    assert_eq!(drafted["currency"], budget["currency"]);
    assert_eq!(drafted["story"][0]["note"], "drafted");

    let told = prospector.run("proposals show 1").ok().stdout;
    for words in ["Proposal 1  review", "amount", "STORY", "It waits for your review"] {
        assert!(told.contains(words), "{words}: {told}");
    }
    let listed = prospector.run("proposals list").ok().stdout;
    assert!(listed.contains("review") && listed.lines().count() == 2, "{listed}");
    assert!(prospector.run("proposals list --state won").ok().stderr.contains("No proposals that match"));
    let again = prospector.run(&format!("proposals draft {id}")).expect(1);
    assert!(again.stderr.contains("Proposal 1 is to this posting already"), "{}", again.stderr);
    let anew = prospector
        .run(&format!("proposals draft {id} --template any --amount 450.50 --days 9 --force --json"))
        .ok()
        .json();
    assert_eq!(
        (&anew["number"], &anew["text"], &anew["amount"], &anew["days"]),
        (&json!(1), &json!("Hello"), &json!(450.5), &json!(9))
    );
    assert_eq!(anew["story"].as_array().map(Vec::len), Some(2));
}

fn texts_of(list: &Value) -> Vec<&str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

#[test]
fn what_is_missing_is_marked_and_keeps_a_draft_from_review_until_it_is_written() {
    let (_sim, prospector, scan) = by_hand();
    let id = scan["leads"][0]["id"].as_str().expect("a lead");
    template(
        &prospector,
        "mine.md",
        "---\nname: mine\n---\nHello,\n[[fill in: my idea]]\n{{ client.member_since | date }}",
    );
    let drafted = prospector.run(&format!("proposals draft {id}")).ok().stdout;
    assert!(
        drafted.contains("[[fill in: my idea]]") && drafted.contains("`my idea` is still to be written"),
        "{drafted}"
    );
    assert!(drafted.contains("It stays a draft until that is settled"), "{drafted}");
    let shown = show(&prospector, 1);
    assert_eq!((&shown["state"], &shown["template"], &shown["blocking"]), (&json!("draft"), &json!("mine"), &json!(1)));
    assert_eq!((&shown["problems"][0]["field"], &shown["problems"][0]["blocking"]), (&json!("text"), &json!(true)));

    let words = "I would port it in two weeks. Write to me at wren@example.com";
    let mut command = prospector.command(["proposals", "edit", "1", "--text-file", "-"]);
    let told = finish_with_input(&mut command, Some(words)).ok().stdout;
    assert!(told.contains("`wren@example.com` is an e-mail address") && told.contains("stays a draft"), "{told}");
    let file = prospector.home.beside("text.md");
    fs::write(&file, "I would port it in two weeks.\n").expect("written");
    let _edited =
        prospector.run(&format!("proposals edit 1 --text-file {} --amount 777 --days 3", file.display())).ok();
    let shown = show(&prospector, 1);
    assert_eq!((&shown["state"], &shown["amount"], &shown["days"]), (&json!("review"), &json!(777.0), &json!(3)));
    assert_eq!(shown["text"], "I would port it in two weeks.");
    let notes: Vec<&str> = texts(&shown["story"], "note");
    assert_eq!(notes, ["drafted", "edited", "edited"]);

    for (line, code, words) in [
        ("proposals edit 1 --amount much", 2, "such as 450"),
        ("proposals edit 1 --text-file /nonexistent", 2, "cannot be read"),
        ("proposals edit 1 --answer 0=Yes", 2, "asks no questions"),
        ("proposals edit 1 --no-input", 2, "--no-input"),
        ("proposals edit 9 --amount 1", 9, "no proposal 9"),
        ("proposals show 9", 9, "no proposal 9"),
        ("proposals draft nonexistent", 9, "nonexistent"),
        ("proposals list --state lost-and-found", 2, "there are: draft, review"),
    ] {
        let refused = prospector.run(line).expect(code);
        assert!(refused.stderr.contains(words), "{line}: {}", refused.stderr);
    }
    assert_eq!(show(&prospector, 1)["revision"], shown["revision"]);
}

#[test]
fn a_mistake_in_a_template_is_told_with_its_place_and_the_others_still_serve() {
    let (_sim, prospector, scan) = by_hand();
    let id = scan["leads"][0]["id"].as_str().expect("a lead");
    assert!(prospector.run("proposals templates check").ok().stdout.contains("default: no mistakes"));
    template(&prospector, "good.md", "---\nname: good\n---\nHello");
    let key = template(&prospector, "key.md", "---\nname: key\nmatch_skils: [a]\n---\nHello");
    let name = template(&prospector, "name.md", "---\nname: name\n---\nHello\n{{ job.titel }}");
    let refused = prospector.run("proposals templates check").expect(3);
    for words in [
        format!("{}:3:1", key.display()),
        "did you mean `match_skills`?".to_owned(),
        format!("{}:5:4", name.display()),
        "did you mean `job.title`?".to_owned(),
    ] {
        assert!(refused.stderr.contains(&words), "{words}: {}", refused.stderr);
    }
    assert!(refused.stdout.contains("good: no mistakes"), "{}", refused.stdout);
    let list = prospector.run("proposals templates list --json").ok().json();
    assert_eq!((texts(&list["templates"], "name"), list["broken"].as_array().map(Vec::len)), (vec!["good"], Some(2)));
    assert!(prospector.run(&format!("proposals draft {id} --template name")).expect(3).stderr.contains("job.titel"));
    assert!(
        prospector.run(&format!("proposals draft {id} --template none")).expect(9).stderr.contains("there are: good")
    );
    let drafted = prospector.run(&format!("proposals draft {id}")).ok();
    assert!(drafted.stdout.contains("Hello") && drafted.stderr.contains("match_skils"), "{}", drafted.stderr);

    // What shows only with a lead.
    let late = template(&prospector, "name.md", "---\nname: name\n---\n{{ job.title | money('EUR') }}");
    fs::remove_file(&key).expect("removed");
    let _fine = prospector.run("proposals templates check").ok();
    let refused = prospector.run(&format!("proposals templates check {id}")).expect(3);
    assert!(refused.stderr.contains(&format!("{}:4", late.display())), "{}", refused.stderr);
    let other = scan["leads"][1]["id"].as_str().expect("a lead");
    let refused = prospector.run(&format!("proposals draft {other} --template name")).expect(3);
    assert!(refused.stderr.contains("a number is wanted here"), "{}", refused.stderr);
    assert_eq!(prospector.run("proposals list --json").ok().json()["proposals"].as_array().map(Vec::len), Some(1));

    let written = prospector.run("proposals templates new mine").ok().stdout;
    assert!(written.contains("templates/mine.md"), "{written}");
    let _there = prospector.run("proposals templates new mine").expect(2);
    let _bad = prospector.run("proposals templates new ../mine").expect(2);
    assert!(
        prospector
            .run(&format!("proposals templates check {id}"))
            .expect(3)
            .stdout
            .contains("mine: no mistakes; left for you:")
    );
}

#[test]
fn an_editor_gets_the_whole_proposal_and_what_cannot_be_read_back_is_kept() {
    let (_sim, prospector, scan) = by_hand();
    template(&prospector, "any.md", "---\nname: any\n---\nHello there");
    let id = scan["leads"][0]["id"].as_str().expect("a lead");
    let drafted = finish(
        prospector.command(["proposals", "draft", id, "--edit"]).env("EDITOR", "sed -i 's/Hello there/Hello you/'"),
    )
    .ok();
    assert!(drafted.stdout.contains("Proposal 1 is changed"), "{}", drafted.stdout);
    assert_eq!(show(&prospector, 1)["text"], "Hello you");

    let _edited = edit(
        &prospector,
        1,
        "sed -i -e 's/^amount: .*/amount: 321.50/' -e 's/^#\\?days:.*/days: 12/' -e 's/you$/all/'",
    )
    .ok();
    let shown = show(&prospector, 1);
    assert_eq!((&shown["text"], &shown["amount"], &shown["days"]), (&json!("Hello all"), &json!(321.5), &json!(12)));
    assert_eq!(edit(&prospector, 1, "true").ok().stdout, "Nothing was changed.\n");
    assert_eq!(copies(&prospector), Vec::<PathBuf>::new());

    let refused = edit(&prospector, 1, "sed -i -e 's/^amount:/amuont:/' -e s/all/everybody/").expect(3);
    let kept = copies(&prospector);
    let [copy] = kept.as_slice() else { panic!("{kept:?}") };
    for words in [copy.display().to_string(), "did you mean `amount`?".to_owned(), "Your changes are in ".to_owned()] {
        assert!(refused.stderr.contains(&words), "{words}: {}", refused.stderr);
    }
    assert!(fs::read_to_string(copy).is_ok_and(|text| text.contains("Hello everybody")));
    assert_eq!(show(&prospector, 1)["text"], "Hello all");
    fs::remove_file(copy).expect("removed");
    let refused = edit(&prospector, 1, "f() { sed -i s/all/none/ \"$1\"; false; }; f").expect(2);
    assert!(refused.stderr.contains("Your changes are in ") && copies(&prospector).len() == 1, "{}", refused.stderr);
}

#[test]
fn only_leads_that_are_eligible_are_drafted_unless_one_insists() {
    let sim = Sim::agreeing();
    let rest = format!("{PROFILE}{BY_HAND}scoring: {{ thresholds: {{ review_min: 80, auto_pipeline_min: 90 }} }}\n");
    let prospector = connected_with(&sim, "", &rest);
    let scan = prospector.run("scan --json").ok().json();
    let leads = scan["leads"].as_array().expect("leads");
    let low = leads.iter().find(|lead| lead["score"].as_f64().is_some_and(|score| score < 80.0)).expect("a low one");
    let low = low["id"].as_str().expect("an id");
    let refused = prospector.run(&format!("proposals draft {low}")).expect(1);
    assert!(
        refused.stderr.contains("scoring.thresholds.review_min") && refused.stderr.contains("--force"),
        "{}",
        refused.stderr
    );
    let _forced = prospector.run(&format!("proposals draft {low} --force")).ok();
    let removed = prospector.run("proposals remove 1").ok().stdout;
    assert!(removed.contains("Proposal 1 is removed"), "{removed}");
    let _gone = prospector.run("proposals show 1").expect(9);
    assert_eq!(prospector.run(&format!("leads show {low} --json")).ok().json()["mark"], "dismissed");
}

#[test]
fn the_best_leads_of_both_platforms_are_drafted_by_themselves_once_and_told_of() {
    let sim = Sim::agreeing();
    let receiver = Receiver::new();
    let prospector = both_platforms::connected(&sim);
    let secret = prospector.home.beside("webhook-secret");
    fs::write(&secret, "a secret of a webhook's that is long enough").expect("written");
    let text = fs::read_to_string(prospector.home.configuration_file()).expect("the configuration");
    let configure = |most: u32| {
        let webhook = format!(
            "notifications:\n  webhooks: [{{ name: crm, url: '{}', secret_file: '{}', events: [proposal.drafted] }}]\n",
            receiver.origin(),
            secret.display()
        );
        prospector.home.configure(&format!("{text}\n{PROFILE}proposals: {{ auto_drafts_per_day: {most} }}\n{webhook}"));
    };
    configure(0);
    let scan = prospector.run("scan --json").ok().json();
    let over = |scan: &Value| -> Vec<String> {
        let leads = scan["leads"].as_array().into_iter().flatten();
        let over = leads.filter(|lead| lead["score"].as_f64().is_some_and(|score| score >= 75.0));
        over.filter_map(|lead| lead["id"].as_str()).map(str::to_owned).collect()
    };
    let good = over(&scan);
    let waiting = scan["drafts"]["waiting"].as_u64().expect("a count");
    assert!(waiting > 6 && waiting <= good.len() as u64, "{}", scan["drafts"]);
    assert_eq!((scan["drafts"]["drafted"].as_array().map(Vec::len), receiver.receipts().len()), (Some(0), 0));

    configure(3);
    let dry = prospector.run("scan --dry-run --json").ok().json();
    assert_eq!(dry["drafts"], Value::Null);
    let told = prospector.run("scan").ok().stdout;
    assert!(told.contains("3 proposals were drafted") && told.contains("leads wait for a draft"), "{told}");
    let list = prospector.run("proposals list --json").ok().json();
    let ids = texts(&list["proposals"], "id").into_iter().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(ids.len(), 3);
    let scores: Vec<f64> =
        scan["leads"].as_array().into_iter().flatten().filter_map(|lead| lead["score"].as_f64()).collect();
    for proposal in list["proposals"].as_array().into_iter().flatten() {
        assert!(
            good.contains(&proposal["id"].as_str().expect("an id").to_owned()) && proposal["origin"] == "score",
            "{proposal}"
        );
        assert!(proposal["score"].as_f64().is_some_and(|score| score >= scores[6]), "the best come first: {proposal}");
    }
    assert_eq!(receiver.kinds(), ["proposal.drafted"; 3]);
    let event = receiver.receipts()[0].json();
    assert!(
        event["data"]["number"].is_u64()
            && event["data"]["remedy"].as_str().is_some_and(|of| of.contains("proposals show")),
        "{event}"
    );

    // What was removed stays so: its lead is dismissed. The next best takes its turn, by the daemon this time.
    let _removed = prospector.run("proposals remove 1").ok();
    let daemon = prospector.run("run --once").ok();
    assert!(daemon.stderr.contains(": drafted proposal 4"), "{}", daemon.stderr);
    let again = prospector.run("scan --json").ok().json();
    assert_eq!(again["drafts"]["drafted"], json!([]), "nothing is drafted twice");
    assert_eq!(receiver.receipts().len(), 4);
    configure(5);
    let _scan = prospector.run("scan").ok();
    let list = prospector.run("proposals list --json").ok().json();
    let mut postings = texts(&list["proposals"], "id");
    assert_eq!(postings.len(), 5, "{postings:?}");
    postings.sort_unstable();
    postings.dedup();
    assert_eq!(postings.len(), 5, "one for each posting");
    assert_eq!(receiver.receipts().len(), 6);
}

#[test]
fn a_rule_drafts_what_it_matches_whatever_it_scores() {
    let sim = Sim::agreeing();
    let first = connected_with(&sim, "", PROFILE.trim_end());
    let leads = first.run("scan --dry-run --json").ok().json();
    let low = leads["leads"]
        .as_array()
        .expect("leads")
        .iter()
        .rev()
        .find(|lead| lead["score"].as_f64().is_some_and(|of| of < 50.0));
    let low = low.expect("a low one");
    let title = json!(low["title"]);
    let rules = format!(
        "{PROFILE}proposals: {{ auto_draft: false }}\nrules:\n  - name: mine\n    condition: {{ field: job.id, operator: eq, value: '{}' }}\n    action: draft\n",
        low["id"].as_str().expect("an id")
    );
    let prospector = connected_with(&sim, "", &rules);
    let scan = prospector.run("scan --json").ok().json();
    let drafted = scan["drafts"]["drafted"].as_array().expect("a list");
    assert_eq!(drafted.len(), 1, "{drafted:?}");
    assert_eq!((&drafted[0]["id"], &drafted[0]["title"]), (&low["id"], &title));
    assert_eq!(show(&prospector, 1)["origin"], "rule");
    // A template that fails is told, and made up for by the next scan.
    let _removed = prospector.run("proposals remove 1").ok();
    let _seen = prospector.run(&format!("leads mark {} seen", low["id"].as_str().expect("an id"))).ok();
    let bad = template(&prospector, "bad.md", "---\nname: bad\n---\n{{ job.title | money('EUR') }}");
    let scan = prospector.run("scan").ok();
    assert!(scan.stderr.contains("has no draft") && scan.stderr.contains("a number is wanted"), "{}", scan.stderr);
    fs::remove_file(bad).expect("removed");
    assert!(prospector.run("scan").ok().stdout.contains("1 proposal was drafted"));
}

#[test]
fn what_the_client_asks_has_to_be_answered_before_review() {
    let sim = Sim::agreeing();
    let prospector = both_platforms::connected(&sim);
    let text = fs::read_to_string(prospector.home.configuration_file()).expect("the configuration");
    prospector.home.configure(&format!("{text}\n{PROFILE}{BY_HAND}"));
    let scan = prospector.run("scan --platform upwork --json").ok().json();
    let id = scan["leads"][0]["id"].as_str().expect("a lead");
    let question = "Which of your work is like this?";
    let requirement = json!({"screeningQuestions": [{"sequenceNumber": 1, "question": question}]});
    let change = json!({"job": {"contractorSelection": {"proposalRequirement": requirement}}});
    sim.upwork().control("PATCH", &format!("postings/{id}"), &change);
    let drafted = prospector.run(&format!("proposals draft {id} --json")).ok().json();
    assert_eq!(drafted["state"], "draft", "{drafted}");
    assert_eq!(drafted["answers"], json!([{"question": question, "required": true, "answer": ""}]), "{drafted}");
    let blocked = |shown: &Value| {
        let problems = shown["problems"].as_array().cloned().unwrap_or_default();
        problems.iter().any(|of| of["field"] == "answers.0" && of["blocking"] == true)
    };
    assert!(blocked(&drafted), "{}", drafted["problems"]);
    let refused = prospector.run("proposals edit 1 --answer 1=That").expect(2);
    assert!(refused.stderr.contains("numbered from 0 to 0"), "{}", refused.stderr);
    let answered = finish(&mut prospector.command(["proposals", "edit", "1", "--answer", "0=A booking engine"])).ok();
    assert!(answered.stdout.contains("waits for your review"), "{}", answered.stdout);
    let shown = show(&prospector, 1);
    assert_eq!((&shown["state"], &shown["answers"][0]["answer"]), (&json!("review"), &json!("A booking engine")));
    let told = prospector.run("proposals show 1").ok().stdout;
    assert!(told.contains(&format!("0: {question}")) && told.contains("A booking engine"), "{told}");
    let _emptied = edit(&prospector, 1, "sed -i 's/answer: .*/answer: \"\"/'").ok();
    let shown = show(&prospector, 1);
    assert!(shown["state"] == "draft" && blocked(&shown), "{shown}");
}
