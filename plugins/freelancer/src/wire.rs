//! What the API sends, as far as it is read. Every field takes any JSON: see `prospector_plugin::lenient`.

use prospector_plugin::lenient::{Flag, Float, Int, Json, Keyed, Lax, LaxList, Text};
use prospector_plugin::record;

record! {
    /// `result` of a search for projects or contests.
    pub(crate) struct Found<'a> {
        pub(crate) projects: Json<'a> = "projects" | "contests",
        /// By identifier; null without `user_details`.
        pub(crate) users: Keyed<'a, User>,
        pub(crate) total_count: Int,
    }

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
        pub(crate) kind: Text = "type",
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

    pub(crate) struct Currency {
        pub(crate) code: Text,
        /// Factor to USD.
        pub(crate) exchange_rate: Float,
    }

    /// A skill.
    pub(crate) struct Job {
        pub(crate) id: Int,
        pub(crate) name: Text,
        pub(crate) category: Lax<Category>,
    }

    pub(crate) struct Category {
        pub(crate) id: Int,
        pub(crate) name: Text,
    }

    /// `result` of the list of categories.
    pub(crate) struct Categories {
        pub(crate) categories: LaxList<Category>,
    }

    /// In main units of the project's currency.
    pub(crate) struct Budget {
        pub(crate) minimum: Float,
        pub(crate) maximum: Float,
    }

    pub(crate) struct HourlyInfo {
        pub(crate) commitment: Lax<Commitment>,
    }

    pub(crate) struct Commitment {
        pub(crate) hours: Int,
        pub(crate) interval: Text,
    }

    pub(crate) struct BidStats {
        pub(crate) bid_count: Int,
        pub(crate) bid_avg: Float,
    }

    pub(crate) struct Upgrades {
        pub(crate) featured: Flag,
        pub(crate) sealed: Flag,
        pub(crate) nonpublic: Flag,
        pub(crate) fulltime: Flag,
        pub(crate) urgent: Flag,
        pub(crate) qualified: Flag,
        pub(crate) nda: Flag = "NDA" | "nda",
        pub(crate) ip_contract: Flag,
        pub(crate) non_compete: Flag,
        pub(crate) pf_only: Flag,
        pub(crate) recruiter: Flag,
        pub(crate) guaranteed: Flag,
    }

    pub(crate) struct User {
        pub(crate) id: Int,
        pub(crate) username: Text,
        pub(crate) public_name: Text,
        pub(crate) registration_date: Int,
        pub(crate) location: Lax<Location>,
        pub(crate) employer_reputation: Lax<Reputation>,
        pub(crate) status: Lax<UserStatus>,
    }

    pub(crate) struct Location {
        pub(crate) country: Lax<Country>,
    }

    pub(crate) struct Country {
        pub(crate) name: Text,
        pub(crate) code: Text,
    }

    pub(crate) struct Reputation {
        pub(crate) entire_history: Lax<History>,
    }

    pub(crate) struct History {
        /// 0 to 5; 0 without reviews.
        pub(crate) overall: Float,
        pub(crate) reviews: Int,
        /// Projects, complete or not.
        pub(crate) all: Int,
        pub(crate) complete: Int,
        pub(crate) completion_rate: Float,
    }

    pub(crate) struct UserStatus {
        pub(crate) payment_verified: Flag,
    }
}
