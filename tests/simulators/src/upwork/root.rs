//! The root of queries.

use std::borrow::Cow;
use std::cell::Cell;

use apollo_compiler::resolvers::{FieldError, ObjectValue, ResolveInfo, ResolvedValue};
use serde_json::{Value, json};

use super::search::{self, Arguments};
use super::{State, details, ontology, profile, proposals};
use crate::faults::Effect;
use crate::graphql::resolved;

/// Who asks, and when.
#[derive(Debug)]
pub(super) struct Asking {
    /// The simulator's time, Unix seconds.
    pub now: i64,
    /// The organisation that the request is for.
    pub tenant: String,
    /// Whether a page is asked for in the document itself.
    pub paged_in_document: bool,
    /// A fault that resolvers act out.
    pub effect: Option<Effect>,
}

/// Resolves the fields of `Query`.
pub(super) struct QueryRoot<'s> {
    state: &'s State,
    asking: &'s Asking,
    failed: Cell<bool>,
}

impl<'s> QueryRoot<'s> {
    /// A root for one request.
    pub fn new(state: &'s State, asking: &'s Asking) -> Self {
        Self { state, asking, failed: Cell::new(false) }
    }

    /// Whether the whole request failed at the platform's back end.
    pub fn failed(&self) -> bool {
        self.failed.get()
    }

    fn search<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Result<ResolvedValue<'a>, FieldError> {
        let arguments = Arguments::read(info.arguments())?;
        let settings = &self.state.settings;
        let fails = settings.pagination_fails || (settings.pagination_variable_fails && !self.asking.paged_in_document);
        if fails && arguments.has_pagination() {
            self.failed.set(true);
            return Ok(ResolvedValue::null());
        }
        let effect = self.asking.effect.as_ref();
        let found = search::search(&self.state.catalog, &self.state.proposals, arguments, effect, self.asking.now)?;
        Ok(ResolvedValue::object(found))
    }

    fn contents(&self, ids: Option<&Value>) -> Value {
        let ids = ids.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        ids.iter().filter_map(Value::as_str).map(|id| self.state.catalog.find(id).map(details::contents)).collect()
    }

    fn contracts(&self) -> Vec<Value> {
        self.state.contracts.shown(self.state.settings.unknown_status)
    }
}

impl ObjectValue for QueryRoot<'_> {
    fn type_name(&self) -> &str {
        "Query"
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Result<ResolvedValue<'a>, FieldError> {
        let state = self.state;
        let arguments: Value = serde_json::to_value(info.arguments()).unwrap_or_default();
        let id = arguments.get("id").and_then(Value::as_str).unwrap_or_default();
        let refused = |message| FieldError { message };
        let value = match info.field_name() {
            "marketplaceJobPostingsSearch" => return self.search(info),
            "marketplaceJobPosting" => state.catalog.find(id).map(details::job).unwrap_or_default(),
            "marketplaceJobPostingsContents" => self.contents(arguments.get("ids")),
            "user" => profile::user(),
            "organization" => profile::organization(&self.asking.tenant),
            "companySelector" => profile::companies(),
            "ontologyCategories" => ontology::categories(),
            "vendorProposals" => {
                let shown_until = self.asking.now.saturating_sub(state.settings.proposals_shown_after_seconds);
                state.proposals.list(info.arguments(), shown_until).map_err(refused)?
            }
            "vendorProposal" => state.proposals.find(id).map(proposals::Proposal::value).unwrap_or_default(),
            "proposalMetadata" => proposals::metadata(),
            "vendorContracts" => {
                state.contracts.list(info.arguments(), state.settings.unknown_status).map_err(refused)?
            }
            "contractList" => {
                let ids = arguments.get("ids").and_then(Value::as_array).cloned().unwrap_or_default();
                let chosen: Vec<Value> =
                    self.contracts().into_iter().filter(|contract| ids.contains(&contract["id"])).collect();
                json!({"contracts": chosen})
            }
            "contractDetails" => self.contracts().into_iter().find(|contract| contract["id"] == id).unwrap_or_default(),
            _ => return Err(self.unknown_field_error(info)),
        };
        Ok(resolved(Cow::Owned(value), info))
    }
}
