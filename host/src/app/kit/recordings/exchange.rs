//! A request and its answer, as a recording has them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use url::{Url, form_urlencoded};

use super::difference::{Difference, differences};
use crate::capability::http::carrier::Sending;
use crate::capability::http::policy;

/// Whole numbers beyond this are not the same in every reader of JSON (2^53).
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A request and its answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// On whose behalf it was made: `account`, `search`.
    pub call: String,
    /// What was asked.
    pub request: Request,
    /// What was answered.
    pub answer: Answer,
}

/// A request, as the plugin has made it: the credential is not part of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// `GET`...
    pub method: String,
    /// At the origins of the descriptor.
    pub url: String,
    /// The plugin's own.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// If there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Body>,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// Of HTTP.
    pub status: u16,
    /// Those that may matter to a plugin.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// Empty where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Body>,
}

/// A body, in the form that reads best.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Body {
    /// JSON. How it was spaced, and the order of keys, is not kept.
    Json(Value),
    /// Text that is no JSON.
    Text(String),
    /// Anything else, two hexadecimal digits a byte.
    Hex(String),
}

impl Body {
    /// Of these bytes; none of an empty body.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Body> {
        if bytes.is_empty() {
            return None;
        }
        Some(match std::str::from_utf8(bytes) {
            Ok(text) => match serde_json::from_str(text) {
                Ok(value) if is_exact(&value) => Body::Json(value),
                _ => Body::Text(text.to_owned()),
            },
            Err(_) => Body::Hex(bytes.iter().map(|byte| format!("{byte:02x}")).collect()),
        })
    }

    /// The bytes.
    ///
    /// # Errors
    /// Where hexadecimal digits are none.
    pub fn bytes(&self) -> Result<Vec<u8>, String> {
        match self {
            Body::Json(value) => Ok(value.to_string().into_bytes()),
            Body::Text(text) => Ok(text.clone().into_bytes()),
            Body::Hex(digits) => {
                let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
                let pair = |pair: &[u8]| match pair {
                    [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
                    _ => None,
                };
                let bytes: Option<Vec<u8>> = digits.as_bytes().chunks(2).map(pair).collect();
                bytes.ok_or_else(|| "`hex` has to hold pairs of hexadecimal digits".to_owned())
            }
        }
    }
}

/// Whether every number reads back as it was written.
fn is_exact(value: &Value) -> bool {
    match value {
        Value::Number(number) => !number.is_f64() || number.as_f64().is_some_and(|number| number.abs() < EXACT),
        Value::Array(elements) => elements.iter().all(is_exact),
        Value::Object(entries) => entries.values().all(is_exact),
        _ => true,
    }
}

impl Request {
    /// What is about to be sent, without what the host has added.
    #[must_use]
    pub fn of(sending: &Sending<'_>) -> Request {
        let own = sending.outgoing.headers.iter();
        Request {
            method: policy::name(sending.outgoing.method).to_owned(),
            url: sending.outgoing.url.to_string(),
            headers: own
                .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
                .collect(),
            body: sending.outgoing.body.as_deref().and_then(Body::of),
        }
    }

    /// In one line, for a person.
    #[must_use]
    pub fn line(&self) -> String {
        format!("{} {}", self.method, self.url)
    }

    /// Whether it may be made in any order with others, for it changes nothing.
    #[must_use]
    pub fn is_plain_read(&self) -> bool {
        matches!(self.method.as_str(), "GET" | "HEAD")
    }

    /// Whether both ask for the same: the order of a query's parameters does not count, but for those of one name.
    #[must_use]
    pub fn asks_the_same(&self, other: &Request) -> bool {
        self.differences(other).is_empty()
    }

    /// In what another request, which is made now, differs from this one.
    #[must_use]
    pub fn differences(&self, now: &Request) -> Vec<Difference> {
        differences("", &self.fields(), &now.fields())
    }

    fn fields(&self) -> Value {
        let parsed = Url::parse(&self.url).ok();
        let (place, query) = match &parsed {
            Some(url) => (url[..url::Position::AfterPath].to_owned(), parameters(url.query().unwrap_or_default())),
            None => (self.url.clone(), Map::new()),
        };
        let mut fields = json!({"method": self.method, "url": place, "query": query, "headers": self.headers});
        match &self.body {
            None => {}
            Some(Body::Json(value)) => fields["body"] = value.clone(),
            Some(Body::Text(text)) if self.is_form() => fields["body"] = Value::Object(parameters(text)),
            Some(Body::Text(text) | Body::Hex(text)) => fields["body"] = json!(text),
        }
        fields
    }

    fn is_form(&self) -> bool {
        self.headers.get("content-type").is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"))
    }
}

/// Parameters by their names; those of one name are a list.
fn parameters(query: &str) -> Map<String, Value> {
    let mut parameters: Map<String, Value> = Map::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let value = Value::String(value.into_owned());
        match parameters.get_mut(name.as_ref()) {
            None => drop(parameters.insert(name.into_owned(), value)),
            Some(Value::Array(values)) => values.push(value),
            Some(first) => *first = json!([first.take(), value]),
        }
    }
    parameters
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(url: &str) -> Request {
        Request { method: "GET".to_owned(), url: url.to_owned(), headers: BTreeMap::new(), body: None }
    }

    #[test]
    fn requests_are_compared_by_what_they_ask() {
        let one = get("https://b.example/jobs?limit=5&tag=a&tag=b");
        assert!(one.asks_the_same(&get("https://b.example/jobs?tag=a&limit=5&tag=b")));
        assert!(!one.asks_the_same(&get("https://b.example/jobs?tag=b&limit=5&tag=a")));
        let told: Vec<String> = one
            .differences(&get("https://b.example/jobs?limit=6&tag=a&tag=b"))
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(told, [r#"query.limit: "5" -> "6""#]);
    }

    #[test]
    fn a_body_reads_back_as_it_was() {
        for bytes in [&b"plain"[..], b"{\"a\":[1,2.5,\"x\"]}", b"\xff\x00\x7f", b"12345678901234567890123"] {
            assert_eq!(Body::of(bytes).expect("a body").bytes().as_deref(), Ok(bytes));
        }
        assert_eq!(Body::of(b""), None);
        assert_eq!(Body::of(b"{ \"n\" : 36893488147419103232 }").map(|body| matches!(body, Body::Text(_))), Some(true));
        for wrong in ["f", "fg"] {
            assert!(Body::Hex(wrong.to_owned()).bytes().is_err());
        }
    }
}
