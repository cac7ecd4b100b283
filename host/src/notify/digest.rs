//! Digests: many leads in one message, the best first, and each lead once.

use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use super::event::{EventKind, Notice, new_id};
use super::{Courier, hours};
use crate::config::{self, Every};
use crate::contract::types::UtcSeconds;
use crate::lead::AccountKey;
use crate::store::news::Untold;
use crate::store::outbox::MAX_WAITING;
use crate::store::{News, StoreError};

/// News that are looked at in one go; more wait for the next digest.
const MAX_NEWS: u32 = 10_000;

/// When and of what somebody is told.
#[derive(Clone, Debug)]
pub struct Digest {
    /// As it is configured.
    pub configured: config::Digest,
    /// The person's zone.
    pub zone: TimeZone,
}

impl Digest {
    /// Whether it is time for another, after the last one.
    #[must_use]
    pub fn is_due(&self, last: Option<UtcSeconds>, now: UtcSeconds) -> bool {
        // One of the future was made by a clock that has been turned back since.
        let Some(last) = last.filter(|last| *last <= now) else { return true };
        match self.configured.every {
            Every::Scan => true,
            Every::Hourly => now >= last.saturating_add(3600),
            Every::Daily => hours::last(self.configured.at, now, &self.zone).is_some_and(|at| last < at),
        }
    }

    /// What is told of news: the leads that are new, and those that have risen to the least score.
    fn choose<'n>(&self, news: &'n [Untold], now: UtcSeconds) -> [(EventKind, Vec<&'n Untold>); 2] {
        let least = i64::from(self.configured.min_score) * 100;
        let good = |lead: &&Untold| lead.score >= least;
        // What nobody was told of in time is no news any more: there was no channel for it.
        let is_new = |lead: &&Untold| lead.before.is_none() && lead.first_seen > now.saturating_sub(MAX_WAITING);
        let has_risen = |lead: &&Untold| lead.before.is_some_and(|before| before < least);
        [
            (EventKind::LeadDiscovered, news.iter().filter(good).filter(is_new).collect()),
            (EventKind::LeadScored, news.iter().filter(good).filter(has_risen).collect()),
        ]
    }

    fn notice(&self, kind: EventKind, account: &AccountKey, name: &str, leads: &[&Untold]) -> Result<Notice, String> {
        let most = usize::try_from(self.configured.most).unwrap_or(usize::MAX);
        let shown = &leads[..leads.len().min(most)];
        let count = leads.len();
        let noun = if count == 1 { "lead" } else { "leads" };
        let title = match kind {
            EventKind::LeadScored => {
                format!("{name}: {count} {noun} now at {} points or more", self.configured.min_score)
            }
            _ => format!("{name}: {count} new {noun}"),
        };
        let points = |lead: &Untold| lead.score as f64 / 100.0;
        let best = shown.first().map(|lead| format!("The best has {:.2} points", points(lead))).unwrap_or_default();
        let more =
            if count > shown.len() { format!(", {} more are not listed", count - shown.len()) } else { String::new() };
        let rows = shown.iter().map(|lead| {
            let title: String = lead.title.chars().take(200).collect();
            let url: String = lead.url.chars().take(2000).collect();
            json!({ "id": lead.id, "title": title, "url": url, "score": points(lead) })
        });
        let rows: Vec<Value> = rows.collect();
        Ok(Notice {
            kind,
            account: account.clone(),
            // Each lead is told of once: no other digest has the same.
            epoch: new_id()?,
            title,
            message: format!("{best}{more}"),
            remedy: Some("ghoststack prospector leads list".to_owned()),
            facts: Map::from_iter([("count".to_owned(), json!(count)), ("leads".to_owned(), Value::Array(rows))]),
        })
    }
}

