//! Shorthand for plans: what a person is shown before something is changed at the platform.

use crate::error::Refine;
use crate::http::Request;
use crate::planning::{Cost, Plan, PlannedRequest, Problem, Way};
use crate::posting::attribute;
use crate::proposals::{Answer, Draft, Question, Requirements};
use crate::types::{Attribute, Delivery, Error, Value};

/// Problems that the contract takes of a plan.
pub const MOST_PROBLEMS: usize = 32;

/// A plan to send a request, which the platform shows the effect of after so many seconds. A body is text, as JSON is.
#[must_use]
pub fn sending(request: &Request, shown_after: u32) -> Plan {
    let body = request.body.as_deref().map(|body| String::from_utf8_lossy(body).into_owned());
    plan(Way::Send(PlannedRequest { method: request.method, url: request.url.clone(), body }), shown_after)
}

/// A plan that a person carries out at an URL. The platform shows that they did after so many seconds.
#[must_use]
pub fn by_hand(url: String, shown_after: u32) -> Plan {
    plan(Way::HandOver(url), shown_after)
}

fn plan(way: Way, shown_after: u32) -> Plan {
    Plan { problems: Vec::new(), costs: Vec::new(), way, reference: None, shown_after, notes: Vec::new() }
}

/// Something that stands against what was asked for.
#[must_use]
pub fn problem(field: &str, message: impl Into<String>, blocking: bool) -> Problem {
    Problem { field: field.to_owned(), message: message.into(), blocking }
}

/// What it costs.
#[must_use]
pub fn cost(name: &str, amount: impl Into<String>, quantity: Option<u32>) -> Cost {
    Cost { name: name.to_owned(), amount: amount.into(), quantity }
}

/// What stands against a draft by what the platform asks of one. What requirements cannot say is for the platform to add.
#[must_use]
pub fn against(requirements: &Requirements, draft: &Draft) -> Vec<Problem> {
    let mut problems = Vec::new();
    let length = u32::try_from(draft.text.trim().chars().count()).unwrap_or(u32::MAX);
    let (least, most) = (requirements.text_minimum, requirements.text_maximum);
    if length < least || length > most {
        let wrong = format!("The text has {length} characters; the platform takes {least} to {most}");
        problems.push(problem("text", wrong, true));
    }
    match &draft.amount {
        None if requirements.amount_required => problems.push(problem("amount", "An amount has to be named", true)),
        Some(amount) if amount.amount <= 0 => problems.push(problem("amount", "The amount is not above 0", true)),
        Some(amount) if requirements.currency.as_ref().is_some_and(|code| *code != amount.currency) => {
            let code = requirements.currency.as_deref().unwrap_or_default();
            let wrong = format!("The amount is in {}; this posting is paid in {code}", amount.currency);
            problems.push(problem("amount", wrong, true));
        }
        _ => {}
    }
    if !requirements.milestones && !draft.milestones.is_empty() {
        problems.push(problem("milestones", "The platform takes no plan of milestones here", true));
    }
    answered(&requirements.questions, &draft.answers, &mut problems);
    for given in &draft.attributes {
        if !requirements.attributes.iter().any(|known| known.name == given.name) {
            let field = format!("attributes.{}", crate::text::cut(&given.name, 100));
            problems.push(problem(&field, "The platform knows no such attribute", true));
        }
    }
    problems.truncate(MOST_PROBLEMS);
    problems
}

/// Looks for an answer to each question. What is answered and was not asked would be lost.
fn answered(questions: &[Question], answers: &[Answer], problems: &mut Vec<Problem>) {
    for Question { question, required } in questions {
        let is_answered = answers.iter().any(|given| given.question == *question && !given.answer.trim().is_empty());
        if *required && !is_answered {
            let excerpt = crate::text::excerpt(question, 200);
            problems.push(problem("answers", format!("The client's question is not answered: {excerpt}"), true));
        }
    }
    for (index, given) in answers.iter().enumerate() {
        if !questions.iter().any(|asked| asked.question == given.question) {
            problems.push(problem(&format!("answers.{index}"), "The client does not ask this", true));
        }
    }
}

/// The attribute of a draft with this name, if it has one.
#[must_use]
pub fn given<'a>(draft: &'a Draft, name: &str) -> Option<&'a Value> {
    draft.attributes.iter().find(|attribute| attribute.name == name).map(|attribute| &attribute.value)
}

