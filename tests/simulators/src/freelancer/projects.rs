//! Reading projects.

use serde_json::{Value, json};

use super::State;
use super::call::Call;
use super::catalog::Project;
use super::envelope::ApiError;
use super::projection;
use super::routes::Answer;
use super::search::{Scope, Search};

/// The error for a project that is not there. The prefix of the code is assumed.
pub(super) fn unknown() -> ApiError {
    ApiError::new(404, "ProjectExceptionCodes.PROJECT_NOT_FOUND", "Project not found.")
}

/// `/projects/active/` and `/projects/all/`.
///
/// `include_contests` is read and changes nothing: contests have a list of their own (assumed).
pub(super) fn search(state: &State, call: &Call<'_>, scope: Scope) -> Answer {
    let found = Search::of(call, scope)?
        .run(state.catalog.projects.values(), |owner| country_of(state.catalog.users.get(&owner)?));
    page(state, call, &found)
}

/// `/projects/`: by id, owner or address, newest first. The newest of all when nothing is asked for.
pub(super) fn list(state: &State, call: &Call<'_>) -> Answer {
    let found = Search::of(call, Scope::All)?
        .run(state.catalog.projects.values(), |owner| country_of(state.catalog.users.get(&owner)?));
    page(state, call, &found)
}

/// `/projects/{id}/`: the project is the whole result.
pub(super) fn one(state: &State, call: &Call<'_>, id: i64) -> Answer {
    let project = state.catalog.projects.get(&id).ok_or_else(unknown)?;
    let mut shown = projection::project(&project.record, &call.params);
    if let (true, Value::Object(fields), Some(owner)) = (call.params.has("user_details"), &mut shown, project.owner_id)
    {
        // Assumed: the owner travels with a single project as it does with a list.
        fields.insert(
            "owner".to_owned(),
            state.catalog.users.get(&owner).map_or(Value::Null, |user| projection::user(user, &call.params, "user_")),
        );
    }
    Ok(Some(shown))
}

/// `/projects/{id}/bidinfo/`. Path and shape are assumed.
pub(super) fn bid_info(state: &State, id: i64) -> Answer {
    let project = state.catalog.projects.get(&id).ok_or_else(unknown)?;
    let budget = |end: &str| project.record.get("budget").and_then(|budget| budget.get(end));
    Ok(Some(json!({
        "project_id": id,
        "minimum_bid": budget("minimum"),
        "maximum_bid": budget("maximum"),
        "minimum_fee": 5.0,
        "rate": 0.1,
    })))
}

/// `/projects/self/`: what the user has bid on, or posted with `role=employer`.
pub(super) fn own(state: &State, call: &Call<'_>) -> Answer {
    let user = call.user()?;
    let wanted = call.params.get("status").unwrap_or("all");
    let employer = call.params.get("role") == Some("employer");
    let mut found: Vec<&Project> = state
        .catalog
        .projects
        .values()
        .filter(|project| {
            if employer {
                project.owner_id.is_some_and(|owner| u64::try_from(owner) == Ok(user))
            } else {
                state.bids.live_of(project.id, user).is_some()
            }
        })
        .filter(|project| match wanted {
            "open" => project.facets.status == "active",
            "awarded" => project.facets.status == "frozen",
            "active" => project.facets.frontend_status == "work_in_progress",
            "close" => project.facets.frontend_status == "complete",
            _ => true,
        })
        .collect();
    found.sort_by_key(|project| std::cmp::Reverse((project.facets.submitted, project.id)));
    Ok(page(state, call, &found)?.map(|list| json!({"projects": list})))
}

fn page(state: &State, call: &Call<'_>, found: &[&Project]) -> Answer {
    let rows = call.page()?.of(found.iter().copied());
    let users = if call.params.has("user_details") {
        state.catalog.users_map(rows.iter().filter_map(|project| project.owner_id), |user| {
            projection::user(user, &call.params, "user_")
        })
    } else {
        Value::Null
    };
    Ok(Some(json!({
        "projects": rows
            .iter()
            .map(|project| projection::project(&project.record, &call.params))
            .collect::<Vec<_>>(),
        "users": users,
        "selected_bids": null,
        "total_count": found.len(),
    })))
}

fn country_of(user: &Value) -> Option<String> {
    Some(user.get("location")?.get("country")?.get("code")?.as_str()?.to_lowercase())
}
