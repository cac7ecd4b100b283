//! The root of mutations. All of it but `withdrawOffer` is **assumed**: see `assumed.graphql`.

use std::borrow::Cow;
use std::cell::RefCell;

use apollo_compiler::resolvers::{FieldError, ObjectValue, ResolveInfo, ResolvedValue};
use serde::Deserialize;
use serde_json::Value;

use super::catalog::Catalog;
use super::proposals::{self, Input, Proposals};
use super::root::Asking;
use super::settings::ApiSettings;
use super::{ASSUMED_OPERATIONS, State};
use crate::graphql::{Contract, Prepared, resolved};

const PREVIEW: &str = ASSUMED_OPERATIONS[0];
const SUBMIT: &str = ASSUMED_OPERATIONS[1];
const WITHDRAW: &str = ASSUMED_OPERATIONS[2];

/// Resolves the fields of `Mutation`.
pub(super) struct MutationRoot<'s> {
    schema: &'s Contract,
    catalog: &'s Catalog,
    settings: &'s ApiSettings,
    proposals: RefCell<&'s mut Proposals>,
    asking: &'s Asking,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Arguments {
    #[serde(default)]
    id: String,
    #[serde(default)]
    preview_id: String,
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    input: Option<Input>,
}

impl<'s> MutationRoot<'s> {
    /// A root for one request.
    pub fn new(state: &'s mut State, asking: &'s Asking) -> Self {
        Self {
            schema: &state.schema,
            catalog: &state.catalog,
            settings: &state.settings,
            proposals: RefCell::new(&mut state.proposals),
            asking,
        }
    }

    /// Executes a mutation.
    pub fn execute(&self, prepared: &Prepared) -> Value {
        self.schema.execute(prepared, self)
    }

    fn write(&self, info: &ResolveInfo<'_>) -> Result<Value, String> {
        let name = info.field_name();
        if !ASSUMED_OPERATIONS.contains(&name) {
            return Err("The operation is not simulated.".to_owned());
        }
        let arguments: Arguments = proposals::read(info.arguments())?;
        let (asking, mut proposals) = (self.asking, self.proposals.borrow_mut());
        match (name, arguments.input) {
            (PREVIEW, Some(input)) => proposals.preview((self.catalog, self.settings), input, asking.now),
            (SUBMIT, _) => {
                proposals.submit((self.catalog, self.settings), &arguments.preview_id, &asking.tenant, asking.now)
            }
            (WITHDRAW, _) => proposals.withdraw(&arguments.id, arguments.reason.as_deref(), asking.now),
            _ => Err("The operation is not simulated.".to_owned()),
        }
    }
}

impl ObjectValue for MutationRoot<'_> {
    fn type_name(&self) -> &str {
        "Mutation"
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Result<ResolvedValue<'a>, FieldError> {
        let value = self.write(info).map_err(|message| FieldError { message })?;
        Ok(resolved(Cow::Owned(value), info))
    }
}