/// Requirements of texts from `minimum` to `maximum` characters that name an amount and hold no contact details, and of nothing else.
#[must_use]
pub fn requirements(minimum: u32, maximum: u32, attributes: &[(&str, Value)]) -> Requirements {
    let attributes: Vec<Attribute> = attributes.iter().map(|(name, value)| attribute(name, value.clone())).collect();
    Requirements {
        text_minimum: minimum,
        text_maximum: maximum,
        forbids_contact_details: true,
        amount_required: true,
        currency: None,
        milestones: false,
        questions: Vec::new(),
        attributes,
    }
}

/// The error of a read that went before a write: of the write no byte was sent.
#[must_use]
pub fn before_the_write(error: Error) -> Error {
    error.delivery(Delivery::NotSent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::Call;
    use crate::types::{Method, Money};

    fn draft() -> Draft {
        Draft {
            posting: "7".to_owned(),
            text: "Hello".to_owned(),
            amount: Some(Money { amount: 100, currency: "USD".to_owned() }),
            duration_days: None,
            milestones: Vec::new(),
            answers: Vec::new(),
            attributes: Vec::new(),
        }
    }

    fn asked() -> Requirements {
        let question = |question: &str, required| Question { question: question.to_owned(), required };
        Requirements {
            currency: Some("USD".to_owned()),
            questions: vec![question("Why?", true), question("When?", false)],
            ..requirements(5, 10, &[("share", Value::Integer(50))])
        }
    }

    fn answer(question: &str, answer: &str) -> Answer {
        Answer { question: question.to_owned(), answer: answer.to_owned() }
    }

    #[test]
    fn a_plan_holds_the_request_to_the_byte() {
        let call = Call::post_json("https://x.example", "/p", &serde_json::json!({"b": 1.5, "a": "é"})).build();
        let Way::Send(planned) = sending(&call, 9).way else { panic!("it is sent") };
        assert_eq!((planned.method, planned.url.as_str()), (Method::Post, "https://x.example/p"));
        assert_eq!(planned.body.as_deref().map(str::as_bytes), call.body.as_deref());
        let Way::Send(planned) = sending(&Call::new(Method::Put, "https://x.example", "/p").build(), 9).way else {
            panic!("it is sent")
        };
        assert_eq!(planned.body, None);
        assert_eq!(
            by_hand("https://x.example/apply".to_owned(), 9).way,
            Way::HandOver("https://x.example/apply".into())
        );
    }

    #[test]
    fn what_the_requirements_say_is_held_against_the_draft() {
        let money = |amount, currency: &str| Some(Money { amount, currency: currency.to_owned() });
        let good = Draft { answers: vec![answer("Why?", "So")], ..draft() };
        assert_eq!(against(&asked(), &good), []);
        for (field, wrong) in [
            ("text", Draft { text: "é  ".to_owned(), ..good.clone() }),
            ("text", Draft { text: "é".repeat(11), ..good.clone() }),
            ("amount", Draft { amount: None, ..good.clone() }),
            ("amount", Draft { amount: money(0, "USD"), ..good.clone() }),
            ("amount", Draft { amount: money(1, "EUR"), ..good.clone() }),
            ("answers", Draft { answers: vec![answer("Why?", " ")], ..good.clone() }),
            ("answers.1", Draft { answers: vec![answer("Why?", "So"), answer("Who?", "I")], ..good.clone() }),
            ("attributes.odd", Draft { attributes: vec![attribute("odd", Value::Flag(true))], ..good.clone() }),
        ] {
            let problems = against(&asked(), &wrong);
            let fields: Vec<_> = problems.iter().map(|problem| problem.field.as_str()).collect();
            assert_eq!(fields, [field]);
            assert!(problems.iter().all(|problem| problem.blocking && !problem.message.is_empty()));
        }
        let many = Draft { answers: vec![answer("Who?", "I"); 99], ..draft() };
        assert_eq!(against(&asked(), &many).len(), MOST_PROBLEMS);
    }

    #[test]
    fn what_was_read_before_a_write_leaves_it_unsent() {
        let failed = before_the_write(crate::error::unexpected_answer("no"));
        assert_eq!(failed.delivery, Delivery::NotSent);
        let shared = Draft { attributes: vec![attribute("share", Value::Integer(30))], ..draft() };
        assert_eq!((given(&shared, "share"), given(&shared, "odd")), (Some(&Value::Integer(30)), None));
    }
}
