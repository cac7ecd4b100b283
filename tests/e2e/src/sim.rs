//! The simulator, and the levers of its control origin.

use platform_sim::{Options, Origins, Running, Simulator};
use serde_json::{Value, json};
use url::Url;

use crate::http::{self, Body};

/// Where Upwork's API answers everything.
pub const GRAPHQL: &str = "/graphql";
/// Where Upwork's codes become tokens and old tokens new ones.
pub const UPWORK_TOKEN: &str = "/api/v3/oauth2/token";
/// Where the postings are.
pub const POSTINGS: &str = "/api/projects/0.1/projects/active";
/// Where the categories are.
pub const CATEGORIES: &str = "/api/projects/0.1/categories";
/// Where an account says whose it is.
pub const IDENTITY: &str = "/api/users/0.1/self";
/// Where codes become tokens and old tokens new ones.
pub const TOKEN: &str = "/oauth/token";

/// One of the simulated platforms: its origins, and the levers that it has alone.
#[derive(Debug, Clone, Copy)]
pub struct Site<'s> {
    sim: &'s Sim,
    id: &'static str,
}

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

    /// The simulated Freelancer.
    #[must_use]
    pub fn freelancer(&self) -> Site<'_> {
        Site { sim: self, id: "freelancer" }
    }

    /// The simulated Upwork.
    #[must_use]
    pub fn upwork(&self) -> Site<'_> {
        Site { sim: self, id: "upwork" }
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

    /// Requests that were received below a path, oldest first.
    #[must_use]
    pub fn requests(&self, path: &str) -> Vec<Value> {
        let told = self.control("GET", &format!("/requests?path={path}"), &Value::Null);
        told["requests"].as_array().cloned().unwrap_or_default()
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

impl<'s> Site<'s> {
    /// What the platform is called on the command line.
    #[must_use]
    pub fn id(&self) -> &'static str {
        self.id
    }

    /// Its origins.
    #[must_use]
    pub fn origins(&self) -> &'s Origins {
        match self.id {
            "upwork" => &self.sim.0.upwork,
            _ => &self.sim.0.freelancer,
        }
    }

    /// Changes its settings.
    pub fn set(&self, settings: &Value) {
        self.control("POST", "settings", settings);
    }

    /// Ends all tokens of the account at once.
    pub fn revoke(&self) {
        self.control("POST", "revoke", &json!({}));
    }

    /// Lets the time of all access tokens have come, and of refresh tokens too.
    pub fn expire(&self, refresh: bool) {
        self.control("POST", "expire", &json!({ "access": true, "refresh": refresh }));
    }

    /// Requests that one of its origins received, oldest first.
    #[must_use]
    pub fn requests(&self) -> Vec<Value> {
        let mut requests = self.sim.requests("/");
        let mine = format!("{}/", self.id);
        requests.retain(|request| request["origin"].as_str().is_some_and(|origin| origin.starts_with(&mine)));
        requests
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
        let told = self.control("GET", "tokens", &Value::Null);
        for kind in ["access", "refresh"] {
            gather(&told[kind], &mut tokens);
        }
        tokens.retain(|token| token.len() >= 16);
        assert!(!tokens.is_empty(), "the simulator has given out no token: {told}");
        tokens
    }

    /// Any request to its part of the control origin.
    pub fn control(&self, method: &str, path: &str, body: &Value) -> Value {
        self.sim.control(method, &format!("/{}/{path}", self.id), body)
    }

    /// Asks Upwork's GraphQL as the account itself, past Prospector; gives `data`.
    ///
    /// # Panics
    /// Where it is refused.
    #[must_use]
    pub fn graphql(&self, document: &str, variables: &Value) -> Value {
        let token = self.control("POST", "tokens", &json!({}));
        let token = token["access_token"].as_str().expect("a token");
        let url = Url::parse(&format!("{}{GRAPHQL}", self.origins().api)).expect("an address");
        let body = json!({"query": document, "variables": variables}).to_string();
        let reply = http::send_as(Some(token), "POST", &url, Body::Json(&body)).expect("it answers");
        let answer: Value = serde_json::from_str(&reply.body).expect("JSON");
        assert!(answer["errors"].is_null(), "{answer}");
        answer["data"].clone()
    }

    /// Sends a proposal to a job at Upwork as the person does on its own page; its identifier there.
    ///
    /// # Panics
    /// Where Upwork does not take it.
    #[must_use]
    pub fn apply_by_hand(&self, job: &str) -> String {
        let input = json!({"input": {"jobPostingId": job, "coverLetter": "By hand", "chargedAmount": 50.0}});
        let preview = "mutation($input: VendorProposalInput!) { previewVendorProposal(input: $input) { previewId } }";
        let previewed = self.graphql(preview, &input)["previewVendorProposal"]["previewId"].clone();
        let submit = "mutation($id: ID!) { submitVendorProposal(previewId: $id) { id } }";
        let sent = self.graphql(submit, &json!({"id": previewed}));
        sent["submitVendorProposal"]["id"].as_str().expect("an identifier").to_owned()
    }
}

/// Options without limits on how often may be asked.
#[must_use]
pub fn unlimited() -> Options {
    // Tests ask more often than a person does; those about limits set their own.
    Options { rate_limit: 0, upwork_rate_limit: 0, ..Options::default() }
}
