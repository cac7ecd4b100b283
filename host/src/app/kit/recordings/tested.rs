//! How a recording fared when it was replayed.

use serde::Serialize;

use super::difference::Difference;
use super::replay::Finding;
use crate::app::AppError;

/// How a recording fared.
#[derive(Debug, Serialize)]
pub struct Tested {
    /// The recording's name.
    pub name: String,
    /// Whether all was as recorded.
    pub passed: bool,
    /// Whether what is new was written in the place of what was recorded.
    pub accepted: bool,
    /// Requests that are recorded.
    pub requests: usize,
    /// Postings that came of it now.
    pub postings: usize,
    /// Requests that are not as recorded.
    pub asked: Vec<Finding>,
    /// Where the result is not as recorded.
    pub result: Vec<Difference>,
    /// Why it could not be replayed at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl Tested {
    /// One that could not be replayed.
    #[must_use]
    pub fn broken(name: &str, error: &AppError) -> Tested {
        Tested {
            name: name.to_owned(),
            passed: false,
            accepted: false,
            requests: 0,
            postings: 0,
            asked: Vec::new(),
            result: Vec::new(),
            error: Some(error.to_string()),
        }
    }
}
