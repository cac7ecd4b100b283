//! Keeping or dropping postings by the settings. What a posting does not state, it is dropped for only if `strict` says so.

use prospector_plugin::Screen;
use prospector_plugin::judgement::{Drop, Verdict};
use prospector_plugin::screening::{Filters, Pay, Rating, closed, drop};
use prospector_plugin::text::Line;
use prospector_plugin::types::{Context, Error, ExperienceLevel, Posting, Value};

use crate::posting::APPLIED;
use crate::settings::{JobType, Length, Level, Settings};

/// The settings, ready to screen by.
#[derive(Debug, Clone)]
pub struct Screening {
    pay: Pay,
    rating: Rating,
    levels: Vec<Level>,
    durations: Vec<Length>,
    min_hire_rate: f64,
    filters: Filters,
}

impl Screen for Screening {
    fn prepare(context: &Context) -> Result<Self, Error> {
        let settings = Settings::read(&context.settings)?;
        let filters = Filters::prepare(&context.settings, context.now)?;
        Ok(Self {
            pay: Pay {
                setting: "job_type",
                fixed: settings.job_type.contains(&JobType::Fixed),
                hourly: settings.job_type.contains(&JobType::Hourly),
                strict: filters.is_strict("job_type"),
            },
            rating: Rating {
                client: "client",
                setting: "min_client_rating",
                minimum: settings.min_client_rating,
                strict: filters.is_strict("min_client_rating"),
            },
            levels: settings.experience_level,
            durations: settings.durations,
            min_hire_rate: settings.min_hire_rate,
            filters,
        })
    }

    fn screen(&self, posting: &Posting) -> Verdict {
        applied(posting)
            .or_else(|| closed(posting, "proposals"))
            .or_else(|| self.pay.of(posting))
            .or_else(|| self.level(posting))
            .or_else(|| self.duration(posting))
            .or_else(|| self.rating.of(posting))
            .or_else(|| self.hire_rate(posting))
            .or_else(|| self.filters.of(posting))
            .map_or(Verdict::Keep, Verdict::Drop)
    }
}

fn applied(posting: &Posting) -> Option<Drop> {
    let is_set = |name: &str, value: &Value| name == APPLIED && matches!(value, Value::Flag(true));
    let applied = posting.attributes.iter().any(|attribute| is_set(&attribute.name, &attribute.value));
    applied.then(|| drop(APPLIED, "You have already applied"))
}

impl Screening {
    /// A level of the platform's own is not one that could be wanted: it stays.
    fn level(&self, posting: &Posting) -> Option<Drop> {
        let (level, word) = match &posting.experience {
            Some(ExperienceLevel::Entry) => (Level::Entry, "entry"),
            Some(ExperienceLevel::Intermediate) => (Level::Intermediate, "intermediate"),
            Some(ExperienceLevel::Expert) => (Level::Expert, "expert"),
            Some(ExperienceLevel::Other(_)) => return None,
            None => return self.filters.unstated("experience_level", "The level"),
        };
        let reason =
            || Line::new().text("It asks for the level ").text(word).text(", which is not among experience_level");
        (!self.levels.contains(&level)).then(|| drop("experience_level", reason().done()))
    }

    fn duration(&self, posting: &Posting) -> Option<Drop> {
        if self.durations.is_empty() {
            return None;
        }
        let Some(days) = posting.duration else { return self.filters.unstated("durations", "How long it lasts") };
        let length = Length::of_days(days).filter(|length| !self.durations.contains(length))?;
        let reason = Line::new().text("It lasts ").text(length.label()).text(", which is not among durations");
        Some(drop("durations", reason.done()))
    }

    /// Of a client's first posting nobody can have been hired yet.
    fn hire_rate(&self, posting: &Posting) -> Option<Drop> {
        if self.min_hire_rate <= 0.0 {
            return None;
        }
        let client = &posting.client;
        let Some(rate) = client.hire_rate else {
            return self.filters.unstated("min_hire_rate", "For how many postings the client hires");
        };
        if rate >= self.min_hire_rate || client.posted.is_none_or(|posted| posted <= 1) {
            return None;
        }
        let percent = |share: f64| (share * 100.0).floor() as i64;
        let reason = Line::new()
            .text("The client hires for ")
            .int(percent(rate))
            .text("% of ")
            .int(client.posted.unwrap_or_default())
            .text(" postings; min_hire_rate is ")
            .int((self.min_hire_rate * 100.0).ceil() as i64)
            .text("%");
        Some(drop("min_hire_rate", reason.done()))
    }
}

#[cfg(test)]
mod tests {
    use prospector_plugin::testing::{context, handed_over, posting, profile, setting};
    use prospector_plugin::time::DAY;
    use prospector_plugin::types::{Attribute, Payment, PostingStatus};

    use super::*;

    const NOW: i64 = 1_700_000_000;

    fn verdict(settings: Vec<Attribute>, change: impl FnOnce(&mut Posting)) -> Option<(String, String)> {
        let mut posting = posting("1", NOW - 10 * DAY);
        change(&mut posting);
        let context = context(NOW, profile(&[]), settings);
        let screening = Screening::prepare(&context).expect("valid");
        match screening.screen(&handed_over::<crate::Upwork>(posting, &context.settings)) {
            Verdict::Keep => None,
            Verdict::Drop(drop) => Some((drop.filter, drop.reason)),
        }
    }

