//! Keeping or dropping postings by the settings.

use prospector_plugin::Screen;
use prospector_plugin::judgement::{Drop, Verdict};
use prospector_plugin::screening::{Filters, Pay, Rating, closed, drop};
use prospector_plugin::text::Line;
use prospector_plugin::types::{Context, Error, Posting, PostingKind};

use crate::settings::{ProjectType, Settings};

/// The settings, ready to screen by.
#[derive(Debug, Clone)]
pub struct Screening {
    /// In lower case.
    categories: Vec<String>,
    pay: Pay,
    rating: Rating,
    contests: bool,
    filters: Filters,
}

impl Screen for Screening {
    fn prepare(context: &Context) -> Result<Self, Error> {
        let settings = Settings::read(&context.settings)?;
        let filters = Filters::prepare(&context.settings, context.now)?;
        Ok(Self {
            categories: settings.categories.iter().map(|name| name.trim().to_lowercase()).collect(),
            pay: Pay {
                setting: "project_types",
                fixed: settings.project_types.contains(&ProjectType::Fixed),
                hourly: settings.project_types.contains(&ProjectType::Hourly),
                strict: filters.is_strict("project_types"),
            },
            rating: Rating {
                client: "employer",
                setting: "min_employer_rating",
                minimum: settings.min_employer_rating,
                strict: filters.is_strict("min_employer_rating"),
            },
            contests: settings.include_contests,
            filters,
        })
    }

    fn screen(&self, posting: &Posting) -> Verdict {
        closed(posting, "bids")
            .or_else(|| self.kind(posting))
            .or_else(|| self.category(posting))
            .or_else(|| self.rating.of(posting))
            .or_else(|| self.filters.of(posting))
            .map_or(Verdict::Keep, Verdict::Drop)
    }
}

impl Screening {
    /// A contest's prize is neither of the project types, so they do not touch it.
    fn kind(&self, posting: &Posting) -> Option<Drop> {
        if matches!(posting.kind, PostingKind::Contest) {
            let reason = || "It is a contest, and include_contests is off".to_owned();
            return (!self.contests).then(|| drop("include_contests", reason()));
        }
        self.pay.of(posting)
    }

    fn category(&self, posting: &Posting) -> Option<Drop> {
        let wanted = |name: &String| self.categories.iter().any(|category| same(category, name));
        if self.categories.is_empty() || posting.categories.iter().any(wanted) {
            return None;
        }
        let Some(first) = posting.categories.first() else {
            return self.filters.unstated("categories", "Its category");
        };
        let reason = Line::new()
            .text("Its category ")
            .text(prospector_plugin::text::cut(first, 128))
            .text(" is not among categories");
        Some(drop("categories", reason.done()))
    }
}

fn same(lower: &str, name: &str) -> bool {
    lower.eq_ignore_ascii_case(name) || (!name.is_ascii() && name.to_lowercase() == lower)
}

#[cfg(test)]
mod tests {
    use prospector_plugin::testing::{context, handed_over, posting, profile, setting};
    use prospector_plugin::types::{Attribute, Client, Payment, PostingStatus, Value};

    use super::*;

    fn verdict(settings: Vec<Attribute>, change: impl FnOnce(&mut Posting)) -> Option<(String, String)> {
        let mut posting = posting("1", 0);
        change(&mut posting);
        let context = context(0, profile(&[]), settings);
        let screening = Screening::prepare(&context).expect("valid");
        match screening.screen(&handed_over::<crate::Freelancer>(posting, &context.settings)) {
            Verdict::Keep => None,
            Verdict::Drop(drop) => Some((drop.filter, drop.reason)),
        }
    }

    fn rated(rating: Option<f64>) -> impl FnOnce(&mut Posting) {
        move |posting| posting.client = Client { rating, ..prospector_plugin::testing::client() }
    }

    #[test]
    fn each_setting_drops_what_it_says_and_says_why() {
        let rating = || setting("min_employer_rating", Value::Number(4.0));
        let texts = |values: &[&str]| Value::Texts(values.iter().map(|value| (*value).to_owned()).collect());
        let contest = |posting: &mut Posting| {
            posting.kind = PostingKind::Contest;
            posting.payment = Payment::Prize;
        };
        let design = |posting: &mut Posting| posting.categories = vec!["Design, Media & Architecture".to_owned()];
        let some = |filter: &str, reason: &str| Some((filter.to_owned(), reason.to_owned()));
        assert_eq!(
            verdict(vec![rating()], rated(Some(3.2))),
            some("min_employer_rating", "Employer rating 3.2 is below 4.0")
        );
        assert_eq!(
            verdict(vec![rating()], rated(Some(3.98))),
            some("min_employer_rating", "Employer rating 3.98 is below 4")
        );
        assert_eq!(verdict(vec![rating()], rated(Some(4.0))), None);
        assert_eq!(verdict(vec![rating()], rated(None)), None);
        assert_eq!(
            verdict(vec![rating(), setting("strict", texts(&["min_employer_rating"]))], rated(None)),
            some("min_employer_rating", "The employer has no rating yet, and strict drops such postings")
        );
        assert_eq!(
            verdict(
                vec![setting("categories", texts(&["Writing & Content"])), setting("strict", Value::Flag(true))],
                |_| ()
            ),
            some("categories", "Its category is not stated, and strict drops such postings")
        );
        // The shared filters are given what they need.
        assert_eq!(
            verdict(vec![setting("keywords.exclude", texts(&["bicycle"]))], |posting| posting.title =
                "A bicycle".to_owned()),
            some("keywords.exclude", "It holds `bicycle`, which is among keywords.exclude")
        );
        assert_eq!(
            verdict(vec![setting("locations", texts(&["DE"]))], |posting| posting.client.country_code =
                Some("IN".to_owned())),
            some("locations", "The client is in IN, which is not among locations")
        );
        assert_eq!(verdict(vec![], rated(Some(0.1))), None);
        assert_eq!(verdict(vec![], contest), some("include_contests", "It is a contest, and include_contests is off"));
        assert_eq!(verdict(vec![setting("include_contests", Value::Flag(true))], contest), None);
        assert_eq!(
            verdict(vec![setting("project_types", texts(&["fixed"]))], |posting| posting.payment = Payment::Hourly),
            some("project_types", "It pays hourly, which is not among project_types")
        );
        assert_eq!(
            verdict(vec![setting("project_types", texts(&["fixed"]))], |posting| posting.payment = Payment::Unstated),
            None
        );
        assert_eq!(
            verdict(vec![setting("categories", texts(&["Writing & Content"]))], design),
            some("categories", "Its category Design, Media & Architecture is not among categories")
        );
        assert_eq!(verdict(vec![setting("categories", texts(&["design, media & ARCHITECTURE"]))], design), None);
        assert_eq!(verdict(vec![setting("categories", texts(&["Writing & Content"]))], |_| ()), None);
        assert_eq!(
            verdict(vec![], |posting| posting.status = PostingStatus::Closed),
            some("status", "It no longer takes bids")
        );
    }
}
