//! Answers, plain and absurd.

use crate::bindings::exports::ghoststack::prospector::account::{Explanation, Holding, Identity, Permission};
use crate::bindings::exports::ghoststack::prospector::search::{Notice, NoticeKind, Page, Query, Unreadable};
use crate::bindings::ghoststack::prospector::judgement::{Adjustment, Drop, Evaluation, Signal, SignalKind, Verdict};
use crate::bindings::ghoststack::prospector::types::{
    Attribute, Budget, Client, Competition, Delivery, Error, ErrorKind, ExperienceLevel, Payment, Posting, PostingKind,
    PostingStatus, Span, Value,
};

const ESCAPES: &str = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{202e}\0\r\n";

/// A posting that breaks no rule.
pub fn posting(id: &str) -> Posting {
    Posting {
        id: id.to_owned(),
        kind: PostingKind::Project,
        title: format!("Posting {id}"),
        url: "https://hostile.example/posting".to_owned(),
        description: "Plain work.".to_owned(),
        status: PostingStatus::Open,
        payment: Payment::Fixed,
        budget: None,
        skills: Vec::new(),
        categories: Vec::new(),
        experience: None,
        duration: None,
        workload: None,
        language: None,
        posted_at: Some(1_800_000_000),
        updated_at: None,
        closes_at: None,
        competition: None,
        client: nobody(),
        attributes: Vec::new(),
    }
}

fn nobody() -> Client {
    Client {
        id: None,
        country: None,
        country_code: None,
        rating: None,
        reviews: None,
        posted: None,
        hires: None,
        hire_rate: None,
        spent_usd: None,
        payment_verified: None,
        member_since: None,
    }
}

/// A posting that tells something: facts as attributes.
pub fn telling(id: &str, title: &str, description: &str, facts: Vec<(&str, String)>) -> Posting {
    let attributes = facts.into_iter().map(|(name, text)| attribute(name, Value::Text(text))).collect();
    Posting { title: title.to_owned(), description: description.to_owned(), attributes, ..posting(id) }
}

fn attribute(name: &str, value: Value) -> Attribute {
    Attribute { name: name.to_owned(), value }
}

/// A page of one posting.
pub fn one(posting: Posting) -> Page {
    page(vec![posting])
}

fn page(postings: Vec<Posting>) -> Page {
    Page { postings, unreadable: Vec::new(), notices: Vec::new(), next: None, total: None }
}

/// Answers a search.
pub fn search(behaviour: &str, query: &Query) -> Result<Page, Error> {
    if let Some(spoilt) = absurd_posting(behaviour) {
        return Ok(page(vec![posting("good"), spoilt]));
    }
    let turn: u64 = query.cursor.as_deref().and_then(|cursor| cursor.rsplit('-').next()?.parse().ok()).unwrap_or(0);
    let with_next = |page: Page, next: String| Page { next: Some(next), ..page };
    Ok(match behaviour {
        "crowd" => page((0..100_000).map(|n| posting(&format!("p{n}"))).collect()),
        "one-too-many" => page((0..=query.limit).map(|n| posting(&format!("p{n}"))).collect()),
        "two-giants" => {
            page((0..2).map(|n| Posting { description: "g".repeat(10 << 20), ..posting(&format!("g{n}")) }).collect())
        }
        "many-empty-texts" => one(Posting { skills: vec![String::new(); 4 << 20], ..posting("hollow") }),
        "long-cursor" => with_next(one(posting("p")), "c".repeat(4097)),
        "same-cursor" => with_next(one(posting("p")), "here".to_owned()),
        "two-cursors" => with_next(one(posting("p")), format!("c-{}", 1 - turn.min(1))),
        "ever-new-cursors" => with_next(page(Vec::new()), format!("c-{}", turn + 1)),
        "ever-new-postings" => with_next(
            page((0..query.limit).map(|n| posting(&format!("p{turn}-{n}"))).collect()),
            format!("c-{}", turn + 1),
        ),
        "trap-on-the-second-page" => {
            if turn > 0 {
                crate::misbehave::perhaps("trap");
            }
            with_next(one(posting("first")), "c-1".to_owned())
        }
        "many-unreadable" => Page {
            unreadable: (0..20_000)
                .map(|n| Unreadable { id: Some(n.to_string()), title: None, reason: "no".to_owned() })
                .collect(),
            ..page(Vec::new())
        },
        "many-notices" => Page {
            notices: (0..101)
                .map(|n| Notice { kind: NoticeKind::Partial, subject: n.to_string(), message: "m".repeat(9000) })
                .collect(),
            ..page(Vec::new())
        },
        "long-texts" => Page {
            unreadable: vec![Unreadable {
                id: Some("u".repeat(9000)),
                title: Some("t".repeat(9000)),
                reason: "r".repeat(9000),
            }],
            notices: vec![Notice { kind: NoticeKind::Partial, subject: "s".repeat(9000), message: "m".repeat(9000) }],
            ..page(Vec::new())
        },
        "refuse-at-length" => {
            return Err(Error {
                kind: ErrorKind::Internal,
                code: Some("c".repeat(9000)),
                message: "é".repeat(9000),
                remedy: Some("r".repeat(9000)),
                delivery: Delivery::Unknown,
                retry_after: Some(u32::MAX),
            });
        }
        "poison" => page(
            (0..8)
                .map(|n| Posting {
                    title: if n == 5 { "poison" } else { "food" }.to_owned(),
                    ..posting(&format!("p{n}"))
                })
                .collect(),
        ),
        _ => page(vec![posting("good")]),
    })
}

