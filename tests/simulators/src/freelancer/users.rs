//! Users and their reputations.

use serde_json::{Map, Value, json};

use super::State;
use super::call::Call;
use super::envelope::ApiError;
use super::projection;
use super::routes::Answer;

/// `/users/self/`: flags carry no prefix here.
pub(super) fn own(state: &State, call: &Call<'_>) -> Answer {
    let user = call.user()?;
    let id = i64::try_from(user).map_err(|_| unknown())?;
    let record = state.catalog.users.get(&id).ok_or_else(unknown)?;
    let mut shown = projection::user(record, &call.params, "");
    if let Some(balances) = shown.get_mut("account_balances").and_then(Value::as_object_mut) {
        let left = state.settings.bid_quota.saturating_sub(state.bids.placed_by(user));
        balances.insert("bids_remaining".to_owned(), left.into());
    }
    Ok(Some(shown))
}

/// `/users/?users[]=…`: a map by id, unknown ids left out.
pub(super) fn list(state: &State, call: &Call<'_>) -> Answer {
    let mut users = Map::new();
    for id in call.integers("users")? {
        if let Some(record) = state.catalog.users.get(&id) {
            users.insert(id.to_string(), public(record, call));
        }
    }
    Ok(Some(json!({"users": users})))
}

/// `/users/{id}/`.
pub(super) fn one(state: &State, call: &Call<'_>, id: i64) -> Answer {
    let record = state.catalog.users.get(&id).ok_or_else(unknown)?;
    Ok(Some(public(record, call)))
}

/// `/users/directory/`: everybody, a page at a time; `query` is found in user names.
pub(super) fn directory(state: &State, call: &Call<'_>) -> Answer {
    let query = call.params.get("query").unwrap_or_default().to_lowercase();
    let found: Vec<&Value> = state
        .catalog
        .users
        .values()
        .filter(|user| {
            user.get("username").and_then(Value::as_str).is_some_and(|name| name.to_lowercase().contains(&query))
        })
        .collect();
    let rows = call.page()?.of(found.iter());
    Ok(Some(json!({
        "users": rows.into_iter().map(|user| public(user, call)).collect::<Vec<_>>(),
        "total_count": found.len(),
    })))
}

/// `/reputations/?users[]=…&role=employer`: a map by id.
pub(super) fn reputations(state: &State, call: &Call<'_>) -> Answer {
    let field = match call.params.get("role") {
        Some("employer") => "employer_reputation",
        _ => "reputation",
    };
    let mut found = Map::new();
    for id in call.integers("users")? {
        if let Some(reputation) = state.catalog.users.get(&id).and_then(|user| user.get(field)) {
            let mut reputation = reputation.clone();
            if let (false, Value::Object(fields)) = (call.params.has("job_history"), &mut reputation) {
                fields.insert("job_history".to_owned(), Value::Null);
            }
            found.insert(id.to_string(), reputation);
        }
    }
    Ok(Some(Value::Object(found)))
}

/// `/users/self/jobs/`: adds (POST), sets (PUT) or removes (DELETE) skills of the own profile.
pub(super) fn change_skills(state: &mut State, call: &Call<'_>, verb: &str) -> Answer {
    let user = call.user()?;
    let named = call.integers("jobs")?;
    let skills: Vec<Value> = named.iter().filter_map(|id| state.catalog.skills.get(id).cloned()).collect();
    let record = i64::try_from(user)
        .ok()
        .and_then(|id| state.catalog.users.get_mut(&id))
        .and_then(Value::as_object_mut)
        .ok_or_else(unknown)?;
    let mut kept: Vec<Value> = match (verb, record.get("jobs")) {
        ("POST" | "DELETE", Some(Value::Array(jobs))) => jobs
            .iter()
            .filter(|job| job.get("id").and_then(Value::as_i64).is_none_or(|id| !named.contains(&id)))
            .cloned()
            .collect(),
        _ => Vec::new(),
    };
    if verb != "DELETE" {
        kept.extend(skills);
    }
    record.insert("jobs".to_owned(), Value::Array(kept));
    Ok(None)
}

fn public(record: &Value, call: &Call<'_>) -> Value {
    let mut shown = projection::user(record, &call.params, "");
    if let Value::Object(fields) = &mut shown {
        for private in ["email", "account_balances"] {
            if let Some(value) = fields.get_mut(private) {
                *value = Value::Null;
            }
        }
    }
    shown
}

/// The code is assumed.
fn unknown() -> ApiError {
    ApiError::new(404, "UserExceptionCodes.USER_NOT_FOUND", "User not found.")
}
