//! `wasi:http`, for languages whose own libraries speak it: each request is put into the contract's form and passes the same gate, with the same grants,
//! limits and audit.
//!
//! It has no field for the credential: a request names it in the header `prospector-credential`, which does not leave the host. Headers that libraries write by
//! themselves and that are the host's to write are left out; `authorization` and the like are refused, as they are everywhere.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use tokio::sync::OwnedSemaphorePermit;
use wasmtime_wasi_http::{Error as WasiError, RequestOptions, WasiBody, WasiHttpCtx, WasiHttpHooks};

use crate::capability::http::outgoing::MAX_BODY;
use crate::contract::http::{Header, Request, Response};
use crate::contract::types::{Error, ErrorKind, Method};

use super::requests::Requests;

/// The header that names the credential to attach.
pub const CREDENTIAL_HEADER: &str = "prospector-credential";
/// What HTTP libraries write by themselves, and the host writes in their place.
const WRITTEN_BY_LIBRARIES: [&str; 5] = ["host", "content-length", "user-agent", "accept-encoding", "connection"];

/// KiB that one may need until its answer is there: the answer and what is sent, at their largest.
const MAX_EXCHANGE: u32 = 9 * 1024;
/// How long a request waits for those before it, where the guest sets no shorter time to connect.
const TURN: Duration = Duration::from_secs(10);

/// wasmtime's own state for it.
pub(super) fn context() -> WasiHttpCtx {
    let mut context = WasiHttpCtx::new();
    // Headers in memory take more than the 8 KiB that the gate lets pass.
    context.set_field_size_limit(32 * 1024);
    context
}

/// What `wasi:http` makes of an exchange.
type Exchanged = Result<(http::Response<WasiBody>, Box<dyn Future<Output = Result<(), WasiError>> + Send>), WasiError>;

impl WasiHttpHooks for Requests {
    /// The gate says what is refused, and why.
    fn set_host_header(&mut self) -> bool {
        false
    }

    /// Of each request that was begun as much may wait in memory.
    fn p2_outgoing_body_chunk_size(&mut self) -> usize {
        16 * 1024
    }

    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Box<dyn Future<Output = Result<(), WasiError>> + Send>,
    ) -> Box<dyn Future<Output = Exchanged> + Send> {
        let (begun, caller, room) = (self.begin(), self.caller.clone(), self.room(MAX_EXCHANGE));
        let patience = options.and_then(|options| options.connect_timeout).map_or(TURN, |asked| asked.min(TURN));
        Box::new(async move {
            let of = begun.map_err(|error| told(&error))?;
            let room = tokio::time::timeout(patience, room).await.ok().flatten();
            let mut room = room.ok_or(WasiError::ConnectionLimitReached)?;
            let request = contracts_own(request, options).await?;
            let answer = of.gate.fetch(&caller, request).await.map_err(|error| told(&error))?;
            // What is not needed is free for others; the rest is held as long as the answer is.
            let needed = answer.body.len() / 1024 + 1;
            let room = room.split(needed.min(room.num_permits()));
            let done: Box<dyn Future<Output = Result<(), WasiError>> + Send> = Box::new(async { Ok(()) });
            Ok((wasis_own(answer, room)?, done))
        })
    }
}

/// A request in the contract's form, its body whole.
async fn contracts_own(
    request: http::Request<WasiBody>,
    options: Option<RequestOptions>,
) -> Result<Request, WasiError> {
    let (head, body) = request.into_parts();
    let method = match head.method.as_str() {
        "GET" => Method::Get,
        "HEAD" => Method::Head,
        "POST" => Method::Post,
        "PUT" => Method::Put,
        "PATCH" => Method::Patch,
        "DELETE" => Method::Delete,
        _ => return Err(WasiError::HttpRequestMethodInvalid),
    };
    let (mut headers, mut credential) = (Vec::new(), None);
    for (name, value) in &head.headers {
        let value = value
            .to_str()
            .map_err(|_| WasiError::HttpRequestHeaderSize { field_name: Some(name.to_string()), field_size: None })?;
        match name.as_str() {
            CREDENTIAL_HEADER => credential = Some(value.to_owned()),
            name if WRITTEN_BY_LIBRARIES.contains(&name) => {}
            name => headers.push(Header { name: name.to_owned(), value: value.to_owned() }),
        }
    }
    let too_large = |_| WasiError::HttpRequestBodySize(Some(MAX_BODY as u64));
    let body = Limited::new(body, MAX_BODY).collect().await.map_err(too_large)?.to_bytes();
    let patience = options.and_then(|options| options.first_byte_timeout.or(options.between_bytes_timeout));
    Ok(Request {
        method,
        url: head.uri.to_string(),
        headers,
        body: (!body.is_empty()).then(|| body.to_vec()),
        credential,
        timeout_ms: patience.map(|patience: Duration| u32::try_from(patience.as_millis()).unwrap_or(u32::MAX)),
    })
}

/// An answer in the form of `wasi:http`.
fn wasis_own(answer: Response, room: Option<OwnedSemaphorePermit>) -> Result<http::Response<WasiBody>, WasiError> {
    let mut response = http::Response::builder().status(answer.status);
    for header in answer.headers {
        response = response.header(header.name, header.value);
    }
    let body = Full::new(Bytes::from(answer.body)).map_err(|never| match never {}).map_frame(move |frame| {
        let _held = &room;
        frame
    });
    response.body(body.boxed_unsync()).map_err(|error| WasiError::InternalError(Some(error.to_string())))
}

/// What kept an answer from coming. `wasi:http` has no room for the name of the rule that refused it: that is in the host's log.
fn told(error: &Error) -> WasiError {
    match (error.kind, error.code.as_deref()) {
        (ErrorKind::TooLarge, _) => WasiError::HttpResponseBodySize(None),
        (ErrorKind::Unavailable, _) => WasiError::DestinationUnavailable,
        (ErrorKind::Denied | ErrorKind::Unauthenticated | ErrorKind::InvalidInput, Some(code)) => {
            tracing::debug!(code, "a request by wasi:http was refused: {}", error.message);
            WasiError::HttpRequestDenied
        }
        _ => WasiError::InternalError(Some(error.message.clone())),
    }
}
