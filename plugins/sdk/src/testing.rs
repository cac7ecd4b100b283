//! For unit tests: a host that is scripted, and values to begin with.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};

use crate::descriptor::{PostingPart, Unread};
use crate::error;
use crate::http::{Header, Request, Response};
use crate::log::Level;
use crate::schedule::WakeUp;
use crate::state::Entry;
use crate::types::{
    Attribute, Availability, Client, Context, Error, ErrorKind, Payment, Posting, PostingKind, PostingStatus, Profile,
    ProfileSkill, Rates, UtcSeconds, Value,
};
use crate::vault::Credential;
use crate::{Host, Platform};

/// A host that answers what it was told to, in order, and remembers what it was asked.
///
/// A request beyond the script is answered with the error `denied`, which names it.
#[derive(Debug, Default)]
pub struct FakeHost {
    origins: BTreeMap<String, String>,
    credentials: Vec<Credential>,
    /// The time that `state` stamps entries with.
    now: UtcSeconds,
    script: RefCell<VecDeque<(String, Result<Response, Error>)>>,
    requests: RefCell<Vec<Request>>,
    state: RefCell<BTreeMap<String, Entry>>,
    wake_ups: RefCell<BTreeMap<String, UtcSeconds>>,
    lines: RefCell<Vec<(Level, String)>>,
}

impl FakeHost {
    /// A host at a time, with nothing scripted.
    #[must_use]
    pub fn at(now: UtcSeconds) -> Self {
        Self { now, ..Self::default() }
    }

    /// Declares an origin.
    #[must_use]
    pub fn origin(mut self, name: &str, origin: &str) -> Self {
        self.origins.insert(name.to_owned(), origin.to_owned());
        self
    }

    /// Adds what is known of a credential.
    #[must_use]
    pub fn credential(mut self, credential: Credential) -> Self {
        self.credentials.push(credential);
        self
    }

    /// Scripts an answer to the next request whose URL contains `part`.
    #[must_use]
    pub fn answer(self, part: &str, status: u16, body: impl Into<String>) -> Self {
        self.respond(part, Ok(response(status, body)))
    }

    /// Scripts an answer or a failure to the next request whose URL contains `part`.
    #[must_use]
    pub fn respond(self, part: &str, answer: Result<Response, Error>) -> Self {
        self.script.borrow_mut().push_back((part.to_owned(), answer));
        self
    }

    /// The requests so far.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.requests.borrow().clone()
    }

    /// The URLs requested so far.
    #[must_use]
    pub fn urls(&self) -> Vec<String> {
        self.requests.borrow().iter().map(|request| request.url.clone()).collect()
    }

    /// Answers that were scripted and not yet asked for.
    #[must_use]
    pub fn unused(&self) -> usize {
        self.script.borrow().len()
    }

    /// The lines logged so far.
    #[must_use]
    pub fn lines(&self) -> Vec<(Level, String)> {
        self.lines.borrow().clone()
    }
}

/// An answer with a body and nothing else.
#[must_use]
pub fn response(status: u16, body: impl Into<String>) -> Response {
    Response {
        status,
        headers: vec![Header { name: "content-type".to_owned(), value: "application/json".to_owned() }],
        body: body.into().into_bytes(),
        retry_after: None,
        rate: None,
    }
}

impl Host for FakeHost {
    fn origin(&self, name: &str) -> Option<String> {
        self.origins.get(name).cloned()
    }

    fn fetch(&self, request: &Request) -> Result<Response, Error> {
        self.requests.borrow_mut().push(request.clone());
        let mut script = self.script.borrow_mut();
        match script.iter().position(|(part, _)| request.url.contains(part.as_str())) {
            Some(at) => script.remove(at).map_or_else(|| Err(error::internal("an empty script")), |(_, answer)| answer),
            None => Err(error::of(ErrorKind::Denied, format!("No answer is scripted for {}", request.url))),
        }
    }

