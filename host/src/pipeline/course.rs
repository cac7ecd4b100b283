//! Where a scan begins and what it leaves out: after one that came to its end, what is new or changed; after one that was cut off, where
//! that ended.
//!
//! ```text
//! everything ──page──page──end   known until its beginning
//!   news since then ──page──✂    cut off: its cursor is kept
//!                       └──page──end   gone on with, known until the beginning of the one that was cut off
//! ```
//!
//! What appears while a scan reads stands before what it has read already, so it counts as new to the next.

use crate::contract::types::UtcSeconds;
use crate::store::{OpenScan, Progress};

/// What a scan looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// Everything that the settings ask for.
    #[default]
    Everything,
    /// What is new or changed, as far as the platform can tell; everything once a day, and after the settings have changed.
    News,
}

/// Everything is looked at so often, in seconds: what a platform does not count as a change (bids, ratings) is then as of that day.
const EVERYTHING_EVERY: i64 = 86_400;

/// A scan that was cut off longer ago, in seconds, is not gone on with: its platform's pages have shifted since.
const RESUMABLE: i64 = 3_600;

/// Seconds that are asked for once more: a platform may show a posting a little later than it dates it.
const OVERLAP: i64 = 600;

/// The way of one scan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Course {
    began_at: UtcSeconds,
    since: Option<UtcSeconds>,
    cursor: Option<String>,
    fetched: u64,
    progress: Progress,
}

impl Course {
    /// The way from what is known. `fingerprint` is of what is asked for and what it is judged by.
    #[must_use]
    pub fn set(reach: Reach, known: Option<Progress>, fingerprint: &str, now: UtcSeconds) -> Course {
        // Times that are to come are those of a clock that was wrong.
        let usable = |progress: &Progress| {
            let times =
                [progress.known_until, progress.everything_at, progress.open.as_ref().map(|open| open.began_at)];
            progress.fingerprint == fingerprint && times.into_iter().flatten().all(|time| time <= now)
        };
        let progress = known
            .filter(usable)
            .unwrap_or_else(|| Progress { fingerprint: fingerprint.to_owned(), ..Progress::default() });
        let fresh = |since| Course { began_at: now, since, cursor: None, fetched: 0, progress: progress.clone() };
        if reach == Reach::Everything {
            return fresh(None);
        }
        if let Some(open) = progress.open.clone().filter(|open| now - open.began_at <= RESUMABLE) {
            let OpenScan { began_at, since, cursor, fetched } = open;
            return Course { began_at, since, cursor: Some(cursor), fetched, progress };
        }
        let recently = progress.everything_at.is_some_and(|at| now - at < EVERYTHING_EVERY);
        fresh(progress.known_until.filter(|_| recently).map(|until| until - OVERLAP))
    }

    /// What is older and unchanged is left out; none where nothing is.
    #[must_use]
    pub fn since(&self) -> Option<UtcSeconds> {
        self.since
    }

    /// Where the next page begins; none for the first.
    #[must_use]
    pub fn cursor(&self) -> Option<&str> {
        self.cursor.as_deref()
    }

    /// Postings that were fetched before, by the scan that this one goes on with.
    #[must_use]
    pub fn fetched_before(&self) -> u64 {
        self.fetched
    }

    /// Whether it goes on with a scan that was cut off.
    #[must_use]
    pub fn is_resumed(&self) -> bool {
        self.cursor.is_some()
    }

    /// The same from the first page on, where the cursor of a scan that was cut off is worth nothing any more.
    #[must_use]
    pub fn from_the_first_page(self) -> Course {
        Course { cursor: None, fetched: 0, ..self }
    }

    /// A page is stored, and another one follows.
    #[must_use]
    pub fn went_on(&self, cursor: &str, fetched: u64) -> Progress {
        let open = OpenScan {
            began_at: self.began_at,
            since: self.since,
            cursor: cursor.to_owned(),
            fetched: self.fetched + fetched,
        };
        Progress { open: Some(open), ..self.progress.clone() }
    }

    /// It came to its end.
    #[must_use]
    pub fn ended(&self) -> Progress {
        Progress {
            known_until: Some(self.began_at),
            everything_at: if self.since.is_none() { Some(self.began_at) } else { self.progress.everything_at },
            open: None,
            ..self.progress.clone()
        }
    }

    /// It cannot be gone on with: the next begins anew, and leaves out no more than this one did.
    #[must_use]
    pub fn given_up(&self) -> Progress {
        Progress { open: None, ..self.progress.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_780_000_000;

    fn known() -> Progress {
        let open = OpenScan { began_at: NOW - 60, since: Some(NOW - 9_000), cursor: "50".to_owned(), fetched: 50 };
        Progress {
            fingerprint: "f".to_owned(),
            known_until: Some(NOW - 8_400),
            everything_at: Some(NOW - 50_000),
            open: Some(open),
        }
    }

    #[test]
    fn everything_is_looked_at_from_the_first_page_on_whatever_is_known() {
        let course = Course::set(Reach::Everything, Some(known()), "f", NOW);
        assert_eq!((course.since(), course.cursor(), course.fetched_before()), (None, None, 0));
        let ended = course.ended();
        assert_eq!((ended.known_until, ended.everything_at, ended.open), (Some(NOW), Some(NOW), None));
    }

    #[test]
    fn a_scan_that_was_cut_off_is_gone_on_with_and_ends_as_if_it_had_not_been() {
        let course = Course::set(Reach::News, Some(known()), "f", NOW);
        assert_eq!((course.since(), course.cursor(), course.fetched_before()), (Some(NOW - 9_000), Some("50"), 50));
        assert_eq!(course.went_on("100", 50).open.map(|open| (open.began_at, open.fetched)), Some((NOW - 60, 100)));
        let ended = course.ended();
        assert_eq!((ended.known_until, ended.everything_at, ended.open), (Some(NOW - 60), Some(NOW - 50_000), None));
        assert_eq!(course.clone().from_the_first_page().cursor(), None);
        assert_eq!(course.given_up(), Progress { open: None, ..known() });
    }

    #[test]
    fn news_are_those_since_the_last_end_with_an_overlap() {
        let course = Course::set(Reach::News, Some(Progress { open: None, ..known() }), "f", NOW);
        assert_eq!((course.since(), course.cursor()), (Some(NOW - 8_400 - OVERLAP), None));
        assert_eq!(course.ended().everything_at, Some(NOW - 50_000));
    }

    #[test]
    fn nothing_is_left_out_where_what_is_known_is_old_wrong_or_of_something_else() {
        let open = |began_at| Some(OpenScan { began_at, ..known().open.expect("open") });
        let cases = [
            ("nothing is known", None),
            ("other settings", Some(Progress { fingerprint: "g".to_owned(), ..known() })),
            ("a day ago", Some(Progress { everything_at: Some(NOW - EVERYTHING_EVERY), open: None, ..known() })),
            ("never everything", Some(Progress { everything_at: None, open: None, ..known() })),
            ("a clock that was ahead", Some(Progress { known_until: Some(NOW + 1), open: None, ..known() })),
            ("a scan that begins tomorrow", Some(Progress { open: open(NOW + 86_400), ..known() })),
        ];
        for (why, known) in cases {
            let course = Course::set(Reach::News, known, "f", NOW);
            assert_eq!((course.since(), course.cursor()), (None, None), "{why}");
        }
        let long_ago =
            Course::set(Reach::News, Some(Progress { open: open(NOW - RESUMABLE - 1), ..known() }), "f", NOW);
        assert_eq!((long_ago.since(), long_ago.cursor()), (Some(NOW - 8_400 - OVERLAP), None));
    }
}
