//! The network side of one origin: reads a request, acts out transport faults, notes it, answers.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use futures_util::{StreamExt, stream};
use serde_json::json;

use crate::clock::Clock;
use crate::exchange::{Reply, Request, Site};
use crate::faults::{Effect, Failure, Faults};
use crate::journal::Journal;

/// Largest request body that is read, in bytes.
const MAX_BODY: usize = 16 * 1024 * 1024;
/// Piece in which a huge body is sent, in bytes.
const PIECE: usize = 1024 * 1024;
/// Time between the last byte of a cut-off answer and the closing of its connection.
const FLUSH_WAIT: Duration = Duration::from_millis(20);

/// What all origins share.
#[derive(Debug, Default)]
pub struct Shared {
    /// The clock that everything ages by.
    pub clock: Arc<Clock>,
    /// The faults that are waiting.
    pub faults: Faults,
    /// What was received.
    pub journal: Journal,
}

/// One origin of one platform.
#[derive(Clone)]
pub(crate) struct Front {
    pub platform: &'static str,
    pub origin: &'static str,
    pub site: Arc<dyn Site>,
    pub shared: Arc<Shared>,
}

impl Front {
    /// The whole origin as an axum router.
    pub fn router(self) -> Router {
        Router::new().fallback(receive).with_state(self)
    }
}

async fn receive(State(front): State<Front>, incoming: axum::extract::Request) -> Response {
    let (parts, body) = incoming.into_parts();
    let Ok(body) = axum::body::to_bytes(body, MAX_BODY).await else {
        return deliver(Reply::text(413, format!("The body is larger than {MAX_BODY} bytes or was cut off.\n")));
    };
    let path = parts.uri.path().to_owned();
    let effect = front.shared.faults.take(front.origin, parts.method.as_str(), &path, &body);
    let mut request = Request {
        origin: front.origin,
        method: parts.method,
        path,
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body: body.to_vec(),
        now: front.shared.clock.now(),
        effect: None,
    };
    let site = &front.site;
    let fault = effect.as_ref().map(effect_name);
    let (reply, transport) = match effect {
        None => (site.answer(&request), Transport::Whole),
        Some(Effect::Status(failure)) => (fail(site.as_ref(), &request, &failure), Transport::Whole),
        Some(Effect::Slow { delay_ms }) => {
            tokio::time::sleep(Duration::from_millis(delay_ms)).await;
            (site.answer(&request), Transport::Whole)
        }
        Some(Effect::AcceptedThenSlow { delay_ms }) => {
            let reply = site.answer(&request);
            tokio::time::sleep(Duration::from_millis(delay_ms)).await;
            (reply, Transport::Whole)
        }
        Some(Effect::CutOff { after }) => (site.answer(&request), Transport::CutOff(after)),
        Some(Effect::Echo { status }) => (echo(&request, status), Transport::Whole),
        Some(Effect::NotJson { status }) => (maintenance_page(status), Transport::Whole),
        Some(Effect::Huge { megabytes }) => (site.answer(&request), Transport::Huge(megabytes)),
        Some(Effect::AcceptedThen(failure)) => {
            // The answer is thrown away: the work it stands for is done.
            let _done = site.answer(&request);
            (fail(site.as_ref(), &request, &failure), Transport::Whole)
        }
        Some(platforms_own) => {
            request.effect = Some(platforms_own);
            (site.answer(&request), Transport::Whole)
        }
    };
    front.shared.journal.note(front.platform, &request, reply.status, fault);
    match transport {
        Transport::Whole => deliver(reply),
        Transport::CutOff(after) => deliver_cut_off(reply, after),
        Transport::Huge(megabytes) => deliver_huge(reply, megabytes),
    }
}

/// The platform's rendering of a failure, with the header that the fault asks for.
fn fail(site: &dyn Site, request: &Request, failure: &Failure) -> Reply {
    let reply = site.failure(request, failure);
    match failure.retry_after {
        Some(seconds) => reply.with_header("retry-after", seconds.to_string()),
        None => reply,
    }
}

enum Transport {
    Whole,
    CutOff(Option<usize>),
    Huge(u32),
}

fn effect_name(effect: &Effect) -> String {
    serde_json::to_value(effect)
        .ok()
        .and_then(|value| Some(value.get("fault")?.as_str()?.to_owned()))
        .unwrap_or_default()
}

/// What was received, as the words of a refusal.
fn echo(request: &Request, status: Option<u16>) -> Reply {
    let headers =
        request.headers.iter().map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value.as_bytes())));
    let headers = headers.collect::<Vec<_>>().join("; ");
    // As it came and as it was meant: a client must know its secrets in both spellings.
    let body = String::from_utf8_lossy(&request.body).into_owned();
    let values = request.form_params().into_fields().into_iter();
    let values = values.map(|(_, value)| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    let values = values.collect::<Vec<_>>().join(" ");
    let said = format!("You sent {values} in {body}, {} and {headers}", request.query);
    let error = json!({"code": "ECHO", "message": said, "detail": said});
    Reply::json(
        status.unwrap_or(400),
        &json!({"status": "error", "error": said, "error_description": said, "error_code": said, "message": said, "errors": [error]}),
    )
    .with_header("x-echo", headers)
}

fn maintenance_page(status: Option<u16>) -> Reply {
    Reply::html(
        status.unwrap_or(200),
        "<!doctype html><html><head><title>Scheduled maintenance</title></head>\
         <body><h1>We'll be right back</h1><p>The site is under maintenance.</p></body></html>",
    )
}

fn respond(reply: &Reply, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in &reply.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value)) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

fn deliver(mut reply: Reply) -> Response {
    let body = Body::from(std::mem::take(&mut reply.body));
    respond(&reply, body)
}

fn deliver_cut_off(mut reply: Reply, after: Option<usize>) -> Response {
    let mut body = std::mem::take(&mut reply.body);
    let promised = body.len().max(1);
    body.truncate(after.unwrap_or(promised / 2).min(promised - 1));
    let failure = async {
        // Lets the server flush what is there: an error at once would take the headers with it.
        tokio::time::sleep(FLUSH_WAIT).await;
        Err(std::io::Error::other("a cut-off fault was asked for"))
    };
    let pieces = stream::once(std::future::ready(Ok(Bytes::from(body)))).chain(stream::once(failure));
    let mut response = respond(&reply, Body::from_stream(pieces));
    response.headers_mut().insert("content-length", HeaderValue::from(promised));
    response
}

/// Sends the reply with its last byte held back by so many MiB of spaces: JSON that stays valid.
fn deliver_huge(mut reply: Reply, megabytes: u32) -> Response {
    let mut head = std::mem::take(&mut reply.body);
    let tail = head.split_off(head.len().saturating_sub(1));
    let blank = Bytes::from(vec![b' '; PIECE]);
    let pieces = std::iter::once(Bytes::from(head))
        .chain((0..megabytes).map(move |_| blank.clone()))
        .chain(std::iter::once(Bytes::from(tail)))
        .map(Ok::<_, std::io::Error>);
    respond(&reply, Body::from_stream(stream::iter(pieces)))
}
