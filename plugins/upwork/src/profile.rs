//! What the account says of its owner's work: title, skills, rate, and where they live.
//!
//! The fields are those of Upwork's documentation as third parties have copied it. How many hours a week its owner has is an
//! enum there whose values nobody names, so it is not read.

use prospector_plugin::lenient::{Float, Lax, LaxList, Text};
use prospector_plugin::profile::Found;
use prospector_plugin::record;
use prospector_plugin::types::{Error, Money};
use prospector_plugin::{Host, countries, money, skills};

use crate::document::{NoVariables, request};
use crate::envelope::ask_for;
use crate::settings::Settings;
use crate::wishes;

/// The account's own profile.
const PROFILE: &str = "query Profile {
  user {
    freelancerProfile {
      personalData { title chargeRate { rawValue currency } address { countryName timezone } }
      skills { edges { node { prettyName preferredLabel } } }
    }
  }
}";

record! {
    struct Data {
        user: Lax<User>,
    }

    struct User {
        freelancer_profile: Lax<Profile> = "freelancerProfile",
    }

    struct Profile {
        personal_data: Lax<Personal> = "personalData",
        skills: Lax<Skills>,
    }

    struct Personal {
        title: Text,
        charge_rate: Lax<Rate> = "chargeRate",
        address: Lax<Address>,
    }

    struct Rate {
        /// `"65.0"`; 0 is taken for unset (assumed).
        raw_value: Float = "rawValue",
        currency: Text,
    }

    struct Address {
        country_name: Text = "countryName",
        /// By its IANA name (assumed).
        timezone: Text,
    }

    struct Skills {
        edges: LaxList<Edge>,
    }

    struct Edge {
        node: Lax<Skill>,
    }

    struct Skill {
        pretty_name: Text = "prettyName",
        preferred_label: Text = "preferredLabel",
    }
}

/// Reads the account's profile: one request.
pub(crate) fn read(host: &dyn Host, settings: &Settings) -> Result<Found, Error> {
    let request = request(&wishes::api(host)?, PROFILE, NoVariables {}, &settings.organization_id)?;
    let (data, _) = ask_for::<Data>(host, &request, "your profile")?;
    Ok(found(data.user.0.and_then(|user| user.freelancer_profile.0).unwrap_or_default()))
}

fn found(profile: Profile) -> Found {
    let personal = profile.personal_data.0.unwrap_or_default();
    let rate = personal.charge_rate.0.unwrap_or_default();
    let amount = rate.raw_value.0.and_then(money::hundredths).filter(|amount| *amount > 0);
    let currency = rate.currency.0.as_deref().and_then(money::currency_code);
    let hourly_rate = amount.zip(currency).map(|(amount, currency)| Money { amount, currency });
    let address = personal.address.0.unwrap_or_default();
    let names = profile.skills.0.unwrap_or_default().edges.0.into_iter().filter_map(|edge| {
        let skill = edge.node.0?;
        skill.pretty_name.0.or(skill.preferred_label.0)
    });
    Found {
        title: personal.title.0.filter(|title| !title.trim().is_empty()),
        skills: skills::common(names),
        usd_rate: hourly_rate.as_ref().filter(|rate| rate.currency == "USD").map(|_| 1.0),
        hourly_rate,
        hours_per_week: None,
        languages: Vec::new(),
        country_code: address.country_name.0.and_then(|name| countries::find(&name)).map(|of| of.alpha2.to_owned()),
        timezone: address.timezone.0.filter(|zone| zone.contains('/')),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use prospector_plugin::testing::FakeHost;
    use prospector_plugin::types::ErrorKind;

    use super::*;

    const OWN: &str = r#"{"data":{"user":{"freelancerProfile":{
        "personalData":{"title":"Systems developer","chargeRate":{"rawValue":"65.5","currency":"USD"},
            "address":{"countryName":"New Zealand","timezone":"Pacific/Auckland"}},
        "skills":{"edges":[{"node":{"prettyName":"Rust","preferredLabel":"rust"}},{"node":null},
            {"node":{"prettyName":null,"preferredLabel":"Web Design"}},{"node":{"prettyName":"ReactJS"}}]}}}}}"#;

    fn answered(body: &str) -> (Result<Found, Error>, FakeHost) {
        let host = FakeHost::at(0).origin("api", "https://api.example").answer("/graphql", 200, body);
        let settings = Settings { organization_id: "470000000000000098".to_owned(), ..Settings::default() };
        (read(&host, &settings), host)
    }

    #[test]
    fn an_account_tells_its_skills_by_their_common_names_and_its_rate() {
        let (found, host) = answered(OWN);
        let found = found.expect("a profile");
        let names: Vec<_> = found.skills.iter().map(|skill| skill.name.as_str()).collect();
        assert_eq!(names, ["Rust", "Web Design", "React"]);
        assert_eq!(found.hourly_rate, Some(Money { amount: 6550, currency: "USD".to_owned() }));
        assert_eq!((found.usd_rate, found.country_code.as_deref()), (Some(1.0), Some("NZ")));
        assert_eq!(
            (found.title.as_deref(), found.timezone.as_deref()),
            (Some("Systems developer"), Some("Pacific/Auckland"))
        );
        assert_eq!(host.requests().len(), 1);
        assert!(host.requests().iter().all(|request| request.credential.as_deref() == Some("account")));
        let sent = host.requests()[0].headers.iter().find(|header| header.name == "X-Upwork-API-TenantId").cloned();
        assert_eq!(sent.map(|header| header.value).as_deref(), Some("470000000000000098"));
    }

    #[test]
    fn what_the_account_leaves_empty_is_absent_and_a_refusal_is_told() {
        for empty in [
            r#"{"data":{"user":{"freelancerProfile":null}}}"#,
            r#"{"data":{"user":{"freelancerProfile":{"personalData":{"title":" ","chargeRate":{"rawValue":"0.0","currency":"USD"}}}}}}"#,
        ] {
            let found = answered(empty).0.expect("a profile");
            assert!(found.skills.is_empty() && found.hourly_rate.is_none() && found.title.is_none(), "{found:?}");
        }
        let denied = r#"{"data":null,"errors":[{"message":"The client or authentication token doesn't have enough oauth2 permissions/scopes to access: [Money.currency]."}]}"#;
        assert_eq!(answered(denied).0.expect_err("refused").kind, ErrorKind::Forbidden);
    }

    proptest! {
        #[test]
        fn any_answer_is_read_or_refused(body in "\\PC{0,80}", name in "\\PC{0,30}", rate: f64, field in 0usize..5) {
            let _any = answered(&body);
            let odd = [
                serde_json::json!({"personalData": {"chargeRate": {"rawValue": rate.to_string(), "currency": name}}}),
                serde_json::json!({"personalData": {"chargeRate": {"rawValue": name, "currency": "EUR"}, "title": name}}),
                serde_json::json!({"skills": {"edges": [{"node": {"prettyName": name}}, name]}}),
                serde_json::json!({"skills": name, "personalData": [name]}),
                serde_json::json!({"personalData": {"address": {"countryName": name, "timezone": name}}}),
            ];
            let body = serde_json::json!({"data": {"user": {"freelancerProfile": odd[field]}}}).to_string();
            if let Ok(found) = answered(&body).0 {
                prop_assert!(found.hourly_rate.is_none_or(|rate| rate.amount > 0 && rate.currency.len() == 3));
            }
        }
    }
}
