//! What is asked: the GraphQL documents, and the filter of a search.

use prospector_plugin::graphql;
use prospector_plugin::http::Request;
use prospector_plugin::time::DAY;
use prospector_plugin::types::UtcSeconds;
use serde_json::{Map, Value, json};

use crate::ontology::Kind;
use crate::plan::{Part, Place};
use crate::settings::Settings;
use crate::wishes::{CREDENTIAL, GRAPHQL};

/// The search, newest first. `searchType` has one value, which is said to be ignored.
pub(crate) const SEARCH: &str = "query Postings($filter: MarketplaceJobPostingsSearchFilter) {
  marketplaceJobPostingsSearch(
    marketPlaceJobFilter: $filter
    searchType: USER_JOBS_SEARCH
    sortAttributes: [{ field: RECENCY }]
  ) {
    totalCount
    edges {
      node {
        id ciphertext title description createdDateTime publishedDateTime renewedDateTime
        amount { rawValue currency }
        hourlyBudgetMin { rawValue currency }
        hourlyBudgetMax { rawValue currency }
        experienceLevel duration durationLabel engagement
        skills { name prettyName }
        occupations { category { prefLabel } subCategories { prefLabel } occupationService { prefLabel } }
        category subcategory
        client {
          companyRid totalHires totalPostedJobs totalReviews totalFeedback totalSpent { rawValue currency }
          verificationStatus memberSinceDateTime location { country }
        }
        totalApplicants applied freelancersToHire premium enterprise
        preferredFreelancerLocation preferredFreelancerLocationMandatory
      }
    }
    pageInfo { hasNextPage }
  }
}";

/// Whose account it is.
pub(crate) const OWN: &str = "query Own { user { id nid rid } organization { id } }";

/// The least that needs the permission to search.
pub(crate) const TRY_SEARCH: &str = "query TrySearch($filter: MarketplaceJobPostingsSearchFilter) {
  marketplaceJobPostingsSearch(marketPlaceJobFilter: $filter, searchType: USER_JOBS_SEARCH) { totalCount edges { node { id title } } }
}";

/// The least that needs the permission to read proposals.
pub(crate) const TRY_PROPOSALS: &str =
    "query TryProposals($filter: VendorProposalFilter!, $sort: VendorProposalSortAttribute!, $page: Pagination!) {
  vendorProposals(filter: $filter, sortAttribute: $sort, pagination: $page) { totalCount edges { node { id } } }
}";

/// The header that says which organization acts.
const TENANT: &str = "X-Upwork-API-TenantId";

/// Filters that the schema may lack, with the setting behind each: without them it is screened by that setting alone.
/// `daysPosted_eq` and `duration_any` were absent in April and present in September 2026; the others are as easily done without.
pub(crate) const OPTIONAL: [(&str, &str); 4] = [
    (DAYS_POSTED, "max_days_posted"),
    (DURATION, "durations"),
    (LOCATIONS, "locations"),
    (VERIFIED, "verified_payment_only"),
];

const DAYS_POSTED: &str = "daysPosted_eq";
const DURATION: &str = "duration_any";
const LOCATIONS: &str = "locations_any";
const VERIFIED: &str = "verifiedPaymentOnly_eq";

/// What a filter is made of, beside the part of the search that it is for.
#[derive(Debug)]
pub(crate) struct Wanted<'a> {
    pub(crate) settings: &'a Settings,
    /// Ids of the categories wanted, by kind.
    pub(crate) places: &'a [(Kind, String)],
    /// Names of the countries wanted. That the filter takes names, as the site's own does, is assumed.
    pub(crate) countries: &'a [&'static str],
    /// What is older is not wanted.
    pub(crate) since: Option<UtcSeconds>,
    pub(crate) now: UtcSeconds,
    /// Filters that the schema lacks.
    pub(crate) absent: &'a [String],
}

impl Wanted<'_> {
    /// The filter for a part, and the window of it: how many from which offset, or what the platform gives without.
    pub(crate) fn filter(&self, part: &Part, window: Option<(u32, u32)>) -> Value {
        let mut filter = Map::new();
        let mut set = |name: &str, value: Value| {
            if !self.absent.iter().any(|absent| absent == name) {
                filter.insert(name.to_owned(), value);
            }
        };
        let expression = self.settings.search.trim();
        if !expression.is_empty() {
            set("searchExpression_eq", json!(expression));
        }
        match &part.place {
            Place::Anywhere => {}
            Place::Wanted(kind) => set(kind.filter(), json!(self.ids(*kind))),
            Place::One(kind, id) => set(kind.filter(), json!([id])),
        }
        if let Some(job_type) = part.job_type {
            set("jobType_eq", json!(job_type.wire()));
        }
        if let Some(level) = part.level {
            set("experienceLevel_eq", json!(level.wire()));
        }
        if !self.countries.is_empty() {
            set(LOCATIONS, json!(self.countries));
        }
        if !self.settings.durations.is_empty() {
            let durations: Vec<&str> =
                self.settings.durations.iter().flat_map(|length| length.wire()).copied().collect();
            set(DURATION, json!(durations));
        }
        if self.settings.verified_payment_only {
            set(VERIFIED, json!(true));
        }
        if let Some(since) = self.since {
            // Assumed: postings of the last so many days.
            let days = self.now.saturating_sub(since).saturating_add(DAY - 1) / DAY;
            set(DAYS_POSTED, json!(days.clamp(1, 10_000)));
        }
        if let Some((first, offset)) = window {
            // The offset is a string, and has to be given for the first page too.
            set("pagination_eq", json!({ "first": first, "after": offset.to_string() }));
        }
        Value::Object(filter)
    }

    /// The ids wanted of a kind.
    pub(crate) fn ids(&self, kind: Kind) -> Vec<&str> {
        self.places.iter().filter(|(of, _)| *of == kind).map(|(_, id)| id.as_str()).collect()
    }
}

/// A request, for the organization if one is named.
pub(crate) fn request(origin: &str, document: &str, variables: &Value, organization: &str) -> Request {
    let call = graphql::call(origin, GRAPHQL, document, variables).credential(CREDENTIAL);
    let organization = organization.trim();
    if organization.is_empty() { call.build() } else { call.header(TENANT, organization).build() }
}
