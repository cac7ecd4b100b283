//! What unit tests of several rooms begin with.

use crate::contract::types::{Budget, Client, Payment, Posting, PostingKind, PostingStatus};

/// A posting that breaks no rule.
pub fn posting(id: &str) -> Posting {
    Posting {
        id: id.to_owned(),
        kind: PostingKind::Project,
        title: "t".to_owned(),
        url: "https://example.com/1".to_owned(),
        description: "d".to_owned(),
        status: PostingStatus::Open,
        payment: Payment::Fixed,
        budget: Some(Budget { minimum: Some(1), maximum: Some(2), currency: "USD".to_owned(), usd_rate: Some(1.0) }),
        skills: vec![],
        categories: vec![],
        experience: None,
        duration: None,
        workload: None,
        language: None,
        posted_at: Some(0),
        updated_at: None,
        closes_at: None,
        competition: None,
        client: Client {
            id: None,
            country: None,
            country_code: None,
            rating: None,
            reviews: None,
            posted: None,
            hires: None,
            hire_rate: None,
            spent_usd: None,
            payment_verified: None,
            member_since: None,
        },
        attributes: vec![],
    }
}

/// A clock that is put forward by hand.
#[derive(Debug)]
pub struct HandClock(std::sync::atomic::AtomicI64);

impl HandClock {
    /// One that stands at a time.
    pub fn at(now: i64) -> HandClock {
        HandClock(now.into())
    }

    /// Puts it forward.
    pub fn pass(&self, seconds: i64) {
        self.0.fetch_add(seconds, std::sync::atomic::Ordering::SeqCst);
    }
}

impl crate::clock::Clock for HandClock {
    fn now(&self) -> i64 {
        self.0.load(std::sync::atomic::Ordering::SeqCst)
    }
}
