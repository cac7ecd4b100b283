//! What the gate adds to a request: policy, credential, audit and redaction, over a plain client that asks the same server for the same.

use std::sync::Arc;
use std::time::Duration;

use ghoststack::capability::http::gate::Caller;
use ghoststack::capability::http::policy::Phase;
use ghoststack::contract::http::Request;
use ghoststack::plugin::cache::CodeCache;
use ghoststack::plugin::engine::Engine;
use ghoststack::plugin::platform::PlatformPlugin;
use ghoststack::store::SqliteStore;
use tokio::runtime::Runtime;

use crate::component;
use crate::harness::{Report, Samples, timed, us};
use crate::reading::{PAGE, PLUGIN, body, requests, serve, work};

/// Requests of each client, in turn.
const REQUESTS: usize = 3_000;

/// One page of a search, 50 postings of 3 KB, asked for in turn by the gate and by a plain client. Both keep their connection.
pub fn rows(report: &mut Report, runtime: &Runtime) {
    let bodies = Arc::new(vec![body(0)]);
    let origin = runtime.block_on(serve(bodies.clone()));
    let home = tempfile::tempdir().expect("a folder");
    let engine = Engine::new(CodeCache::at(home.path().join("cache"))).expect("an engine");
    let plugin = runtime.block_on(PlatformPlugin::load(&engine, PLUGIN, component(PLUGIN))).expect("a plugin");
    let store = runtime.block_on(SqliteStore::open(&home.path().join("store.db"))).expect("a store");
    let work = work(&plugin, &origin, store);
    let caller =
        Caller { plugin: PLUGIN.to_owned(), account: work.account.clone(), phase: Phase::Search, permission: None };
    let request = requests(&origin, &bodies).swap_remove(0);
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let mut through_gate = || {
        timed(|| {
            runtime.block_on(work.capabilities.gate.fetch(&caller, request.clone())).expect("an answer").body.len()
        })
    };
    let mut plainly = || timed(|| runtime.block_on(plain(&client, &request)).len());
    for _ in 0..100 {
        through_gate();
        plainly();
    }
    let [plain, gate] = Samples::in_turn(REQUESTS, [&mut plainly, &mut through_gate]);
    let added = |of: fn(&Samples) -> Duration| us(of(&gate)) - us(of(&plain));
    let at_99 = added(Samples::p99);
    report.figure(
        "what the gate adds to a request, at the 99th percentile",
        format!("{at_99:.0} us"),
        "under 100 us",
        at_99 < 100.0,
    );
    report.note("at the median", format!("{:.0} us", added(Samples::median)));
    report.note(
        "plain reqwest, from loopback",
        format!(
            "{:.0} us (p99 {:.0}) for {} postings, {} bytes",
            us(plain.median()),
            us(plain.p99()),
            PAGE,
            bodies[0].len()
        ),
    );
}

async fn plain(client: &reqwest::Client, request: &Request) -> Vec<u8> {
    let mut asked = client.post(&request.url).bearer_auth("oauth2v2_0123456789abcdef0123456789abcdef");
    for header in &request.headers {
        asked = asked.header(&header.name, &header.value);
    }
    let answer = asked.body(request.body.clone().unwrap_or_default()).send().await.expect("an answer");
    answer.bytes().await.expect("a body").to_vec()
}
