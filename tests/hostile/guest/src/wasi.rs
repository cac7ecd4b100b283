//! The same request by `wasi:http`, as libraries of other languages send it.

use wasip2::http::outgoing_handler::handle;
use wasip2::http::types::{
    ErrorCode, Fields, FutureIncomingResponse, IncomingResponse, Method, OutgoingBody, OutgoingRequest, RequestOptions,
    Scheme,
};
use wasip2::io::streams::StreamError;

use crate::bindings::ghoststack::prospector::http::{Header, Request, Response};
use crate::bindings::ghoststack::prospector::types::{self, Delivery, Error, ErrorKind};

/// Sends it. What `wasi:http` says of a failure is the error's code.
pub fn fetch(request: &Request) -> Result<Response, Error> {
    exchange(request).map_err(|code| Error {
        kind: ErrorKind::Denied,
        code: Some(code),
        message: String::new(),
        remedy: None,
        delivery: Delivery::Unknown,
        retry_after: None,
    })
}

/// Begins so many at once, and reads no answer while others are to come: what became of each, and then how much the answers held.
pub fn hoard(request: &Request, count: usize) -> Vec<String> {
    let begun: Vec<_> = (0..count).map(|_| begin(request)).collect();
    let answers: Vec<_> = begun.into_iter().map(|begun| begun.and_then(|answer| awaited(&answer))).collect();
    let word = |answer: Result<IncomingResponse, String>| match answer {
        Ok(answer) => read(&answer).map_or_else(|error| error, |body| body.len().to_string()),
        Err(error) => error,
    };
    answers.into_iter().map(word).collect()
}

fn exchange(request: &Request) -> Result<Response, String> {
    let response = awaited(&begin(request)?)?;
    let headers = response
        .headers()
        .entries()
        .into_iter()
        .map(|(name, value)| Header { name, value: String::from_utf8_lossy(&value).into_owned() });
    let headers = headers.collect();
    Ok(Response { status: response.status(), headers, body: read(&response)?, retry_after: None, rate: None })
}

fn begin(request: &Request) -> Result<FutureIncomingResponse, String> {
    let (scheme, rest) = request.url.split_once("://").ok_or("no scheme")?;
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let mut lines: Vec<(String, Vec<u8>)> =
        request.headers.iter().map(|of| (of.name.clone(), of.value.clone().into_bytes())).collect();
    lines.extend(request.credential.iter().map(|name| ("prospector-credential".to_owned(), name.clone().into_bytes())));
    let fields = Fields::from_list(&lines).map_err(|error| format!("headers: {error:?}"))?;
    let outgoing = OutgoingRequest::new(fields);
    let method = match request.method {
        types::Method::Get => Method::Get,
        types::Method::Head => Method::Head,
        types::Method::Post => Method::Post,
        types::Method::Put => Method::Put,
        types::Method::Patch => Method::Patch,
        types::Method::Delete => Method::Delete,
    };
    let scheme = if scheme == "http" { Scheme::Http } else { Scheme::Https };
    outgoing.set_method(&method).map_err(|()| "method")?;
    outgoing.set_scheme(Some(&scheme)).map_err(|()| "scheme")?;
    outgoing.set_authority(Some(authority)).map_err(|()| "authority")?;
    outgoing.set_path_with_query(Some(path)).map_err(|()| "path")?;
    let body = outgoing.body().map_err(|()| "body")?;
    let options = RequestOptions::new();
    options.set_connect_timeout(Some(300_000_000)).map_err(|()| "time")?;
    let answer = handle(outgoing, Some(options)).map_err(|code| told(&code))?;
    {
        let stream = body.write().map_err(|()| "stream")?;
        for chunk in request.body.as_deref().unwrap_or_default().chunks(4096) {
            stream.blocking_write_and_flush(chunk).map_err(|error| format!("writing: {error:?}"))?;
        }
    }
    OutgoingBody::finish(body, None).map_err(|code| told(&code))?;
    Ok(answer)
}

fn awaited(answer: &FutureIncomingResponse) -> Result<IncomingResponse, String> {
    answer.subscribe().block();
    answer.get().ok_or("no answer")?.map_err(|()| "taken")?.map_err(|code| told(&code))
}

fn read(response: &IncomingResponse) -> Result<Vec<u8>, String> {
    let body = response.consume().map_err(|()| "consume")?;
    let stream = body.stream().map_err(|()| "stream")?;
    let mut bytes = Vec::new();
    loop {
        match stream.blocking_read(64 * 1024) {
            Ok(chunk) => bytes.extend_from_slice(&chunk),
            Err(StreamError::Closed) => return Ok(bytes),
            Err(error) => return Err(format!("reading: {error:?}")),
        }
    }
}

/// `HttpRequestDenied` of `ErrorCode::HttpRequestDenied`.
fn told(code: &ErrorCode) -> String {
    let text = format!("{code:?}");
    text.strip_prefix("ErrorCode::").unwrap_or(&text).to_owned()
}
