//! What the simulator has received, for tests to assert on.
//!
//! Tokens and secrets are shown as they came: they are the simulator's own inventions, and whether the
//! right one was sent is what tests want to know.

use std::collections::VecDeque;
use std::sync::Mutex;

use serde::Serialize;

use crate::exchange::Request;
use crate::sync::locked;

/// Entries that are kept; the oldest are dropped first.
const MAX_ENTRIES: usize = 10_000;
/// Bytes of a body that are kept.
const MAX_BODY: usize = 64 * 1024;
/// Headers that are kept, lower case.
const KEPT_HEADERS: [&str; 8] = [
    "accept",
    "authorization",
    "content-type",
    "freelancer-oauth-v1",
    "host",
    "origin",
    "user-agent",
    "x-upwork-api-tenantid",
];

/// One received request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Counts from 1 since the last reset.
    pub number: u64,
    /// The simulator's time of arrival, Unix seconds.
    pub at: i64,
    /// The origin that received it, such as `freelancer/api`.
    pub origin: String,
    /// The HTTP method.
    pub method: String,
    /// The path as it came.
    pub path: String,
    /// The query string as it came.
    pub query: String,
    /// The kept headers as they came.
    pub headers: serde_json::Map<String, serde_json::Value>,
    /// The start of the body, bad UTF-8 replaced.
    pub body: String,
    /// The status of the answer.
    pub status: u16,
    /// The fault that was acted out, by its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
}

#[derive(Debug, Default)]
struct Pages {
    entries: VecDeque<Entry>,
    count: u64,
}

/// The log of requests.
#[derive(Debug, Default)]
pub struct Journal {
    pages: Mutex<Pages>,
}

impl Journal {
    /// Notes a request and how it was answered.
    pub fn note(&self, platform: &str, request: &Request, status: u16, fault: Option<String>) {
        let mut pages = locked(&self.pages);
        pages.count += 1;
        let entry = Entry {
            number: pages.count,
            at: request.now,
            origin: format!("{platform}/{}", request.origin),
            method: request.method.to_string(),
            path: request.path.clone(),
            query: request.query.clone(),
            headers: KEPT_HEADERS
                .iter()
                .filter_map(|name| Some(((*name).to_owned(), request.header(name)?.into())))
                .collect(),
            body: String::from_utf8_lossy(&request.body[..request.body.len().min(MAX_BODY)]).into_owned(),
            status,
            fault,
        };
        if pages.entries.len() == MAX_ENTRIES {
            pages.entries.pop_front();
        }
        pages.entries.push_back(entry);
    }

    /// Entries whose path starts with `prefix`, oldest first.
    #[must_use]
    pub fn entries(&self, prefix: &str) -> Vec<Entry> {
        locked(&self.pages).entries.iter().filter(|entry| entry.path.starts_with(prefix)).cloned().collect()
    }

    /// Forgets everything.
    pub fn clear(&self) {
        *locked(&self.pages) = Pages::default();
    }
}
