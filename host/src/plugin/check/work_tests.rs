use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;

use super::*;
use crate::contract::contracts::Milestone;
use crate::contract::planning::{Cost, PlannedRequest, Problem};
use crate::contract::proposals::Question;
use crate::contract::types::{Attribute, Method, Payment, Value};

/// Any text, often one that is right, sometimes a long one.
fn text() -> impl Strategy<Value = String> {
    let plain = "[!-~]{1,40}";
    prop_oneof![3 => plain, 1 => ".{0,60}", 1 => Just(String::new()), 1 => (1usize..3000).prop_map(|n| "é".repeat(n))]
}

fn time() -> impl Strategy<Value = Option<i64>> {
    of(prop_oneof![3 => 0i64..2_000_000_000, 1 => any::<i64>()])
}

fn amount() -> impl Strategy<Value = Option<Money>> {
    let code = prop_oneof![3 => Just("EUR".to_owned()), 1 => text()];
    of((prop_oneof![3 => 0i64..1_000_000, 1 => any::<i64>()], code)
        .prop_map(|(amount, currency)| Money { amount, currency }))
}

fn url() -> impl Strategy<Value = String> {
    prop_oneof![3 => "[a-z]{1,12}".prop_map(|path| format!("https://work.example/{path}")), 1 => text()]
}

fn given() -> impl Strategy<Value = Vec<Attribute>> {
    let value = prop_oneof![text().prop_map(Value::Text), any::<f64>().prop_map(Value::Number)];
    vec(("[a-z_]{1,20}", value).prop_map(|(name, value)| Attribute { name, value }), 0..60)
}

fn any_proposal() -> impl Strategy<Value = Proposal> {
    let status = prop_oneof![Just(ProposalStatus::Won), text().prop_map(ProposalStatus::Other)];
    (text(), text(), status, time(), amount(), of(url())).prop_map(
        |(id, posting, status, submitted_at, amount, url)| Proposal { id, posting, status, submitted_at, amount, url },
    )
}

fn any_milestone() -> impl Strategy<Value = Milestone> {
    let status = prop_oneof![Just(MilestoneStatus::Submitted), text().prop_map(MilestoneStatus::Other)];
    (text(), text(), amount(), time(), time(), status).prop_map(
        |(id, description, amount, due_at, submitted_at, status)| Milestone {
            id,
            description,
            amount,
            due_at,
            submitted_at,
            status,
        },
    )
}

fn any_contract() -> impl Strategy<Value = Contract> {
    let status = prop_oneof![Just(ContractStatus::Active), text().prop_map(ContractStatus::Other)];
    let payment = prop_oneof![Just(Payment::Hourly), text().prop_map(Payment::Other)];
    let words = (text(), of(text()), of(text()), text(), of(url()), of(text()));
    let rest = (status, payment, amount(), any::<Option<u32>>(), time(), time(), vec(any_milestone(), 0..5), given());
    (words, rest).prop_map(|((id, posting, proposal, title, url, client), rest)| {
        let (status, payment, amount, weekly_hours, starts_at, ends_at, milestones, attributes) = rest;
        Contract {
            id,
            posting,
            proposal,
            title,
            url,
            client,
            status,
            payment,
            amount,
            weekly_hours,
            starts_at,
            ends_at,
            milestones,
            attributes,
        }
    })
}

fn any_plan() -> impl Strategy<Value = Plan> {
    let problem =
        (text(), text(), any::<bool>()).prop_map(|(field, message, blocking)| Problem { field, message, blocking });
    let cost =
        (text(), text(), any::<Option<u32>>()).prop_map(|(name, amount, quantity)| Cost { name, amount, quantity });
    let send =
        (url(), of(text())).prop_map(|(url, body)| Way::Send(PlannedRequest { method: Method::Post, url, body }));
    let way = prop_oneof![send, url().prop_map(Way::HandOver)];
    (vec(problem, 0..40), vec(cost, 0..20), way, of(text()), 0u32..5000, vec(text(), 0..10)).prop_map(
        |(problems, costs, way, reference, shown_after, notes)| Plan {
            problems,
            costs,
            way,
            reference,
            shown_after,
            notes,
        },
    )
}

fn any_requirements() -> impl Strategy<Value = Requirements> {
    let question = (text(), any::<bool>()).prop_map(|(question, required)| Question { question, required });
    let lengths = (prop_oneof![0u32..100, any::<u32>()], prop_oneof![1u32..10_000, any::<u32>()]);
    (lengths, any::<[bool; 3]>(), of(text()), vec(question, 0..40), given()).prop_map(
        |((text_minimum, text_maximum), flags, currency, questions, attributes)| Requirements {
            text_minimum,
            text_maximum,
            forbids_contact_details: flags[0],
            amount_required: flags[1],
            currency,
            milestones: flags[2],
            questions,
            attributes,
        },
    )
}

fn right(id: &str) -> Contract {
    Contract {
        id: id.to_owned(),
        posting: None,
        proposal: None,
        title: "Work".to_owned(),
        url: None,
        client: None,
        status: ContractStatus::Active,
        payment: Payment::Fixed,
        amount: Some(Money { amount: 100, currency: "EUR".to_owned() }),
        weekly_hours: None,
        starts_at: None,
        ends_at: None,
        milestones: vec![],
        attributes: vec![],
    }
}

