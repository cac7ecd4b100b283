//! A job board as a Prospector plugin: a JSON feed, read with an API key.
//!
//! A plugin says what it wishes for ([`Platform::descriptor`]), and the person who installs it agrees. It never sees the key: it names
//! the credential on a request, and the host writes the header. Everything else it is asked is a plain function of its input.

mod feed;
mod judging;

use prospector_plugin::account::{Explanation, Identity, Refusal};
use prospector_plugin::descriptor::{AutomaticSubmission, Descriptor, PostingPart};
use prospector_plugin::http::Response;
use prospector_plugin::lenient::{self, Text};
use prospector_plugin::refusals::Words;
use prospector_plugin::request::Call;
use prospector_plugin::search::{Page, Query};
use prospector_plugin::signals::Signals;
use prospector_plugin::types::{Attribute, Error, ErrorKind};
use prospector_plugin::wishes::{api_key, judges_without, origin, rate_limit, reads};
use prospector_plugin::{Host, Platform, answer, error, export_platform, record};

/// Name of the one origin.
const API: &str = "api";
/// Name of the one credential.
const KEY: &str = "key";

const WORDS: Words = Words {
    name: "Example Job Board",
    id: "jobboard",
    application: "API key",
    dashboard: "the page of your keys",
    registration_url: "https://jobboard.example/account/keys",
};

/// The platform.
#[derive(Debug)]
pub struct JobBoard;

impl Platform for JobBoard {
    type Screen = judging::Screening;
    // The five shared signals are all that this board needs.
    type Score = Signals;

    fn descriptor() -> Descriptor {
        Descriptor {
            id: WORDS.id.to_owned(),
            display_name: WORDS.name.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            summary: "Jobs of a made-up board, to learn from".to_owned(),
            origins: vec![origin(API, "https://api.jobboard.example")],
            routes: vec![reads(API, "/v1/me", "know whose key it is"), reads(API, "/v1/jobs", "read jobs")],
            authentication: api_key(KEY, "X-Api-Key", &[API], WORDS.registration_url),
            settings: judging::schema(),
            rate_limits: vec![rate_limit(60, 60)],
            content_retention: None,
            automatic_submission: AutomaticSubmission::Forbidden,
            judges_without: judges_without(&[
                (PostingPart::Identifiers, &[]),
                (PostingPart::Title, &["keywords"]),
                (PostingPart::Description, &["keywords"]),
                (PostingPart::Url, &[]),
            ]),
        }
    }

    fn identify(host: &dyn Host, _settings: &[Attribute]) -> Result<Identity, Error> {
        let me: Me = answer::record(&ask(host, Call::get(&api(host)?, "/v1/me"), "the account")?, "the account")?;
        let (Some(id), Some(username)) = (me.id.0, me.name.0) else {
            return Err(error::unexpected_answer("The board's answer for the account names nobody"));
        };
        Ok(Identity { id, username, permissions: Vec::new(), attributes: Vec::new() })
    }

    fn explain(refusal: &Refusal) -> Option<Explanation> {
        match refusal.status {
            Some(401) => Some(WORDS.key_refused()),
            _ => WORDS.explain(refusal),
        }
    }

    fn search(host: &dyn Host, query: &Query) -> Result<Page, Error> {
        feed::search(host, query)
    }
}

export_platform!(JobBoard);

/// Where the board is: its own origin, or where the person's configuration points it.
fn api(host: &dyn Host) -> Result<String, Error> {
    host.origin(API).ok_or_else(|| error::internal("The host does not know the origin `api`"))
}

record! {
    struct Me {
        id: Text,
        name: Text,
    }

    struct Refused {
        error: Text,
    }
}

/// Sends a request with the key. An answer that is no success becomes an error which says what to do.
fn ask(host: &dyn Host, call: Call, what: &str) -> Result<Response, Error> {
    let response = host.fetch(&call.credential(KEY).build())?;
    let Some(kind) = error::kind_of_status(response.status) else { return Ok(response) };
    let said: Refused = lenient::read_record(&answer::text(&response)).unwrap_or_default();
    let explained = match kind {
        ErrorKind::Unauthenticated => Some(WORDS.key_refused()),
        ErrorKind::RateLimited => Some(WORDS.rate_limited()),
        _ => None,
    };
    Err(WORDS.refused(&response, (kind, None, said.error.0), explained, what))
}

#[cfg(test)]
mod tests {
    use prospector_plugin::testing::FakeHost;

    use super::*;

    fn host() -> FakeHost {
        FakeHost::at(0).origin(API, "https://board.test")
    }

    #[test]
    fn the_account_is_whose_key_it_is() {
        let host = host().answer("https://board.test/v1/me", 200, r#"{"id":7,"name":"ada","plan":"free"}"#);
        let identity = JobBoard::identify(&host, &[]).expect("answered");
        assert_eq!((identity.id.as_str(), identity.username.as_str()), ("7", "ada"));
        assert_eq!(host.requests()[0].credential.as_deref(), Some("key"));
    }

    #[test]
    fn a_refused_key_says_where_to_get_another() {
        let host = host().answer("/v1/me", 401, r#"{"error":"no such key"}"#);
        let error = JobBoard::identify(&host, &[]).expect_err("refused");
        assert_eq!(error.kind, ErrorKind::Unauthenticated);
        assert!(error.message.contains("no such key"), "{}", error.message);
        assert!(error.remedy.is_some_and(|remedy| remedy.contains("jobboard.example/account/keys")));
    }

    #[test]
    fn an_answer_that_is_none_is_an_error_and_not_an_account() {
        for body in ["", "<html>", "null", "[]", r#"{"id":null,"name":"ada"}"#] {
            let error = JobBoard::identify(&host().answer("/v1/me", 200, body), &[]).expect_err(body);
            assert_eq!(error.kind, ErrorKind::UnexpectedAnswer, "{body}");
        }
    }

    #[test]
    fn a_board_that_fails_is_to_be_asked_later() {
        for (status, kind) in
            [(503, ErrorKind::Unavailable), (429, ErrorKind::RateLimited), (403, ErrorKind::Forbidden)]
        {
            let error = JobBoard::identify(&host().answer("/v1/me", status, "oh no"), &[]).expect_err("no success");
            assert_eq!(error.kind, kind);
        }
    }
}
