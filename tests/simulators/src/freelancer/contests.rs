//! Contests: a list of their own, read-only.

use serde_json::{Value, json};

use super::State;
use super::call::Call;
use super::projection;
use super::routes::Answer;

/// `/contests/active/`: running contests, newest first.
pub(super) fn active(state: &State, call: &Call<'_>) -> Answer {
    find(state, call, |contest| contest.get("status").and_then(Value::as_str) == Some("active"))
}

/// `/contests/`: by `contests[]`, `owners[]`, `statuses[]`.
pub(super) fn list(state: &State, call: &Call<'_>) -> Answer {
    let ids = call.integers("contests")?;
    let owners = call.integers("owners")?;
    let statuses = call.params.list("statuses");
    let one_of = |wanted: &[i64], contest: &Value, name: &str| {
        wanted.is_empty() || contest.get(name).and_then(Value::as_i64).is_some_and(|id| wanted.contains(&id))
    };
    find(state, call, |contest| {
        one_of(&ids, contest, "id")
            && one_of(&owners, contest, "owner_id")
            && (statuses.is_empty()
                || contest.get("status").and_then(Value::as_str).is_some_and(|status| statuses.contains(&status)))
    })
}

fn find(state: &State, call: &Call<'_>, wanted: impl Fn(&Value) -> bool) -> Answer {
    let text =
        |contest: &Value, name: &str| contest.get(name).and_then(Value::as_str).unwrap_or_default().to_lowercase();
    let skills = call.integers("jobs")?;
    let query = call.params.get("query").unwrap_or_default().to_lowercase();
    let mut found: Vec<&Value> = state
        .catalog
        .contests
        .iter()
        .filter(|contest| wanted(contest))
        .filter(|contest| {
            let words = format!("{}\n{}", text(contest, "title"), text(contest, "description"));
            query.split_whitespace().all(|word| words.contains(word))
        })
        .filter(|contest| {
            skills.is_empty()
                || contest
                    .get("jobs")
                    .and_then(Value::as_array)
                    .into_iter()
                    .flatten()
                    .filter_map(|job| job.get("id")?.as_i64())
                    .any(|id| skills.contains(&id))
        })
        .collect();
    found.sort_by_key(|contest| std::cmp::Reverse(contest.get("time_submitted").and_then(Value::as_i64)));
    let rows = call.page()?.of(found.iter().copied());
    let users = if call.params.has("user_details") {
        state.catalog.users_map(rows.iter().filter_map(|contest| contest.get("owner_id")?.as_i64()), |user| {
            projection::user(user, &call.params, "user_")
        })
    } else {
        Value::Null
    };
    let shown: Vec<Value> = rows
        .into_iter()
        .map(|contest| {
            let mut contest = contest.clone();
            if let Value::Object(fields) = &mut contest {
                for (field, flag) in [("description", "full_description"), ("jobs", "job_details")] {
                    if !call.params.has(flag) {
                        fields.insert(field.to_owned(), Value::Null);
                    }
                }
            }
            contest
        })
        .collect();
    Ok(Some(json!({
        "contests": shown,
        "users": users,
        "total_count": found.len(),
    })))
}
