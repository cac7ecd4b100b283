use std::collections::BTreeMap;

use serde_json::json;

use super::*;

const SECRET: &str = "tok/en+7f3a \"q\"";

fn scrubber() -> Scrubber {
    let origins = vec![("http://127.0.0.1:8000".to_owned(), "https://api.board.example".to_owned())];
    let account = Account { id: "7".to_owned(), username: "ada.lovelace".to_owned() };
    Scrubber::new(&[SecretString::from(SECRET)], origins, Some(account))
}

fn exchange(call: &str, body: Value) -> Exchange {
    let headers = [
        ("date", "now"),
        ("content-type", "application/json"),
        ("x-session-token", "abc"),
        ("link", "<http://127.0.0.1:8000/2>"),
    ];
    let pairs = |pairs: &[(&str, &str)]| {
        pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect::<BTreeMap<_, _>>()
    };
    Exchange {
        call: call.to_owned(),
        request: Request {
            method: "GET".to_owned(),
            url: "http://127.0.0.1:8000/jobs?api_key=123&q=ada.lovelace&page=7".to_owned(),
            headers: pairs(&[("accept", "application/json")]),
            body: None,
        },
        answer: Answer { status: 200, headers: pairs(&headers), body: Some(Body::Json(body)) },
    }
}

#[test]
fn what_names_the_account_its_secrets_and_its_places_is_taken_out() {
    let body = json!({
        "id": 7, "name": "ada.lovelace", "first_name": "Ada", "email": "ada@home.example.org", "access_token": "zzz",
        "echo": format!("you sent Bearer {SECRET}"), "next": "http://127.0.0.1:8000/jobs?page=2", "pay": 8, "plan": "free",
    });
    let clean = scrubber().exchange(&exchange("account", body));
    assert_eq!(clean.request.url, "https://api.board.example/jobs?api_key=scrubbed&q=account-name&page=7");
    let kept: Vec<&String> = clean.answer.headers.keys().collect();
    assert_eq!(kept, ["content-type", "link"]);
    assert_eq!(clean.answer.headers["link"], "<https://api.board.example/2>");
    let expected = json!({
        "id": 1_000_001, "name": "account-name", "first_name": "scrubbed", "email": "person-1@example.com", "access_token": "scrubbed",
        "echo": "you sent Bearer [redacted]", "next": "https://api.board.example/jobs?page=2", "pay": 8, "plan": "free",
    });
    assert_eq!(clean.answer.body, Some(Body::Json(expected)));
}

#[test]
fn elsewhere_short_identifiers_and_other_peoples_words_stay() {
    let body = json!({"weeks": 7, "company": "Moon Ltd", "text": "write to a@b.org, or to c@d.org, or a@b.org"});
    let clean = scrubber().exchange(&exchange("search", body));
    let expected = json!({
        "weeks": 7, "company": "Moon Ltd",
        "text": "write to person-1@example.com, or to person-2@example.com, or person-1@example.com",
    });
    assert_eq!(clean.answer.body, Some(Body::Json(expected)));
}

#[test]
fn a_secret_is_found_and_taken_out_in_every_spelling() {
    let scrubber = scrubber();
    for spelt in ["tok/en+7f3a \"q\"", "tok%2Fen%2B7f3a+%22q%22", "tok%2Fen%2B7f3a%20%22q%22", "tok/en+7f3a \\\"q\\\""]
    {
        let text = format!("<{spelt}>");
        assert!(scrubber.finds_secret(&text), "{spelt}");
        assert_eq!(scrubber.text(&text, false), "<[redacted]>", "{spelt}");
    }
    let hex = Body::of(&[b"\xff", SECRET.as_bytes()].concat()).expect("a body");
    let clean = scrubber.body(hex, false).bytes().expect("bytes");
    assert_eq!(clean, b"\xff[redacted]");
}

#[test]
fn what_was_scrubbed_once_is_scrubbed() {
    let scrubber = scrubber();
    let body = json!({"id": 7, "name": "ada.lovelace", "mail": "x@y.org", "secret": "s"});
    let once = scrubber.exchange(&exchange("account", body));
    assert_eq!(scrubber.exchange(&once), once);
}

#[test]
fn a_name_is_replaced_as_a_word_only() {
    assert_eq!(word_replaced("ada, adage, /ada/ada", "ada", "X"), "X, adage, /X/X");
    assert_eq!(word_replaced("", "ada", "X"), "");
}
