//! Who gets in, and by which requests.
//!
//! Every program and every page in a browser of this machine can reach a port on loopback. So: only requests under the dashboard's own name are answered
//! (a name that is rebound to 127.0.0.1 does not pass); only a session sees anything, and a session is begun by the link alone that the terminal shows; its cookie
//! is `SameSite=Strict`; and what changes something also needs the session's token, and to come from a page of the dashboard.
//!
//! Cookies do not tell ports apart: another server of this machine, on 127.0.0.1, is sent the session's cookie by a browser that visits it. What runs there is
//! the person's own, as for every tool with a page on loopback.

pub mod attempts;
pub mod link;
pub mod session;

use std::sync::Arc;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Query, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, COOKIE, HOST, HeaderMap, HeaderName, HeaderValue, ORIGIN,
    REFERRER_POLICY, SET_COOKIE, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::answer::{self, Failure};
use super::desk::Desk;
use crate::auth::nonce::Nonce;
use session::{LIFE, Visitor};

/// What a form may hold.
const MAX_FORM: usize = 1 << 20;

/// Where pages may take things from: here. No script or style is in a page itself.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
                      frame-ancestors 'none'";

/// The header that script sends a session's token in.
const CSRF_HEADER: &str = "x-csrf-token";
const FETCH_SITE: &str = "sec-fetch-site";

/// Lets a request pass, or says why not. Whatever is answered has the headers that keep a browser from being tricked.
pub async fn guard(State(desk): State<Arc<Desk>>, request: Request, next: Next) -> Response {
    let wants_fragment = request.headers().contains_key(answer::BY_SCRIPT);
    let (mut response, visitor) = match admitted(&desk, request).await {
        Ok((request, visitor)) => (next.run(request).await, visitor),
        Err(refused) => (refused, None),
    };
    if let Some(failure) = response.extensions_mut().remove::<Failure>() {
        // Who has just left is shown nothing any more.
        let visitor = visitor.filter(|visitor| desk.sessions.has(visitor));
        let mut page = failure.page(&desk, visitor.as_ref(), wants_fragment);
        // A cookie that is taken back, say.
        page.headers_mut()
            .extend(response.headers().get_all(SET_COOKIE).iter().map(|cookie| (SET_COOKIE, cookie.clone())));
        response = page;
    }
    harden(response.headers_mut());
    response
}

/// The request, with its visitor where there is one.
async fn admitted(desk: &Desk, mut request: Request) -> Result<(Request, Option<Visitor>), Response> {
    let headers = request.headers();
    if headers.get(HOST).and_then(|host| host.to_str().ok()) != Some(desk.origin.authority().as_str()) {
        let said = format!("The dashboard is at {}, and answers under that name only.", desk.origin);
        return Err((StatusCode::MISDIRECTED_REQUEST, said).into_response());
    }
    let path = request.uri().path();
    if path.starts_with("/assets/") {
        return Ok((request, None));
    }
    if path == "/enter" {
        return match headers.get(FETCH_SITE).and_then(|site| site.to_str().ok()) {
            None | Some("none" | "same-origin") => Ok((request, None)),
            // Another page must not use up the attempts, nor log anybody in.
            Some(_) => {
                Err(Failure::refused("Follow the link from the terminal", "A page elsewhere led here.").into_response())
            }
        };
    }
    let visitor = cookie(headers, desk.cookie_name()).and_then(|cookie| desk.sessions.visitor(cookie, desk.now()));
    let Some(visitor) = visitor else {
        return Err(Failure::logged_out().into_response());
    };
    if request.method() != Method::GET && request.method() != Method::HEAD {
        request = genuine(desk, &visitor, request).await?;
    }
    request.extensions_mut().insert(visitor.clone());
    Ok((request, Some(visitor)))
}

/// A request that changes something, if a page of this session has sent it.
async fn genuine(desk: &Desk, visitor: &Visitor, request: Request) -> Result<Request, Response> {
    let forged = || {
        Failure::refused("That did not come from this page", "Load the page again, and repeat what you did.")
            .into_response()
    };
    let headers = request.headers();
    let origin = desk.origin.to_string();
    let is_ours = match headers.get(ORIGIN) {
        Some(from) => from.as_bytes() == origin.as_bytes(),
        None => headers.get(FETCH_SITE).is_some_and(|site| site.as_bytes() == b"same-origin"),
    };
    if !is_ours {
        return Err(forged());
    }
    let by_header =
        headers.get(CSRF_HEADER).and_then(|token| token.to_str().ok()).is_some_and(|token| visitor.sent(token));
    let (head, body) = request.into_parts();
    let too_large = || Failure::refused("That is too much", "A form may hold 1 MiB.").into_response();
    let body = to_bytes(body, MAX_FORM).await.map_err(|_| too_large())?;
    if !by_header && !carried(&body).is_some_and(|token| visitor.sent(&token)) {
        return Err(forged());
    }
    Ok(Request::from_parts(head, Body::from(body)))
}

/// The token that a form carries.
fn carried(form: &Bytes) -> Option<String> {
    url::form_urlencoded::parse(form).find(|(name, _)| name == "csrf").map(|(_, value)| value.into_owned())
}

fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let all = headers.get_all(COOKIE).iter().filter_map(|header| header.to_str().ok());
    all.flat_map(|header| header.split("; ")).find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

fn harden(headers: &mut HeaderMap) {
    const OPENER: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
    const RESOURCE: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    // With less, browsers would not say where a form comes from.
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(OPENER, HeaderValue::from_static("same-origin"));
    headers.insert(RESOURCE, HeaderValue::from_static("same-origin"));
    // But for what says otherwise.
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static("text/plain; charset=utf-8"));
}

/// What a link holds.
#[derive(Deserialize)]
pub struct Key {
    key: String,
}

/// Begins a session for the one who has the link.
pub async fn enter(State(desk): State<Arc<Desk>>, Query(Key { key }): Query<Key>) -> Result<Response, Failure> {
    let now = desk.now();
    if let Err(wait) = desk.attempts.count(now) {
        return Err(Failure::too_often(wait));
    }
    if !link::redeem(&desk.home, &key, now)? {
        return Err(Failure::stale_link());
    }
    desk.attempts.forgive();
    let cookie = desk.sessions.begin(now);
    let mut response = Redirect::to("/").into_response();
    response.headers_mut().append(SET_COOKIE, set(&desk, &cookie, LIFE.as_secs()));
    Ok(response)
}

/// Ends the session.
pub async fn leave(State(desk): State<Arc<Desk>>, visitor: Visitor) -> Response {
    desk.sessions.end(&visitor);
    let mut response = Failure::logged_out().into_response();
    if let Ok(empty) = HeaderValue::from_str(&format!("{}=; Path=/; Max-Age=0", desk.cookie_name())) {
        response.headers_mut().append(SET_COOKIE, empty);
    }
    response
}

fn set(desk: &Desk, cookie: &Nonce, seconds: u64) -> HeaderValue {
    let secure = if desk.is_secure() { "; Secure" } else { "" };
    let name = desk.cookie_name();
    let cookie = format!("{name}={}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}", cookie.expose());
    let mut value = HeaderValue::from_str(&cookie).unwrap_or(HeaderValue::from_static(""));
    value.set_sensitive(true);
    value
}
