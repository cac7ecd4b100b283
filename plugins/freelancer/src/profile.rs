//! What the account says of its owner's work: skills (jobs, in the platform's word), rate, and where they live.
//!
//! The fields are those of a recorded user (2022); flags of `/users/0.1/self/` carry no prefix. How many hours a week its
//! owner has, the platform does not say.

use prospector_plugin::lenient::{Float, Lax, LaxList, Text};
use prospector_plugin::profile::Found;
use prospector_plugin::record;
use prospector_plugin::request::Call;
use prospector_plugin::types::{Error, Money};
use prospector_plugin::{Host, countries, money, skills};

use crate::envelope::ask_for;
use crate::wire::{Currency, Job, Location};
use crate::wishes::{self, CREDENTIAL};

record! {
    struct Own {
        tagline: Text,
        jobs: LaxList<Job>,
        /// In main units of the account's currency. Taken for unset if 0 (assumed).
        hourly_rate: Float,
        primary_currency: Lax<Currency>,
        /// ISO 639-1.
        primary_language: Text,
        location: Lax<Location>,
        timezone: Lax<Timezone>,
    }

    struct Timezone {
        /// By its IANA name (assumed: recorded ones are null).
        timezone: Text,
    }
}

/// Reads the account's profile: one request.
pub(crate) fn read(host: &dyn Host) -> Result<Found, Error> {
    let request = Call::get(&wishes::api(host)?, "/api/users/0.1/self/")
        .flag("jobs", true)
        .flag("country_details", true)
        .flag("compact", true)
        .credential(CREDENTIAL)
        .build();
    let own: Own = ask_for(host, &request, "your profile")?;
    Ok(found(own))
}

fn found(own: Own) -> Found {
    let currency = own.primary_currency.0.unwrap_or_default();
    let amount = own.hourly_rate.0.and_then(money::hundredths).filter(|amount| *amount > 0);
    let code = currency.code.0.as_deref().and_then(money::currency_code);
    let hourly_rate = amount.zip(code).map(|(amount, currency)| Money { amount, currency });
    let country = own.location.0.and_then(|location| location.country.0).unwrap_or_default();
    let language = own.primary_language.0.map(|language| language.trim().to_ascii_lowercase());
    let zone = own.timezone.0.and_then(|timezone| timezone.timezone.0);
    Found {
        title: own.tagline.0.filter(|tagline| !tagline.trim().is_empty()),
        skills: skills::common(own.jobs.0.into_iter().filter_map(|job| job.name.0)),
        usd_rate: hourly_rate.as_ref().and(currency.exchange_rate.0).and_then(money::rate),
        hourly_rate,
        hours_per_week: None,
        languages: language
            .filter(|code| code.len() == 2 && code.bytes().all(|b| b.is_ascii_lowercase()))
            .into_iter()
            .collect(),
        country_code: [country.code.0, country.name.0]
            .into_iter()
            .flatten()
            .find_map(|text| countries::find(&text))
            .map(|country| country.alpha2.to_owned()),
        timezone: zone.filter(|zone| zone.contains('/')),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use prospector_plugin::testing::FakeHost;
    use prospector_plugin::types::ErrorKind;

    use super::*;

    const SELF: &str = r#"{"status":"success","result":{"id":60110042,"username":"ada-works","tagline":"Systems developer",
        "jobs":[{"id":9,"name":"JavaScript"},{"id":17,"name":"Website Design"},null,{"id":1,"name":null}],"hourly_rate":45.5,
        "primary_currency":{"code":"eur","exchange_rate":1.25},"primary_language":"en",
        "location":{"country":{"code":"nz","name":"New Zealand"}},"timezone":{"timezone":"Pacific/Auckland"}}}"#;

    fn answered(body: &str) -> (Result<Found, Error>, FakeHost) {
        let host = FakeHost::at(0).origin("api", "https://api.example").answer("/self/", 200, body);
        (read(&host), host)
    }

    #[test]
    fn an_account_tells_its_skills_by_their_common_names_and_its_rate_with_its_currency() {
        let (found, host) = answered(SELF);
        let found = found.expect("a profile");
        let skills: Vec<_> = found.skills.iter().map(|skill| (skill.name.as_str(), skill.aliases.concat())).collect();
        assert_eq!(skills, [("JavaScript", String::new()), ("Web Design", "Website Design".to_owned())]);
        assert_eq!(found.hourly_rate, Some(Money { amount: 4550, currency: "EUR".to_owned() }));
        assert_eq!((found.usd_rate, found.hours_per_week), (Some(1.25), None));
        assert_eq!((found.languages.concat(), found.country_code.as_deref()), ("en".to_owned(), Some("NZ")));
        assert_eq!(
            (found.title.as_deref(), found.timezone.as_deref()),
            (Some("Systems developer"), Some("Pacific/Auckland"))
        );
        assert_eq!(
            host.urls(),
            ["https://api.example/api/users/0.1/self/?jobs=true&country_details=true&compact=true"]
        );
        assert!(host.requests().iter().all(|request| request.credential.as_deref() == Some("account")));
    }

    #[test]
    fn what_the_account_leaves_empty_is_absent() {
        let empty = r#"{"result":{"id":1,"jobs":null,"hourly_rate":0,"primary_currency":{"code":"USD"},"tagline":" ","location":{"country":{"code":"??"}}}}"#;
        let nothing = Found {
            title: None,
            skills: Vec::new(),
            hourly_rate: None,
            usd_rate: None,
            hours_per_week: None,
            languages: Vec::new(),
            country_code: None,
            timezone: None,
        };
        assert_eq!(answered(empty).0, Ok(nothing.clone()));
        let no_currency = r#"{"result":{"hourly_rate":45,"primary_currency":null}}"#;
        assert_eq!(answered(no_currency).0, Ok(nothing));
        let refused = r#"{"status":"error","message":"no","error_code":"RestExceptionCodes.NOT_AUTHENTICATED"}"#;
        assert_eq!(answered(refused).0.expect_err("refused").kind, ErrorKind::Unauthenticated);
    }

    proptest! {
        #[test]
        fn any_answer_is_read_or_refused(body in "\\PC{0,80}", name in "\\PC{0,30}", rate: f64, field in 0usize..6) {
            let _any = answered(&body);
            let odd = [
                serde_json::json!({"jobs": [{"name": name}], "hourly_rate": rate, "primary_currency": {"code": name}}),
                serde_json::json!({"jobs": name, "location": name, "timezone": name}),
                serde_json::json!({"primary_language": name, "tagline": name}),
                serde_json::json!({"location": {"country": {"name": name}}}),
                serde_json::json!({"timezone": {"timezone": name}, "primary_currency": [name]}),
                serde_json::json!([name]),
            ];
            if let Ok(found) = answered(&serde_json::json!({"result": odd[field]}).to_string()).0 {
                prop_assert!(found.hourly_rate.is_none_or(|rate| rate.amount > 0 && rate.currency.len() == 3));
                prop_assert!(found.languages.iter().all(|code| code.len() == 2));
            }
        }
    }
}
