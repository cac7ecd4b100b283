//! Permissions: the schema says with `@access(any: […])` at a type or a field which of them it takes.

use std::collections::BTreeSet;

use apollo_compiler::Schema;
use apollo_compiler::executable::{Selection, SelectionSet};
use apollo_compiler::schema::{Directive, DirectiveList};
use apollo_compiler::validation::Valid;

use super::Prepared;

const DIRECTIVE: &str = "access";

/// The selected fields that need a permission which is not `granted`.
pub(super) fn not_granted(schema: &Valid<Schema>, prepared: &Prepared, granted: &[String]) -> Vec<String> {
    let mut lacking = BTreeSet::new();
    let mut visited = BTreeSet::new();
    walk(schema, prepared, &prepared.operation.selection_set, granted, &mut visited, &mut lacking);
    lacking.into_iter().collect()
}

fn walk<'p>(
    schema: &Valid<Schema>,
    prepared: &'p Prepared,
    set: &'p SelectionSet,
    granted: &[String],
    visited: &mut BTreeSet<&'p str>,
    lacking: &mut BTreeSet<String>,
) {
    let of_type = schema.get_object(&set.ty).map(|object| &object.directives);
    for selection in &set.selections {
        match selection {
            Selection::Field(field) => {
                let of_field = field.definition.directives.get(DIRECTIVE);
                let of_type = of_type.and_then(|list: &DirectiveList| list.get(DIRECTIVE));
                let permitted = of_field.is_none_or(|wanted| is_met(wanted, granted))
                    && of_type.is_none_or(|wanted| is_met(wanted, granted));
                if !permitted && !field.name.starts_with("__") {
                    lacking.insert(format!("{}.{}", set.ty, field.name));
                }
                walk(schema, prepared, &field.selection_set, granted, visited, lacking);
            }
            Selection::InlineFragment(fragment) => {
                walk(schema, prepared, &fragment.selection_set, granted, visited, lacking);
            }
            Selection::FragmentSpread(spread) => {
                if visited.insert(spread.fragment_name.as_str())
                    && let Some(fragment) = spread.fragment_def(&prepared.document)
                {
                    walk(schema, prepared, &fragment.selection_set, granted, visited, lacking);
                }
            }
        }
    }
}

fn is_met(wanted: &Directive, granted: &[String]) -> bool {
    wanted
        .specified_argument_by_name("any")
        .and_then(|value| value.as_list())
        .is_some_and(|any| any.iter().filter_map(|id| id.as_str()).any(|id| granted.iter().any(|have| have == id)))
}
