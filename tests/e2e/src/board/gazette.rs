//! The gazette: a JSON Feed (<https://www.jsonfeed.org/version/1.1/>) of the board's jobs, each page of which says where the next one is.

use jiff::Timestamp;
use serde_json::{Value, json};
use url::Url;

use super::{KEY, number};

/// What the gazette answers.
pub(super) fn reply(jobs: &[Value], url: &Url, key: Option<&str>) -> (u16, String) {
    match url.path() {
        _ if key != Some(KEY) => (401, json!({"error": "no such key"}).to_string()),
        "/v1/me" => (200, json!({"id": "u-7", "name": "ada"}).to_string()),
        "/v1/feed.json" => (200, page(jobs, url).to_string()),
        _ => (404, json!({"error": "no such page"}).to_string()),
    }
}

fn page(jobs: &[Value], url: &Url) -> Value {
    let (from, limit) = (number(url, "from").unwrap_or(0), number(url, "limit").unwrap_or(50).min(50));
    let end = jobs.len().min(from + limit);
    let mut page = json!({
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Gazette",
        "items": jobs.iter().skip(from).take(limit).map(item).collect::<Vec<Value>>(),
    });
    if end < jobs.len() {
        page["next_url"] = json!(format!("/v1/feed.json?limit={limit}&from={end}"));
    }
    page
}

/// A job of the board's as an item; what it does not say, the item does not say either.
fn item(job: &Value) -> Value {
    let mut item = json!({"_job": {"currency": "USD"}});
    let names =
        [("id", "id"), ("url", "url"), ("title", "position"), ("content_text", "description"), ("tags", "tags")];
    for (to, from) in names.into_iter().filter(|(_, from)| !job[from].is_null()) {
        item[to] = job[from].clone();
    }
    for name in ["pay_min", "pay_max", "pay_per", "location", "hours_per_week", "weeks", "applicants"] {
        item["_job"][name] = job[name].clone();
    }
    let posted = job["epoch"].as_i64().and_then(|seconds| Timestamp::from_second(seconds).ok());
    item["date_published"] = posted.map_or(Value::Null, |posted| json!(posted.to_string()));
    item
}
