//! Who gets in, and by which requests.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::time::Instant;

use prospector_e2e::dashboard::field;
use prospector_e2e::home::free_port;
use prospector_e2e::http::{self, Body, Reply};
use prospector_e2e::prospector::PATIENCE;
use prospector_e2e::{Dashboard, Home, Sim};
use serde_json::json;
use url::Url;

use crate::support::{at, connected};

fn get(url: &Url, headers: &[(&str, &str)]) -> Reply {
    let headers: Vec<(&str, String)> = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    http::send_with(&headers, "GET", url, Body::Empty).expect("it answers")
}

#[test]
fn a_link_opens_it_once_and_without_a_session_nothing_is_shown() {
    let prospector = at(Home::configured(""));
    let dashboard = Dashboard::of(&prospector);
    for page in ["/", "/leads", "/proposals", "/settings", "/audit", "/scans/events", "/nothing", "/leads/a/b"] {
        let reply = get(&dashboard.origin.join(page).expect("a path"), &[]);
        assert_eq!(reply.status, 401, "{page}");
        assert!(reply.body.contains("ghoststack prospector dashboard"), "it says what to do: {}", reply.body);
        assert!(!reply.body.contains("<nav"), "nothing of the program is shown");
    }
    let mut wrong = dashboard.link.clone();
    wrong.set_query(Some("key=guess"));
    assert_eq!(get(&wrong, &[]).status, 403);
    assert_eq!(http::send("HEAD", &dashboard.link, Body::Empty).expect("it answers").status, 405);
    let reply = get(&dashboard.link, &[]);
    assert_eq!((reply.status, reply.location.as_deref()), (303, Some("/")), "a wrong key has not used it up");
    let cookie = reply.header("set-cookie").expect("a cookie");
    for part in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age="] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert_eq!(get(&dashboard.link, &[]).status, 403, "it is good once");
    let pair = cookie.split(';').next().expect("a pair");
    assert_eq!(get(&dashboard.origin.join("/leads").expect("a path"), &[("cookie", pair)]).status, 200);
    let kept = prospector.home.path().join("prospector/dashboard.json");
    assert_eq!(fs::metadata(&kept).expect("it is there").permissions().mode() & 0o777, 0o600);
}

#[test]
fn another_link_is_printed_for_the_dashboard_that_is_served() {
    let prospector = at(Home::configured(""));
    let mut dashboard = Dashboard::of(&prospector);
    let second = prospector.run("dashboard --json").ok();
    assert!(second.stderr.contains("served by another process"), "{}", second.stderr);
    let told = second.json();
    assert_eq!(told["origin"], json!(dashboard.origin.origin().ascii_serialization()));
    let link = Url::parse(told["link"].as_str().expect("a link")).expect("an address");
    assert_eq!(get(&dashboard.link, &[]).status, 403, "the one before is good no more");
    assert_eq!(get(&link, &[]).status, 303);
    let text = prospector.run("dashboard").ok();
    assert!(
        text.stdout.contains("This link opens it, once, within ten minutes") && text.stdout.contains("/enter?key="),
        "{}",
        text.stdout
    );
    // It ends when it is asked to, at once.
    let began = Instant::now();
    let id = dashboard.process().id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().is_ok_and(|status| status.success()));
    assert_eq!(dashboard.process().wait().expect("it ends").code(), Some(0));
    assert!(began.elapsed() < PATIENCE);
}

#[test]
fn too_many_wrong_keys_close_the_door_for_a_while() {
    let prospector = at(Home::configured(""));
    let dashboard = Dashboard::of(&prospector);
    let mut wrong = dashboard.link.clone();
    wrong.set_query(Some("key=guess"));
    // Another page uses up nothing.
    for _ in 0..30 {
        assert_eq!(get(&wrong, &[("sec-fetch-site", "cross-site")]).status, 403);
    }
    let tried: Vec<Reply> = (0..25).map(|_| get(&wrong, &[])).collect();
    let closed = tried.iter().find(|reply| reply.status == 429).expect("at most ten a minute");
    let wait: u64 = closed.header("retry-after").and_then(|wait| wait.parse().ok()).expect("it says how long");
    assert!((1..=60).contains(&wait));
    assert!(tried.iter().filter(|reply| reply.status == 403).count() <= 20, "a minute may have turned");
}

#[test]
fn only_requests_under_its_own_name_are_answered() {
    let prospector = at(Home::configured(""));
    let dashboard = Dashboard::of(&prospector);
    let visitor = dashboard.enter();
    let port = dashboard.origin.port().expect("a port");
    for host in
        ["evil.example", "127.0.0.1", "127.0.0.1:1", &format!("localhost:{port}"), &format!("rebound.example:{port}")]
    {
        let reply = get(&visitor.at("/leads"), &[("host", host), ("cookie", &visitor.cookie)]);
        assert_eq!(reply.status, 421, "{host}");
        assert!(!reply.body.contains("<nav"));
    }
}

