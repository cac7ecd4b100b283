//! A posting in its other forms: the whole job, its contents, its client as a company. Made of its search node.

use serde_json::{Map, Value, json};

use super::catalog::{Kind, Posting, text};
use super::filter::workload_of;

/// The posting as a `MarketplaceJobPosting`; what the node's own `job` holds counts first.
pub(super) fn job(posting: &Posting) -> Value {
    let node = &posting.node;
    let mut job = object(json!({
        "id": posting.id,
        "content": {"title": node.get("title"), "description": node.get("description")},
        "workFlowState": {"status": "ACTIVE", "closeResult": null},
        "ownership": {"company": company(node), "team": null},
        "annotations": {"tags": []},
        "activityStat": {"applicationsBidStats": null, "jobActivity": activity(posting)},
        "attachments": [],
        "classification": classification(node),
        "contractTerms": terms(posting),
        "contractorSelection": {
            "proposalRequirement": {
                "coverLetterRequired": true, "freelancerMilestonesAllowed": posting.facts.kind == Kind::Fixed,
                "screeningQuestions": [],
            },
            "qualification": null,
            "location": {
                "countries": node.get("preferredFreelancerLocation"), "localMarket": false,
                "localCheckRequired": node.get("preferredFreelancerLocationMandatory"),
            },
        },
        "canClientReceiveContractProposal": true,
    }));
    if let Some(Value::Object(own)) = node.get("job") {
        job.extend(own.clone());
    }
    Value::Object(job)
}

/// The posting as `MarketplaceJobPostingsContents`.
pub(super) fn contents(posting: &Posting) -> Value {
    let mut contents = Map::new();
    for name in ["id", "ciphertext", "title", "description", "publishedDateTime"] {
        contents.insert(name.to_owned(), posting.node.get(name).cloned().unwrap_or_default());
    }
    contents.insert("annotations".to_owned(), json!({"tags": []}));
    Value::Object(contents)
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

/// The client as an organisation; nameless, as clients are before a contract.
pub(super) fn company(node: &Value) -> Value {
    match text(node, "/client/companyOrgUid") {
        "" => Value::Null,
        id => json!({
            "id": id, "rid": text(node, "/client/companyRid"), "name": null, "type": "BUSINESS",
            "legacyType": "CLIENT", "active": true, "hidden": false,
        }),
    }
}

fn activity(posting: &Posting) -> Value {
    json!({
        "lastClientActivity": posting.node.get("publishedDateTime"), "invitesSent": 0, "totalInvitedToInterview": 0,
        "totalHired": 0, "totalUnansweredInvites": 0, "totalOffered": 0, "totalRecommended": null,
    })
}

fn classification(node: &Value) -> Value {
    let entity = |pointer: &str| match node.pointer(pointer) {
        Some(Value::Object(fields)) => {
            json!({"id": fields.get("id"), "ontologyId": ontology_id(fields.get("prefLabel")), "preferredLabel": fields.get("prefLabel")})
        }
        _ => Value::Null,
    };
    let skills: Vec<Value> = node
        .get("skills")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(|skill| {
            let id = skill.get("id").filter(|id| !id.is_null()).or(skill.get("name"));
            json!({
                "id": id, "ontologyId": ontology_id(skill.get("prettyName")),
                "preferredLabel": skill.get("prettyName"), "prettyName": skill.get("prettyName"),
            })
        })
        .collect();
    json!({
        "category": entity("/occupations/category"),
        "subCategory": entity("/occupations/subCategories/0"),
        "occupation": entity("/occupations/occupationService"),
        "skills": skills,
        "additionalSkills": [],
    })
}

/// An id in the documented form `upwork:AdministrationSoftware`.
pub(super) fn ontology_id(label: Option<&Value>) -> String {
    let label = label.and_then(Value::as_str).unwrap_or_default();
    format!("upwork:{}", label.chars().filter(|character| character.is_alphanumeric()).collect::<String>())
}

fn terms(posting: &Posting) -> Value {
    let node = &posting.node;
    let amount = |value: Option<f64>| value.map_or(Value::Null, Value::from);
    let facts = &posting.facts;
    let level = facts.level.as_deref().filter(|level| *level != "NONE");
    let fixed = match facts.kind {
        Kind::Fixed => {
            json!({"amount": node.get("amount"), "maxAmount": null, "engagementDuration": node.get("engagementDuration")})
        }
        Kind::Hourly => Value::Null,
    };
    let hourly = match facts.kind {
        Kind::Fixed => Value::Null,
        Kind::Hourly => json!({
            "engagementDuration": node.get("engagementDuration"), "engagementType": workload_of(&facts.engagement),
            "notSureProjectDuration": facts.duration.is_none(), "hourlyBudgetType": node.get("hourlyBudgetType"),
            "hourlyBudgetMin": amount(facts.rate.0), "hourlyBudgetMax": amount(facts.rate.1),
        }),
    };
    json!({
        "contractType": if facts.kind == Kind::Fixed { "FIXED" } else { "HOURLY" },
        "contractStartDate": null, "contractEndDate": null,
        "personsToHire": node.get("freelancersToHire").filter(|count| count.is_i64()).cloned().unwrap_or_else(|| 1.into()),
        "experienceLevel": level,
        "fixedPriceContractTerms": fixed,
        "hourlyContractTerms": hourly,
        "notSurePersonsToHire": false,
        "notSureExperiencelevel": level.is_none(),
    })
}
