//! What of a record is shown: fields that were not asked for are present and `null`.
//!
//! A projection only ever hides; it adds nothing to a record, so recorded ones pass as they are.

use serde_json::{Map, Value};

use crate::params::Params;

/// Project fields and the flag that shows them.
const PROJECT_FIELDS: [(&str, &str); 12] = [
    ("description", "full_description"),
    ("jobs", "job_details"),
    ("upgrades", "upgrade_details"),
    ("nda_signatures", "nda_signature_details"),
    ("nda_details", "nda_details"),
    ("project_collaborations", "project_collaboration_details"),
    ("attachments", "attachment_details"),
    ("files", "file_details"),
    ("qualifications", "qualification_details"),
    ("hireme_initial_bid", "hireme_details"),
    ("invited_freelancers", "invited_freelancer_details"),
    ("recommended_freelancers", "recommended_freelancer_details"),
];

/// User fields and the flag that shows them, without the `user_` that project calls put before it.
const USER_FIELDS: [(&str, &str); 21] = [
    ("account_balances", "balance_details"),
    ("avatar", "avatar"),
    ("avatar_cdn", "avatar"),
    ("avatar_large", "avatar"),
    ("avatar_large_cdn", "avatar"),
    ("badges", "badge_details"),
    ("corporate_users", "corporate_users"),
    ("cover_image", "cover_image"),
    ("employer_reputation", "employer_reputation"),
    ("jobs", "jobs"),
    ("limited_account", "limited_account"),
    ("marketing_mobile_number", "marketing_mobile_number"),
    ("membership_package", "membership_details"),
    ("portfolio_count", "portfolio_details"),
    ("preferred_freelancer", "preferred_details"),
    ("profile_description", "profile_description"),
    ("qualifications", "qualification_details"),
    ("reputation", "reputation"),
    ("responsiveness", "responsiveness"),
    ("status", "status"),
    ("user_sanctions", "sanction_details"),
];

/// A project as a call asked for it.
#[must_use]
pub fn project(record: &Map<String, Value>, params: &Params) -> Value {
    let mut shown = record.clone();
    for (field, flag) in PROJECT_FIELDS {
        if !params.has(flag) {
            hide(&mut shown, field);
        }
    }
    if !params.has("location_details")
        && let Some(location) = shown.get_mut("location")
    {
        hide_leaves(location);
    }
    Value::Object(shown)
}

/// A user as a call asked for it; `prefix` is `user_` in calls about projects, else empty.
#[must_use]
pub fn user(record: &Value, params: &Params, prefix: &str) -> Value {
    let Value::Object(record) = record else {
        return record.clone();
    };
    let asked = |flag: &str| {
        // Two flags carry no prefix even in project calls.
        params.has(&format!("{prefix}{flag}")) || (!prefix.is_empty() && params.has(flag) && UNPREFIXED.contains(&flag))
    };
    let mut shown = record.clone();
    for (field, flag) in USER_FIELDS {
        if !asked(flag) {
            hide(&mut shown, field);
        }
    }
    for (field, flag) in [("reputation", "reputation_extra"), ("employer_reputation", "employer_reputation_extra")] {
        if !asked(flag)
            && let Some(Value::Object(reputation)) = shown.get_mut(field)
        {
            hide(reputation, "project_stats");
        }
    }
    if !asked("country_details")
        && !asked("location_details")
        && let Some(location) = shown.get_mut("location")
    {
        hide_leaves(location);
    }
    Value::Object(shown)
}

/// User flags that keep their name in project calls.
const UNPREFIXED: [&str; 4] = ["corporate_users", "marketing_mobile_number", "sanction_details", "limited_account"];

/// Removes keys whose value is null, at every depth; empty objects and arrays stay.
pub fn compact(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, field| !field.is_null());
            fields.values_mut().for_each(compact);
        }
        Value::Array(items) => items.iter_mut().for_each(compact),
        _ => {}
    }
}

fn hide(fields: &mut Map<String, Value>, name: &str) {
    if let Some(value) = fields.get_mut(name) {
        *value = Value::Null;
    }
}

fn hide_leaves(value: &mut Value) {
    match value {
        Value::Object(fields) => fields.values_mut().for_each(hide_leaves),
        other => *other = Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn params(text: &str) -> Params {
        Params::from_urlencoded(text.as_bytes())
    }

    #[test]
    fn fields_not_asked_for_are_null_and_unknown_fields_pass() {
        let record = json!({"id": 1, "description": "d", "jobs": [], "from_the_future": {"a": 1},
            "location": {"city": "Oslo", "country": {"code": "no"}}});
        let record = record.as_object().expect("an object");
        assert_eq!(
            project(record, &params("")),
            json!({"id": 1, "description": null, "jobs": null, "from_the_future": {"a": 1},
                "location": {"city": null, "country": {"code": null}}})
        );
        assert_eq!(
            project(record, &params("full_description=false&job_details&location_details=0")),
            Value::Object(record.clone()),
            "a flag is on when it is present, whatever its value"
        );
    }

    #[test]
    fn compact_removes_nulls_and_keeps_what_is_empty() {
        let mut value = json!({"a": null, "b": {"c": null}, "d": [], "e": [{"f": null, "g": 0}]});
        compact(&mut value);
        assert_eq!(value, json!({"b": {}, "d": [], "e": [{"g": 0}]}));
    }

    #[test]
    fn a_users_reputation_needs_its_own_flag() {
        let record = json!({"id": 5, "employer_reputation": {"entire_history": {"overall": 4.9}, "project_stats": {}}});
        assert_eq!(user(&record, &params("user_details"), "user_")["employer_reputation"], Value::Null);
        let shown = user(&record, &params("user_employer_reputation"), "user_");
        assert_eq!(shown["employer_reputation"]["entire_history"]["overall"], 4.9);
        assert_eq!(shown["employer_reputation"]["project_stats"], Value::Null);
        assert!(user(&record, &params("employer_reputation"), "")["employer_reputation"].is_object());
    }
}
