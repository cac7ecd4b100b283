//! A page of postings.
//!
//! Each request asks for at most [`PAGE`] rows, and no row is asked for twice: of several queries the one that is furthest behind in
//! time is read on, and all that was read is given, newest first. So two levels that are read to their end cost the requests that
//! their rows fill. Where a page is no larger than one request, every query is read as far as the page goes and the newest of all are
//! taken, so that a short scan misses nothing.

mod read;

use prospector_plugin::fitting::Fitting;
use prospector_plugin::lenient::{Field as _, Flag, Json, Lax, Texts};
use prospector_plugin::merge::{Order, Progress, Window, take};
use prospector_plugin::page::{self, Item, notice};
use prospector_plugin::screening::{FilterSettings, Filters};
use prospector_plugin::search::{Notice, NoticeKind, Page, Query};
use prospector_plugin::time::DAY;
use prospector_plugin::types::{Error, UtcSeconds};
use prospector_plugin::{Host, kept, record};
use serde::Serialize;

use self::read::Reading;
use crate::document::{OPTIONAL, Wanted};
use crate::ontology::{self, Kind};
use crate::plan::{CAP, List, Plan, no_cursor};
use crate::settings::Settings;
use crate::wishes;

/// Rows of one request. 50 is known to work; whether more do is not.
const PAGE: u32 = 50;

/// Requests of one call. The host allows 64; a posting's page of 1000 needs 20.
const MOST_REQUESTS: usize = 24;

/// Key of what was found of the API.
const FOUND: &str = "api.found";

/// What says in a cursor that windows are given only where they stand in the document.
const IN_DOCUMENT: &str = "#";

/// Seconds for which what was found of the API is believed: a day.
const FRESH: i64 = DAY;

/// What was found of the API by asking, and is believed for [`FRESH`] seconds, and to the end of a search that has begun by then. One key holds it
/// all, and cursors carry it on: reading a key takes as long as reading some five postings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
struct ApiFound {
    /// Filters that the schema lacks.
    absent: Vec<String>,
    /// Windows are given only where they stand in the document.
    in_document: bool,
}

record! {
    /// The same, as it is kept.
    struct Kept {
        absent: Texts,
        in_document: Flag,
    }
}

impl ApiFound {
    fn kept(host: &dyn Host, now: UtcSeconds) -> Self {
        let of = |json: Json<'_>| {
            let Kept { absent, in_document } = Lax::of(json).0?;
            Some(Self { absent: absent.0, in_document: in_document.0? })
        };
        kept::read(host, FOUND, now, FRESH, of).filter(|(_, fresh)| *fresh).map(|(found, _)| found).unwrap_or_default()
    }

    /// Puts it before a plan's cursor: `#,daysPosted_eq|...`.
    fn before(&self, plan: &str) -> String {
        let in_document = self.in_document.then_some(IN_DOCUMENT).into_iter();
        let found: Vec<&str> = in_document.chain(self.absent.iter().map(String::as_str)).collect();
        format!("{}|{plan}", found.join(","))
    }

    /// Takes it from a cursor, which leaves the plan's.
    fn carried(cursor: &str) -> Result<(Self, &str), Error> {
        let (found, plan) = cursor.split_once('|').ok_or_else(no_cursor)?;
        let named = |name: &str| OPTIONAL.iter().any(|(filter, _)| *filter == name);
        let absent = found.split(',').filter(|name| named(name)).map(str::to_owned).collect();
        Ok((Self { absent, in_document: found.split(',').any(|name| name == IN_DOCUMENT) }, plan))
    }
}

/// What stays the same for all requests of a call.
struct Search<'a> {
    host: &'a dyn Host,
    origin: String,
    settings: Settings,
    shared: FilterSettings,
    query: &'a Query,
    places: Vec<(Kind, String)>,
    countries: Vec<&'static str>,
    /// What is older is not wanted.
    since: Option<UtcSeconds>,
    found: ApiFound,
    notices: Vec<Notice>,
}

