//! A page of postings.
//!
//! Categories become skills, skills become as many searches as their number needs (see `merge`), and contests are a list
//! of their own, asked for only with `include_contests`. One call asks each list once.

use prospector_plugin::Host;
use prospector_plugin::fitting::{Answer, Fitting, Part};
use prospector_plugin::http::Request;
use prospector_plugin::lenient::{Field as _, Lax};
use prospector_plugin::merge::{Order, Progress, Window, take};
use prospector_plugin::page::{self, Item, notice, row};
use prospector_plugin::request::Call;
use prospector_plugin::screening::{FilterSettings, Filters};
use prospector_plugin::search::{Notice, NoticeKind, Page, Query};
use prospector_plugin::types::{Error, Payment, Posting, PostingKind, UtcSeconds};

use crate::categories;
use crate::envelope::ask;
use crate::posting::{of_contest, of_project, site};
use crate::settings::{ProjectType, Settings};
use crate::wire::Found;
use crate::wishes::{self, CREDENTIAL};

/// Rows that the platform gives at most, whatever is asked for.
const MOST_ROWS: u32 = 100;

/// Skills in one search: sixteen bytes of URL each, of the 8 KiB that the host takes.
const SKILLS_IN_ONE: usize = 400;

/// A list to read.
#[derive(Debug, Clone, Copy)]
enum List<'a> {
    /// Projects with any of these skills; all if there are none.
    Projects(&'a [i64]),
    Contests,
}

/// What stays the same for all lists of a search.
struct Search<'a> {
    host: &'a dyn Host,
    origin: &'a str,
    settings: &'a Settings,
    filters: Filters,
    /// What has not changed since is not wanted.
    since: Option<UtcSeconds>,
    query: &'a Query,
}

pub(crate) fn search(host: &dyn Host, query: &Query) -> Result<Page, Error> {
    let settings = Settings::read(&query.settings)?;
    let origin = wishes::api(host)?;
    let skills = if settings.categories.is_empty() {
        Vec::new()
    } else {
        categories::skills(host, &origin, &settings.categories, query.now)?
    };
    let mut lists: Vec<List<'_>> = skills.chunks(SKILLS_IN_ONE).map(List::Projects).collect();
    if lists.is_empty() {
        lists.push(List::Projects(&[]));
    }
    if settings.include_contests {
        lists.push(List::Contests);
    }
    let mut progress = match &query.cursor {
        Some(cursor) => Progress::parse(cursor, lists.len())?,
        None => Progress::start(lists.len()),
    };
    let shared = FilterSettings::read(&query.settings)?;
    let oldest = shared.posted_within_seconds()?.map(|within| query.now.saturating_sub(within));
    let filters = Filters::new(shared, query.now)?;
    let search = Search { host, origin: &origin, settings: &settings, filters, since: oldest.max(query.since), query };
    search.page(&lists, &mut progress)
}

