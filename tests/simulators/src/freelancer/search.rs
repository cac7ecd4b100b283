//! Searching projects: which match, in which order.
//!
//! Values of one list filter are alternatives, different filters all have to hold. Filters that the
//! platform documents by name only are given the plainest meaning, marked "assumed".

use super::call::Call;
use super::catalog::Project;
use super::envelope::ApiError;
use super::facets::Facets;

/// A search that was read from a call.
#[derive(Debug, Clone, PartialEq)]
pub struct Search {
    words: Vec<String>,
    any_word: bool,
    kinds: Vec<String>,
    upgrades: Vec<String>,
    skills: Vec<i64>,
    countries: Vec<String>,
    languages: Vec<String>,
    ids: Vec<i64>,
    owners: Vec<i64>,
    statuses: Vec<String>,
    frontend_statuses: Vec<String>,
    seo_urls: Vec<String>,
    updated: Range<i64>,
    budget: Range<f64>,
    hourly_rate: Range<f64>,
    average_bid: Range<f64>,
    average_rate: Range<f64>,
    bounds: Option<Bounds>,
    order: Order,
    reversed: bool,
    /// Only projects that take bids.
    active_only: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Range<T> {
    from: Option<T>,
    to: Option<T>,
}

impl<T: PartialOrd + Copy> Range<T> {
    fn is_open(self) -> bool {
        self.from.is_none() && self.to.is_none()
    }

    fn holds(self, value: T) -> bool {
        self.from.is_none_or(|from| value >= from) && self.to.is_none_or(|to| value <= to)
    }
}

impl Range<f64> {
    /// Whether a budget reaches into the range (assumed: it need not lie inside). An open end reaches any height;
    /// a budget without any figure is never in a range.
    fn touches(self, low: Option<f64>, high: Option<f64>) -> bool {
        let Some(low) = low.or(high) else {
            return false;
        };
        let high = high.unwrap_or(f64::INFINITY);
        self.from.is_none_or(|from| high >= from) && self.to.is_none_or(|to| low <= to)
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Bounds {
    top: f64,
    right: f64,
    bottom: f64,
    left: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Submitted,
    Updated,
    BidCount,
    BidsEnd,
    AverageBid,
}

/// Which list a search goes through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// `/projects/active/`: what takes bids.
    Active,
    /// `/projects/all/` and `/projects/`: every state.
    All,
}

impl Search {
    /// Reads the parameters of a call.
    ///
    /// # Errors
    /// `BAD_FORM` for a number that is none.
    pub fn of(call: &Call<'_>, scope: Scope) -> Result<Self, ApiError> {
        let params = &call.params;
        let texts = |name: &str| -> Vec<String> { params.list(name).into_iter().map(str::to_owned).collect() };
        let lower = |name: &str| -> Vec<String> { params.list(name).into_iter().map(str::to_lowercase).collect() };
        let numbers = |from: &str, to: &str| -> Result<Range<f64>, ApiError> {
            Ok(Range { from: call.number(from)?, to: call.number(to)? })
        };
        let all_only = |name: &str| match scope {
            Scope::Active => Vec::new(),
            Scope::All => texts(name),
        };
        let mut ids = call.integers("project_ids")?;
        let bounds = call
            .number("top_right_latitude")?
            .zip(call.number("top_right_longitude")?)
            .zip(call.number("bottom_left_latitude")?.zip(call.number("bottom_left_longitude")?))
            .map(|((top, right), (bottom, left))| Bounds { top, right, bottom, left });
        if scope == Scope::All {
            ids.extend(call.integers("projects")?);
        }
        Ok(Self {
            words: params
                .get("query")
                .unwrap_or_default()
                .to_lowercase()
                .split_whitespace()
                .map(str::to_owned)
                .collect(),
            any_word: params.has("or_search_query"),
            kinds: texts("project_types"),
            upgrades: texts("project_upgrades"),
            skills: call.integers("jobs")?,
            countries: lower("countries"),
            languages: lower("languages"),
            ids,
            owners: call.integers("owners")?,
            statuses: all_only("project_statuses"),
            frontend_statuses: all_only("frontend_project_statuses"),
            seo_urls: all_only("seo_urls"),
            updated: Range { from: call.integer("from_time")?, to: call.integer("to_time")? },
            budget: numbers("min_price", "max_price")?,
            hourly_rate: numbers("min_hourly_rate", "max_hourly_rate")?,
            average_bid: numbers("min_avg_price", "max_avg_price")?,
            average_rate: numbers("min_avg_hourly_rate", "max_avg_hourly_rate")?,
            bounds,
            // An unknown sort field is ignored like any unknown parameter. Without one the platform says
            // "relevance"; recorded answers are newest first.
            order: match params.get("sort_field") {
                Some("time_updated") => Order::Updated,
                Some("bid_count") => Order::BidCount,
                Some("bid_enddate") => Order::BidsEnd,
                Some("bid_avg_usd") => Order::AverageBid,
                _ => Order::Submitted,
            },
            reversed: params.has("reverse_sort"),
            active_only: scope == Scope::Active,
        })
    }

