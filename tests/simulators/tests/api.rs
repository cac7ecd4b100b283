//! Searching and reading.

mod support;

use platform_sim::Options;
use serde_json::{Value, json};
use support::{Sim, send};

const ACTIVE: &str = "/projects/0.1/projects/active";

fn search(sim: &Sim, query: &str) -> (i64, Vec<Value>) {
    let result = sim.get(&format!("{ACTIVE}/?{query}")).result();
    let projects = result["projects"].as_array().expect("a list").clone();
    (result["total_count"].as_i64().expect("a count"), projects)
}

fn ids(projects: &[Value]) -> Vec<i64> {
    projects.iter().filter_map(|project| project["id"].as_i64()).collect()
}

/// Every active project, by pages.
fn everything(sim: &Sim, query: &str) -> Vec<Value> {
    let mut all = Vec::new();
    loop {
        let (total, page) = search(sim, &format!("{query}&limit=100&offset={}", all.len()));
        all.extend(page);
        if all.len() as i64 >= total {
            return all;
        }
    }
}

#[test]
fn the_sample_list_is_paged_newest_first_and_capped() {
    let sim = Sim::start();
    let (total, page) = search(&sim, "limit=250");
    assert!(total > 200, "{total}");
    assert_eq!(page.len(), 100, "a larger limit silently gives 100");
    assert_eq!(search(&sim, "").1.len(), 10);
    let all = everything(&sim, "");
    assert_eq!(all.len() as i64, total);
    assert!(all.is_sorted_by(|a, b| a["time_submitted"].as_i64() >= b["time_submitted"].as_i64()));
    assert!(all.iter().all(|project| project["status"] == "active"));
    assert!(search(&sim, "offset=100000").1.is_empty());
    let every_state = sim.get("/projects/0.1/projects/all?limit=1").result();
    assert!(every_state["total_count"].as_i64().expect("a count") > total);
}

#[test]
fn projections_show_what_was_asked_for_and_null_otherwise() {
    let sim = Sim::start();
    let plain = sim.get(&format!("{ACTIVE}?limit=1")).result();
    let project = &plain["projects"][0];
    for field in ["description", "jobs", "upgrades"] {
        assert_eq!(project.get(field), Some(&Value::Null), "{field}");
    }
    assert_eq!(project["location"]["country"]["name"], Value::Null);
    assert_eq!(plain["users"], Value::Null);
    assert_eq!(project.as_object().expect("an object").len(), 72, "the recorded key set");

    let full = sim
        .get(&format!(
            "{ACTIVE}?limit=1&full_description=false&job_details&upgrade_details&user_details&user_employer_reputation"
        ))
        .result();
    let project = &full["projects"][0];
    let description = project["description"].as_str().expect("text");
    assert_eq!(
        project["preview_description"].as_str().expect("text"),
        description.chars().take(100).collect::<String>()
    );
    let owner = &full["users"][project["owner_id"].to_string()];
    assert!(owner["employer_reputation"]["entire_history"]["overall"].is_number());
    assert_eq!(owner["status"], Value::Null);

    let compact = sim.get(&format!("{ACTIVE}?limit=1&compact=")).result();
    assert!(compact["projects"][0].get("description").is_none());
    assert_eq!(compact["projects"][0]["location"], json!({"country": {}}));
}

#[test]
fn filters_are_alternatives_within_and_hold_together() {
    let sim = Sim::start();
    let total = search(&sim, "").0;
    let fixed = search(&sim, "project_types[]=fixed").0;
    let hourly = search(&sim, "project_types%5B%5D=hourly").0;
    assert_eq!(fixed + hourly, total);
    assert_eq!(search(&sim, "project_types[]=fixed&project_types[]=hourly").0, total);

    let rust = search(&sim, "jobs[]=5001").0;
    let python = search(&sim, "jobs[]=13").0;
    let either = search(&sim, "jobs[]=5001&jobs[]=13").0;
    assert!(rust > 0 && python > 0 && either <= rust + python && either >= rust.max(python));
    assert_eq!(search(&sim, "jobs=5001").0, total, "a list without brackets is no list");

    let words = search(&sim, "query=rust%20wasm").0;
    let any = search(&sim, "query=rust+wasm&or_search_query=True").0;
    assert!(words < any, "{words} {any}");
    assert_eq!(search(&sim, "query=nosuchwordatall").0, 0);
    assert_eq!(search(&sim, "languages[]=ar").0, 1);
    assert!(search(&sim, "countries[]=de").0 > 0);
    assert!(search(&sim, "project_upgrades[]=sealed").0 > 0);
    let one = ids(&search(&sim, "limit=1&offset=5").1)[0];
    assert_eq!(ids(&search(&sim, &format!("project_ids[]={one}")).1), [one]);
}

#[test]
fn budgets_are_compared_in_us_dollars() {
    let sim = Sim::start();
    let rich = everything(&sim, "project_types[]=fixed&min_price=3000");
    assert!(!rich.is_empty());
    for project in &rich {
        let rate = project["currency"]["exchange_rate"].as_f64().expect("a rate");
        let high = project["budget"]["maximum"].as_f64();
        assert!(high.is_none_or(|high| high * rate >= 3000.0), "{project}");
        assert!(project["budget"].is_object(), "no budget is in no range");
    }
}

