//! When the person is told, how often, and at what cost to the scan.

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::{Duration, Instant};

use prospector_e2e::Sim;
use prospector_e2e::home::{platforms, section};
use prospector_e2e::prospector::{PATIENCE, finish};
use prospector_e2e::sim::UPWORK_TOKEN;
use serde_json::json;

use super::receiver::{Manner, Receiver};
use super::{after, break_postings, clock_turns, connected_and_told, give_key, outbox, webhook};
use crate::support::at;

const HOUR: i64 = 3600;

#[test]
fn a_failing_scan_is_told_of_once_until_one_ends_well() {
    let (sim, receiver) = (Sim::agreeing(), Receiver::new());
    let prospector = connected_and_told(&sim, &receiver);
    let _good = prospector.run("scan").ok();
    assert_eq!(receiver.receipts().len(), 0, "nothing is wrong");
    break_postings(&sim);
    for _ in 0..3 {
        let _failed = prospector.run("scan").expect(5);
    }
    assert_eq!(receiver.kinds(), ["scan.failed"]);
    let told = receiver.receipts()[0].json();
    assert_eq!(
        (told["data"]["platform"].as_str(), told["data"]["kind"].as_str()),
        (Some("freelancer"), Some("unavailable"))
    );
    assert!(told["data"]["message"].as_str().is_some_and(|words| !words.is_empty()), "{told}");
    if clock_turns() {
        sim.heal();
        let _good = after(&prospector, 9, "scan").ok();
        break_postings(&sim);
        let _failed = prospector.run("scan").expect(5);
        assert_eq!(receiver.kinds(), ["scan.failed", "scan.failed"], "another failure is another event");
    }
}

#[test]
fn a_dry_run_and_an_offline_status_tell_nobody() {
    let (sim, receiver) = (Sim::agreeing(), Receiver::new());
    let prospector = connected_and_told(&sim, &receiver);
    break_postings(&sim);
    let _failed = prospector.run("scan --dry-run").expect(5);
    let _offline = prospector.run("status --offline").ok();
    assert_eq!((receiver.receipts().len(), outbox(&prospector).len()), (0, 0));
}

#[test]
fn an_ended_access_is_told_of_once_with_the_command_that_repairs_it_and_not_as_a_failed_scan() {
    let (sim, receiver) = (Sim::agreeing(), Receiver::new());
    let prospector = connected_and_told(&sim, &receiver);
    sim.freelancer().revoke();
    for line in ["scan", "status", "scan"] {
        let _ended = prospector.run(line).expect(4);
    }
    assert_eq!(receiver.kinds(), ["platform.auth_expired"]);
    let told = receiver.receipts()[0].json();
    assert_eq!(told["data"]["platform"], "freelancer");
    let shown = told["data"].to_string();
    assert!(shown.contains("ghoststack prospector connect freelancer"), "{shown}");
    // Another log-in that ends is another event.
    if clock_turns() {
        let mut connect = prospector.command(["connect", "freelancer", "--client-id", "sim-client"]);
        let _again =
            finish(connect.env("GHOSTSTACK_CLIENT_SECRET", "sim-secret").env("GHOSTSTACK_TEST_CLOCK_AHEAD", "9")).ok();
        sim.freelancer().revoke();
        let _ended = after(&prospector, 10, "status").expect(4);
        assert_eq!(receiver.kinds(), ["platform.auth_expired", "platform.auth_expired"]);
    }
}

#[test]
fn a_process_that_dies_when_it_has_found_out_leaves_the_telling_to_the_next() {
    if !clock_turns() {
        return;
    }
    let (sim, receiver) = (Sim::agreeing(), Receiver::new());
    let prospector = connected_and_told(&sim, &receiver);
    sim.freelancer().expire(true);
    let mut dying = prospector.command(["status"]);
    let _killed = finish(dying.env("GHOSTSTACK_TEST_DIE_AT", "renewal.noted")).expect(137);
    assert_eq!(receiver.receipts().len(), 0);
    let _status = prospector.run("status").expect(4);
    assert_eq!(receiver.kinds(), ["platform.auth_expired"]);
}