    fn describe(&self, credential: &str) -> Option<Credential> {
        self.credentials.iter().find(|known| known.name == credential).cloned()
    }

    fn get(&self, key: &str) -> Result<Option<Entry>, Error> {
        Ok(self.state.borrow().get(key).cloned())
    }

    fn set(&self, key: &str, value: &[u8]) -> Result<(), Error> {
        let entry = Entry { value: value.to_vec(), set_at: self.now };
        self.state.borrow_mut().insert(key.to_owned(), entry);
        Ok(())
    }

    fn delete(&self, key: &str) -> Result<(), Error> {
        self.state.borrow_mut().remove(key);
        Ok(())
    }

    fn keys(&self, prefix: &str) -> Result<Vec<String>, Error> {
        Ok(self.state.borrow().keys().filter(|key| key.starts_with(prefix)).cloned().collect())
    }

    fn wake_at(&self, key: &str, at: UtcSeconds) -> Result<(), Error> {
        self.wake_ups.borrow_mut().insert(key.to_owned(), at);
        Ok(())
    }

    fn pending(&self) -> Result<Vec<WakeUp>, Error> {
        let mut pending: Vec<WakeUp> =
            self.wake_ups.borrow().iter().map(|(key, at)| WakeUp { key: key.clone(), at: *at }).collect();
        pending.sort_by_key(|wake_up| wake_up.at);
        Ok(pending)
    }

    fn cancel(&self, key: &str) -> Result<(), Error> {
        self.wake_ups.borrow_mut().remove(key);
        Ok(())
    }

    fn log(&self, level: Level, message: &str, _: &[Attribute]) {
        self.lines.borrow_mut().push((level, message.to_owned()));
    }
}

/// The text of a file of real data, where it is at hand: in `PROSPECTOR_TEST_DATA`, or beside the checkout in `shared/data`. A test
/// that gets none is to end, having said so.
#[must_use]
pub fn data(name: &str) -> Option<String> {
    let beside = || std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("PROSPECTOR_TEST_DATA").map_or_else(beside, std::path::PathBuf::from);
    let path = folder.join(name);
    let text = std::fs::read_to_string(&path).ok();
    if text.is_none() {
        println!("skipped: {} is not there (set PROSPECTOR_TEST_DATA)", path.display());
    }
    text
}

/// Replaces the value at the `at`-th place of all places in `json`, counted depth first from 0, which is the whole.
pub fn replace(json: &mut serde_json::Value, at: &mut usize, with: &serde_json::Value) {
    if *at == 0 {
        *json = with.clone();
    }
    *at = at.wrapping_sub(1);
    match json {
        serde_json::Value::Object(fields) => fields.values_mut().for_each(|value| replace(value, at, with)),
        serde_json::Value::Array(items) => items.iter_mut().for_each(|value| replace(value, at, with)),
        _ => {}
    }
}

/// A setting.
#[must_use]
pub fn setting(name: &str, value: Value) -> Attribute {
    Attribute { name: name.to_owned(), value }
}

/// A profile of these skills, charging in USD, with nothing else stated.
#[must_use]
pub fn profile(skills: &[&str]) -> Profile {
    Profile {
        skills: skills
            .iter()
            .map(|name| ProfileSkill { name: (*name).to_owned(), aliases: Vec::new(), years: None })
            .collect(),
        rates: Rates {
            currency: "USD".to_owned(),
            usd_rate: Some(1.0),
            hourly_minimum: None,
            hourly_preferred: None,
            fixed_minimum: None,
            fixed_preferred: None,
        },
        availability: Availability { hours_per_week: None, starts_at: None, longest_days: None },
        languages: Vec::new(),
        country_code: None,
    }
}

/// A context at a time, with a profile and settings.
#[must_use]
pub fn context(now: UtcSeconds, profile: Profile, settings: Vec<Attribute>) -> Context {
    Context { now, profile, settings, parameters: Vec::new() }
}

