//! What is taken out of a recording before it is written, for it is made to be committed.
//!
//! It takes out: every secret of the account that this program knows, in the ways in which a text may be written down; values whose name says that
//! they are secret, in JSON, queries and forms; e-mail addresses; the account's own name and identifier, and what else its platform says of
//! the person; the addresses that the person points the plugin to, in place of which the descriptor's own stand. The credential that
//! the gate attaches is never part of a recording.
//!
//! It does not find a secret that this program does not know, under an innocent name, nor one in a spelling of the server's own; and what
//! strangers have published, their postings, stays. A person looks before committing.

mod words;

use std::sync::{LazyLock, Mutex, PoisonError};

use regex::Regex;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::{Url, form_urlencoded};

use self::words::{spellings, word_replaced};
use super::exchange::{Answer, Body, Exchange, Request};
use crate::capability::http::redact;
use crate::config::looks_secret;

/// What stands in the place of a value that is secret by its name.
const SCRUBBED: &str = "scrubbed";
/// What stands in the place of the account's name.
pub const NAME: &str = "account-name";
/// What stands in the place of the account's identifier, where that is a number.
const NUMBER: u64 = 1_000_001;
/// Shorter names and identifiers of accounts are replaced only where the platform says whose the account is: elsewhere they occur by chance.
const LONG_ENOUGH: usize = 5;

/// Headers of answers that say nothing to a plugin, or differ with every answer; see also [`looks_secret`].
const IDLE_HEADERS: &[&str] = &[
    "alt-svc",
    "age",
    "cf-cache-status",
    "cf-ray",
    "connection",
    "content-length",
    "content-encoding",
    "content-security-policy",
    "date",
    "expect-ct",
    "keep-alive",
    "nel",
    "p3p",
    "referrer-policy",
    "report-to",
    "server",
    "server-timing",
    "set-cookie",
    "set-cookie2",
    "strict-transport-security",
    "transfer-encoding",
    "vary",
    "via",
    "x-amz-cf-id",
    "x-cache",
    "x-content-type-options",
    "x-frame-options",
    "x-powered-by",
    "x-request-id",
    "x-runtime",
    "x-xss-protection",
];

/// Names under which a platform speaks of the person, where it says whose the account is.
const PERSONAL: &[&str] = &[
    "address",
    "address_line",
    "avatar",
    "birthdate",
    "city",
    "company",
    "display_name",
    "displayname",
    "first_name",
    "firstname",
    "full_name",
    "fullname",
    "last_name",
    "lastname",
    "mobile",
    "phone",
    "phone_number",
    "photo",
    "postal_code",
    "public_name",
    "publicname",
    "street",
    "zip",
];

static EMAIL: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+").ok());

/// Whose the account is.
#[derive(Clone, Debug, Default)]
pub struct Account {
    /// Its lasting identifier.
    pub id: String,
    /// What the person logs in by.
    pub username: String,
}

/// Takes out what must not be written.
pub struct Scrubber {
    /// Every spelling of every secret.
    secrets: Vec<String>,
    /// Origins as they are in force, with what the descriptor has in their place.
    origins: Vec<(String, String)>,
    account: Option<Account>,
    /// E-mail addresses, in the order in which they were met.
    emails: Mutex<Vec<String>>,
}

impl Scrubber {
    /// By what is known.
    #[must_use]
    pub fn new(secrets: &[SecretString], origins: Vec<(String, String)>, account: Option<Account>) -> Scrubber {
        let secrets = secrets.iter().flat_map(|secret| spellings(secret.expose_secret())).collect();
        Scrubber { secrets, origins, account, emails: Mutex::default() }
    }

    /// Whether a text has a secret in it that is known.
    #[must_use]
    pub fn finds_secret(&self, text: &str) -> bool {
        let mut bytes = text.as_bytes().to_vec();
        self.secrets.iter().any(|secret| redact::redact(&mut bytes, secret.as_bytes()))
    }

    /// An exchange, fit to be committed.
    #[must_use]
    pub fn exchange(&self, of: &Exchange) -> Exchange {
        let own = of.call == "account";
        let Exchange { call, request, answer } = of.clone();
        let headers = request.headers.into_iter().map(|(name, value)| {
            let value = if looks_secret(&name) { SCRUBBED.to_owned() } else { self.text(&value, false) };
            (name, value)
        });
        let kept = answer
            .headers
            .into_iter()
            .filter(|(name, _)| {
                !IDLE_HEADERS.contains(&name.as_str()) && !looks_secret(name) && !self.finds_secret(name)
            })
            .map(|(name, value)| (name, self.text(&value, own)));
        Exchange {
            call,
            request: Request {
                method: request.method,
                url: self.url(&request.url),
                headers: headers.collect(),
                body: request.body.map(|body| self.body(body, false)),
            },
            answer: Answer {
                status: answer.status,
                headers: kept.collect(),
                body: answer.body.map(|body| self.body(body, own)),
            },
        }
    }

