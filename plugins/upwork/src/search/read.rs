//! Reading one query on by one request.

use prospector_plugin::fitting::{Answer, Fitting, Part};
use prospector_plugin::graphql::{Fault, messages};
use prospector_plugin::lenient;
use prospector_plugin::merge::{Row, Window};
use prospector_plugin::page::{Item, notice, row};
use prospector_plugin::search::{NoticeKind, Unreadable};
use prospector_plugin::text::excerpt;
use prospector_plugin::types::{Error, UtcSeconds};
use prospector_plugin::{error, kept};

use super::{FOUND, PAGE, Search};
use crate::document::{BARE_SEARCH, NoVariables, OPTIONAL, SEARCH, SearchVariables, request, written_out};
use crate::envelope::{Refused, Way, ask};
use crate::plan::{CAP, List};
use crate::posting::of_node;
use crate::settings::JobType;
use crate::wire::{Data, Edge, Found};

/// Characters of the platform's errors that a notice shows.
const SHOWN: usize = 300;

/// A query, and what was read of it in this call.
pub(super) struct Reading {
    /// As it was before `rows`.
    pub(super) list: List,
    pub(super) rows: Vec<Row<Item>>,
    /// Whether there is more behind them.
    pub(super) more: bool,
}

impl Reading {
    pub(super) fn new(list: List) -> Self {
        Self { list, rows: Vec::new(), more: true }
    }

    /// The offset behind what was read.
    pub(super) fn end(&self) -> u32 {
        let read = u32::try_from(self.rows.len()).unwrap_or(CAP);
        self.list.offset.saturating_add(read)
    }

    /// Time of the last row read.
    pub(super) fn reached(&self) -> Option<UtcSeconds> {
        self.rows.iter().rev().find_map(|row| row.time).or(self.list.reached)
    }

    /// Whether what comes next was given already by the query that this one is a part of.
    pub(super) fn passes_over(&self) -> bool {
        self.rows.is_empty() && self.list.until.is_some_and(|until| self.list.reached.is_none_or(|at| at >= until))
    }

    /// Takes rows on, but for those at the beginning that were given already.
    fn extend(&mut self, rows: Vec<Row<Item>>) {
        let mut rows = rows.into_iter().peekable();
        if self.rows.is_empty()
            && let Some(until) = self.list.until
        {
            while let Some(passed) = rows.next_if(|row| row.time.is_none_or(|time| time > until)) {
                self.list.offset = self.list.offset.saturating_add(1);
                self.list.reached = passed.time.or(self.list.reached);
            }
        }
        self.rows.extend(rows);
    }
}

/// How a window is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Windowing {
    InVariables,
    /// Reported, and not confirmed: that some are given windows only so.
    InDocument,
    /// Not at all.
    Without,
}

/// What one answer held.
struct Rows {
    window: Window<Item>,
    /// Of the body.
    bytes: usize,
    has_next: Option<bool>,
}

