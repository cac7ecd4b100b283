//! Everything that can be looked up: projects, contests, users, skills.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::facets::Facets;

/// A project: the record as it came, and what searches ask of it.
#[derive(Debug, Clone)]
pub struct Project {
    /// `id`.
    pub id: i64,
    /// `owner_id`, when the record has one.
    pub owner_id: Option<i64>,
    /// The record, every field as it came.
    pub record: Map<String, Value>,
    /// The searchable side of the record.
    pub facets: Facets,
}

impl Project {
    /// A project of a record; `None` without an integer `id`.
    #[must_use]
    pub fn of(record: Map<String, Value>) -> Option<Self> {
        let id = record.get("id")?.as_i64()?;
        Some(Self { id, owner_id: record.get("owner_id").and_then(Value::as_i64), facets: Facets::of(&record), record })
    }

    /// Changes fields of the record.
    pub fn change(&mut self, change: impl FnOnce(&mut Map<String, Value>)) {
        change(&mut self.record);
        self.facets = Facets::of(&self.record);
    }

    /// Whether freelancers may bid on it.
    #[must_use]
    pub fn is_biddable(&self) -> bool {
        self.facets.status == "active" && !self.is_deleted()
    }

    /// Whether it was deleted.
    #[must_use]
    pub fn is_deleted(&self) -> bool {
        self.record.get("deleted").and_then(Value::as_bool) == Some(true)
    }

    /// Puts status, sub-status and front-end status.
    pub fn set_status(&mut self, status: &str, sub_status: Option<&str>, frontend: &str) {
        self.change(|record| {
            record.insert("status".to_owned(), status.into());
            record.insert("sub_status".to_owned(), sub_status.into());
            record.insert("frontend_project_status".to_owned(), frontend.into());
        });
    }

    /// Counts a new bid of `amount` in, or a retracted one out.
    pub fn count_bid(&mut self, amount: f64, added: bool) {
        let count = self.facets.bid_count;
        self.change(|record| {
            let average =
                record.get("bid_stats").and_then(|stats| stats.get("bid_avg")).and_then(Value::as_f64).unwrap_or(0.0);
            let before = count.max(0) as f64;
            let (count, sum) = if added {
                (count.saturating_add(1), average * before + amount)
            } else {
                (count.saturating_sub(1).max(0), average * before - amount)
            };
            let average = if count > 0 { sum / count as f64 } else { 0.0 };
            record.insert(
                "bid_stats".to_owned(),
                serde_json::json!({"bid_count": count, "bid_avg": (average * 100.0).round() / 100.0}),
            );
        });
    }
}

/// The simulated platform's stock.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    /// Projects by id.
    pub projects: BTreeMap<i64, Project>,
    /// Users by id. A user that is not here is unknown, and `null` in a users map.
    pub users: BTreeMap<i64, Value>,
    /// Contest records.
    pub contests: Vec<Value>,
    /// Skills by id: `{id, name, category: {id, name}, …}`.
    pub skills: BTreeMap<i64, Value>,
}

impl Catalog {
    /// Adds skills that projects name and the list does not hold. A project's own word on an id counts more
    /// than the list's, so that recorded projects and the list agree.
    pub fn learn_skills(&mut self) {
        let seen: BTreeMap<i64, Value> = self
            .projects
            .values()
            .filter_map(|project| project.record.get("jobs")?.as_array())
            .flatten()
            .filter_map(|job| Some((job.get("id")?.as_i64()?, job.clone())))
            .collect();
        let names: Vec<&str> = seen.values().filter_map(|job| job.get("name")?.as_str()).collect();
        self.skills.retain(|id, skill| {
            !seen.contains_key(id)
                && skill.get("name").and_then(Value::as_str).is_none_or(|name| !names.contains(&name))
        });
        self.skills.extend(seen);
    }

    /// A `users` map of these ids: the record, or `null` for an unknown user.
    pub fn users_map(&self, ids: impl IntoIterator<Item = i64>, view: impl Fn(&Value) -> Value) -> Value {
        Value::Object(
            ids.into_iter().map(|id| (id.to_string(), self.users.get(&id).map_or(Value::Null, &view))).collect(),
        )
    }
}
