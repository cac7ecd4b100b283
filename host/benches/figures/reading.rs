//! Reading a platform's answers: JSON in, postings out.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use ghoststack::capability::http::client::{self, PrivateHosts};
use ghoststack::capability::http::gate::{Caller, Gate};
use ghoststack::capability::http::policy::Phase;
use ghoststack::capability::records::Records;
use ghoststack::capability::{Capabilities, Credentials};
use ghoststack::clock::SystemClock;
use ghoststack::contract::http::{Header, Request};
use ghoststack::contract::search::Query;
use ghoststack::contract::types::{self as host, Error, Method, UtcSeconds};
use ghoststack::contract::vault::Credential;
use ghoststack::lead::AccountKey;
use ghoststack::origin::Origin;
use ghoststack::pipeline::PAGE as ASKED;
use ghoststack::plugin::cache::CodeCache;
use ghoststack::plugin::engine::Engine;
use ghoststack::plugin::grant;
use ghoststack::plugin::platform::{PlatformPlugin, Work};
use ghoststack::store::{AuditRow, SqliteStore};
use prospector_plugin::testing::FakeHost;
use prospector_plugin::{Platform as _, search as guest, types as guest_types};
use prospector_upwork::Upwork;
use secrecy::SecretString;
use tokio::runtime::Runtime;

use crate::component;
use crate::harness::{Report, Samples, timed_keeping, us};
use crate::postings::{NOW, context};

pub(crate) const PLUGIN: &str = "upwork";
/// As many as the platform gives of one search; they are read twice.
const NODES: usize = 5_000;
const ROUNDS: usize = 2;
/// Nodes in an answer.
pub(crate) const PAGE: usize = 50;
/// Ten thousand nodes of Upwork's search, in the component against natively. Fetching is timed by itself and taken off.
pub fn rows(report: &mut Report, runtime: &Runtime) {
    let bodies: Arc<Vec<String>> = Arc::new((0..NODES / PAGE).map(body).collect());
    let origin = runtime.block_on(serve(bodies.clone()));
    let home = tempfile::tempdir().expect("a folder");
    let engine = Engine::new(CodeCache::at(home.path().join("cache"))).expect("an engine");
    let plugin = runtime.block_on(PlatformPlugin::load(&engine, PLUGIN, component(PLUGIN))).expect("a plugin");
    let store = runtime.block_on(SqliteStore::open(&home.path().join("store.db"))).expect("a store");
    let work = work(&plugin, &origin, store);
    let in_component = || {
        runtime.block_on(async {
            let mut found = Vec::new();
            for _ in 0..ROUNDS {
                let mut cursor = None;
                loop {
                    let page = plugin.search(&work, &query(cursor)).await.expect("a page");
                    found.extend(page.postings);
                    cursor = page.next;
                    if cursor.is_none() {
                        break;
                    }
                }
            }
            found
        })
    };
    let natively = || {
        let mut host = FakeHost::at(NOW).origin("api", &origin);
        for body in bodies.iter().cycle().take(ROUNDS * bodies.len()) {
            host = host.answer("/graphql", 200, body.as_str());
        }
        timed_keeping(|| {
            let mut found = Vec::new();
            for _ in 0..ROUNDS {
                let mut cursor = None;
                loop {
                    let page = Upwork::search(&host, &guest_query(cursor)).expect("a page");
                    found.extend(page.postings);
                    cursor = page.next;
                    if cursor.is_none() {
                        break;
                    }
                }
            }
            found
        })
    };
    assert_eq!(in_component().len(), ROUNDS * NODES, "every node becomes a posting");
    let requests = requests(&origin, &bodies);
    let caller =
        Caller { plugin: PLUGIN.to_owned(), account: work.account.clone(), phase: Phase::Search, permission: None };
    // With the same pauses as in the component: whoever waits for an answer is woken later the longer the machine had nothing to send.
    let fetching = || {
        let mut fetching = Duration::ZERO;
        for (request, body) in requests.iter().zip(&*bodies).cycle().take(ROUNDS * requests.len()) {
            let started = Instant::now();
            runtime.block_on(work.capabilities.gate.fetch(&caller, request.clone())).expect("an answer");
            fetching += started.elapsed();
            let host = FakeHost::at(NOW).origin("api", &origin).answer("/graphql", 200, body.as_str());
            let query = guest::Query { limit: PAGE as u32, ..guest_query(None) };
            assert_eq!(Upwork::search(&host, &query).expect("a page").postings.len(), PAGE);
        }
        fetching
    };
    let [native, component, fetch] =
        Samples::in_turn(9, [&mut || natively(), &mut || timed_keeping(in_component), &mut || fetching()]);
    let read = component.median().saturating_sub(fetch.median());
    let ratio = read.as_secs_f64() / native.median().as_secs_f64();
    let each = |duration: Duration| us(duration) / (ROUNDS * NODES) as f64;
    report.figure(
        "reading 10,000 nodes in upwork's component, over native",
        format!("{ratio:.2} times"),
        "at most 1.7 times",
        ratio <= 1.7,
    );
    let bytes: usize = bodies.iter().map(String::len).sum();
    report.note("native", format!("{:.2} us a node of {} bytes", each(native.median()), bytes / NODES));
    report.note("component, fetching taken off", format!("{:.2} us a node", each(read)));
    report.note("fetching through the gate, from loopback", format!("{:.2} us a node", each(fetch.median())));
}