    fn body(&self, body: Body, own: bool) -> Body {
        match body {
            Body::Json(value) => Body::Json(self.json(value, own)),
            Body::Text(text) => Body::Text(self.text(&self.form(&text).unwrap_or(text), own)),
            Body::Hex(digits) => {
                let bytes = Body::Hex(digits.clone()).bytes().unwrap_or_default();
                let (mut clean, mut found) = (bytes, false);
                for secret in &self.secrets {
                    found |= redact::redact(&mut clean, secret.as_bytes());
                }
                if found { Body::of(&clean).unwrap_or(Body::Text(String::new())) } else { Body::Hex(digits) }
            }
        }
    }

    /// A value; `own` where it is what the platform says of the account.
    #[must_use]
    pub fn json(&self, value: Value, own: bool) -> Value {
        match value {
            Value::String(text) => match self.whole(&text, own) {
                Some(instead) => Value::String(instead.to_owned()),
                None => Value::String(self.text(&text, own)),
            },
            Value::Number(number) if self.is_id(&number.to_string(), own) => NUMBER.into(),
            Value::Array(elements) => elements.into_iter().map(|element| self.json(element, own)).collect(),
            Value::Object(entries) => {
                let scrubbed = entries.into_iter().map(|(key, value)| {
                    let told = matches!(&value, Value::String(text) if !text.is_empty()) || value.is_number();
                    let personal = own && PERSONAL.contains(&key.to_ascii_lowercase().as_str());
                    let value = match looks_secret(&key) && told || personal && value.is_string() {
                        true => Value::String(SCRUBBED.to_owned()),
                        false => self.json(value, own),
                    };
                    (self.text(&key, false), value)
                });
                Value::Object(scrubbed.collect())
            }
            other => other,
        }
    }

    /// What stands in the place of a text that is the account's name or identifier as a whole.
    fn whole(&self, text: &str, own: bool) -> Option<&'static str> {
        let account = self.account.as_ref()?;
        let counts = own || text.len() >= LONG_ENOUGH;
        match text {
            _ if !counts || text.is_empty() => None,
            text if text == account.username => Some(NAME),
            text if text == account.id && text.bytes().all(|byte| byte.is_ascii_digit()) => Some("1000001"),
            text if text == account.id => Some("account-id"),
            _ => None,
        }
    }

    fn is_id(&self, number: &str, own: bool) -> bool {
        self.account.as_ref().is_some_and(|account| account.id == number && (own || number.len() >= LONG_ENOUGH))
    }

    /// A text, with all that is known taken out of it.
    #[must_use]
    pub fn text(&self, text: &str, own: bool) -> String {
        let text = self.origins.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
        let mut bytes = text.into_bytes();
        for secret in &self.secrets {
            redact::redact(&mut bytes, secret.as_bytes());
        }
        // What was redacted was text, and the mark is.
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let text = match EMAIL.as_ref() {
            Some(emails) if text.contains('@') => {
                emails.replace_all(&text, |of: &regex::Captures<'_>| self.email(&of[0])).into_owned()
            }
            _ => text,
        };
        match &self.account {
            Some(account) if account.username.len() >= LONG_ENOUGH || own => {
                word_replaced(&text, &account.username, NAME)
            }
            _ => text,
        }
    }

    /// The same stand-in for the same address, wherever it stands.
    fn email(&self, address: &str) -> String {
        if address.ends_with("@example.com") {
            return address.to_owned();
        }
        let mut emails = self.emails.lock().unwrap_or_else(PoisonError::into_inner);
        let at = emails.iter().position(|known| known == address).unwrap_or_else(|| {
            emails.push(address.to_owned());
            emails.len() - 1
        });
        format!("person-{}@example.com", at + 1)
    }

    fn url(&self, url: &str) -> String {
        let url = self.origins.iter().fold(url.to_owned(), |url, (from, to)| match url.strip_prefix(from.as_str()) {
            Some(rest) => format!("{to}{rest}"),
            None => url,
        });
        let Ok(mut parsed) = Url::parse(&url) else { return self.text(&url, false) };
        if let Some(query) = parsed.query().and_then(|query| self.form(query)) {
            parsed.set_query(Some(&query));
        }
        self.text(parsed.as_str(), false)
    }

    /// A query or form, where something in it is to be taken out.
    fn form(&self, text: &str) -> Option<String> {
        if !text.contains('=') || text.contains(char::is_whitespace) {
            return None;
        }
        let mut changed = false;
        let mut form = form_urlencoded::Serializer::new(String::new());
        for (name, value) in form_urlencoded::parse(text.as_bytes()) {
            let clean = match looks_secret(&name) {
                true => SCRUBBED.to_owned(),
                false => self.whole(&value, false).map_or_else(|| self.text(&value, false), str::to_owned),
            };
            changed |= clean != value;
            form.append_pair(&name, &clean);
        }
        changed.then(|| form.finish())
    }
}

#[cfg(test)]
mod tests;