/// A posting that breaks a rule, by the rule's name.
fn absurd_posting(name: &str) -> Option<Posting> {
    let of = posting("absurd");
    let budget = Budget { minimum: Some(1), maximum: None, currency: "USD".to_owned(), usd_rate: None };
    let other = || "o".repeat(2 << 20);
    Some(match name {
        "id-empty" => Posting { id: String::new(), ..of },
        "id-space" => Posting { id: "a b".to_owned(), ..of },
        "id-escape" => Posting { id: format!("a{ESCAPES}"), ..of },
        "id-long" => Posting { id: "i".repeat(1 << 20), ..of },
        "id-same" => Posting { id: "good".to_owned(), ..of },
        "url-script" => Posting { url: "javascript:alert(1)".to_owned(), ..of },
        "url-plain-http" => Posting { url: "http://hostile.example/".to_owned(), ..of },
        "url-relative" => Posting { url: "/posting".to_owned(), ..of },
        "url-long" => Posting { url: format!("https://hostile.example/{}", "u".repeat(1 << 20)), ..of },
        "url-escape" => Posting { url: format!("https://hostile.example/{ESCAPES}"), ..of },
        "url-user" => Posting { url: "https://www.freelancer.com@hostile.example/".to_owned(), ..of },
        "budget-negative" => Posting { budget: Some(Budget { minimum: Some(-1), ..budget }), ..of },
        "budget-absurd" => Posting { budget: Some(Budget { maximum: Some(i64::MAX), ..budget }), ..of },
        "budget-reversed" => Posting { budget: Some(Budget { maximum: Some(0), ..budget }), ..of },
        "budget-currency" => Posting { budget: Some(Budget { currency: format!("$${ESCAPES}"), ..budget }), ..of },
        "budget-rate-nan" => Posting { budget: Some(Budget { usd_rate: Some(f64::NAN), ..budget }), ..of },
        "budget-rate-zero" => Posting { budget: Some(Budget { usd_rate: Some(0.0), ..budget }), ..of },
        "year-10000" => Posting { posted_at: Some(253_402_300_800), ..of },
        "year-minus-1" => Posting { updated_at: Some(i64::MIN), ..of },
        "closes-never" => Posting { closes_at: Some(i64::MAX), ..of },
        "client-since" => Posting { client: Client { member_since: Some(i64::MAX), ..nobody() }, ..of },
        "rating-nan" => Posting { client: Client { rating: Some(f64::NAN), ..nobody() }, ..of },
        "rating-infinite" => Posting { client: Client { hire_rate: Some(f64::NEG_INFINITY), ..nobody() }, ..of },
        "spent-negative" => Posting { client: Client { spent_usd: Some(-1), ..nobody() }, ..of },
        "span-reversed" => Posting { duration: Some(Span { minimum: 9, maximum: Some(1) }), ..of },
        "attribute-nan" => Posting { attributes: vec![attribute("a\u{1b}", Value::Number(f64::NAN))], ..of },
        "average-negative" => Posting {
            competition: Some(Competition { proposals: Span { minimum: 1, maximum: None }, average: Some(i64::MIN) }),
            ..of
        },
        "description-10-mb" => Posting { description: "é".repeat(5 << 20), ..of },
        "title-escape" => Posting { title: format!("Fine{ESCAPES}"), ..of },
        "title-long" => Posting { title: "日".repeat(100_000), ..of },
        "skills-many" => Posting { skills: (0..5000).map(|n| format!("skill {n}{}", "s".repeat(200))).collect(), ..of },
        "attributes-many" => Posting {
            attributes: (0..500)
                .map(|n| attribute(&format!("{n}{}", "a".repeat(300)), Value::Texts(vec!["x".repeat(300); 5])))
                .collect(),
            ..of
        },
        "kind-long" => Posting { kind: PostingKind::Other(other()), ..of },
        "status-long" => Posting { status: PostingStatus::Other(other()), ..of },
        "payment-long" => Posting { payment: Payment::Other(other()), ..of },
        "experience-long" => Posting { experience: Some(ExperienceLevel::Other(other())), ..of },
        _ => return None,
    })
}

