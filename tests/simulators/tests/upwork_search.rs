//! Upwork's job search.

mod support;

use std::io::Write;
use std::time::{Duration, Instant};

use platform_sim::Options;
use serde_json::{Value, json};
use support::Sim;

const SEARCH: &str = "query searchJobs(
  $marketPlaceJobFilter: MarketplaceJobPostingsSearchFilter,
  $searchType: MarketplaceJobPostingSearchType,
  $sortAttributes: [MarketplaceJobPostingSearchSortAttribute]
) {
  marketplaceJobPostingsSearch(
    marketPlaceJobFilter: $marketPlaceJobFilter
    searchType: $searchType
    sortAttributes: $sortAttributes
  ) {
    totalCount
    edges { cursor node {
        id ciphertext title description createdDateTime publishedDateTime duration durationLabel engagement
        amount { rawValue currency displayValue }
        hourlyBudgetType hourlyBudgetMin { rawValue currency } hourlyBudgetMax { rawValue currency }
        skills { name prettyName }
        client { totalHires totalFeedback totalSpent { rawValue } verificationStatus location { country city } }
        totalApplicants applied enterprise freelancersToHire
        occupations { category { id prefLabel } subCategories { id } occupationService { id } }
        job { contractTerms { contractType experienceLevel } }
    } }
    pageInfo { hasNextPage endCursor }
  }
}";

fn found(sim: &Sim, filter: Value) -> Value {
    let variables = json!({"marketPlaceJobFilter": filter, "searchType": "USER_JOBS_SEARCH",
        "sortAttributes": [{"field": "RECENCY"}]});
    sim.data(SEARCH, variables)["marketplaceJobPostingsSearch"].clone()
}

/// All nodes that a filter gives, page by page.
fn all(sim: &Sim, filter: &Value) -> Vec<Value> {
    let mut nodes = Vec::new();
    loop {
        let mut page = filter.clone();
        page["pagination_eq"] = json!({"first": 100, "after": nodes.len().to_string()});
        let answer = found(sim, page);
        nodes.extend(answer["edges"].as_array().expect("edges").iter().map(|edge| edge["node"].clone()));
        if answer["pageInfo"]["hasNextPage"] == false {
            assert_eq!(answer["totalCount"], nodes.len());
            return nodes;
        }
    }
}

fn number(money: &Value) -> f64 {
    money["rawValue"].as_str().map_or(0.0, |raw| raw.parse().expect("a number"))
}

#[test]
fn a_search_without_a_page_gives_ten_and_pages_give_the_rest_once_each() {
    let sim = Sim::start();
    let answer = found(&sim, json!({}));
    assert_eq!(answer["edges"].as_array().map(Vec::len), Some(10));
    assert_eq!(answer["pageInfo"], json!({"hasNextPage": true, "endCursor": "10"}));
    assert_eq!((&answer["edges"][0]["cursor"], &answer["edges"][9]["cursor"]), (&json!("0"), &json!("9")));
    let nodes = all(&sim, &json!({}));
    assert!(nodes.len() >= 250);
    let mut ids: Vec<&str> = nodes.iter().filter_map(|node| node["id"].as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), nodes.len());
    let times: Vec<&str> = nodes.iter().filter_map(|node| node["publishedDateTime"].as_str()).collect();
    assert!(times.is_sorted_by(|one, other| one >= other), "newest first");
    let beyond = found(&sim, json!({"pagination_eq": {"first": 50, "after": "100000"}}));
    assert_eq!(beyond["edges"], json!([]));
    assert_eq!(beyond["pageInfo"]["hasNextPage"], false);
}

#[test]
fn pages_that_the_platform_does_not_give_are_refused() {
    let sim = Sim::start();
    for page in [json!({"first": 0}), json!({"first": 101}), json!({"first": -1}), json!({"first": 10, "after": "x"})] {
        let answer = sim.graphql(SEARCH, json!({"marketPlaceJobFilter": {"pagination_eq": page}}));
        assert_eq!(answer["data"], json!({"marketplaceJobPostingsSearch": null}), "{answer}");
        let error = &answer["errors"][0];
        assert!(error["message"].as_str().is_some_and(|text| text.starts_with("VJCA-6")), "{answer}");
        assert_eq!(error["extensions"]["classification"], "DataFetchingException");
        assert_eq!(error["path"], json!(["marketplaceJobPostingsSearch"]));
    }
}

/// Whether a node is one that a filter asks for.
type Asked = fn(&Value) -> bool;

