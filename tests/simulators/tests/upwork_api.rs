//! Upwork's endpoint beside the search: the schema, permissions, tenants, limits, the account, faults.

mod support;

use platform_sim::Options;
use serde_json::{Value, json};
use support::{Sim, send};

const ME: &str = "query { user { id nid rid } organization { id } }";

fn body(query: &str) -> Vec<u8> {
    json!({"query": query}).to_string().into_bytes()
}

fn message(answer: &Value) -> String {
    answer["errors"][0]["message"].as_str().unwrap_or_else(|| panic!("an error: {answer}")).to_owned()
}

fn class(answer: &Value) -> String {
    answer["errors"][0]["extensions"]["classification"].as_str().expect("a class").to_owned()
}

#[test]
fn mistakes_that_fail_live_fail_here() {
    let sim = Sim::start();
    let search =
        |filter: &str| format!("{{ marketplaceJobPostingsSearch(marketPlaceJobFilter: {filter}) {{ totalCount }} }}");
    for (query, variables, words) in [
        ("{ marketplaceJobPostingsSearch { edges { node { titel } } } }".to_owned(), json!({}), "FieldUndefined@[marketplaceJobPostingsSearch/edges/node/titel]"),
        ("{ marketplaceJobPostingSearch { totalCount } }".to_owned(), json!({}), "Field 'marketplaceJobPostingSearch' in type 'Query' is undefined"),
        (search("{experienceLevel_eq: SENIOR}"), json!({}), "WrongType"),
        (search("{jobType_eq: [FIXED]}"), json!({}), "WrongType"),
        (search("{clientFeedBackRange_eq: {rangeStart: 1}}"), json!({}), "WrongType"),
        (search("{pagination_eq: {after: \"0\"}}"), json!({}), "WrongType"),
        ("query($c: ID) { marketplaceJobPostingsSearch(marketPlaceJobFilter: {categoryIds_any: $c}) { totalCount } }".to_owned(), json!({"c": "1"}), "VariableTypeMismatch"),
        ("query($i: [ID!]!) { marketplaceJobPosting(id: $i) { id } }".to_owned(), json!({"i": ["1"]}), "VariableTypeMismatch"),
        ("{ marketplaceJobPosting { id } }".to_owned(), json!({}), "MissingFieldArgument"),
        ("{ user }".to_owned(), json!({}), "SubselectionRequired"),
        ("query($f: MarketplaceJobPostingsSearchFilter) { marketplaceJobPostingsSearch(marketPlaceJobFilter: $f) { totalCount } }".to_owned(), json!({"f": {"jobType_eq": "Fixed"}}), "ContractType"),
    ] {
        let answer = sim.graphql(&query, variables);
        assert_eq!(class(&answer), "ValidationError", "{answer}");
        assert!(message(&answer).contains(words), "{query}: {answer}");
        assert_eq!(answer["data"], Value::Null);
    }
}

#[test]
fn the_account_its_organisations_and_its_profile_are_told() {
    let sim = Sim::start();
    let data = sim.data(
        "{ user { id nid rid name email freelancerProfile { fullName
             personalData { title chargeRate { rawValue currency } } skills { edges { node { id preferredLabel prettyName } } } } }
           organization { id rid name type legacyType }
           companySelector { items { title photoUrl organizationId organizationRid organizationType organizationLegacyType
             organizationEnterpriseType legacyEnterpriseOrganization typeTitle } } }",
        json!({}),
    );
    assert_eq!(data["user"]["nid"], "wren_codes");
    let profile = &data["user"]["freelancerProfile"];
    assert_eq!(profile["personalData"]["chargeRate"], json!({"rawValue": "65.0", "currency": "USD"}));
    assert_eq!(profile["skills"]["edges"][0]["node"]["preferredLabel"], "Rust");
    assert_eq!(data["companySelector"]["items"][0]["organizationId"], data["organization"]["id"]);
    let categories = sim.data(
        "{ ontologyCategories { id preferredLabel subcategories { id preferredLabel services { id } } } }",
        json!({}),
    );
    assert_eq!(categories["ontologyCategories"].as_array().map(Vec::len), Some(12));
}

