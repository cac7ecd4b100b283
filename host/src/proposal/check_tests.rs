//! Each rule of a draft, broken alone; and no draft at all is too much.

use proptest::prelude::*;

use super::*;
use crate::contract::proposals::{Answer, PlannedMilestone};
use crate::contract::types::Attribute;

fn money(amount: i64, currency: &str) -> Money {
    Money { amount, currency: currency.to_owned() }
}

fn asked() -> Requirements {
    Requirements {
        text_minimum: 10,
        text_maximum: 60,
        forbids_contact_details: true,
        amount_required: true,
        currency: Some("EUR".to_owned()),
        milestones: true,
        questions: vec![
            Question { question: "Why you?".to_owned(), required: true },
            Question { question: "When?".to_owned(), required: false },
        ],
        attributes: vec![Attribute { name: "share".to_owned(), value: Value::Integer(50) }],
    }
}

/// Nothing stands against it.
fn fine() -> Draft {
    let milestone =
        |amount| PlannedMilestone { description: "A part".to_owned(), amount: money(amount, "EUR"), due_at: None };
    let answer = |question: &str| Answer { question: question.to_owned(), answer: "Because".to_owned() };
    Draft {
        posting: "1".to_owned(),
        text: "I would like to do this, ångström".to_owned(),
        amount: Some(money(30_000, "EUR")),
        duration_days: Some(7),
        milestones: vec![milestone(10_000), milestone(20_000)],
        answers: vec![answer("Why you?"), answer("When?")],
        attributes: vec![Attribute { name: "share".to_owned(), value: Value::Integer(20) }],
    }
}

/// Changes something of a draft that nothing stands against.
type Change = fn(&mut Draft);

#[test]
fn each_rule_is_told_by_its_field() {
    assert_eq!(check(&fine(), Some(&asked())), []);
    let table: [(&str, &str, bool, Change); 23] = [
        ("text", "is empty", true, |d| d.text = " \n".to_owned()),
        ("text", "has 5 characters", true, |d| d.text = "éàüöß".to_owned()),
        ("text", "has 61 characters", true, |d| d.text = "é".repeat(61)),
        ("text", "`client.country` is still to be written", true, |d| d.text.push_str(" [[fill in: client.country]]")),
        ("text", "`{{job.title}}` is still", true, |d| d.text.push_str(" {{job.title}}")),
        ("text", "is an e-mail address", true, |d| d.text.push_str(" wren@example.com")),
        ("text", "is a link", false, |d| d.text.push_str(" https://wren.example")),
        ("amount", "asks for an amount", true, |d| (d.amount, d.milestones) = (None, Vec::new())),
        ("amount", "in `USD`, and the platform takes EUR", true, |d| {
            (d.amount, d.milestones) = (Some(money(1, "USD")), Vec::new());
        }),
        ("amount", "more than nothing", true, |d| (d.amount, d.milestones) = (Some(money(0, "EUR")), Vec::new())),
        ("amount", "no code of a currency", true, |d| (d.amount, d.milestones) = (Some(money(1, "eur")), Vec::new())),
        ("days", "no day", true, |d| d.duration_days = Some(0)),
        ("milestones", "come to 300.01, and the amount is 300.00", true, |d| d.milestones[0].amount.amount += 1),
        ("milestones.0", "currency is another", true, |d| d.milestones[0].amount.currency = "USD".to_owned()),
        ("milestones.1", "no description", true, |d| d.milestones[1].description.clear()),
        ("amount", "no amount that they make up", true, |d| d.amount = None),
        ("answers.0", "`Why you?` has to be answered", true, |d| d.answers[0].answer = " ".to_owned()),
        ("answers.1", "`When?` is not answered", false, |d| drop(d.answers.pop())),
        ("answers.0", "`name` is still", true, |d| d.answers[0].answer = "[[fill in: name]]".to_owned()),
        ("answers", "`What?` is not asked", true, |d| {
            d.answers.push(Answer { question: "What?".to_owned(), answer: "x".to_owned() });
        }),
        ("attributes.shar", "it knows: share", true, |d| d.attributes[0].name = "shar".to_owned()),
        ("attributes.share", "has to be a number", true, |d| d.attributes[0].value = Value::Flag(true)),
        ("milestones.0", "more than nothing", true, |d| d.milestones[0].amount.amount = -1),
    ];
    for (field, words, blocking, change) in table {
        let mut draft = fine();
        change(&mut draft);
        let problems = check(&draft, Some(&asked()));
        let told = problems.iter().any(|of| of.field == field && of.message.contains(words) && of.blocking == blocking);
        assert!(told, "{field}, {words}: {problems:?}");
        assert_eq!(is_reviewable(&problems), !blocking, "{words}: {problems:?}");
    }
    let strict = Requirements { milestones: false, ..asked() };
    assert!(check(&fine(), Some(&strict)).iter().any(|of| of.field == "milestones" && of.blocking));
    let lax = Requirements { forbids_contact_details: false, ..asked() };
    let mut open = fine();
    open.text.push_str(" wren@example.com");
    assert_eq!(check(&open, Some(&lax)), []);
}

#[test]
fn where_the_platform_was_not_asked_the_usual_limits_hold_and_that_is_said() {
    let problems = check(&fine(), None);
    assert!(matches!(problems.as_slice(), [only] if only.field == "requirements" && !only.blocking), "{problems:?}");
    let long = Draft { text: "a".repeat(5001), ..fine() };
    assert!(!is_reviewable(&check(&long, None)));
}

proptest! {
    #[test]
    fn no_draft_is_too_much_and_problems_are_bounded(
        text in "\\PC{0,300}", amounts in prop::collection::vec(any::<i64>(), 0..40), whole in prop::option::of(any::<i64>()),
        questions in prop::collection::vec(".{0,10}", 0..40), currency in ".{0,4}",
    ) {
        let draft = Draft {
            text: text.clone(),
            amount: whole.map(|amount| money(amount, &currency)),
            milestones: amounts.iter().map(|amount| PlannedMilestone { description: text.clone(), amount: money(*amount, &currency), due_at: None }).collect(),
            answers: questions.iter().map(|question| Answer { question: question.clone(), answer: text.clone() }).collect(),
            ..fine()
        };
        for requirements in [None, Some(asked())] {
            let problems = check(&draft, requirements.as_ref());
            prop_assert!(problems.len() <= MAX_PROBLEMS && problems.is_sorted_by_key(|problem| !problem.blocking));
            prop_assert!(problems.iter().all(|problem| problem.field.len() <= 512 && problem.message.chars().count() <= 512));
        }
    }
}
