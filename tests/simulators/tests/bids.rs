//! Bids, and what follows from them.

mod support;

use serde_json::{Value, json};
use support::{Answer, Sim};

/// Id and owner of a project that takes bids.
fn project(sim: &Sim) -> (i64, i64) {
    let result = sim.get("/projects/0.1/projects/active?project_types[]=fixed&limit=1").result();
    let project = &result["projects"][0];
    (project["id"].as_i64().expect("an id"), project["owner_id"].as_i64().expect("an owner"))
}

fn me(sim: &Sim) -> i64 {
    sim.get("/users/0.1/self").result()["id"].as_i64().expect("an id")
}

fn place(sim: &Sim, project: i64, changes: Value) -> Answer {
    let mut bid = json!({"project_id": project, "bidder_id": me(sim), "amount": 25_000, "period": 7,
        "milestone_percentage": 50, "description": "I would start with the importer."});
    for (name, value) in changes.as_object().expect("an object") {
        bid[name] = value.clone();
    }
    sim.api("POST", "/projects/0.1/bids/", bid)
}

fn code(answer: &Answer) -> (u16, String) {
    let code = answer.error_code();
    (answer.status, code.rsplit('.').next().unwrap_or_default().to_owned())
}

#[test]
fn a_bid_is_placed_once_counted_and_taken_back() {
    let sim = Sim::start();
    let (id, _) = project(&sim);
    let count =
        |sim: &Sim| sim.get(&format!("/projects/0.1/projects/{id}")).result()["bid_stats"]["bid_count"].as_i64();
    let before = count(&sim);
    let placed = place(&sim, id, json!({}));
    assert_eq!(placed.status, 200, "never 201");
    let bid = placed.result();
    assert_eq!(bid["award_status"], "pending");
    assert_eq!(count(&sim), before.map(|n| n + 1));
    assert_eq!(code(&place(&sim, id, json!({}))), (403, "DUPLICATE_BID".to_owned()));

    let path = format!("/projects/0.1/bids/{}/", bid["id"]);
    let changed = sim.api("PATCH", &path, json!({"amount": 30_000})).result();
    assert_eq!((&changed["amount"], &changed["period"]), (&json!(30_000.0), &json!(7)));
    assert_eq!(sim.api("PUT", &format!("{path}?action=retract"), Value::Null).status, 200);
    assert_eq!(sim.get(&path).result()["retracted"], true);
    assert_eq!(count(&sim), before);
    assert_eq!(place(&sim, id, json!({})).status, 200, "a retracted bid is no duplicate");
    let list = sim.get(&format!("/projects/0.1/bids/?projects[]={id}&project_details")).result();
    assert_eq!(list["bids"].as_array().map(Vec::len), Some(2));
    assert_eq!(list["projects"][id.to_string()]["id"], id);
}

#[test]
fn wrong_bids_are_refused_and_leave_nothing_behind() {
    let sim = Sim::start();
    let (id, _) = project(&sim);
    for (changes, status, wanted) in [
        (json!({"bidder_id": 5}), 403, "BIDDER_NOT_SELF"),
        (json!({"project_id": 1}), 404, "PROJECT_NOT_FOUND"),
        (json!({"period": 0}), 400, "INVALID_BID_PERIOD"),
        (json!({"milestone_percentage": 10}), 400, "BAD_FORM"),
        (json!({"milestone_percentage": 101}), 400, "BAD_FORM"),
        (json!({"amount": 0}), 400, "BID_AMOUNT_TOO_LOW"),
        (json!({"amount": 1e15}), 400, "BID_AMOUNT_TOO_HIGH"),
        (json!({"amount": "NaN"}), 400, "BAD_FORM"),
        (json!({"amount": null}), 400, "BAD_FORM"),
        (json!({"period": 1.5}), 400, "BAD_FORM"),
        (json!({"description": "x".repeat(5001)}), 400, "BID_DESCRIPTION_TOO_LONG"),
        (json!({"description": "write to a@example.com"}), 400, "BID_DESCRIPTION_CONTAINS_EMAIL"),
        (json!({"description": "see https://example.com"}), 400, "BID_DESCRIPTION_CONTAINS_URL"),
    ] {
        let answer = place(&sim, id, changes.clone());
        assert_eq!(code(&answer), (status, wanted.to_owned()), "{changes}");
    }
    assert_eq!(sim.control("GET", "/freelancer/bids", Value::Null)["bids"], json!([]));
}

