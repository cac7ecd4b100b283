//! The settings, and what they drop. How well the rest fits is told by the SDK's signals.

use prospector_plugin::Screen;
use prospector_plugin::judgement::{Drop, Verdict};
use prospector_plugin::money::hundredths;
use prospector_plugin::names::folded;
use prospector_plugin::screening::drop;
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

/// The settings, ready to screen by: made once for a batch of postings.
#[derive(Debug)]
pub struct Screening {
    tags: Vec<String>,
    settings: Settings,
}

impl Screen for Screening {
    fn prepare(context: &Context) -> Result<Self, Error> {
        let settings = Settings::read(&context.settings)?;
        Ok(Self { tags: settings.tags.iter().map(|tag| folded(tag)).collect(), settings })
    }

    fn screen(&self, posting: &Posting) -> Verdict {
        self.tag(posting)
            .or_else(|| self.place(posting))
            .or_else(|| self.pay(posting))
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

    /// What does not say where it is stays.
    fn place(&self, posting: &Posting) -> Option<Drop> {
        let place = posting.attributes.iter().find_map(|attribute| match &attribute.value {
            Value::Text(place) if attribute.name == "location" => Some(place),
            _ => None,
        })?;
        let remote = ["worldwide", "remote", "anywhere"].contains(&folded(place).as_str());
        (self.settings.remote_only && !remote).then(|| drop("remote_only", format!("It is tied to {place}")))
    }

    /// What does not say what it pays per hour stays.
    fn pay(&self, posting: &Posting) -> Option<Drop> {
        let budget = posting.budget.as_ref().filter(|_| posting.payment == Payment::Hourly)?;
        let best = budget.maximum.or(budget.minimum)?;
        let least = hundredths(self.settings.min_hourly_usd)?;
        let reason = || {
            format!("It pays {:.2} USD per hour at best, less than {:.2}", best as f64 / 100.0, least as f64 / 100.0)
        };
        (best < least).then(|| drop("min_hourly_usd", reason()))
    }
}

#[cfg(test)]
mod tests {
    use prospector_plugin::testing::{context, handed_over, posting, profile, setting};
    use prospector_plugin::types::Budget;

    use super::*;

    fn dropped(settings: &[(&str, Value)], change: impl FnOnce(&mut Posting)) -> Option<String> {
        let mut posting = posting("1", 0);
        change(&mut posting);
        let settings = settings.iter().map(|(name, value)| setting(name, value.clone())).collect();
        match Screening::prepare(&context(0, profile(&[]), settings))
            .expect("valid")
            .screen(&handed_over::<crate::JobBoard>(posting))
        {
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
    }

    #[test]
    fn the_schema_describes_every_setting_that_is_read() {
        let schema: serde_json::Value = serde_json::from_str(include_str!("settings.json")).expect("JSON");
        let keys: Vec<&String> = schema["properties"].as_object().expect("an object").keys().collect();
        assert_eq!(keys, ["min_hourly_usd", "remote_only", "tags"]);
    }
}
