//! What the API sends, as far as it is read. Every field takes any JSON: see `prospector_plugin::lenient`.

use prospector_plugin::lenient::{Flag, Float, Int, Keyed, Lax, LaxList, Records, Text};
use serde::Deserialize;

/// `result` of a search for projects or contests.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Found<'a> {
    #[serde(borrow, alias = "contests")]
    pub(crate) projects: Records<'a>,
    /// By identifier; null without `user_details`.
    #[serde(borrow)]
    pub(crate) users: Keyed<'a>,
    pub(crate) total_count: Int,
}

/// What names a record that is otherwise unreadable.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Label {
    pub(crate) id: Int,
    pub(crate) title: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Project {
    pub(crate) id: Int,
    pub(crate) owner_id: Int,
    pub(crate) title: Text,
    pub(crate) status: Text,
    pub(crate) seo_url: Text,
    pub(crate) currency: Lax<Currency>,
    pub(crate) description: Text,
    pub(crate) preview_description: Text,
    pub(crate) jobs: LaxList<Job>,
    pub(crate) submitdate: Int,
    pub(crate) time_submitted: Int,
    pub(crate) time_updated: Int,
    pub(crate) deleted: Flag,
    pub(crate) nonpublic: Flag,
    pub(crate) hidebids: Flag,
    #[serde(rename = "type")]
    pub(crate) kind: Text,
    /// Days.
    pub(crate) bidperiod: Int,
    pub(crate) budget: Lax<Budget>,
    pub(crate) hourly_project_info: Lax<HourlyInfo>,
    pub(crate) featured: Flag,
    pub(crate) urgent: Flag,
    pub(crate) local: Flag,
    pub(crate) bid_stats: Lax<BidStats>,
    pub(crate) upgrades: Lax<Upgrades>,
    pub(crate) language: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Contest {
    pub(crate) id: Int,
    pub(crate) owner_id: Int,
    pub(crate) title: Text,
    pub(crate) status: Text,
    pub(crate) seo_url: Text,
    pub(crate) currency: Lax<Currency>,
    pub(crate) description: Text,
    pub(crate) jobs: LaxList<Job>,
    pub(crate) prize: Float,
    /// Days.
    pub(crate) duration: Int,
    pub(crate) time_submitted: Int,
    pub(crate) time_posted: Int,
    pub(crate) time_modified: Int,
    pub(crate) time_ended: Int,
    pub(crate) entry_count: Int,
    pub(crate) upgrades: Lax<Upgrades>,
    pub(crate) language: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Currency {
    pub(crate) code: Text,
    /// Factor to USD.
    pub(crate) exchange_rate: Float,
}

/// A skill.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Job {
    pub(crate) id: Int,
    pub(crate) name: Text,
    pub(crate) category: Lax<Category>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Category {
    pub(crate) id: Int,
    pub(crate) name: Text,
}

/// `result` of the list of categories.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Categories {
    pub(crate) categories: LaxList<Category>,
}

/// In main units of the project's currency.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Budget {
    pub(crate) minimum: Float,
    pub(crate) maximum: Float,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct HourlyInfo {
    pub(crate) commitment: Lax<Commitment>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Commitment {
    pub(crate) hours: Int,
    pub(crate) interval: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct BidStats {
    pub(crate) bid_count: Int,
    pub(crate) bid_avg: Float,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Upgrades {
    pub(crate) featured: Flag,
    pub(crate) sealed: Flag,
    pub(crate) nonpublic: Flag,
    pub(crate) fulltime: Flag,
    pub(crate) urgent: Flag,
    pub(crate) qualified: Flag,
    #[serde(rename = "NDA", alias = "nda")]
    pub(crate) nda: Flag,
    pub(crate) ip_contract: Flag,
    pub(crate) non_compete: Flag,
    pub(crate) pf_only: Flag,
    pub(crate) recruiter: Flag,
    pub(crate) guaranteed: Flag,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct User {
    pub(crate) id: Int,
    pub(crate) username: Text,
    pub(crate) public_name: Text,
    pub(crate) registration_date: Int,
    pub(crate) location: Lax<Location>,
    pub(crate) employer_reputation: Lax<Reputation>,
    pub(crate) status: Lax<UserStatus>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Location {
    pub(crate) country: Lax<Country>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Country {
    pub(crate) name: Text,
    pub(crate) code: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Reputation {
    pub(crate) entire_history: Lax<History>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct History {
    /// 0 to 5; 0 without reviews.
    pub(crate) overall: Float,
    pub(crate) reviews: Int,
    /// Projects, complete or not.
    pub(crate) all: Int,
    pub(crate) complete: Int,
    pub(crate) completion_rate: Float,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct UserStatus {
    pub(crate) payment_verified: Flag,
}