pub(crate) fn search(host: &dyn Host, query: &Query) -> Result<Page, Error> {
    let settings = Settings::read(&query.settings)?;
    let places = ontology::resolve(&settings.categories)?;
    let shared = FilterSettings::read(&query.settings)?;
    let countries = shared.countries()?.into_iter().flat_map(|country| [country.name, country.alpha3]).collect();
    let (found, plan) = match &query.cursor {
        Some(cursor) => {
            let (found, plan) = ApiFound::carried(cursor)?;
            (found, Plan::parse(plan)?)
        }
        None => (ApiFound::kept(host, query.now), Plan::start(&settings, &places)),
    };
    let oldest = shared.posted_within_seconds()?.map(|within| query.now.saturating_sub(within));
    let search = Search {
        host,
        origin: wishes::api(host)?,
        query,
        places,
        countries,
        since: oldest.max(query.since),
        found,
        notices: Vec::new(),
        settings,
        shared,
    };
    search.page(plan)
}

impl Search<'_> {
    fn page(mut self, mut plan: Plan) -> Result<Page, Error> {
        let capped = plan.0.iter().filter(|list| list.offset >= CAP).count();
        let given_up = plan.narrow(&self.places);
        if capped > given_up {
            self.notices.push(notice(
                NoticeKind::Partial,
                "categories",
                format!(
                    "Upwork gives no more than {CAP} postings of one query; older ones are read by narrower queries, which leave out \
                     those without a category or a level"
                ),
            ));
        }
        if given_up > 0 {
            self.notices.push(notice(
                NoticeKind::Truncated,
                "categories",
                format!(
                    "Upwork gives no more than {CAP} postings of one query, and {given_up} could not be made narrower"
                ),
            ));
        }
        let mut readings: Vec<Reading> = plan.0.into_iter().map(Reading::new).collect();
        let mut fitting = Fitting::new("Upwork");
        let total = self.read(&mut readings, &mut fitting)?;
        self.notices.extend(fitting.notice());
        self.note_absent();
        let (items, plan) = self.merge(readings);
        self.note_ignored(&items)?;
        let mut page = page::of(items, self.notices, plan.cursor().map(|plan| self.found.before(&plan)), total);
        if let Some(since) = self.query.since {
            // The platform's own filter counts in days, and it cannot tell what has changed.
            page.postings.retain(|posting| posting.posted_at.is_none_or(|at| at >= since));
        }
        Ok(page)
    }

    /// Reads until there is enough for a page. The total, where one query is all there is.
    ///
    /// An error that comes after something was read is left to the next page, which begins with what failed.
    fn read(&mut self, readings: &mut [Reading], fitting: &mut Fitting) -> Result<Option<u64>, Error> {
        let limit = self.query.limit.max(1) as usize;
        // A share of the page for each query, but no less than its newest could need.
        let share = u32::try_from(limit.div_ceil(readings.len().max(1))).unwrap_or(PAGE).min(PAGE);
        let opening = if limit <= PAGE as usize { self.query.limit.clamp(1, PAGE) } else { share };
        let mut fresh = if self.query.cursor.is_none() { readings.len() } else { 0 };
        let mut total = None;
        for _ in 0..MOST_REQUESTS {
            let in_hand: usize = readings.iter().map(|reading| reading.rows.len()).sum();
            if fresh == 0 && (in_hand >= limit || fitting.is_full()) {
                break;
            }
            let at = if fresh > 0 { Some(readings.len() - fresh) } else { furthest_behind(readings) };
            let Some(at) = at else { break };
            let left = u32::try_from(limit.saturating_sub(in_hand)).unwrap_or(PAGE);
            let passing_over = readings[at].passes_over();
            let first = if fresh > 0 {
                opening
            } else if passing_over {
                PAGE
            } else {
                left.clamp(1, PAGE)
            };
            fresh = fresh.saturating_sub(1);
            match self.window(&mut readings[at], first, fitting) {
                Ok(stated) => total = stated,
                Err(error) if in_hand == 0 => return Err(error),
                Err(_) => break,
            }
        }
        Ok(total.filter(|_| matches!(readings, [only] if only.list.until.is_none())))
    }

    /// The newest of what was read, and what is left to read.
    fn merge(&self, readings: Vec<Reading>) -> (Vec<Item>, Plan) {
        let limit = self.query.limit.max(1) as usize;
        let (read, idle): (Vec<Reading>, Vec<Reading>) =
            readings.into_iter().partition(|reading| !reading.rows.is_empty());
        let mut progress = Progress(read.iter().map(|reading| Some(u64::from(reading.list.offset))).collect());
        let mut windows = Vec::with_capacity(read.len());
        let mut left: Vec<(List, Vec<Option<UtcSeconds>>)> = Vec::with_capacity(read.len());
        for reading in read {
            let end = u64::from(reading.list.offset) + reading.rows.len() as u64;
            left.push((reading.list, reading.rows.iter().map(|row| row.time).collect()));
            windows.push(Some(Window { rows: reading.rows, total: (!reading.more).then_some(end) }));
        }
        let items = take(&mut progress, windows, limit, Order::Near);
        let mut lists: Vec<List> = Vec::new();
        for ((list, times), offset) in left.into_iter().zip(progress.0) {
            let Some(offset) = offset.map(|offset| u32::try_from(offset).unwrap_or(CAP)) else { continue };
            let given = offset.saturating_sub(list.offset) as usize;
            let reached = times.iter().take(given).rev().find_map(|time| *time).or(list.reached);
            lists.push(List { offset: offset.min(CAP), reached, ..list });
        }
        lists.extend(idle.into_iter().filter(|reading| reading.more).map(|reading| reading.list));
        (items, Plan(lists))
    }

    fn wanted(&self) -> Wanted<'_> {
        Wanted {
            settings: &self.settings,
            shared: &self.shared,
            places: &self.places,
            countries: &self.countries,
            since: self.since,
            now: self.query.now,
            absent: &self.found.absent,
        }
    }

    /// Filters that are set and that the schema lacks.
    fn note_absent(&mut self) {
        for (filter, setting) in OPTIONAL {
            let set = match setting {
                "posted_within" => self.shared.posted_within.is_some(),
                "durations" => !self.settings.durations.is_empty(),
                "locations" => !self.shared.locations.is_empty(),
                "payment_verified" => self.shared.payment_verified,
                "min_client_hires" => self.shared.min_client_hires > 0,
                _ => self.shared.max_proposals > 0,
            };
            if set && self.found.absent.iter().any(|absent| absent == filter) {
                self.notices.push(notice(
                    NoticeKind::FilterIgnored,
                    setting,
                    format!("Upwork's search has no filter `{filter}` at present; postings are filtered here instead"),
                ));
            }
        }
    }
}