#[test]
fn the_plan_bounds_the_number_of_bids() {
    let sim = Sim::start();
    let result = sim.get("/projects/0.1/projects/active?project_types[]=fixed&limit=3").result();
    sim.control("POST", "/freelancer/settings", json!({"bid_quota": 2, "bid_pause_seconds": 60}));
    let bid = |index: usize| place(&sim, result["projects"][index]["id"].as_i64().expect("an id"), json!({}));
    assert_eq!(bid(0).status, 200);
    assert_eq!(code(&bid(1)).1, "BID_TOO_EARLY");
    sim.control("POST", "/clock", json!({"advance": 60}));
    assert_eq!(bid(1).status, 200);
    sim.control("POST", "/clock", json!({"advance": 60}));
    assert_eq!(code(&bid(2)).1, "BID_LIMIT_EXCEEDED");
    let left = sim.get("/users/0.1/self?balance_details").result();
    assert_eq!(left["account_balances"]["bids_remaining"], 0);
}

#[test]
fn an_awarded_bid_becomes_a_contract_with_milestones() {
    let sim = Sim::start();
    let (id, owner) = project(&sim);
    let employer = sim.token_of(json!({"user": owner}));
    let bid = place(&sim, id, json!({})).result()["id"].clone();
    let path = format!("/projects/0.1/bids/{bid}");
    let states = |sim: &Sim| {
        let project = sim.get(&format!("/projects/0.1/projects/{id}")).result();
        [&project["status"], &project["sub_status"], &project["frontend_project_status"]]
            .map(|value| value.as_str().unwrap_or("").to_owned())
    };
    assert_eq!(sim.api("PUT", &path, json!({"action": "award"})).status, 400, "the employer's action");
    assert_eq!(sim.api("PUT", &format!("{path}?action=accept"), Value::Null).status, 403, "not awarded yet");
    assert_eq!(sim.api_as(&employer, "PUT", &path, json!({"action": "award"})).status, 200);
    assert_eq!(states(&sim), ["frozen", "frozen_awarded", "open"]);
    assert_eq!(sim.api("PUT", &format!("{path}?action=accept"), Value::Null).status, 200);
    assert_eq!(states(&sim), ["closed", "closed_awarded", "work_in_progress"]);
    assert_eq!(sim.get(&path).result()["frontend_bid_status"], "in_progress");

    let ask = json!({"project_id": id, "bid_id": bid, "description": "first", "amount": 10_000});
    let request = sim.api("POST", "/projects/0.1/milestone_requests/", ask).result()["id"].clone();
    let accept = format!("/projects/0.1/milestone_requests/{request}/?action=accept");
    assert_eq!(sim.api("PUT", &accept, Value::Null).status, 403);
    assert_eq!(sim.api_as(&employer, "PUT", &accept, Value::Null).status, 200);
    let milestones = sim.get(&format!("/projects/0.1/milestones/?projects[]={id}")).result();
    let (key, milestone) = milestones["milestones"].as_object().expect("a map").iter().next().expect("one");
    assert_eq!((&milestone["status"], &milestone["amount"]), (&json!("frozen"), &json!(10_000.0)));
    let action = |token: &str, action: &str| {
        sim.api_as(token, "PUT", &format!("/projects/0.1/milestones/{key}/?action={action}"), json!({"amount": 10_000}))
            .status
    };
    assert_eq!(action(&sim.token, "release"), 403);
    assert_eq!(action(&sim.token, "request_release"), 200);
    assert_eq!(action(&employer, "release"), 200);
    assert_eq!(sim.get(&path).result()["paid_status"], "partly_paid");
    sim.control("POST", &format!("/freelancer/bids/{bid}/complete"), Value::Null);
    assert_eq!(states(&sim)[2], "complete");
    assert_eq!(sim.get("/projects/0.1/self?status=close").result()["projects"]["total_count"], 1);
}

#[test]
fn a_strangers_bid_is_not_shown() {
    let sim = Sim::start();
    let (id, _) = project(&sim);
    let bid = place(&sim, id, json!({})).result()["id"].clone();
    let stranger = sim.token_of(json!({"user": 60000008}));
    let path = format!("/projects/0.1/bids/{bid}/");
    assert_eq!(sim.api_as(&stranger, "GET", &path, Value::Null).status, 404);
    assert_eq!(sim.api_as(&stranger, "PUT", &format!("{path}?action=retract"), Value::Null).status, 404);
}

#[test]
fn a_second_bid_is_taken_without_the_check_and_a_new_one_shows_after_a_while() {
    let sim = Sim::start();
    let (id, _) = project(&sim);
    let live =
        |sim: &Sim| sim.control("GET", &format!("/freelancer/live-bids?project={id}"), Value::Null)["count"].clone();
    let listed =
        |sim: &Sim| sim.get(&format!("/projects/0.1/bids/?projects[]={id}")).result()["bids"].as_array().map(Vec::len);
    sim.control("POST", "/freelancer/settings", json!({"duplicate_bids": true, "bids_shown_after_seconds": 60}));
    assert_eq!((place(&sim, id, json!({})).status, place(&sim, id, json!({})).status), (200, 200));
    assert_eq!((live(&sim), listed(&sim)), (json!(2), Some(0)));
    sim.control("POST", "/clock", json!({"advance": 60}));
    assert_eq!(listed(&sim), Some(2));
    assert_eq!(sim.control("GET", "/freelancer/live-bids?project=1", Value::Null)["count"], 0);
}