#[test]
fn every_filter_filters() {
    let sim = Sim::start();
    let everything = all(&sim, &json!({})).len();
    let hourly = |node: &Value| node["job"]["contractTerms"]["contractType"] == "HOURLY";
    let _: fn(&Value) -> bool = hourly;
    let cases: Vec<(Value, Asked)> = vec![
        (json!({"searchExpression_eq": "rust"}), |node| node.to_string().to_lowercase().contains("rust")),
        (json!({"searchTerm_eq": {"andTerms_all": ["PDF"]}}), |node| node.to_string().to_lowercase().contains("pdf")),
        (json!({"searchTerm_eq": {"excludeTerms_any": ["the"]}}), |node| {
            !format!("{} {}", node["title"], node["description"]).to_lowercase().contains(" the ")
        }),
        (json!({"titleExpression_eq": "Rust Python"}), |node| {
            let title = node["title"].as_str().unwrap_or_default().to_lowercase();
            title.contains("rust") || title.contains("python")
        }),
        (json!({"skillExpression_eq": "rust,shopify"}), |node| {
            ["Rust", "Shopify"].iter().any(|name| node["skills"].to_string().contains(name))
        }),
        (json!({"categoryIds_any": ["531770282580668418"]}), |node| {
            node["occupations"]["category"]["id"] == "531770282580668418"
        }),
        (json!({"subcategoryIds_any": ["531770282584862733", "531770282589057024"]}), |node| {
            let id = &node["occupations"]["subCategories"][0]["id"];
            id == "531770282584862733" || id == "531770282589057024"
        }),
        (json!({"occupationIds_any": ["1110580748673863680"]}), |node| {
            node["occupations"]["occupationService"]["id"] == "1110580748673863680"
        }),
        (json!({"jobType_eq": "FIXED"}), |node| number(&node["amount"]) > 0.0),
        (json!({"jobType_eq": "HOURLY"}), |node| number(&node["amount"]) == 0.0),
        (json!({"experienceLevel_eq": "EXPERT"}), |node| node["job"]["contractTerms"]["experienceLevel"] == "EXPERT"),
        (json!({"jobType_eq": "HOURLY", "duration_any": ["WEEK", "MONTH"]}), |node| {
            node["duration"] == "WEEK" || node["duration"] == "MONTH"
        }),
        (json!({"jobType_eq": "HOURLY", "workload_eq": "FULL_TIME"}), |node| node["engagement"] == "30+ hrs/week"),
        (json!({"jobType_eq": "HOURLY", "hourlyRate_eq": {"rangeStart": 40}}), |node| {
            number(&node["hourlyBudgetMax"]) >= 40.0
        }),
        (json!({"jobType_eq": "FIXED", "budgetRange_eq": {"rangeStart": 500, "rangeEnd": 2000}}), |node| {
            (500.0..=2000.0).contains(&number(&node["amount"]))
        }),
        (json!({"clientHiresRange_eq": {"rangeStart": 10}}), |node| node["client"]["totalHires"].as_i64() >= Some(10)),
        (json!({"proposalRange_eq": {"rangeEnd": 4}}), |node| node["totalApplicants"].as_i64() <= Some(4)),
        (json!({"verifiedPaymentOnly_eq": true}), |node| node["client"]["verificationStatus"] == "VERIFIED"),
        (json!({"enterpriseOnly_eq": true}), |node| node["enterprise"] == true),
        (json!({"locations_any": ["United States"]}), |node| {
            let country = &node["client"]["location"]["country"];
            country == "United States" || country == "USA"
        }),
        (json!({"locations_any": ["DEU", "Nantes"]}), |node| {
            let place = node["client"]["location"].to_string();
            ["Germany", "DEU", "Nantes"].iter().any(|name| place.contains(name))
        }),
    ];
    for (filter, is_asked) in cases {
        let nodes = all(&sim, &filter);
        assert!(!nodes.is_empty() && nodes.len() < everything, "{filter}: {} of {everything}", nodes.len());
        for node in nodes {
            assert!(is_asked(&node), "{filter}: {node}");
        }
    }
    // Documented: fixed prices pass filters of rate, workload and duration, hourly ones those of the budget.
    let fixed = all(&sim, &json!({"jobType_eq": "FIXED"})).len();
    let rated = all(&sim, &json!({"hourlyRate_eq": {"rangeStart": 100_000}, "workload_eq": "FULL_TIME"}));
    assert_eq!(rated.len(), fixed);
    assert!(found(&sim, json!({"previousClients_eq": true}))["totalCount"].as_i64() > Some(0));
}

#[test]
fn days_are_counted_by_the_simulators_clock() {
    let sim = Sim::start();
    let of_today = |sim: &Sim| found(sim, json!({"daysPosted_eq": 1}))["totalCount"].as_i64().expect("a count");
    let before = of_today(&sim);
    assert!(before > 0);
    sim.control("POST", "/clock", json!({"advance": 6 * 3600}));
    assert!(of_today(&sim) < before);
    sim.control("POST", "/clock", json!({"advance": 90 * 86_400}));
    assert_eq!(of_today(&sim), 0);
}

