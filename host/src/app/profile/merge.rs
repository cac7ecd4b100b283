//! What accounts say, beside what the file says.
//!
//! Nothing is ever removed, and what a person wrote stands, unless they ask for it to be overwritten. Amounts are not converted: a rate
//! in another currency than those that are there is told, and left alone.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Number, Value, json};

use super::{SECTION, Told};
use crate::config::edit::{Change, apply};
use crate::contract::types::{Money, ProfileSkill};

/// What becomes of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// An item joins a list.
    Add,
    /// A key that was not set is.
    Set,
    /// A key gets another value.
    Replace,
    /// It stays as it is, though the account says otherwise.
    Keep,
}

/// A difference between the file and an account.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entry {
    /// What becomes of it.
    pub action: Action,
    /// The key, such as `rates.hourly.preferred`.
    pub key: String,
    /// What the account says.
    pub value: Value,
    /// What the file says.
    pub present: Option<Value>,
    /// Whose account.
    pub platform: String,
    /// Why it is kept.
    pub reason: Option<String>,
}

/// What an import does.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// For a person, in order.
    pub entries: Vec<Entry>,
    /// Skills that the file has already.
    pub known_skills: usize,
    /// For the file.
    pub changes: Vec<Change>,
}

/// A key from the root.
type Path = [&'static str];
const SKILLS: &Path = &[SECTION, "skills"];
const CURRENCY: &Path = &[SECTION, "rates", "currency"];
const USD_RATE: &Path = &[SECTION, "rates", "usd_rate"];
const HOURLY: &Path = &[SECTION, "rates", "hourly", "preferred"];
const MINIMUM: &Path = &[SECTION, "rates", "hourly", "minimum"];
/// Amounts that a change of the currency would change the meaning of.
const OTHER_AMOUNTS: [&Path; 3] =
    [MINIMUM, &[SECTION, "rates", "fixed", "minimum"], &[SECTION, "rates", "fixed", "preferred"]];
/// The currency of amounts without one.
const DEFAULT_CURRENCY: &str = "USD";
/// Skills that the configuration takes.
const MOST_SKILLS: usize = 500;

/// Merges what accounts say, in order, into a section of the file.
#[must_use]
pub fn merge(section: &Value, told: &[Told], overwrite: bool) -> Plan {
    let mut merging = Merging {
        now: json!({ SECTION: section }),
        overwrite,
        ours: Vec::new(),
        plan: Plan { entries: Vec::new(), known_skills: 0, changes: Vec::new() },
    };
    merging.skills(told);
    for told in told {
        let found = &told.found;
        if let Some(rate) = &found.hourly_rate {
            merging.rate(rate, found.usd_rate, told);
        }
        merging.offer(&[SECTION, "availability", "hours_per_week"], found.hours_per_week.map(Value::from), told);
        let languages = (!found.languages.is_empty()).then(|| json!(found.languages));
        merging.offer(&[SECTION, "languages"], languages, told);
        merging.offer(&[SECTION, "country"], found.country_code.clone().map(Value::from), told);
        merging.offer(&[SECTION, "timezone"], found.timezone.clone().map(Value::from), told);
        merging.offer(&[SECTION, "title"], found.title.clone().map(Value::from), told);
    }
    merging.plan
}

struct Merging {
    /// The file with the changes so far.
    now: Value,
    overwrite: bool,
    /// Keys that this import has set: the first account's word counts.
    ours: Vec<Vec<&'static str>>,
    plan: Plan,
}

fn owned(path: &Path) -> Vec<String> {
    path.iter().map(ToString::to_string).collect()
}

impl Merging {
    fn get(&self, path: &Path) -> Option<&Value> {
        let value = path.iter().try_fold(&self.now, |here, key| here.get(*key))?;
        (!value.is_null() && value.as_array().is_none_or(|list| !list.is_empty())).then_some(value)
    }

    fn change(&mut self, change: Change) {
        apply(&mut self.now, &change);
        self.plan.changes.push(change);
    }

    fn note(&mut self, action: Action, path: &Path, value: Value, told: &Told, reason: Option<String>) {
        let present = self.get(path).filter(|_| action != Action::Add).cloned();
        let key = path[1..].join(".");
        self.plan.entries.push(Entry { action, key, value, present, platform: told.platform.clone(), reason });
    }

    fn set(&mut self, action: Action, path: &Path, value: Value, told: &Told) {
        self.note(action, path, value.clone(), told, None);
        self.ours.push(path.to_vec());
        self.change(Change::Set { path: owned(path), value });
    }

    /// Sets a key unless the person, or an account before, has.
    fn offer(&mut self, path: &Path, value: Option<Value>, told: &Told) {
        let Some(value) = value else { return };
        match self.get(path) {
            None => self.set(Action::Set, path, value, told),
            Some(present) if same(present, &value) => {}
            // A list is the person's choice of several: it is not replaced by another choice.
            Some(present) if self.overwrite && !present.is_array() && !self.is_ours(path) => {
                self.set(Action::Replace, path, value, told);
            }
            Some(_) => self.note(Action::Keep, path, value, told, None),
        }
    }

    fn is_ours(&self, path: &Path) -> bool {
        self.ours.iter().any(|ours| ours == path)
    }

    /// The hourly rate, with its currency where no amount has one yet.
    fn rate(&mut self, rate: &Money, usd_rate: Option<f64>, told: &Told) {
        let amount = Value::Number(main_units(rate.amount));
        let keep = |this: &mut Self, reason: String| {
            this.note(Action::Keep, HOURLY, amount.clone(), told, Some(reason));
        };
        let stated = self.get(CURRENCY).and_then(Value::as_str).map(str::to_owned);
        let currency = stated.clone().unwrap_or_else(|| DEFAULT_CURRENCY.to_owned());
        let free = self.get(HOURLY).is_none() || (self.overwrite && !self.is_ours(HOURLY));
        if currency != rate.currency {
            let others = OTHER_AMOUNTS.iter().any(|path| self.get(path).is_some());
            // An exchange rate that stays behind would be another currency's.
            let rated = self.get(USD_RATE).is_none() || rate.currency == DEFAULT_CURRENCY || usd_rate.is_some();
            let ours_to_set = (stated.is_none() && self.get(USD_RATE).is_none()) || (self.overwrite && rated);
            if !free || others || !ours_to_set || self.is_ours(CURRENCY) {
                let reason =
                    format!("it is in {}, and your rates are in {currency}: amounts are not converted", rate.currency);
                return keep(self, reason);
            }
        }
        if let Some(minimum) = self.get(MINIMUM).filter(|_| free)
            && minimum.as_f64() > amount.as_f64()
        {
            let reason = format!("it is below your minimum of {minimum}");
            return keep(self, reason);
        }
        if currency != rate.currency {
            let action = if stated.is_some() { Action::Replace } else { Action::Set };
            self.set(action, CURRENCY, rate.currency.clone().into(), told);
        }
        if let Some(factor) = usd_rate.and_then(Number::from_f64).filter(|_| free && rate.currency != DEFAULT_CURRENCY)
        {
            self.offer(USD_RATE, Some(Value::Number(factor)), told);
        }
        self.offer(HOURLY, Some(amount), told);
    }

    /// Skills that the file lacks, each once, with what every platform calls it.
    fn skills(&mut self, told: &[Told]) {
        let present = self.get(SKILLS).and_then(Value::as_array).cloned().unwrap_or_default();
        let known: Vec<String> = present.iter().flat_map(names).map(|name| key(&name)).collect();
        let mut fresh: Vec<(&Told, &ProfileSkill, BTreeMap<&str, &str>)> = Vec::new();
        for told in told {
            for skill in &told.found.skills {
                let keys: Vec<String> = skill.aliases.iter().chain([&skill.name]).map(|name| key(name)).collect();
                let alias = skill.aliases.first().map(|alias| (told.platform.as_str(), alias.as_str()));
                if keys.iter().any(|key| known.contains(key)) {
                    self.plan.known_skills += 1;
                } else if let Some((.., aliases)) =
                    fresh.iter_mut().find(|(_, other, _)| keys.contains(&key(&other.name)))
                {
                    if let Some((platform, alias)) = alias {
                        aliases.entry(platform).or_insert(alias);
                    }
                } else if present.len() + fresh.len() < MOST_SKILLS {
                    fresh.push((told, skill, alias.into_iter().collect()));
                }
            }
        }
        let mut items = Vec::with_capacity(fresh.len());
        for (told, skill, aliases) in fresh {
            let mut item = json!({ "name": skill.name });
            if let Some(years) = skill.years {
                item["years"] = years.into();
            }
            if !aliases.is_empty() {
                item["aliases"] = json!(aliases);
            }
            let plain = skill.years.is_none() && aliases.is_empty();
            let item = if plain { Value::from(skill.name.clone()) } else { item };
            self.note(Action::Add, SKILLS, item.clone(), told, None);
            items.push(item);
        }
        if !items.is_empty() {
            self.change(Change::Append { path: owned(SKILLS), items });
        }
    }
}

/// All names of a skill as the file has it.
fn names(skill: &Value) -> Vec<String> {
    let aliases = skill["aliases"].as_object().into_iter().flat_map(|aliases| aliases.values());
    [skill, &skill["name"]].into_iter().chain(aliases).filter_map(|name| name.as_str().map(str::to_owned)).collect()
}

/// A name without case and punctuation; `+` and `#` stay, as C, C++ and C# differ by them.
fn key(name: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, '+' | '#');
    let key: String = name.chars().filter(kept).flat_map(char::to_lowercase).collect();
    if key.is_empty() { name.to_owned() } else { key }
}

fn main_units(hundredths: i64) -> Number {
    let exact = (hundredths % 100 == 0).then(|| Number::from(hundredths / 100));
    exact.or_else(|| Number::from_f64(hundredths as f64 / 100.0)).unwrap_or_else(|| 0.into())
}

fn same(one: &Value, other: &Value) -> bool {
    one == other || one.as_f64().zip(other.as_f64()).is_some_and(|(one, other)| one == other)
}

#[cfg(test)]
#[path = "merge_tests.rs"]
mod tests;
