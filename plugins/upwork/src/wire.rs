//! What the API sends, as far as it is read. Every field takes any JSON: see `prospector_plugin::lenient`.
//!
//! The results of a search are read one by one, as one of them may be beyond JSON's means: `1e999`.

use prospector_plugin::lenient::{Flag, Float, Int, Lax, LaxList, Slots, Text, Texts, Word};
use serde::Deserialize;
use serde_json::value::RawValue;

/// `data` of a search.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Data<'a> {
    #[serde(borrow, rename = "marketplaceJobPostingsSearch")]
    pub(crate) found: Lax<Found<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Found<'a> {
    pub(crate) total_count: Int,
    #[serde(borrow)]
    pub(crate) edges: Slots<Edge<'a>>,
    pub(crate) page_info: Lax<PageInfo>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Edge<'a> {
    #[serde(borrow)]
    pub(crate) node: Option<&'a RawValue>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct PageInfo {
    pub(crate) has_next_page: Flag,
}

/// What names a result that is otherwise unreadable.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Label {
    pub(crate) id: Text,
    pub(crate) title: Text,
}

/// `MarketplaceJobPostingSearchResult`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Node<'a> {
    pub(crate) id: Text,
    #[serde(borrow)]
    pub(crate) ciphertext: Word<'a>,
    pub(crate) title: Text,
    pub(crate) description: Text,
    #[serde(borrow)]
    pub(crate) created_date_time: Word<'a>,
    #[serde(borrow)]
    pub(crate) published_date_time: Word<'a>,
    #[serde(borrow)]
    pub(crate) renewed_date_time: Word<'a>,
    #[serde(borrow)]
    pub(crate) amount: Lax<Money<'a>>,
    #[serde(borrow)]
    pub(crate) hourly_budget_min: Lax<Money<'a>>,
    #[serde(borrow)]
    pub(crate) hourly_budget_max: Lax<Money<'a>>,
    #[serde(borrow)]
    pub(crate) experience_level: Word<'a>,
    #[serde(borrow)]
    pub(crate) duration: Word<'a>,
    #[serde(borrow)]
    pub(crate) duration_label: Word<'a>,
    #[serde(borrow)]
    pub(crate) engagement: Word<'a>,
    pub(crate) skills: LaxList<Skill>,
    pub(crate) occupations: Lax<Occupations>,
    #[serde(borrow)]
    pub(crate) category: Word<'a>,
    #[serde(borrow)]
    pub(crate) subcategory: Word<'a>,
    #[serde(borrow)]
    pub(crate) client: Lax<Client<'a>>,
    pub(crate) total_applicants: Int,
    pub(crate) applied: Flag,
    pub(crate) freelancers_to_hire: Int,
    pub(crate) premium: Flag,
    pub(crate) enterprise: Flag,
    pub(crate) preferred_freelancer_location: Texts,
    pub(crate) preferred_freelancer_location_mandatory: Flag,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Money<'a> {
    /// `"500.0"`.
    #[serde(borrow)]
    pub(crate) raw_value: Word<'a>,
    #[serde(borrow)]
    pub(crate) currency: Word<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Skill {
    pub(crate) name: Text,
    pub(crate) pretty_name: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Occupations {
    pub(crate) category: Lax<Named>,
    pub(crate) sub_categories: LaxList<Named>,
    pub(crate) occupation_service: Lax<Named>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Named {
    pub(crate) pref_label: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Client<'a> {
    pub(crate) company_rid: Text,
    pub(crate) total_hires: Int,
    pub(crate) total_posted_jobs: Int,
    pub(crate) total_reviews: Int,
    /// 0 to 5; 0 without reviews.
    pub(crate) total_feedback: Float,
    #[serde(borrow)]
    pub(crate) total_spent: Lax<Money<'a>>,
    /// `VERIFIED` or null.
    #[serde(borrow)]
    pub(crate) verification_status: Word<'a>,
    #[serde(borrow)]
    pub(crate) member_since_date_time: Word<'a>,
    #[serde(borrow)]
    pub(crate) location: Lax<Location<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Location<'a> {
    /// A name in English, or a code of three letters.
    #[serde(borrow)]
    pub(crate) country: Word<'a>,
}

/// `data` of the question whose account it is.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Own {
    pub(crate) user: Lax<User>,
    pub(crate) organization: Lax<Organization>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct User {
    pub(crate) id: Text,
    /// The name that the person logs in by.
    pub(crate) nid: Text,
    pub(crate) rid: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Organization {
    pub(crate) id: Text,
}
