use std::cell::Cell;
use std::collections::BTreeSet;

use proptest::prelude::*;
use prospector_plugin::graphql::variables;
use prospector_plugin::http::{Request, Response};
use prospector_plugin::testing::{FakeHost, profile, response, setting};
use prospector_plugin::types::{Attribute, ErrorKind, Value};
use serde_json::{Value as Json, json};

use super::*;

mod lists;

const NOW: i64 = 1_760_600_000;

fn query(settings: Vec<Attribute>, cursor: Option<&str>, limit: u32) -> Query {
    Query { now: NOW, settings, profile: profile(&[]), cursor: cursor.map(str::to_owned), limit, since: None }
}

fn host() -> FakeHost {
    FakeHost::at(NOW).origin("api", "https://api.example")
}

fn texts(name: &str, values: &[&str]) -> Attribute {
    setting(name, Value::Texts(values.iter().map(|value| (*value).to_owned()).collect()))
}

/// A posting published so many seconds before now, which is its number too.
fn node(age: u32) -> Json {
    let second = 59 - age % 60;
    let (minute, hour) = (59 - age / 60 % 60, age / 3600);
    json!({
        "id": format!("{}", 2_000_000 + age), "title": format!("Posting {age}"),
        "publishedDateTime": format!("2025-10-{:02}T{:02}:{minute:02}:{second:02}+0000", 15 - hour / 24, 23 - hour % 24),
    })
}

fn found(ages: impl IntoIterator<Item = u32>, total: u64, has_next: bool) -> String {
    let edges: Vec<Json> = ages.into_iter().map(|age| json!({"node": node(age)})).collect();
    json!({"data": {"marketplaceJobPostingsSearch": {"totalCount": total, "edges": edges, "pageInfo": {"hasNextPage": has_next}}}})
        .to_string()
}

fn failure(message: &str, class: &str) -> String {
    json!({"data": null, "errors": [{"message": message, "extensions": {"classification": class}}]}).to_string()
}

fn ages(page: &Page) -> Vec<u32> {
    page.postings.iter().map(|posting| posting.id.parse::<u32>().expect("a number") - 2_000_000).collect()
}

fn filter(request: &Request) -> Json {
    variables(request)["filter"].clone()
}

#[test]
fn a_search_asks_for_what_it_needs_with_the_credential() {
    let host = host().answer("https://api.example/graphql", 200, found([0, 1], 2, false));
    let settings = vec![
        texts("categories", &["Web Development", "Writing", "Back-End Development"]),
        setting("search", Value::Text(" rust AND wasm ".to_owned())),
        texts("job_type", &["hourly"]),
        texts("locations", &["DEU", "us"]),
        texts("durations", &["1_to_3_months"]),
        setting("posted_within", Value::Text("7d".to_owned())),
        setting("payment_verified", Value::Flag(true)),
        setting("min_client_hires", Value::Integer(3)),
        setting("max_proposals", Value::Integer(20)),
        setting("organization_id", Value::Text("470000000000000097".to_owned())),
    ];
    let page = search(&host, &query(settings, Some("|x:h:s:0:-:-"), 500)).expect("answered");
    assert_eq!((ages(&page), page.next.as_deref(), page.total), (vec![0, 1], None, Some(2)));
    let request = &host.requests()[0];
    assert_eq!(request.credential.as_deref(), Some("account"));
    let header =
        |name: &str| request.headers.iter().find(|header| header.name == name).map(|header| header.value.as_str());
    assert_eq!(header("X-Upwork-API-TenantId"), Some("470000000000000097"));
    assert_eq!(
        filter(request),
        json!({
            "searchExpression_eq": "rust AND wasm", "subcategoryIds_any": ["531770282584862733"], "jobType_eq": "HOURLY",
            "experienceLevel_eq": "EXPERT", "locations_any": ["Germany", "DEU", "United States", "USA"], "duration_any": ["MONTH", "QUARTER"],
            "daysPosted_eq": 7, "verifiedPaymentOnly_eq": true, "clientHiresRange_eq": {"rangeStart": 3}, "proposalRange_eq": {"rangeEnd": 20},
            "pagination_eq": {"first": 50, "after": "0"},
        })
    );
}

#[test]
fn what_is_older_than_what_is_asked_for_is_left_out_and_ends_the_reading() {
    let host = host().answer("/graphql", 200, found([10, 50, 200], 300, true)).answer(
        "/graphql",
        200,
        found([210, 220], 300, true),
    );
    let mut query = query(vec![], None, 100);
    // Ages count from the end of a day.
    query.since = Some(1_760_572_799 - 100);
    let page = search(&host, &query).expect("answered");
    assert_eq!((ages(&page), page.next.as_deref(), host.requests().len()), (vec![10, 50], None, 2));
    // In whole days, as the platform counts.
    assert_eq!(filter(&host.requests()[0])["daysPosted_eq"], json!(1));
}

