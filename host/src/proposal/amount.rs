//! What a draft asks for, where the person names no amount: what the profile prefers, within what the posting offers.
//!
//! ```text
//! preferred, else minimum, of profile.rates (hourly or fixed as the posting pays)    in the budget's currency
//!   not below the budget's lower end, not above its upper end
//! nothing of the profile known: the budget's upper end, else its lower one
//! ```
//!
//! So it is never above what the posting offers, and never below the profile's minimum unless the posting offers less, which is said.

use super::check::units;
use crate::config::{Hundredths, Rates};
use crate::contract::types::{Budget, Money, Payment, Posting};

/// The most that is suggested, in hundredths.
const MOST: i64 = 100_000_000_000;

/// An amount, and where it comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Suggestion {
    /// None where neither posting nor profile says anything that can be used.
    pub amount: Option<Money>,
    /// Why it is this one, in a sentence.
    pub reason: String,
    /// Whether it is less than the profile's minimum.
    pub below_minimum: bool,
}

/// Suggests an amount. `prescribed` is the only currency that the platform takes, if it says so.
#[must_use]
pub fn suggest(posting: &Posting, rates: &Rates, prescribed: Option<&str>) -> Suggestion {
    let none = |reason: String| Suggestion { amount: None, reason, below_minimum: false };
    let range = match &posting.payment {
        Payment::Hourly => rates.hourly,
        Payment::Fixed | Payment::Unstated | Payment::Other(_) => rates.fixed,
        Payment::Prize => return none("A prize is not bid for".to_owned()),
    };
    let budget = posting.budget.as_ref();
    let currency = prescribed.or(budget.map(|of| of.currency.as_str())).unwrap_or(&rates.currency);
    let Some(offered) = budget.map_or(Some((None, None)), |of| offered(of, currency)) else {
        return none(format!(
            "The budget is in {}, and cannot be told in {currency}: name the amount",
            budget.map_or("", |of| &of.currency)
        ));
    };
    let own = |amount: Option<Hundredths>| amount.and_then(|amount| exchanged(amount.0, rates, currency, budget));
    let (preferred, minimum) = (own(range.preferred), own(range.minimum));
    let (low, high) = offered;
    let Some(wanted) = preferred.or(minimum) else {
        return match high.or(low).filter(|amount| *amount > 0) {
            Some(amount) => Suggestion {
                amount: Some(Money { amount, currency: currency.to_owned() }),
                reason: "What the posting offers; your profile has no rate to compare it with".to_owned(),
                below_minimum: false,
            },
            None => none("Neither the posting nor your profile names an amount that can be used".to_owned()),
        };
    };
    let within = wanted.max(low.unwrap_or(0)).min(high.unwrap_or(MOST)).clamp(0, MOST);
    let below_minimum = minimum.is_some_and(|minimum| within < minimum);
    let name = if preferred.is_some() { "preferred rate" } else { "minimum" };
    let reason = match (below_minimum, within.cmp(&wanted)) {
        (true, _) => format!(
            "The most that the posting offers, which is below your minimum of {} {currency}",
            units(minimum.unwrap_or(0))
        ),
        (false, std::cmp::Ordering::Less) => {
            format!("The most that the posting offers; your {name} is {} {currency}", units(wanted))
        }
        (false, std::cmp::Ordering::Equal) => format!("Your {name}"),
        (false, std::cmp::Ordering::Greater) => {
            format!("The least that the posting offers; your {name} is {} {currency}", units(wanted))
        }
    };
    if within <= 0 {
        return none("Neither the posting nor your profile names an amount that can be used".to_owned());
    }
    Suggestion { amount: Some(Money { amount: within, currency: currency.to_owned() }), reason, below_minimum }
}

/// The ends of a budget in a currency; none where it cannot be told in it.
fn offered(budget: &Budget, currency: &str) -> Option<(Option<i64>, Option<i64>)> {
    if budget.currency == currency {
        return Some((budget.minimum, budget.maximum));
    }
    let rate = budget.usd_rate.filter(|_| currency == "USD")?;
    Some((budget.minimum.map(|amount| times(amount, rate)), budget.maximum.map(|amount| times(amount, rate))))
}

/// An amount of the profile's in another currency, by way of USD.
fn exchanged(amount: i64, rates: &Rates, currency: &str, budget: Option<&Budget>) -> Option<i64> {
    if rates.currency == currency {
        return Some(amount);
    }
    let of_own = if rates.currency == "USD" { Some(1.0) } else { rates.usd_rate };
    let of_other = match currency {
        "USD" => Some(1.0),
        _ => budget.filter(|of| of.currency == currency).and_then(|of| of.usd_rate),
    };
    let (own, other) = (of_own?, of_other?);
    (own.is_finite() && other.is_finite() && other > 0.0).then(|| round(times(amount, own / other)))
}

