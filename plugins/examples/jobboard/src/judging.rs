//! The settings, and what they drop. How well the rest fits is told by the SDK's signals.

use prospector_plugin::Screen;
use prospector_plugin::judgement::{Drop, Verdict};
use prospector_plugin::money::hundredths;
use prospector_plugin::names::folded;
use prospector_plugin::screening::{self, Filters, drop};
use prospector_plugin::types::{Attribute, Context, Error, Payment, Posting, Value};
use serde::Deserialize;

/// The settings of `settings.json`. The host has validated them and filled in the defaults.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Settings {
    pub(crate) tags: Vec<String>,
    remote_only: bool,
    min_hourly_usd: f64,
}

impl Settings {
    pub(crate) fn read(attributes: &[Attribute]) -> Result<Self, Error> {
        prospector_plugin::settings::read(attributes)
    }
}

/// The schema of `settings.json`, and the filters that platforms share. `strict` may name the board's own filters too.
pub(crate) fn schema() -> String {
    screening::schema(include_str!("settings.json"), &["remote_only", "min_hourly_usd"])
}

/// The settings, ready to screen by: made once for a batch of postings.
#[derive(Debug)]
pub struct Screening {
    tags: Vec<String>,
    settings: Settings,
    filters: Filters,
}

impl Screen for Screening {
    fn prepare(context: &Context) -> Result<Self, Error> {
        let settings = Settings::read(&context.settings)?;
        let filters = Filters::prepare(&context.settings, context.now)?;
        Ok(Self { tags: settings.tags.iter().map(|tag| folded(tag)).collect(), settings, filters })
    }

    fn screen(&self, posting: &Posting) -> Verdict {
        self.tag(posting)
            .or_else(|| self.place(posting))
            .or_else(|| self.pay(posting))
            .or_else(|| self.filters.of(posting))
            .map_or(Verdict::Keep, Verdict::Drop)
    }
}

impl Screening {
    /// The board was asked for these tags; that it heeds them is not taken for granted.
    fn tag(&self, posting: &Posting) -> Option<Drop> {
        let wanted = |tag: &String| self.tags.contains(&folded(tag));
        let good = self.tags.is_empty() || posting.skills.iter().any(wanted);
        (!good).then(|| drop("tags", "None of its tags is among tags"))
    }

    fn place(&self, posting: &Posting) -> Option<Drop> {
        if !self.settings.remote_only {
            return None;
        }
        let place = posting.attributes.iter().find_map(|attribute| match &attribute.value {
            Value::Text(place) if attribute.name == "location" => Some(place),
            _ => None,
        });
        let Some(place) = place else { return self.filters.unstated("remote_only", "Its place") };
        let remote = ["worldwide", "remote", "anywhere"].contains(&folded(place).as_str());
        (!remote).then(|| drop("remote_only", format!("It is tied to {place}")))
    }

    fn pay(&self, posting: &Posting) -> Option<Drop> {
        let least = hundredths(self.settings.min_hourly_usd).filter(|least| *least > 0)?;
        let budget = posting.budget.as_ref().filter(|_| posting.payment == Payment::Hourly);
        let Some(best) = budget.and_then(|budget| budget.maximum.or(budget.minimum)) else {
            return self.filters.unstated("min_hourly_usd", "What it pays per hour");
        };
        let reason = || {
            format!("It pays {:.2} USD per hour at best, less than {:.2}", best as f64 / 100.0, least as f64 / 100.0)
        };
        (best < least).then(|| drop("min_hourly_usd", reason()))
    }
}

#[cfg(test)]
mod tests {
    use prospector_plugin::testing::{context, defaults, handed_over, posting, profile, setting};
    use prospector_plugin::types::Budget;

    use super::*;

    fn dropped(settings: &[(&str, Value)], change: impl FnOnce(&mut Posting)) -> Option<String> {
        let mut posting = posting("1", 0);
        change(&mut posting);
        let settings: Vec<_> = settings.iter().map(|(name, value)| setting(name, value.clone())).collect();
        let context = context(0, profile(&[]), settings);
        let handed_over = handed_over::<crate::JobBoard>(posting, &context.settings);
        match Screening::prepare(&context).expect("valid").screen(&handed_over) {
            Verdict::Keep => None,
            Verdict::Drop(drop) => Some(format!("{}: {}", drop.filter, drop.reason)),
        }
    }

    fn hourly(maximum: Option<i64>) -> impl FnOnce(&mut Posting) {
        move |posting| {
            posting.payment = Payment::Hourly;
            posting.budget = Some(Budget { minimum: Some(100), maximum, currency: "USD".into(), usd_rate: Some(1.0) });
        }
    }

    fn located(place: &str) -> impl FnOnce(&mut Posting) {
        let place = setting("location", Value::Text(place.to_owned()));
        move |posting| posting.attributes = vec![place]
    }

    #[test]
    fn each_setting_drops_what_it_says_and_says_why() {
        let tags = [("tags", Value::Texts(vec!["Rust".to_owned()]))];
        assert_eq!(dropped(&tags, |p| p.skills = vec!["rust".into()]), None);
        assert_eq!(
            dropped(&tags, |p| p.skills = vec!["php".into()]).as_deref(),
            Some("tags: None of its tags is among tags")
        );

        let remote = [("remote_only", Value::Flag(true))];
        assert_eq!(dropped(&remote, located("WORLDWIDE")), None);
        assert_eq!(dropped(&remote, |_| ()), None);
        assert_eq!(dropped(&remote, located("Oslo")).as_deref(), Some("remote_only: It is tied to Oslo"));
        assert_eq!(dropped(&[("remote_only", Value::Flag(false))], located("Oslo")), None);

        let pay = [("min_hourly_usd", Value::Number(50.0))];
        assert_eq!(dropped(&pay, hourly(Some(5000))), None);
        let less = "min_hourly_usd: It pays 49.99 USD per hour at best, less than 50.00";
        assert_eq!(dropped(&pay, hourly(Some(4999))).as_deref(), Some(less));
        assert!(dropped(&pay, hourly(None)).is_some());
        assert_eq!(dropped(&pay, |_| ()), None);

        let strict = ("strict", Value::Flag(true));
        let unstated = "min_hourly_usd: What it pays per hour is not stated, and strict drops such postings";
        assert_eq!(dropped(&[pay[0].clone(), strict.clone()], |_| ()).as_deref(), Some(unstated));
        let unstated = "remote_only: Its place is not stated, and strict drops such postings";
        assert_eq!(dropped(&[remote[0].clone(), strict], |_| ()).as_deref(), Some(unstated));

        let words = [("keywords.include", Value::Texts(vec!["compiler".to_owned()]))];
        assert_eq!(dropped(&words, |posting| posting.description = "Write a compiler".to_owned()), None);
        let none = "keywords.include: It holds none of keywords.include";
        assert_eq!(dropped(&words, |posting| posting.description = "Write a poem".to_owned()).as_deref(), Some(none));
    }

    #[test]
    fn the_schema_describes_every_setting_that_is_read() {
        assert_eq!(defaults(&schema()).len(), 10);
        let schema: serde_json::Value = serde_json::from_str(include_str!("settings.json")).expect("JSON");
        let keys: Vec<&String> = schema["properties"].as_object().expect("an object").keys().collect();
        assert_eq!(keys, ["min_hourly_usd", "remote_only", "tags"]);
    }
}