/// Verdicts on postings.
pub fn verdicts(behaviour: &str, postings: &[Posting]) -> Result<Vec<Verdict>, Error> {
    let count = match behaviour {
        "too-few" => postings.len().saturating_sub(1),
        "too-many" => postings.len() + 1,
        "far-too-many" => 1 << 20,
        _ => postings.len(),
    };
    let drop = || Drop { filter: "f".repeat(9000), reason: format!("{ESCAPES}{}", "é".repeat(9000)) };
    let verdict = || if behaviour == "drop-at-length" { Verdict::Drop(drop()) } else { Verdict::Keep };
    Ok((0..count).map(|_| verdict()).collect())
}

/// Evaluations of postings.
pub fn evaluations(behaviour: &str, postings: &[Posting]) -> Result<Vec<Evaluation>, Error> {
    let count = match behaviour {
        "too-few-scores" => postings.len().saturating_sub(1),
        "too-many-scores" => postings.len() + 1,
        _ => postings.len(),
    };
    Ok((0..count).map(|_| evaluation(behaviour)).collect())
}

fn evaluation(behaviour: &str) -> Evaluation {
    let good = signal(SignalKind::Budget, 0.5);
    let points = |points| Adjustment { name: "odd".to_owned(), points, reason: "r".repeat(9000) };
    let (signals, adjustments) = match behaviour {
        "signal-nan" => (vec![signal(SignalKind::Budget, f64::NAN)], vec![]),
        "signal-infinite" => (vec![signal(SignalKind::Budget, f64::INFINITY)], vec![]),
        "signal-negative" => (vec![signal(SignalKind::Budget, -0.001)], vec![]),
        "signal-above-one" => (vec![signal(SignalKind::Budget, 1.000_001)], vec![]),
        "confidence-nan" => (vec![Signal { confidence: f64::NAN, ..good }], vec![]),
        "signal-twice" => (vec![good.clone(), good], vec![]),
        "signal-twice-by-name" => (vec![good, signal(SignalKind::Custom("budget".to_owned()), 1.0)], vec![]),
        "signal-escape" => (vec![signal(SignalKind::Custom(ESCAPES.to_owned()), 0.5)], vec![]),
        "signals-many" => ((0..33).map(|n| signal(SignalKind::Custom(format!("s{n}")), 0.5)).collect(), vec![]),
        "points-absurd" => (vec![good], vec![points(i32::MIN)]),
        "adjustments-many" => (vec![good], vec![points(1); 17]),
        "adjustment-escape" => (vec![good], vec![Adjustment { name: ESCAPES.to_owned(), ..points(1) }]),
        "evaluate-at-length" => {
            let long =
                Signal {
                    raw: "é".repeat(9000), reason: "r".repeat(9000), missing: vec!["m".repeat(900); 900], ..good
                };
            (vec![long], vec![points(1)])
        }
        _ => (vec![good], vec![]),
    };
    Evaluation { signals, adjustments }
}

fn signal(kind: SignalKind, value: f64) -> Signal {
    Signal { kind, value, raw: "raw".to_owned(), reason: "reason".to_owned(), missing: Vec::new(), confidence: 1.0 }
}

/// An identity.
pub fn identity(behaviour: &str) -> Identity {
    let long = behaviour == "identify-at-length";
    let text = |plain: &str| if long { plain.repeat(9000) } else { plain.to_owned() };
    let count = if long { 5000 } else { 1 };
    Identity {
        id: text("1"),
        username: text("nobody"),
        permissions: vec![Permission { scope: text("scope"), holding: Holding::Held }; count.min(300)],
        attributes: vec![attribute("a", Value::Number(if long { f64::NAN } else { 1.0 })); count],
    }
}

/// An explanation.
pub fn explanation(behaviour: &str) -> Explanation {
    let text = |plain: &str| if behaviour == "explain-at-length" { plain.repeat(9000) } else { plain.to_owned() };
    Explanation { title: text("Title"), message: text("Message"), remedy: text("Remedy"), permanent: false }
}
