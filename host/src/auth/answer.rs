//! What a token endpoint answers, read leniently: platforms stray from RFC 6749 in every field.

use std::fmt;

use secrecy::SecretString;
use serde_json::{Map, Value};

use super::text;

/// The longest token that is taken, in bytes.
const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// The longest lifetime that is believed, in seconds: ten years.
const MAX_LIFETIME: u64 = 10 * 366 * 86_400;

/// The most words of `scope` that are kept, and the longest.
const MAX_SCOPES: usize = 100;
const MAX_SCOPE_BYTES: usize = 128;

/// Tokens as a server gave them.
#[derive(Clone)]
pub struct Tokens {
    pub(super) access: SecretString,
    pub(super) refresh: Option<SecretString>,
    /// Seconds that the access token lives; none where the answer does not say so intelligibly.
    pub(super) lifetime: Option<u64>,
    /// The words of `scope`; none where the answer has no such field.
    pub(super) scope: Option<Vec<String>>,
    /// When they were asked for: the lifetime counts from there, so that a slow answer does not prolong it.
    pub(super) asked_at: i64,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens")
            .field("lifetime", &self.lifetime)
            .field("refreshable", &self.refresh.is_some())
            .finish_non_exhaustive()
    }
}

/// How an answer reads.
pub(super) enum Reading {
    Tokens(Tokens),
    /// An error in a known shape, reduced to what may be shown.
    Refused {
        code: Option<String>,
        message: Option<String>,
    },
    /// Neither; the reason in a few words.
    Nonsense(&'static str),
}

/// Reads an answer's body. `known` are secrets that the request carried, which an error must not repeat.
pub(super) fn read(success: bool, body: &[u8], known: &[&SecretString]) -> Reading {
    let object = match serde_json::from_slice::<Value>(body) {
        Ok(Value::Object(object)) => object,
        Ok(_) => return Reading::Nonsense("JSON that is not an object"),
        Err(_) if body.is_empty() => return Reading::Nonsense("an empty body"),
        Err(_) if body.trim_ascii_start().starts_with(b"<") => return Reading::Nonsense("a page of HTML"),
        Err(_) => return Reading::Nonsense("something that is not JSON"),
    };
    // An error wins over a token: whoever sends both did not mean to grant one.
    if let Some(refused) = refusal(&object, known) {
        return refused;
    }
    if success {
        return tokens(&object);
    }
    match object.get("message").and_then(Value::as_str) {
        Some(message) => Reading::Refused { code: None, message: text::message(message, known) },
        None => Reading::Nonsense("an error in no known shape"),
    }
}

/// The error shapes: RFC 6749's, and an envelope of `message` and `error_code`, flat or nested.
fn refusal(object: &Map<String, Value>, known: &[&SecretString]) -> Option<Reading> {
    let field = |object: &Map<String, Value>, names: &[&str]| {
        names.iter().find_map(|name| match object.get(*name)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        })
    };
    let (code, message) = match object.get("error") {
        Some(Value::String(error)) => (Some(error.clone()), field(object, &["error_description", "message"])),
        Some(Value::Object(error)) => {
            (field(error, &["code", "error_code"]), field(error, &["detail", "message", "description"]))
        }
        _ if object.get("error_code").is_some_and(|code| !code.is_null())
            || object.get("status").and_then(Value::as_str) == Some("error") =>
        {
            (field(object, &["error_code"]), field(object, &["message", "error_description"]))
        }
        _ => return None,
    };
    Some(Reading::Refused {
        code: code.and_then(|code| text::code(&code, known)),
        message: message.and_then(|message| text::message(&message, known)),
    })
}

fn tokens(object: &Map<String, Value>) -> Reading {
    let token = |name: &str| match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(token)) if token.is_empty() => Ok(None),
        // What is not visible ASCII could not be put into a header.
        Some(Value::String(token)) if token.len() <= MAX_TOKEN_BYTES && token.bytes().all(|b| b.is_ascii_graphic()) => {
            Ok(Some(SecretString::from(token.as_str())))
        }
        Some(_) => Err(Reading::Nonsense("a token that is not one")),
    };
    let (access, refresh) = match (token("access_token"), token("refresh_token")) {
        (Ok(Some(access)), Ok(refresh)) => (access, refresh),
        (Ok(None), Ok(_)) => return Reading::Nonsense("JSON without an access token"),
        (Err(nonsense), _) | (_, Err(nonsense)) => return nonsense,
    };
    Reading::Tokens(Tokens {
        access,
        refresh,
        lifetime: object.get("expires_in").and_then(lifetime),
        scope: object.get("scope").and_then(scope),
        asked_at: 0,
    })
}

fn lifetime(value: &Value) -> Option<u64> {
    let seconds = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse::<f64>().ok(),
        _ => None,
    }?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a range that fits")]
    #[expect(clippy::cast_precision_loss, reason = "a bound of nine digits is exact")]
    seconds.is_finite().then(|| seconds.clamp(0.0, MAX_LIFETIME as f64) as u64)
}

