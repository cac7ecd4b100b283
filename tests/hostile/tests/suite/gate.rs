//! Requests that must not leave, or not with what they carry.

use axum::body::Body;
use axum::http::Response as Answer;
use axum::response::Response;
use ghoststack::store::{Audit, AuditFilter, Scope};
use prospector_hostile::ear::Ear;
use prospector_hostile::guest;
use prospector_hostile::posting::Told;
use prospector_hostile::scene::{NEXT_SECRET, SECRET, Scene};
use prospector_hostile::server::{Seen, Server};

use crate::asking::Ask;

async fn quiet() -> Server {
    Server::start(|_| Response::default()).await
}

fn redirecting_to(location: String) -> impl Fn(&Seen) -> Response + Clone + Send + Sync + 'static {
    move |_| Answer::builder().status(302).header("location", &location).body(Body::empty()).expect("an answer")
}

#[tokio::test]
async fn requests_that_were_not_granted_do_not_leave_and_name_the_rule() {
    let (plugin, scene, server, other) = (guest::plugin().await, Scene::open().await, quiet().await, quiet().await);
    let work = scene.work(&plugin, &[("api", &server.origin()), ("other", &other.origin())]);
    let at = |path: &str| format!("{}{path}", server.origin());
    let read = || Ask::get(at("/read"));
    for (ask, code) in [
        (Ask::get("https://evil.example/read"), "gate.origin-not-granted"),
        (Ask::get(format!("http://localhost:{}/read", server.port())), "gate.origin-not-granted"),
        (Ask::get(format!("https://127.0.0.1:{}/read", server.port())), "gate.origin-not-granted"),
        (Ask::get("http://127.0.0.1:1/read"), "gate.origin-not-granted"),
        (Ask::get("file:///etc/passwd"), "gate.bad-url"),
        (Ask::get("http://evil.example/read"), "gate.bad-url"),
        (Ask::get(format!("http://u:p@127.0.0.1:{}/read", server.port())), "gate.bad-url"),
        (Ask::get("/read"), "gate.bad-url"),
        (Ask::get(at("/")), "gate.route-not-granted"),
        (Ask::get(at("/readable")), "gate.route-not-granted"),
        (Ask::get(at("/read/../write")), "gate.route-not-granted"),
        (Ask::get(at("/read/%2e%2e/write")), "gate.route-not-granted"),
        (Ask::get(at("/read/.%2E/write")), "gate.route-not-granted"),
        (Ask::get(at("/read/..%2fwrite")), "gate.bad-url"),
        (Ask::get(at("/read/..%5cwrite")), "gate.bad-url"),
        (Ask::get(at("/read/..\\write")), "gate.bad-url"),
        (Ask::get(at("/read/..;/write")), "gate.bad-url"),
        (Ask::get(at("/read/%252e%252e/write")), "gate.bad-url"),
        (Ask::get(at("/read/..%3b/write")), "gate.bad-url"),
        (Ask::get(at("/read//x")), "gate.bad-url"),
        (Ask::get(at("/read/\u{0}")), "gate.bad-url"),
        (Ask::get(at("/read HTTP/1.1\r\nHost: evil.example\r\n\r\n")), "gate.bad-url"),
        (read().header("Host: evil.example"), "gate.host-header"),
        (read().header("Authorization: Bearer guess"), "gate.host-header"),
        (read().header("Cookie: a=b"), "gate.host-header"),
        (read().header("Content-Length: 0"), "gate.host-header"),
        (read().header("Transfer-Encoding: chunked"), "gate.host-header"),
        (read().header("X-HTTP-Method-Override: DELETE"), "gate.host-header"),
        (read().header("X-Token: guess"), "gate.host-header"),
        (read().header("x-token: guess").with("account"), "gate.host-header"),
        (read().header("X-Fine: a\r\nHost: evil.example"), "gate.bad-header"),
        (read().header("X-Fine\r\nHost: evil.example"), "gate.bad-header"),
        (read().header("X-Fine: a\nb"), "gate.bad-header"),
        (read().body("a body"), "gate.bad-request"),
        (Ask::get(format!("{}/", other.origin())).with("account"), "gate.audience"),
        (read().with("other"), "gate.unknown-credential"),
        (Ask::by("DELETE", at("/read")), "gate.route-not-granted"),
        (Ask::by("POST", at("/write")).body("{}"), "gate.write-without-approval"),
        (Ask::by("PUT", at("/write")), "gate.write-without-approval"),
        (Ask::by("POST", at("/graphql")).body(r#"{"query":"mutation { a }"}"#), "gate.write-without-approval"),
        (
            Ask::by("POST", at("/graphql")).body(r#"{"query":"{ a } subscription { b }"}"#),
            "gate.write-without-approval",
        ),
        (Ask::by("POST", at("/graphql")).body(r#"{"query":"{ a }","query":"mutation { a }"}"#), "gate.graphql"),
        (Ask::by("POST", at("/graphql")).body(r#"[{"query":"mutation { a }"}]"#), "gate.graphql"),
        (Ask::by("POST", at("/graphql")).body(r#"{"extensions":{"persistedQuery":{}}}"#), "gate.graphql"),
        (Ask::by("POST", at("/graphql")).body("mutation { a }"), "gate.graphql"),
    ] {
        let shown = format!("{ask:?}");
        let told = ask.during_search(&work).await;
        assert_eq!((told.0.id.as_str(), told.outcome()), ("refusal", code), "{shown}");
        assert_eq!(told.fact("delivery"), "Delivery::NotSent", "{shown}");
    }
    assert_eq!((server.seen().len(), other.seen().len()), (0, 0), "nothing has left");
}

#[tokio::test]
async fn a_granted_request_leaves_with_the_credential_which_the_guest_never_sees() {
    let (plugin, scene, server) = (guest::plugin().await, Scene::open().await, quiet().await);
    let work = scene.work(&plugin, &[("api", &server.origin())]);
    let told = Ask::get(format!("{}/read/x?y=z", server.origin())).with("account").during_search(&work).await;
    assert_eq!(told.outcome(), "200");
    let seen = server.seen();
    assert_eq!(
        (seen[0].line.as_str(), seen[0].header("x-token")),
        ("GET /read/x?y=z", format!("Bearer {SECRET}").as_str())
    );
    assert!(seen[0].header("user-agent").starts_with("Prospector/"));
    assert_eq!(seen[0].header("cookie"), "");
    assert!(!told.all().contains(SECRET));
}

#[tokio::test]
async fn a_secret_that_a_server_repeats_is_redacted_in_body_and_headers_and_is_nowhere_else() {
    let (plugin, scene) = (guest::plugin().await, Scene::open().await);
    let (ear, _listening) = Ear::listen();
    let server = Server::start(|seen| {
        let token = seen.header("x-token");
        let body = format!("you sent {token}, {token} and {}", token.trim_start_matches("Bearer "));
        let answer = Answer::builder()
            .header("x-echo", token)
            .header("x-fine", "yes")
            .header("set-cookie", format!("a={token}"));
        answer.body(Body::from(body)).expect("an answer")
    })
    .await;
    let work = scene.work(&plugin, &[("api", &server.origin())]);
    let told = Ask::get(format!("{}/read", server.origin())).with("account").during_search(&work).await;
    assert_eq!(told.0.description, "you sent Bearer [redacted], Bearer [redacted] and [redacted]");
    assert_eq!((told.fact("x-echo"), told.fact("set-cookie"), told.fact("x-fine")), ("", "", "yes"));
    assert!(server.seen()[0].header("x-token").contains(SECRET), "the server was sent it");
    found_nowhere(&told, &ear, &scene).await;
}

/// Sees that the secret is not in what the guest was told, in the log, or in the store's files.
async fn found_nowhere(told: &Told, ear: &Ear, scene: &Scene) {
    assert!(!told.all().contains(SECRET), "{}", told.all());
    let bytes = scene.stored_bytes().await;
    assert!(!bytes.is_empty() && !bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes()));
    let lines = ear.lines();
    assert!(!lines.is_empty() && !lines.iter().any(|line| line.contains(SECRET)));
}

#[tokio::test]
async fn a_secret_in_a_headers_name_is_redacted_too() {
    let (plugin, scene) = (guest::plugin().await, Scene::open().await);
    let server = Server::start(|_| Answer::builder().header(SECRET, "1").body(Body::empty()).expect("an answer")).await;
    let work = scene.work(&plugin, &[("api", &server.origin())]);
    let told = Ask::get(format!("{}/read", server.origin())).with("account").during_search(&work).await;
    assert_eq!(told.outcome(), "200");
    assert!(!told.all().contains(SECRET), "{}", told.all());
}

#[tokio::test]
async fn a_secret_in_the_place_that_a_redirect_leads_to_is_not_told() {
    let (plugin, scene) = (guest::plugin().await, Scene::open().await);
    for location in [format!("/elsewhere/{SECRET}"), format!("https://{SECRET}.evil.example/")] {
        let server = Server::start(redirecting_to(location)).await;
        let work = scene.work(&plugin, &[("api", &server.origin())]);
        let told = Ask::get(format!("{}/read", server.origin())).with("account").during_search(&work).await;
        assert_eq!(told.0.id, "refusal");
        assert!(!told.all().contains(SECRET), "{}", told.all());
    }
}

#[tokio::test]
async fn a_secret_in_a_redirect_that_follows_a_refused_token_is_not_told() {
    let (plugin, scene) = (guest::plugin().await, Scene::open().await);
    for secret in [SECRET, NEXT_SECRET] {
        let server = Server::start(move |seen| {
            if !seen.header("x-token").contains(NEXT_SECRET) {
                return Answer::builder().status(401).body(Body::empty()).expect("an answer");
            }
            redirecting_to(format!("/elsewhere/{secret}"))(seen)
        })
        .await;
        let work = scene.work(&plugin, &[("api", &server.origin())]);
        let told = Ask::get(format!("{}/read", server.origin())).with("account").during_search(&work).await;
        assert_eq!((told.0.id.as_str(), server.seen().len()), ("refusal", 2));
        assert!(!told.all().contains(secret), "{}", told.all());
    }
}

#[tokio::test]
async fn a_secret_that_was_not_accepted_is_redacted_as_well_as_the_one_that_replaced_it() {
    let (plugin, scene) = (guest::plugin().await, Scene::open().await);
    let server = Server::start(|seen| {
        let status = if seen.header("x-token").contains(NEXT_SECRET) { 200 } else { 401 };
        let body = Body::from(format!("first {SECRET}, then {NEXT_SECRET}"));
        Answer::builder().status(status).body(body).expect("an answer")
    })
    .await;
    let work = scene.work(&plugin, &[("api", &server.origin())]);
    let told = Ask::get(format!("{}/read", server.origin())).with("account").during_search(&work).await;
    assert_eq!((told.outcome(), server.seen().len()), ("200", 2));
    assert!(!told.all().contains(NEXT_SECRET));
    assert!(!told.all().contains(SECRET), "{}", told.all());
}

#[tokio::test]
async fn a_redirect_is_vetted_like_a_request() {
    let (plugin, scene, elsewhere) = (guest::plugin().await, Scene::open().await, quiet().await);
    for (location, code) in [
        (elsewhere.origin(), "gate.origin-not-granted"),
        (format!("{}/read", elsewhere.origin()), "gate.origin-not-granted"),
        ("https://169.254.169.254/latest/meta-data/".to_owned(), "gate.origin-not-granted"),
        ("http://169.254.169.254/latest/meta-data/".to_owned(), "gate.bad-url"),
        ("https://[::ffff:127.0.0.1]/".to_owned(), "gate.origin-not-granted"),
        ("http://localhost/".to_owned(), "gate.origin-not-granted"),
        ("/write".to_owned(), "gate.route-not-granted"),
        ("/read/%2e%2e/write".to_owned(), "gate.route-not-granted"),
        ("file:///etc/passwd".to_owned(), "gate.bad-url"),
        ("javascript:alert(1)".to_owned(), "gate.bad-url"),
        ("//user@evil.example/".to_owned(), "gate.bad-url"),
    ] {
        let server = Server::start(redirecting_to(location.clone())).await;
        let work = scene.work(&plugin, &[("api", &server.origin())]);
        for ask in [
            Ask::get(format!("{}/read", server.origin())),
            Ask::get(format!("{}/read", server.origin())).with("account"),
        ] {
            let told = ask.during_search(&work).await;
            assert_eq!((told.0.id.as_str(), told.outcome()), ("refusal", code), "{location}");
        }
        assert_eq!(server.seen().len(), 2, "{location}");
    }
    assert_eq!(elsewhere.seen().len(), 0);
}

#[tokio::test]
async fn a_redirect_to_an_origin_that_resolves_to_a_refused_address_is_not_followed() {
    let (plugin, scene) = (guest::plugin().await, Scene::open().await);
    for stray in ["https://169.254.169.254", "https://10.0.0.1", "https://localhost"] {
        let server = Server::start(redirecting_to(format!("{stray}/"))).await;
        let work = scene.work_declaring(&plugin, &[("stray", stray)], &[("api", &server.origin())]);
        let told = Ask::get(format!("{}/read", server.origin())).during_search(&work).await;
        assert_eq!(told.outcome(), "gate.address", "{stray}: {}", told.all());
    }
}

#[tokio::test]
async fn a_credential_does_not_follow_a_redirect_out_of_its_audience() {
    let (plugin, scene, other) = (guest::plugin().await, Scene::open().await, quiet().await);
    let server = Server::start(redirecting_to(format!("{}/found", other.origin()))).await;
    let work = scene.work(&plugin, &[("api", &server.origin()), ("other", &other.origin())]);
    let told = Ask::get(format!("{}/read", server.origin())).with("account").during_search(&work).await;
    assert_eq!(told.outcome(), "gate.audience");
    assert_eq!(other.seen().len(), 0);
    let told = Ask::get(format!("{}/read", server.origin())).during_search(&work).await;
    assert_eq!(told.outcome(), "200", "without a credential it is a request like others");
    let seen = other.seen();
    assert_eq!((seen[0].line.as_str(), seen[0].header("x-token"), seen[0].header("referer")), ("GET /found", "", ""));
}

#[tokio::test]
async fn a_redirect_of_a_post_is_handed_to_the_guest_and_not_followed() {
    let (plugin, scene) = (guest::plugin().await, Scene::open().await);
    let server = Server::start(redirecting_to("/read/again".to_owned())).await;
    let work = scene.work(&plugin, &[("api", &server.origin())]);
    let told = Ask::by("POST", format!("{}/read", server.origin())).body("{}").during_search(&work).await;
    assert_eq!((told.outcome(), told.fact("location"), server.seen().len()), ("302", "/read/again", 1));
}

#[tokio::test]
async fn redirects_in_a_circle_come_to_an_end() {
    let (plugin, scene) = (guest::plugin().await, Scene::open().await);
    let server = Server::start(redirecting_to("/read".to_owned())).await;
    let work = scene.work(&plugin, &[("api", &server.origin())]);
    let told = Ask::get(format!("{}/read", server.origin())).during_search(&work).await;
    assert_eq!((told.fact("kind"), server.seen().len()), ("ErrorKind::UnexpectedAnswer", 6));
}

#[tokio::test]
async fn a_declared_origin_that_is_not_public_is_not_dialled_unless_the_person_points_there() {
    let (plugin, scene, server) = (guest::plugin().await, Scene::open().await, quiet().await);
    let by_address = format!("http://127.0.0.1:{}", server.port());
    let by_name = format!("http://localhost:{}", server.port());
    for stray in
        ["https://10.0.0.1", "https://169.254.169.254", "https://[::1]", "https://100.64.0.1", &by_address, &by_name]
    {
        let work = scene.work_declaring(&plugin, &[("stray", stray)], &[]);
        let told = Ask::get(format!("{stray}/x")).during_search(&work).await;
        assert_eq!(told.outcome(), "gate.address", "{stray}: {}", told.all());
        assert!(told.fact("remedy").contains("endpoints:"), "{stray}");
    }
    assert_eq!(server.seen().len(), 0);
    for stray in [&by_address, &by_name] {
        let work = scene.work(&plugin, &[("stray", stray)]);
        assert_eq!(Ask::get(format!("{stray}/x")).during_search(&work).await.outcome(), "200", "{stray}");
    }
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn what_the_person_points_one_plugin_at_is_not_granted_to_another() {
    let (plugin, scene, server) = (guest::plugin().await, Scene::open().await, quiet().await);
    let by_name = format!("http://localhost:{}", server.port());
    let granted = scene.work(&plugin, &[("stray", &by_name)]);
    let other = scene.work_declaring(&plugin, &[("stray", &by_name)], &[]);
    let url = format!("{by_name}/x");
    assert_eq!(Ask::get(&url).during_search(&granted).await.outcome(), "200");
    assert_eq!(Ask::get(&url).during_search(&other).await.outcome(), "gate.address");
}

#[tokio::test]
async fn a_mutation_in_the_url_of_a_graphql_post_is_a_write() {
    let (plugin, scene, server) = (guest::plugin().await, Scene::open().await, quiet().await);
    let work = scene.work(&plugin, &[("api", &server.origin())]);
    let url = format!("{}/graphql?query=mutation%20%7B%20bid%20%7D", server.origin());
    let told = Ask::by("POST", url).body(r#"{"query":"{ me }"}"#).with("account").during_search(&work).await;
    assert_eq!(server.seen().iter().map(|seen| seen.line.clone()).collect::<Vec<_>>(), Vec::<String>::new());
    assert_eq!(told.0.id, "refusal");
}

#[tokio::test]
async fn headers_that_rewrite_the_path_behind_a_proxy_are_the_hosts() {
    let (plugin, scene, server) = (guest::plugin().await, Scene::open().await, quiet().await);
    let work = scene.work(&plugin, &[("api", &server.origin())]);
    for header in
        ["X-Original-URL: /write", "X-Rewrite-URL: /write", "X-Forwarded-Prefix: /write", "X-Real-IP: 127.0.0.1"]
    {
        let told = Ask::get(format!("{}/read", server.origin())).header(header).during_search(&work).await;
        assert_eq!(told.outcome(), "gate.host-header", "{header}");
    }
}

#[tokio::test]
async fn what_was_judged_of_a_graphql_body_is_what_is_sent() {
    let (plugin, scene, server) = (guest::plugin().await, Scene::open().await, quiet().await);
    let work = scene.work(&plugin, &[("api", &server.origin())]);
    let body = "\n { \"query\" : \"{ a # mutation\\n }\" , \"variables\": {\"x\": 1} } ";
    let told = Ask::by("POST", format!("{}/graphql", server.origin())).body(body).during_search(&work).await;
    assert_eq!(told.outcome(), "200", "{}", told.all());
    assert_eq!(&server.seen()[0].body[..], &br##"{"query":"{ a # mutation\n }","variables":{"x":1}}"##[..]);
}

#[tokio::test]
async fn refused_and_answered_requests_are_in_the_audit_without_their_queries() {
    let (plugin, scene, server) = (guest::plugin().await, Scene::open().await, quiet().await);
    let work = scene.work(&plugin, &[("api", &server.origin())]);
    let at = |path: &str| format!("{}{path}", server.origin());
    Ask::get(at("/read?key=guess")).with("account").during_search(&work).await;
    Ask::get(at("/elsewhere?key=guess")).during_search(&work).await;
    scene.flush().await;
    let rows = scene
        .store
        .audit(&AuditFilter { scope: Scope::profile("default"), since: None, limit: 100 })
        .await
        .expect("the audit can be read");
    let told: Vec<_> =
        rows.iter().map(|row| (row.path.as_str(), row.outcome.as_str(), row.credential.as_deref())).collect();
    assert!(told.contains(&("/read", "ok", Some("account"))), "{told:?}");
    assert!(told.contains(&("/elsewhere", "gate.route-not-granted", None)), "{told:?}");
    assert!(rows.iter().all(|row| row.plugin == "hostile" && row.phase == "search"));
}
