//! Several queries as one search, against a platform that holds postings and heeds filters.

use prospector_plugin::log::Level as LogLevel;
use prospector_plugin::schedule::WakeUp;
use prospector_plugin::state::Entry;
use prospector_plugin::vault::Credential;

use super::*;

/// A platform of so many postings, one a second, of which each has the level and category that its age makes it have.
struct Market {
    postings: u32,
    /// One of how many is an expert's; the others are for intermediates.
    experts: u32,
    categories: Vec<&'static str>,
    requests: Cell<u32>,
}

impl Market {
    fn of(postings: u32, experts: u32) -> Self {
        Self { postings, experts, categories: ontology::categories(), requests: Cell::new(0) }
    }

    fn has(&self, age: u32, filter: &Json) -> bool {
        let level = if age.is_multiple_of(self.experts) { "EXPERT" } else { "INTERMEDIATE" };
        let job_type = if age.is_multiple_of(2) { "FIXED" } else { "HOURLY" };
        let category = self.categories[age as usize % self.categories.len()];
        let is = |name: &str, value: &str| filter[name].is_null() || filter[name] == value;
        let within =
            |name: &str, value: &str| filter[name].as_array().is_none_or(|ids| ids.iter().any(|id| id == value));
        is("experienceLevel_eq", level) && is("jobType_eq", job_type) && within("categoryIds_any", category)
    }
}

impl Host for Market {
    fn origin(&self, _: &str) -> Option<String> {
        Some("https://api.example".to_owned())
    }

    fn fetch(&self, request: &Request) -> Result<Response, Error> {
        self.requests.set(self.requests.get() + 1);
        let filter = filter(request);
        let window = &filter["pagination_eq"];
        let first = window["first"].as_u64().expect("a number") as usize;
        let after: usize = window["after"].as_str().expect("a text").parse().expect("a number");
        assert!(first <= 50 && after + first <= 5000, "{filter}");
        let matching: Vec<u32> = (0..self.postings).filter(|age| self.has(*age, &filter)).collect();
        let page: Vec<u32> = matching.iter().copied().skip(after).take(first).collect();
        let has_next = after + page.len() < matching.len().min(5000);
        Ok(response(200, found(page, matching.len() as u64, has_next)))
    }

    fn describe(&self, _: &str) -> Option<Credential> {
        None
    }

    fn get(&self, _: &str) -> Result<Option<Entry>, Error> {
        Ok(None)
    }

    fn set(&self, _: &str, _: &[u8]) -> Result<(), Error> {
        Ok(())
    }

    fn delete(&self, _: &str) -> Result<(), Error> {
        Ok(())
    }

    fn keys(&self, _: &str) -> Result<Vec<String>, Error> {
        Ok(Vec::new())
    }

    fn wake_at(&self, _: &str, _: i64) -> Result<(), Error> {
        Ok(())
    }

    fn pending(&self) -> Result<Vec<WakeUp>, Error> {
        Ok(Vec::new())
    }

    fn cancel(&self, _: &str) -> Result<(), Error> {
        Ok(())
    }

    fn log(&self, _: LogLevel, _: &str, _: &[Attribute]) {}
}

/// Scans as the host does: pages of at most 200, until there are so many.
fn scan(market: &Market, settings: &[Attribute], most: usize) -> (Vec<u32>, Vec<Notice>) {
    let (mut met, mut notices, mut cursor) = (Vec::new(), Vec::new(), None);
    let mut barren = 0;
    while met.len() < most {
        let limit = (most - met.len()).min(200) as u32;
        let page = search(market, &query(settings.to_vec(), cursor.as_deref(), limit)).expect("answered");
        assert!(page.postings.len() <= limit as usize && page.unreadable.is_empty());
        barren = if page.postings.is_empty() { barren + 1 } else { 0 };
        assert!(barren < 20, "the host takes it for a platform that never ends");
        met.extend(ages(&page));
        notices.extend(page.notices);
        match page.next {
            Some(next) => {
                assert!(next.len() <= 4096);
                cursor = Some(next);
            }
            None => break,
        }
    }
    (met, notices)
}

