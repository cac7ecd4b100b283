//! The search filter. Of different fields all must hold, of one field's values one, unless it says `_all`.

use serde::Deserialize;

use super::catalog::{Facts, Kind};
use super::expression::{Expression, holds};
use super::{places, times};

/// `MarketplaceJobPostingsSearchFilter`. What has no effect here is left out: `area_eq`,
/// `userLocationMatch_eq`, `visitorCountry_eq`, `preserveFacet_eq` (assumed).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Filter {
    #[serde(rename = "searchExpression_eq")]
    search_expression: Option<String>,
    #[serde(rename = "searchTerm_eq")]
    search_term: Option<SearchTerm>,
    #[serde(rename = "titleExpression_eq")]
    title_expression: Option<String>,
    #[serde(rename = "skillExpression_eq")]
    skill_expression: Option<String>,
    #[serde(rename = "categoryIds_any")]
    categories: Option<Vec<Id>>,
    #[serde(rename = "subcategoryIds_any")]
    subcategories: Option<Vec<Id>>,
    #[serde(rename = "occupationIds_any")]
    occupations: Option<Vec<Id>>,
    #[serde(rename = "ontologySkillIds_all")]
    skills: Option<Vec<Id>>,
    #[serde(rename = "jobType_eq")]
    job_type: Option<String>,
    #[serde(rename = "experienceLevel_eq")]
    level: Option<String>,
    #[serde(rename = "duration_any")]
    durations: Option<Vec<String>>,
    #[serde(rename = "workload_eq")]
    workload: Option<String>,
    #[serde(rename = "hourlyRate_eq")]
    hourly_rate: Option<Range>,
    #[serde(rename = "budgetRange_eq")]
    budget: Option<Range>,
    #[serde(rename = "clientHiresRange_eq")]
    hires: Option<Range>,
    #[serde(rename = "proposalRange_eq")]
    proposals: Option<Range>,
    #[serde(rename = "verifiedPaymentOnly_eq")]
    verified_only: Option<bool>,
    #[serde(rename = "previousClients_eq")]
    previous_clients: Option<bool>,
    #[serde(rename = "enterpriseOnly_eq")]
    enterprise_only: Option<bool>,
    #[serde(rename = "ptcOnly_eq")]
    talent_cloud_only: Option<bool>,
    #[serde(rename = "ptcIds_any")]
    talent_clouds: Option<Vec<Id>>,
    #[serde(rename = "locations_any")]
    locations: Option<Vec<String>>,
    #[serde(rename = "timezone_eq")]
    timezone: Option<String>,
    #[serde(rename = "daysPosted_eq")]
    days_posted: Option<i64>,
    #[serde(rename = "pagination_eq")]
    pub pagination: Option<Pagination>,
}

/// An `ID`, which a client may send as a number.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Id {
    Text(String),
    Number(i64),
}

impl Id {
    fn is(&self, id: &str) -> bool {
        match self {
            Self::Text(text) => text == id,
            Self::Number(number) => number.to_string() == id,
        }
    }
}

/// `Pagination`.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Pagination {
    /// An offset, written as a text.
    pub after: Option<String>,
    pub first: i64,
}

#[derive(Debug, Deserialize)]
struct Range {
    #[serde(rename = "rangeStart")]
    start: Option<i64>,
    #[serde(rename = "rangeEnd")]
    end: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct SearchTerm {
    #[serde(rename = "andTerms_all")]
    all: Option<Vec<String>>,
    #[serde(rename = "orTerms_any")]
    any: Option<Vec<String>>,
    #[serde(rename = "exactTerms_any")]
    exact: Option<Vec<String>>,
    #[serde(rename = "excludeTerms_any")]
    exclude: Option<Vec<String>>,
}

impl Range {
    /// Whether something between `low` and `high` lies in the range.
    fn reaches(&self, low: f64, high: f64) -> bool {
        self.start.is_none_or(|start| high >= start as f64) && self.end.is_none_or(|end| low <= end as f64)
    }
}

/// A filter with its texts parsed.
#[derive(Debug)]
pub(super) struct Sieve {
    filter: Filter,
    expression: Option<Expression>,
    title: Option<Expression>,
    skills: Vec<String>,
    locations: Vec<String>,
}

impl Sieve {
    /// Parses a filter's texts.
    pub fn new(filter: Filter) -> Self {
        let parsed =
            |text: &Option<String>| text.as_deref().filter(|text| !text.trim().is_empty()).map(Expression::parse);
        let skills = filter.skill_expression.as_deref().unwrap_or_default();
        Self {
            expression: parsed(&filter.search_expression),
            title: parsed(&filter.title_expression),
            skills: skills
                .split(',')
                .map(|skill| skill.trim().to_lowercase())
                .filter(|skill| !skill.is_empty())
                .collect(),
            locations: filter.locations.iter().flatten().map(|place| places::plain(place)).collect(),
            filter,
        }
    }

    /// How well a posting fits, for the order by relevance (assumed: terms in the title).
    pub fn weight(&self, facts: &Facts) -> usize {
        self.expression.as_ref().map_or(0, |expression| expression.weight(facts))
    }