fn is_right(of: &Option<Money>) -> bool {
    of.as_ref().is_none_or(|of| budgeted(of.amount) && is_currency(&of.currency))
}

#[test]
fn a_page_is_refused_as_a_whole_by_name_of_what_is_wrong() {
    type Break = fn(&mut ContractPage);
    let breaks: [(&str, Break); 8] = [
        ("identifiers", |page| page.contracts[0].id = "a b".to_owned()),
        ("identifiers", |page| page.contracts[0].proposal = Some(String::new())),
        ("begins or ends", |page| page.contracts[0].ends_at = Some(i64::MAX)),
        ("amount", |page| page.contracts[0].amount.as_mut().unwrap().amount = -1),
        ("currency", |page| page.contracts[0].amount.as_mut().unwrap().currency = "eur".to_owned()),
        ("url", |page| page.contracts[0].url = Some("javascript:alert(1)".to_owned())),
        ("at most 100", |page| page.contracts = vec![right("x"); 101]),
        ("4 KiB", |page| page.cursor = "c".repeat(4097)),
    ];
    let page = || ContractPage { contracts: vec![right("a"), right("b")], cursor: "c".to_owned(), more: false };
    assert_eq!(contracts(page()).unwrap().contracts.len(), 2);
    for (why, spoil) in breaks {
        let mut bad = page();
        spoil(&mut bad);
        let refused = contracts(bad).unwrap_err();
        assert!(refused.contains(why), "{why}: {refused}");
    }
}

proptest! {
    #[test]
    fn any_page_of_contracts_is_bounded_or_refused(all in vec(any_contract(), 0..4), cursor in text(), more: bool) {
        let count = all.len();
        let Ok(page) = contracts(ContractPage { contracts: all, cursor, more }) else { return Ok(()) };
        prop_assert!(page.contracts.len() == count && page.cursor.len() <= MAX_CURSOR);
        for of in &page.contracts {
            prop_assert!([Some(&of.id), of.posting.as_ref(), of.proposal.as_ref()].into_iter().flatten().all(|id| is_identifier(id)));
            prop_assert!(of.title.len() <= MAX_TITLE && of.client.as_ref().is_none_or(|client| client.len() <= MAX_NAME));
            prop_assert!(of.url.as_ref().is_none_or(|url| url.len() <= 2048 && url.starts_with("https://")));
            prop_assert!(!matches!(&of.status, ContractStatus::Other(word) if word.len() > 64));
            prop_assert!(!matches!(&of.payment, Payment::Other(word) if word.len() > MAX_NAME));
            prop_assert!(is_time(of.starts_at) && is_time(of.ends_at) && is_right(&of.amount) && of.attributes.len() <= 50);
            for step in &of.milestones {
                prop_assert!(is_identifier(&step.id) && step.description.len() <= MAX_TITLE && is_right(&step.amount));
                prop_assert!(is_time(step.due_at) && is_time(step.submitted_at));
                prop_assert!(!matches!(&step.status, MilestoneStatus::Other(word) if word.len() > 64));
            }
        }
    }

    #[test]
    fn any_page_of_proposals_is_bounded_or_refused(all in vec(any_proposal(), 0..4), cursor in text(), more: bool, asked in text()) {
        let first = all.first().cloned();
        let count = all.len();
        if let Some(Ok(of)) = first.map(|of| proposal(of, Some(&asked))) {
            prop_assert_eq!(of.posting, asked);
        }
        let Ok(page) = proposals(ProposalPage { proposals: all, cursor, more }) else { return Ok(()) };
        prop_assert!(page.proposals.len() == count && page.cursor.len() <= MAX_CURSOR);
        for of in &page.proposals {
            prop_assert!(is_identifier(&of.id) && is_identifier(&of.posting) && is_time(of.submitted_at) && is_right(&of.amount));
            prop_assert!(!matches!(&of.status, ProposalStatus::Other(word) if word.len() > 64));
            prop_assert!(of.url.as_ref().is_none_or(|url| url.len() <= 2048 && url.starts_with("https://")));
        }
    }

    #[test]
    fn any_plan_is_bounded_or_refused(of in any_plan()) {
        let Ok(of) = plan(of) else { return Ok(()) };
        prop_assert!(of.problems.len() <= 32 && of.costs.len() <= 16 && of.notes.len() <= 8 && of.shown_after <= MAX_SHOWN_AFTER);
        prop_assert!(of.problems.iter().all(|of| of.field.len() <= MAX_NAME && of.message.len() <= 512));
        prop_assert!(of.costs.iter().all(|of| of.name.len() <= 64 && of.amount.len() <= 256));
        prop_assert!(of.notes.iter().all(|note| note.len() <= 512));
        prop_assert!(of.reference.is_none_or(|reference| (1..=256).contains(&reference.len())));
        prop_assert!(!matches!(of.way, Way::HandOver(url) if !url.starts_with("https://")));
    }

    #[test]
    fn what_any_platform_asks_is_bounded_or_refused(of in any_requirements()) {
        let Ok(of) = requirements(of) else { return Ok(()) };
        prop_assert!(of.text_minimum <= of.text_maximum && (1..=MAX_TEXT).contains(&of.text_maximum));
        prop_assert!(of.questions.len() <= 32 && of.attributes.len() <= 16);
        prop_assert!(of.questions.iter().all(|of| of.question.len() <= MAX_TITLE));
        prop_assert!(of.currency.is_none_or(|code| is_currency(&code)));
    }
}
