//! The filters that all platforms share.

use super::drop;
use super::keywords::{Keyword, Searched};
use super::settings::{FilterSettings, Strict};
use crate::countries::{self, Country};
use crate::judgement::Drop;
use crate::text::{Line, cut};
use crate::types::{Attribute, Error, Posting, UtcSeconds};

/// The shared filters, ready to screen by. Each keeps a posting that does not state what it needs, unless `strict` says otherwise.
#[derive(Debug, Clone)]
pub struct Filters {
    countries: Vec<Country>,
    include: Vec<Keyword>,
    exclude: Vec<Keyword>,
    payment_verified: bool,
    min_client_hires: u32,
    max_proposals: u32,
    posted_within: Option<i64>,
    strict: Strict,
    now: UtcSeconds,
}

impl Filters {
    /// Reads them among a platform's settings.
    ///
    /// # Errors
    /// `invalid-input` with the name of the setting that cannot be used.
    pub fn prepare(settings: &[Attribute], now: UtcSeconds) -> Result<Self, Error> {
        Self::new(FilterSettings::read(settings)?, now)
    }

    /// Of settings that were read.
    ///
    /// # Errors
    /// `invalid-input` for a location that is no country, or a time that is none.
    pub fn new(settings: FilterSettings, now: UtcSeconds) -> Result<Self, Error> {
        let keywords = |words: &[String]| words.iter().filter_map(|word| Keyword::new(word)).collect();
        Ok(Self {
            countries: settings.countries()?,
            include: keywords(&settings.keywords.include),
            exclude: keywords(&settings.keywords.exclude),
            payment_verified: settings.payment_verified,
            min_client_hires: settings.min_client_hires,
            max_proposals: settings.max_proposals,
            posted_within: settings.posted_within_seconds()?,
            strict: settings.strict,
            now,
        })
    }

    /// Whether the filter of a setting drops what does not state what it needs.
    #[must_use]
    pub fn is_strict(&self, setting: &str) -> bool {
        self.strict.holds(setting)
    }

    /// What becomes of a posting that does not state what the filter of a setting needs; `what` begins a sentence: `The level`.
    #[must_use]
    pub fn unstated(&self, setting: &str, what: &str) -> Option<Drop> {
        self.is_strict(setting).then(|| drop(setting, unstated(what)))
    }

    /// Why a posting is dropped, if it is.
    #[must_use]
    pub fn of(&self, posting: &Posting) -> Option<Drop> {
        self.age(posting)
            .or_else(|| self.location(posting))
            .or_else(|| self.payment(posting))
            .or_else(|| self.hires(posting))
            .or_else(|| self.proposals(posting))
            .or_else(|| self.words(posting))
    }

    /// Whether the filter of a setting drops a posting for what it states: one that a platform which heeds the filter would not have given.
    #[must_use]
    pub fn contradicts(&self, setting: &str, posting: &Posting) -> bool {
        let lax = |drop: Option<Drop>, stated: bool| stated && drop.is_some();
        match setting {
            "locations" => lax(self.location(posting), country(posting).is_some()),
            "payment_verified" => lax(self.payment(posting), posting.client.payment_verified.is_some()),
            "min_client_hires" => lax(self.hires(posting), posting.client.hires.is_some()),
            "max_proposals" => lax(self.proposals(posting), posting.competition.is_some()),
            "posted_within" => lax(self.age(posting), posting.posted_at.is_some()),
            _ => false,
        }
    }

    fn age(&self, posting: &Posting) -> Option<Drop> {
        const SETTING: &str = "posted_within";
        let within = self.posted_within?;
        let Some(at) = posting.posted_at else { return self.unstated(SETTING, "The time of posting") };
        let age = self.now.saturating_sub(at);
        let line = || span(Line::new().text("It was published "), age).text(" ago; posted_within is ");
        (age > within).then(|| drop(SETTING, span(line(), within).done()))
    }

    fn location(&self, posting: &Posting) -> Option<Drop> {
        const SETTING: &str = "locations";
        if self.countries.is_empty() {
            return None;
        }
        let Some(named) = country(posting) else { return self.unstated(SETTING, "The client's country") };
        let code = match posting.client.country_code.as_deref() {
            Some(code) => code,
            None => countries::find(named).map_or("", |country| country.alpha2),
        };
        if self.countries.iter().any(|country| country.alpha2 == code) {
            return None;
        }
        let reason = Line::new().text("The client is in ").text(cut(named, 128)).text(", which is not among locations");
        Some(drop(SETTING, reason.done()))
    }

    fn payment(&self, posting: &Posting) -> Option<Drop> {
        const SETTING: &str = "payment_verified";
        match posting.client.payment_verified {
            _ if !self.payment_verified => None,
            Some(true) => None,
            Some(false) => Some(drop(SETTING, "The client's means of payment is not verified")),
            None => self.unstated(SETTING, "Whether the client's means of payment is verified"),
        }
    }

    fn hires(&self, posting: &Posting) -> Option<Drop> {
        const SETTING: &str = "min_client_hires";
        let least = self.min_client_hires;
        match posting.client.hires {
            _ if least == 0 => None,
            Some(hires) if hires >= least => None,
            Some(hires) => {
                let line = Line::new().text("The client has hired ").int(hires);
                let line = line.text(if hires == 1 { " time" } else { " times" }).text("; min_client_hires is ");
                Some(drop(SETTING, line.int(least).done()))
            }
            None => self.unstated(SETTING, "How often the client has hired"),
        }
    }

    /// Of an estimate the lower end counts: there are at least so many.
    fn proposals(&self, posting: &Posting) -> Option<Drop> {
        const SETTING: &str = "max_proposals";
        let most = self.max_proposals;
        match posting.competition.map(|competition| competition.proposals) {
            _ if most == 0 => None,
            Some(span) if span.minimum <= most => None,
            Some(span) => {
                let line =
                    Line::new().text(if span.maximum == Some(span.minimum) { "It has " } else { "It has at least " });
                Some(drop(SETTING, line.int(span.minimum).text(" proposals; max_proposals is ").int(most).done()))
            }
            None => self.unstated(SETTING, "The number of proposals"),
        }
    }

    fn words(&self, posting: &Posting) -> Option<Drop> {
        if self.include.is_empty() && self.exclude.is_empty() {
            return None;
        }
        let text = Searched::of(posting);
        if let Some(word) = self.exclude.iter().find(|word| word.is_in(&text)) {
            let reason = Line::new().text("It holds `").text(&word.written).text("`, which is among keywords.exclude");
            return Some(drop("keywords.exclude", reason.done()));
        }
        if self.include.is_empty() || self.include.iter().any(|word| word.is_in(&text)) {
            return None;
        }
        if posting.description.is_empty() {
            let reason = || unstated("The description, which could hold a keyword,");
            return self.is_strict("keywords").then(|| drop("keywords.include", reason()));
        }
        Some(drop("keywords.include", "It holds none of keywords.include"))
    }
}

fn country(posting: &Posting) -> Option<&str> {
    posting.client.country.as_deref().or(posting.client.country_code.as_deref())
}

fn unstated(what: &str) -> String {
    Line::new().text(what).text(" is not stated, and strict drops such postings").done()
}

/// Appends a length of time in its largest unit, rounded down: `3 days`, `5 h`.
fn span(line: Line, seconds: i64) -> Line {
    match seconds {
        ..3_600 => line.int(seconds / 60).text(" min"),
        3_600..172_800 => line.int(seconds / 3_600).text(" h"),
        _ => line.int(seconds / 86_400).text(" days"),
    }
}

#[cfg(test)]
mod tests;
