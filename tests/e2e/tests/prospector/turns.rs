//! Several processes and one rotating refresh token, at a platform that ends the whole grant when an old one is used again.
//!
//! `cargo test -p prospector-e2e --test prospector turns:: -- --ignored --nocapture` gives the figure of 200 rounds.

use std::thread;
use std::time::{Duration, Instant};

use prospector_e2e::sim::TOKEN;
use prospector_e2e::{Prospector, Sim};
use serde_json::{Value, json};

use crate::support::{Backend, backends, connected_with};

/// Processes that come at once.
const PROCESSES: usize = 8;

/// How long the platform takes to answer a renewal, in milliseconds: long enough for all processes to meet.
const ANSWER: u64 = 60;

#[test]
fn eight_processes_that_find_the_token_expired_renew_it_once() {
    for backend in backends() {
        rounds(&backend, 10);
    }
}

#[test]
#[ignore = "takes minutes: the figure"]
fn eight_processes_renew_one_rotating_token_200_times_without_losing_it() {
    for backend in backends() {
        let began = Instant::now();
        let slowest = rounds(&backend, 200);
        println!(
            "{}: {PROCESSES} processes, 200 rounds: 0 lost tokens, 0 invalid_grant; {:.1} s, slowest round {:.2} s",
            backend.name,
            began.elapsed().as_secs_f32(),
            slowest.as_secs_f32()
        );
    }
}

/// Lets the access token expire so many times, and as many processes find it so; gives the slowest round.
fn rounds(backend: &Backend, count: usize) -> Duration {
    let sim = Sim::agreeing();
    sim.freelancer().set(&json!({ "reuse": "end-grant" }));
    let prospector = connected_with(&sim, "", &backend.configuration());
    let mut slowest = Duration::ZERO;
    for round in 1..=count {
        sim.freelancer().expire(false);
        sim.fault(&json!({"route": TOKEN, "fault": "slow", "delay_ms": ANSWER}));
        let began = Instant::now();
        all_come_through(&prospector, round);
        slowest = slowest.max(began.elapsed());
        let asked = renewals(&sim);
        assert_eq!(asked.len(), 1, "round {round}: one process asks");
        assert_eq!(asked[0]["status"], 200, "round {round}: {}", asked[0]);
        sim.control("DELETE", "/requests", &json!({}));
    }
    slowest
}

fn all_come_through(prospector: &Prospector, round: usize) {
    thread::scope(|scope| {
        let running: Vec<_> = (0..PROCESSES).map(|_| scope.spawn(|| prospector.run("status"))).collect();
        for status in running {
            let status = status.join().expect("it ran").ok();
            assert!(status.stdout.contains("Status: Connected"), "round {round}: {}{}", status.stdout, status.stderr);
        }
    });
}

/// Requests that sent a refresh token.
fn renewals(sim: &Sim) -> Vec<Value> {
    let mut requests = sim.requests(TOKEN);
    requests.retain(|request| request["body"].as_str().is_some_and(|body| body.contains("grant_type=refresh_token")));
    requests
}
