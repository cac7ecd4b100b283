//! The optional `profile`.

use crate::bindings::ghoststack::prospector::types::{Attribute, Error, Money, ProfileSkill};
use crate::{Hostile, misbehave, settings};

mod bindings {
    #![allow(missing_docs, unsafe_code, unused, clippy::all, clippy::pedantic)]
    wit_bindgen::generate!({
        world: "ghoststack:prospector/opt-profile",
        path: "../../../wit",
        pub_export_macro: true,
        with: {
            "ghoststack:prospector/types@0.1.0": crate::bindings::ghoststack::prospector::types,
        },
    });
}

use bindings::exports::ghoststack::prospector::profile::{Found, Guest};

impl Guest for Hostile {
    fn read(settings: Vec<Attribute>) -> Result<Found, Error> {
        let behaviour = settings::text(&settings, "behaviour");
        misbehave::perhaps(&behaviour);
        Ok(found(&behaviour))
    }
}

fn found(behaviour: &str) -> Found {
    let rate = |amount, currency: &str| Some(Money { amount, currency: currency.to_owned() });
    let plain = Found {
        title: None,
        skills: vec![skill("Rust".to_owned(), 1)],
        hourly_rate: rate(4500, "USD"),
        usd_rate: None,
        hours_per_week: None,
        languages: Vec::new(),
        country_code: None,
        timezone: None,
    };
    match behaviour {
        "rate-negative" => Found { hourly_rate: rate(-1, "USD"), ..plain },
        "rate-escape" => Found { hourly_rate: rate(1, "\u{1b}[m"), ..plain },
        "usd-rate-nan" => Found { usd_rate: Some(f64::NAN), ..plain },
        "hours-absurd" => Found { hours_per_week: Some(u32::MAX), ..plain },
        "language-long" => Found { languages: vec!["l".repeat(1 << 20)], ..plain },
        "country-escape" => Found { country_code: Some("\u{9b}2".to_owned()), ..plain },
        "zone-escape" => Found { timezone: Some("Europe/\u{1b}[2J".to_owned()), ..plain },
        "skills-many" => {
            Found { skills: (0..1000).map(|n| skill(format!("{n}{}", "s".repeat(300)), 20)).collect(), ..plain }
        }
        "yaml" => Found {
            title: Some("\n  name: owned\nvault: 'x".to_owned()),
            skills: vec![skill("x'\n  - y\u{1b}]0;owned\u{7}".to_owned(), 1)],
            ..plain
        },
        _ => plain,
    }
}

fn skill(name: String, aliases: usize) -> ProfileSkill {
    ProfileSkill { aliases: vec![name.clone(); aliases], name, years: Some(u32::MAX) }
}

#[cfg(target_arch = "wasm32")]
#[allow(unsafe_code, missing_docs, clippy::all)]
mod exported {
    use super::{Hostile, bindings};
    bindings::export!(Hostile with_types_in bindings);
}