#[test]
fn the_categories_are_the_recorded_ones() {
    let directory = std::env::var_os("PROSPECTOR_TEST_DATA")
        .map_or_else(|| std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), Into::into);
    let file = directory.join("upwork-categories.json");
    if !file.exists() {
        println!("SKIPPED: no recorded data at {}", file.display());
        return;
    }
    let recorded: Value = serde_json::from_str(&std::fs::read_to_string(&file).expect("readable")).expect("JSON");
    let sim = Sim::start();
    let query =
        "{ ontologyCategories { id prefLabel: preferredLabel subcategories { id prefLabel: preferredLabel } } }";
    let mut served = sim.data(query, json!({}))["ontologyCategories"].as_array().cloned().expect("a list");
    let mut expected = recorded.as_array().cloned().expect("a list");
    for category in &mut expected {
        for subcategory in category["subcategories"].as_array_mut().expect("a list") {
            subcategory.as_object_mut().expect("an object").retain(|name, _| name == "id" || name == "prefLabel");
        }
        category
            .as_object_mut()
            .expect("an object")
            .retain(|name, _| ["id", "prefLabel", "subcategories"].contains(&name.as_str()));
    }
    for list in [&mut served, &mut expected] {
        for category in list.iter_mut() {
            category["subcategories"].as_array_mut().expect("a list").sort_by_key(Value::to_string);
        }
        list.sort_by_key(Value::to_string);
    }
    assert_eq!(served, expected);
}

#[test]
fn a_tenant_is_the_default_an_own_one_or_refused() {
    let sim = Sim::start();
    let token = sim.upwork_token(Value::Null);
    let of = |tenant: &str| sim.graphql_as(&token, &[("X-Upwork-API-TenantId", tenant)], &body(ME)).json();
    let items = sim.data("{ companySelector { items { organizationId } } }", json!({}));
    let agency = items["companySelector"]["items"][1]["organizationId"].as_str().expect("an id").to_owned();
    assert_eq!(of(&agency)["data"]["organization"]["id"], agency);
    assert!(message(&of("5")).contains("\"5\""));
}

#[test]
fn a_missing_permission_is_an_error_with_200_that_names_the_fields() {
    let sim = Sim::start();
    let ask = |permissions: Value, query: &str| {
        let answer = sim.graphql_as(&sim.upwork_token(permissions), &[], &body(query));
        assert_eq!(answer.status, 200);
        answer.json()
    };
    let search = "{ marketplaceJobPostingsSearch { edges { node { id amount { rawValue currency } } } pageInfo { endCursor hasNextPage } } }";
    let both = json!(["pub-commons:read:all", "pub-marketplace-job-postings:read:all"]);
    assert_eq!(ask(both, search).get("errors"), None);
    let answer = ask(json!(["pub-marketplace-job-postings:read:all"]), search);
    assert_eq!(
        message(&answer),
        "The client or authentication token doesn't have enough oauth2 permissions/scopes to access: \
         [Money.currency, Money.rawValue, PageInfo.endCursor, PageInfo.hasNextPage]."
    );
    assert_eq!((class(&answer).as_str(), &answer["data"]), ("ExecutionAborted", &Value::Null));
    let answer = ask(json!(["pub-commons:read:all"]), search);
    assert!(message(&answer).ends_with("[Query.marketplaceJobPostingsSearch]."), "{answer}");
    let answer = ask(json!(["pub-commons:read:all"]), "{ contractList(ids: []) { contracts { id } } }");
    assert!(message(&answer).contains("Query.contractList"), "{answer}");
}

#[test]
fn changing_the_keys_permissions_ends_its_tokens() {
    let sim = Sim::start();
    let token = sim.upwork_token(Value::Null);
    assert_eq!(sim.graphql_as(&token, &[], &body(ME)).status, 200);
    sim.upwork_settings(json!({"pagination_fails": false}));
    assert_eq!(sim.graphql_as(&token, &[], &body(ME)).status, 200);
    sim.upwork_settings(json!({"permissions": ["pub-commons:read:all"]}));
    assert_eq!(sim.graphql_as(&token, &[], &body(ME)).status, 401);
    let refused = sim.try_control("POST", "/upwork/settings", json!({"absent_filters": ["nothing_eq"]}));
    assert_eq!(refused.status, 400);
}

