//! Reasons to drop that platforms share. Each asks one thing of a posting and says why in a sentence.
//!
//! [`Filters`] are those with settings of the same names on every platform ([`schema`] describes them); the others are for settings that
//! platforms name differently.

mod keywords;
mod settings;
mod shared;

pub use settings::{FilterSettings, Keywords, Strict, schema};
pub use shared::Filters;

use crate::judgement::Drop;
use crate::text::Line;
use crate::types::{Payment, Posting, PostingStatus};

/// A drop by a setting, with its reason.
#[must_use]
pub fn drop(filter: &str, reason: impl Into<String>) -> Drop {
    Drop { filter: filter.to_owned(), reason: reason.into() }
}

/// Drops what no longer takes `proposals`, by the platform's word for them.
#[must_use]
pub fn closed(posting: &Posting, proposals: &str) -> Option<Drop> {
    matches!(posting.status, PostingStatus::Closed)
        .then(|| drop("status", Line::new().text("It no longer takes ").text(proposals).done()))
}

/// Which ways of paying a setting wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pay {
    /// The setting.
    pub setting: &'static str,
    /// Whether fixed prices are wanted.
    pub fixed: bool,
    /// Whether hourly work is wanted.
    pub hourly: bool,
    /// Whether a posting is dropped that does not state how it pays.
    pub strict: bool,
}

impl Pay {
    /// Drops a posting that pays otherwise.
    #[must_use]
    pub fn of(&self, posting: &Posting) -> Option<Drop> {
        let (wanted, word) = match posting.payment {
            Payment::Fixed => (self.fixed, "fixed"),
            Payment::Hourly => (self.hourly, "hourly"),
            Payment::Unstated if self.strict => {
                return Some(drop(self.setting, "How it pays is not stated, and strict drops such postings"));
            }
            Payment::Prize | Payment::Unstated | Payment::Other(_) => return None,
        };
        let reason = || Line::new().text("It pays ").text(word).text(", which is not among ").text(self.setting).done();
        (!wanted).then(|| drop(self.setting, reason()))
    }
}

/// A least rating of clients.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rating {
    /// What the platform calls them: `employer`.
    pub client: &'static str,
    /// The setting.
    pub setting: &'static str,
    /// The least rating; 0 for no cut-off.
    pub minimum: f64,
    /// Whether the postings of clients without a rating are dropped.
    pub strict: bool,
}

impl Rating {
    /// Drops the posting of a client who is rated lower.
    #[must_use]
    pub fn of(&self, posting: &Posting) -> Option<Drop> {
        if self.minimum <= 0.0 {
            return None;
        }
        let reason = match posting.client.rating {
            Some(rating) if rating < self.minimum => {
                Line::new().text(&capitalised(self.client)).text(" rating ").text(&below(rating, self.minimum)).done()
            }
            None if self.strict => {
                let line = Line::new().text("The ").text(self.client);
                line.text(" has no rating yet, and strict drops such postings").done()
            }
            Some(_) | None => return None,
        };
        Some(drop(self.setting, reason))
    }
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// `3.2 is below 4.0`; with all digits where tenths would hide the difference.
#[must_use]
pub fn below(value: f64, minimum: f64) -> String {
    let tenths = |value: f64| (value * 10.0).round();
    if tenths(value) == tenths(minimum) {
        format!("{value} is below {minimum}")
    } else {
        Line::new().tenths(value).text(" is below ").tenths(minimum).done()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::posting;

    #[test]
    fn each_reason_has_the_values_that_decided() {
        let reason = |dropped: Option<Drop>| dropped.map(|dropped| dropped.reason);
        let mut sample = posting("1", 0);
        assert_eq!(closed(&sample, "bids"), None);
        sample.status = PostingStatus::Closed;
        assert_eq!(reason(closed(&sample, "bids")).as_deref(), Some("It no longer takes bids"));

        let pay = Pay { setting: "job_type", fixed: true, hourly: false, strict: false };
        assert_eq!(pay.of(&sample), None);
        sample.payment = Payment::Hourly;
        assert_eq!(reason(pay.of(&sample)).as_deref(), Some("It pays hourly, which is not among job_type"));
        sample.payment = Payment::Unstated;
        assert_eq!(pay.of(&sample), None);
        let strict = Pay { strict: true, ..pay };
        assert_eq!(
            reason(strict.of(&sample)).as_deref(),
            Some("How it pays is not stated, and strict drops such postings")
        );

        let cutoff = |minimum, strict| Rating { client: "client", setting: "min_client_rating", minimum, strict };
        assert_eq!(cutoff(4.0, false).of(&sample), None);
        let unrated = "The client has no rating yet, and strict drops such postings";
        assert_eq!(reason(cutoff(4.0, true).of(&sample)).as_deref(), Some(unrated));
        assert_eq!(cutoff(0.0, true).of(&sample), None);
        for (rating, said) in
            [(3.2, Some("Client rating 3.2 is below 4.0")), (3.98, Some("Client rating 3.98 is below 4")), (4.0, None)]
        {
            sample.client.rating = Some(rating);
            assert_eq!(reason(cutoff(4.0, false).of(&sample)).as_deref(), said);
        }
    }
}
