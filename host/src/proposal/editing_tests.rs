//! What is written for an editor reads back as it was; what is broken in it is told with its place.

use proptest::prelude::*;

use super::*;
use crate::contract::proposals::{Question, Requirements};
use crate::proposal::Origin;
use crate::proposal::check::unasked;

fn content(draft: Draft) -> Content {
    Content {
        title: "A shop\u{1b}[1m".to_owned(),
        url: "https://work.example/1".to_owned(),
        draft,
        template: None,
        origin: Origin::Person,
        score: None,
        requirements: None,
        approval: None,
        attempt: None,
        remote: None,
        trouble: None,
    }
}

fn draft() -> Draft {
    let money = |amount| Money { amount, currency: "EUR".to_owned() };
    Draft {
        posting: "1".to_owned(),
        text: "Hello,\n\n---\n# not a comment\nBye".to_owned(),
        amount: Some(money(45_050)),
        duration_days: Some(14),
        milestones: vec![PlannedMilestone {
            description: "It's \"all\": #1".to_owned(),
            amount: money(45_050),
            due_at: Some(1_796_083_200),
        }],
        answers: vec![Answer { question: "Why?".to_owned(), answer: "Because:\nof this".to_owned() }],
        attributes: vec![
            Attribute { name: "share".to_owned(), value: Value::Integer(50) },
            Attribute { name: "why.so".to_owned(), value: Value::Texts(vec!["a".to_owned()]) },
        ],
    }
}

#[test]
fn a_proposal_reads_back_as_it_was_written() {
    let text = write(3, State::Approved, &content(draft()));
    assert!(text.contains("# Proposal 3 (approved): A shop [1m\n") && text.contains("approved again"), "{text}");
    assert_eq!(read("p.md", text.as_bytes(), &draft()).unwrap_or_else(|e| panic!("{e}\n{text}")), draft());
    let bare =
        Draft { amount: None, duration_days: None, milestones: vec![], answers: vec![], attributes: vec![], ..draft() };
    let text = write(3, State::Draft, &content(bare.clone()));
    assert_eq!(read("p.md", text.as_bytes(), &bare).expect("reads"), bare, "{text}");
}

#[test]
fn questions_without_an_answer_are_there_to_be_answered() {
    let question = Question { question: "When?".to_owned(), required: true };
    let asked =
        Content { requirements: Some(Requirements { questions: vec![question], ..unasked() }), ..content(draft()) };
    let text = write(3, State::Draft, &asked);
    let edited = text.replace("answer: ''", "answer: 'Now'");
    assert_ne!(text, edited, "{text}");
    let read = |text: &str| read("p.md", text.as_bytes(), &draft()).expect("reads").answers;
    assert_eq!((read(&text).len(), read(&edited).len()), (1, 2));
}

#[test]
fn what_is_broken_is_told_with_its_place() {
    for (text, place, words) in [
        ("---\namount: much\n---\nb", "p.md:2:9", "expected a number"),
        ("---\namount: 1.005\ncurrency: EUR\n---\nb", "p.md:2:9", "two decimals"),
        ("---\namount: 1\n---\nb", "p.md:2", "`currency` is missing"),
        ("---\namount: 1\ncurrency: eur\n---\nb", "p.md:3", "three capital letters"),
        ("---\ndays: 0\n---\nb", "p.md:2:7", "from 1 to 3650"),
        ("---\ndasy: 1\n---\nb", "p.md:2:1", "did you mean `days`?"),
        (
            "---\nmilestones: [{ description: a, amount: 1, due: soon }]\ncurrency: EUR\n---\nb",
            "p.md:2",
            "a date such as",
        ),
        ("---\namount: 1\nb", "p.md:1:1", "do not end"),
    ] {
        let said = read("p.md", text.as_bytes(), &draft()).expect_err(text).to_string();
        assert!(said.contains(place) && said.contains(words), "{text:?}: {said}");
    }
    let long = vec![b'a'; 600 * 1024];
    assert!(read("p.md", &long, &draft()).expect_err("too large").to_string().contains("512 KiB"));
}

#[test]
fn terms_of_a_command_line_are_of_their_usual_kind() {
    for (text, usual, expected) in [
        ("50", Some(Value::Integer(1)), Ok(Value::Integer(50))),
        ("1.5", Some(Value::Integer(1)), Ok(Value::Number(1.5))),
        ("many", Some(Value::Integer(1)), Err("a number")),
        ("true", Some(Value::Flag(false)), Ok(Value::Flag(true))),
        ("yes", Some(Value::Flag(false)), Err("true or false")),
        ("50", Some(Value::Text(String::new())), Ok(Value::Text("50".to_owned()))),
        ("a, b", Some(Value::Texts(vec![])), Ok(Value::Texts(vec!["a".to_owned(), "b".to_owned()]))),
        ("50", None, Ok(Value::Integer(50))),
        ("[1]", None, Ok(Value::Text("[1]".to_owned()))),
    ] {
        assert_eq!(parsed(text, usual.as_ref()), expected, "{text}");
    }
}

proptest! {
    #[test]
    fn any_draft_reads_back(text in "[ -~é\n]{0,120}", amount in 1..1_000_000_000_i64, answer in "[ -~\n]{1,40}", name in "[ -~]{1,20}", value in "[ -~]{0,20}") {
        let of = Draft {
            text: text.trim().to_owned(),
            amount: Some(Money { amount, currency: "JPY".to_owned() }),
            milestones: Vec::new(),
            answers: vec![Answer { question: name.clone(), answer: answer.clone() }],
            attributes: vec![Attribute { name, value: Value::Text(value) }],
            ..draft()
        };
        prop_assume!(!answer.trim().is_empty());
        let written = write(1, State::Draft, &content(of.clone()));
        let read = read("p.md", written.as_bytes(), &of);
        prop_assert_eq!(read.unwrap_or_else(|error| panic!("{error}\n{written}")), of);
    }

    #[test]
    fn any_bytes_end_in_a_draft_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200), text in "(---\n)?.{0,80}(\n---\n)?.{0,20}") {
        let _read = (read("p.md", &bytes, &draft()), read("p.md", text.as_bytes(), &draft()));
    }
}
