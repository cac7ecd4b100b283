use prospector_plugin::testing::{FakeHost, profile, setting};
use prospector_plugin::types::{Attribute, ErrorKind, PostingKind, Value};
use serde_json::json;

use super::*;

const NOW: i64 = 1_700_100_000;

fn query(settings: Vec<Attribute>, cursor: Option<&str>, limit: u32) -> Query {
    Query { now: NOW, settings, profile: profile(&[]), cursor: cursor.map(str::to_owned), limit, since: None }
}

fn host() -> FakeHost {
    FakeHost::at(NOW).origin("api", "https://api.example")
}

fn found(ids: impl IntoIterator<Item = u32>, total: u32) -> String {
    let projects: Vec<_> = ids
        .into_iter()
        .map(|id| json!({"id": id, "owner_id": 5, "title": format!("Project {id}"), "type": "fixed", "time_submitted": 1_700_000_000 + i64::from(id)}))
        .collect();
    let users = json!({"5": {"id": 5, "employer_reputation": {"entire_history": {"overall": 4.5, "reviews": 3}}}});
    json!({"status": "success", "result": {"projects": projects, "users": users, "total_count": total}, "request_id": "0"}).to_string()
}

fn ids(page: &Page) -> Vec<&str> {
    page.postings.iter().map(|posting| posting.id.as_str()).collect()
}

fn texts(values: &[&str]) -> Value {
    Value::Texts(values.iter().map(|value| (*value).to_owned()).collect())
}

#[test]
fn a_search_asks_for_what_it_needs_with_the_credential() {
    let host = host().answer("/projects/active/", 200, found([2, 1], 2));
    let mut query = query(vec![setting("project_types", texts(&["fixed"]))], None, 500);
    query.since = Some(1_600_000_000);
    let page = search(&host, &query).expect("answered");
    assert_eq!((ids(&page), page.next.as_deref(), page.total), (vec!["2", "1"], None, Some(2)));
    assert_eq!(page.postings[0].client.rating, Some(4.5));
    let requests = host.requests();
    assert_eq!(requests[0].credential.as_deref(), Some("account"));
    for part in [
        "https://api.example/api/projects/0.1/projects/active/?",
        "project_types%5B%5D=fixed&",
        "from_time=1600000000",
        "full_description=true",
        "job_details=true",
        "upgrade_details=true",
        "user_details=true",
        "user_employer_reputation=true",
        "user_country_details=true",
        "user_status=true",
        "limit=100",
        "offset=0",
    ] {
        assert!(requests[0].url.contains(part), "{part} in {}", requests[0].url);
    }
    assert!(!requests[0].url.contains("hourly") && !requests[0].url.contains("jobs%5B%5D"));
    assert_eq!(requests.len(), 1);
}

#[test]
fn pages_go_on_past_a_short_one_and_end_at_the_total() {
    let host = host().answer("offset=0", 200, found([9, 8, 7], 5)).answer("offset=3", 200, found([6, 5], 5));
    let first = search(&host, &query(vec![], None, 100)).expect("answered");
    assert_eq!((ids(&first), first.next.as_deref()), (vec!["9", "8", "7"], Some("3")));
    let second = search(&host, &query(vec![], first.next.as_deref(), 100)).expect("answered");
    assert_eq!((ids(&second), second.next.as_deref()), (vec!["6", "5"], None));
}

#[test]
fn an_empty_page_before_the_total_ends_the_search_and_is_told() {
    let host = host().answer("offset=200", 200, found([], 259));
    let page = search(&host, &query(vec![], Some("200"), 100)).expect("answered");
    assert_eq!((page.postings.len(), page.next), (0, None));
    assert_eq!(page.notices[0].message, "Freelancer speaks of 259 postings, but gave none after 200");
}

#[test]
fn one_absurd_record_is_skipped_and_one_absurd_field_left_out() {
    let body = r#"{"status":"success","result":{"projects":[
        {"id":1,"time_submitted":1700000000},
        {"title":"No name","time_submitted":1700000000},
        {"id":3,"title":"Too big","budget":{"minimum":1e999},"time_submitted":1700000000},
        null, "text", 17,
        {"id":4,"title":"Half an emoji \ud83d","time_submitted":1700000000}
    ],"users":null,"total_count":7},"request_id":"0"}"#;
    let host = host().answer("/projects/active/", 200, body);
    let page = search(&host, &query(vec![], None, 100)).expect("answered");
    assert_eq!(page.postings.len() + page.unreadable.len(), 7);
    let mut read = ids(&page);
    read.sort_unstable();
    assert_eq!(read, ["1", "3", "4"]);
    let skipped: Vec<_> = page.unreadable.iter().filter_map(|record| record.title.as_deref()).collect();
    assert_eq!(skipped, ["No name"]);
    assert!(page.postings.iter().all(|posting| posting.budget.is_none()), "1e999 is no amount");
    assert!(page.unreadable.iter().all(|record| !record.reason.is_empty()));
}

