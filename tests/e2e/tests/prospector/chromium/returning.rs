//! A log-in that a page of ours begins, with the platform on another site: the person agrees in the browser and is back at the page, with the
//! session that it had. The page is this test's own; the log-in is the program's.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Form, Router};
use ghoststack::app::connect::{Return, prepare};
use ghoststack::app::{Access, AppError, Installation};
use ghoststack::config::Home;
use prospector_e2e::chromium::By;
use prospector_e2e::sim::TOKEN;
use prospector_e2e::{Chromium, Prospector, Sim};
use secrecy::SecretString;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use url::Url;

use super::pages::serve;
use crate::support::{at_another_site, axe, chromium};

const SESSION: &str = "session=planted; HttpOnly; SameSite=Strict; Path=/";

/// The page's own side.
struct Page {
    home: PathBuf,
    accounts: String,
    log_in: Mutex<Option<JoinHandle<Result<(), AppError>>>>,
}

/// A page that can begin a log-in; its address.
fn page(prospector: &Prospector, sim: &Sim) -> String {
    let accounts = elsewhere(&sim.freelancer().origins().accounts);
    let page = Page { home: prospector.home.path(), accounts, log_in: Mutex::new(None) };
    let router = Router::new()
        .route("/enter", get(|| async { (StatusCode::SEE_OTHER, [(SET_COOKIE, SESSION), (LOCATION, "/platforms")]) }))
        .route("/platforms", get(show))
        .route("/begin", post(begin))
        .with_state(Arc::new(page));
    serve(router)
}

fn elsewhere(origin: &str) -> String {
    origin.replace("127.0.0.1", "localhost")
}

async fn show(State(page): State<Arc<Page>>, headers: HeaderMap) -> impl IntoResponse {
    let known = headers.get(COOKIE).is_some_and(|cookie| cookie.as_bytes() == b"session=planted");
    let log_in = page.log_in.lock().expect("nobody panicked").take();
    let state = match log_in {
        Some(log_in) => match log_in.await.expect("the log-in does not panic") {
            Ok(()) => "Connected".to_owned(),
            Err(error) => error.to_string(),
        },
        None => "Disconnected".to_owned(),
    };
    // A form's redirects are held to `form-action` by Chromium too.
    let policy = format!("default-src 'none'; form-action 'self' {}", page.accounts);
    let body = format!(
        "<!doctype html><html lang=\"en\"><head><title>Platforms</title></head><body><main><h1>Platforms</h1>\
         <p>Session: {}</p><p>{state}</p><form method=\"post\" action=\"/begin\">\
         <input type=\"hidden\" name=\"platform\" value=\"freelancer\"><button>Log in</button></form></main></body></html>",
        if known { "known" } else { "unknown" },
    );
    ([(CONTENT_TYPE, "text/html; charset=utf-8".to_owned()), (CONTENT_SECURITY_POLICY, policy)], body)
}

async fn begin(
    State(page): State<Arc<Page>>,
    headers: HeaderMap,
    Form(asked): Form<Vec<(String, String)>>,
) -> impl IntoResponse {
    let host = headers["host"].to_str().expect("a host");
    let then = Url::parse(&format!("http://{host}/platforms")).expect("an address");
    let (tell, begun) = oneshot::channel();
    let home = page.home.clone();
    let log_in = tokio::spawn(async move {
        let app = Installation::open(Home::at(home)).await?.configured()?;
        let services = app.services(Access::Write).await?;
        let plugin = app.installation.plugin(&asked[0].1)?.clone();
        let connecting = prepare(&app, &services, &plugin, None, Return::Browser(then)).await?;
        let logging_in = connecting.begin("sim-client", &SecretString::from("sim-secret"))?;
        tell.send((logging_in.url().to_string(), logging_in.cookie())).expect("the page waits");
        let ended = logging_in.wait().await.map(drop);
        services.close().await;
        ended
    });
    *page.log_in.lock().expect("nobody panicked") = Some(log_in);
    let (url, cookie) = begun.await.expect("the log-in begins");
    (StatusCode::SEE_OTHER, [(SET_COOKIE, cookie.expect("one browser is believed"))], [(LOCATION, url)])
}

/// Enters the page and begins a log-in; the address of the consent page.
fn at_the_consent_page(browser: &Chromium, page: &str) -> Url {
    browser.open(&format!("{page}/enter"));
    assert!(browser.text().contains("Session: known") && browser.text().contains("Disconnected"), "{}", browser.text());
    browser.click(By::Role("button", "Log in"));
    let _asked = browser.find(By::Role("button", "Allow"));
    let address = browser.address();
    assert_eq!(address.host_str(), Some("localhost"), "the platform is on another site");
    address
}

#[test]
fn a_person_agrees_on_another_site_and_is_back_at_the_page_with_the_session_it_had() {
    let (Some(browser), Some(axe)) = (chromium(), axe()) else { return };
    let sim = Sim::asking();
    let prospector = at_another_site(&sim);
    let page = page(&prospector, &sim);
    at_the_consent_page(&browser, &page);
    axe.assert_content(&browser);
    browser.click(By::Role("button", "Allow"));
    let _connected = browser.find(By::Text("Connected"));
    assert_eq!(
        (browser.address().as_str(), browser.text().contains("Session: known")),
        (&*format!("{page}/platforms"), true)
    );
    assert!(prospector.run("status").ok().stdout.contains("Status: Connected"));
    assert_eq!(browser.complaints(), Vec::<String>::new());
    // The address with the code is left behind.
    browser.back();
    let _asked = browser.find(By::Role("heading", "Authorise an application"));
}

#[test]
fn a_person_who_says_no_is_back_at_the_page_which_says_so() {
    let Some(browser) = chromium() else { return };
    let sim = Sim::asking();
    let prospector = at_another_site(&sim);
    let page = page(&prospector, &sim);
    at_the_consent_page(&browser, &page);
    browser.click(By::Role("button", "Deny"));
    let _said = browser.find(By::Text("Access denied"));
    assert!(browser.text().contains("Session: known"), "{}", browser.text());
    assert!(sim.requests(TOKEN).is_empty());
}

#[test]
fn an_answer_that_another_browser_brings_is_not_believed_and_the_first_may_still_give_its_own() {
    let (Some(browser), Some(other)) = (chromium(), chromium()) else { return };
    let sim = Sim::asking();
    let prospector = at_another_site(&sim);
    let page = page(&prospector, &sim);
    let consent = at_the_consent_page(&browser, &page);
    // The same log-in, to the letter of its state.
    other.open(consent.as_str());
    other.click(By::Role("button", "Allow"));
    let _refused = other.find(By::Role("heading", "Not this log-in"));
    assert_eq!(other.address().host_str(), Some("127.0.0.1"));
    assert!(sim.requests(TOKEN).is_empty(), "an answer of another browser was believed");
    browser.click(By::Role("button", "Allow"));
    let _connected = browser.find(By::Text("Connected"));
    assert_eq!(sim.requests(TOKEN).len(), 1);
}
