//! What searches ask of a project record, read once when the record arrives.
//!
//! Records may be of any year and shape: a field that is absent or of another type is simply not found
//! by the filters that need it.

use serde_json::{Map, Value};

/// Upgrades that a search can ask for, in the spelling of the parameter.
pub const UPGRADES: [&str; 11] = [
    "featured",
    "sealed",
    "nonpublic",
    "fulltime",
    "urgent",
    "qualified",
    "NDA",
    "assisted",
    "pf_only",
    "ip_contract",
    "non_compete",
];

/// The searchable side of a project.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facets {
    /// Title and description, lower case.
    pub text: String,
    /// `fixed` or `hourly`.
    pub kind: String,
    /// `status`, such as `active`.
    pub status: String,
    /// `frontend_project_status`, such as `open`.
    pub frontend_status: String,
    /// `language`, lower case.
    pub language: String,
    /// Code of the project's own country, lower case.
    pub country: Option<String>,
    /// Latitude and longitude.
    pub position: Option<(f64, f64)>,
    /// Skill ids.
    pub skills: Vec<i64>,
    /// Upgrades that are on.
    pub upgrades: Vec<&'static str>,
    /// Lower end of the budget in USD.
    pub budget_min_usd: Option<f64>,
    /// Upper end of the budget in USD; `None` also when open-ended.
    pub budget_max_usd: Option<f64>,
    /// Average bid in USD; `None` without bids.
    pub bid_avg_usd: Option<f64>,
    /// Number of bids.
    pub bid_count: i64,
    /// When posted, Unix seconds.
    pub submitted: i64,
    /// When last updated, Unix seconds.
    pub updated: i64,
    /// When bidding ends, Unix seconds.
    pub bids_end: i64,
    /// Part of the public address.
    pub seo_url: String,
}

impl Facets {
    /// Reads a record.
    #[must_use]
    pub fn of(record: &Map<String, Value>) -> Self {
        let text = |name: &str| record.get(name).and_then(Value::as_str).unwrap_or_default();
        let at =
            |path: &[&str]| {
                path.iter().try_fold(record.get(path[0])?, |value, name| {
                    if *name == path[0] { Some(value) } else { value.get(*name) }
                })
            };
        let number = |path: &[&str]| at(path).and_then(Value::as_f64).filter(|x| x.is_finite());
        let rate = number(&["currency", "exchange_rate"]).unwrap_or(1.0);
        let description =
            record.get("description").and_then(Value::as_str).unwrap_or_else(|| text("preview_description"));
        let submitted = whole(record.get("time_submitted")).or_else(|| whole(record.get("submitdate"))).unwrap_or(0);
        let bid_count = whole(at(&["bid_stats", "bid_count"])).unwrap_or(0);
        Self {
            text: format!("{}\n{description}", text("title")).to_lowercase(),
            kind: text("type").to_owned(),
            status: text("status").to_owned(),
            frontend_status: text("frontend_project_status").to_owned(),
            language: text("language").to_lowercase(),
            country: at(&["location", "country", "code"]).and_then(Value::as_str).map(str::to_lowercase),
            position: number(&["location", "latitude"]).zip(number(&["location", "longitude"])),
            skills: record
                .get("jobs")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(|job| job.get("id")?.as_i64())
                .collect(),
            upgrades: UPGRADES
                .into_iter()
                .filter(|name| at(&["upgrades", name]).and_then(Value::as_bool) == Some(true))
                .collect(),
            budget_min_usd: number(&["budget", "minimum"]).map(|amount| amount * rate),
            budget_max_usd: number(&["budget", "maximum"]).map(|amount| amount * rate),
            bid_avg_usd: number(&["bid_stats", "bid_avg"]).filter(|_| bid_count > 0).map(|amount| amount * rate),
            bid_count,
            submitted,
            updated: whole(record.get("time_updated")).unwrap_or(submitted),
            bids_end: submitted.saturating_add(whole(record.get("bidperiod")).unwrap_or(0).saturating_mul(86_400)),
            seo_url: text("seo_url").to_owned(),
        }
    }
}

/// A whole number, also when it was written as a float.
fn whole(value: Option<&Value>) -> Option<i64> {
    let value = value?;
    value.as_i64().or_else(|| {
        value
            .as_f64()
            .filter(|number| number.is_finite())
            // Saturates at the ends of i64, which is what a search wants of an absurd time.
            .map(|number| number as i64)
    })
}