#[test]
fn a_token_that_is_none_or_has_ended_is_a_401() {
    let sim = Sim::start();
    let token = sim.upwork_token(Value::Null);
    for wrong in ["", "oauth2v2_0123456789abcdef0123456789abcdef"] {
        assert_eq!(sim.graphql_as(wrong, &[], &body(ME)).status, 401);
    }
    sim.control("POST", "/clock", json!({"advance": 86_401}));
    assert_eq!(sim.graphql_as(&token, &[], &body(ME)).status, 401);
}

#[test]
fn the_301st_request_of_a_minute_is_a_429_without_graphql() {
    let sim = Sim::with(Options::default());
    let token = sim.upwork_token(Value::Null);
    for _ in 0..300 {
        assert_eq!(sim.graphql_as(&token, &[], &body("{ __typename }")).status, 200);
    }
    let refused = sim.graphql_as(&token, &[], &body("{ __typename }"));
    assert_eq!((refused.status, refused.body.as_slice()), (429, b"Too Many Requests".as_slice()));
    sim.control("POST", "/clock", json!({"advance": 61}));
    assert_eq!(sim.graphql_as(&token, &[], &body("{ __typename }")).status, 200);
}

#[test]
fn fields_that_the_schema_lacked_can_be_taken_away() {
    let sim = Sim::start();
    sim.upwork_settings(json!({"absent_filters": ["daysPosted_eq", "duration_any"]}));
    let query = "query($f: MarketplaceJobPostingsSearchFilter) { marketplaceJobPostingsSearch(marketPlaceJobFilter: $f) { totalCount } }";
    for name in ["daysPosted_eq", "duration_any"] {
        let answer = sim.graphql(query, json!({"f": {name: null}}));
        assert!(message(&answer).contains(&format!("field name '{name}' that is not defined")), "{answer}");
        assert_eq!(class(&answer), "ValidationError");
    }
    assert!(
        sim.data(query, json!({"f": {"jobType_eq": "FIXED"}}))["marketplaceJobPostingsSearch"]["totalCount"].is_u64()
    );
}

#[test]
fn pagination_can_fail_as_it_did() {
    let sim = Sim::start();
    sim.upwork_settings(json!({"pagination_fails": true}));
    let query =
        |page: &str| format!("{{ marketplaceJobPostingsSearch(marketPlaceJobFilter: {{{page}}}) {{ totalCount }} }}");
    let token = sim.upwork_token(Value::Null);
    let failed = sim.graphql_as(&token, &[], &body(&query("pagination_eq: {first: 10, after: \"0\"}")));
    assert_eq!(failed.status, 500);
    assert_eq!(message(&failed.json()), "Exception occurred");
    assert_eq!(sim.graphql_as(&token, &[], &body(&query(""))).status, 200);
    sim.upwork_settings(json!({"pagination_fails": false, "pagination_variable_fails": true}));
    assert_eq!(sim.graphql_as(&token, &[], &body(&query("pagination_eq: {first: 10, after: \"0\"}"))).status, 200);
    let by_variable = json!({
        "query": "query Q($f: MarketplaceJobPostingsSearchFilter) { marketplaceJobPostingsSearch(marketPlaceJobFilter: $f) { totalCount } }",
        "variables": {"f": {"pagination_eq": {"first": 10, "after": "0"}}},
    });
    assert_eq!(sim.graphql_as(&token, &[], by_variable.to_string().as_bytes()).status, 500);
}