impl Search<'_> {
    /// Reads at most `first` rows more. The total that the platform states.
    pub(super) fn window(
        &mut self,
        reading: &mut Reading,
        first: u32,
        fitting: &mut Fitting,
    ) -> Result<Option<u64>, Error> {
        let offset = reading.end();
        let first = first.min(CAP.saturating_sub(offset)).max(1);
        let (mut paged, mut has_next) = (true, None);
        let answer = fitting.read(u64::from(offset), first, |part| {
            if !paged {
                // Parts of what comes without a window are the same again.
                return Err(error::unexpected_answer("Upwork failed to give a page"));
            }
            let (mut rows, windowed) = self.ask(&reading.list, part)?;
            (paged, has_next) = (windowed, rows.has_next);
            if !paged {
                let before = usize::try_from(part.offset).unwrap_or(usize::MAX);
                rows.window.rows.drain(..rows.window.rows.len().min(before));
            }
            Ok(Answer { window: rows.window, bytes: rows.bytes })
        })?;
        let given = answer.rows.len() as u64;
        let behind = u64::from(offset) + given;
        let goes_on = has_next.unwrap_or_else(|| answer.total.is_none_or(|total| behind < total));
        let too_old = |row: &Row<Item>| row.time.zip(self.since).is_some_and(|(time, since)| time < since);
        let all_too_old = given > 0 && answer.rows.iter().all(too_old);
        // At the cap the platform may say that it ends there, with more in the total.
        let capped = behind >= u64::from(CAP) && answer.total.is_some_and(|total| total > behind);
        reading.more = paged && given > 0 && !all_too_old && (goes_on || capped);
        if paged && given == 0 && answer.total.is_some_and(|total| total > behind) {
            let total = answer.total.unwrap_or_default();
            self.note(
                NoticeKind::Partial,
                "total",
                format!("Upwork speaks of {total} postings, but gave none after {offset}"),
            );
        }
        if !paged && answer.total.is_none_or(|total| total > behind) {
            self.note(
                NoticeKind::Truncated,
                "pagination",
                format!(
                    "Upwork failed to give a page of {first}; asked without, it gave its newest {behind} postings only"
                ),
            );
        }
        reading.extend(answer.rows);
        Ok(answer.total)
    }

    /// Asks for a window, in other ways where the platform fails at the first; whether it was one, or what is given without.
    fn ask(&mut self, list: &List, part: Part) -> Result<(Rows, bool), Error> {
        let mut windowing = if self.found.in_document { Windowing::InDocument } else { Windowing::InVariables };
        let mut again = true;
        loop {
            let refused = match self.ask_once(list, part, windowing) {
                Ok((rows, faults)) => {
                    self.note_partial(&faults);
                    self.note_windowing(windowing);
                    return Ok((rows, windowing != Windowing::Without));
                }
                Err(refused) => refused,
            };
            match refused.way {
                Way::Unpaged if windowing == Windowing::InVariables => windowing = Windowing::InDocument,
                // What comes without a window is the beginning; far behind it, it is a failure like others.
                Way::Unpaged if windowing == Windowing::InDocument && part.offset < u64::from(PAGE) => {
                    windowing = Windowing::Without;
                }
                Way::Again if again => again = false,
                Way::Without if self.leave_out(list, &refused.said) => {}
                _ => return Err(refused.error),
            }
        }
    }

    fn ask_once(&self, list: &List, part: Part, windowing: Windowing) -> Result<(Rows, Vec<Fault>), Refused> {
        let wanted = self.wanted();
        let offset = u32::try_from(part.offset).unwrap_or(CAP);
        let window = (windowing != Windowing::Without).then_some((part.rows, offset));
        let filter = wanted.filter(&list.part, window);
        let document: &str = if part.bare { &BARE_SEARCH } else { SEARCH };
        let organization = &self.settings.organization_id;
        let request = if windowing == Windowing::InDocument {
            request(&self.origin, &written_out(document, &filter)?, NoVariables {}, organization)?
        } else {
            request(&self.origin, document, SearchVariables { filter }, organization)?
        };
        let offset = window.map_or(0, |(_, offset)| offset);
        ask(self.host, &request, "the postings", |data, faults, bytes| {
            rows(lenient::record(data), bytes, faults, list.part.job_type, offset)
        })
    }

    /// Remembers that windows are given where they stand in the document, and not otherwise.
    fn note_windowing(&mut self, worked: Windowing) {
        if worked == Windowing::InDocument && !self.found.in_document {
            self.found.in_document = true;
            kept::write(self.host, FOUND, &self.found);
        }
    }

    /// Leaves out the optional filters of this query that a message names, from now on and for a while; false if it names none.
    fn leave_out(&mut self, list: &List, message: &str) -> bool {
        let wanted = self.wanted();
        let asked = wanted.filter(&list.part, None);
        let named: Vec<String> = OPTIONAL
            .into_iter()
            .map(|(filter, _)| filter)
            .filter(|filter| asked.sets(filter) && message.contains(filter))
            .map(str::to_owned)
            .collect();
        if named.is_empty() {
            return false;
        }
        self.found.absent.extend(named);
        kept::write(self.host, FOUND, &self.found);
        true
    }

    fn note_partial(&mut self, faults: &[Fault]) {
        if !faults.is_empty() {
            let said = excerpt(&messages(faults), SHOWN);
            self.note(NoticeKind::Partial, "postings", format!("Upwork answered in part: {said}"));
        }
    }

    fn note(&mut self, kind: NoticeKind, subject: &str, message: String) {
        let notice = notice(kind, subject, message);
        if !self.notices.contains(&notice) {
            self.notices.push(notice);
        }
    }
}

/// The rows of an answer's data; none if it holds no list.
fn rows(answer: Data<'_>, bytes: usize, faults: &[Fault], asked: Option<JobType>, offset: u32) -> Option<Rows> {
    let Found { total_count, edges, page_info } = answer.found.0?;
    let row_of = |(at, edge): (usize, Option<Edge<'_>>)| {
        let node = edge.and_then(|Edge { node }| node.0);
        row(node.map_or_else(|| Err(absent(at, offset, faults)), |node| of_node(node, asked)))
    };
    let total = total_count.0.and_then(|total| u64::try_from(total).ok());
    Some(Rows {
        window: Window { rows: edges.enumerate().map(row_of).collect(), total },
        bytes,
        has_next: page_info.0.and_then(|info| info.has_next_page.0),
    })
}

/// A result that the platform did not give, with what it says of it.
fn absent(at: usize, offset: u32, faults: &[Fault]) -> Unreadable {
    let said = faults.iter().find(|fault| fault.index_in("edges") == Some(at)).map(Fault::says);
    let place = u64::from(offset) + at as u64 + 1;
    let why =
        said.filter(|said| !said.is_empty()).map_or_else(String::new, |said| format!(": {}", excerpt(said, SHOWN)));
    // The place makes each of them another one.
    let reason = format!("Upwork gave nothing in place {place} of its list{why}");
    Unreadable { id: None, title: None, reason }
}
