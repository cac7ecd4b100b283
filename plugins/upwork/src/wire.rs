//! What the API sends, as far as it is read. Every field takes any JSON: see `prospector_plugin::lenient`.
//!
//! The fields stand in the order in which they are asked for, which is the order in which they come.

use prospector_plugin::lenient::{Flag, Float, Int, Lax, LaxList, Slots, Text, Texts, Word};
use prospector_plugin::record;

record! {
    /// `data` of a search.
    pub(crate) struct Data<'a> {
        pub(crate) found: Lax<Found<'a>> = "marketplaceJobPostingsSearch",
    }

    pub(crate) struct Found<'a> {
        pub(crate) total_count: Int = "totalCount",
        pub(crate) edges: Slots<'a, Edge<'a>>,
        pub(crate) page_info: Lax<PageInfo> = "pageInfo",
    }

    pub(crate) struct Edge<'a> {
        pub(crate) node: Lax<Node<'a>>,
    }

    pub(crate) struct PageInfo {
        pub(crate) has_next_page: Flag = "hasNextPage",
    }

    /// `MarketplaceJobPostingSearchResult`.
    pub(crate) struct Node<'a> {
        pub(crate) id: Text,
        pub(crate) ciphertext: Word<'a>,
        pub(crate) title: Text,
        pub(crate) description: Text,
        pub(crate) created_date_time: Word<'a> = "createdDateTime",
        pub(crate) published_date_time: Word<'a> = "publishedDateTime",
        pub(crate) renewed_date_time: Word<'a> = "renewedDateTime",
        pub(crate) amount: Lax<Money<'a>>,
        pub(crate) hourly_budget_min: Lax<Money<'a>> = "hourlyBudgetMin",
        pub(crate) hourly_budget_max: Lax<Money<'a>> = "hourlyBudgetMax",
        pub(crate) experience_level: Word<'a> = "experienceLevel",
        pub(crate) duration: Word<'a>,
        pub(crate) duration_label: Word<'a> = "durationLabel",
        pub(crate) engagement: Word<'a>,
        pub(crate) skills: LaxList<Skill>,
        pub(crate) occupations: Lax<Occupations>,
        pub(crate) category: Word<'a>,
        pub(crate) subcategory: Word<'a>,
        pub(crate) client: Lax<Client<'a>>,
        pub(crate) total_applicants: Int = "totalApplicants",
        pub(crate) applied: Flag,
        pub(crate) freelancers_to_hire: Int = "freelancersToHire",
        pub(crate) premium: Flag,
        pub(crate) enterprise: Flag,
        pub(crate) preferred_freelancer_location: Texts = "preferredFreelancerLocation",
        pub(crate) preferred_freelancer_location_mandatory: Flag = "preferredFreelancerLocationMandatory",
    }

    pub(crate) struct Money<'a> {
        /// `"500.0"`.
        pub(crate) raw_value: Float = "rawValue",
        pub(crate) currency: Word<'a>,
    }

    pub(crate) struct Skill {
        pub(crate) name: Text,
        pub(crate) pretty_name: Text = "prettyName",
    }

    pub(crate) struct Occupations {
        pub(crate) category: Lax<Named>,
        pub(crate) sub_categories: LaxList<Named> = "subCategories",
        pub(crate) occupation_service: Lax<Named> = "occupationService",
    }

    pub(crate) struct Named {
        pub(crate) pref_label: Text = "prefLabel",
    }

    pub(crate) struct Client<'a> {
        pub(crate) company_rid: Text = "companyRid",
        pub(crate) total_hires: Int = "totalHires",
        pub(crate) total_posted_jobs: Int = "totalPostedJobs",
        pub(crate) total_reviews: Int = "totalReviews",
        /// 0 to 5; 0 without reviews.
        pub(crate) total_feedback: Float = "totalFeedback",
        pub(crate) total_spent: Lax<Money<'a>> = "totalSpent",
        /// `VERIFIED` or null.
        pub(crate) verification_status: Word<'a> = "verificationStatus",
        pub(crate) member_since_date_time: Word<'a> = "memberSinceDateTime",
        pub(crate) location: Lax<Location<'a>>,
    }

    pub(crate) struct Location<'a> {
        /// A name in English, or a code of three letters.
        pub(crate) country: Word<'a>,
    }

    /// `data` of the question whose account it is.
    pub(crate) struct Own {
        pub(crate) user: Lax<User>,
        pub(crate) organization: Lax<Organization>,
    }

    pub(crate) struct User {
        pub(crate) id: Text,
        /// The name that the person logs in by.
        pub(crate) nid: Text,
        pub(crate) rid: Text,
    }

    pub(crate) struct Organization {
        pub(crate) id: Text,
    }
}