fn two_levels() -> Vec<Attribute> {
    vec![texts("experience_level", &["intermediate", "expert"])]
}

#[test]
fn a_thousand_postings_take_the_requests_that_they_fill() {
    for (settings, experts) in [(vec![], 3), (two_levels(), 2), (two_levels(), 10)] {
        let market = Market::of(1_000, experts);
        let (met, _) = scan(&market, &settings, 1_000);
        assert_eq!((met.len(), market.requests.get()), (1_000, 20), "{settings:?} {experts}");
        assert_eq!(met.into_iter().collect::<BTreeSet<_>>().len(), 1_000);
    }
    let market = Market::of(5_000, 3);
    scan(&market, &[], 1_000);
    assert_eq!(market.requests.get(), 20);
}

#[test]
fn a_short_scan_of_two_levels_gives_the_newest_of_both_in_order() {
    let market = Market::of(1_000, 10);
    let (met, _) = scan(&market, &two_levels(), 50);
    assert_eq!((met, market.requests.get()), ((0..50).collect(), 2));
}

#[test]
fn a_long_scan_of_two_levels_is_never_out_of_order_by_more_than_a_window_of_each() {
    let market = Market::of(1_000, 10);
    let (met, _) = scan(&market, &two_levels(), 1_000);
    let intermediates: Vec<u32> = met.iter().copied().filter(|age| age % 10 != 0).collect();
    assert!(intermediates.is_sorted());
    let experts: Vec<u32> = met.iter().copied().filter(|age| age % 10 == 0).collect();
    assert!(experts.is_sorted());
}

#[test]
fn beyond_the_cap_a_search_goes_on_by_category_and_meets_every_posting() {
    let market = Market::of(7_000, 3);
    let (met, notices) = scan(&market, &[], 10_000);
    // Those of the second at which it goes on may come twice, which the host sees to: better than not at all.
    assert_eq!(met.len(), 7_001);
    assert_eq!(met.into_iter().collect::<BTreeSet<_>>().len(), 7_000);
    assert_eq!((notices[0].kind, notices.len()), (NoticeKind::Partial, 1));
}

#[test]
fn where_a_query_cannot_be_made_narrower_the_rest_is_told() {
    let market = Market::of(11_000, 1);
    let settings =
        [texts("categories", &["42"]), texts("job_type", &["fixed"]), texts("experience_level", &["expert"])];
    let (met, notices) = scan(&market, &settings, 10_000);
    assert_eq!(met.len(), 5_000);
    assert_eq!((notices[0].kind, notices.len()), (NoticeKind::Truncated, 1));
}

#[test]
fn what_is_too_old_is_not_read_to_the_end() {
    let market = Market::of(5_000, 3);
    let since = Query { since: Some(1_760_572_799 - 220), ..query(vec![], None, 1_000) };
    let page = search(&market, &since).expect("answered");
    assert_eq!((page.postings.len(), page.next.as_deref(), market.requests.get()), (221, None, 6));
}

#[test]
fn a_failure_after_something_was_read_is_met_on_the_next_page() {
    let host = host().answer("/graphql", 200, found(0..50, 100, true)).answer("/graphql", 503, "");
    let page = search(&host, &query(two_levels(), None, 100)).expect("the first query's");
    assert_eq!((page.postings.len(), page.next.as_deref()), (50, Some("|i:-:-:50:1760572750:-;x:-:-:0:-:-")));
    let host = super::host().answer("/graphql", 503, "");
    let error = search(&host, &query(two_levels(), page.next.as_deref(), 100)).expect_err("still failing");
    assert_eq!(error.kind, ErrorKind::Unavailable);
    assert_eq!(filter(&host.requests()[0])["experienceLevel_eq"], "EXPERT");
}
