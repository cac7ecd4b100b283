//! Bounds of a bid's amount, and the fee.

use prospector_plugin::lenient::Float;
use prospector_plugin::money::shown;
use prospector_plugin::planning::{Cost, Problem};
use prospector_plugin::plans::{cost, problem};
use prospector_plugin::text::Line;
use prospector_plugin::types::Hundredths;
use prospector_plugin::{money, record};

use crate::wire::Project;

/// The platform's share of what is paid, and the least it takes for a fixed price, in USD (assumed where `bidinfo` does not say).
const FEE_RATE: f64 = 0.1;
const FEE_LEAST_USD: f64 = 5.0;

/// Least of a fixed price and of an hourly rate, in USD (assumed: the platform's smallest budgets).
const LEAST_USD: (f64, f64) = (10.0, 2.0);

record! {
    /// Bounds and fees of bids on a project, in its currency; path and fields are partly assumed.
    pub(crate) struct BidInfo {
        minimum_bid: Float,
        maximum_bid: Float,
        minimum_fee: Float,
        /// 0.1 is 10%.
        rate: Float,
    }
}

/// Bounds and fees of a project, in hundredths of its currency.
pub(crate) struct Terms {
    hourly: bool,
    currency: String,
    least: Option<Hundredths>,
    /// The ends that the client named, or that the platform states.
    wanted: (Option<Hundredths>, Option<Hundredths>),
    rate: f64,
    least_fee: Option<Hundredths>,
    /// Whether the platform did not state the fee.
    pub(crate) is_assumed: bool,
}

impl Terms {
    pub(crate) fn of(project: &Project, info: BidInfo) -> Self {
        let hourly = project.kind.0.as_deref() == Some("hourly");
        let currency = project.currency.0.clone().unwrap_or_default();
        let budget = project.budget.0.clone().unwrap_or_default();
        let usd = currency.exchange_rate.0.and_then(money::rate);
        let of_usd = |amount: f64| money::hundredths(amount / usd?);
        let stated = |stated: Float, else_by: Float| {
            stated.0.or(else_by.0).and_then(money::hundredths).filter(|amount| *amount > 0)
        };
        let rate = info.rate.0.filter(|rate| (0.0..1.0).contains(rate));
        Self {
            hourly,
            currency: currency.code.0.as_deref().and_then(money::currency_code).unwrap_or_default(),
            least: of_usd(if hourly { LEAST_USD.1 } else { LEAST_USD.0 }),
            wanted: (stated(info.minimum_bid, budget.minimum), stated(info.maximum_bid, budget.maximum)),
            rate: rate.unwrap_or(FEE_RATE),
            least_fee: info.minimum_fee.0.and_then(money::hundredths).or_else(|| of_usd(FEE_LEAST_USD)),
            is_assumed: rate.is_none(),
        }
    }

    /// What an amount is outside of. None of it is sure to be refused.
    pub(crate) fn bounds(&self, amount: Hundredths) -> Option<Problem> {
        let of = |bound: Hundredths| shown(bound, &self.currency);
        let wrong = match (self.least, self.wanted) {
            (Some(least), _) if amount < least => format!("Freelancer is known to refuse less than {}", of(least)),
            (_, (Some(least), _)) if amount < least => format!("The client offers at least {}", of(least)),
            (_, (_, Some(most))) if amount > most => format!("The client offers at most {}", of(most)),
            _ => return None,
        };
        Some(problem("amount", wrong, false))
    }

    /// What the platform keeps of an amount.
    pub(crate) fn fee(&self, amount: Hundredths) -> Cost {
        let percent = Line::new().amount((self.rate * 10_000.0).round() as i64).text("%").done();
        let text = match self.least_fee {
            _ if self.hourly => format!("{percent} of what is paid, if you win it"),
            None => format!("{percent} of the amount, if you win it"),
            Some(least) => {
                let fee = ((amount as f64 * self.rate).round() as i64).max(least);
                let (fee, least) = (shown(fee, &self.currency), shown(least, &self.currency));
                format!("{fee} if you win it: {percent} of the amount, at least {least}")
            }
        };
        cost("project fee", text, None)
    }
}
