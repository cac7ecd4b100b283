//! Errors in the words and the shape of graphql-java: `message`, `locations`, `path`,
//! `extensions.classification`.

use apollo_compiler::ast;
use apollo_compiler::diagnostic::ToCliReport;
use apollo_compiler::parser::SourceSpan;
use apollo_compiler::request::RequestError;
use apollo_compiler::response::{GraphQLError, ResponseDataPathSegment};
use apollo_compiler::validation::DiagnosticList;
use apollo_compiler::{ExecutableDocument, Node};
use serde_json::{Value, json};

use super::variables::Mismatch;

/// graphql-java's classes of errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Classification {
    /// No GraphQL document.
    InvalidSyntax,
    /// The document or a variable does not fit the schema.
    ValidationError,
    /// A resolver failed.
    DataFetchingException,
    /// A field that must not be null is null.
    NullValueInNonNullableField,
    /// Nothing was executed.
    ExecutionAborted,
    /// Too many questions about the schema.
    BadFaithIntrospection,
}

impl Classification {
    /// The name as it stands in `extensions.classification`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::InvalidSyntax => "InvalidSyntax",
            Self::ValidationError => "ValidationError",
            Self::DataFetchingException => "DataFetchingException",
            Self::NullValueInNonNullableField => "NullValueInNonNullableField",
            Self::ExecutionAborted => "ExecutionAborted",
            Self::BadFaithIntrospection => "BadFaithIntrospection",
        }
    }
}

/// What the parser or the validator found.
pub(super) fn of_diagnostics(found: &DiagnosticList, document: &ast::Document) -> Vec<Value> {
    // A selection of wrong fields is left empty by the validator, which then misses a selection there.
    let wrong: Vec<Vec<String>> = found
        .iter()
        .filter(|diagnostic| {
            let name = diagnostic.error.unstable_error_name().unwrap_or_default();
            name == "UndefinedField" || name.starts_with("SubselectionOn")
        })
        .filter_map(|diagnostic| Some(path_to(document, diagnostic.error.location()?)))
        .collect();
    let follows = |path: &[String]| wrong.iter().any(|of| of.len() > path.len() && of.starts_with(path));
    found
        .iter()
        .filter(|diagnostic| {
            diagnostic.error.unstable_error_name() != Some("MissingSubselection")
                || !diagnostic.error.location().is_some_and(|span| follows(&path_to(document, span)))
        })
        .map(|diagnostic| {
            let text = diagnostic.error.to_string();
            let (message, classification) = match diagnostic.error.unstable_error_name().and_then(validation_kind) {
                Some(kind) => {
                    let path = diagnostic.error.location().map(|span| path_to(document, span)).unwrap_or_default();
                    let at = if path.is_empty() { String::new() } else { format!("@[{}]", path.join("/")) };
                    (
                        format!("Validation error ({kind}{at}) : {}", worded(kind, &text)),
                        Classification::ValidationError,
                    )
                }
                None => (format!("Invalid syntax : {text}"), Classification::InvalidSyntax),
            };
            let locations: Vec<Value> = diagnostic
                .line_column_range()
                .map(|range| json!({"line": range.start.line, "column": range.start.column}))
                .into_iter()
                .collect();
            json!({
                "message": message,
                "locations": locations,
                "extensions": {"classification": classification.name()},
            })
        })
        .collect()
}

/// A request that cannot be executed: an unknown operation, a variable of the wrong type.
pub(super) fn of_request(error: &RequestError, document: &ExecutableDocument) -> Value {
    let plain = error.to_graphql_error(&document.sources);
    let message = match plain
        .message
        .strip_prefix("Input object has key ")
        .and_then(|rest| rest.split_once(" not in type "))
    {
        Some((field, of)) => {
            format!(
                "The variables input contains a field name '{field}' that is not defined for input object type '{of}' "
            )
        }
        None => plain.message.clone(),
    };
    let locations: Vec<Value> =
        plain.locations.iter().map(|place| json!({"line": place.line, "column": place.column})).collect();
    json!({
        "message": message,
        "locations": locations,
        "extensions": {"classification": Classification::ValidationError.name()},
    })
}

/// A variable that does not fit its place.
pub(super) fn of_mismatch(mismatch: &Mismatch, document: &ExecutableDocument, ast: &ast::Document) -> Value {
    let path = mismatch.place.map(|place| path_to(ast, place)).unwrap_or_default();
    let at = mismatch.place.and_then(|place| place.line_column(&document.sources));
    let locations: Vec<Value> = at.iter().map(|place| json!({"line": place.line, "column": place.column})).collect();
    json!({
        "message": format!(
            "Validation error (VariableTypeMismatch@[{}]) : Variable type '{}' does not match expected type '{}'",
            path.join("/"),
            mismatch.given,
            mismatch.wanted
        ),
        "locations": locations,
        "extensions": {"classification": Classification::ValidationError.name()},
    })
}

