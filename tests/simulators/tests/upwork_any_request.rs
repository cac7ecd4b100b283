//! Whatever arrives, the simulated Upwork answers it.

use axum::http::{HeaderValue, Method};
use platform_sim::control::ControlRoom;
use platform_sim::exchange::{Request, Site};
use platform_sim::oauth::{Consent, OAuthSettings, RedirectRule, RefreshAnswer, Registration, ReuseAnswer};
use platform_sim::upwork::{ACCOUNTS, API, ApiSettings, Upwork};
use proptest::prelude::*;
use serde_json::{Value, json};

const NOW: i64 = 1_800_000_000;

fn platform() -> (Upwork, String) {
    let registration = Registration {
        client_id: "sim-client".to_owned(),
        client_secret: "sim-secret".to_owned(),
        redirects: RedirectRule::AnyLoopback { platform: "upwork" },
    };
    let oauth = OAuthSettings {
        pending: false,
        consent: Consent::Ask,
        refresh: RefreshAnswer::Rotate,
        reuse: ReuseAnswer::Refuse,
        pkce: false,
        code_seconds: 600,
        access_seconds: i64::MAX,
        refresh_seconds: 3600,
    };
    let settings = ApiSettings { rate_limit: 0, ..ApiSettings::default() };
    let upwork = Upwork::new(registration, settings, oauth, None, NOW).expect("the samples need no file");
    let wish = Request::new("control", Method::POST, "/upwork/tokens", NOW);
    let token = upwork.control(&wish).expect("a route").value();
    (upwork, token["access_token"].as_str().expect("a token").to_owned())
}

fn answer(request: &mut Request) -> platform_sim::exchange::Reply {
    thread_local! {
        static PLATFORM: (Upwork, String) = platform();
    }
    PLATFORM.with(|(upwork, token)| {
        let bearer = format!("Bearer {token}");
        request.headers.entry("authorization").or_insert_with(|| HeaderValue::from_str(&bearer).expect("text"));
        upwork.answer(request)
    })
}

/// Documents that are nearly right: the schema's own words in any order, and brackets that mostly fit.
fn document() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "query",
        "mutation",
        "fragment",
        "on",
        "F",
        "...F",
        "...",
        "$f",
        "$f: MarketplaceJobPostingsSearchFilter",
        "(",
        ")",
        "{",
        "}",
        "{",
        "}",
        "[",
        "]",
        ":",
        "!",
        "@skip(if: true)",
        "@access(any: [])",
        "marketplaceJobPostingsSearch",
        "totalCount",
        "edges",
        "node",
        "id",
        "job",
        "user",
        "freelancerProfile",
        "pageInfo",
        "hasNextPage",
        "__typename",
        "__schema",
        "types",
        "marketPlaceJobFilter: $f",
        "marketPlaceJobFilter: {searchExpression_eq: \"((\"}",
        "pagination_eq: {first: 99999999999}",
        "vendorProposals",
        "contractList(ids: [\"1\"])",
        "submitVendorProposal(previewId: \"\")",
        "\"",
        "\"\"\"",
        "#",
        "1e999",
        "-0",
        "\\u{110000}",
        "alias:",
        "Query",
        "client",
        "location",
        "country",
    ]);
    prop_oneof![
        3 => prop::collection::vec(word, 0..30).prop_map(|words| words.join(" ")),
        2 => selection(),
        1 => "\\PC{0,60}",
        1 => Just("{".repeat(5_000)),
        1 => Just(format!("{{ a{} }}", "(x: [".repeat(3_000))),
        1 => Just(format!("{{ user {} id {} }}", "{ freelancerProfile { user ".repeat(200), "} }".repeat(200))),
        1 => (0..4_000_usize).prop_map(chain),
        1 => Just("fragment A on Query { ...B } fragment B on Query { ...A } { ...A }".to_owned()),
    ]
}

/// So many fragments, each within the one before it.
fn chain(length: usize) -> String {
    let links: String =
        (0..length).map(|index| format!("fragment F{index} on CurrentUser {{ ...F{} }} ", index + 1)).collect();
    format!("{{ user {{ ...F0 }} }} {links} fragment F{length} on CurrentUser {{ id }}")
}

