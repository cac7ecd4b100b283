//! `client_history`: the client's record.

use super::NEUTRAL;
use super::blend::{Blend, saturating};
use crate::judgement::{Signal, SignalKind};
use crate::text::Line;
use crate::types::Client;

/// Reviews at which a rating counts half; fewer say little.
const REVIEWS: f64 = 2.0;
/// Hires at which half of what hires can add is reached.
const HIRES: f64 = 5.0;
/// USD hundredths spent at which half of what spending can add is reached.
const SPENT: f64 = 500_000.0;
/// Postings at which a hire rate counts half.
const POSTED: f64 = 3.0;
/// A rating from which a client is better than neutral, of 5.
const FAIR_RATING: f64 = 3.5;

/// The signal: rating (40%), hires (20%), spending (20%), hire rate (10%), verified payment (10%).
///
/// A client without any history is neutral, not punished: having no hires or nothing spent is where those parts begin, at
/// 0.5, and few reviews or postings pull rating and hire rate towards it.
#[must_use]
pub fn client_history(client: &Client) -> Signal {
    let mut blend = Blend::default();
    let reviews = client.reviews.map(f64::from);
    let rating = client.rating.filter(|rating| rating.is_finite());
    blend.part(0.4, rating.map(|rating| rated(rating, reviews)), "client.rating");
    blend.part(0.2, client.hires.map(|hires| above_neutral(f64::from(hires), HIRES)), "client.hires");
    let spent = client.spent_usd.map(|spent| above_neutral(spent as f64, SPENT));
    blend.part(0.2, spent, "client.spent_usd");
    let hire_rate = client.hire_rate.filter(|rate| rate.is_finite()).map(|rate| {
        let weight = client.posted.map_or(NEUTRAL, |posted| saturating(f64::from(posted), POSTED));
        NEUTRAL + (rate.clamp(0.0, 1.0) - NEUTRAL) * weight
    });
    blend.part(0.1, hire_rate, "client.hire_rate");
    let verified = client.payment_verified.map(|verified| if verified { 1.0 } else { 0.25 });
    blend.part(0.1, verified, "client.payment_verified");
    blend.signal(SignalKind::ClientHistory, raw(client), reason(client))
}

/// A half of the scale below [`FAIR_RATING`], the other above, pulled towards neutral by few reviews.
fn rated(rating: f64, reviews: Option<f64>) -> f64 {
    let rating = rating.clamp(0.0, 5.0);
    let value = if rating < FAIR_RATING {
        NEUTRAL * rating / FAIR_RATING
    } else {
        NEUTRAL + NEUTRAL * (rating - FAIR_RATING) / (5.0 - FAIR_RATING)
    };
    let weight = reviews.map_or(NEUTRAL, |reviews| saturating(reviews, REVIEWS));
    NEUTRAL + (value - NEUTRAL) * weight
}

fn above_neutral(amount: f64, half: f64) -> f64 {
    NEUTRAL + NEUTRAL * saturating(amount, half)
}

fn raw(client: &Client) -> String {
    let mut line = Line::new();
    line = match client.rating {
        Some(rating) => line.text("rating ").tenths(rating),
        None => line.text("no rating"),
    };
    if let Some(reviews) = client.reviews {
        line = line.text(" (").int(reviews).text(" reviews)");
    }
    if let Some(hires) = client.hires {
        line = line.text(", ").int(hires).text(" hires");
    }
    if let Some(spent) = client.spent_usd {
        line = line.text(", ").amount(spent).text(" USD spent");
    }
    line.done()
}

fn reason(client: &Client) -> String {
    let mut line = Line::new();
    line = match client.rating {
        Some(rating) => line.text("Rated ").tenths(rating).text(" of 5"),
        None => line.text("Not rated yet, which is neutral"),
    };
    line = match client.payment_verified {
        Some(true) => line.text(", payment verified"),
        Some(false) => line.text(", payment not verified"),
        None => line,
    };
    match client.hires {
        Some(0) => line.text(", has not hired yet"),
        Some(hires) => line.text(", has hired ").int(hires).text(if hires == 1 { " time" } else { " times" }),
        None => line,
    }
    .done()
}