/// Words separated by spaces, as OAuth has it, or by commas, or a list.
fn scope(value: &Value) -> Option<Vec<String>> {
    let words: Vec<&str> = match value {
        Value::String(text) => text.split([' ', ',']).collect(),
        Value::Array(words) => words.iter().filter_map(Value::as_str).collect(),
        _ => return None,
    };
    let is_word =
        |word: &&str| (1..=MAX_SCOPE_BYTES).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_graphic());
    Some(words.into_iter().filter(is_word).take(MAX_SCOPES).map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use secrecy::ExposeSecret;

    /// Access token, refresh token, lifetime, scope.
    type Granted = (String, Option<String>, Option<u64>, Option<Vec<String>>);

    fn granted(body: &str) -> Option<Granted> {
        match read(true, body.as_bytes(), &[]) {
            Reading::Tokens(tokens) => Some((
                tokens.access.expose_secret().to_owned(),
                tokens.refresh.map(|refresh| refresh.expose_secret().to_owned()),
                tokens.lifetime,
                tokens.scope,
            )),
            _ => None,
        }
    }

    #[test]
    fn token_answers_are_read_leniently() {
        for (body, refresh, lifetime, scope) in [
            (
                r#"{"access_token":"a","token_type":"Bearer","expires_in":3600,"refresh_token":"r","scope":"x y"}"#,
                Some("r"),
                Some(3600),
                Some(vec!["x", "y"]),
            ),
            (r#"{"access_token":"a"}"#, None, None, None),
            (r#"{"access_token":"a","expires_in":"3600","token_type":7}"#, None, Some(3600), None),
            (r#"{"access_token":"a","expires_in":86399.5,"extra":{"b":[1]}}"#, None, Some(86_399), None),
            (r#"{"access_token":"a","expires_in":"soon","scope":""}"#, None, None, Some(vec![])),
            (r#"{"access_token":"a","expires_in":-5}"#, None, Some(0), None),
            (r#"{"access_token":"a","expires_in":1e300}"#, None, Some(MAX_LIFETIME), None),
            (r#"{"access_token":"a","expires_in":null,"refresh_token":null,"scope":null}"#, None, None, None),
            (r#"{"access_token":"a","refresh_token":"","scope":["x"]}"#, None, None, Some(vec!["x"])),
            (r#"{"access_token":"a","error":null,"scope":"x,y"}"#, None, None, Some(vec!["x", "y"])),
        ] {
            let expected = (
                "a".to_owned(),
                refresh.map(str::to_owned),
                lifetime,
                scope.map(|s| s.into_iter().map(str::to_owned).collect()),
            );
            assert_eq!(granted(body), Some(expected), "{body}");
        }
    }

    #[test]
    fn what_is_not_a_grant_is_not_taken_for_one() {
        for body in [
            "",
            "null",
            "[]",
            "\"x\"",
            "<html>",
            "{",
            "{}",
            r#"{"access_token":""}"#,
            r#"{"access_token":7}"#,
            r#"{"access_token":"a b"}"#,
            "{\"access_token\":\"a\\r\\nX: y\"}",
            r#"{"access_token":"a","refresh_token":{}}"#,
            r#"{"access_token":"a","error":"invalid_grant"}"#,
            r#"{"access_token":"a","status":"error"}"#,
        ] {
            assert!(granted(body).is_none(), "{body}");
        }
    }

    #[test]
    fn every_known_shape_of_error_is_understood() {
        for (body, code, message) in [
            (r#"{"error":"invalid_grant","error_description":"expired"}"#, Some("invalid_grant"), Some("expired")),
            (r#"{"error":"invalid_client"}"#, Some("invalid_client"), None),
            (r#"{"message":"No such app","error_code":"NOT_FOUND"}"#, Some("NOT_FOUND"), Some("No such app")),
            (
                r#"{"status":"error","message":"No","error_code":"Rest.X","request_id":"5f"}"#,
                Some("Rest.X"),
                Some("No"),
            ),
            (
                r#"{"status":"error","error":{"code":"TOO_MANY","detail":"Wait","http_code":429}}"#,
                Some("TOO_MANY"),
                Some("Wait"),
            ),
            (r#"{"error_code":42,"message":"No"}"#, Some("42"), Some("No")),
            (r#"{"message":"Only this"}"#, None, Some("Only this")),
        ] {
            let Reading::Refused { code: c, message: m } = read(false, body.as_bytes(), &[]) else {
                panic!("{body} is a refusal");
            };
            assert_eq!((c.as_deref(), m.as_deref()), (code, message), "{body}");
        }
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(success: bool, body in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = read(success, &body, &[]);
        }

        #[test]
        fn arbitrary_objects_never_panic_and_never_repeat_a_secret(
            success: bool,
            secret in "[A-Za-z0-9_~.+/-]{16,40}",
            field in prop::sample::select(vec!["error", "error_description", "message", "error_code", "status", "scope", "expires_in", "token_type"]),
            around in "[^\"\\\\\\p{Cc}]{0,12}",
        ) {
            let known = SecretString::from(secret.as_str());
            for error in ["", r#""error":"x","#, r#""status":"error","#] {
                let body = format!(r#"{{{error}"{field}":"{around}{secret}{around}","access_token":"{secret}"}}"#);
                match read(success, body.as_bytes(), &[&known]) {
                    Reading::Tokens(tokens) => {
                        let shown = format!("{tokens:?}");
                        prop_assert!(!shown.contains(&secret));
                    }
                    Reading::Refused { code, message } => {
                        let shown = format!("{code:?} {message:?}");
                        prop_assert!(!shown.contains(&secret));
                    }
                    Reading::Nonsense(_) => {}
                }
            }
        }
    }
}