#[test]
fn orders_are_kept() {
    let sim = Sim::start();
    for (field, of) in
        [("CLIENT_TOTAL_CHARGE", "/client/totalSpent/rawValue"), ("CLIENT_RATING", "/client/totalFeedback")]
    {
        let variables = json!({"marketPlaceJobFilter": {"pagination_eq": {"first": 60, "after": "0"}},
            "sortAttributes": [{"field": field}]});
        let answer = sim.data(SEARCH, variables);
        let edges = answer["marketplaceJobPostingsSearch"]["edges"].as_array().cloned().expect("edges");
        let values: Vec<f64> = edges
            .iter()
            .map(|edge| match edge["node"].pointer(of) {
                Some(Value::String(text)) => text.parse().expect("a number"),
                other => other.and_then(Value::as_f64).unwrap_or(0.0),
            })
            .collect();
        assert!(values[0] > 0.0 && values.is_sorted_by(|one, other| one >= other), "{field}: {values:?}");
    }
    let variables =
        json!({"marketPlaceJobFilter": {"searchExpression_eq": "rust"}, "sortAttributes": [{"field": "RELEVANCE"}]});
    let best = sim.data(SEARCH, variables)["marketplaceJobPostingsSearch"]["edges"][0]["node"]["title"].clone();
    assert!(best.as_str().is_some_and(|title| title.contains("Rust")), "{best}");
}

#[test]
fn a_broken_node_is_null_and_the_others_are_there() {
    let sim = Sim::start();
    let text = "query($f: MarketplaceJobPostingsSearchFilter) { marketplaceJobPostingsSearch(marketPlaceJobFilter: $f) \
        { totalCount edges { node { id experienceLevel } } } }";
    let mut nulls = 0;
    let mut errors = Vec::new();
    for after in ["0", "100", "200", "300"] {
        let answer = sim.graphql(text, json!({"f": {"pagination_eq": {"first": 100, "after": after}}}));
        let edges = &answer["data"]["marketplaceJobPostingsSearch"]["edges"];
        nulls += edges.as_array().into_iter().flatten().filter(|edge| edge["node"].is_null()).count();
        errors.extend(answer["errors"].as_array().cloned().unwrap_or_default());
    }
    assert_eq!((nulls, errors.len()), (2, 2), "the samples hold two jobs without a level");
    assert_eq!(errors[0]["message"], "Cannot return null for non-nullable field experienceLevel");
    assert_eq!(errors[0]["path"][3], "node");
}

#[test]
fn recorded_nodes_are_served_quickly_and_never_beyond_row_5000() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("nodes.jsonl");
    let mut file = std::io::BufWriter::new(std::fs::File::create(&path).expect("created"));
    let description = "A sentence about a service that imports records. ".repeat(30);
    for index in 0..6_000_u64 {
        let node = json!({"id": (2_024_000_000_000_000_000 + index).to_string(), "ciphertext": "~02x", "title": format!("Job {index}"),
            "description": description, "publishedDateTime": format!("2026-02-{:02}T08:54:{:02}+0000", 1 + index % 28, index % 60),
            "createdDateTime": "2026-02-01T00:00:00+0000", "amount": {"rawValue": "5.0", "currency": "USD", "displayValue": "5.0"},
            "odd": {"kept": true}, "totalApplicants": 3});
        writeln!(file, "{node}").expect("written");
    }
    file.into_inner().expect("flushed");
    let options = Options { upwork_data: Some(path), upwork_rate_limit: 0, ..Options::default() };
    let sim = Sim::with(options);
    let token = sim.upwork_token(Value::Null);
    let text = "query($f: MarketplaceJobPostingsSearchFilter) { marketplaceJobPostingsSearch(marketPlaceJobFilter: $f) \
        { totalCount edges { node { id title description totalApplicants renewedDateTime amount { rawValue } } } pageInfo { hasNextPage endCursor } } }";
    let page = |after: u64, expression: &str| {
        let filter =
            json!({"searchExpression_eq": expression, "pagination_eq": {"first": 100, "after": after.to_string()}});
        let body = json!({"query": text, "variables": {"f": filter}}).to_string();
        sim.graphql_as(&token, &[], body.as_bytes()).json()["data"]["marketplaceJobPostingsSearch"].clone()
    };
    let start = Instant::now();
    let last = page(4_950, "records");
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    assert_eq!(last["totalCount"], 6_000);
    assert_eq!(last["edges"].as_array().map(Vec::len), Some(50));
    assert_eq!(last["pageInfo"], json!({"hasNextPage": false, "endCursor": "5000"}));
    assert_eq!(last["edges"][0]["node"]["renewedDateTime"], Value::Null, "absent fields are null");
    assert_eq!(page(5_000, "")["edges"], json!([]));
    let id = last["edges"][0]["node"]["id"].as_str().expect("an id").to_owned();
    assert_eq!(sim.control("GET", &format!("/upwork/postings/{id}"), Value::Null)["odd"]["kept"], true);
}