fn query(cursor: Option<String>) -> Query {
    let context = context!(host, PLUGIN);
    Query { now: NOW, settings: vec![], profile: context.profile, cursor, limit: ASKED, since: None }
}

fn guest_query(cursor: Option<String>) -> guest::Query {
    let context = context!(guest_types, PLUGIN);
    guest::Query { now: NOW, settings: vec![], profile: context.profile, cursor, limit: ASKED, since: None }
}

/// An answer of the platform's, with the nodes of a page: what is asked for, in the order in which it is asked for, as GraphQL has it.
pub(crate) fn body(page: usize) -> String {
    let edges: Vec<String> = (page * PAGE..(page + 1) * PAGE).map(|n| format!("{{\"node\":{}}}", node(n))).collect();
    let more = (page + 1) * PAGE < NODES;
    format!(
        r#"{{"data":{{"marketplaceJobPostingsSearch":{{"totalCount":{NODES},"edges":[{}],"pageInfo":{{"hasNextPage":{more}}}}}}}}}"#,
        edges.join(",")
    )
}

/// A node of about 3 KB with every field that is asked for.
fn node(n: usize) -> String {
    let money = |amount: &str| format!(r#"{{"rawValue":"{amount}","currency":"USD"}}"#);
    let at = |minutes: usize| {
        let stamp = NOW - minutes as i64 * 60;
        let (days, rest) = (stamp.div_euclid(86_400), stamp.rem_euclid(86_400));
        // 20717 days after 1970-01-01 is 2026-09-21; the bench's nodes all lie in the few weeks before.
        let day = 21 - (20_717 - days);
        let (month, day) = if day > 0 { (9, day) } else { (8, 31 + day) };
        format!("2026-{month:02}-{day:02}T{:02}:{:02}:{:02}+0000", rest / 3600, rest / 60 % 60, rest % 60)
    };
    let skills = ["Rust", "TypeScript", "React", "PostgreSQL", "Docker"]
        .map(|name| format!(r#"{{"name":"{}","prettyName":"{name}"}}"#, name.to_lowercase()))
        .join(",");
    let description = r#"We need somebody who has done this before, and \"can\" show it.\nPlease say how. "#.repeat(20);
    let (amount, hourly) = match n.is_multiple_of(2) {
        true => (money("500.0"), ["null".to_owned(), "null".to_owned()]),
        false => (money("0.0"), [money("35.0"), money("80.0")]),
    };
    let id = 2_024_000_000_000_000_000 + n as u64;
    let fields = [
        format!(r#""id":"{id}","ciphertext":"~02{id}""#),
        format!(r#""title":"Service number {n} that reads reports and writes summaries""#),
        format!(r#""description":"{description}""#),
        format!(r#""createdDateTime":"{}","publishedDateTime":"{}","renewedDateTime":null"#, at(n + 5), at(n)),
        format!(r#""amount":{amount},"hourlyBudgetMin":{},"hourlyBudgetMax":{}"#, hourly[0], hourly[1]),
        r#""experienceLevel":"EXPERT","duration":"MONTH","durationLabel":"1 to 3 months""#.to_owned(),
        format!(r#""engagement":"Less than 30 hrs/week","skills":[{skills}]"#),
        r#""occupations":{"category":{"prefLabel":"Web, Mobile & Software Dev"}"#.to_owned(),
        r#""subCategories":[{"prefLabel":"Web Development"}]"#.to_owned(),
        r#""occupationService":{"prefLabel":"Back-End Development"}}"#.to_owned(),
        r#""category":"web_mobile_software_dev","subcategory":"web_development""#.to_owned(),
        format!(r#""client":{{"companyRid":"{}","totalHires":12,"totalPostedJobs":20"#, 8_000_000 + n),
        format!(r#""totalReviews":10,"totalFeedback":4.92,"totalSpent":{}"#, money("3817.42")),
        r#""verificationStatus":"VERIFIED","memberSinceDateTime":"2019-03-01T00:00:00+0000""#.to_owned(),
        r#""location":{"country":"United States"}}"#.to_owned(),
        format!(r#""totalApplicants":{},"applied":false,"freelancersToHire":1"#, n % 60),
        r#""premium":false,"enterprise":false,"preferredFreelancerLocation":[]"#.to_owned(),
        r#""preferredFreelancerLocationMandatory":false"#.to_owned(),
    ];
    format!("{{{}}}", fields.join(","))
}

/// What the plugin sends to read all nodes once.
pub(crate) fn requests(origin: &str, bodies: &[String]) -> Vec<Request> {
    let mut host = FakeHost::at(NOW).origin("api", origin);
    for body in bodies {
        host = host.answer("/graphql", 200, body.as_str());
    }
    let mut cursor = None;
    while host.unused() > 0 {
        cursor = Upwork::search(&host, &guest_query(cursor)).expect("a page").next;
    }
    let sent = host.requests().into_iter().map(|request| Request {
        method: Method::Post,
        url: request.url,
        headers: request.headers.into_iter().map(|header| Header { name: header.name, value: header.value }).collect(),
        body: request.body,
        credential: request.credential,
        timeout_ms: request.timeout_ms,
    });
    sent.collect()
}

/// Serves the answers by the offset that is asked for; its origin.
pub(crate) async fn serve(bodies: Arc<Vec<String>>) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let origin = format!("http://{}", listener.local_addr().expect("an address"));
    let router = axum::Router::new().fallback(async move |asked: axum::Json<serde_json::Value>| {
        let after = asked.pointer("/variables/filter/pagination_eq/after").and_then(|after| after.as_str());
        let offset: usize = after.and_then(|after| after.parse().ok()).expect("an offset");
        bodies[offset / PAGE].clone()
    });
    tokio::spawn(async move { axum::serve(listener, router).await });
    origin
}

struct OneSecret;

#[async_trait]
impl Credentials for OneSecret {
    async fn describe(&self, _: &AccountKey, _: &str) -> Option<Credential> {
        None
    }

    async fn secret(&self, _: &AccountKey, _: &str) -> Result<SecretString, Error> {
        Ok(SecretString::from("oauth2v2_0123456789abcdef0123456789abcdef"))
    }

    async fn replacement(&self, _: &AccountKey, _: &str, secret: &SecretString) -> Result<Option<SecretString>, Error> {
        Ok(Some(secret.clone()))
    }
}

/// Writes nothing down.
struct NoRecords;

#[async_trait]
impl Records for NoRecords {
    fn audit(&self, _: AuditRow) {}

    async fn admit_request(&self, _: &AccountKey, _: UtcSeconds) -> Result<bool, String> {
        Ok(true)
    }
}

pub(crate) fn work(plugin: &PlatformPlugin, origin: &str, store: SqliteStore) -> Work {
    let endpoints = [("api".to_owned(), Origin::parse(origin).expect("an origin"))].into();
    let policy = grant::policy(&plugin.descriptor, &endpoints).expect("a policy");
    let private = PrivateHosts::default();
    let client = client::client(&private).expect("a client");
    let clock = Arc::new(SystemClock);
    let credentials: Arc<dyn Credentials> = Arc::new(OneSecret);
    let gate = Gate::new(policy, client, &private, credentials.clone(), Arc::new(NoRecords), clock.clone());
    let account =
        AccountKey { profile: "default".to_owned(), platform: PLUGIN.to_owned(), account: "default".to_owned() };
    Work { account, capabilities: Arc::new(Capabilities { gate, credentials, data: Arc::new(store), clock }) }
}
