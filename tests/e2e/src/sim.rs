//! The simulator, and the levers of its control origin.

use platform_sim::{Options, Origins, Running, Simulator};
use serde_json::{Value, json};
use url::Url;

use crate::http::{self, Body};

/// Where the postings are.
pub const POSTINGS: &str = "/api/projects/0.1/projects/active";
/// Where the categories are.
pub const CATEGORIES: &str = "/api/projects/0.1/categories";
/// Where an account says whose it is.
pub const IDENTITY: &str = "/api/users/0.1/self";
/// Where codes become tokens and old tokens new ones.
pub const TOKEN: &str = "/oauth/token";

/// A running simulator, which stops when this is dropped.
#[derive(Debug)]
pub struct Sim(Running);

impl Sim {
    /// One that agrees to every log-in at once.
    #[must_use]
    pub fn agreeing() -> Self {
        Self::with(Options { auto_consent: true, ..unlimited() })
    }

    /// One that shows the consent page.
    #[must_use]
    pub fn asking() -> Self {
        Self::with(unlimited())
    }

    /// One of your own options.
    ///
    /// # Panics
    /// Where it does not start.
    #[must_use]
    pub fn with(options: Options) -> Self {
        Self(Simulator::start(options).expect("the simulator starts"))
    }

    /// Freelancer's origins.
    #[must_use]
    pub fn origins(&self) -> &Origins {
        &self.0.freelancer
    }

    /// Sets faults, one or an array; see the simulator's `--help`.
    pub fn fault(&self, rules: &Value) {
        self.control("POST", "/faults", rules);
    }

    /// Takes all faults away.
    pub fn heal(&self) {
        self.control("DELETE", "/faults", &json!({}));
    }

    /// Turns the simulator's clock.
    pub fn advance(&self, seconds: i64) {
        self.control("POST", "/clock", &json!({ "advance": seconds }));
    }

    /// Changes settings of the simulated Freelancer.
    pub fn set(&self, settings: &Value) {
        self.control("POST", "/freelancer/settings", settings);
    }

    /// Requests that were received below a path, oldest first.
    #[must_use]
    pub fn requests(&self, path: &str) -> Vec<Value> {
        let told = self.control("GET", &format!("/requests?path={path}"), &Value::Null);
        told["requests"].as_array().cloned().unwrap_or_default()
    }

    /// Every access and refresh token that was ever given out.
    ///
    /// # Panics
    /// Where the simulator does not tell.
    #[must_use]
    pub fn tokens(&self) -> Vec<String> {
        fn gather(value: &Value, into: &mut Vec<String>) {
            match value {
                Value::Array(items) => items.iter().for_each(|item| gather(item, into)),
                Value::Object(fields) => {
                    for (name, value) in fields {
                        match value {
                            Value::String(text) if name == "token" => into.push(text.clone()),
                            // A map from tokens to what is known of them.
                            Value::Object(_) => {
                                into.push(name.clone());
                                gather(value, into);
                            }
                            other => gather(other, into),
                        }
                    }
                }
                _ => {}
            }
        }
        let mut tokens = Vec::new();
        let told = self.control("GET", "/freelancer/tokens", &Value::Null);
        for kind in ["access", "refresh"] {
            gather(&told[kind], &mut tokens);
        }
        tokens.retain(|token| token.len() >= 16);
        assert!(!tokens.is_empty(), "the simulator has given out no token: {told}");
        tokens
    }

    /// Any request to the control origin.
    ///
    /// # Panics
    /// Where it is refused: the test asked for something that there is not.
    pub fn control(&self, method: &str, path: &str, body: &Value) -> Value {
        let url = Url::parse(&format!("{}{path}", self.0.control)).expect("a control address");
        let text = body.to_string();
        let body = if body.is_null() { Body::Empty } else { Body::Json(&text) };
        let reply = http::send(method, &url, body).expect("the control origin answers");
        assert_eq!(reply.status, 200, "{method} {path}: {}", reply.body);
        serde_json::from_str(&reply.body).expect("JSON")
    }
}

fn unlimited() -> Options {
    // Tests ask more often than a person does; those about limits set their own.
    Options { rate_limit: 0, upwork_rate_limit: 0, ..Options::default() }
}