#[test]
fn categories_become_searches_by_skill_in_parts_that_a_url_holds() {
    let skills: Vec<_> = (1..=900).map(|id| json!({"id": id, "category": {"id": 1}})).collect();
    let host = host()
        .answer(
            "/categories/",
            200,
            r#"{"status":"success","result":{"categories":[{"id":1,"name":"Websites, IT & Software"}]}}"#,
        )
        .answer("/jobs/?categories%5B%5D=1", 200, json!({"status": "success", "result": skills}).to_string())
        .answer("jobs%5B%5D=1&", 200, found([9, 5, 3], 3))
        .answer("jobs%5B%5D=401&", 200, found([8, 5], 2))
        .answer("jobs%5B%5D=801&", 200, found([], 0));
    let settings = vec![setting("categories", texts(&["websites, it & software"]))];
    let page = search(&host, &query(settings.clone(), None, 4)).expect("answered");
    assert_eq!((ids(&page), page.next.as_deref(), page.total), (vec!["9", "8", "5", "3"], None, None));
    assert!(host.urls().iter().all(|url| url.len() < 8192));
    assert_eq!(host.unused(), 0);
    let error = search(&host, &query(settings, Some("40"), 4)).expect_err("a cursor of one list");
    assert_eq!(error.kind, ErrorKind::InvalidInput);
}

#[test]
fn contests_are_asked_for_only_on_wish_and_never_cost_the_projects() {
    let contests = json!({"status": "success", "result": {"contests": [
        {"id": 7, "title": "A logo", "prize": 50, "currency": {"code": "USD"}, "time_submitted": 1_700_000_002}
    ], "users": {}}});
    let wish = || vec![setting("include_contests", Value::Flag(true))];
    let with = host().answer("/projects/active/", 200, found([3, 1], 2)).answer(
        "/contests/active/",
        200,
        contests.to_string(),
    );
    let page = search(&with, &query(wish(), None, 10)).expect("answered");
    assert_eq!(ids(&page), ["3", "contest-7"]);
    assert_eq!(page.postings[1].kind, PostingKind::Contest);
    let next = page.next.expect("the contests' end is not known yet");
    let with = with.answer("offset=1", 200, found([1], 2)).answer(
        "/contests/active/",
        200,
        r#"{"status":"success","result":{"contests":[]}}"#,
    );
    let rest = search(&with, &query(wish(), Some(&next), 10)).expect("answered");
    assert_eq!((ids(&rest), rest.next.as_deref()), (vec!["1"], None));

    let failing = host().answer("/projects/active/", 200, found([3], 1)).answer("/contests/active/", 500, "{}");
    let page = search(&failing, &query(wish(), None, 10)).expect("the projects");
    assert_eq!((ids(&page), page.next.as_deref()), (vec!["3"], None));
    assert_eq!(page.notices[0].kind, NoticeKind::Partial);
    let without = host().answer("/projects/active/", 200, found([3], 1));
    search(&without, &query(vec![], None, 10)).expect("answered");
    assert_eq!(without.requests().len(), 1);
}

#[test]
fn a_filter_that_the_platform_did_not_heed_is_told() {
    let host = host().answer("/projects/active/", 200, found([3], 1));
    let page = search(&host, &query(vec![setting("project_types", texts(&["hourly"]))], None, 10)).expect("answered");
    assert_eq!((page.notices[0].kind, page.notices[0].subject.as_str()), (NoticeKind::FilterIgnored, "project_types"));
}

#[test]
fn whatever_the_host_or_the_platform_refuses_is_the_answer() {
    let revoked = r#"{"status":"error","message":"You must be logged in to perform this request","error_code":"RestExceptionCodes.NOT_AUTHENTICATED","request_id":"0"}"#;
    let host = host().answer("/projects/active/", 401, revoked);
    let error = search(&host, &query(vec![], None, 10)).expect_err("refused");
    assert_eq!(error.kind, ErrorKind::Unauthenticated);
    assert!(error.message.starts_with("Access revoked: "), "{}", error.message);
    assert_eq!(error.code.as_deref(), Some("RestExceptionCodes.NOT_AUTHENTICATED"));
    assert!(error.remedy.is_some_and(|remedy| remedy.contains("connect freelancer")));
    assert_eq!(search(&FakeHost::at(0), &query(vec![], None, 10)).expect_err("no origin").kind, ErrorKind::Internal);
}

#[test]
fn no_project_is_asked_for_that_changed_before_the_time_wanted_and_one_that_comes_is_told() {
    let within = |text: &str| vec![setting("posted_within", Value::Text(text.to_owned()))];
    // Posted some 100,000 seconds before now.
    for (text, from, told) in [("2d", NOW - 2 * 86_400, 0), ("1d", NOW - 86_400, 1)] {
        let host = host().answer("/projects/active/", 200, found([1], 1));
        let page = search(&host, &query(within(text), None, 10)).expect("answered");
        assert!(host.requests()[0].url.contains(&format!("from_time={from}&")), "{}", host.requests()[0].url);
        let subjects: Vec<_> = page.notices.iter().map(|notice| notice.subject.as_str()).collect();
        assert_eq!((subjects.len(), page.postings.len()), (told, 1), "{subjects:?}");
        assert!(subjects.iter().all(|subject| *subject == "posted_within"));
    }
}
