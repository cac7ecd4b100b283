//! Countries in the two forms that the platform uses side by side: full names and three-letter codes.

/// Names and ISO 3166 alpha-3 codes.
const COUNTRIES: [(&str, &str); 30] = [
    ("Argentina", "ARG"),
    ("Australia", "AUS"),
    ("Austria", "AUT"),
    ("Brazil", "BRA"),
    ("Canada", "CAN"),
    ("Denmark", "DNK"),
    ("Egypt", "EGY"),
    ("France", "FRA"),
    ("Germany", "DEU"),
    ("Hong Kong", "HKG"),
    ("India", "IND"),
    ("Ireland", "IRL"),
    ("Israel", "ISR"),
    ("Italy", "ITA"),
    ("Japan", "JPN"),
    ("Mexico", "MEX"),
    ("Netherlands", "NLD"),
    ("New Zealand", "NZL"),
    ("Nigeria", "NGA"),
    ("Pakistan", "PAK"),
    ("Philippines", "PHL"),
    ("Poland", "POL"),
    ("Singapore", "SGP"),
    ("South Africa", "ZAF"),
    ("Spain", "ESP"),
    ("Sweden", "SWE"),
    ("Ukraine", "UKR"),
    ("United Arab Emirates", "ARE"),
    ("United Kingdom", "GBR"),
    ("United States", "USA"),
];

/// The lower-case name of a country given by name or code; other places as they are, in lower case.
pub(super) fn plain(place: &str) -> String {
    let place = place.trim();
    COUNTRIES
        .iter()
        .find(|(name, code)| name.eq_ignore_ascii_case(place) || code.eq_ignore_ascii_case(place))
        .map_or(place, |(name, _)| name)
        .to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_a_country_are_one() {
        assert_eq!(plain("USA"), plain("united states"));
        assert_eq!(plain(" Nantes "), "nantes");
    }
}
