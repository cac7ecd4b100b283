//! `budget`: what a posting pays against what the freelancer charges.

use super::blend::{saturating, unit, unknown};
use crate::judgement::{Signal, SignalKind};
use crate::money::convert;
use crate::text::Line;
use crate::types::{Budget, Hundredths, Payment, Posting, Rates, Span};

/// Value of a budget that just reaches the minimum. Below it the value falls to 0 with the budget: less, but not dropped.
const AT_MINIMUM: f64 = 0.4;

/// Two ends of what the freelancer charges, in hundredths of their currency.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Bounds {
    minimum: f64,
    preferred: f64,
}

impl Bounds {
    /// Of one end the other is taken to be half or double; of none there is nothing to compare with.
    fn of(minimum: Option<Hundredths>, preferred: Option<Hundredths>) -> Option<Self> {
        let sound = |amount: Option<Hundredths>| amount.filter(|amount| *amount > 0).map(|amount| amount as f64);
        let (minimum, preferred) = match (sound(minimum), sound(preferred)) {
            (None, None) => return None,
            (Some(minimum), None) => (minimum, minimum * 2.0),
            (None, Some(preferred)) => (preferred / 2.0, preferred),
            (Some(minimum), Some(preferred)) => (minimum, preferred.max(minimum)),
        };
        Some(Self { minimum, preferred })
    }

    /// Rises from 0 to [`AT_MINIMUM`] at the minimum and to 1 at the preferred amount, straight in between.
    fn value(self, offered: f64) -> f64 {
        if offered >= self.preferred {
            1.0
        } else if offered >= self.minimum {
            let beyond = (offered - self.minimum) / (self.preferred - self.minimum);
            AT_MINIMUM + (1.0 - AT_MINIMUM) * beyond
        } else {
            AT_MINIMUM * unit(offered / self.minimum)
        }
    }
}

/// The signal for one profile's rates.
///
/// What a posting offers is the middle of its budget, or the end that is stated, in the profile's currency by both rates to
/// USD. Hourly offers are held against the hourly rates, all others against the fixed ones. Without fixed rates, a fixed
/// offer whose duration and workload are stated is held against the hourly rates, spread over those hours.
#[derive(Debug, Clone)]
pub struct BudgetSignal {
    currency: String,
    usd_rate: Option<f64>,
    hourly: Option<Bounds>,
    fixed: Option<Bounds>,
}

impl BudgetSignal {
    /// Reads the rates.
    #[must_use]
    pub fn new(rates: &Rates) -> Self {
        Self {
            currency: rates.currency.clone(),
            usd_rate: rates.usd_rate,
            hourly: Bounds::of(rates.hourly_minimum, rates.hourly_preferred),
            fixed: Bounds::of(rates.fixed_minimum, rates.fixed_preferred),
        }
    }

    /// The signal for a posting.
    #[must_use]
    pub fn of(&self, posting: &Posting) -> Signal {
        let kind = SignalKind::Budget;
        let Some(budget) = &posting.budget else {
            return unknown(kind, "The posting states no budget", "budget");
        };
        let Some(offered) = middle(budget) else {
            return unknown(kind, "The posting states no budget", "budget");
        };
        let hourly = matches!(posting.payment, Payment::Hourly);
        let raw = raw(budget, hourly);
        let short =
            |reason: &str, missing: &str| Signal { raw: raw.clone(), ..unknown(SignalKind::Budget, reason, missing) };
        let hours = if hourly || self.fixed.is_some() { None } else { hours(posting) };
        let bounds = match (hourly, hours) {
            (true, _) => self.hourly,
            (false, Some(hours)) => {
                self.hourly.map(|rate| Bounds { minimum: rate.minimum * hours, preferred: rate.preferred * hours })
            }
            (false, None) => self.fixed,
        };
        let Some(bounds) = bounds else {
            return if hourly {
                short("Your profile states no hourly rate", "profile.rates.hourly_minimum")
            } else {
                short("Your profile states no price for fixed work", "profile.rates.fixed_minimum")
            };
        };
        let from = (budget.currency.as_str(), budget.usd_rate);
        let Some(offered) = convert(offered, from, (&self.currency, self.usd_rate)) else {
            return short("There is no exchange rate between the posting's currency and yours", "budget.usd_rate");
        };
        let place = if offered >= bounds.preferred {
            "reaches your preferred "
        } else if offered >= bounds.minimum {
            "lies between your minimum and your preferred "
        } else {
            "is below your minimum of "
        };
        let shown = if offered >= bounds.minimum { bounds.preferred } else { bounds.minimum };
        let reason = Line::new()
            .text("About ")
            .amount(offered.round() as i64)
            .text(" ")
            .text(&self.currency)
            .text(if hourly { " an hour " } else { " " })
            .text(place)
            .amount(shown.round() as i64)
            .done();
        Signal { kind, value: unit(bounds.value(offered)), raw, reason, missing: Vec::new(), confidence: 1.0 }
    }
}

fn middle(budget: &Budget) -> Option<Hundredths> {
    match (budget.minimum, budget.maximum) {
        (Some(low), Some(high)) => Some(low.midpoint(high)),
        (low, high) => low.or(high),
    }
}

fn raw(budget: &Budget, hourly: bool) -> String {
    let mut line = Line::new();
    line = match (budget.minimum, budget.maximum) {
        (Some(low), Some(high)) if low == high => line.amount(low),
        (Some(low), Some(high)) => line.amount(low).text("-").amount(high),
        (Some(low), None) => line.text("from ").amount(low),
        (None, Some(high)) => line.text("up to ").amount(high),
        (None, None) => line.text("unstated"),
    };
    line.text(" ").text(&budget.currency).text(if hourly { "/h" } else { "" }).done()
}

/// Hours of the whole work, if duration and weekly workload are stated.
fn hours(posting: &Posting) -> Option<f64> {
    let middle = |span: Span| {
        let low = f64::from(span.minimum);
        span.maximum.map_or(low, |high| low.midpoint(f64::from(high)))
    };
    let hours = middle(posting.duration?) / 7.0 * middle(posting.workload?);
    (saturating(hours, 1.0) > 0.0).then_some(hours)
}
