//! Faults on demand: what goes wrong, on which route, how often.
//!
//! A rule waits at the front for matching requests; the first rule that matches and is not used up is
//! acted out once. Transport faults (slow, cut off, not JSON, huge) are the front's work; the ones that
//! need to know the platform's format travel with the request and are the platform's.

use std::sync::Mutex;

use serde::{Deserialize, Serialize};

use crate::sync::locked;

/// Largest body that a `huge` fault may ask for, in MiB.
pub const MAX_HUGE_MB: u32 = 1024;
/// Longest delay that a `slow` fault may ask for, in milliseconds.
pub const MAX_DELAY_MS: u64 = 600_000;

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Effect {
    /// The platform's own error answer with this status. Nothing is done.
    Status(Failure),
    /// The request is served after a delay.
    Slow {
        /// Milliseconds to wait, at most [`MAX_DELAY_MS`].
        delay_ms: u64,
    },
    /// The headers promise the whole body, the connection closes after part of it.
    CutOff {
        /// Bytes that are still sent; half of the body when absent.
        after: Option<usize>,
    },
    /// An HTML page, as a proxy or a maintenance mode would answer.
    NotJson {
        /// HTTP status of the page; 200 when absent.
        status: Option<u16>,
    },
    /// A valid success envelope, padded to this size.
    Huge {
        /// Size in MiB, at most [`MAX_HUGE_MB`].
        megabytes: u32,
    },
    /// The request is carried out, but the answer is a failure: what a client meets when the
    /// platform's gateway gives up after its back end did the work.
    AcceptedThen(Failure),
    /// The request is carried out at once, and its answer comes after a delay: what a client meets that gives up waiting.
    AcceptedThenSlow {
        /// Milliseconds to wait, at most [`MAX_DELAY_MS`].
        delay_ms: u64,
    },
    /// A refusal that repeats the whole request, headers and body, in every field that a platform puts words into. Nothing is done.
    Echo {
        /// HTTP status; 400 when absent.
        status: Option<u16>,
    },
    /// The token endpoint refuses with `invalid_grant`, as for a grant that is gone.
    InvalidGrant,
    /// A result list holds fewer rows than it should.
    ShortPage {
        /// Rows that remain; half of them when absent.
        rows: Option<usize>,
    },
    /// Every entry of a `users` map is `null`.
    NullOwner,
    /// The error envelope arrives with HTTP 200.
    #[serde(rename = "error-with-200")]
    ErrorWith200(Failure),
    /// The newer, nested error envelope.
    NestedError(Failure),
    /// A GraphQL answer without data. Nothing is done.
    GraphqlError {
        /// The error's message; "Transform timeout" when absent.
        message: Option<String>,
        /// Its `extensions.classification`; `DataFetchingException` when absent.
        classification: Option<String>,
        /// HTTP status; 200 when absent.
        status: Option<u16>,
    },
    /// Nodes of a result list are `null`, each with an error beside the data.
    NullNodes {
        /// How many, from the first; 1 when absent.
        nodes: Option<usize>,
    },
}

/// A failure that the platform words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Failure {
    /// HTTP status, 400 to 599.
    #[serde(default = "default_status")]
    pub status: u16,
    /// Value of a `Retry-After` header, in seconds; no header when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
    /// The platform's error code, in place of the one that belongs to the status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
    /// The platform's message, in place of the one that belongs to the status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

fn default_status() -> u16 {
    500
}

impl Failure {
    /// A failure with the platform's usual words for `status`.
    #[must_use]
    pub fn with_status(status: u16) -> Self {
        Self { status, retry_after: None, error_code: None, message: None }
    }
}

/// A fault, where it applies and how often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// Path prefix, such as `/api/projects/0.1/projects/active`; `/` matches everything.
    pub route: String,
    /// Only this method, when given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Only this origin of the platform (`api`, `accounts`), when given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// Only requests whose body holds this text, when given: one operation of many at the same path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Requests that pass unharmed first.
    #[serde(default)]
    pub skip: u32,
    /// How many requests are hit; 1 when absent.
    #[serde(default = "default_count")]
    pub count: u32,
    /// The fault itself.
    #[serde(flatten)]
    pub effect: Effect,
}

fn default_count() -> u32 {
    1
}

/// Why a rule was refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum RuleError {
    /// The route does not start with a slash.
    #[error("`route` is a path prefix and starts with `/`, not {0:?}")]
    Route(String),
    /// A status that no HTTP error has.
    #[error("`status` {0} is out of range: 200 to 599 for a page, 400 to 599 for an error")]
    Status(u16),
    /// Larger than the simulator will send.
    #[error("`megabytes` {0} is over {MAX_HUGE_MB}")]
    Megabytes(u32),
    /// Longer than the simulator will wait.
    #[error("`delay_ms` {0} is over {MAX_DELAY_MS}")]
    Delay(u64),
}

