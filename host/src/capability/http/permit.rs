//! Permission for what changes something: one planned write, or rehearsals before it.
//!
//! A person approves a plan, and the plan holds the one request that will change something. The permit knows that request to the byte, so a guest that
//! sends another one, about another posting or in other terms, spends nothing and sends nothing.

use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use url::Url;

use super::denial::Denial;
use super::outgoing::Outgoing;
use super::policy::{Effect, Phase, Policy};
use crate::contract::http;
use crate::contract::planning::PlannedRequest;
use crate::contract::types::{Delivery, Method};

/// Rehearsals that one preview may make.
const MAX_REHEARSALS: usize = 4;
/// Bytes kept of a rehearsal's answer.
const MAX_KEPT_ANSWER: usize = 64 * 1024;

/// What may be done beside reading.
#[derive(Debug)]
pub enum Permission {
    /// Rehearsals: a preview is being made.
    Rehearse(Rehearsals),
    /// One write.
    Write(Permit),
}

/// Where the host notes that a permitted write is about to leave, so that a crash in the middle can be told from one before it.
#[async_trait]
pub trait SentLedger: Send + Sync {
    /// Records durably that the write of this permit leaves now.
    ///
    /// # Errors
    /// A sentence; then nothing is sent.
    async fn record_sent(&self) -> Result<(), String>;
}

/// What a change is about, by the names that its requests have to have in them: the posting's identifier, the proposal's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject(pub Vec<String>);

impl Subject {
    /// Whether a request names it: as a whole segment of the path, a whole value of the query, or a whole string or number in a JSON body.
    #[must_use]
    pub fn is_named_in(&self, url: &Url, body: Option<&[u8]>) -> bool {
        let is_it = |text: &str| self.0.iter().any(|name| name == text);
        url.path_segments().is_some_and(|mut segments| segments.any(is_it))
            || url.query_pairs().any(|(_, value)| is_it(&value))
            || body
                .and_then(|body| serde_json::from_slice::<serde_json::Value>(body).ok())
                .is_some_and(|body| has_scalar(&body, &is_it))
    }
}

/// Whether a string or a number of a JSON value is it. The depth is bounded by the reader's own.
fn has_scalar(value: &serde_json::Value, is_it: &impl Fn(&str) -> bool) -> bool {
    match value {
        serde_json::Value::String(text) => is_it(text),
        serde_json::Value::Number(number) => is_it(&number.to_string()),
        serde_json::Value::Array(values) => values.iter().any(|value| has_scalar(value, is_it)),
        serde_json::Value::Object(fields) => fields.values().any(|value| has_scalar(value, is_it)),
        serde_json::Value::Null | serde_json::Value::Bool(_) => false,
    }
}

/// A request that a person has agreed to, as it will be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// What it does.
    pub method: Method,
    /// Where to, in normal form.
    pub url: Url,
    /// As the gate sends it, which may not be as the guest wrote it.
    pub body: Option<Vec<u8>>,
}

impl Planned {
    /// A request as a plugin plans it, if the gate would let it pass as a write that names what it is about.
    ///
    /// # Errors
    /// The [`Denial`] of the first rule that forbids it.
    pub fn of(policy: &Policy, request: &PlannedRequest, subject: &Subject) -> Result<Planned, Denial> {
        let outgoing = Outgoing::parse(http::Request {
            method: request.method,
            url: request.url.clone(),
            headers: Vec::new(),
            body: request.body.clone().map(String::into_bytes),
            credential: None,
            timeout_ms: None,
        })?;
        let permitted = policy.permits(&outgoing, Phase::Submit)?;
        if permitted.effect != Effect::Write {
            return Err(Denial::new("plan", "it would change nothing"));
        }
        let planned = Planned { body: permitted.body, method: outgoing.method, url: outgoing.url };
        if !subject.is_named_in(&planned.url, planned.body.as_deref()) {
            return Err(Denial::new("plan", "it does not name what it is about"));
        }
        Ok(planned)
    }

    fn is(&self, outgoing: &Outgoing, body: Option<&[u8]>) -> bool {
        self.method == outgoing.method && self.url == outgoing.url && self.body.as_deref() == body
    }
}

/// What became of a permit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing was sent under it.
    Unspent,
    /// Its write was recorded as sent, and no byte of it left.
    NotSent,
    /// It left, and whether the platform has it cannot be told.
    Unknown,
    /// It was answered, with this HTTP status.
    Answered(u16),
}

/// Permission for one write, made for one approved plan, and spent by it.
pub struct Permit {
    planned: Planned,
    course: Mutex<Course>,
    ledger: Box<dyn SentLedger>,
}

