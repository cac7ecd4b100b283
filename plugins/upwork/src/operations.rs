//! Operations that preview, submit and withdraw a proposal. **They are assumed, and no part of Upwork's API**: a preview that states the cost, and its
//! confirmation, after what is reported of Upwork's MCP server.

use prospector_plugin::http::Request;
use prospector_plugin::lenient::{self, Int, Lax, LaxList, Text};
use prospector_plugin::money::main_units;
use prospector_plugin::plans::given;
use prospector_plugin::proposals::{Draft, Withdrawal};
use prospector_plugin::types::{Error, Value};
use prospector_plugin::{Host, record, time};
use serde_json::json;

use crate::document::{NoVariables, request};
use crate::envelope::{Refused, ask, ask_for};
use crate::settings::{Length, Settings};
use crate::wishes;

/// The assumed operations. The first changes nothing that lasts: the platform forgets a preview after some minutes.
pub(crate) const PREVIEW: &str = "previewVendorProposal";
pub(crate) const SUBMIT: &str = "submitVendorProposal";
pub(crate) const WITHDRAW: &str = "withdrawVendorProposal";

/// Name of the attribute of a draft that says how long the work lasts, by the platform's identifier.
pub(crate) const DURATION: &str = "estimated_duration_id";

const DURATIONS: &str = "query Durations { proposalMetadata { engagementDurationValues { id label } } }";

const OPERATIONS: &str = "query Operations { __type(name: \"Mutation\") { fields { name } } }";

record! {
    struct Metadata {
        metadata: Lax<Durations> = "proposalMetadata",
    }

    struct Durations {
        values: LaxList<Labelled> = "engagementDurationValues",
    }

    struct Labelled {
        id: Text,
        label: Text,
    }

    struct Previewed {
        preview: Lax<Preview> = "previewVendorProposal",
    }

    pub(crate) struct Preview {
        pub(crate) id: Text = "previewId",
        pub(crate) cost: Int = "connectsCost",
        pub(crate) balance: Int = "connectsBalance",
        pub(crate) expires: Text = "expiresDateTime",
    }

    struct Schema {
        of: Lax<Type> = "__type",
    }

    struct Type {
        fields: LaxList<Field>,
    }

    struct Field {
        name: Text,
    }
}

/// Why a plan leads to a page after all.
pub(crate) fn missing(operation: &str) -> String {
    format!("Upwork's API has no operation `{operation}`, which is an assumed one: do it on this page")
}

/// Asks for a preview of a proposal.
pub(crate) fn rehearse(host: &dyn Host, settings: &Settings, draft: &Draft) -> Result<Preview, Refused> {
    let answers: Vec<_> =
        draft.answers.iter().map(|given| json!({"question": given.question, "answer": given.answer})).collect();
    let milestones: Vec<_> = draft
        .milestones
        .iter()
        .map(|milestone| {
            json!({
                "description": milestone.description, "amount": main_units(milestone.amount.amount),
                "dueDate": milestone.due_at.map(time::date),
            })
        })
        .collect();
    let mut input = json!({
        "jobPostingId": draft.posting, "coverLetter": draft.text, "answers": answers,
        "chargedAmount": draft.amount.as_ref().map(|amount| main_units(amount.amount)),
    });
    if !milestones.is_empty() {
        input["milestones"] = milestones.into();
    }
    if let Some(duration) = duration(host, settings, draft) {
        input["estimatedDurationId"] = duration.into();
    }
    let document = format!(
        "mutation PreviewProposal($input: VendorProposalInput!) {{\n  {PREVIEW}(input: $input) {{ previewId connectsCost connectsBalance \
         expiresDateTime }}\n}}"
    );
    let request = request(&wishes::api(host)?, &document, json!({"input": input}), &settings.organization_id)?;
    let read = |data: Previewed| data.preview.0.filter(|preview| preview.id.0.is_some());
    ask(host, &request, "a preview of your proposal", |data, _, _| read(lenient::record(data)))
        .map(|(preview, _)| preview)
}

/// The identifier of how long the work lasts: the draft's own, or the one of its days. Without one the proposal says nothing of it.
fn duration(host: &dyn Host, settings: &Settings, draft: &Draft) -> Option<String> {
    if let Some(Value::Text(id)) = given(draft, DURATION)
        && !id.trim().is_empty()
    {
        return Some(id.trim().to_owned());
    }
    let days = draft.duration_days?;
    let request = request(&wishes::api(host).ok()?, DURATIONS, NoVariables {}, &settings.organization_id).ok()?;
    let (data, _) = ask_for::<Metadata>(host, &request, "the durations").ok()?;
    let holds = |label: &str| {
        let span = Length::of(label).map(Length::days);
        span.is_some_and(|span| days >= span.minimum && span.maximum.is_none_or(|most| days < most))
    };
    data.metadata.0?.values.0.into_iter().find(|value| value.label.0.as_deref().is_some_and(holds))?.id.0
}

pub(crate) fn submitting(host: &dyn Host, settings: &Settings, preview: &str) -> Result<Request, Error> {
    let document = format!(
        "mutation SubmitProposal($previewId: ID!) {{\n  {SUBMIT}(previewId: $previewId) {{ id status {{ status }} }}\n}}"
    );
    request(&wishes::api(host)?, &document, json!({"previewId": preview}), &settings.organization_id)
}

pub(crate) fn withdrawing(host: &dyn Host, settings: &Settings, withdrawal: &Withdrawal) -> Result<Request, Error> {
    let document = format!(
        "mutation WithdrawProposal($id: ID!, $reason: String) {{\n  {WITHDRAW}(id: $id, reason: $reason) {{ id status {{ status }} }}\n}}"
    );
    let variables = json!({"id": withdrawal.proposal, "reason": withdrawal.reason});
    request(&wishes::api(host)?, &document, variables, &settings.organization_id)
}

/// Whether the schema is without an operation. Where it may not be asked, carrying it out finds out: a document that does not fit is not executed.
pub(crate) fn lacks(host: &dyn Host, settings: &Settings, operation: &str) -> Result<bool, Error> {
    let asked = request(&wishes::api(host)?, OPERATIONS, NoVariables {}, &settings.organization_id)?;
    let schema = ask_for::<Schema>(host, &asked, "the operations").ok().and_then(|(schema, _)| schema.of.0);
    let has_none = |of: &Type| of.fields.0.iter().all(|field| field.name.0.as_deref() != Some(operation));
    Ok(schema.as_ref().is_some_and(has_none))
}