#[test]
fn the_average_bid_filter_is_ignored_unless_one_type_is_asked_for() {
    let sim = Sim::start();
    let total = search(&sim, "").0;
    assert_eq!(search(&sim, "min_avg_price=1000000").0, total);
    assert_eq!(search(&sim, "min_avg_price=1000000&project_types[]=fixed&project_types[]=hourly").0, total);
    assert_eq!(search(&sim, "min_avg_price=1000000&project_types[]=fixed").0, 0);
}

#[test]
fn times_and_orders_follow_their_parameters() {
    let sim = Sim::start();
    let now = sim.control("GET", "/clock", Value::Null)["now"].as_i64().expect("a time");
    let from = now - 86_400;
    let fresh = everything(&sim, &format!("from_time={from}&to_time={now}"));
    assert!(!fresh.is_empty());
    assert!(fresh.iter().all(|project| project["time_updated"].as_i64() >= Some(from)));
    let count = |project: &Value| project["bid_stats"]["bid_count"].as_i64();
    let most = everything(&sim, "sort_field=bid_count");
    assert!(most.is_sorted_by(|a, b| count(a) >= count(b)));
    let least = everything(&sim, "sort_field=bid_count&reverse_sort");
    assert!(least.is_sorted_by(|a, b| count(a) <= count(b)));
}

#[test]
fn single_projects_lists_and_unknown_ones() {
    let sim = Sim::start();
    let some = ids(&search(&sim, "limit=2").1);
    for slash in ["", "/"] {
        let one = sim.get(&format!("/projects/0.1/projects/{}{slash}", some[0])).result();
        assert_eq!(one["id"], some[0]);
    }
    let list = sim
        .get(&format!("/projects/0.1/projects/?projects[]={}&projects[]={}&limit=2&nonsense=1", some[0], some[1]))
        .result();
    assert_eq!(ids(list["projects"].as_array().expect("a list")), some);
    let unknown = sim.get("/projects/0.1/projects/1/");
    assert_eq!((unknown.status, unknown.error_code()), (404, "ProjectExceptionCodes.PROJECT_NOT_FOUND".to_owned()));
    for bad in ["jobs[]=x", "limit=-1", "min_price=NaN"] {
        let answer = sim.get(&format!("{ACTIVE}?{bad}"));
        assert_eq!((answer.status, answer.error_code()), (400, "RestExceptionCodes.BAD_FORM".to_owned()), "{bad}");
    }
}

#[test]
fn skills_are_found_by_category_name_and_id() {
    let sim = Sim::start();
    let names = |query: &str| -> Vec<String> {
        sim.get(&format!("/projects/0.1/jobs/?{query}"))
            .result()
            .as_array()
            .expect("a plain list")
            .iter()
            .filter_map(|skill| skill["name"].as_str().map(str::to_owned))
            .collect()
    };
    assert!(names("categories[]=9").contains(&"React Native".to_owned()));
    assert!(!names("categories[]=9").contains(&"Rust".to_owned()));
    assert_eq!(names("job_names[]=rust"), ["Rust"]);
    assert_eq!(names("jobs[]=3&jobs[]=17&seo_details=True&lang=en"), ["PHP", "Website Design"]);
    let categories = sim.get("/projects/0.1/categories/").result();
    assert_eq!(categories["categories"][0], json!({"id": 1, "name": "Websites, IT & Software"}));
    assert!(sim.get("/projects/0.1/currencies").result()["currencies"].as_array().expect("a list").len() > 8);
    assert!(sim.get("/projects/0.1/budgets").result()["budgets"].as_array().expect("a list").len() > 100);
}

#[test]
fn contests_are_a_list_of_their_own() {
    let sim = Sim::start();
    let total = search(&sim, "").0;
    assert_eq!(search(&sim, "include_contests=True").0, total);
    let result = sim.get("/contests/0.1/contests/active/?limit=50&full_description&job_details&user_details").result();
    let contests = result["contests"].as_array().expect("a list");
    assert!((10..=20).contains(&contests.len()));
    assert!(contests[0]["prize"].is_number() && contests[0]["jobs"].is_array());
    assert_eq!(sim.get("/contests/0.1/contests/active?query=rust").result()["total_count"], 1);
}