impl Rule {
    /// Checks the bounds of a rule.
    ///
    /// # Errors
    /// The first bound that does not hold.
    pub fn check(&self) -> Result<(), RuleError> {
        if !self.route.starts_with('/') {
            return Err(RuleError::Route(self.route.clone()));
        }
        match &self.effect {
            Effect::Status(failure)
            | Effect::AcceptedThen(failure)
            | Effect::ErrorWith200(failure)
            | Effect::NestedError(failure)
                if !(400..600).contains(&failure.status) =>
            {
                return Err(RuleError::Status(failure.status));
            }
            Effect::NotJson { status: Some(status) }
            | Effect::Echo { status: Some(status) }
            | Effect::GraphqlError { status: Some(status), .. }
                if !(200..600).contains(status) =>
            {
                return Err(RuleError::Status(*status));
            }
            Effect::Huge { megabytes } if *megabytes > MAX_HUGE_MB => {
                return Err(RuleError::Megabytes(*megabytes));
            }
            Effect::Slow { delay_ms } | Effect::AcceptedThenSlow { delay_ms } if *delay_ms > MAX_DELAY_MS => {
                return Err(RuleError::Delay(*delay_ms));
            }
            _ => {}
        }
        Ok(())
    }

    fn matches(&self, origin: &str, method: &str, path: &str, body: &[u8]) -> bool {
        path.starts_with(&self.route)
            && self.body.as_deref().is_none_or(|text| String::from_utf8_lossy(body).contains(text))
            && self.method.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
            && self.origin.as_deref().is_none_or(|wanted| wanted == origin)
    }
}

/// The rules that are waiting.
#[derive(Debug, Default)]
pub struct Faults {
    rules: Mutex<Vec<Rule>>,
}

impl Faults {
    /// Adds a rule behind the others.
    ///
    /// # Errors
    /// A bound of the rule does not hold.
    pub fn add(&self, rule: Rule) -> Result<(), RuleError> {
        rule.check()?;
        locked(&self.rules).push(rule);
        Ok(())
    }

    /// Forgets all rules.
    pub fn clear(&self) {
        locked(&self.rules).clear();
    }

    /// The rules that are not used up.
    #[must_use]
    pub fn waiting(&self) -> Vec<Rule> {
        locked(&self.rules).clone()
    }

    /// Takes the fault that hits this request, if any, and counts it.
    #[must_use]
    pub fn take(&self, origin: &str, method: &str, path: &str, body: &[u8]) -> Option<Effect> {
        let mut rules = locked(&self.rules);
        let mut hit = None;
        for rule in rules.iter_mut() {
            if rule.count == 0 || !rule.matches(origin, method, path, body) {
                continue;
            }
            if rule.skip > 0 {
                rule.skip -= 1;
                continue;
            }
            rule.count -= 1;
            hit = Some(rule.effect.clone());
            break;
        }
        rules.retain(|rule| rule.count > 0);
        hit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(text: &str) -> Rule {
        serde_json::from_str(text).expect("a rule")
    }

    #[test]
    fn a_rule_hits_its_route_its_method_and_its_count_only() {
        let faults = Faults::default();
        faults
            .add(rule(r#"{"route":"/api/projects","method":"get","skip":1,"count":2,"fault":"status","status":429}"#))
            .expect("valid");
        assert_eq!(faults.take("api", "POST", "/api/projects/x", b""), None);
        assert_eq!(faults.take("api", "GET", "/oauth/token", b""), None);
        assert_eq!(faults.take("api", "GET", "/api/projects/x", b""), None);
        for _ in 0..2 {
            assert_eq!(
                faults.take("api", "GET", "/api/projects/x", b""),
                Some(Effect::Status(Failure::with_status(429)))
            );
        }
        assert_eq!(faults.take("api", "GET", "/api/projects/x", b""), None);
        assert!(faults.waiting().is_empty());
    }

    #[test]
    fn a_rule_for_a_body_leaves_other_bodies_alone() {
        let faults = Faults::default();
        let text = r#"{"route":"/graphql","body":"submitIt","fault":"accepted-then-slow","delay_ms":5}"#;
        faults.add(rule(text)).expect("valid");
        assert_eq!(faults.take("api", "POST", "/graphql", b"{ lookAtIt }"), None);
        let slow = Some(Effect::AcceptedThenSlow { delay_ms: 5 });
        assert_eq!(faults.take("api", "POST", "/graphql", b"{ submitIt }"), slow);
        assert!(faults.add(rule(r#"{"route":"/","fault":"accepted-then-slow","delay_ms":9000000}"#)).is_err());
    }

    #[test]
    fn out_of_bound_rules_are_refused_with_the_bound() {
        for (text, message) in [
            (r#"{"route":"api","fault":"null-owner"}"#, "starts with `/`"),
            (r#"{"route":"/","fault":"huge","megabytes":5000}"#, "over 1024"),
            (r#"{"route":"/","fault":"status","status":200}"#, "400 to 599"),
            (r#"{"route":"/","fault":"slow","delay_ms":9000000}"#, "over 600000"),
        ] {
            let refused = Faults::default().add(rule(text)).expect_err(text);
            assert!(refused.to_string().contains(message), "{refused}");
        }
    }
}