#[test]
fn without_settings_only_the_page_is_asked_for() {
    let host = host().answer("/graphql", 200, found([0], 1, false));
    search(&host, &query(vec![], None, 20)).expect("answered");
    assert_eq!(filter(&host.requests()[0]), json!({"pagination_eq": {"first": 20, "after": "0"}}));
    assert!(host.requests()[0].headers.iter().all(|header| header.name == "content-type"));
}

#[test]
fn an_answer_in_part_gives_its_postings_and_names_what_is_missing() {
    let body = json!({
        "data": {"marketplaceJobPostingsSearch": {"totalCount": 6, "edges": [
            {"node": node(0)}, {"node": null}, null, {"node": {"title": "No name"}}, {"node": [1]}, {"node": node(5)},
        ], "pageInfo": null}},
        "errors": [{"message": "Cannot return null for non-nullable field experienceLevel",
            "path": ["marketplaceJobPostingsSearch", "edges", 1, "node", "experienceLevel"]}],
    });
    // The second answer has a number that JSON has no room for: it is read one by one.
    for body in [body.to_string(), body.to_string().replace("\"No name\"", "\"No name\",\"totalApplicants\":1e999")] {
        let host = host().answer("/graphql", 200, body);
        let page = search(&host, &query(vec![], None, 6)).expect("answered");
        assert_eq!((ages(&page), page.unreadable.len(), page.next), (vec![0, 5], 4, None));
        let reasons: BTreeSet<&str> = page.unreadable.iter().map(|record| record.reason.as_str()).collect();
        assert_eq!(reasons.len(), 4, "{reasons:?}");
        assert!(reasons.contains(
            "Upwork gave nothing in place 2 of its list: Cannot return null for non-nullable field experienceLevel"
        ));
        assert!(page.unreadable.iter().any(|record| record.title.as_deref() == Some("No name")));
        assert_eq!((page.notices[0].kind, page.notices[0].subject.as_str()), (NoticeKind::Partial, "postings"));
    }
}

#[test]
fn where_paging_fails_the_beginning_is_given_and_the_rest_is_told() {
    let broken = || failure("Exception occurred", "ExecutionAborted");
    let first_ten = || found(0..10, 137, true);
    let host = host()
        .answer("/graphql", 500, broken())
        .answer("/graphql", 500, broken())
        .answer("/graphql", 200, first_ten())
        .answer("/graphql", 200, broken())
        .answer("/graphql", 200, broken())
        .answer("/graphql", 200, first_ten());
    let page = search(&host, &query(vec![], None, 6)).expect("answered");
    assert_eq!((ages(&page), page.next.as_deref()), ((0..6).collect(), Some("|-:-:-:6:1760572794:-")));
    assert_eq!(filter(&host.requests()[2]), json!({}));
    assert_eq!((page.notices[0].kind, page.notices[0].subject.as_str()), (NoticeKind::Truncated, "pagination"));
    let rest = search(&host, &query(vec![], page.next.as_deref(), 44)).expect("answered");
    assert_eq!((ages(&rest), rest.next), ((6..10).collect(), None));

    let later = super::tests::host().answer("/graphql", 200, broken()).answer("/graphql", 200, broken());
    let error = search(&later, &query(vec![], Some("|-:-:-:100:-:-"), 50)).expect_err("too far for that");
    assert_eq!((error.kind, later.requests().len()), (ErrorKind::Unavailable, 2));
}

#[test]
fn a_window_that_is_given_only_in_the_document_is_asked_for_there_from_then_on() {
    let host = host()
        .answer("/graphql", 500, failure("Exception occurred", "ExecutionAborted"))
        .answer("/graphql", 200, found(0..50, 60, true))
        .answer("/graphql", 200, found(50..60, 60, false))
        .answer("/graphql", 200, found(0..50, 60, true));
    let settings = || vec![texts("job_type", &["hourly"]), setting("search", Value::Text("a \"b\" c".to_owned()))];
    let page = search(&host, &query(settings(), None, 100)).expect("answered");
    assert_eq!((ages(&page).len(), page.next, page.notices.len()), (60, None, 0));
    let _again = search(&host, &query(settings(), None, 50)).expect("answered");
    let documents: Vec<String> = host
        .requests()
        .iter()
        .map(|request| {
            let body: Json = serde_json::from_slice(request.body.as_deref().expect("a body")).expect("JSON");
            body["query"].as_str().expect("a document").to_owned()
        })
        .collect();
    assert!(documents[0].contains("$filter") && documents.len() == 4);
    for (document, after) in documents[1..].iter().zip(["0", "50", "0"]) {
        let filter = format!(
            r#"marketPlaceJobFilter: {{jobType_eq:HOURLY pagination_eq:{{after:"{after}" first:50 }} searchExpression_eq:"a \"b\" c" }}"#
        );
        assert!(document.starts_with("query Postings {") && document.contains(&filter), "{document}");
    }
}

