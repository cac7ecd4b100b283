//! What is asked: the GraphQL documents, and the filter of a search.

use std::sync::LazyLock;

use prospector_plugin::error;
use prospector_plugin::graphql;
use prospector_plugin::http::Request;
use prospector_plugin::screening::FilterSettings;
use prospector_plugin::time::DAY;
use prospector_plugin::types::{Error, UtcSeconds};
use serde::Serialize;

use crate::ontology::Kind;
use crate::plan::{Part, Place};
use crate::settings::{JobType, Level, Settings};
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

/// The same without descriptions, for what is too large with them.
pub(crate) static BARE_SEARCH: LazyLock<String> = LazyLock::new(|| SEARCH.replacen(" description ", " ", 1));

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
pub(crate) const OPTIONAL: [(&str, &str); 6] = [
    (DAYS_POSTED, "posted_within"),
    (DURATION, "durations"),
    (LOCATIONS, "locations"),
    (VERIFIED, "payment_verified"),
    (HIRES, "min_client_hires"),
    (PROPOSALS, "max_proposals"),
];

const DAYS_POSTED: &str = "daysPosted_eq";
const DURATION: &str = "duration_any";
const LOCATIONS: &str = "locations_any";
const VERIFIED: &str = "verifiedPaymentOnly_eq";
const HIRES: &str = "clientHiresRange_eq";
const PROPOSALS: &str = "proposalRange_eq";

/// What a filter is made of, beside the part of the search that it is for.
#[derive(Debug)]
pub(crate) struct Wanted<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) shared: &'a FilterSettings,
    /// Ids of the categories wanted, by kind.
    pub(crate) places: &'a [(Kind, String)],
    /// The countries wanted, by name and by code of three letters: the platform writes both. Which the filter takes is assumed.
    pub(crate) countries: &'a [&'static str],
    /// What is older is not wanted.
    pub(crate) since: Option<UtcSeconds>,
    pub(crate) now: UtcSeconds,
    /// Filters that the schema lacks.
    pub(crate) absent: &'a [String],
}

impl Wanted<'_> {
    /// The filter for a part, and the window of it: how many from which offset, or what the platform gives without.
    pub(crate) fn filter(&self, part: &Part, window: Option<(u32, u32)>) -> Filter<'_> {
        let has = |name: &str| !self.absent.iter().any(|absent| absent == name);
        let (settings, shared) = (self.settings, self.shared);
        let bound = |bound: u32| i32::try_from(bound).ok().filter(|bound| *bound > 0);
        let of = |kind: Kind| match &part.place {
            Place::Wanted(wanted) if *wanted == kind => Some(self.ids(kind).into_iter().map(str::to_owned).collect()),
            Place::One(of, id) if *of == kind => Some(vec![id.clone()]),
            _ => None,
        };
        let durations = || settings.durations.iter().flat_map(|length| length.wire()).copied().collect();
        // Assumed: postings of the last so many days.
        let days = |since: UtcSeconds| self.now.saturating_sub(since).saturating_add(DAY - 1) / DAY;
        Filter {
            search_expression: Some(settings.search.trim()).filter(|text| !text.is_empty()),
            categories: of(Kind::Category),
            subcategories: of(Kind::Subcategory),
            occupations: of(Kind::Service),
            job_type: part.job_type.map(JobType::wire),
            experience_level: part.level.map(Level::wire),
            locations: Some(self.countries).filter(|countries| !countries.is_empty() && has(LOCATIONS)),
            duration: (!settings.durations.is_empty() && has(DURATION)).then(durations),
            verified_payment_only: (shared.payment_verified && has(VERIFIED)).then_some(true),
            client_hires: bound(shared.min_client_hires)
                .filter(|_| has(HIRES))
                .map(|least| IntRange { range_start: Some(least), range_end: None }),
            // By the number that the platform holds, which may be above the band's lower end that is screened by.
            proposals: bound(shared.max_proposals)
                .filter(|_| has(PROPOSALS))
                .map(|most| IntRange { range_start: None, range_end: Some(most) }),
            days_posted: self.since.filter(|_| has(DAYS_POSTED)).map(|since| days(since).clamp(1, 10_000)),
            pagination: window.map(|(first, offset)| Pagination { first, after: offset.to_string() }),
        }
    }

    /// The ids wanted of a kind.
    pub(crate) fn ids(&self, kind: Kind) -> Vec<&str> {
        self.places.iter().filter(|(of, _)| *of == kind).map(|(_, id)| id.as_str()).collect()
    }
}

