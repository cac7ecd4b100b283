//! What no schema can say: secrets in the wrong place, unknown platforms, keys that contradict
//! each other, and values that are allowed but hardly meant.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;

use super::diagnostic::{Diagnostic, nearest, printable, quoted};
use super::document::{Document, Places};
use super::duration;
use super::explain::{key_place, value_place};
use super::notifications;
use super::overrides::Overrides;
use super::pointer::{Pointer, dotted};
use super::rules;
use super::schema::PlatformSchema;
use super::secret::looks_secret;
use crate::contract::SIGNALS;

/// Scans more frequent than this meet the platforms' rate limits.
const SHORT_INTERVAL: Duration = Duration::from_secs(15 * 60);

/// Refuses keys that look like secrets, and takes them out of the value, so that no later
/// message can quote them.
pub(super) fn secrets(document: &mut Document) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    let mut at = Pointer::root();
    take_secrets(&mut document.value, &mut at, &document.places, &mut problems);
    problems
}

fn take_secrets(value: &mut Value, at: &mut Pointer, places: &Places, out: &mut Vec<Diagnostic>) {
    match value {
        Value::Object(map) => {
            // An endpoint may well be called `token`: what it holds is an origin.
            if at.segments().last().is_none_or(|key| key != "endpoints") {
                let secret: Vec<String> = map.keys().filter(|key| looks_secret(key)).cloned().collect();
                for key in secret {
                    map.remove(&key);
                    let path = at.join(&key);
                    let message = "secrets are not kept in this file";
                    out.push(
                        Diagnostic::error("secret-in-file", key_place(places, &path), message)
                            .at(dotted(&path))
                            .help(secret_help(&path)),
                    );
                }
            }
            for (key, inner) in map {
                at.push(key);
                take_secrets(inner, at, places, out);
                at.pop();
            }
        }
        Value::Array(list) => {
            for (index, inner) in list.iter_mut().enumerate() {
                at.push(&index.to_string());
                take_secrets(inner, at, places, out);
                at.pop();
            }
        }
        _ => {}
    }
}

fn secret_help(path: &Pointer) -> String {
    let segments: Vec<&str> = path.segments().iter().map(String::as_str).collect();
    let remedy = match segments.as_slice() {
        ["platforms", id, _, ..] => format!(
            "run `ghoststack prospector connect {}`, which asks for it and stores it in Vault",
            printable(id, 60)
        ),
        ["vault", "passphrase"] => {
            "put it into a file of your own (mode 0600) and name that with `passphrase_file`".to_owned()
        }
        ["vault", .., "secret_id"] => {
            "put it into a file of your own (mode 0600) and name that with `secret_id_file`".to_owned()
        }
        ["vault", ..] => "put it into a file of your own (mode 0600) and name that with `token_file`".to_owned(),
        ["notifications", .., key] => {
            format!("put it into a file of your own (mode 0600) and name that with `{}_file`", printable(key, 60))
        }
        _ => "run `ghoststack prospector connect <platform>` to store a platform's secrets \
              in Vault"
            .to_owned(),
    };
    format!("remove this line, and change the secret if the file was ever shared; {remedy}")
}

/// Refuses platforms and endpoints that nobody knows.
pub(super) fn platforms(document: &Document, known: &[PlatformSchema<'_>]) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    let sections = document.value.get("platforms").and_then(Value::as_object);
    for (id, section) in sections.into_iter().flatten() {
        let at = Pointer::of(["platforms", id.as_str()]);
        let Some(platform) = known.iter().find(|platform| platform.id == id) else {
            let ids: Vec<&str> = known.iter().map(|platform| platform.id).collect();
            let place = key_place(&document.places, &at);
            let message = format!("unknown platform {}", quoted(id));
            problems.push(
                Diagnostic::error("unknown-platform", place, message)
                    .at(dotted(&at))
                    .suggest(nearest(id, ids.iter().copied()))
                    .help(format!(
                        "known platforms: {}; another one needs its plugin: \
                         `ghoststack prospector plugins install <component>`",
                        ids.join(", ")
                    )),
            );
            continue;
        };
        let endpoints = section.get("endpoints").and_then(Value::as_object);
        for name in endpoints.into_iter().flat_map(serde_json::Map::keys) {
            if platform.endpoints.is_empty() || platform.endpoints.contains(&name.as_str()) {
                continue;
            }
            let at = at.extend(["endpoints", name.as_str()]);
            let message = format!("unknown endpoint {}", quoted(name));
            problems.push(
                Diagnostic::error("unknown-key", key_place(&document.places, &at), message)
                    .at(dotted(&at))
                    .suggest(nearest(name, platform.endpoints.iter().copied()))
                    .help(format!("endpoints of {id}: {}", platform.endpoints.join(", "))),
            );
        }
    }
    problems
}

/// Checks a complete value, whose every key is valid by itself.
pub(super) fn meaning(value: &Value, places: &Places, overrides: &Overrides) -> Vec<Diagnostic> {
    let mut report = Report { value, places, overrides, problems: Vec::new() };
    report.intervals();
    report.weights();
    report.thresholds();
    report.profile();
    report.vault();
    report.unique_names(&["rules"], "rule");
    report.unique_names(&["notifications", "webhooks"], "webhook");
    report.problems.extend(rules::check(value, places));
    report.problems.extend(notifications::check(value, places));
    report.problems
}

struct Report<'a> {
    value: &'a Value,
    places: &'a Places,
    overrides: &'a Overrides,
    problems: Vec<Diagnostic>,
}

