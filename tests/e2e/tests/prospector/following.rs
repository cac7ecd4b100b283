//! What becomes of proposals: won and lost, contracts with their milestones.

use prospector_e2e::home::{platforms, section};
use prospector_e2e::{Home, Prospector, Sim};
use serde_json::{Value, json};

use crate::proposing::{PROFILE, digest, leads_of, live_at_upwork, reviewed, show, submit, sync_after};
use crate::support::{at, texts};

/// A platform, what happens to a proposal there, and how it stands then; its number, its identifier and the posting's.
type Case = (&'static str, &'static [&'static str], &'static str, u64, String, String);

/// A home connected to both platforms, with leads of both; proposals to Upwork go by the assumed operations.
pub fn scanned(sim: &Sim) -> Prospector {
    let sections = [section(sim.freelancer(), ""), section(sim.upwork(), "    proposal_submission: preview")];
    let rest = format!("{PROFILE}proposals: {{ auto_draft: false }}\n");
    let prospector = at(Home::configured(&platforms(&sections, &rest)));
    let _connected = [prospector.connect().ok(), prospector.connect_to("upwork").ok()];
    let _scanned = prospector.run("scan").ok();
    prospector
}

/// The best lead of a platform that pays so.
fn paying(prospector: &Prospector, platform: &str, payment: &str) -> String {
    let pays = |id: &String| {
        let shown = prospector.run(&format!("leads show {platform}/{id} --json")).ok().json();
        shown["posting"]["payment"] == payment
    };
    leads_of(prospector, platform).into_iter().find(pays).expect("a lead that pays so")
}

/// A proposal that the platform has: its number, and its identifier there.
pub fn sent(prospector: &Prospector, posting: &str) -> (u64, String) {
    let number = reviewed(prospector, posting);
    let sent = submit(prospector, number).ok().json();
    (number, sent["remote"]["id"].as_str().expect("an identifier").to_owned())
}

pub fn sync(prospector: &Prospector) -> Value {
    prospector.run("contracts sync --json").ok().json()
}

fn contract(prospector: &Prospector, id: &str) -> Value {
    prospector.run(&format!("contracts show {id} --json")).ok().json()
}

/// The statuses of a contract's milestones.
fn milestones(contract: &Value) -> Vec<&str> {
    texts(&contract["milestones"], "status")
}

#[test]
fn a_bid_that_is_awarded_becomes_a_contract_whose_milestones_are_handed_in() {
    let sim = Sim::agreeing();
    let prospector = scanned(&sim);
    let (number, bid) = sent(&prospector, &paying(&prospector, "freelancer", "fixed"));
    let act = |action: &str| sim.freelancer().control("POST", &format!("bids/{bid}/{action}"), &json!({}));
    // That a platform tells more of what it was sent, such as a better address, is no news.
    let nothing = sync(&prospector);
    assert_eq!(
        (&nothing["platforms"][0]["proposals"], &show(&prospector, number)["state"]),
        (&json!([]), &json!("submitted"))
    );
    let _awarded = act("award");
    let synced = prospector.run("contracts sync").ok();
    assert!(synced.stdout.contains(&format!("proposal {number} is won")), "{}", synced.stdout);
    assert_eq!(
        (&contract(&prospector, &bid)["status"], &show(&prospector, number)["state"]),
        (&json!("offered"), &json!("won"))
    );
    let _accepted = act("accept");
    let pay = |amount: u32, description: &str| {
        let milestone =
            json!({"bid_id": bid.parse::<u64>().expect("a number"), "amount": amount, "description": description});
        sim.freelancer().control("POST", "milestones", &milestone)
    };
    let _paid = [pay(120, "First half"), pay(180, "Second half")];
    let _synced = sync(&prospector);
    let shown = contract(&prospector, &bid);
    assert_eq!(
        (&shown["status"], &shown["payment"], milestones(&shown)),
        (&json!("active"), &json!("fixed"), vec!["in_progress"; 2])
    );
    assert_eq!((&shown["proposal"], &shown["proposal_number"]), (&json!(bid), &json!(number)));
    let listed = prospector.run("contracts list").ok().stdout;
    assert!(listed.contains(&bid) && listed.contains("active"), "{listed}");
    let table = prospector.run(&format!("contracts show {bid}")).ok().stdout;
    assert!(table.contains("First half") && table.contains(&format!("proposals show {number}")), "{table}");

    // One is handed in, after it was looked at and agreed to.
    let milestone = shown["milestones"][0]["id"].as_str().expect("an identifier");
    let line = format!("contracts milestone-submit {bid} {milestone}");
    let plan = prospector.run(&format!("{line} --dry-run --json")).ok().json();
    assert_eq!(
        (
            &plan["request"]["method"],
            plan["request"]["url"].as_str().is_some_and(|url| url.ends_with("action=request_release"))
        ),
        (&json!("PUT"), true),
        "{plan}"
    );
    let refused = prospector.run(&line).expect(2);
    assert!(refused.stderr.contains("--yes"), "{}", refused.stderr);
    assert_eq!(milestones(&contract(&prospector, &bid)), ["in_progress"; 2]);
    let handed = prospector.run(&format!("{line} --yes")).ok();
    assert!(handed.stdout.contains("is handed in"), "{}", handed.stdout);
    assert_eq!(milestones(&contract(&prospector, &bid)), ["submitted", "in_progress"]);
    let again = prospector.run(&format!("{line} --yes")).expect(2);
    assert!(again.stderr.contains("is submitted already"), "{}", again.stderr);
    let unknown = prospector.run(&format!("contracts milestone-submit {bid} 7 --yes")).expect(2);
    assert!(unknown.stderr.contains(milestone), "{}", unknown.stderr);

    let _released = sim.freelancer().control("POST", &format!("milestones/{milestone}/release"), &json!({}));
    let _synced = sync(&prospector);
    assert_eq!(milestones(&contract(&prospector, &bid)), ["approved", "in_progress"]);
    let open = prospector.run("contracts milestones --json").ok().json();
    assert_eq!(texts(&open["milestones"], "description"), ["Second half"]);
    let _complete = act("complete");
    let _synced = sync(&prospector);
    assert_eq!(contract(&prospector, &bid)["status"], "completed");
    assert_eq!(prospector.run("contracts list --json").ok().json()["contracts"], json!([]));
    let all = prospector.run("contracts list --all --json").ok().json();
    assert_eq!(texts(&all["contracts"], "id"), [bid.as_str()]);
}

#[test]
fn an_hourly_bid_becomes_a_contract_with_a_rate_and_hours() {
    let sim = Sim::agreeing();
    let prospector = scanned(&sim);
    let (_, bid) = sent(&prospector, &paying(&prospector, "freelancer", "hourly"));
    for action in ["award", "accept"] {
        let _done = sim.freelancer().control("POST", &format!("bids/{bid}/{action}"), &json!({}));
    }
    let _synced = sync(&prospector);
    let shown = contract(&prospector, &bid);
    assert_eq!((&shown["payment"], shown["weekly_hours"].is_u64()), (&json!("hourly"), true), "{shown}");
    let table = prospector.run(&format!("contracts show {bid}")).ok().stdout;
    assert!(table.contains("/h") && table.contains("a week"), "{table}");
}

#[test]
fn a_hired_proposal_becomes_a_contract_at_upwork_whose_milestones_are_handed_in_on_its_page() {
    let sim = Sim::agreeing();
    let prospector = scanned(&sim);
    let fixed = paying(&prospector, "upwork", "fixed");
    let (number, proposal) = sent(&prospector, &fixed);
    let (hourly, other) = sent(&prospector, &paying(&prospector, "upwork", "hourly"));
    for id in [&proposal, &other] {
        let _hired = sim.upwork().control("POST", &format!("proposals/{id}/Hired"), &json!({}));
    }
    let _synced = sync(&prospector);
    assert_eq!([number, hourly].map(|number| show(&prospector, number)["state"].clone()), [json!("won"), json!("won")]);
    let listed = prospector.run("contracts list --platform upwork --json").ok().json();
    let of = |payment: &str| {
        let rows = listed["contracts"].as_array().expect("contracts");
        rows.iter().find(|row| row["payment"] == payment).unwrap_or_else(|| panic!("{payment}: {listed}")).clone()
    };
    let (by_hour, whole) = (of("hourly"), of("fixed"));
    assert_eq!((&by_hour["milestones"], &by_hour["proposal_number"]), (&json!([]), &json!(hourly)));
    // The platform names an offer, not the proposal: it is found by the posting.
    assert_eq!(
        (&whole["posting"], &whole["proposal"], &whole["proposal_number"]),
        (&json!(fixed), &Value::Null, &json!(number))
    );
    assert_eq!(milestones(&whole), ["in_progress"]);
    let (id, milestone) =
        (whole["id"].as_str().expect("an identifier"), whole["milestones"][0]["id"].as_str().expect("one"));
    let refused = prospector.run(&format!("contracts milestone-submit {id} {milestone} --yes")).expect(1);
    assert!(
        refused.stderr.contains("Upwork offers no way")
            && refused.stderr.contains(whole["url"].as_str().expect("a page")),
        "{}",
        refused.stderr
    );

    let change =
        |fields: &Value| sim.upwork().control("PATCH", &format!("contracts/{id}/milestones/{milestone}"), fields);
    for (fields, status) in [
        (json!({"state": "SUBMITTED", "submissionCount": 1}), "submitted"),
        (json!({"state": "ACTIVE"}), "revision_requested"),
        (json!({"state": "PAID"}), "approved"),
        // Not in its schema: its GraphQL gives null for it.
        (json!({"state": "PONDERED"}), "unknown"),
    ] {
        let _changed = change(&fields);
        let _synced = sync(&prospector);
        assert_eq!(milestones(&contract(&prospector, id)), [status]);
    }
    let _closed = sim.upwork().control("PATCH", &format!("contracts/{id}"), &json!({"status": "CLOSED"}));
    let _synced = sync(&prospector);
    assert_eq!(contract(&prospector, id)["status"], "completed");
}

#[test]
fn what_is_declined_taken_back_or_revoked_is_told_and_frees_the_posting() {
    let sim = Sim::agreeing();
    let prospector = scanned(&sim);
    let mut cases: Vec<Case> = Vec::new();
    for (platform, actions, state) in [
        ("freelancer", &["reject"][..], "lost"),
        ("freelancer", &["award", "revoke"], "lost"),
        ("freelancer", &["award", "deny"], "lost"),
        ("freelancer", &["retract"], "withdrawn"),
        ("upwork", &["Declined"], "lost"),
        ("upwork", &["Offered", "Declined"], "lost"),
        ("upwork", &["Withdrawn"], "withdrawn"),
    ] {
        let at = cases.iter().filter(|(of, ..)| *of == platform).count();
        let posting = leads_of(&prospector, platform).remove(at);
        let (number, id) = sent(&prospector, &posting);
        cases.push((platform, actions, state, number, id, posting));
    }
    let rounds = cases.iter().map(|(_, actions, ..)| actions.len()).max().unwrap_or(0);
    for round in 0..rounds {
        for (platform, actions, _, number, id, _) in &cases {
            let Some(action) = actions.get(round) else { continue };
            let (site, path) = match *platform {
                "upwork" => (sim.upwork(), format!("proposals/{id}/{action}")),
                _ => (sim.freelancer(), format!("bids/{id}/{action}")),
            };
            let _done = site.control("POST", &path, &json!({}));
            if matches!(*action, "award" | "Offered") {
                let _synced = sync(&prospector);
                assert_eq!(show(&prospector, *number)["state"], "won", "{platform} {action}");
            }
        }
        let _synced = sync(&prospector);
    }
    for (platform, actions, state, number, _, posting) in cases {
        let shown = show(&prospector, number);
        assert_eq!(shown["state"], state, "{platform} {actions:?}: {shown}");
        let _free = prospector.run(&format!("proposals draft {platform}/{posting} --force")).ok();
    }
    // The award that was taken back is a contract that has ended.
    assert_eq!(prospector.run("contracts list --json").ok().json()["contracts"], json!([]));
}

#[test]
fn words_that_nobody_knows_are_shown_as_they_are_and_change_nothing() {
    let sim = Sim::agreeing();
    let prospector = scanned(&sim);
    let (number, bid) = sent(&prospector, &leads_of(&prospector, "freelancer").remove(0));
    let (other, _) = sent(&prospector, &leads_of(&prospector, "upwork").remove(0));
    let _odd = sim.freelancer().control("PATCH", &format!("bids/{bid}"), &json!({"award_status": "pondering"}));
    sim.upwork().set(&json!({"unknown_status": true}));
    let odd = sim.upwork().control("GET", "proposals", &Value::Null)["proposals"][0]["id"].clone();
    let word = "SIMULATED_NEW_STATUS";
    let _odd = sim.upwork().control("POST", &format!("proposals/{}/{word}", odd.as_str().expect("one")), &json!({}));
    let _synced = sync(&prospector);
    for (number, word) in [(number, "pondering"), (other, word)] {
        let shown = show(&prospector, number);
        assert_eq!((&shown["state"], &shown["remote"]["status"]), (&json!("submitted"), &json!(word)));
        let told = prospector.run(&format!("proposals show {number}")).ok().stdout;
        assert!(told.contains(word), "{told}");
    }

    let made = sim.freelancer().control("POST", "contracts", &json!({"count": 1, "milestones": 1}));
    let id = made["bids"][0].to_string();
    let milestone = sim.freelancer().control("GET", "milestones", &Value::Null)["milestones"][0].clone();
    let milestone = milestone["id"].as_i64().or(milestone["transaction_id"].as_i64()).expect("an identifier");
    let _odd = sim.freelancer().control("PATCH", &format!("milestones/{milestone}"), &json!({"status": "pondered"}));
    let _odd = sim.freelancer().control("PATCH", &format!("bids/{id}"), &json!({"complete_status": "half-way"}));
    let _made = sim.upwork().control("POST", "contracts", &json!({"count": 1, "milestones": 1}));
    let _synced = sync(&prospector);
    let shown = contract(&prospector, &id);
    assert_eq!((&shown["status"], milestones(&shown)), (&json!("half-way"), vec!["pondered"]));
    let listed = prospector.run("contracts list").ok().stdout;
    assert!(listed.contains("half-way"), "{listed}");
    let upwork = prospector.run("contracts list --platform upwork --json").ok().json();
    assert_eq!(
        (
            &upwork["contracts"][0]["running"],
            upwork["contracts"][0]["status"].as_str().is_some_and(|of| of != "active")
        ),
        (&json!(true), true),
        "{upwork}"
    );
}

#[test]
fn a_proposal_that_was_sent_and_withdrawn_before_is_not_taken_for_this_one() {
    let sim = Sim::agreeing();
    let prospector = scanned(&sim);
    let posting = leads_of(&prospector, "upwork").remove(0);
    let old = sim.upwork().apply_by_hand(&posting);
    let _withdrawn = sim.upwork().control("POST", &format!("proposals/{old}/Withdrawn"), &json!({}));
    let number = reviewed(&prospector, &posting);
    let _synced = sync(&prospector);
    assert_eq!(show(&prospector, number)["state"], "review", "last week's is not this one");
    // Its answer is lost, and the platform has only the old one: nothing was sent.
    let approved = digest(&prospector, number);
    sim.fault(&json!({"route": "/graphql", "body": "submitVendorProposal", "fault": "status", "status": 500}));
    let _lost = prospector.run(&format!("proposals submit {number} --approve {approved} --no-wait")).expect(5);
    let _synced = sync_after(&sim, &prospector, 1000).ok();
    assert_eq!(show(&prospector, number)["state"], "failed");
    let sent = submit(&prospector, number).ok().json();
    assert!(sent["state"] == "submitted" && sent["remote"]["id"] != json!(old), "{sent}");
    assert_eq!(live_at_upwork(&sim, &posting), 1);
}
