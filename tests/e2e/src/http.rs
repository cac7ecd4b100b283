//! Just enough of an HTTP client for servers on this machine: one request, one connection, one answer. Redirects are told, not followed.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use url::Url;

/// How long a server may be silent.
const PATIENCE: Duration = Duration::from_secs(20);
/// Bytes of an answer that are read; none of the simulator's own is near it.
const MAX_ANSWER: u64 = 64 * 1024 * 1024;

/// An answer.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// `Location`, if there is one.
    pub location: Option<String>,
    /// All headers, their names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, bad UTF-8 replaced.
    pub body: String,
}

impl Reply {
    /// A header, by its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(of, _)| of == name).map(|(_, value)| value.as_str())
    }
}

/// A request's body with its media type.
#[derive(Debug, Clone, Copy)]
pub enum Body<'a> {
    /// None.
    Empty,
    /// An HTML form's fields, encoded.
    Form(&'a str),
    /// JSON.
    Json(&'a str),
}

/// Sends a request and reads the answer to its end.
///
/// # Errors
/// Where the server cannot be reached, is silent for 20 seconds, or does not answer in HTTP/1.1 with a plain body.
pub fn send(method: &str, url: &Url, body: Body<'_>) -> io::Result<Reply> {
    send_as(None, method, url, body)
}

/// The same to a server that may be silent for so long.
///
/// # Errors
/// As [`send`], but for the time.
pub fn send_within(patience: Duration, method: &str, url: &Url, body: Body<'_>) -> io::Result<Reply> {
    exchange(patience, &[], method, url, body)
}

/// The same, with a bearer token.
///
/// # Errors
/// As [`send`].
pub fn send_as(token: Option<&str>, method: &str, url: &Url, body: Body<'_>) -> io::Result<Reply> {
    let authorization = token.map(|token| ("authorization", format!("Bearer {token}")));
    send_with(authorization.as_slice(), method, url, body)
}

/// The same, with headers of the caller's; `host` among them takes the place of the URL's own.
///
/// # Errors
/// As [`send`].
pub fn send_with(headers: &[(&str, String)], method: &str, url: &Url, body: Body<'_>) -> io::Result<Reply> {
    exchange(PATIENCE, headers, method, url, body)
}

fn exchange(
    patience: Duration,
    headers: &[(&str, String)],
    method: &str,
    url: &Url,
    body: Body<'_>,
) -> io::Result<Reply> {
    let host = url.host_str().ok_or_else(|| invalid("the URL has no host"))?;
    let port = url.port_or_known_default().ok_or_else(|| invalid("the URL has no port"))?;
    let mut target = url.path().to_owned();
    if let Some(query) = url.query() {
        target.push('?');
        target.push_str(query);
    }
    let (media_type, content) = match body {
        Body::Empty => ("text/plain", ""),
        Body::Form(content) => ("application/x-www-form-urlencoded", content),
        Body::Json(content) => ("application/json", content),
    };
    let own: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let named = if headers.iter().any(|(name, _)| *name == "host") {
        String::new()
    } else {
        format!("host: {host}:{port}\r\n")
    };
    let head = format!(
        "{method} {target} HTTP/1.1\r\n{named}connection: close\r\naccept: */*\r\n{own}content-type: {media_type}\r\ncontent-length: {}\r\n\r\n",
        content.len()
    );
    let mut stream = TcpStream::connect((host, port))?;
    stream.set_read_timeout(Some(patience))?;
    stream.write_all(head.as_bytes())?;
    stream.write_all(content.as_bytes())?;
    let mut answer = Vec::new();
    let mut stream = stream.take(MAX_ANSWER);
    let mut piece = [0; 16 * 1024];
    while !is_whole(&answer) {
        match stream.read(&mut piece)? {
            0 => break,
            read => answer.extend_from_slice(&piece[..read]),
        }
    }
    parse(&answer)
}

/// Whether an answer is there to the length that it states. The connection need not end with it: what the server has started meanwhile may
/// hold it open.
fn is_whole(answer: &[u8]) -> bool {
    let Some(end) = end_of_head(answer) else { return false };
    let head = String::from_utf8_lossy(&answer[..end]);
    let mut fields = head.split("\r\n").filter_map(|line| line.split_once(':'));
    let length = fields.find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let length: Option<usize> = length.and_then(|(_, length)| length.trim().parse().ok());
    length.is_some_and(|length| answer.len() - end - 4 >= length)
}

fn end_of_head(answer: &[u8]) -> Option<usize> {
    answer.windows(4).position(|four| four == b"\r\n\r\n")
}

fn parse(answer: &[u8]) -> io::Result<Reply> {
    let end = end_of_head(answer).ok_or_else(|| invalid("the answer has no head"))?;
    let head = String::from_utf8_lossy(&answer[..end]);
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|status| status.parse().ok());
    let header = |(name, value): (&str, &str)| (name.to_ascii_lowercase(), value.trim().to_owned());
    let headers: Vec<(String, String)> = lines.filter_map(|line| line.split_once(':')).map(header).collect();
    let first = |wanted: &str| headers.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.clone());
    if first("transfer-encoding").is_some() {
        return Err(invalid("the answer comes in an encoding that is not read here"));
    }
    Ok(Reply {
        status: status.ok_or_else(|| invalid("the answer has no status"))?,
        location: first("location"),
        headers,
        body: String::from_utf8_lossy(&answer[end + 4..]).into_owned(),
    })
}

fn invalid(reason: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}