/// What went wrong at one field.
pub(super) fn of_execution(error: &GraphQLError) -> Value {
    let path: Vec<Value> = error
        .path
        .iter()
        .map(|segment| match segment {
            ResponseDataPathSegment::Field(name) => name.as_str().into(),
            ResponseDataPathSegment::ListIndex(index) => (*index).into(),
        })
        .collect();
    let (message, classification) = if error.message.starts_with("non-null type") {
        let field = path.iter().rev().find_map(Value::as_str).unwrap_or_default();
        (null_message(field), Classification::NullValueInNonNullableField)
    } else {
        let message = error.message.strip_prefix("resolver error: ").unwrap_or(&error.message);
        let classification = if message.starts_with(NULL_MESSAGE) {
            Classification::NullValueInNonNullableField
        } else {
            Classification::DataFetchingException
        };
        (message.to_owned(), classification)
    };
    let locations: Vec<Value> =
        error.locations.iter().map(|place| json!({"line": place.line, "column": place.column})).collect();
    json!({
        "message": message,
        "locations": locations,
        "path": path,
        "extensions": {"classification": classification.name()},
    })
}

const NULL_MESSAGE: &str = "Cannot return null for non-nullable field ";

/// The live wording for a null where none may be.
pub(crate) fn null_message(field: &str) -> String {
    format!("{NULL_MESSAGE}{field}")
}

/// graphql-java's name for what the validator calls `name`; `None` for errors of syntax.
fn validation_kind(name: &str) -> Option<&'static str> {
    Some(match name {
        "UndefinedField" => "FieldUndefined",
        "UndefinedArgument" => "UnknownArgument",
        "RequiredArgument" => "MissingFieldArgument",
        "UnsupportedValueType"
        | "UndefinedInputValue"
        | "UndefinedEnumValue"
        | "IntCoercionError"
        | "FloatCoercionError"
        | "RequiredField" => "WrongType",
        "DisallowedVariableUsage" => "VariableTypeMismatch",
        "MissingSubselection" => "SubselectionRequired",
        "SubselectionOnScalarType" | "SubselectionOnEnumType" => "SubselectionNotAllowed",
        "UndefinedVariable" => "UndefinedVariable",
        "UnusedVariable" => "UnusedVariable",
        "UniqueVariable" => "DuplicateVariableName",
        "UndefinedFragment" => "UndefinedFragment",
        "UnusedFragment" => "UnusedFragment",
        "RecursiveFragmentDefinition" => "FragmentCycle",
        "InvalidFragmentSpread" => "InvalidFragmentType",
        "InvalidFragmentTarget" => "InlineFragmentTypeConditionInvalid",
        "UndefinedDefinition"
        | "UndefinedTypeInNamedFragmentTypeCondition"
        | "UndefinedTypeInInlineFragmentTypeCondition" => "UnknownType",
        "VariableInputType" => "NonInputTypeOnVariable",
        "UndefinedDirective" => "UnknownDirective",
        "UnsupportedLocation" => "MisplacedDirective",
        "UndefinedRootOperation" => "UnknownOperation",
        "AmbiguousAnonymousOperation" => "LoneAnonymousOperationViolation",
        "OperationNameCollision" => "DuplicateOperationName",
        "FragmentNameCollision" => "DuplicateFragmentName",
        "ConflictingFieldType" | "ConflictingFieldName" | "ConflictingFieldArgument" => "FieldsConflict",
        "SyntaxError" | "ParserLimit" | "RecursionLimitError" => return None,
        _ => "InvalidDocument",
    })
}

/// The validator's sentence, in graphql-java's words where they are known.
fn worded(kind: &str, text: &str) -> String {
    let quoted: Vec<&str> = text.split('`').skip(1).step_by(2).collect();
    match (kind, quoted.as_slice()) {
        ("FieldUndefined", [of, field, ..]) => format!("Field '{field}' in type '{of}' is undefined"),
        _ => text.replace('`', "'"),
    }
}

/// The names of the fields around a place of the document.
fn path_to(document: &ast::Document, place: SourceSpan) -> Vec<String> {
    let mut path = Vec::new();
    for definition in &document.definitions {
        let selections = match definition {
            ast::Definition::OperationDefinition(operation) => &operation.selection_set,
            ast::Definition::FragmentDefinition(fragment) => &fragment.selection_set,
            _ => continue,
        };
        descend(selections, place, &mut path);
        if !path.is_empty() {
            break;
        }
    }
    path
}

fn descend(selections: &[ast::Selection], place: SourceSpan, path: &mut Vec<String>) {
    for selection in selections {
        match selection {
            ast::Selection::Field(field) if holds(field, place) => {
                path.push(field.name.to_string());
                return descend(&field.selection_set, place, path);
            }
            ast::Selection::InlineFragment(fragment) if holds(fragment, place) => {
                return descend(&fragment.selection_set, place, path);
            }
            _ => {}
        }
    }
}

fn holds<T>(node: &Node<T>, place: SourceSpan) -> bool {
    node.location().is_some_and(|span| span.offset() <= place.offset() && place.end_offset() <= span.end_offset())
}
