//! Whatever arrives, the simulator answers it.

use axum::http::{HeaderValue, Method};
use platform_sim::Options;
use platform_sim::exchange::{Request, Site};
use platform_sim::freelancer::{ACCOUNTS, API, ApiSettings, Freelancer};
use platform_sim::oauth::{Consent, OAuthSettings, RedirectRule, RefreshAnswer, Registration, ReuseAnswer};
use proptest::prelude::*;

fn platform() -> Freelancer {
    let defaults = Options::default();
    Freelancer::new(
        Registration {
            client_id: defaults.client_id,
            client_secret: defaults.client_secret,
            redirects: RedirectRule::AnyLoopback { platform: "freelancer" },
        },
        ApiSettings { rate_limit: 0, rate_limit_hour: 0, accept_bearer: true, ..ApiSettings::default() },
        OAuthSettings {
            pending: false,
            consent: Consent::Ask,
            refresh: RefreshAnswer::Rotate,
            reuse: ReuseAnswer::Refuse,
            pkce: true,
            code_seconds: 600,
            access_seconds: 3600,
            refresh_seconds: 0,
        },
        None,
        1_800_000_000,
    )
    .expect("the samples need no file")
}

fn path() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "/api/projects/0.1/projects/active",
        "/api/projects/0.1/projects/all/",
        "/api/projects/0.1/projects",
        "/api/projects/0.1/projects/39903900",
        "/api/projects/0.1/bids/",
        "/api/projects/0.1/bids/300000001",
        "/api/projects/0.1/milestones/",
        "/api/projects/0.1/milestones/40000001/",
        "/api/projects/0.1/jobs/",
        "/api/projects/0.1/milestone_requests/",
        "/api/users/0.1/self/",
        "/api/users/0.1/self/jobs/",
        "/api/users/0.1/users/",
        "/api/users/0.1/reputations/",
        "/api/contests/0.1/contests/active/",
        "/oauth/authorise",
        "/oauth/token",
        "/oauth/consent",
        "/oauth/revoke",
        "/oauth/me",
    ]);
    prop_oneof![4 => known.prop_map(str::to_owned), 1 => "(/[ -~]{0,8}){0,5}"]
}

fn query() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec![
        "query",
        "jobs[]",
        "limit",
        "offset",
        "min_price",
        "max_avg_price",
        "project_types[]",
        "from_time",
        "compact",
        "user_details",
        "sort_field",
        "users[]",
        "action",
        "client_id",
        "redirect_uri",
        "response_type",
        "grant_type",
        "client_secret",
        "code",
        "advanced_scopes",
        "amount",
        "project_ids[]",
        "top_right_latitude",
    ]);
    let value = prop_oneof![
        Just("fixed".to_owned()),
        Just("sim-client".to_owned()),
        Just("sim-secret".to_owned()),
        Just("code".to_owned()),
        Just("http://127.0.0.1:1/cb".to_owned()),
        Just("authorization_code".to_owned()),
        any::<i64>().prop_map(|number| number.to_string()),
        any::<f64>().prop_map(|number| number.to_string()),
        "[ -~]{0,12}",
        "\\PC{0,6}",
    ];
    prop::collection::vec((name, value), 0..6)
        .prop_map(|pairs| pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&"))
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..64),
        query().prop_map(String::into_bytes),
        (any::<i64>(), any::<f64>(), any::<i64>()).prop_map(|(project, amount, period)| {
            format!("{{\"project_id\":{project},\"bidder_id\":70000001,\"amount\":{amount},\"period\":{period},\"milestone_percentage\":50}}")
                .into_bytes()
        }),
        (-10.0..1e9_f64, any::<i64>()).prop_map(|(amount, percent)| {
            format!("{{\"project_id\":39903900,\"bid_id\":300000001,\"bidder_id\":70000001,\"amount\":{amount},\"period\":7,\"milestone_percentage\":{percent}}}")
                .into_bytes()
        }),
        Just(vec![b'['; 3000]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn every_request_gets_an_answer(
        path in path(), query in query(), body in body(), json in any::<bool>(), api in prop::bool::weighted(0.7),
        verb in prop::sample::select(vec![Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE]),
        now in any::<i64>(),
    ) {
        thread_local! {
            static PLATFORM: Freelancer = platform();
        }
        let mut request = Request::new(if api { API } else { ACCOUNTS }, verb, &format!("{path}?{query}"), now);
        request.body = body;
        request.headers.insert("content-type", HeaderValue::from_static(
            if json { "application/json" } else { "application/x-www-form-urlencoded" }));
        let reply = PLATFORM.with(|platform| platform.answer(&request));
        prop_assert!((200..600).contains(&reply.status));
        if api {
            prop_assert!(reply.value().get("request_id").is_some(), "an envelope, always");
        }
    }
}