    /// The matching projects in order.
    pub fn run<'p>(
        &self,
        projects: impl Iterator<Item = &'p Project>,
        owner_country: impl Fn(i64) -> Option<String>,
    ) -> Vec<&'p Project> {
        let mut found: Vec<&Project> = projects.filter(|project| self.matches(project, &owner_country)).collect();
        found.sort_by(|a, b| {
            let (x, y) = (&a.facets, &b.facets);
            let order = match self.order {
                Order::Submitted => x.submitted.cmp(&y.submitted),
                Order::Updated => x.updated.cmp(&y.updated),
                Order::BidCount => x.bid_count.cmp(&y.bid_count),
                Order::BidsEnd => x.bids_end.cmp(&y.bids_end),
                Order::AverageBid => x.bid_avg_usd.unwrap_or(0.0).total_cmp(&y.bid_avg_usd.unwrap_or(0.0)),
            };
            let order = order.then(a.id.cmp(&b.id));
            if self.reversed { order } else { order.reverse() }
        });
        found
    }

    fn matches(&self, project: &Project, owner_country: impl Fn(i64) -> Option<String>) -> bool {
        let facets = &project.facets;
        let any = |wanted: &[String], has: &str| wanted.is_empty() || wanted.iter().any(|value| value == has);
        if project.is_deleted() || (self.active_only && !project.is_biddable()) {
            return false;
        }
        if !self.ids.is_empty() && !self.ids.contains(&project.id) {
            return false;
        }
        if !self.owners.is_empty() && !project.owner_id.is_some_and(|owner| self.owners.contains(&owner)) {
            return false;
        }
        if !self.skills.is_empty() && !self.skills.iter().any(|id| facets.skills.contains(id)) {
            return false;
        }
        if !self.upgrades.is_empty() && !self.upgrades.iter().any(|name| facets.upgrades.contains(&name.as_str())) {
            return false;
        }
        if !self.countries.is_empty() {
            // Assumed: remote work has no country of its own and goes by its owner's.
            let country = facets.country.clone().or_else(|| project.owner_id.and_then(owner_country));
            if !country.is_some_and(|code| self.countries.contains(&code)) {
                return false;
            }
        }
        any(&self.kinds, &facets.kind)
            && any(&self.languages, &facets.language)
            && any(&self.statuses, &facets.status)
            && any(&self.frontend_statuses, &facets.frontend_status)
            && any(&self.seo_urls, &facets.seo_url)
            && self.updated.holds(facets.updated)
            && self.money_matches(facets)
            && self.place_matches(facets)
            && self.words_match(facets)
    }

    fn money_matches(&self, facets: &Facets) -> bool {
        let hourly = facets.kind == "hourly";
        let budget = if hourly { self.hourly_rate } else { self.budget };
        if !budget.is_open() && !budget.touches(facets.budget_min_usd, facets.budget_max_usd) {
            return false;
        }
        // The filters on the average bid are silently ignored unless exactly one project type is asked for.
        let average = match (self.kinds.as_slice(), hourly) {
            ([kind], false) if kind == "fixed" => self.average_bid,
            ([kind], true) if kind == "hourly" => self.average_rate,
            _ => return true,
        };
        average.is_open() || facets.bid_avg_usd.is_some_and(|bid| average.holds(bid))
    }

    fn place_matches(&self, facets: &Facets) -> bool {
        self.bounds.is_none_or(|bounds| {
            facets.position.is_some_and(|(latitude, longitude)| {
                (bounds.bottom..=bounds.top).contains(&latitude) && (bounds.left..=bounds.right).contains(&longitude)
            })
        })
    }

    fn words_match(&self, facets: &Facets) -> bool {
        let has = |word: &String| facets.text.contains(word.as_str());
        self.words.is_empty() || if self.any_word { self.words.iter().any(has) } else { self.words.iter().all(has) }
    }
}
