//! One request and one reply, free of any HTTP library's types where it matters.
//!
//! A platform is a plain function from [`Request`] to [`Reply`]: it never waits, so its rules can be
//! tested and fuzzed without a socket. The [`front`](crate::front) puts it on the network.

use axum::http::{HeaderMap, Method};
use serde_json::{Map, Value};

use crate::faults::Effect;
use crate::params::Params;

/// A request as a platform sees it.
#[derive(Debug, Clone)]
pub struct Request {
    /// Which of the platform's origins received it, such as `api` or `accounts`.
    pub origin: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// The path, still percent-encoded.
    pub path: String,
    /// The query string without its `?`; empty when there is none.
    pub query: String,
    /// All headers.
    pub headers: HeaderMap,
    /// The body, bounded by the front.
    pub body: Vec<u8>,
    /// The simulator's time of arrival, Unix seconds.
    pub now: i64,
    /// The fault that the platform itself has to act out, if one was set for this request.
    pub effect: Option<Effect>,
}

impl Request {
    /// A request with nothing but a method, a path and a query, as tests want it.
    #[must_use]
    pub fn new(origin: &'static str, method: Method, path_and_query: &str, now: i64) -> Self {
        let (path, query) = path_and_query.split_once('?').unwrap_or((path_and_query, ""));
        Self {
            origin,
            method,
            path: path.to_owned(),
            query: query.to_owned(),
            headers: HeaderMap::new(),
            body: Vec::new(),
            now,
            effect: None,
        }
    }

    /// The path's segments, without the empty ones: `/a/b/` and `/a/b` are the same.
    #[must_use]
    pub fn segments(&self) -> Vec<&str> {
        self.path.split('/').filter(|part| !part.is_empty()).collect()
    }

    /// A header's value, if it is present and readable text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The query's parameters.
    #[must_use]
    pub fn query_params(&self) -> Params {
        Params::from_urlencoded(self.query.as_bytes())
    }

    /// The parameters of a form body.
    #[must_use]
    pub fn form_params(&self) -> Params {
        Params::from_urlencoded(&self.body)
    }

    /// Whether the body says that it is JSON.
    #[must_use]
    pub fn is_json(&self) -> bool {
        self.header("content-type").is_some_and(|kind| kind.to_ascii_lowercase().contains("json"))
    }

    /// The body's fields: a JSON object as it is, or a form with every value a string.
    /// `None` when the body claims to be JSON and is not a JSON object.
    #[must_use]
    pub fn body_fields(&self) -> Option<Map<String, Value>> {
        if self.body.iter().all(u8::is_ascii_whitespace) {
            return Some(Map::new());
        }
        if self.is_json() {
            return match serde_json::from_slice(&self.body) {
                Ok(Value::Object(fields)) => Some(fields),
                _ => None,
            };
        }
        Some(self.form_params().into_fields())
    }

    /// Query and body together; where both name a parameter, both values are kept, the query's first.
    #[must_use]
    pub fn all_params(&self) -> Params {
        let mut params = self.query_params();
        if let Some(fields) = self.body_fields() {
            params.extend_from_fields(&fields);
        }
        params
    }
}

/// An answer before it is put on the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status code.
    pub status: u16,
    /// Headers in order; `content-length` is added by the front.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Reply {
    /// A JSON answer.
    #[must_use]
    pub fn json(status: u16, value: &Value) -> Self {
        Self {
            status,
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: value.to_string().into_bytes(),
        }
    }

    /// An HTML page.
    #[must_use]
    pub fn html(status: u16, page: impl Into<String>) -> Self {
        Self {
            status,
            headers: vec![("content-type".to_owned(), "text/html; charset=utf-8".to_owned())],
            body: page.into().into_bytes(),
        }
    }

    /// Plain text.
    #[must_use]
    pub fn text(status: u16, text: impl Into<String>) -> Self {
        Self {
            status,
            headers: vec![("content-type".to_owned(), "text/plain; charset=utf-8".to_owned())],
            body: text.into().into_bytes(),
        }
    }

    /// A `302` to another place.
    #[must_use]
    pub fn redirect(location: impl Into<String>) -> Self {
        Self { status: 302, headers: vec![("location".to_owned(), location.into())], body: Vec::new() }
    }

    /// The same answer with one header more.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The first header of that name (lower case).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON, `null` when it is none.
    #[must_use]
    pub fn value(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }
}

/// A platform, or anything else that answers requests.
pub trait Site: Send + Sync {
    /// Answers one request. Must not panic, whatever the request holds.
    fn answer(&self, request: &Request) -> Reply;

    /// The platform's own rendering of a failure that a fault asks for; `Retry-After` is added by the front.
    fn failure(&self, request: &Request, failure: &crate::faults::Failure) -> Reply;
}