/// A valid selection of search nodes.
fn selection() -> impl Strategy<Value = String> {
    let field = prop::sample::select(vec![
        "id",
        "title",
        "experienceLevel",
        "duration",
        "engagement",
        "applied",
        "amount { rawValue }",
        "hourlyBudgetMin { currency }",
        "client { totalSpent { displayValue } location { country } }",
        "job { contractTerms { contractType } }",
        "job { classification { skills { id preferredLabel } } ownership { company { id } } }",
        "skills { name prettyName }",
        "occupations { category { prefLabel } }",
        "preferredFreelancerLocation",
        "relevance { id hoursInactive }",
        "...",
    ]);
    prop::collection::vec(field, 1..8).prop_map(|fields| {
        format!(
            "query Q($f: MarketplaceJobPostingsSearchFilter, $s: [MarketplaceJobPostingSearchSortAttribute]) \
             {{ marketplaceJobPostingsSearch(marketPlaceJobFilter: $f, sortAttributes: $s) \
             {{ totalCount edges {{ cursor node {{ {} }} }} pageInfo {{ endCursor }} }} }}",
            fields.join(" ").replace("...", "...on MarketplaceJobPostingSearchResult { recordNumber }")
        )
    })
}

fn variables() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        prop::sample::select(vec!["FIXED", "EXPERT", "WEEK", "FULL_TIME", "USA", "rust OR (pdf", "0", "9999999"])
            .prop_map(Value::from),
    ];
    let value = prop_oneof![
        4 => scalar.clone(),
        1 => prop::collection::vec(scalar.clone(), 0..3).prop_map(Value::from),
        1 => (any::<i32>(), any::<i32>()).prop_map(|(start, end)| json!({"rangeStart": start, "rangeEnd": end})),
        1 => (0..200_i32, scalar).prop_map(|(first, after)| json!({"first": first, "after": after})),
    ];
    let name = prop::sample::select(vec![
        "searchExpression_eq",
        "titleExpression_eq",
        "skillExpression_eq",
        "searchTerm_eq",
        "categoryIds_any",
        "jobType_eq",
        "experienceLevel_eq",
        "duration_any",
        "workload_eq",
        "hourlyRate_eq",
        "budgetRange_eq",
        "proposalRange_eq",
        "locations_any",
        "daysPosted_eq",
        "pagination_eq",
        "area_eq",
        "nothing_eq",
    ]);
    prop_oneof![
        4 => prop::collection::hash_map(name, value.clone(), 0..4).prop_map(|filter| json!({"f": filter, "s": [{"field": "RELEVANCE"}, null]})),
        1 => value,
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(160))]

    #[test]
    fn every_document_gets_a_graphql_answer(document in document(), variables in variables()) {
        let mut request = Request::new(API, Method::POST, "/graphql", NOW);
        request.body = json!({"query": document, "variables": variables}).to_string().into_bytes();
        let reply = answer(&mut request);
        prop_assert_eq!(reply.status, 200);
        let value = reply.value();
        prop_assert!(value.get("data").is_some());
        for error in value["errors"].as_array().into_iter().flatten() {
            prop_assert!(error["message"].is_string() && error["extensions"]["classification"].is_string(), "{}", error);
        }
        prop_assert!(!value["data"].is_null() || value["errors"][0].is_object());
    }

    #[test]
    fn every_request_gets_an_answer(
        path in prop_oneof![
            Just("/graphql".to_owned()), Just("/ab/account-security/oauth2/authorize".to_owned()),
            Just("/ab/account-security/oauth2/consent".to_owned()), Just("/api/v3/oauth2/token".to_owned()),
            Just("/api/v3/oauth2/token/revoke".to_owned()), "(/[ -~]{0,8}){0,5}",
        ],
        query in "(client_id=sim-client&)?(response_type=code&)?(redirect_uri=http://127.0.0.1:1/cb&)?[ -~]{0,20}",
        body in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..64),
            "(grant_type=(refresh_token|authorization_code|client_credentials)&)?(client_id=sim-client&client_secret=sim-secret&)?(code=x&)?[ -~]{0,20}".prop_map(String::into_bytes),
            Just(vec![b'['; 3000]),
        ],
        authorization in prop_oneof![Just(None), "(Basic|Bearer|basic)? ?[ -~]{0,30}".prop_map(Some)],
        api in any::<bool>(), verb in prop::sample::select(vec![Method::GET, Method::POST, Method::PUT, Method::DELETE]),
        now in any::<i64>(),
    ) {
        let origin = if api { API } else { ACCOUNTS };
        let mut request = Request::new(origin, verb, &format!("{path}?{query}"), now);
        request.body = body;
        if let Some(text) = authorization.and_then(|text| HeaderValue::from_str(&text).ok()) {
            request.headers.insert("authorization", text);
        }
        let reply = answer(&mut request);
        prop_assert!((200..600).contains(&reply.status));
    }
}
