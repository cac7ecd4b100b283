//! The schema as the settings have it.

use apollo_compiler::Schema;
use apollo_compiler::ast::EnumValueDefinition;
use apollo_compiler::schema::{Component, ExtendedType};

use super::settings::ApiSettings;
use crate::graphql::Contract;

const PUBLIC: &str = include_str!("schema.graphql");
const ASSUMED: &str = include_str!("assumed.graphql");
/// The types that a search result is made of.
const RESULT: [&str; 9] = [
    "MarketplaceJobPostingSearchResult",
    "MarketplaceJobPostingSearchSkill",
    "MarketplaceJobPostingSearchOccupations",
    "MarketplaceJobPostingSearchOccupation",
    "MarketplaceJobPostingSearchClientInfo",
    "MarketPlaceJobSearchLocation",
    "MarketplaceJobPostingSearchRelevance",
    "EngagementDuration",
    "Money",
];
/// The search filter's type.
const FILTER: &str = "MarketplaceJobPostingsSearchFilter";

/// **Assumed, and no part of Upwork's API:** the operations that submit a proposal. Its public schema has
/// none; see `assumed.graphql`.
pub const ASSUMED_OPERATIONS: [&str; 3] = ["previewVendorProposal", "submitVendorProposal", "withdrawVendorProposal"];
/// A status that no schema of the platform has.
pub(super) const UNKNOWN_STATUS: &str = "SIMULATED_NEW_STATUS";

/// Builds the schema.
///
/// # Panics
/// Never with the files as they are: a test builds every form.
pub(super) fn build(settings: &ApiSettings) -> Contract {
    let mut files = vec![("schema.graphql", PUBLIC)];
    if !settings.strict {
        files.push(("assumed.graphql", ASSUMED));
    }
    Contract::new(&files, |schema| change(schema, settings)).expect("the shipped schema is valid")
}

/// Checks that a schema can be built with these settings.
///
/// # Errors
/// A sentence naming a filter field that does not exist.
pub(super) fn check(settings: &ApiSettings) -> Result<(), String> {
    let missing =
        settings.absent_filters.iter().find(|name| !PUBLIC.contains(&format!("\n  {name}: ")) || !name.contains('_'));
    match missing {
        Some(name) => Err(format!("`absent_filters`: the search filter has no field {name:?} to take away.")),
        None => Ok(()),
    }
}

fn change(schema: &mut Schema, settings: &ApiSettings) {
    if let Some(ExtendedType::InputObject(filter)) = schema.types.get_mut(FILTER) {
        let absent = |name: &str| settings.absent_filters.iter().any(|field| field == name);
        filter.make_mut().fields.retain(|name, _| !absent(name));
    }
    if settings.nullable_results {
        for (name, definition) in &mut schema.types {
            if let (true, ExtendedType::Object(result)) = (RESULT.contains(&name.as_str()), definition) {
                for field in result.make_mut().fields.values_mut() {
                    let field = field.make_mut();
                    field.ty = field.ty.clone().nullable();
                }
            }
        }
    }
    if settings.unknown_status {
        for name in ["ContractStatus", "VendorProposalStatusName", "OfferMilestoneState"] {
            if let (Some(ExtendedType::Enum(values)), Ok(value)) =
                (schema.types.get_mut(name), apollo_compiler::Name::new(UNKNOWN_STATUS))
            {
                let definition =
                    EnumValueDefinition { description: None, value: value.clone(), directives: Default::default() };
                values.make_mut().values.insert(value, Component::new(definition));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_the_schema_is_valid() {
        for strict in [false, true] {
            let absent_filters = vec!["daysPosted_eq".to_owned(), "duration_any".to_owned()];
            let settings = ApiSettings { strict, absent_filters, unknown_status: true, ..ApiSettings::default() };
            check(&settings).expect("known fields");
            let _contract = build(&settings);
        }
        let settings = ApiSettings { absent_filters: vec!["daysPostet_eq".to_owned()], ..ApiSettings::default() };
        assert!(check(&settings).is_err());
    }

    #[test]
    fn the_assumed_operations_are_all_of_the_assumed_file() {
        for name in ASSUMED_OPERATIONS {
            assert!(ASSUMED.contains(&format!("  {name}(")), "{name}");
            assert!(!PUBLIC.contains(name), "{name}");
        }
    }
}
