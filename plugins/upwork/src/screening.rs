//! Keeping or dropping postings by the settings. What a posting does not state, it is not dropped for.

use prospector_plugin::Screen;
use prospector_plugin::countries::{self, Country};
use prospector_plugin::judgement::{Drop, Verdict};
use prospector_plugin::screening::{Pay, Rating, closed, drop};
use prospector_plugin::text::{Line, cut};
use prospector_plugin::time::DAY;
use prospector_plugin::types::{Context, Error, ExperienceLevel, Posting, UtcSeconds, Value};

use crate::posting::APPLIED;
use crate::settings::{JobType, Length, Level, Settings, Unrated};

/// The settings, ready to screen by.
#[derive(Debug, Clone)]
pub struct Screening {
    pay: Pay,
    rating: Rating,
    levels: Vec<Level>,
    durations: Vec<Length>,
    countries: Vec<Country>,
    verified_only: bool,
    min_hire_rate: f64,
    max_days: u32,
    now: UtcSeconds,
}

impl Screen for Screening {
    fn prepare(context: &Context) -> Result<Self, Error> {
        let settings = Settings::read(&context.settings)?;
        Ok(Self {
            pay: Pay {
                setting: "job_type",
                fixed: settings.job_type.contains(&JobType::Fixed),
                hourly: settings.job_type.contains(&JobType::Hourly),
            },
            rating: Rating {
                client: "client",
                setting: "min_client_rating",
                unrated_setting: "unrated_clients",
                minimum: settings.min_client_rating,
                drop_unrated: settings.unrated_clients == Unrated::Drop,
            },
            countries: settings.countries()?,
            levels: settings.experience_level,
            durations: settings.durations,
            verified_only: settings.verified_payment_only,
            min_hire_rate: settings.min_hire_rate,
            max_days: settings.max_days_posted,
            now: context.now,
        })
    }

    fn screen(&self, posting: &Posting) -> Verdict {
        applied(posting)
            .or_else(|| closed(posting, "proposals"))
            .or_else(|| self.pay.of(posting))
            .or_else(|| self.level(posting))
            .or_else(|| self.duration(posting))
            .or_else(|| self.age(posting))
            .or_else(|| self.country(posting))
            .or_else(|| self.verified(posting))
            .or_else(|| self.rating.of(posting))
            .or_else(|| self.hire_rate(posting))
            .map_or(Verdict::Keep, Verdict::Drop)
    }
}

fn applied(posting: &Posting) -> Option<Drop> {
    let is_set = |name: &str, value: &Value| name == APPLIED && matches!(value, Value::Flag(true));
    let applied = posting.attributes.iter().any(|attribute| is_set(&attribute.name, &attribute.value));
    applied.then(|| drop(APPLIED, "You have already applied"))
}

impl Screening {
    /// A level of the platform's own, or none, is not one that could be wanted: it stays.
    fn level(&self, posting: &Posting) -> Option<Drop> {
        let (level, word) = match posting.experience.as_ref()? {
            ExperienceLevel::Entry => (Level::Entry, "entry"),
            ExperienceLevel::Intermediate => (Level::Intermediate, "intermediate"),
            ExperienceLevel::Expert => (Level::Expert, "expert"),
            ExperienceLevel::Other(_) => return None,
        };
        let reason =
            || Line::new().text("It asks for the level ").text(word).text(", which is not among experience_level");
        (!self.levels.contains(&level)).then(|| drop("experience_level", reason().done()))
    }

    fn duration(&self, posting: &Posting) -> Option<Drop> {
        let length = Length::of_days(posting.duration?)?;
        if self.durations.is_empty() || self.durations.contains(&length) {
            return None;
        }
        let reason = Line::new().text("It lasts ").text(length.label()).text(", which is not among durations");
        Some(drop("durations", reason.done()))
    }

    fn age(&self, posting: &Posting) -> Option<Drop> {
        let age = self.now.saturating_sub(posting.posted_at?);
        if self.max_days == 0 || age <= i64::from(self.max_days) * DAY {
            return None;
        }
        let reason = Line::new().text("It was published ").int(age / DAY).text(" days ago; max_days_posted is ");
        Some(drop("max_days_posted", reason.int(self.max_days).done()))
    }

    fn country(&self, posting: &Posting) -> Option<Drop> {
        let named = posting.client.country.as_deref().or(posting.client.country_code.as_deref())?;
        let code = match posting.client.country_code.as_deref() {
            Some(code) => code,
            None => countries::find(named).map_or("", |country| country.alpha2),
        };
        if self.countries.is_empty() || self.countries.iter().any(|country| country.alpha2 == code) {
            return None;
        }
        let reason = Line::new().text("The client is in ").text(cut(named, 128)).text(", which is not among locations");
        Some(drop("locations", reason.done()))
    }

    fn verified(&self, posting: &Posting) -> Option<Drop> {
        (self.verified_only && posting.client.payment_verified == Some(false)).then(|| {
            drop(
                "verified_payment_only",
                "The client's means of payment is not verified, and verified_payment_only is on",
            )
        })
    }

    /// Of a client's first posting nobody can have been hired yet.
    fn hire_rate(&self, posting: &Posting) -> Option<Drop> {
        let client = &posting.client;
        let rate = client.hire_rate.filter(|rate| *rate < self.min_hire_rate)?;
        if client.posted.is_none_or(|posted| posted <= 1) {
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
    use prospector_plugin::types::{Attribute, Payment, PostingStatus};

    use super::*;

    const NOW: i64 = 1_700_000_000;

    fn verdict(settings: Vec<Attribute>, change: impl FnOnce(&mut Posting)) -> Option<(String, String)> {
        let mut posting = posting("1", NOW - 10 * DAY);
        change(&mut posting);
        let screening = Screening::prepare(&context(NOW, profile(&[]), settings)).expect("valid");
        match screening.screen(&handed_over::<crate::Upwork>(posting)) {
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
        let cases: [Case; 26] = [
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
                vec![setting("max_days_posted", Value::Integer(7))],
                |_| (),
                Some(("max_days_posted", "It was published 10 days ago; max_days_posted is 7")),
            ),
            (vec![setting("max_days_posted", Value::Integer(10))], |_| (), None),
            (vec![setting("max_days_posted", Value::Integer(7))], |posting| posting.posted_at = None, None),
            (
                texts("locations", &["United States", "DEU"]),
                india,
                Some(("locations", "The client is in India, which is not among locations")),
            ),
            (texts("locations", &["ind"]), india, None),
            (texts("locations", &["DE"]), |_| (), None),
            (
                texts("locations", &["DE"]),
                |posting| posting.client.country = Some("Atlantis".to_owned()),
                Some(("locations", "The client is in Atlantis, which is not among locations")),
            ),
            (texts("locations", &["DE"]), |posting| posting.client.country = Some("DEU".to_owned()), None),
            (
                vec![setting("verified_payment_only", Value::Flag(true))],
                |posting| posting.client.payment_verified = Some(false),
                Some((
                    "verified_payment_only",
                    "The client's means of payment is not verified, and verified_payment_only is on",
                )),
            ),
            (vec![setting("verified_payment_only", Value::Flag(true))], |_| (), None),
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
    fn a_location_that_is_no_country_is_told() {
        let locations = setting("locations", Value::Texts(vec!["Narnia".to_owned()]));
        assert!(Screening::prepare(&context(NOW, profile(&[]), vec![locations])).is_err());
    }
}
