use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use url::Url;

use super::super::loopback::{Loopback, LoopbackError, MAX_REQUEST_BYTES};
use super::*;

struct Waiting {
    host: String,
    state: String,
    answer: JoinHandle<Result<Callback, LoopbackError>>,
}

async fn bound() -> Loopback {
    Loopback::bind("example", 0).await.expect("a port").with_connection_life(Duration::from_secs(2))
}

async fn waiting() -> Waiting {
    waiting_at(bound().await)
}

fn waiting_at(listener: Loopback) -> Waiting {
    let host = listener.redirect_uri().as_str()["http://".len()..].split('/').next().expect("a host").to_owned();
    let state = State::random();
    let text = state.expose().to_owned();
    let answer = tokio::spawn(async move { listener.wait(&state, PATIENCE).await });
    Waiting { host, state: text, answer }
}

/// Sends bytes and reads until the listener closes.
async fn exchange(host: &str, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(host).await.expect("the listener listens");
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let _ = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("the listener closes");
    String::from_utf8_lossy(&answer).into_owned()
}

fn get(path: &str, host: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n").into_bytes()
}

fn get_with(cookies: &str, path: &str, host: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookies}\r\n\r\n").into_bytes()
}

impl Waiting {
    fn good_path(&self) -> String {
        format!("/auth/example/callback?code=planted-code&state={}", self.state)
    }

    async fn still_waits_and_takes_the_answer(self) {
        assert!(!self.answer.is_finished());
        let page = exchange(&self.host, &get(&self.good_path(), &self.host)).await;
        assert!(page.starts_with("HTTP/1.1 200"), "{page}");
        self.answer.await.expect("no panic").expect("answered");
    }
}

#[tokio::test]
async fn the_answer_is_taken_and_the_page_gives_nothing_away() {
    let waiting = waiting().await;
    let page = exchange(&waiting.host, &get(&waiting.good_path(), &waiting.host)).await;
    let lower = page.to_lowercase();
    for header in [
        "cache-control: no-store",
        "referrer-policy: no-referrer",
        "content-security-policy: default-src 'none'",
        "connection: close",
    ] {
        assert!(lower.contains(header), "{header} in {page}");
    }
    for never in ["planted", "src=", "href=", "<script", &waiting.state] {
        assert!(!page.contains(never), "{never} in {page}");
    }
    let callback = waiting.answer.await.expect("no panic").expect("answered");
    assert_silent(&format!("{callback:?}"));
    assert!(TcpStream::connect(&waiting.host).await.is_err(), "the listener is gone");
}

#[tokio::test]
async fn what_is_not_the_answer_gets_a_page_and_the_wait_goes_on() {
    let waiting = waiting().await;
    let (host, good) = (waiting.host.clone(), waiting.good_path());
    let port = host.split(':').nth(1).expect("a port");
    let rebound = format!("evil.example:{port}");
    let requests: Vec<(Vec<u8>, &str)> = vec![
        (get(&good, &rebound), "421"),
        (get(&good, &format!("localhost:{port}")), "421"),
        (get(&good, "127.0.0.1"), "421"),
        (format!("GET {good} HTTP/1.1\r\nHost: {host}\r\nHost: {rebound}\r\n\r\n").into_bytes(), "421"),
        (format!("GET {good} HTTP/1.0\r\n\r\n").into_bytes(), "421"),
        (format!("GET http://{rebound}{good} HTTP/1.1\r\nHost: {host}\r\n\r\n").into_bytes(), "421"),
        (get("/favicon.ico", &host), "404"),
        (get("/", &host), "404"),
        (get("/auth/other/callback?code=x", &host), "404"),
        (format!("POST {good} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\n\r\n").into_bytes(), "405"),
        (format!("HEAD {good} HTTP/1.1\r\nHost: {host}\r\n\r\n").into_bytes(), "405"),
        (get("/auth/example/callback", &host), "400"),
        (get("/auth/example/callback?code=x&state=wrong", &host), "400"),
        (get("/auth/example/callback?code=x", &host), "400"),
        (get("/auth/example/callback?error=access_denied", &host), "400"),
        (get(&format!("{good}&state=twice"), &host), "400"),
    ];
    for (request, status) in requests {
        let page = exchange(&host, &request).await;
        assert!(
            page.starts_with(&format!("HTTP/1.1 {status}")) || page.starts_with(&format!("HTTP/1.0 {status}")),
            "{status} for {}: {page}",
            String::from_utf8_lossy(&request)
        );
    }
    waiting.still_waits_and_takes_the_answer().await;
}

#[tokio::test]
async fn garbage_silence_and_floods_do_not_disturb_the_wait() {
    let waiting = waiting().await;
    // Connections that a browser opens ahead of need and never uses.
    let mut idle = Vec::new();
    for _ in 0..4 {
        idle.push(TcpStream::connect(&waiting.host).await.expect("the listener listens"));
    }
    exchange(&waiting.host, b"\x16\x03\x01\x02\x00\x01\x00\xff\xfe garbage\r\n\r\n").await;
    let flood = format!("GET / HTTP/1.1\r\nHost: {}\r\nX: {}\r\n\r\n", waiting.host, "x".repeat(4 * MAX_REQUEST_BYTES));
    let page = exchange(&waiting.host, flood.as_bytes()).await;
    assert!(!page.starts_with("HTTP/1.1 200"), "{page}");
    waiting.still_waits_and_takes_the_answer().await;
}

#[tokio::test]
async fn a_refusal_is_an_answer_too() {
    let waiting = waiting().await;
    let path = format!("/auth/example/callback?error=access_denied&state={}", waiting.state);
    let page = exchange(&waiting.host, &get(&path, &waiting.host)).await;
    assert!(page.contains("Access was not granted"), "{page}");
    waiting.answer.await.expect("no panic").expect("answered");
}

