//! Skills, which the platform calls jobs.

use serde_json::Value;

use super::State;
use super::call::Call;
use super::routes::Answer;

/// `/jobs/`: a plain list. Filters are alternatives within and all hold together.
pub(super) fn list(state: &State, call: &Call<'_>) -> Answer {
    let ids = call.integers("jobs")?;
    let categories = call.integers("categories")?;
    let names: Vec<String> = lower(call, "job_names");
    let addresses: Vec<String> = lower(call, "seo_urls");
    let counted = call.params.has("active_project_count_details");
    let found = state
        .catalog
        .skills
        .iter()
        .filter(|(id, skill)| {
            let text = |name: &str| skill.get(name).and_then(Value::as_str).unwrap_or_default().to_lowercase();
            let category = skill.get("category").and_then(|category| category.get("id"));
            (ids.is_empty() || ids.contains(id))
                && (categories.is_empty()
                    || category.and_then(Value::as_i64).is_some_and(|id| categories.contains(&id)))
                && (names.is_empty() || names.contains(&text("name")))
                && (addresses.is_empty() || addresses.contains(&text("seo_url")))
                && (!call.params.has("only_local") || skill.get("local").and_then(Value::as_bool) == Some(true))
        })
        .map(|(id, skill)| {
            let mut skill = skill.clone();
            if let (true, Value::Object(fields)) = (counted, &mut skill) {
                let count = state
                    .catalog
                    .projects
                    .values()
                    .filter(|project| project.is_biddable() && project.facets.skills.contains(id))
                    .count();
                fields.insert("active_project_count".to_owned(), count.into());
            }
            skill
        })
        .collect();
    Ok(Some(Value::Array(found)))
}

/// `/jobs/search/`: skills whose name contains `query`. The parameter's name is assumed.
pub(super) fn search(state: &State, call: &Call<'_>) -> Answer {
    let query = call.params.get("query").unwrap_or_default().to_lowercase();
    let found = state
        .catalog
        .skills
        .values()
        .filter(|skill| {
            skill.get("name").and_then(Value::as_str).is_some_and(|name| name.to_lowercase().contains(&query))
        })
        .cloned()
        .collect();
    Ok(Some(Value::Array(found)))
}

fn lower(call: &Call<'_>, name: &str) -> Vec<String> {
    call.params.list(name).into_iter().map(str::to_lowercase).collect()
}