/// Posts a digest of what is news for an account, if it is time and somebody wants it; whether anything was posted.
///
/// # Errors
/// The store's.
pub async fn post(
    news: &dyn News,
    courier: &Courier,
    account: &AccountKey,
    name: &str,
    digest: &Digest,
    now: UtcSeconds,
) -> Result<bool, StoreError> {
    let wanted = [EventKind::LeadDiscovered, EventKind::LeadScored].into_iter().any(|kind| courier.wants(kind));
    if !wanted || !digest.is_due(news.told_at(account).await?, now) {
        return Ok(false);
    }
    let untold = news.untold(account, MAX_NEWS).await?;
    if untold.is_empty() && digest.configured.every != Every::Daily {
        return Ok(false);
    }
    let invalid = |why| StoreError::Invalid { what: "a digest", why };
    let mut events = Vec::new();
    for (kind, leads) in digest.choose(&untold, now) {
        if !leads.is_empty() {
            let notice = digest.notice(kind, account, name, &leads).map_err(invalid)?;
            events.extend(courier.addressed(notice)?);
        }
    }
    Ok(news.tell(account, &untold, &events, now).await? && !events.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::TimeOfDay;

    const NOON: i64 = 1_780_000_000;

    fn digest(every: Every) -> Digest {
        let at = TimeOfDay::parse("08:00").expect("a time of day");
        Digest { configured: config::Digest { every, at, min_score: 50, most: 2 }, zone: TimeZone::UTC }
    }

    fn lead(id: &str, score: i64, before: Option<i64>) -> Untold {
        let (title, url) = (format!("Work {id}"), format!("https://work.example/{id}"));
        Untold { id: id.to_owned(), title, url, score, before, first_seen: NOON - 60 }
    }

    #[test]
    fn it_is_due_after_each_scan_hour_or_day() {
        let due = |every, last, now| digest(every).is_due(last, now);
        assert!([Every::Scan, Every::Hourly, Every::Daily].into_iter().all(|every| due(every, None, NOON)));
        assert!(due(Every::Scan, Some(NOON), NOON));
        assert!(!due(Every::Hourly, Some(NOON), NOON + 3599) && due(Every::Hourly, Some(NOON), NOON + 3600));
        let eight = NOON.div_euclid(86_400) * 86_400 + 8 * 3600;
        assert!(!due(Every::Daily, Some(eight), eight + 86_399) && due(Every::Daily, Some(eight), eight + 86_400));
        assert!(due(Every::Daily, Some(eight - 1), eight) && !due(Every::Daily, Some(eight + 1), eight + 2));
        assert!(due(Every::Hourly, Some(NOON + 86_400), NOON), "the clock was turned back");
    }

    #[test]
    fn new_and_risen_leads_of_enough_points_are_told_of() {
        let old = Untold { first_seen: NOON - MAX_WAITING, ..lead("old", 9000, None) };
        let news = [
            lead("good", 7000, None),
            lead("least", 5000, None),
            lead("poor", 4999, None),
            lead("risen", 5100, Some(4900)),
            lead("told", 9000, Some(5000)),
            old,
        ];
        let ids = digest(Every::Scan)
            .choose(&news, NOON)
            .map(|(kind, leads)| (kind, leads.iter().map(|lead| lead.id.as_str()).collect::<Vec<_>>()));
        let expected = [(EventKind::LeadDiscovered, vec!["good", "least"]), (EventKind::LeadScored, vec!["risen"])];
        assert_eq!(ids, expected);
    }

    #[test]
    fn a_digest_lists_the_best_and_counts_the_rest() {
        let news = [lead("1", 9000, None), lead("2", 8050, None), lead("3", 7000, None)];
        let account =
            AccountKey { profile: "p".to_owned(), platform: "workbazaar".to_owned(), account: "a".to_owned() };
        let leads: Vec<&Untold> = news.iter().collect();
        let notice = digest(Every::Scan).notice(EventKind::LeadDiscovered, &account, "Work Bazaar", &leads);
        let notice = notice.expect("random");
        assert_eq!(notice.title, "Work Bazaar: 3 new leads");
        assert_eq!(notice.message, "The best has 90.00 points, 1 more are not listed");
        assert_eq!(notice.facts["count"], 3);
        assert_eq!(notice.facts["leads"][1]["score"], 80.5);
        assert_eq!(notice.facts["leads"].as_array().map(Vec::len), Some(2));
    }
}
