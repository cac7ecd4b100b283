//! A bound on what a document costs: fragments in fragments double themselves with every line.

use std::collections::HashMap;

use apollo_compiler::executable::{Selection, SelectionSet};

use super::Prepared;

/// Most fields of an operation with its fragments written out.
pub(super) const MAX_FIELDS: u64 = 20_000;

/// The fields of an operation with its fragments written out.
pub(super) fn fields(prepared: &Prepared) -> u64 {
    count(prepared, &prepared.operation.selection_set, &mut HashMap::new())
}

fn count<'p>(prepared: &'p Prepared, set: &'p SelectionSet, known: &mut HashMap<&'p str, u64>) -> u64 {
    set.selections.iter().fold(0, |sum: u64, selection| {
        sum.saturating_add(match selection {
            Selection::Field(field) => count(prepared, &field.selection_set, known).saturating_add(1),
            Selection::InlineFragment(fragment) => count(prepared, &fragment.selection_set, known),
            Selection::FragmentSpread(spread) => {
                let name = spread.fragment_name.as_str();
                match (known.get(name), spread.fragment_def(&prepared.document)) {
                    (Some(fields), _) => *fields,
                    (None, Some(fragment)) => {
                        let fields = count(prepared, &fragment.selection_set, known);
                        known.insert(name, fields);
                        fields
                    }
                    (None, None) => 0,
                }
            }
        })
    })
}