/// `MarketplaceJobPostingsSearchFilter`, as far as it is used.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Filter<'a> {
    #[serde(rename = "searchExpression_eq", skip_serializing_if = "Option::is_none")]
    search_expression: Option<&'a str>,
    #[serde(rename = "categoryIds_any", skip_serializing_if = "Option::is_none")]
    categories: Option<Vec<String>>,
    #[serde(rename = "subcategoryIds_any", skip_serializing_if = "Option::is_none")]
    subcategories: Option<Vec<String>>,
    #[serde(rename = "occupationIds_any", skip_serializing_if = "Option::is_none")]
    occupations: Option<Vec<String>>,
    #[serde(rename = "jobType_eq", skip_serializing_if = "Option::is_none")]
    job_type: Option<&'static str>,
    #[serde(rename = "experienceLevel_eq", skip_serializing_if = "Option::is_none")]
    experience_level: Option<&'static str>,
    #[serde(rename = "locations_any", skip_serializing_if = "Option::is_none")]
    locations: Option<&'a [&'static str]>,
    #[serde(rename = "duration_any", skip_serializing_if = "Option::is_none")]
    duration: Option<Vec<&'static str>>,
    #[serde(rename = "verifiedPaymentOnly_eq", skip_serializing_if = "Option::is_none")]
    verified_payment_only: Option<bool>,
    #[serde(rename = "clientHiresRange_eq", skip_serializing_if = "Option::is_none")]
    client_hires: Option<IntRange>,
    #[serde(rename = "proposalRange_eq", skip_serializing_if = "Option::is_none")]
    proposals: Option<IntRange>,
    #[serde(rename = "daysPosted_eq", skip_serializing_if = "Option::is_none")]
    days_posted: Option<i64>,
    #[serde(rename = "pagination_eq", skip_serializing_if = "Option::is_none")]
    pagination: Option<Pagination>,
}

/// `IntRange`; that an end may be left out is taken from a public client's query.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct IntRange {
    #[serde(skip_serializing_if = "Option::is_none")]
    range_start: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    range_end: Option<i32>,
}

/// A window of a list. The offset is a string, and has to be given for the first page too.
#[derive(Debug, Serialize)]
struct Pagination {
    first: u32,
    after: String,
}

impl Filter<'_> {
    /// Whether an optional filter is set.
    pub(crate) fn sets(&self, name: &str) -> bool {
        match name {
            LOCATIONS => self.locations.is_some(),
            DURATION => self.duration.is_some(),
            VERIFIED => self.verified_payment_only.is_some(),
            HIRES => self.client_hires.is_some(),
            PROPOSALS => self.proposals.is_some(),
            DAYS_POSTED => self.days_posted.is_some(),
            _ => false,
        }
    }
}

/// Filters whose values are names of an enumeration.
const ENUMS: [&str; 3] = ["jobType_eq", "experienceLevel_eq", DURATION];

/// A search with its filter written into the document, in place of a variable.
///
/// # Errors
/// `internal` for a filter that is no JSON.
pub(crate) fn written_out(document: &str, filter: &Filter<'_>) -> Result<String, Error> {
    let filter =
        serde_json::to_value(filter).map_err(|fault| error::internal(format!("A filter is no JSON: {fault}")))?;
    let document = document.replacen("($filter: MarketplaceJobPostingsSearchFilter)", "", 1);
    Ok(document.replacen("$filter", &graphql::literal(&filter, &ENUMS), 1))
}

/// Variables of a search.
#[derive(Debug, Default, Serialize)]
pub(crate) struct SearchVariables<'a> {
    pub(crate) filter: Filter<'a>,
}

/// Variables of [`TRY_PROPOSALS`].
#[derive(Debug, Serialize)]
pub(crate) struct ProposalVariables {
    filter: ProposalFilter,
    sort: ProposalSort,
    page: FirstOnly,
}

#[derive(Debug, Serialize)]
struct ProposalFilter {
    status_eq: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ProposalSort {
    field: &'static str,
    sort_order: &'static str,
}

#[derive(Debug, Serialize)]
struct FirstOnly {
    first: u32,
}

impl ProposalVariables {
    /// The newest one. `Accepted` is the state of a proposal that passed Upwork's checks; that the filter takes the words that
    /// proposals carry is assumed.
    pub(crate) const NEWEST: Self = Self {
        filter: ProposalFilter { status_eq: "Accepted" },
        sort: ProposalSort { field: "CREATEDDATETIME", sort_order: "DESC" },
        page: FirstOnly { first: 1 },
    };
}

/// Variables of [`OWN`].
#[derive(Debug, Serialize)]
pub(crate) struct NoVariables {}

/// A request, for the organization if one is named.
///
/// # Errors
/// `internal` for variables that are no JSON.
pub(crate) fn request(
    origin: &str,
    document: &str,
    variables: impl Serialize,
    organization: &str,
) -> Result<Request, Error> {
    let call = graphql::call(origin, GRAPHQL, document, variables)?.credential(CREDENTIAL);
    let organization = organization.trim();
    Ok(if organization.is_empty() { call.build() } else { call.header(TENANT, organization).build() })
}