/// How far a permit is.
#[derive(Debug)]
struct Course {
    is_spent: bool,
    /// The ledger is being told.
    is_noting: bool,
    /// The call that it was made for is over: nothing leaves under it any more.
    is_closed: bool,
    outcome: Outcome,
}

impl std::fmt::Debug for Permit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Permit")
            .field("url", &self.planned.url.path())
            .field("course", &self.course)
            .finish_non_exhaustive()
    }
}

impl Permit {
    /// A permit for a planned request, whose spending is noted in `ledger`.
    #[must_use]
    pub fn new(planned: Planned, ledger: Box<dyn SentLedger>) -> Permit {
        let course = Course { is_spent: false, is_noting: false, is_closed: false, outcome: Outcome::Unspent };
        Permit { planned, course: Mutex::new(course), ledger }
    }

    /// Spends it on a request: true once, for the planned one, and only after the ledger has it. A ledger that fails leaves the permit spent: to send
    /// after that would be to send unrecorded.
    ///
    /// # Errors
    /// A sentence that says why the write must not be sent.
    pub(super) async fn spend(&self, outgoing: &Outgoing, body: Option<&[u8]>) -> Result<(), String> {
        if !self.planned.is(outgoing, body) {
            return Err("the request is not the one that was approved".to_owned());
        }
        let over = || Err("the call that the write was permitted for is over".to_owned());
        {
            let mut course = self.course();
            match *course {
                Course { is_closed: true, .. } => return over(),
                Course { is_spent: true, .. } => {
                    return Err("one write was permitted, and one was sent already".to_owned());
                }
                _ => (course.is_spent, course.is_noting) = (true, true),
            }
        }
        let noted = self.ledger.record_sent().await;
        let mut course = self.course();
        course.is_noting = false;
        noted?;
        if course.is_closed {
            return over();
        }
        // Until the gate knows better.
        course.outcome = Outcome::Unknown;
        Ok(())
    }

    /// What the gate found out about the write.
    pub(super) fn ended(&self, answer: Result<u16, Delivery>) {
        self.course().outcome = match answer {
            Ok(status) => Outcome::Answered(status),
            Err(Delivery::NotSent) => Outcome::NotSent,
            Err(Delivery::Sent | Delivery::Unknown) => Outcome::Unknown,
        };
    }

    /// What became of it, by the gate's word, not the guest's. From here on nothing leaves under it: a request that a guest began and did not wait for can
    /// go on for a moment beside whoever asks this.
    pub fn settle(&self) -> Outcome {
        let mut course = self.course();
        course.is_closed = true;
        if course.is_noting {
            course.outcome = Outcome::Unknown;
        }
        course.outcome
    }

    fn course(&self) -> MutexGuard<'_, Course> {
        self.course.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Permission to rehearse what is previewed.
#[derive(Debug)]
pub struct Rehearsals {
    subject: Subject,
    /// What the platform answered, the beginning of each.
    answers: Mutex<Vec<Vec<u8>>>,
}

impl Rehearsals {
    /// For a preview that is about this.
    #[must_use]
    pub fn of(subject: Subject) -> Rehearsals {
        Rehearsals { subject, answers: Mutex::default() }
    }

    /// Whether a rehearsal may be sent.
    ///
    /// # Errors
    /// A sentence that says why not.
    pub(super) fn permits(&self, outgoing: &Outgoing, body: Option<&[u8]>) -> Result<(), String> {
        if !self.subject.is_named_in(&outgoing.url, body) {
            return Err("the rehearsal does not name what is previewed".to_owned());
        }
        let mut answers = self.lock();
        if answers.len() == MAX_REHEARSALS {
            return Err(format!("{MAX_REHEARSALS} rehearsals were sent already"));
        }
        answers.push(Vec::new());
        Ok(())
    }

    /// What the platform answered to the latest one.
    pub(super) fn answered(&self, body: &[u8]) {
        if let Some(latest) = self.lock().last_mut() {
            *latest = body[..body.len().min(MAX_KEPT_ANSWER)].to_vec();
        }
    }