#[test]
fn faults_reach_the_endpoint() {
    let sim = Sim::start();
    let token = sim.upwork_token(Value::Null);
    let search =
        "{ marketplaceJobPostingsSearch { totalCount edges { node { id } } pageInfo { endCursor hasNextPage } } }";
    let hit = |fault: Value| {
        let mut rule = json!({"route": "/graphql"});
        rule.as_object_mut().expect("an object").extend(fault.as_object().cloned().expect("an object"));
        sim.control("POST", "/faults", rule);
        sim.graphql_as(&token, &[], &body(search))
    };
    let answer = hit(json!({"fault": "graphql-error"})).json();
    assert_eq!((message(&answer).as_str(), &answer["data"]), ("Transform timeout", &Value::Null));
    let answer = hit(json!({"fault": "graphql-error", "message": "Exception occurred", "status": 500}));
    assert_eq!((answer.status, message(&answer.json()).as_str()), (500, "Exception occurred"));
    let answer = hit(json!({"fault": "null-nodes", "nodes": 3})).json();
    let edges = answer["data"]["marketplaceJobPostingsSearch"]["edges"].as_array().cloned().expect("edges");
    assert_eq!(edges.iter().filter(|edge| edge["node"].is_null()).count(), 3);
    assert_eq!(answer["errors"].as_array().map(Vec::len), Some(3));
    assert_eq!(message(&answer), "Cannot return null for non-nullable field experienceLevel");
    assert_eq!(class(&answer), "NullValueInNonNullableField");
    let answer = hit(json!({"fault": "short-page", "rows": 4})).json();
    let found = &answer["data"]["marketplaceJobPostingsSearch"];
    assert_eq!(found["edges"].as_array().map(Vec::len), Some(4));
    assert_eq!(found["pageInfo"], json!({"endCursor": "10", "hasNextPage": true}));
    let answer = hit(json!({"fault": "status", "status": 429, "retry_after": 3}));
    assert_eq!((answer.status, answer.header("retry-after")), (429, Some("3")));
    assert_eq!(hit(json!({"fault": "status", "status": 401})).status, 401);
    assert_eq!(hit(json!({"fault": "status", "status": 503})).status, 503);
    assert!(hit(json!({"fault": "not-json"})).header("content-type").is_some_and(|kind| kind.starts_with("text/html")));
    assert_eq!(message(&hit(json!({"fault": "error-with-200", "status": 500, "message": "m"})).json()), "m");
    let seen = sim.control("GET", "/requests?path=/graphql", Value::Null);
    assert_eq!(seen["requests"][0]["origin"], "upwork/api");
    assert_eq!(seen["requests"][0]["fault"], "graphql-error");
}

#[test]
fn the_schema_is_told_in_good_faith_only() {
    let sim = Sim::start();
    let one = "{ __type(name: \"MarketplaceJobPostingsSearchFilter\") { inputFields { name type { name } } } }";
    let names = sim.data(one, json!({}))["__type"]["inputFields"].to_string();
    assert!(names.contains("proposalRange_eq"));
    let two = "{ a: __type(name: \"IntRange\") { inputFields { name } } b: __type(name: \"Pagination\") { inputFields { name } } }";
    assert!(message(&sim.graphql(two, json!({}))).contains("not asking for introspection in good faith"));
    sim.upwork_settings(json!({"introspection": "open"}));
    assert_eq!(sim.data(two, json!({}))["b"]["inputFields"][0]["name"], "after");
}

#[test]
fn what_is_no_graphql_is_told_so() {
    let sim = Sim::start();
    let token = sim.upwork_token(Value::Null);
    for bad in ["", "nonsense", "[]", "{\"query\": 1}", "{\"query\": \"{ user {\"}"] {
        let answer = sim.graphql_as(&token, &[], bad.as_bytes());
        assert_eq!((answer.status, class(&answer.json()).as_str()), (200, "InvalidSyntax"), "{bad}");
    }
    let api = &sim.running.upwork.api;
    assert_eq!(send("GET", &format!("{api}/graphql"), &[], b"").status, 405);
    assert_eq!(send("POST", &format!("{api}/graphql/v2"), &[], b"").status, 404);
    let trailing =
        send("POST", &format!("{api}/graphql/"), &[("authorization", &format!("Bearer {token}"))], &body(ME));
    assert_eq!(trailing.status, 200);
}
