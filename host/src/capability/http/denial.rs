//! A request that the gate did not let pass.

use crate::contract::types::{Delivery, Error, ErrorKind};

/// Which rule refused a request, and why. Nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    /// The rule, for programs: `route-not-granted`.
    pub rule: &'static str,
    /// What was refused, in a sentence, without a secret.
    pub message: String,
    /// What the person can do, where they can.
    pub remedy: Option<String>,
}

impl Denial {
    /// A refusal that nobody but the plugin's author can mend.
    #[must_use]
    pub fn new(rule: &'static str, message: impl Into<String>) -> Denial {
        Denial { rule, message: message.into(), remedy: None }
    }

    /// The same, with what the person can do.
    #[must_use]
    pub fn with_remedy(self, remedy: impl Into<String>) -> Denial {
        Denial { remedy: Some(remedy.into()), ..self }
    }
}

impl From<Denial> for Error {
    fn from(denial: Denial) -> Error {
        let kind = match denial.rule {
            "bad-url" | "bad-header" | "bad-request" | "too-large" => ErrorKind::InvalidInput,
            "quota" => ErrorKind::Exhausted,
            _ => ErrorKind::Denied,
        };
        Error {
            kind,
            code: Some(format!("gate.{}", denial.rule)),
            message: denial.message,
            remedy: denial.remedy,
            delivery: Delivery::NotSent,
            retry_after: None,
        }
    }
}