    /// Whether the platform gave this word in an answer to a rehearsal, as a whole string or number of its JSON.
    #[must_use]
    pub fn gave(&self, word: &str) -> bool {
        let is_it = |text: &str| text == word;
        self.lock().iter().any(|answer| serde_json::from_slice(answer).is_ok_and(|answer| has_scalar(&answer, &is_it)))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Vec<u8>>> {
        self.answers.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use tokio::sync::Notify;

    use super::*;
    use crate::contract::http::Request;

    struct Counting(Arc<AtomicU32>, Result<(), String>);

    #[async_trait]
    impl SentLedger for Counting {
        async fn record_sent(&self) -> Result<(), String> {
            self.0.fetch_add(1, Ordering::SeqCst);
            self.1.clone()
        }
    }

    fn outgoing(url: &str, body: Option<&str>) -> Outgoing {
        let request = Request {
            method: Method::Post,
            url: url.to_owned(),
            headers: vec![],
            body: body.map(|body| body.as_bytes().to_vec()),
            credential: None,
            timeout_ms: None,
        };
        Outgoing::parse(request).unwrap()
    }

    fn permit(count: &Arc<AtomicU32>, ledger: Result<(), String>) -> Permit {
        let Outgoing { method, url, body, .. } = outgoing("https://api.example/bids/", Some("{\"project\":7}"));
        Permit::new(Planned { method, url, body }, Box::new(Counting(count.clone(), ledger)))
    }

    async fn spend(permit: &Permit, outgoing: &Outgoing) -> Result<(), String> {
        permit.spend(outgoing, outgoing.body.as_deref()).await
    }

    #[tokio::test]
    async fn a_permit_is_spent_once_however_many_ask() {
        let count = Arc::new(AtomicU32::new(0));
        let permit = Arc::new(permit(&count, Ok(())));
        let asked: Vec<_> = (0..16)
            .map(|_| {
                let permit = permit.clone();
                tokio::spawn(async move {
                    spend(&permit, &outgoing("https://api.example/bids/", Some("{\"project\":7}"))).await.is_ok()
                })
            })
            .collect();
        let mut granted = 0;
        for ask in asked {
            granted += u32::from(ask.await.unwrap());
        }
        assert_eq!((granted, count.load(Ordering::SeqCst)), (1, 1));
    }

    #[tokio::test]
    async fn another_request_than_the_approved_one_spends_nothing() {
        let count = Arc::new(AtomicU32::new(0));
        let permit = permit(&count, Ok(()));
        for other in [
            outgoing("https://api.example/bids/", Some("{\"project\":8}")),
            outgoing("https://api.example/bids/?again=1", Some("{\"project\":7}")),
            outgoing("https://api.example/bids/", None),
            Outgoing { method: Method::Put, ..outgoing("https://api.example/bids/", Some("{\"project\":7}")) },
        ] {
            assert!(spend(&permit, &other).await.unwrap_err().contains("not the one that was approved"), "{other:?}");
        }
        assert_eq!((permit.course().outcome, count.load(Ordering::SeqCst)), (Outcome::Unspent, 0));
        assert_eq!(spend(&permit, &outgoing("https://api.example/bids/", Some("{\"project\":7}"))).await, Ok(()));
        assert_eq!(permit.settle(), Outcome::Unknown);
    }

    #[tokio::test]
    async fn nothing_is_sent_under_a_permit_whose_call_is_over() {
        let count = Arc::new(AtomicU32::new(0));
        let unspent = permit(&count, Ok(()));
        let planned = outgoing("https://api.example/bids/", Some("{\"project\":7}"));
        assert_eq!(unspent.settle(), Outcome::Unspent);
        assert!(spend(&unspent, &planned).await.unwrap_err().contains("is over"));
        assert_eq!((unspent.settle(), count.load(Ordering::SeqCst)), (Outcome::Unspent, 0));

        // It ends while the ledger is being told: whether anything is there is the platform's to say, and nothing leaves.
        let (begun, end) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let slow = Permit::new(unspent.planned.clone(), Box::new(Slow(begun.clone(), end.clone())));
        let (spent, outcome) = tokio::join!(spend(&slow, &planned), async {
            begun.notified().await;
            let outcome = slow.settle();
            end.notify_one();
            outcome
        });
        assert_eq!(outcome, Outcome::Unknown);
        assert!(spent.unwrap_err().contains("is over"));
    }

    /// A ledger that says when it is told, and ends when it is let.
    struct Slow(Arc<Notify>, Arc<Notify>);

    #[async_trait]
    impl SentLedger for Slow {
        async fn record_sent(&self) -> Result<(), String> {
            self.0.notify_one();
            self.1.notified().await;
            Ok(())
        }
    }

    #[tokio::test]
    async fn a_ledger_that_fails_leaves_nothing_to_send() {
        let permit = permit(&Arc::default(), Err("disk full".to_owned()));
        let planned = outgoing("https://api.example/bids/", Some("{\"project\":7}"));
        assert_eq!(spend(&permit, &planned).await, Err("disk full".to_owned()));
        assert!(spend(&permit, &planned).await.is_err());
        assert_eq!(permit.settle(), Outcome::Unspent);
    }

    #[test]
    fn a_subject_is_named_by_whole_words_only() {
        let subject = Subject(vec!["4012".to_owned(), "~01ab".to_owned()]);
        for (url, body, named) in [
            ("https://api.example/bids/4012/", None, true),
            ("https://api.example/bids/40123/", None, false),
            ("https://api.example/bids?project=4012", None, true),
            ("https://api.example/bids?4012=project", None, false),
            ("https://api.example/bids", Some(r#"{"a":[{"project_id":4012}]}"#), true),
            ("https://api.example/bids", Some(r#"{"a":"~01ab"}"#), true),
            ("https://api.example/bids", Some(r#"{"a":"about 4012","4012":1}"#), false),
            ("https://api.example/bids", Some("4012 "), true),
            ("https://api.example/bids", Some("project=4012"), false),
            ("https://4012.example/bids", None, false),
        ] {
            let url = Url::parse(url).unwrap();
            assert_eq!(subject.is_named_in(&url, body.map(str::as_bytes)), named, "{url} {body:?}");
        }
    }

    #[test]
    fn rehearsals_name_what_is_previewed_and_are_few() {
        let rehearsals = Rehearsals::of(Subject(vec!["7".to_owned()]));
        let named = outgoing("https://api.example/graphql", Some(r#"{"variables":{"id":"7"}}"#));
        assert!(rehearsals.permits(&outgoing("https://api.example/graphql", Some("{}")), Some(b"{}")).is_err());
        assert_eq!(rehearsals.permits(&named, named.body.as_deref()), Ok(()));
        rehearsals.answered(br#"{"data":{"preview":{"previewId":"abc123"}}}"#);
        assert!(rehearsals.gave("abc123") && !rehearsals.gave("abc") && !rehearsals.gave("previewId"));
        for _ in 1..MAX_REHEARSALS {
            assert_eq!(rehearsals.permits(&named, named.body.as_deref()), Ok(()));
        }
        assert!(rehearsals.permits(&named, named.body.as_deref()).is_err());
    }

    proptest::proptest! {
        /// One bit of another request, and it is not the approved one.
        #[test]
        fn of_all_requests_the_planned_one_alone_spends_a_permit(
            path in "([a-z0-9]{1,4}/){0,3}",
            query in "[a-z0-9=&]{0,12}",
            body in proptest::option::of("[ -~]{0,24}"),
            other_path in "([a-z0-9]{1,4}/){0,3}",
            other_query in "[a-z0-9=&]{0,12}",
            other_body in proptest::option::of("[ -~]{0,24}"),
            changed: [bool; 4],
        ) {
            let count = Arc::new(AtomicU32::new(0));
            let made = |path: &str, query: &str, body: Option<&str>| {
                outgoing(&format!("https://api.example/{path}?{query}"), body)
            };
            let approved = made(&path, &query, body.as_deref());
            let permit = Permit::new(
                Planned { method: approved.method, url: approved.url.clone(), body: approved.body.clone() },
                Box::new(Counting(count.clone(), Ok(()))),
            );
            let mut sent = made(
                if changed[0] { &other_path } else { &path },
                if changed[1] { &other_query } else { &query },
                if changed[2] { other_body.as_deref() } else { body.as_deref() },
            );
            if changed[3] {
                sent.method = Method::Put;
            }
            let is_it = sent.method == approved.method && sent.url == approved.url && sent.body == approved.body;
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let spent = runtime.block_on(spend(&permit, &sent));
            proptest::prop_assert_eq!(spent.is_ok(), is_it);
            proptest::prop_assert_eq!(count.load(Ordering::SeqCst), u32::from(is_it));
            // Whatever came before, the planned one passes once in all.
            proptest::prop_assert_eq!(runtime.block_on(spend(&permit, &approved)).is_ok(), !is_it);
            proptest::prop_assert!(runtime.block_on(spend(&permit, &approved)).is_err());
            proptest::prop_assert_eq!(count.load(Ordering::SeqCst), 1);
        }

        /// A posting is named whole or not at all, wherever it stands.
        #[test]
        fn a_subject_is_never_named_by_a_part_of_it(name in "[a-z0-9]{2,12}", around in "[a-z0-9]{1,4}", at in 0u8..4) {
            let subject = Subject(vec![name.clone()]);
            let (longer, shorter) = (format!("{name}{around}"), name[1..].to_owned());
            let place = |word: &str| match at {
                0 => (format!("https://api.example/x/{word}/y"), None),
                1 => (format!("https://api.example/x?q={word}"), None),
                2 => ("https://api.example/x".to_owned(), Some(serde_json::json!({"a": [{"b": word}]}).to_string())),
                _ => ("https://api.example/x".to_owned(), Some(serde_json::json!([word]).to_string())),
            };
            let named = |word: &str| {
                let (url, body) = place(word);
                subject.is_named_in(&Url::parse(&url).unwrap(), body.as_deref().map(str::as_bytes))
            };
            proptest::prop_assert!(named(&name));
            proptest::prop_assert!(!named(&longer) && !named(&shorter));
        }
    }
}