impl Search<'_> {
    fn page(&self, lists: &[List<'_>], progress: &mut Progress) -> Result<Page, Error> {
        let mut notices = Vec::new();
        let mut fitting = Fitting::new("Freelancer");
        let mut windows = Vec::with_capacity(lists.len());
        for (list, offset) in lists.iter().zip(&progress.0) {
            windows.push(match offset {
                Some(offset) => self.window(*list, *offset, &mut fitting, &mut notices)?,
                None => None,
            });
        }
        let total = match (lists, windows.as_slice()) {
            ([_], [Some(window)]) => window.total,
            // The lists overlap, so their totals do not add up.
            _ => None,
        };
        notices.extend(fitting.notice());
        let items = take(progress, windows, self.query.limit as usize, Order::Exact);
        let mut page = page::of(items, notices, progress.cursor(), total);
        self.note_ignored_types(&mut page);
        self.note_ignored_time(&mut page);
        Ok(page)
    }

    /// Reads a list from an offset. Contests are an extra: where they fail, the projects are still given.
    fn window(
        &self,
        list: List<'_>,
        offset: u64,
        fitting: &mut Fitting,
        notices: &mut Vec<Notice>,
    ) -> Result<Option<Window<Item>>, Error> {
        let read = fitting.read(offset, self.query.limit.clamp(1, MOST_ROWS), |part| self.ask(list, part));
        let window = match list {
            List::Projects(_) => read?,
            List::Contests => match read {
                Ok(window) => window,
                Err(error) => {
                    notices.push(notice(
                        NoticeKind::Partial,
                        "include_contests",
                        format!("Contests could not be read: {}", error.message),
                    ));
                    return Ok(None);
                }
            },
        };
        if let Some(total) = window.total
            && window.rows.is_empty()
            && offset < total
        {
            notices.push(notice(
                NoticeKind::Partial,
                "total",
                format!("Freelancer speaks of {total} postings, but gave none after {offset}"),
            ));
        }
        Ok(Some(window))
    }

    fn ask(&self, list: List<'_>, part: Part) -> Result<Answer, Error> {
        let site = site(self.origin);
        ask(self.host, &self.request(list, part), list.name(), |result, bytes| {
            let Found { projects, users, total_count } = Lax::of(result).0?;
            let owner = |id: i64| {
                let id = id.to_string();
                users.0.iter().find(|(key, _)| *key == id).map(|(_, user)| user.clone())
            };
            let read = |record| match list {
                List::Projects(_) => of_project(record, site, owner),
                List::Contests => of_contest(record, site, owner),
            };
            let rows = projects.elements().map(|record| row(read(record))).collect();
            let total = total_count.0.and_then(|total| u64::try_from(total).ok());
            Some(Answer { window: Window { rows, total }, bytes })
        })
    }

    fn request(&self, list: List<'_>, part: Part) -> Request {
        let call = match list {
            List::Projects(skills) => {
                let types = self.settings.project_types.iter().copied().map(ProjectType::wire);
                Call::get(self.origin, "/api/projects/0.1/projects/active/")
                    .list("project_types[]", types)
                    .list("jobs[]", skills)
                    .maybe("from_time", self.since)
                    // Newest first unless `reverse_sort` is sent: assumed.
                    .text("sort_field", "time_updated")
                    .flag("upgrade_details", true)
                    .flag("location_details", true)
            }
            // Which filters contests take is not known: none is sent, screening sees to the categories.
            List::Contests => Call::get(self.origin, "/api/contests/0.1/contests/active/"),
        };
        with_details(call, !part.bare)
            .number("limit", part.rows)
            .number("offset", part.offset)
            .credential(CREDENTIAL)
            .build()
    }

    /// Postings of a type that was not asked for: the platform did not heed the filter. Screening drops them.
    fn note_ignored_types(&self, page: &mut Page) {
        let asked = |payment: &Payment| match payment {
            Payment::Fixed => self.settings.project_types.contains(&ProjectType::Fixed),
            Payment::Hourly => self.settings.project_types.contains(&ProjectType::Hourly),
            Payment::Prize | Payment::Unstated | Payment::Other(_) => true,
        };
        if !page.postings.iter().all(|posting| asked(&posting.payment)) {
            page.notices.push(notice(
                NoticeKind::FilterIgnored,
                "project_types",
                "Freelancer gave projects of other types too; they are dropped here".to_owned(),
            ));
        }
    }
}

impl Search<'_> {
    /// Projects without a change since the time that was asked for. One that has changed may well be older: screening drops it.
    fn note_ignored_time(&self, page: &mut Page) {
        let is_before = |posting: &Posting| posting.updated_at.or(posting.posted_at) < self.since;
        let ignored = |posting: &Posting| {
            posting.kind == PostingKind::Project
                && is_before(posting)
                && self.filters.contradicts("posted_within", posting)
        };
        if page.postings.iter().any(ignored) {
            page.notices.push(notice(
                NoticeKind::FilterIgnored,
                "posted_within",
                "Freelancer gave older projects too; they are dropped here",
            ));
        }
    }
}

/// With all that a posting is made of.
pub(crate) fn with_details(call: Call, description: bool) -> Call {
    call.flag("full_description", description)
        .flag("job_details", true)
        .flag("user_details", true)
        .flag("user_country_details", true)
        .flag("user_status", true)
        .flag("user_employer_reputation", true)
        .flag("compact", true)
}

impl List<'_> {
    fn name(self) -> &'static str {
        match self {
            List::Projects(_) => "the postings",
            List::Contests => "the contests",
        }
    }
}

#[cfg(test)]
mod tests;