#[test]
fn users_and_reputations_are_given_by_id() {
    let sim = Sim::start();
    let owner = search(&sim, "limit=1").1[0]["owner_id"].to_string();
    let users = sim.get(&format!("/users/0.1/users/?users[]={owner}&users[]=1&employer_reputation=True")).result();
    assert_eq!(users["users"].as_object().expect("a map").len(), 1);
    let reputations = sim.get(&format!("/users/0.1/reputations/?users[]={owner}&role=employer")).result();
    assert_eq!(reputations[&owner]["role"], "employer");
    let me = sim.get("/users/0.1/self/?membership_details=True&balance_details=True&compact=True").result();
    assert_eq!(me["account_balances"]["bids_remaining"], 6);
    assert!(me.get("status").is_none() && me.get("jobs").is_none());
    let own = sim.get("/users/0.1/self/?jobs=true&country_details=true&compact=true").result();
    assert_eq!((&own["hourly_rate"], &own["primary_currency"]["code"]), (&json!(45), &json!("USD")));
    assert_eq!((&own["primary_currency"]["exchange_rate"], &own["primary_language"]), (&json!(1.0), &json!("en")));
    assert_eq!((&own["location"]["country"]["code"], own["jobs"].as_array().map(Vec::len)), (&json!("nz"), Some(4)));
    assert_eq!(sim.api("PUT", "/users/0.1/self/jobs/", json!({"jobs[]": [5001]})).status, 200);
    assert_eq!(sim.get("/users/0.1/self/?jobs").result()["jobs"][0]["name"], "Rust");
}

#[test]
fn tokens_are_needed_where_the_platform_needs_them() {
    let sim = Sim::start();
    let url = |path: &str| format!("{}/api{path}", sim.running.freelancer.api);
    assert_eq!(send("GET", &url(ACTIVE), &[], b"").status, 200);
    let bad = send("GET", &url(ACTIVE), &[("freelancer-oauth-v1", "bad")], b"");
    assert_eq!((bad.status, bad.error_code()), (401, "RestExceptionCodes.NOT_AUTHENTICATED".to_owned()));
    for path in ["/users/0.1/self/", "/projects/0.1/bids/", "/projects/0.1/milestones/"] {
        assert_eq!(send("GET", &url(path), &[], b"").status, 401, "{path}");
    }
    let bearer = format!("Bearer {}", sim.token);
    let me = |sim: &Sim| {
        send("GET", &format!("{}/api/users/0.1/self", sim.running.freelancer.api), &[("authorization", &bearer)], b"")
    };
    assert_eq!(me(&sim).status, 401);
    sim.control("POST", "/freelancer/settings", json!({"accept_bearer": true, "anonymous_search": false}));
    assert_eq!(me(&sim).status, 200);
    assert_eq!(send("GET", &url(ACTIVE), &[], b"").status, 401);
}

#[test]
fn the_rate_limit_is_told_in_headers_and_ends_with_its_window() {
    let sim = Sim::with(Options::default());
    for left in (0..50).rev() {
        let answer = sim.get("/projects/0.1/categories");
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("ratelimit-limit"), Some("50, 50;window=60, 1000;window=3600"));
        assert_eq!(answer.header("ratelimit-remaining"), Some(left.to_string().as_str()));
    }
    let over = sim.get("/projects/0.1/categories");
    assert_eq!((over.status, over.error_code()), (429, "AuthorisationExceptionCodes.RATE_LIMITED".to_owned()));
    sim.control("POST", "/clock", json!({"advance": 61}));
    assert_eq!(sim.get("/projects/0.1/categories").status, 200);
}

#[test]
fn recorded_data_is_served_as_it_was_recorded() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("data.jsonl");
    let project = json!({"id": 5, "owner_id": 8, "title": "T", "status": "active", "from_2031": {"x": [1, null]},
        "jobs": [{"id": 3, "name": "PHP again", "category": {"id": 1}}], "type": "fixed", "time_submitted": 1700000000});
    std::fs::write(&file, format!("{project}\n{{\"users\":{{\"9\":{{\"id\":9}}}}}}\n")).expect("written");
    let sim = Sim::with(Options { freelancer_data: Some(file), ..Options::default() });
    let result = sim.get(&format!("{ACTIVE}?job_details&user_details")).result();
    assert_eq!(result["projects"], json!([project]));
    assert_eq!(result["users"], json!({"8": null}), "an unknown owner is null");
    assert_eq!(sim.get("/projects/0.1/jobs?jobs[]=3").result()[0]["name"], "PHP again");
    assert_eq!(sim.get("/contests/0.1/contests/active").result()["total_count"], 0);
}

#[test]
fn a_real_recorded_answer_is_served_whole() {
    let directory = std::env::var_os("PROSPECTOR_TEST_DATA")
        .map_or_else(|| std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), Into::into);
    let file = directory.join("freelancer-projects-search-2022.json");
    if !file.exists() {
        println!("SKIPPED: no recorded data at {}", file.display());
        return;
    }
    let recorded: Value = serde_json::from_str(&std::fs::read_to_string(&file).expect("readable")).expect("JSON");
    let sim = Sim::with(Options { freelancer_data: Some(file), ..Options::default() });
    let every = "full_description&job_details&upgrade_details&location_details&limit=100";
    let served = sim.get(&format!("/projects/0.1/projects/all/?{every}")).result();
    let by_id = |list: &Value| -> std::collections::BTreeMap<i64, Value> {
        list.as_array()
            .into_iter()
            .flatten()
            .filter_map(|project| Some((project["id"].as_i64()?, project.clone())))
            .collect()
    };
    assert_eq!(by_id(&served["projects"]), by_id(&recorded["result"]["projects"]));
}
