//! Contracts: what hired proposals become. The values of their enums are assumed, see `schema.graphql`.

use apollo_compiler::response::JsonMap;
use serde::Deserialize;
use serde_json::{Value, json};

use super::catalog::{Kind, Posting};
use super::proposals::{Proposal, read};
use super::schema::UNKNOWN_STATUS;
use super::{details, profile, times};

/// Contracts that a page has at most. Assumed.
const MAX_LIMIT: i64 = 100;

/// All contracts of the account, oldest first.
#[derive(Debug, Default)]
pub(super) struct Contracts {
    all: Vec<Value>,
}

#[derive(Deserialize)]
struct Arguments {
    filter: Filter,
    #[serde(default)]
    paging: Option<Paging>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Filter {
    vendor_id: String,
    #[serde(default)]
    start_date_before: Option<String>,
    #[serde(default)]
    end_date_after: Option<String>,
    #[serde(default)]
    contract_statuses: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Paging {
    limit: Option<i64>,
    offset: Option<i64>,
}

impl Contracts {
    /// All of them; with `unknown`, the newest in a status that nobody knows.
    pub fn shown(&self, unknown: bool) -> Vec<Value> {
        let mut all = self.all.clone();
        if let (true, Some(newest)) = (unknown, all.last_mut()) {
            newest["status"] = UNKNOWN_STATUS.into();
        }
        all
    }

    /// Makes a contract of a proposal that was hired; the same again changes nothing.
    pub fn begin(&mut self, proposal: &Proposal, posting: &Posting, now: i64) {
        if self.all.iter().any(|contract| contract["offerId"] == proposal.id.as_str()) {
            return;
        }
        let number = self.all.len() + 1;
        let amount = proposal.value()["terms"]["chargeRate"].clone();
        let today = times::shown(now);
        let terms = match posting.facts.kind {
            Kind::Hourly => json!({"fixedPriceTerms": [], "hourlyTerms": [{
                "id": format!("{number}1"), "hourlyRate": amount, "createDate": today, "startDate": today,
                "manualTimeAllowed": true,
            }]}),
            Kind::Fixed => json!({"hourlyTerms": [], "fixedPriceTerms": [{
                "id": format!("{number}1"), "fixedAmount": amount, "fpCharge": amount, "createDate": today,
                "startDate": today,
                "milestones": [{
                    "id": format!("{number}11"), "state": "ACTIVE", "description": "The whole work", "sequenceId": 1,
                    "depositAmount": amount, "fundedAmount": amount, "currentEscrowAmount": amount,
                    "submissionCount": 0, "createdDateTime": today,
                }],
            }]}),
        };
        let user = profile::generic_user();
        self.all.push(json!({
            "id": format!("3{number:08}"), "title": posting.node.get("title"), "status": "ACTIVE", "kind": "MARKETPLACE",
            "deliveryModel": null, "isPtc": false, "createDate": today, "modifyDate": today, "startDate": today,
            "endDate": null, "offerId": proposal.id, "job": details::job(posting),
            "freelancer": {"id": user["id"], "rid": user["rid"], "name": user["name"], "firstName": user["firstName"],
                "lastName": user["lastName"], "email": user["email"]},
            "vendorOrganization": profile::organization(&proposal.tenant),
            "clientOrganization": details::company(&posting.node), "hiringManager": null, "hourlyLimits": [], "terms": terms,
        }));
    }

    /// Makes contracts of nobody's proposals, each with milestones.
    ///
    /// # Errors
    /// What is wrong with the numbers.
    pub fn seed(&mut self, fields: &serde_json::Map<String, Value>, now: i64) -> Result<Value, String> {
        let number = |name: &str, most: i64| match fields.get(name).map_or(Some(1), Value::as_i64) {
            Some(number) if (0..=most).contains(&number) => Ok(number),
            _ => Err(format!("`{name}` must be 0 to {most}.")),
        };
        let (count, steps) = (number("count", 10_000)?, number("milestones", 100)?);
        let user = profile::generic_user();
        let today = times::shown(now);
        for _ in 0..count {
            let number = self.all.len() + 1;
            let milestones: Vec<Value> = (1..=steps)
                .map(|step| {
                    let amount = profile::money("100.0", "USD");
                    json!({
                        "id": format!("{number}{step:03}"), "state": "ACTIVE", "description": format!("Step {step}"),
                        "sequenceId": step, "depositAmount": amount, "submissionCount": 0, "createdDateTime": today,
                    })
                })
                .collect();
            self.all.push(json!({
                "id": format!("3{number:08}"), "title": format!("Seeded contract {number}"), "status": "ACTIVE",
                "kind": "MARKETPLACE", "createDate": today, "modifyDate": today, "startDate": today, "endDate": null,
                "offerId": format!("seeded-{number}"), "job": null,
                "freelancer": {"id": user["id"], "rid": user["rid"], "name": user["name"]}, "hourlyLimits": [],
                "vendorOrganization": profile::organization(profile::ORGANIZATION_ID), "clientOrganization": null,
                "terms": {"hourlyTerms": [], "fixedPriceTerms": [{
                    "id": format!("{number}1"), "fixedAmount": profile::money(&format!("{steps}00.0"), "USD"),
                    "milestones": milestones,
                }]},
            }));
        }
        Ok(json!({"count": self.all.len()}))
    }

    /// Changes fields of a milestone of a contract.
    ///
    /// # Errors
    /// There is no such contract or milestone.
    pub fn change_milestone(
        &mut self,
        id: &str,
        milestone: &str,
        fields: serde_json::Map<String, Value>,
        now: i64,
    ) -> Result<Value, String> {
        let contract = self.all.iter_mut().find(|contract| contract["id"] == id);
        let contract = contract.ok_or_else(|| format!("There is no contract {id}."))?;
        contract["modifyDate"] = times::shown(now).into();
        let terms = contract.pointer_mut("/terms/fixedPriceTerms").and_then(Value::as_array_mut);
        let mut steps = terms.into_iter().flatten().filter_map(|term| term["milestones"].as_array_mut()).flatten();
        let step = steps.find(|step| step["id"] == milestone);
        let step = step.ok_or_else(|| format!("Contract {id} has no milestone {milestone}."))?;
        for (name, value) in fields {
            step[&name] = value;
        }
        Ok(step.clone())
    }

    /// Changes fields of a contract.
    ///
    /// # Errors
    /// There is no such contract.
    pub fn change(&mut self, id: &str, fields: serde_json::Map<String, Value>, now: i64) -> Result<Value, String> {
        let contract = self.all.iter_mut().find(|contract| contract["id"] == id);
        let contract = contract.ok_or_else(|| format!("There is no contract {id}."))?;
        contract["modifyDate"] = times::shown(now).into();
        for (name, value) in fields {
            contract[&name] = value;
        }
        Ok(contract.clone())
    }

    /// Lists as `vendorContracts` does.
    ///
    /// # Errors
    /// The platform's message.
    pub fn list(&self, arguments: &JsonMap, unknown: bool) -> Result<Value, String> {
        let wanted: Arguments = read(arguments)?;
        let filter = &wanted.filter;
        let paging = wanted.paging.unwrap_or(Paging { limit: None, offset: None });
        let limit = paging.limit.unwrap_or(10).clamp(0, MAX_LIMIT);
        let offset = paging.offset.unwrap_or(0).max(0);
        let text = |contract: &Value, name: &str| contract[name].as_str().unwrap_or_default().to_owned();
        let rows: Vec<Value> = self
            .shown(unknown)
            .into_iter()
            .filter(|contract| {
                let own = [text(&contract["freelancer"], "id"), text(&contract["vendorOrganization"], "id")];
                let end = text(contract, "endDate");
                own.contains(&filter.vendor_id)
                    && filter.start_date_before.as_ref().is_none_or(|date| text(contract, "startDate") < *date)
                    && filter.end_date_after.as_ref().is_none_or(|date| end.is_empty() || end > *date)
                    && filter.contract_statuses.as_ref().is_none_or(|any| any.contains(&text(contract, "status")))
            })
            .skip(usize::try_from(offset).unwrap_or_default())
            .take(usize::try_from(limit).unwrap_or_default())
            .collect();
        Ok(json!({"paging": {"limit": limit, "offset": offset}, "contracts": rows}))
    }
}