/// A posting as the host hands it over to be judged by these settings: without the parts that the plugin's descriptor says it then
/// judges without.
#[must_use]
pub fn handed_over<P: Platform>(mut posting: Posting, settings: &[Attribute]) -> Posting {
    let is_set = |wanted: &String| {
        settings.iter().any(|Attribute { name, value }| {
            let below = name.strip_prefix(wanted.as_str());
            below.is_some_and(|below| below.is_empty() || below.starts_with('.'))
                && match value {
                    Value::Text(text) => !text.is_empty(),
                    Value::Integer(number) => *number != 0,
                    Value::Number(number) => *number != 0.0,
                    Value::Flag(flag) => *flag,
                    Value::Texts(texts) => !texts.is_empty(),
                }
        })
    };
    for Unread { part, unless } in P::descriptor().judges_without {
        if unless.iter().any(is_set) {
            continue;
        }
        match part {
            PostingPart::Identifiers => (posting.id, posting.client.id) = (String::new(), None),
            PostingPart::Title => posting.title.clear(),
            PostingPart::Description => posting.description.clear(),
            PostingPart::Url => posting.url.clear(),
            PostingPart::Categories => posting.categories.clear(),
            PostingPart::Language => posting.language = None,
            PostingPart::ClientCountry => (posting.client.country, posting.client.country_code) = (None, None),
            PostingPart::Attributes => posting.attributes.clear(),
            PostingPart::Skills => posting.skills.clear(),
        }
    }
    posting
}

/// The defaults that a schema of settings states, as settings.
///
/// # Panics
/// Where the schema is none, or a setting has no description.
#[must_use]
pub fn defaults(schema: &str) -> Vec<Attribute> {
    fn of(properties: &serde_json::Value, below: &str, defaults: &mut Vec<Attribute>) {
        for (name, property) in properties.as_object().expect("properties are an object") {
            let name = format!("{below}{name}");
            assert!(property["description"].is_string(), "{name} is not described");
            let value = match &property["default"] {
                serde_json::Value::Null => continue,
                serde_json::Value::Bool(flag) => Value::Flag(*flag),
                serde_json::Value::String(text) => Value::Text(text.clone()),
                serde_json::Value::Number(number) if property["type"] == "integer" => {
                    Value::Integer(number.as_i64().expect("whole"))
                }
                serde_json::Value::Number(number) => Value::Number(number.as_f64().expect("finite")),
                serde_json::Value::Array(items) => {
                    Value::Texts(items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect())
                }
                serde_json::Value::Object(_) => {
                    of(&property["properties"], &format!("{name}."), defaults);
                    continue;
                }
            };
            defaults.push(setting(&name, value));
        }
    }
    let schema: serde_json::Value = serde_json::from_str(schema).expect("a schema is JSON");
    let mut found = Vec::new();
    of(&schema["properties"], "", &mut found);
    found
}

/// An open fixed project of which nothing but its identifier is known.
#[must_use]
pub fn posting(id: &str, posted_at: UtcSeconds) -> Posting {
    Posting {
        id: id.to_owned(),
        kind: PostingKind::Project,
        title: "A project".to_owned(),
        url: format!("https://platform.example/{id}"),
        description: String::new(),
        status: PostingStatus::Open,
        payment: Payment::Fixed,
        budget: None,
        skills: Vec::new(),
        categories: Vec::new(),
        experience: None,
        duration: None,
        workload: None,
        language: None,
        posted_at: Some(posted_at),
        updated_at: None,
        closes_at: None,
        competition: None,
        client: client(),
        attributes: Vec::new(),
    }
}

/// A client of whom nothing is known.
#[must_use]
pub fn client() -> Client {
    Client {
        id: None,
        country: None,
        country_code: None,
        rating: None,
        reviews: None,
        posted: None,
        hires: None,
        hire_rate: None,
        spent_usd: None,
        payment_verified: None,
        member_since: None,
    }
}
