//! Amounts, from whatever a platform writes.

use crate::text::Line;
use crate::types::{Budget, Hundredths, Money};

/// The largest amount taken: ten trillion main units. What is beyond is a mistake, not a budget.
pub const LARGEST: Hundredths = 1_000_000_000_000_000;

/// As [`f64::round`], which is a call of a library's in a component.
pub(crate) fn rounded(number: f64) -> f64 {
    let whole = number.trunc();
    if (number - whole).abs() < 0.5 { whole } else { whole + number.signum() }
}

/// An amount in main units as hundredths; none if it is negative, absurd or not a number.
#[must_use]
pub fn hundredths(main_units: f64) -> Option<Hundredths> {
    let scaled = rounded(main_units * 100.0);
    // NaN compares false.
    let sound = scaled >= 0.0 && scaled <= LARGEST as f64;
    sound.then_some(scaled as Hundredths)
}

/// An amount as platforms write it in JSON: in main units.
#[must_use]
pub fn main_units(amount: Hundredths) -> f64 {
    amount as f64 / 100.0
}

/// An amount of a platform's, in main units and its own code of the currency; none if either is none.
#[must_use]
pub fn money(main_units: Option<f64>, currency: Option<&str>) -> Option<Money> {
    Some(Money { amount: hundredths(main_units?)?, currency: currency_code(currency?)? })
}

/// An amount with its currency, for a person: `12.50 USD`.
#[must_use]
pub fn shown(amount: Hundredths, currency: &str) -> String {
    Line::new().amount(amount).text(" ").text(currency).done()
}

/// An exchange rate, if it is one: finite and above 0.
#[must_use]
pub fn rate(rate: f64) -> Option<f64> {
    (rate.is_finite() && rate > 0.0).then_some(rate)
}

/// ISO 4217 in upper case, if it looks like a code: three letters.
#[must_use]
pub fn currency_code(code: &str) -> Option<String> {
    let code = code.trim();
    (code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_alphabetic())).then(|| code.to_ascii_uppercase())
}

/// An amount in another currency, by the two rates to USD. None where a rate is missing and the currencies differ, or
/// where the result is beyond any sense.
#[must_use]
pub fn convert(amount: Hundredths, from: (&str, Option<f64>), to: (&str, Option<f64>)) -> Option<f64> {
    let factor = if from.0 == to.0 { 1.0 } else { usd_rate(from)? / usd_rate(to)? };
    let converted = amount as f64 * factor;
    converted.is_finite().then_some(converted)
}

fn usd_rate((currency, stated): (&str, Option<f64>)) -> Option<f64> {
    stated.and_then(rate).or((currency == "USD").then_some(1.0))
}

/// A budget of what is known; none without any figure. A zero is "not stated", ends that are the wrong way round are turned.
#[must_use]
pub fn budget(
    minimum: Option<f64>,
    maximum: Option<f64>,
    currency: Option<String>,
    usd_rate: Option<f64>,
) -> Option<Budget> {
    let stated = |amount: Option<f64>| amount.and_then(hundredths).filter(|amount| *amount > 0);
    let (minimum, maximum) = match (stated(minimum), stated(maximum)) {
        (None, None) => return None,
        (Some(low), Some(high)) if low > high => (Some(high), Some(low)),
        ends => ends,
    };
    Some(Budget { minimum, maximum, currency: currency?, usd_rate: usd_rate.and_then(rate) })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_number_is_rounded_as_the_library_rounds(number: f64, half in -1_000_000i64..1_000_000) {
            let tie = half as f64 + 0.5;
            for number in [number, tie, tie.next_up(), tie.next_down(), half as f64] {
                prop_assert_eq!(rounded(number).to_bits(), number.round().to_bits(), "{}", number);
            }
        }
    }

    #[test]
    fn absurd_amounts_are_no_amounts() {
        for (main, amount) in [
            (12.5, Some(1250)),
            (0.0, Some(0)),
            (-0.0, Some(0)),
            (18_607.14, Some(1_860_714)),
            (0.1 + 0.2, Some(30)),
            (-1.0, None),
            (f64::NAN, None),
            (f64::INFINITY, None),
            (f64::NEG_INFINITY, None),
            (1e300, None),
            (1e13, Some(LARGEST)),
            (1.1e13, None),
        ] {
            assert_eq!(hundredths(main), amount, "{main}");
        }
    }

    #[test]
    fn an_amount_goes_to_a_platform_and_comes_back_as_it_was() {
        for amount in [0, 1, 99, 1250, 25_000, 1_860_714, LARGEST] {
            assert_eq!(hundredths(main_units(amount)), Some(amount));
        }
        assert_eq!(money(Some(12.5), Some("usd")), Some(Money { amount: 1250, currency: "USD".to_owned() }));
        for (amount, code) in
            [(None, Some("USD")), (Some(1.0), None), (Some(-1.0), Some("USD")), (Some(1.0), Some("?"))]
        {
            assert_eq!(money(amount, code), None);
        }
        assert_eq!((shown(1250, "USD"), shown(500, "EUR")), ("12.50 USD".to_owned(), "5 EUR".to_owned()));
    }

    #[test]
    fn an_unstated_budget_is_absent() {
        let usd = || Some("USD".to_owned());
        assert_eq!(budget(None, None, usd(), None), None);
        assert_eq!(budget(Some(0.0), Some(0.0), usd(), None), None);
        assert_eq!(budget(Some(-5.0), None, usd(), None), None);
        assert_eq!(budget(Some(5.0), None, None, None), None);
        let turned = budget(Some(30.0), Some(10.0), usd(), Some(0.0)).expect("two figures");
        assert_eq!((turned.minimum, turned.maximum, turned.usd_rate), (Some(1000), Some(3000), None));
    }

    #[test]
    fn a_conversion_needs_a_rate_only_between_different_currencies() {
        assert_eq!(convert(100, ("EUR", None), ("EUR", None)), Some(100.0));
        assert_eq!(convert(100, ("EUR", Some(1.5)), ("USD", None)), Some(150.0));
        assert_eq!(convert(300, ("USD", None), ("EUR", Some(1.5))), Some(200.0));
        assert_eq!(convert(100, ("INR", None), ("USD", None)), None);
        assert_eq!(convert(100, ("INR", Some(f64::NAN)), ("USD", None)), None);
    }

    proptest! {
        #[test]
        fn any_float_makes_a_budget_that_the_contract_allows(low: Option<f64>, high: Option<f64>, factor: Option<f64>) {
            if let Some(budget) = budget(low, high, Some("EUR".to_owned()), factor) {
                let (low, high) = (budget.minimum.unwrap_or(0), budget.maximum.unwrap_or(LARGEST));
                prop_assert!((0..=LARGEST).contains(&low) && low <= high && high <= LARGEST);
                prop_assert!(budget.usd_rate.is_none_or(|rate| rate > 0.0 && rate.is_finite()));
            }
        }
    }
}