impl Report<'_> {
    fn get(&self, path: &[&str]) -> Option<&Value> {
        path.iter().try_fold(self.value, |here, key| here.get(*key))
    }

    fn number(&self, path: &[&str]) -> Option<f64> {
        self.get(path).and_then(Value::as_f64)
    }

    fn warn(&mut self, path: &[&str], code: &'static str, message: String, help: &str) {
        let at = Pointer::of(path.iter().copied());
        let place = value_place(self.places, &at);
        self.problems.push(Diagnostic::warning(code, place, message).at(dotted(&at)).help(help));
    }

    fn fail(&mut self, path: &[&str], code: &'static str, message: String, help: &str) {
        let at = Pointer::of(path.iter().copied());
        let place = value_place(self.places, &at);
        self.problems.push(Diagnostic::error(code, place, message).at(dotted(&at)).help(help));
    }

    fn intervals(&mut self) {
        let sections = self.value.get("platforms").and_then(Value::as_object);
        for (id, section) in sections.into_iter().flatten() {
            let interval = section.get("scan_interval").and_then(Value::as_str).and_then(duration::parse);
            if let Some(interval) = interval.filter(|interval| *interval < SHORT_INTERVAL) {
                let message =
                    format!("scanning every {} will meet the platform's rate limit", duration::format(interval));
                let path = ["platforms", id.as_str(), "scan_interval"];
                self.warn(&path, "short-interval", message, "15m or more is safe");
            }
        }
    }

    fn weights(&mut self) {
        let path = ["scoring", "weights"];
        let weights = self.get(&path).and_then(Value::as_object);
        let sum: f64 = weights.into_iter().flat_map(|map| map.values()).filter_map(Value::as_f64).sum();
        let unknown: Vec<String> = weights
            .into_iter()
            .flat_map(|map| map.keys())
            .filter(|name| !SIGNALS.contains(&name.as_str()))
            .cloned()
            .collect();
        for name in unknown {
            // A scorer of the person's own may have a signal of any name; what is nearly one of the five is more likely one of these.
            let Some(meant) = nearest(&name, SIGNALS) else { continue };
            let at = Pointer::of([path[0], path[1], name.as_str()]);
            let message = format!("no signal of the platforms is called {}", quoted(&name));
            self.problems.push(
                Diagnostic::warning("unknown-signal", key_place(self.places, &at), message)
                    .at(dotted(&at))
                    .suggest(Some(meant))
                    .help(format!("signals: {}; others are those of your own scorers", SIGNALS.join(", "))),
            );
        }
        if sum <= 0.0 {
            let message = "all weights are 0, so every lead would score 0".to_owned();
            self.fail(&path, "no-weights", message, "give at least one signal a weight");
        } else if (sum - 1.0).abs() > 1e-6 {
            let shown = format!("{sum:.4}");
            let shown = shown.trim_end_matches('0').trim_end_matches('.');
            let message = format!(
                "the weights sum to {shown}, not 1.0 (unset ones count with their defaults); \
                 they are normalised"
            );
            self.warn(
                &path,
                "weights-normalised",
                message,
                "give all of them, your own signals too, so that they sum to 1.0",
            );
        }
    }

    fn thresholds(&mut self) {
        let path = ["scoring", "thresholds"];
        let of = |key| self.number(&[path[0], path[1], key]).unwrap_or(0.0);
        let (display, review, auto) = (of("display_min"), of("review_min"), of("auto_pipeline_min"));
        if !(display <= review && review <= auto) {
            let message = format!(
                "display_min {display}, review_min {review} and auto_pipeline_min {auto} are not \
                 in ascending order"
            );
            self.warn(&path, "threshold-order", message, "hidden leads cannot be drafted: raise the later ones");
        }
    }

    fn profile(&mut self) {
        for kind in ["hourly", "fixed"] {
            let minimum = self.number(&["profile", "rates", kind, "minimum"]);
            let preferred = self.number(&["profile", "rates", kind, "preferred"]);
            if let (Some(minimum), Some(preferred)) = (minimum, preferred)
                && minimum > preferred
            {
                let message = format!("the minimum {minimum} is above the preferred {preferred}");
                let path = ["profile", "rates", kind, "minimum"];
                self.fail(&path, "rate-order", message, "exchange the two, or lower the minimum");
            }
        }
        let zone = self.get(&["profile", "timezone"]).and_then(Value::as_str);
        if let Some(zone) = zone.filter(|zone| !is_zone_name(zone)) {
            let message = format!("{} is no time zone that is known; UTC is used", quoted(zone));
            let help = "use a name of the IANA database, such as 'Europe/Berlin' or 'UTC'";
            self.warn(&["profile", "timezone"], "unknown-timezone", message, help);
        }
        let skills = self.get(&["profile", "skills"]).and_then(Value::as_array);
        let mut seen = BTreeSet::new();
        let mut repeated = Vec::new();
        for (index, skill) in skills.into_iter().flatten().enumerate() {
            let name = skill.as_str().or_else(|| skill["name"].as_str()).unwrap_or_default();
            if !seen.insert(name.to_lowercase()) {
                repeated.push((index.to_string(), quoted(name)));
            }
        }
        for (index, name) in repeated {
            let path = ["profile", "skills", index.as_str()];
            let message = format!("the skill {name} is listed twice");
            self.warn(&path, "repeated", message, "keep one of them");
        }
    }

    fn vault(&mut self) {
        let server = ["vault", "hashicorp"];
        let wanted = self.get(&["vault", "backend"]).is_some_and(|backend| backend == "hashicorp");
        let present = self.get(&server).is_some();
        if wanted && self.get(&["vault", "hashicorp", "address"]).is_none() {
            let message = "backend is hashicorp, but nothing says where the server is".to_owned();
            let help = "add `hashicorp:` with the server's `address`, set VAULT_ADDR, or set backend to embedded";
            self.fail(&["vault", "backend"], "missing-key", message, help);
        }
        if !wanted && present {
            let message = "this section has no effect while backend is embedded".to_owned();
            self.warn(
                &server,
                "no-effect",
                message,
                "set vault.backend to hashicorp, or run `vault migrate --to hashicorp`",
            );
        }
        let by_passphrase = self.get(&["vault", "key"]).is_some_and(|key| key == "passphrase");
        let passphrase = ["vault", "passphrase_file"];
        if self.get(&passphrase).is_some() && !by_passphrase {
            let message = "this file is not read while key is not passphrase".to_owned();
            self.warn(
                &passphrase,
                "no-effect",
                message,
                "run `vault migrate --to embedded --key passphrase`, or remove this line",
            );
        }
        if wanted && self.get(&["vault", "hashicorp", "auth"]).is_some_and(|auth| auth == "approle") {
            self.approle();
        }
    }

    fn approle(&mut self) {
        let has = |key| self.get(&["vault", "hashicorp", key]).is_some();
        let role = has("role_id") || has("role_id_file");
        let secret = has("secret_id_file") || self.overrides.has_secret_id();
        for (has, key, variable) in [(role, "role_id", "VAULT_ROLE_ID"), (secret, "secret_id_file", "VAULT_SECRET_ID")]
        {
            if !has {
                let message = format!("auth is approle, but `{key}` is missing");
                let path = ["vault", "hashicorp", "auth"];
                self.fail(&path, "missing-key", message, &format!("add {key}, or set {variable}"));
            }
        }
    }

    fn unique_names(&mut self, path: &[&str], what: &str) {
        let list = self.get(path).and_then(Value::as_array);
        let mut first: BTreeMap<&str, usize> = BTreeMap::new();
        let mut repeated = Vec::new();
        for (index, entry) in list.into_iter().flatten().enumerate() {
            let name = entry["name"].as_str().unwrap_or_default();
            if first.insert(name, index).is_some() {
                repeated.push((index.to_string(), quoted(name)));
            }
        }
        for (index, name) in repeated {
            let path: Vec<&str> = path.iter().copied().chain([index.as_str(), "name"]).collect();
            let message = format!("a {what} with the name {name} exists already");
            self.fail(&path, "repeated", message, "give each its own name");
        }
    }
}

/// The shape of IANA names; whether one exists is for the code that uses it.
fn is_zone_name(zone: &str) -> bool {
    // Names are found whatever their case; a word that is no zone's name but one by chance is not.
    let written_well = zone.starts_with(|c: char| c.is_ascii_uppercase());
    written_well && jiff::tz::TimeZone::get(zone).is_ok()
}
