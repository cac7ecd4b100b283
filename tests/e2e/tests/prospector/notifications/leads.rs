//! Leads: in a digest, each once, and not at night.

use std::time::{SystemTime, UNIX_EPOCH};

use prospector_e2e::Sim;
use serde_json::Value;

use super::receiver::Receiver;
use super::{after, clock_turns, give_key, webhook};
use crate::support::connected_with;

/// Sections with a webhook that is for new leads, and with these lines of `notifications`.
fn wanting_leads(receiver: &Receiver, lines: &str) -> String {
    let wanting = webhook(receiver)
        .replace("secret_file: webhook-key }", "secret_file: webhook-key, events: [lead.discovered, scan.completed] }");
    format!("{wanting}{lines}")
}

fn told(receiver: &Receiver, kind: &str) -> Vec<Value> {
    let mut told: Vec<Value> = receiver.receipts().iter().map(|receipt| receipt.json()).collect();
    told.retain(|event| event["type"] == kind);
    told
}

#[test]
fn new_leads_come_in_one_message_the_best_first_and_never_again() {
    let (sim, receiver) = (Sim::agreeing(), Receiver::new());
    let lines = "  digest: { every: scan, most: 3, min_score: 60 }\n";
    let prospector = connected_with(&sim, "", &wanting_leads(&receiver, lines));
    give_key(&prospector);
    let scan = prospector.run("scan --json").ok().json();
    let all = scan["leads"].as_array().expect("leads");
    let good: Vec<&Value> = all.iter().filter(|lead| lead["score"].as_f64() >= Some(60.0)).collect();
    let messages = told(&receiver, "lead.discovered");
    assert_eq!(messages.len(), 1, "{messages:?}");
    let data = &messages[0]["data"];
    assert_eq!((data["count"].as_u64(), &data["platform"]), (Some(good.len() as u64), &"freelancer".into()), "{data}");
    let listed = data["leads"].as_array().expect("leads");
    assert_eq!(listed.len(), 3);
    assert_eq!((&listed[0]["id"], &listed[0]["score"]), (&good[0]["id"], &good[0]["score"]), "{data}");
    let completed = told(&receiver, "scan.completed");
    assert_eq!(completed[0]["data"]["new"], scan["platforms"][0]["new"], "{completed:?}");
    let _again = prospector.run("scan").ok();
    assert_eq!(told(&receiver, "lead.discovered").len(), 1);
    assert_eq!(told(&receiver, "scan.completed").len(), 2);
}

#[test]
fn in_quiet_hours_nobody_is_told_and_afterwards_once() {
    if !clock_turns() {
        return;
    }
    let (sim, receiver) = (Sim::agreeing(), Receiver::new());
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    let hour = |ahead: u64| format!("{:02}:{:02}", (now / 3600 + ahead) % 24, now / 60 % 60);
    let lines = format!("  digest: {{ every: scan }}\n  quiet_hours: {{ from: '{}', to: '{}' }}\n", hour(23), hour(1));
    let prospector = connected_with(&sim, "", &wanting_leads(&receiver, &lines));
    give_key(&prospector);
    for _ in 0..2 {
        let _scan = prospector.run("scan").ok();
    }
    assert_eq!(receiver.receipts().len(), 0, "it is night");
    let _morning = after(&prospector, 2 * 3600, "scan").ok();
    assert_eq!(told(&receiver, "lead.discovered").len(), 1, "one message for the night");
    assert_eq!(told(&receiver, "scan.completed").len(), 3, "what was noted at night comes now");
}
