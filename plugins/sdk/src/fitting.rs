//! Reading rows whose answer may be larger than the host takes.
//!
//! The host refuses an answer beyond its bound (`too-large`), and one posting may be all the reason: a description of ten megabytes must
//! not cost the scan. So what does not fit is asked for again in halves. A row that does not fit alone is asked for without its
//! description; one that is too large even so is skipped, and said to be. Where that takes too many requests, the rest of the rows
//! comes without descriptions at once.

use crate::merge::{Row, Window};
use crate::page::{Item, notice};
use crate::posting::leave_description_out;
use crate::search::{Notice, NoticeKind, Unreadable};
use crate::types::{Error, ErrorKind};

/// Halvings of one call. Eight find one posting among a hundred; the host allows a call 64 requests.
const HALVINGS: u32 = 16;

/// Bytes of answers after which a call asks for no more: what is left comes with the next page. A call hands over 16 MiB at most, and one more answer
/// may be of 8.
const ENOUGH: usize = 8 << 20;

/// Rows too large even without descriptions, with nothing else read, after which the platform is taken to be at fault.
const HOPELESS: usize = 3;

/// Identifiers that the notice names.
const NAMED: usize = 5;

/// Rows to ask for in one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// Rows before it in its list.
    pub offset: u64,
    /// Rows wanted: at least 1.
    pub rows: u32,
    /// Without descriptions.
    pub bare: bool,
}

/// What one request brought.
#[derive(Debug)]
pub struct Answer {
    /// The rows.
    pub window: Window<Item>,
    /// Bytes of the answer.
    pub bytes: usize,
}

/// What one call of a search has spent on answers that were too large, and what it left out for them.
#[derive(Debug)]
pub struct Fitting {
    platform: &'static str,
    halvings: u32,
    bytes: usize,
    left_out: Vec<String>,
}

impl Fitting {
    /// The beginning of a call. `platform` is its name, for what is said to people.
    #[must_use]
    pub fn new(platform: &'static str) -> Self {
        Self { platform, halvings: 0, bytes: 0, left_out: Vec::new() }
    }

    /// Reads `rows` rows of a list from `offset` on, by as many requests as they take. Fewer are read where `ask` gives fewer or fails in
    /// the middle, or where the call has enough: the list then goes on behind them.
    ///
    /// # Errors
    /// The first of `ask`'s where nothing was read; `too-large` where every row tried is.
    pub fn read(
        &mut self,
        offset: u64,
        rows: u32,
        mut ask: impl FnMut(Part) -> Result<Answer, Error>,
    ) -> Result<Window<Item>, Error> {
        let whole = Part { offset, rows, bare: false };
        let mut read = Window { rows: Vec::new(), total: None };
        let mut skipped = 0;
        let mut open = vec![whole];
        while let Some(part) = open.pop() {
            match ask(part) {
                Ok(answer) => {
                    let short = answer.window.rows.len() < part.rows as usize;
                    self.take(part, answer, &mut read);
                    if short || self.is_full() {
                        break;
                    }
                }
                Err(error) if error.kind != ErrorKind::TooLarge && read.rows.is_empty() => return Err(error),
                Err(error) if error.kind != ErrorKind::TooLarge => break,
                Err(error) if part.rows <= 1 && part.bare => {
                    read.rows.push(self.skipped(part));
                    skipped += 1;
                    if skipped == read.rows.len() && skipped >= HOPELESS {
                        return Err(error);
                    }
                }
                Err(_) if self.halvings < HALVINGS => {
                    self.halvings += 1;
                    open.extend(part.smaller());
                }
                Err(error) if part.bare && read.rows.is_empty() => return Err(error),
                Err(_) if part.bare => break,
                Err(_) => open = vec![Part { bare: true, ..part.up_to(whole.end()) }],
            }
        }
        Ok(read)
    }

    /// Whether the call should ask for no more.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.bytes >= ENOUGH
    }

    /// What the person should know of it.
    #[must_use]
    pub fn notice(&self) -> Option<Notice> {
        let named = self.left_out.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
        let more = match self.left_out.len() {
            0 => return None,
            count if count > NAMED => format!(" and {} more", count - NAMED),
            _ => String::new(),
        };
        let message = format!(
            "{}'s answers are too large with these descriptions, which were left out: {named}{more}",
            self.platform
        );
        Some(notice(NoticeKind::Partial, "description", message))
    }

    fn take(&mut self, part: Part, answer: Answer, read: &mut Window<Item>) {
        self.bytes = self.bytes.saturating_add(answer.bytes);
        read.total = answer.window.total.or(read.total);
        for mut row in answer.window.rows {
            if let (true, Item::Posting(posting)) = (part.bare, &mut row.item) {
                leave_description_out(posting);
                self.left_out.push(posting.id.clone());
            }
            read.rows.push(row);
        }
    }

    /// The row in place of one that cannot be read. Its place makes it another one than the next.
    fn skipped(&self, part: Part) -> Row<Item> {
        let reason = format!(
            "{}'s answer for place {} of its list is too large, even without a description",
            self.platform,
            part.offset.saturating_add(1)
        );
        Row { id: None, time: None, item: Item::Unreadable(Unreadable { id: None, title: None, reason }) }
    }
}

impl Part {
    fn end(self) -> u64 {
        self.offset.saturating_add(u64::from(self.rows))
    }

    fn up_to(self, end: u64) -> Part {
        Part { rows: u32::try_from(end.saturating_sub(self.offset)).unwrap_or(u32::MAX), ..self }
    }

    /// What is asked for in its place, the last part first: its halves, or the one row without its description.
    fn smaller(self) -> Vec<Part> {
        let half = self.rows / 2;
        if half == 0 {
            return vec![Part { bare: true, ..self }];
        }
        let first = Part { rows: half, ..self };
        vec![Part { offset: first.end(), rows: self.rows - half, ..self }, first]
    }
}

#[cfg(test)]
mod tests;
