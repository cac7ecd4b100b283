//! Tables that hardly change: currencies, budgets, categories, countries.

use serde_json::{Value, json};

use super::catalog::Catalog;

/// Id, code, sign, name, country and factor to USD. The ids are the platform's; the factors are of
/// the order of real ones.
const CURRENCIES: [(i64, &str, &str, &str, &str, f64); 9] = [
    (1, "USD", "$", "US Dollar", "US", 1.0),
    (2, "NZD", "$", "New Zealand Dollar", "NZ", 0.6),
    (3, "AUD", "$", "Australian Dollar", "AU", 0.66),
    (4, "GBP", "£", "British Pound", "UK", 1.27),
    (5, "HKD", "$", "Hong Kong Dollar", "HK", 0.128),
    (6, "SGD", "$", "Singapore Dollar", "SG", 0.74),
    (8, "EUR", "€", "Euro", "EU", 1.08),
    (9, "CAD", "$", "Canadian Dollar", "CA", 0.73),
    (11, "INR", "₹", "Indian Rupee", "IN", 0.012),
];

const CATEGORIES: [(i64, &str); 14] = [
    (1, "Websites, IT & Software"),
    (2, "Writing & Content"),
    (3, "Design, Media & Architecture"),
    (4, "Data Entry & Admin"),
    (5, "Engineering & Science"),
    (6, "Sales & Marketing"),
    (7, "Business, Accounting, Human Resources & Legal"),
    (8, "Product Sourcing & Manufacturing"),
    (9, "Mobile Phones & Computing"),
    (10, "Translation & Languages"),
    (11, "Local Jobs & Trades"),
    (12, "Trades & Services"),
    (99, "Other"),
    (101, "Telecommunications"),
];

/// Lowest, highest (`None`: open-ended), project type, name: the platform's for USD.
const USD_BUDGETS: [(f64, Option<f64>, &str, &str); 15] = [
    (10.0, Some(30.0), "fixed", "Micro Project"),
    (30.0, Some(250.0), "fixed", "Simple project"),
    (250.0, Some(750.0), "fixed", "Very small project"),
    (750.0, Some(1500.0), "fixed", "Small project"),
    (1500.0, Some(3000.0), "fixed", "Medium project"),
    (3000.0, Some(5000.0), "fixed", "Large project"),
    (5000.0, Some(10000.0), "fixed", "Larger project"),
    (10000.0, Some(20000.0), "fixed", "Very Large project"),
    (20000.0, Some(50000.0), "fixed", "Huge project"),
    (50000.0, None, "fixed", "Major project"),
    (2.0, Some(8.0), "hourly", "Basic"),
    (8.0, Some(15.0), "hourly", "Moderate"),
    (15.0, Some(25.0), "hourly", "Standard"),
    (25.0, Some(50.0), "hourly", "Skilled"),
    (50.0, None, "hourly", "Expert"),
];

const COUNTRIES: [(&str, &str); 30] = [
    ("ae", "United Arab Emirates"),
    ("au", "Australia"),
    ("bd", "Bangladesh"),
    ("br", "Brazil"),
    ("ca", "Canada"),
    ("ch", "Switzerland"),
    ("de", "Germany"),
    ("dk", "Denmark"),
    ("eg", "Egypt"),
    ("es", "Spain"),
    ("fr", "France"),
    ("gb", "United Kingdom"),
    ("hk", "Hong Kong"),
    ("id", "Indonesia"),
    ("ie", "Ireland"),
    ("il", "Israel"),
    ("in", "India"),
    ("it", "Italy"),
    ("jp", "Japan"),
    ("mx", "Mexico"),
    ("ng", "Nigeria"),
    ("nl", "Netherlands"),
    ("no", "Norway"),
    ("nz", "New Zealand"),
    ("pk", "Pakistan"),
    ("pl", "Poland"),
    ("se", "Sweden"),
    ("sg", "Singapore"),
    ("us", "United States"),
    ("za", "South Africa"),
];

/// The currency object of a code; US dollars for an unknown one.
#[must_use]
pub fn currency(code: &str) -> Value {
    let (id, code, sign, name, country, rate) =
        CURRENCIES.into_iter().find(|(_, known, ..)| *known == code).unwrap_or(CURRENCIES[0]);
    json!({
        "id": id,
        "code": code,
        "sign": sign,
        "name": name,
        "exchange_rate": rate,
        "country": country,
        "is_external": false,
        "is_escrowcom_supported": matches!(code, "USD" | "AUD" | "GBP" | "EUR"),
    })
}

/// The category object of an id.
#[must_use]
pub fn category(id: i64) -> Value {
    let name = CATEGORIES.into_iter().find(|(known, _)| *known == id).map_or("Other", |(_, name)| name);
    json!({"id": id, "name": name})
}

/// The name of a country by its lower-case code, or the code itself.
#[must_use]
pub fn country_name(code: &str) -> &str {
    COUNTRIES.into_iter().find(|(known, _)| *known == code).map_or(code, |(_, name)| name)
}

/// The result of `/categories/`, with the skills of each when asked for.
#[must_use]
pub fn categories(with_skills: bool, catalog: &Catalog) -> Value {
    let categories: Vec<Value> = CATEGORIES
        .into_iter()
        .map(|(id, _)| {
            let mut value = category(id);
            if let (true, Value::Object(fields)) = (with_skills, &mut value) {
                let skills = catalog
                    .skills
                    .values()
                    .filter(|skill| skill["category"]["id"].as_i64() == Some(id))
                    .cloned()
                    .collect();
                fields.insert("jobs".to_owned(), Value::Array(skills));
            }
            value
        })
        .collect();
    json!({"jobs": null, "categories": categories})
}

/// The result of `/currencies/`.
#[must_use]
pub fn currencies() -> Value {
    json!({"currencies": CURRENCIES.iter().map(|row| currency(row.1)).collect::<Vec<_>>()})
}

/// The result of `/budgets/`. For currencies other than USD the steps are scaled and rounded (assumed).
#[must_use]
pub fn budgets() -> Value {
    let rows: Vec<Value> = CURRENCIES
        .into_iter()
        .flat_map(|(id, code, .., rate)| {
            USD_BUDGETS.into_iter().map(move |(low, high, kind, name)| {
                let scale = |amount: f64| match code {
                    "INR" | "HKD" => (amount / rate / 100.0).ceil() * 100.0,
                    _ => amount,
                };
                json!({
                    "currency_id": id,
                    "minimum": scale(low),
                    "maximum": high.map(scale),
                    "project_type": kind,
                    "name": name,
                })
            })
        })
        .collect();
    json!({"budgets": rows})
}