    /// Whether a posting passes.
    pub fn passes(&self, facts: &Facts, now: i64) -> bool {
        self.fits_words(facts) && self.fits_terms(facts) && self.fits_client(facts) && self.fits_class(facts, now)
    }

    fn fits_words(&self, facts: &Facts) -> bool {
        let by_terms = match (&self.expression, &self.filter.search_term) {
            // Documented: terms are ignored where there is an expression.
            (Some(expression), _) => expression.matches(facts),
            (None, Some(terms)) => terms.passes(facts),
            (None, None) => true,
        };
        let in_title = |title: &Expression| match title {
            Expression::Term(_, term) => holds(&facts.title, term),
            other => in_title_only(other, &facts.title),
        };
        by_terms
            && self.title.as_ref().is_none_or(in_title)
            && (self.skills.is_empty() || self.skills.iter().any(|skill| facts.skills.contains(skill)))
    }

    fn fits_terms(&self, facts: &Facts) -> bool {
        let filter = &self.filter;
        let kind = match filter.job_type.as_deref() {
            Some("HOURLY") => facts.kind == Kind::Hourly,
            Some("FIXED") => facts.kind == Kind::Fixed,
            _ => true,
        };
        let is_fixed = facts.kind == Kind::Fixed;
        let (low, high) = (facts.rate.0.or(facts.rate.1), facts.rate.1.or(facts.rate.0));
        kind
            && filter.level.as_ref().is_none_or(|level| facts.level.as_ref() == Some(level))
            // Documented: these three let the other kind pass.
            && (is_fixed || filter.workload.as_deref().is_none_or(|workload| workload == workload_of(&facts.engagement)))
            && (is_fixed || filter.durations.as_ref().is_none_or(|any| facts.duration.as_ref().is_some_and(|own| any.contains(own))))
            && (is_fixed || filter.hourly_rate.as_ref().is_none_or(|range| matches!((low, high), (Some(low), Some(high)) if range.reaches(low, high))))
            && (!is_fixed || filter.budget.as_ref().is_none_or(|range| range.reaches(facts.amount, facts.amount)))
            && filter.proposals.as_ref().is_none_or(|range| range.reaches(facts.applicants as f64, facts.applicants as f64))
    }

    fn fits_client(&self, facts: &Facts) -> bool {
        let filter = &self.filter;
        let only = |wish: Option<bool>, fact: bool| wish != Some(true) || fact;
        only(filter.verified_only, facts.verified)
            && only(filter.previous_clients, facts.previous_client)
            && only(filter.enterprise_only, facts.enterprise)
            && only(filter.talent_cloud_only, false)
            && filter.talent_clouds.as_ref().is_none_or(Vec::is_empty)
            && filter.hires.as_ref().is_none_or(|range| range.reaches(facts.hires as f64, facts.hires as f64))
            && (self.locations.is_empty() || self.locations.iter().any(|place| facts.places.contains(place)))
            && filter.timezone.as_ref().is_none_or(|zone| facts.timezone == zone.to_lowercase())
    }

    fn fits_class(&self, facts: &Facts, now: i64) -> bool {
        let filter = &self.filter;
        // An empty list is no filter (assumed).
        let any = |ids: &Option<Vec<Id>>, own: &dyn Fn(&Id) -> bool| {
            ids.as_ref().is_none_or(|ids| ids.is_empty() || ids.iter().any(own))
        };
        any(&filter.categories, &|id| id.is(&facts.category))
            && any(&filter.subcategories, &|id| facts.subcategories.iter().any(|own| id.is(own)))
            && any(&filter.occupations, &|id| id.is(&facts.service))
            && filter
                .skills
                .as_ref()
                .is_none_or(|all| all.iter().all(|id| facts.skill_ids.iter().any(|own| id.is(own))))
            && filter
                .days_posted
                .is_none_or(|days| facts.published > now.saturating_sub(days.saturating_mul(times::DAY)))
    }
}

impl SearchTerm {
    fn passes(&self, facts: &Facts) -> bool {
        let has = |term: &String| holds(&facts.text, &term.to_lowercase());
        self.all.iter().flatten().all(has)
            && self.any.as_ref().is_none_or(|terms| terms.is_empty() || terms.iter().any(has))
            && self.exact.as_ref().is_none_or(|terms| terms.is_empty() || terms.iter().any(has))
            && !self.exclude.iter().flatten().any(has)
    }
}

/// A title expression "searches for any words within the title": its words are alternatives.
fn in_title_only(expression: &Expression, title: &str) -> bool {
    match expression {
        Expression::All(parts) | Expression::Any(parts) => parts.iter().any(|part| in_title_only(part, title)),
        Expression::Not(part) => !in_title_only(part, title),
        Expression::Term(_, term) => holds(title, term),
    }
}

/// The filter's value for the node's `engagement`. That the two go together so is assumed.
pub(super) fn workload_of(engagement: &str) -> &'static str {
    if engagement.contains("30+") || engagement.contains("more than 30") {
        "FULL_TIME"
    } else if engagement.contains("less than 30") {
        "PART_TIME"
    } else if engagement.contains("as needed") {
        "AS_NEEDED"
    } else {
        "NOT_SURE"
    }
}