    #[test]
    fn each_setting_drops_what_it_says_and_says_why() {
        type Change = fn(&mut Posting);
        type Case = (Vec<Attribute>, Change, Option<(&'static str, &'static str)>);
        let texts = |name: &str, values: &[&str]| {
            vec![setting(name, Value::Texts(values.iter().map(|value| (*value).to_owned()).collect()))]
        };
        let number = |name: &str, value: f64| vec![setting(name, Value::Number(value))];
        let india: Change = |posting| {
            posting.client.country = Some("India".to_owned());
            posting.client.country_code = Some("IN".to_owned());
        };
        let hires: Change = |posting| (posting.client.hire_rate, posting.client.posted) = (Some(0.125), Some(8));
        let first: Change = |posting| (posting.client.hire_rate, posting.client.posted) = (Some(0.0), Some(1));
        let cases: [Case; 20] = [
            (vec![], |_| (), None),
            (
                vec![],
                |posting| posting.attributes.push(setting("applied", Value::Flag(true))),
                Some(("applied", "You have already applied")),
            ),
            (
                vec![],
                |posting| posting.status = PostingStatus::Closed,
                Some(("status", "It no longer takes proposals")),
            ),
            (
                texts("job_type", &["fixed"]),
                |posting| posting.payment = Payment::Hourly,
                Some(("job_type", "It pays hourly, which is not among job_type")),
            ),
            (
                texts("experience_level", &["intermediate", "expert"]),
                |posting| posting.experience = Some(ExperienceLevel::Entry),
                Some(("experience_level", "It asks for the level entry, which is not among experience_level")),
            ),
            (
                texts("experience_level", &["expert"]),
                |posting| posting.experience = Some(ExperienceLevel::Other("GURU".to_owned())),
                None,
            ),
            (texts("experience_level", &["expert"]), |_| (), None),
            (
                texts("durations", &["under_1_month"]),
                |posting| posting.duration = Some(Length::Longer.days()),
                Some(("durations", "It lasts More than 6 months, which is not among durations")),
            ),
            (texts("durations", &["over_6_months"]), |posting| posting.duration = Some(Length::Longer.days()), None),
            (texts("durations", &["over_6_months"]), |_| (), None),
            (
                texts("locations", &["United States", "DEU"]),
                india,
                Some(("locations", "The client is in India, which is not among locations")),
            ),
            (texts("locations", &["ind"]), india, None),
            (
                vec![setting("posted_within", Value::Text("7d".to_owned()))],
                |_| (),
                Some(("posted_within", "It was published 10 days ago; posted_within is 7 days")),
            ),
            (
                texts("keywords.exclude", &["wordpress"]),
                |posting| posting.description = "A WordPress theme".to_owned(),
                Some(("keywords.exclude", "It holds `wordpress`, which is among keywords.exclude")),
            ),
            (
                number("min_client_rating", 4.0),
                |posting| posting.client.rating = Some(3.2),
                Some(("min_client_rating", "Client rating 3.2 is below 4.0")),
            ),
            (number("min_client_rating", 4.0), |_| (), None),
            (
                number("min_hire_rate", 0.5),
                hires,
                Some(("min_hire_rate", "The client hires for 12% of 8 postings; min_hire_rate is 50%")),
            ),
            (number("min_hire_rate", 0.125), hires, None),
            (number("min_hire_rate", 0.5), first, None),
            (number("min_hire_rate", 0.5), |_| (), None),
        ];
        for (settings, change, expected) in cases {
            let expected = expected.map(|(filter, reason)| (filter.to_owned(), reason.to_owned()));
            assert_eq!(verdict(settings.clone(), change), expected, "{settings:?}");
        }
    }

    #[test]
    fn what_is_not_stated_is_kept_unless_it_is_to_be_strict() {
        let texts = |value: &str| Value::Texts(vec![value.to_owned()]);
        for (name, value, unstated) in [
            ("job_type", texts("fixed"), "How it pays"),
            ("experience_level", texts("expert"), "The level"),
            ("durations", texts("over_6_months"), "How long it lasts"),
            ("min_hire_rate", Value::Number(0.5), "For how many postings the client hires"),
        ] {
            let unstate = |posting: &mut Posting| {
                posting.experience = (name != "experience_level").then_some(ExperienceLevel::Expert);
                posting.payment = if name == "job_type" { Payment::Unstated } else { Payment::Fixed };
            };
            let of_filter = || setting(name, value.clone());
            assert_eq!(verdict(vec![of_filter()], unstate), None, "{name}");
            assert_eq!(verdict(vec![of_filter(), setting("strict", texts("locations"))], unstate), None, "{name}");
            let (by, reason) = verdict(vec![of_filter(), setting("strict", texts(name))], unstate).expect("dropped");
            assert_eq!(
                (by.as_str(), reason),
                (name, format!("{unstated} is not stated, and strict drops such postings"))
            );
        }
    }

    #[test]
    fn a_location_that_is_no_country_is_told() {
        let locations = setting("locations", Value::Texts(vec!["Narnia".to_owned()]));
        assert!(Screening::prepare(&context(NOW, profile(&[]), vec![locations])).is_err());
    }
}