#[test]
fn a_token_that_dies_unless_it_can_be_renewed_is_told_of_once() {
    if !clock_turns() {
        return;
    }
    let (sim, receiver) = (Sim::agreeing(), Receiver::new());
    let home = prospector_e2e::Home::configured(&platforms(&[section(sim.upwork(), "")], &webhook(&receiver)));
    let prospector = at(home);
    give_key(&prospector);
    let _connected = prospector.connect_to("upwork").ok();
    sim.fault(&json!({"route": UPWORK_TOKEN, "fault": "status", "status": 503, "count": 100}));
    // It lives for 14 days, is to be renewed from the 7th on, and half of the rest has passed on the 11th.
    for (days, told) in [(8, 0), (11, 1), (12, 1)] {
        let _status = after(&prospector, days * 24 * HOUR, "status").expect(5);
        assert_eq!(receiver.receipts().len(), told, "day {days}");
    }
    let told = receiver.receipts()[0].json();
    assert_eq!(
        (told["type"].as_str(), told["data"]["platform"].as_str()),
        (Some("platform.token_expiring"), Some("upwork"))
    );
    let status = prospector.run("status --offline --json").ok().json();
    assert_eq!(told["data"]["ends_at"], status["platforms"][0]["refresh_token_unused_until"]);
    sim.heal();
    let _renewed = after(&prospector, 12 * 24 * HOUR, "status").ok();
    assert_eq!(receiver.receipts().len(), 1);
}

#[test]
fn results_are_there_while_a_channel_hangs_and_the_command_ends_soon_after() {
    let (sim, receiver) = (Sim::agreeing(), Receiver::new());
    let prospector = connected_and_told(&sim, &receiver);
    break_postings(&sim);
    receiver.behave(Manner::Hangs);
    let begun = Instant::now();
    let mut scan = prospector
        .command(["scan", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut reader = BufReader::new(scan.stdout.take().expect("a pipe"));
    let mut text = String::new();
    // The last line of the document.
    while !text.ends_with("\n}\n") {
        assert!(reader.read_line(&mut text).expect("it prints") > 0, "{text}");
    }
    let result: serde_json::Value = serde_json::from_str(&text).expect("all of the document");
    while receiver.held() == 0 {
        assert!(begun.elapsed() < PATIENCE, "nothing was sent");
        std::thread::yield_now();
    }
    assert!(scan.try_wait().expect("it is ours").is_none(), "the whole result was there before anything was sent");
    let duration = result["platforms"][0]["duration_ms"].as_u64().expect("a duration");
    assert!(Duration::from_millis(duration) < begun.elapsed());
    assert_eq!(scan.wait().expect("it ends").code(), Some(5), "the scan's own exit code");
    assert!(begun.elapsed() < Duration::from_secs(30), "it ended {:?} after its beginning", begun.elapsed());
    let held = outbox(&prospector);
    assert_eq!((held.len(), held[0]["state"].as_str(), held[0]["attempts"].as_u64()), (1, Some("waiting"), Some(1)));
}

#[test]
fn what_a_channel_refused_comes_later_once() {
    if !clock_turns() {
        return;
    }
    let (sim, receiver) = (Sim::agreeing(), Receiver::new());
    let prospector = connected_and_told(&sim, &receiver);
    break_postings(&sim);
    receiver.behave(Manner::Refuses(503, "retry-after: 7200\r\n".to_owned()));
    let failed = prospector.run("scan").expect(5);
    assert!(
        failed.stderr.contains("scan.failed could not be told by webhook:crm: 127.0.0.1 answered with status 503"),
        "{}",
        failed.stderr
    );
    let first = receiver.receipts()[0].json()["id"].clone();
    receiver.behave(Manner::Takes);
    let _early = after(&prospector, HOUR, "status").ok();
    assert_eq!(receiver.receipts().len(), 1, "it asked for two hours");
    // Several at once: none of them tells a second time.
    let mut many: Vec<_> = (0..4)
        .map(|_| {
            let mut status = prospector.command(["status"]);
            status.env("GHOSTSTACK_TEST_CLOCK_AHEAD", (3 * HOUR).to_string());
            status.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts")
        })
        .collect();
    for status in &mut many {
        assert_eq!(status.wait().expect("it ends").code(), Some(0));
    }
    let ids: Vec<_> = receiver.receipts().iter().map(|of| of.json()["id"].clone()).collect();
    assert_eq!(ids, [first.clone(), first], "the same event, delivered once");
    assert_eq!(outbox(&prospector)[0]["state"], "delivered");
}

#[test]
fn a_process_killed_between_sending_and_noting_sends_again_under_the_same_id() {
    if !clock_turns() {
        return;
    }
    let (sim, receiver) = (Sim::agreeing(), Receiver::new());
    let prospector = connected_and_told(&sim, &receiver);
    break_postings(&sim);
    let _killed = finish(prospector.command(["scan"]).env("GHOSTSTACK_TEST_DIE_AT", "delivery.sent")).expect(137);
    assert_eq!(receiver.receipts().len(), 1);
    let _soon = prospector.run("status").ok();
    assert_eq!(receiver.receipts().len(), 1, "the claim of the dead process has not ended");
    for seconds in [120, 240] {
        let _later = after(&prospector, seconds, "status").ok();
    }
    let ids: Vec<String> = receiver.receipts().iter().map(|of| of.headers["x-ghoststack-id"].clone()).collect();
    assert_eq!(ids.len(), 2);
    assert_eq!(ids[0], ids[1]);
}