/// An exchanged amount is not exact: to whole units from ten on.
fn round(hundredths: i64) -> i64 {
    if hundredths < 1000 { hundredths } else { (hundredths.saturating_add(50) / 100).saturating_mul(100) }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "held within what is suggested at most"
)]
fn times(hundredths: i64, rate: f64) -> i64 {
    let product = hundredths as f64 * rate;
    if product.is_finite() { product.round().clamp(0.0, MOST as f64) as i64 } else { 0 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::config::RateRange;
    use crate::store::contract::lead;

    fn rates(currency: &str, minimum: Option<i64>, preferred: Option<i64>, usd_rate: Option<f64>) -> Rates {
        let fixed = RateRange { minimum: minimum.map(Hundredths), preferred: preferred.map(Hundredths) };
        Rates { currency: currency.to_owned(), usd_rate, hourly: RateRange::default(), fixed }
    }

    /// Ends, currency, and what a unit of it is worth in USD.
    type Offer<'o> = (Option<i64>, Option<i64>, &'o str, Option<f64>);

    fn posting(budget: Option<Offer<'_>>) -> Posting {
        let budget = budget.map(|(minimum, maximum, currency, usd_rate)| Budget {
            minimum,
            maximum,
            currency: currency.to_owned(),
            usd_rate,
        });
        Posting { payment: Payment::Fixed, budget, ..lead("1", 1).posting }
    }

    #[test]
    fn it_is_what_is_preferred_within_what_is_offered() {
        let usd = |low, high| Some((low, high, "USD", None));
        for (budget, own, expected, words) in [
            (
                usd(Some(10_000), Some(90_000)),
                rates("USD", Some(20_000), Some(50_000), None),
                Some(50_000),
                "Your preferred rate",
            ),
            (
                usd(Some(10_000), Some(30_000)),
                rates("USD", Some(20_000), Some(50_000), None),
                Some(30_000),
                "your preferred rate is 500.00 USD",
            ),
            (
                usd(Some(60_000), None),
                rates("USD", None, Some(50_000), None),
                Some(60_000),
                "The least that the posting offers",
            ),
            (
                usd(None, Some(10_000)),
                rates("USD", Some(20_000), None, None),
                Some(10_000),
                "below your minimum of 200.00 USD",
            ),
            (usd(Some(10_000), Some(30_000)), rates("USD", None, None, None), Some(30_000), "no rate to compare"),
            (None, rates("EUR", Some(20_000), None, None), Some(20_000), "Your minimum"),
            (None, rates("EUR", None, None, None), None, "Neither"),
            (
                Some((None, Some(100_000), "GBP", Some(1.25))),
                rates("EUR", None, Some(50_000), Some(1.1)),
                Some(44_000),
                "Your preferred rate",
            ),
            // Without a rate the profile's amounts cannot be compared.
            (
                Some((None, Some(100_000), "GBP", None)),
                rates("EUR", None, Some(50_000), Some(1.1)),
                Some(100_000),
                "no rate to compare",
            ),
        ] {
            let suggested = suggest(&posting(budget), &own, None);
            assert_eq!(suggested.amount.as_ref().map(|of| of.amount), expected, "{suggested:?}");
            assert!(suggested.reason.contains(words), "{suggested:?}");
        }
    }

    #[test]
    fn a_prescribed_currency_is_kept_to_and_a_prize_is_not_bid_for() {
        let of = posting(Some((None, Some(100_000), "EUR", Some(1.5))));
        let suggested = suggest(&of, &rates("USD", None, Some(200_000), None), Some("USD"));
        assert_eq!(suggested.amount, Some(Money { amount: 150_000, currency: "USD".to_owned() }));
        assert!(suggest(&of, &rates("USD", None, None, None), Some("GBP")).reason.contains("cannot be told in GBP"));
        let prize = Posting { payment: Payment::Prize, ..of };
        assert_eq!(suggest(&prize, &rates("USD", None, Some(1), None), None).amount, None);
    }

    proptest! {
        #[test]
        fn never_above_the_posting_nor_silently_below_the_profile(
            low in prop::option::of(0..i64::MAX), more in prop::option::of(0..i64::MAX),
            minimum in prop::option::of(0..MOST), above in prop::option::of(0..MOST), rate in prop::option::of(1e-9..1e9f64), own in 1e-9..1e9f64,
            same in any::<bool>(),
        ) {
            let high = more.map(|more| low.unwrap_or(0).saturating_add(more));
            let of = posting(Some((low, high, "EUR", rate)));
            let preferred = above.map(|above| minimum.unwrap_or(0).saturating_add(above));
            let currency = if same { "EUR" } else { "GBP" };
            let suggested = suggest(&of, &rates(currency, minimum, preferred, Some(own)), None);
            if let Some(money) = &suggested.amount {
                prop_assert!(money.amount > 0 && high.is_none_or(|high| money.amount <= high), "{:?}", suggested);
                if same && minimum.is_some_and(|minimum| money.amount < minimum) {
                    prop_assert!(suggested.below_minimum && suggested.reason.contains("below your minimum"), "{:?}", suggested);
                }
            }
        }
    }
}