impl Search<'_> {
    /// Filters that were sent, and that postings which came contradict. The one for the time counts whole days: what is younger than a day
    /// more may come by it.
    fn note_ignored(&mut self, items: &[Item]) -> Result<(), Error> {
        let filters = Filters::new(self.shared.clone(), self.query.now.saturating_sub(DAY))?;
        for (filter, setting) in OPTIONAL {
            let sent = !self.found.absent.iter().any(|absent| absent == filter);
            let contradicts =
                |item: &Item| matches!(item, Item::Posting(posting) if filters.contradicts(setting, posting));
            if sent && items.iter().any(contradicts) {
                let message = format!("Upwork ignored its filter `{filter}`; postings are filtered here instead");
                self.notices.push(notice(NoticeKind::FilterIgnored, setting, message));
            }
        }
        Ok(())
    }
}

/// The query whose last row is the newest; one that was not read yet before all.
fn furthest_behind(readings: &[Reading]) -> Option<usize> {
    let behind = |reading: &Reading| reading.reached().unwrap_or(UtcSeconds::MAX);
    let open = readings.iter().enumerate().filter(|(_, reading)| reading.more && reading.end() < CAP);
    // The first of equals.
    open.rev().max_by_key(|(_, reading)| behind(reading)).map(|(at, _)| at)
}

#[cfg(test)]
mod tests;
