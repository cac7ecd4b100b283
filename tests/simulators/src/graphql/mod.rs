//! A GraphQL server over a schema file: parses, validates, checks permissions, executes, and words its
//! errors as graphql-java does, whose style the platforms' answers have.
//!
//! ```text
//! body -> Call -> Prepared (valid document, coerced variables) -> access, introspection -> execute -> JSON
//! ```
//!
//! Everything is answered with HTTP 200, failures too; what is no GraphQL at all is up to the platform.

mod access;
mod complexity;
mod errors;
mod introspection;
mod record;
mod variables;

use apollo_compiler::ast;
use apollo_compiler::collections::HashMap;
use apollo_compiler::executable::Operation;
use apollo_compiler::parser::Parser;
use apollo_compiler::request::coerce_variable_values;
use apollo_compiler::resolvers::{Execution, ObjectValue};
use apollo_compiler::response::JsonMap;
use apollo_compiler::schema::Implementers;
use apollo_compiler::validation::Valid;
use apollo_compiler::{ExecutableDocument, Name, Node, Schema};
use serde::Deserialize;
use serde_json::{Value, json};

pub use errors::Classification;
pub(crate) use errors::null_message;
pub use introspection::Introspection;
pub use record::{Record, leaf, resolved};

/// Deepest nesting of a document.
const MAX_DEPTH: usize = 100;
/// Most tokens of a document.
const MAX_TOKENS: usize = 50_000;

/// A valid schema.
#[derive(Debug)]
pub struct Contract {
    schema: Valid<Schema>,
    implementers: HashMap<Name, Implementers>,
}

/// What a client sent.
#[derive(Debug, Default, Deserialize)]
pub struct Call {
    query: String,
    #[serde(default, rename = "operationName")]
    operation_name: Option<String>,
    #[serde(default)]
    variables: Option<JsonMap>,
}

/// A call that the schema agrees to.
#[derive(Debug)]
pub struct Prepared {
    document: Valid<ExecutableDocument>,
    operation: Node<Operation>,
    variables: Valid<JsonMap>,
}

impl Contract {
    /// Reads schema files and lets `change` take things away from them or add to them.
    ///
    /// # Errors
    /// What is wrong with the schema, with its place.
    pub fn new(files: &[(&str, &str)], change: impl FnOnce(&mut Schema)) -> Result<Self, String> {
        let mut builder = Schema::builder();
        for (name, text) in files {
            builder = builder.parse(*text, *name);
        }
        let mut schema = builder.build().map_err(|error| error.to_string())?;
        change(&mut schema);
        let schema = schema.validate().map_err(|error| error.to_string())?;
        let implementers = schema.implementers_map();
        Ok(Self { schema, implementers })
    }

    /// Checks a call against the schema.
    ///
    /// # Errors
    /// The errors of the answer.
    pub fn prepare(&self, call: Call) -> Result<Prepared, Vec<Value>> {
        let mut parser = Parser::new().recursion_limit(MAX_DEPTH).token_limit(MAX_TOKENS);
        let ast = parser
            .parse_ast(call.query, "query.graphql")
            .map_err(|refused| errors::of_diagnostics(&refused.errors, &refused.partial))?;
        let document = executable(&self.schema, &ast)?;
        let operation = document
            .operations
            .get(call.operation_name.as_deref())
            .map_err(|error| vec![errors::of_request(&error, &document)])?
            .clone();
        let mut prepared = Prepared { document, operation, variables: Valid::assume_valid(JsonMap::new()) };
        if let Some(mismatch) = variables::mismatch(&self.schema, &prepared) {
            return Err(vec![errors::of_mismatch(&mismatch, &prepared.document, &ast)]);
        }
        let fields = complexity::fields(&prepared);
        if fields > complexity::MAX_FIELDS {
            let message = format!("maximum query complexity exceeded {fields} > {}", complexity::MAX_FIELDS);
            return Err(vec![error_of(&message, Classification::ExecutionAborted)]);
        }
        let given = call.variables.unwrap_or_default();
        prepared.variables = coerce_variable_values(&self.schema, &prepared.operation, &given)
            .map_err(|error| vec![errors::of_request(&error, &prepared.document)])?;
        Ok(prepared)
    }

    /// The selected fields that need a permission which is not `granted`, as `Type.field`, sorted.
    #[must_use]
    pub fn not_granted(&self, prepared: &Prepared, granted: &[String]) -> Vec<String> {
        access::not_granted(&self.schema, prepared, granted)
    }

    /// Executes a call. The root object resolves the root type's fields.
    #[must_use]
    pub fn execute(&self, prepared: &Prepared, root: &dyn ObjectValue) -> Value {
        let outcome = Execution::new(&self.schema, &prepared.document)
            .operation(&prepared.operation)
            .implementers_map(&self.implementers)
            .coerced_variable_values(&prepared.variables)
            .enable_schema_introspection(true)
            .execute_sync(root);
        match outcome {
            Ok(response) => {
                let mut answer = json!({"data": response.data});
                if !response.errors.is_empty() {
                    answer["errors"] = response.errors.iter().map(errors::of_execution).collect();
                }
                answer
            }
            Err(error) => refused(vec![errors::of_request(&error, &prepared.document)]),
        }
    }
}

impl Call {
    /// The document, as it was sent.
    #[must_use]
    pub fn document(&self) -> &str {
        &self.query
    }

    /// Reads a JSON body.
    ///
    /// # Errors
    /// The errors of the answer.
    pub fn read(body: &[u8]) -> Result<Self, Vec<Value>> {
        serde_json::from_slice(body).map_err(|error| {
            vec![error_of(
                &format!("The body is no GraphQL request {{\"query\": \"…\", \"variables\": {{…}}}}: {error}"),
                Classification::InvalidSyntax,
            )]
        })
    }
}

impl Prepared {
    /// Whether the operation is a mutation.
    #[must_use]
    pub fn is_mutation(&self) -> bool {
        self.operation.is_mutation()
    }

    /// Checks the operation against the rule for questions about the schema itself.
    ///
    /// # Errors
    /// The errors of the answer.
    pub fn check_introspection(&self, rule: Introspection) -> Result<(), Vec<Value>> {
        introspection::check(rule, self)
    }
}

/// An answer without data.
#[must_use]
pub fn refused(errors: Vec<Value>) -> Value {
    json!({"data": null, "errors": errors})
}

/// An error that points at no place of the document.
#[must_use]
pub fn error_of(message: &str, classification: Classification) -> Value {
    json!({"message": message, "extensions": {"classification": classification.name()}})
}

fn executable(schema: &Valid<Schema>, ast: &ast::Document) -> Result<Valid<ExecutableDocument>, Vec<Value>> {
    ast.to_executable_validate(schema).map_err(|refused| errors::of_diagnostics(&refused.errors, ast))
}

#[cfg(test)]
mod tests;
