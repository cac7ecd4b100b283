//! A running simulator and a client that keeps nothing from the tests: one request per connection, the
//! answer as it came.
#![allow(dead_code, reason = "each test binary uses its own part of this")]

pub mod gate;
pub mod witness;

use std::io::{Read, Write};
use std::net::TcpStream;

use platform_sim::{Options, Running, Simulator};
use serde_json::{Value, json};
use url::Url;

/// An answer as it came over the wire.
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }

    pub fn result(&self) -> Value {
        assert_eq!(self.status, 200, "{}", String::from_utf8_lossy(&self.body));
        self.json()["result"].clone()
    }

    pub fn error_code(&self) -> String {
        self.json()["error_code"].as_str().expect("error_code").to_owned()
    }

    /// The parameters of a redirect.
    pub fn redirect(&self) -> Vec<(String, String)> {
        assert_eq!(self.status, 302, "{}", String::from_utf8_lossy(&self.body));
        let to = Url::parse(self.header("location").expect("a location")).expect("a URL");
        to.query_pairs().into_owned().collect()
    }
}

pub fn send(method: &str, url: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let parsed = Url::parse(url).expect("a URL");
    let address = (parsed.host_str().expect("a host"), parsed.port().expect("a port"));
    let mut stream = TcpStream::connect(address).expect("the simulator listens");
    let target = &parsed[url::Position::BeforePath..];
    let mut head = format!(
        "{method} {target} HTTP/1.1\r\nhost: {}:{}\r\nconnection: close\r\ncontent-length: {}\r\n",
        address.0,
        address.1,
        body.len()
    );
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes()).expect("sent");
    stream.write_all(body).expect("sent");
    let mut answer = Vec::new();
    // A cut-off answer may end in a reset: what came before it counts.
    let _ = stream.read_to_end(&mut answer);
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").expect("complete headers");
    let head = String::from_utf8(answer[..end].to_vec()).expect("headers are text");
    let mut lines = head.split("\r\n");
    let status =
        lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok()).expect("a status line");
    Answer {
        status,
        headers: lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        body: answer[end + 4..].to_vec(),
    }
}

/// Upwork's endpoint.
pub const GRAPHQL: &str = "/graphql";

/// A simulator without a rate limit, and a logged-in client.
pub struct Sim {
    pub running: Running,
    pub token: String,
}

impl Sim {
    pub fn start() -> Self {
        Self::with(Options { rate_limit: 0, upwork_rate_limit: 0, ..Options::default() })
    }

    pub fn with(options: Options) -> Self {
        let running = Simulator::start(options).expect("free ports");
        let mut sim = Self { running, token: String::new() };
        sim.token = sim.token_of(json!({}));
        sim
    }

    /// A minted token, such as `{"user": 5, "scopes": []}`.
    pub fn token_of(&self, wish: Value) -> String {
        self.control("POST", "/freelancer/tokens", wish)["access_token"].as_str().expect("a token").to_owned()
    }

    pub fn control(&self, method: &str, path: &str, body: Value) -> Value {
        let answer = self.try_control(method, path, body);
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        answer.json()
    }

    pub fn try_control(&self, method: &str, path: &str, body: Value) -> Answer {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let url = format!("{}{path}", self.running.control);
        send(method, &url, &[("content-type", "application/json")], body.as_bytes())
    }

    pub fn api(&self, method: &str, path: &str, body: Value) -> Answer {
        self.api_as(&self.token, method, path, body)
    }

    pub fn api_as(&self, token: &str, method: &str, path: &str, body: Value) -> Answer {
        let url = format!("{}/api{path}", self.running.freelancer.api);
        let body = if body.is_null() { String::new() } else { body.to_string() };
        send(method, &url, &[("freelancer-oauth-v1", token), ("content-type", "application/json")], body.as_bytes())
    }

    pub fn get(&self, path: &str) -> Answer {
        self.api("GET", path, Value::Null)
    }

    pub fn accounts(&self, method: &str, path: &str, form: &[(&str, &str)]) -> Answer {
        let url = format!("{}{path}", self.running.freelancer.accounts);
        let body: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        send(method, &url, &[("content-type", "application/x-www-form-urlencoded")], body.as_bytes())
    }

    /// A minted Upwork token with these permissions; with all that the key has for `null`.
    pub fn upwork_token(&self, permissions: Value) -> String {
        let wish = if permissions.is_null() { json!({}) } else { json!({"scopes": permissions}) };
        self.control("POST", "/upwork/tokens", wish)["access_token"].as_str().expect("a token").to_owned()
    }

    pub fn upwork_settings(&self, settings: Value) {
        self.control("POST", "/upwork/settings", settings);
    }

    /// A GraphQL request with further headers.
    pub fn graphql_as(&self, token: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let url = format!("{}{GRAPHQL}", self.running.upwork.api);
        let bearer = format!("Bearer {token}");
        let mut all = vec![("authorization", bearer.as_str()), ("content-type", "application/json")];
        all.extend_from_slice(headers);
        send("POST", &url, &all, body)
    }

    /// A GraphQL answer, which comes with HTTP 200.
    pub fn graphql(&self, query: &str, variables: Value) -> Value {
        let body = json!({"query": query, "variables": variables}).to_string();
        let answer = self.graphql_as(&self.upwork_token(Value::Null), &[], body.as_bytes());
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        answer.json()
    }

    /// The data of a GraphQL answer without errors.
    pub fn data(&self, query: &str, variables: Value) -> Value {
        let answer = self.graphql(query, variables);
        assert_eq!(answer.get("errors"), None, "{answer}");
        answer["data"].clone()
    }

    pub fn upwork_accounts(&self, method: &str, path: &str, headers: &[(&str, &str)], form: &[(&str, &str)]) -> Answer {
        let url = format!("{}{path}", self.running.upwork.accounts);
        let body: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let mut all = vec![("content-type", "application/x-www-form-urlencoded")];
        all.extend_from_slice(headers);
        send(method, &url, &all, body.as_bytes())
    }
}
