//! Postings: plain ones to have judged, and what the guest told through one.

use ghoststack::contract::search::Page;
use ghoststack::contract::types::{Client, Payment, Posting, PostingKind, PostingStatus, Value};

/// A posting that breaks no rule.
#[must_use]
pub fn plain(id: &str) -> Posting {
    Posting {
        id: id.to_owned(),
        kind: PostingKind::Project,
        title: format!("Posting {id}"),
        url: "https://hostile.example/posting".to_owned(),
        description: String::new(),
        status: PostingStatus::Open,
        payment: Payment::Fixed,
        budget: None,
        skills: Vec::new(),
        categories: Vec::new(),
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
        attributes: Vec::new(),
    }
}

/// What the guest tells of itself, in the one posting of a page.
#[derive(Clone, Debug)]
pub struct Told(pub Posting);

impl Told {
    /// The one posting of a page.
    ///
    /// # Panics
    /// If there is another number of them.
    #[must_use]
    pub fn by(page: Page) -> Told {
        let [posting] = <[Posting; 1]>::try_from(page.postings).expect("the guest tells by one posting");
        Told(posting)
    }

    /// A fact, by its name; empty if it was not told.
    #[must_use]
    pub fn fact(&self, name: &str) -> &str {
        let found = self.0.attributes.iter().find(|of| of.name == name);
        match found.map(|of| &of.value) {
            Some(Value::Text(text)) => text,
            _ => "",
        }
    }

    /// A status, or the code of what refused the request.
    #[must_use]
    pub fn outcome(&self) -> &str {
        &self.0.title
    }

    /// Everything, to search for what should not be there.
    #[must_use]
    pub fn all(&self) -> String {
        format!("{:?}", self.0)
    }
}