#[test]
fn what_changes_something_comes_from_a_page_of_its_own() {
    let prospector = at(Home::configured(""));
    let dashboard = Dashboard::of(&prospector);
    let visitor = dashboard.enter();
    let paused = || prospector.run("proposals budget --json").ok().json()["paused"] == json!(true);
    let form = |csrf: &str| format!("csrf={csrf}&paused=true");
    let send = |headers: &[(&str, &str)], form: &str| {
        let headers: Vec<(&str, String)> = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        http::send_with(&headers, "POST", &visitor.at("/proposals/pause"), Body::Form(form)).expect("it answers").status
    };
    let own = dashboard.origin.origin().ascii_serialization();
    let cookie = visitor.cookie.as_str();
    for (headers, form) in [
        (vec![("cookie", cookie)], form(&visitor.csrf)),
        (vec![("cookie", cookie), ("origin", "null")], form(&visitor.csrf)),
        (vec![("cookie", cookie), ("origin", "https://evil.example")], form(&visitor.csrf)),
        (vec![("cookie", cookie), ("origin", own.as_str())], form("guess")),
        (vec![("cookie", cookie), ("origin", own.as_str())], "paused=true".to_owned()),
        (vec![("cookie", cookie), ("sec-fetch-site", "cross-site")], form(&visitor.csrf)),
        (vec![("cookie", cookie), ("origin", own.as_str()), ("x-csrf-token", "guess")], "paused=true".to_owned()),
    ] {
        assert_eq!(send(&headers, &form), 403, "{headers:?} {form}");
        assert!(!paused());
    }
    assert_eq!(send(&[("origin", own.as_str())], &form(&visitor.csrf)), 401);
    let large = format!("csrf={}&paused=true&more={}", visitor.csrf, "x".repeat(2 << 20));
    assert_eq!(send(&[("cookie", cookie), ("origin", own.as_str())], &large), 403);
    assert!(!paused());
    // By a form, and by script.
    assert_eq!(send(&[("cookie", cookie), ("origin", own.as_str())], &form(&visitor.csrf)), 303);
    assert!(paused());
    let by_script = [("cookie", cookie), ("sec-fetch-site", "same-origin"), ("x-csrf-token", visitor.csrf.as_str())];
    assert_eq!(send(&by_script, "paused=false"), 303);
    assert!(!paused());
    // The session ends where it is left.
    let left = visitor.post("/leave", &[]);
    assert!(left.header("set-cookie").is_some_and(|cookie| cookie.contains("Max-Age=0")), "{left:?}");
    assert!(!left.body.contains("<nav"), "who has left is shown nothing any more: {}", left.body);
    assert_eq!(visitor.get("/leads").status, 401);
}

#[test]
fn every_answer_has_the_headers_that_keep_a_browser_from_being_tricked() {
    let prospector = at(Home::configured(""));
    let dashboard = Dashboard::of(&prospector);
    let visitor = dashboard.enter();
    let page = visitor.get("/leads");
    let style =
        page.body.split_once("rel=\"stylesheet\" href=\"").expect("a style").1.split('"').next().expect("a path");
    for (path, status) in
        [("/leads", 200), ("/nothing", 404), (style, 200), ("/assets/nothing.js", 404), ("/leads?min_score=x", 422)]
    {
        let reply = visitor.get(path);
        assert_eq!(reply.status, status, "{path}");
        let policy = reply.header("content-security-policy").expect("a policy");
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
        ] {
            assert_eq!(reply.header(name), Some(value), "{path}");
        }
        let cache = reply.header("cache-control").unwrap_or_default();
        assert_eq!(cache == "no-store", !(path.starts_with("/assets/") && status == 200), "{path}: {cache}");
    }
    assert!(!page.body.contains(" style=") && !page.body.contains("<script>"), "nothing inline");
}

#[test]
fn off_loopback_it_is_served_by_tls_alone() {
    let prospector = at(Home::configured(""));
    let refused = prospector.run("dashboard --listen 0.0.0.0:0").expect(2);
    assert!(refused.stderr.contains("--tls-certificate"), "{}", refused.stderr);
    let missing =
        prospector.run("dashboard --listen 127.0.0.1:0 --tls-certificate nothing.pem --tls-key nothing.pem").expect(2);
    assert!(missing.stderr.contains("nothing.pem"), "{}", missing.stderr);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let busy = prospector.run(&format!("dashboard --listen {}", taken.local_addr().expect("an address"))).expect(1);
    assert!(busy.stderr.contains("--listen"), "{}", busy.stderr);
}

#[test]
fn the_daemon_serves_it_as_well() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    let listen = format!("127.0.0.1:{}", free_port());
    let dashboard = Dashboard::by(prospector.command(["run", "--json", "--dashboard", "--listen", &listen]));
    let visitor = dashboard.enter();
    let began = Instant::now();
    while !visitor.get("/leads").body.contains("class=\"lead ") {
        assert!(began.elapsed() < PATIENCE, "what the daemon finds is shown");
    }
    let page = visitor.get("/scans").body;
    assert!(page.contains("; next <time"), "the daemon's plan is told: {page}");
}

#[test]
fn how_far_a_scan_is_comes_as_it_goes() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim);
    let dashboard = Dashboard::of(&prospector);
    let visitor = dashboard.enter();
    let authority = format!("127.0.0.1:{}", dashboard.origin.port().expect("a port"));
    let mut stream = TcpStream::connect(&authority).expect("it listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    write!(stream, "GET /scans/events HTTP/1.1\r\nhost: {authority}\r\ncookie: {}\r\n\r\n", visitor.cookie)
        .expect("it is sent");
    let began = Instant::now();
    // It is kept alive without end.
    let lines = BufReader::new(stream).lines().map_while(Result::ok);
    let mut lines = lines.take_while(|_| began.elapsed() < PATIENCE);
    assert!(lines.any(|line| line == "event: part"), "how they stand is told at once");
    let begun = visitor.post("/scans/freelancer", &[]);
    assert_eq!((begun.status, begun.location.as_deref()), (303, Some("/scans")));
    assert!(lines.any(|line| line == "event: ended"), "its end is told");
    let last = lines.find(|line| line.starts_with("data:")).expect("with what came of it");
    assert!(last.contains("Freelancer") && last.contains("fetched"), "{last}");
    assert_eq!(visitor.post("/scans/nowhere", &[]).status, 422);
    assert!(field(&visitor.get("/scans").body, "csrf").is_some());
}