#[test]
fn an_answer_that_comes_late_is_of_a_bid_that_was_placed_at_once() {
    let sim = Sim::start();
    let (id, _) = project(&sim);
    let fault = json!({"route": "/api/projects/0.1/bids", "method": "POST", "body": "importer", "fault": "accepted-then-slow", "delay_ms": 2_000});
    sim.control("POST", "/faults", fault);
    let bidder = me(&sim);
    let bid = json!({"project_id": id, "bidder_id": bidder, "amount": 25_000, "period": 7, "milestone_percentage": 50,
        "description": "I would start with the importer."});
    std::thread::scope(|scope| {
        let placing = scope.spawn(|| sim.api("POST", "/projects/0.1/bids/", bid));
        while sim.control("GET", "/freelancer/live-bids", Value::Null)["count"] == 0 {
            assert!(!placing.is_finished(), "the answer came before the bid");
        }
        assert!(!placing.is_finished(), "the bid is there, the answer is not");
        assert_eq!(placing.join().expect("an answer").status, 200);
    });
}

#[test]
fn contracts_are_made_by_the_hundred_and_changed_by_the_employer() {
    let sim = Sim::start();
    let made = sim.control("POST", "/freelancer/contracts", json!({"count": 120, "milestones": 2}));
    assert_eq!(made["count"], 120);
    let bid = made["bids"][0].clone();
    let of_bid = format!("/projects/0.1/milestones/?bids[]={bid}&limit=100");
    let milestones = sim.get(&of_bid).result()["milestones"].as_object().cloned().expect("a map");
    assert_eq!(milestones.len(), 2);
    let number = milestones.keys().next().expect("one").clone();
    sim.control("POST", &format!("/freelancer/milestones/{number}/release"), Value::Null);
    assert_eq!(sim.get(&of_bid).result()["milestones"][&number]["status"], "cleared");
    sim.control("PATCH", &format!("/freelancer/milestones/{number}"), json!({"status": "odd"}));
    assert_eq!(sim.get(&of_bid).result()["milestones"][&number]["status"], "odd");
    sim.control("PATCH", &format!("/freelancer/bids/{bid}"), json!({"award_status": "odd"}));
    assert_eq!(sim.get(&format!("/projects/0.1/bids/{bid}/")).result()["award_status"], "odd");
    for (method, path, body) in [
        ("POST", "/freelancer/contracts".to_owned(), json!({"count": -1})),
        ("POST", "/freelancer/contracts".to_owned(), json!({"type": "barter"})),
        ("PATCH", format!("/freelancer/bids/{bid}"), json!({"amount": "1"})),
        ("POST", format!("/freelancer/milestones/{number}/dance"), Value::Null),
    ] {
        assert_eq!(sim.try_control(method, &path, body).status, 400, "{path}");
    }
    assert_eq!(sim.try_control("PATCH", "/freelancer/milestones/1", json!({"status": "odd"})).status, 404);
    let hourly = sim.control("POST", "/freelancer/contracts", json!({"type": "hourly"}))["bids"][0].clone();
    let listed = sim.get("/projects/0.1/hourly_contracts/").result()["hourly_contracts"].clone();
    assert_eq!((listed.as_array().map(Vec::len), &listed[0]["bid_id"]), (Some(1), &hourly));
}

#[test]
fn a_rejected_bid_and_a_request_are_the_employers_to_decide() {
    let sim = Sim::start();
    let (id, _) = project(&sim);
    let bid = place(&sim, id, json!({})).result()["id"].clone();
    let act = |sim: &Sim, action: &str| {
        sim.try_control("POST", &format!("/freelancer/bids/{bid}/{action}"), Value::Null).status
    };
    assert_eq!(act(&sim, "award"), 200);
    assert_eq!((act(&sim, "reject"), act(&sim, "accept")), (403, 200));
    let ask = json!({"project_id": id, "bid_id": bid, "description": "first", "amount": 100});
    let request = sim.api("POST", "/projects/0.1/milestone_requests/", ask).result()["id"].clone();
    sim.control("POST", &format!("/freelancer/milestone-requests/{request}/accept"), Value::Null);
    let listed = sim.control("GET", "/freelancer/milestone-requests", Value::Null);
    assert_eq!(listed["milestone_requests"][0]["status"], "created");
    let other =
        sim.get("/projects/0.1/projects/active?project_types[]=fixed&limit=1").result()["projects"][0]["id"].as_i64();
    let other = place(&sim, other.expect("an id"), json!({})).result()["id"].clone();
    sim.control("POST", &format!("/freelancer/bids/{other}/reject"), Value::Null);
    assert_eq!(sim.get(&format!("/projects/0.1/bids/{other}/")).result()["award_status"], "rejected");
}