#[tokio::test]
async fn nobody_answering_ends_the_wait() {
    let listener = Loopback::bind("example", 0).await.expect("a port");
    let error = listener.wait(&State::random(), Duration::from_millis(50)).await.expect_err("nobody");
    assert!(matches!(error, LoopbackError::TimedOut { .. }), "{error}");
    assert!(error.to_string().contains("--no-browser"), "{error}");
}

#[tokio::test]
async fn a_port_in_use_is_an_error_that_names_the_setting() {
    let other = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = other.local_addr().expect("bound").port();
    let error = Loopback::bind("example", port).await.expect_err("taken");
    assert!(matches!(error, LoopbackError::PortInUse { .. }), "{error}");
    assert!(error.to_string().contains("callback_port") && error.to_string().contains(&port.to_string()), "{error}");
}

/// A log-in that a page of ours began, and the cookie that its browser was given.
async fn waiting_for_one_browser() -> (Waiting, String) {
    let then = Url::parse("http://127.0.0.1:7000/platforms?a=1&b='\"><x>").expect("a URL");
    let listener = bound().await.returning_to(then).expect("a page of ours");
    let cookie = listener.cookie().expect("one browser is believed");
    let pair = cookie.to_str().expect("ASCII").split(';').next().expect("a pair").to_owned();
    (waiting_at(listener), pair)
}

#[tokio::test]
async fn an_answer_from_another_browser_is_not_believed_and_the_wait_goes_on() {
    let (waiting, cookie) = waiting_for_one_browser().await;
    let (host, good) = (waiting.host.clone(), waiting.good_path());
    let unknown = exchange(&host, &get("/auth/example/callback?code=x&state=wrong", &host)).await;
    assert!(unknown.starts_with("HTTP/1.1 400"), "{unknown}");
    let undated = |page: &str| page.lines().filter(|line| !line.starts_with("date:")).collect::<Vec<_>>().join("\n");
    let short = &cookie[..cookie.len() - 1];
    let refusal = format!("/auth/example/callback?error=access_denied&state={}", waiting.state);
    for request in [
        get(&good, &host),
        get_with("prospector-return=guessed", &good, &host),
        get_with(short, &good, &host),
        get_with(&format!("x{cookie}"), &good, &host),
        get(&refusal, &host),
        // The cookie is no substitute for the state.
        get_with(&cookie, "/auth/example/callback?code=x&state=wrong", &host),
    ] {
        let page = exchange(&host, &request).await;
        assert_eq!(undated(&page), undated(&unknown), "{}", String::from_utf8_lossy(&request));
    }
    assert!(!waiting.answer.is_finished());
    let page = exchange(&host, &get_with(&format!("theme=dark; {cookie}"), &good, &host)).await;
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    waiting.answer.await.expect("no panic").expect("answered");
}

#[tokio::test]
async fn the_browser_that_is_believed_loses_its_cookie_and_goes_on_without_the_code() {
    for (outcome, said) in [("code=planted-code", "goes on with the log-in"), ("error=access_denied", "what to do")] {
        let (waiting, cookie) = waiting_for_one_browser().await;
        let path = format!("/auth/example/callback?{outcome}&state={}", waiting.state);
        let page = exchange(&waiting.host, &get_with(&cookie, &path, &waiting.host)).await;
        let (head, body) = page.split_once("\r\n\r\n").expect("a page");
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        for header in [
            "set-cookie: prospector-return=; Path=/auth/example/callback; Max-Age=0; HttpOnly; SameSite=Lax",
            "referrer-policy: no-referrer",
            "cache-control: no-store",
            "content-security-policy: default-src 'none'",
        ] {
            assert!(head.contains(header), "{header} in {head}");
        }
        // The address cannot leave its attribute.
        let then = "http://127.0.0.1:7000/platforms?a=1&amp;b=%27%22%3E%3Cx%3E";
        assert!(body.contains(&format!("<meta http-equiv=\"refresh\" content=\"0; url={then}\">")), "{body}");
        assert!(body.contains(&format!("<a href=\"{then}\">")) && body.contains(said), "{body}");
        let value = cookie.split('=').nth(1).expect("a value");
        for never in ["planted", "<script", "src=", value, &waiting.state] {
            assert!(!page.contains(never), "{never} in {page}");
        }
        let callback = waiting.answer.await.expect("no panic").expect("answered");
        assert_silent(&format!("{callback:?}"));
    }
}

#[tokio::test]
async fn a_log_in_returns_to_our_own_site_alone() {
    let then = Url::parse("http://localhost:7000/enter?key=planted").expect("a URL");
    let error = bound().await.returning_to(then).expect_err("another site");
    assert!(error.to_string().contains("http://localhost:7000"), "{error}");
    assert_silent(&format!("{error} {error:?}"));
    assert!(bound().await.cookie().is_none(), "who pastes or uses the command line has no cookie");
}

#[tokio::test]
async fn a_wait_that_is_dropped_leaves_the_port_to_the_next_log_in() {
    let (waiting, _) = waiting_for_one_browser().await;
    // Begun and never finished: it must not keep the port either.
    let mut idle = TcpStream::connect(&waiting.host).await.expect("the listener listens");
    idle.write_all(b"GET /auth").await.expect("sent");
    waiting.answer.abort();
    assert!(waiting.answer.await.expect_err("ended").is_cancelled());
    let port = waiting.host.split(':').nth(1).and_then(|port| port.parse().ok()).expect("a port");
    Loopback::bind("example", port).await.expect("the port is free");
}
