//! Variables inside literal objects and lists: the validator checks only those that are a whole argument.

use apollo_compiler::Schema;
use apollo_compiler::ast::{Type, Value as Literal};
use apollo_compiler::parser::SourceSpan;
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::validation::Valid;

use super::Prepared;

/// A variable whose type does not fit its place.
#[derive(Debug)]
pub(super) struct Mismatch {
    /// The variable's type.
    pub given: String,
    /// The place's type.
    pub wanted: String,
    /// The field around it.
    pub place: Option<SourceSpan>,
}

/// The first variable whose type does not fit its place.
pub(super) fn mismatch(schema: &Valid<Schema>, prepared: &Prepared) -> Option<Mismatch> {
    prepared.operation.all_fields(&prepared.document).find_map(|field| {
        field.arguments.iter().find_map(|argument| {
            let wanted = &field.definition.argument_by_name(&argument.name)?.ty;
            let inside = nested(schema, prepared, &argument.value, wanted);
            inside.map(|(given, wanted)| Mismatch { given, wanted, place: field.location() })
        })
    })
}

fn nested(schema: &Valid<Schema>, prepared: &Prepared, value: &Literal, wanted: &Type) -> Option<(String, String)> {
    match value {
        Literal::List(items) => items.iter().find_map(|item| check(schema, prepared, item, wanted.item_type(), false)),
        Literal::Object(members) => {
            let Some(ExtendedType::InputObject(of)) = schema.types.get(wanted.inner_named_type()) else {
                return None;
            };
            members.iter().find_map(|(name, value)| {
                let field = of.fields.get(name)?;
                check(schema, prepared, value, &field.ty, field.default_value.is_some())
            })
        }
        _ => None,
    }
}

fn check(
    schema: &Valid<Schema>,
    prepared: &Prepared,
    value: &Literal,
    wanted: &Type,
    has_default: bool,
) -> Option<(String, String)> {
    let Literal::Variable(name) = value else {
        return nested(schema, prepared, value, wanted);
    };
    let variable = prepared.operation.variables.iter().find(|variable| variable.name == *name)?;
    // A default value, of the place or of the variable, stands in for what is not given.
    let optional = has_default || variable.default_value.as_ref().is_some_and(|value| !value.is_null());
    let fits = variable.ty.is_assignable_to(wanted)
        || optional && wanted.is_non_null() && variable.ty.as_ref().clone().non_null().is_assignable_to(wanted);
    (!fits).then(|| (variable.ty.to_string(), wanted.to_string()))
}