#[test]
fn what_was_found_of_the_api_goes_with_the_search() {
    let unknown = failure(
        "The variables input contains a field name 'daysPosted_eq' that is not defined for input object type 'MarketplaceJobPostingsSearchFilter'",
        "ValidationError",
    );
    let settings = || vec![setting("posted_within", Value::Text("7d".to_owned()))];
    let first = host()
        .answer("/graphql", 200, unknown)
        .answer("/graphql", 500, failure("Exception occurred", "ExecutionAborted"))
        .answer("/graphql", 200, found(0..50, 60, true));
    let page = search(&first, &query(settings(), None, 50)).expect("answered");
    assert_eq!(page.next.as_deref(), Some("#,daysPosted_eq|-:-:-:50:1760572750:-"));
    // Another host, which keeps nothing.
    let second = host().answer("/graphql", 200, found(50..60, 60, false));
    let page = search(&second, &query(settings(), page.next.as_deref(), 50)).expect("answered");
    let body: Json = serde_json::from_slice(second.requests()[0].body.as_deref().expect("a body")).expect("JSON");
    let document = body["query"].as_str().expect("a document");
    assert!(document.contains(r#"after:"50""#) && !document.contains("daysPosted_eq"), "{document}");
    assert_eq!((page.postings.len(), page.next, page.notices[0].kind), (10, None, NoticeKind::FilterIgnored));
    for cursor in ["", "-:-:-:0:-:-", "#", "|", "nonsense|nonsense"] {
        let refused = search(&host(), &query(settings(), Some(cursor), 50)).expect_err(cursor);
        assert_eq!(refused.kind, ErrorKind::InvalidInput, "{cursor}");
    }
}

#[test]
fn a_filter_that_the_schema_lacks_is_left_out_told_and_remembered() {
    let unknown = |name: &str| {
        failure(
            &format!(
                "The variables input contains a field name '{name}' that is not defined for input object type 'MarketplaceJobPostingsSearchFilter'"
            ),
            "ValidationError",
        )
    };
    let settings =
        || vec![setting("posted_within", Value::Text("7d".to_owned())), texts("durations", &["under_1_month"])];
    let host = host()
        .answer("/graphql", 200, unknown("daysPosted_eq"))
        .answer("/graphql", 200, unknown("duration_any"))
        .answer("/graphql", 200, found([0], 1, false))
        .answer("/graphql", 200, found([0], 1, false))
        .answer("/graphql", 200, unknown("jobType_eq"));
    for requests in [3, 4] {
        let page = search(&host, &query(settings(), None, 50)).expect("answered");
        assert_eq!((ages(&page), host.requests().len()), (vec![0], requests));
        let told: Vec<_> = page.notices.iter().map(|notice| (notice.kind, notice.subject.as_str())).collect();
        assert_eq!(told, [(NoticeKind::FilterIgnored, "posted_within"), (NoticeKind::FilterIgnored, "durations")]);
    }
    assert_eq!(filter(&host.requests()[3]), json!({"pagination_eq": {"first": 50, "after": "0"}}));
    let error =
        search(&host, &query(vec![texts("job_type", &["fixed"])], None, 50)).expect_err("not one to do without");
    assert_eq!(error.kind, ErrorKind::UnexpectedAnswer);
    // After a day the schema may have it again.
    let later = Query { now: NOW + DAY, ..query(settings(), None, 50) };
    let asked = search(&host, &later).expect_err("nothing is scripted");
    assert_eq!(asked.kind, ErrorKind::Denied);
    assert_eq!(filter(&host.requests()[5])["daysPosted_eq"], 7);
}

#[test]
fn a_moments_weakness_is_asked_over_once() {
    let weak = || failure("Transform timeout", "");
    let host = host().answer("/graphql", 200, weak()).answer("/graphql", 200, found([0], 1, false));
    assert_eq!(ages(&search(&host, &query(vec![], None, 50)).expect("answered")), [0]);
    let host = super::tests::host().answer("/graphql", 200, weak()).answer("/graphql", 200, weak());
    let error = search(&host, &query(vec![], None, 50)).expect_err("twice");
    assert_eq!((error.kind, error.retry_after), (ErrorKind::Unavailable, Some(30)));
}

#[test]
fn whatever_the_host_or_the_platform_refuses_is_the_answer() {
    let denied = failure(
        "The client or authentication token doesn't have enough oauth2 permissions/scopes to access: [MarketplaceJobPostingSearchResult.title].",
        "ExecutionAborted",
    );
    for (status, body, kind, begins) in [
        (
            200,
            denied.as_str(),
            ErrorKind::Forbidden,
            "Insufficient scopes: Your API key lacks Read marketplace Job Postings.",
        ),
        (401, r#"{"message":"Unauthorized"}"#, ErrorKind::Unauthenticated, "Access revoked: "),
        (429, "Too Many Requests", ErrorKind::RateLimited, "Rate limited: "),
        (403, "", ErrorKind::Forbidden, "Access refused: "),
    ] {
        let host = host().answer("/graphql", status, body);
        let error = search(&host, &query(vec![], None, 50)).expect_err("refused");
        assert_eq!(error.kind, kind);
        assert!(error.message.starts_with(begins), "{}", error.message);
        assert!(error.remedy.is_some());
    }
    let wrong = query(vec![texts("categories", &["Web Developement"])], None, 50);
    let error = search(&host(), &wrong).expect_err("no category");
    assert!(error.remedy.is_some_and(|remedy| remedy.contains("`Web Development`")));
    assert_eq!(search(&FakeHost::at(0), &query(vec![], None, 10)).expect_err("no origin").kind, ErrorKind::Internal);
    assert_eq!(search(&host(), &query(vec![], Some("50"), 10)).expect_err("no cursor").kind, ErrorKind::InvalidInput);
}

proptest! {
    #[test]
    fn any_bytes_as_an_answer_are_survived(status in 100u16..600, body in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut answer = response(status, "");
        answer.body = body;
        let host = host().respond("/graphql", Ok(answer));
        let _ = search(&host, &query(vec![], None, 50));
    }

    #[test]
    fn any_json_in_place_of_any_part_of_an_answer_is_survived(place in 0usize..30, text in "null|7|\"x\"|\\[\\]|\\{\\}|\\[null\\]|1e300|-1") {
        let mut body: Json = serde_json::from_str(&found([0, 1], 2, false)).expect("JSON");
        prospector_plugin::testing::replace(&mut body, &mut { place }, &serde_json::from_str(&text).expect("JSON"));
        let host = host().answer("/graphql", 200, body.to_string());
        if let Ok(page) = search(&host, &query(vec![], None, 50)) {
            prop_assert!(page.postings.len() <= 2 && page.next.is_none_or(|next| next.len() <= 4096));
        }
    }
}

#[test]
fn a_filter_that_the_platform_ignores_is_told() {
    let host = host().answer("/graphql", 200, {
        let mut india = node(3 * 86_400);
        india["client"] = json!({"location": {"country": "India"}, "totalHires": 0, "verificationStatus": null});
        india["totalApplicants"] = json!(60);
        json!({"data": {"marketplaceJobPostingsSearch": {"totalCount": 1, "edges": [{"node": india}]}}}).to_string()
    });
    let settings = vec![
        texts("locations", &["DE"]),
        setting("payment_verified", Value::Flag(true)),
        setting("min_client_hires", Value::Integer(1)),
        setting("max_proposals", Value::Integer(20)),
        setting("posted_within", Value::Text("1d".to_owned())),
    ];
    let page = search(&host, &query(settings, None, 50)).expect("answered");
    let told: BTreeSet<_> = page
        .notices
        .iter()
        .map(|notice| (notice.kind, notice.subject.as_str()))
        .map(|(kind, subject)| {
            assert_eq!(kind, NoticeKind::FilterIgnored);
            subject
        })
        .collect();
    let all = ["locations", "payment_verified", "min_client_hires", "max_proposals", "posted_within"];
    assert_eq!(told, BTreeSet::from(all));
}

#[test]
fn what_is_at_most_a_day_too_old_came_by_the_platforms_whole_days() {
    let host = host().answer("/graphql", 200, found([36 * 3600], 1, false));
    let page = search(&host, &query(vec![setting("posted_within", Value::Text("25h".to_owned()))], None, 50));
    assert_eq!(page.expect("answered").notices, []);
    assert_eq!(filter(&host.requests()[0])["daysPosted_eq"], 2);
}
