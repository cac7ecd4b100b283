//! Proposals: previews, submitted ones, their lists.
//!
//! Reading them is the platform's API; previewing, submitting and withdrawing is **assumed**, see
//! `assumed.graphql`.

use apollo_compiler::response::{JsonMap, serde_json_bytes};
use serde::Deserialize;
use serde_json::{Value, json};

use super::catalog::{Catalog, text};
use super::search::WRONG_INPUT;
use super::settings::ApiSettings;
use super::{details, profile, times};
use crate::random;

/// Proposals that a list may have at most; more is `VJCA-6`.
const MAX_FIRST: i64 = 40;
/// Longest cover letter, characters (of the platform's MCP server).
const MAX_LETTER: usize = 5_000;
/// Connects that a proposal costs. Invented.
const COST: i64 = 8;
/// Life of a preview, seconds. Invented.
const PREVIEW_SECONDS: i64 = 900;
/// Previews that are kept.
const MAX_PREVIEWS: usize = 1_000;
/// The platform's words for a second proposal; code of its MCP server, text assumed.
const DUPLICATE: &str = "VJ-JA-10: You have already submitted a proposal for this job.";
/// The platform's words for a posting that is over, and for a question without an answer. Assumed.
const CLOSED: &str = "VJ-JA-3: The job is not accepting proposals.";
const UNANSWERED: &str = "VJ-JA-4: A screening question is not answered";
/// Statuses of a proposal that has ended.
const ENDED: [&str; 4] = ["Declined", "Withdrawn", "Archived", "Invalid"];
/// Documented statuses, in their mixed case.
const STATUSES: [&str; 9] =
    ["Accepted", "Declined", "Withdrawn", "Offered", "Activated", "Archived", "Hired", "Pending", "Invalid"];
/// Durations that a proposal may name.
const DURATIONS: [(&str, &str); 4] =
    [("1", "Less than 1 month"), ("2", "1 to 3 months"), ("3", "3 to 6 months"), ("4", "More than 6 months")];

/// A proposal, as its `VendorProposal` and what is looked up in it.
#[derive(Debug, Clone)]
pub(super) struct Proposal {
    pub id: String,
    pub job: String,
    pub tenant: String,
    pub status: String,
    pub created: i64,
    pub modified: i64,
    value: Value,
}

impl Proposal {
    /// The proposal as a `VendorProposal`.
    pub fn value(&self) -> Value {
        let mut value = self.value.clone();
        value["status"]["status"] = self.status.as_str().into();
        value["auditDetails"]["modifiedDateTime"] = times::shown(self.modified).into();
        value
    }
}

#[derive(Debug)]
struct Preview {
    id: String,
    expires: i64,
    input: Input,
}

/// All proposals of the account.
#[derive(Debug, Default)]
pub(super) struct Proposals {
    all: Vec<Proposal>,
    previews: Vec<Preview>,
}

/// `VendorProposalInput`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Input {
    job_posting_id: String,
    #[serde(default)]
    cover_letter: String,
    charged_amount: f64,
    #[serde(default)]
    estimated_duration_id: Option<String>,
    #[serde(default)]
    milestones: Option<Vec<MilestoneInput>>,
    #[serde(default)]
    answers: Option<Vec<AnswerInput>>,
}

#[derive(Debug, Clone, Deserialize)]
struct AnswerInput {
    question: String,
    answer: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct MilestoneInput {
    description: String,
    due_date: String,
    amount: f64,
}

#[derive(Deserialize)]
struct ListArguments {
    filter: ListFilter,
    #[serde(rename = "sortAttribute")]
    order: ListOrder,
    pagination: super::filter::Pagination,
}

#[derive(Deserialize)]
struct ListFilter {
    status_eq: String,
    #[serde(default, rename = "freelancerId_eq")]
    freelancer: Option<String>,
    #[serde(default, rename = "organizationId_eq")]
    organization: Option<String>,
    #[serde(default, rename = "jobPostingIds_any")]
    jobs: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct ListOrder {
    field: String,
    #[serde(rename = "sortOrder")]
    order: String,
}

impl Proposals {
    /// All of them, oldest first.
    pub fn all(&self) -> &[Proposal] {
        &self.all
    }

    /// Whether a proposal for that job lives.
    pub fn is_live(&self, job: &str) -> bool {
        self.all.iter().any(|proposal| proposal.job == job && !ENDED.contains(&proposal.status.as_str()))
    }

    /// How many proposals have not ended, of a posting or of all.
    pub fn live(&self, job: Option<&str>) -> usize {
        let lives = |proposal: &&Proposal| {
            job.is_none_or(|job| proposal.job == job) && !ENDED.contains(&proposal.status.as_str())
        };
        self.all.iter().filter(lives).count()
    }

    /// The proposal of that id.
    pub fn find(&self, id: &str) -> Option<&Proposal> {
        self.all.iter().find(|proposal| proposal.id == id)
    }

    /// Lists as `vendorProposals` does, those that were made until then.
    ///
    /// # Errors
    /// The platform's message.
    pub fn list(&self, arguments: &JsonMap, shown_until: i64) -> Result<Value, String> {
        let wanted: ListArguments = read(arguments)?;
        if !(1..=MAX_FIRST).contains(&wanted.pagination.first) {
            return Err(WRONG_INPUT.to_owned());
        }
        let start: usize = match wanted.pagination.after.as_deref() {
            None => 0,
            Some(after) => after.parse().map_err(|_| WRONG_INPUT.to_owned())?,
        };
        let first = usize::try_from(wanted.pagination.first).unwrap_or_default();
        let filter = &wanted.filter;
        let mut rows: Vec<&Proposal> = self
            .all
            .iter()
            .filter(|proposal| {
                // A status that nobody knows is among the pending ones.
                let status =
                    if STATUSES.contains(&proposal.status.as_str()) { proposal.status.as_str() } else { "Pending" };
                proposal.created <= shown_until
                    && status == filter.status_eq
                    && filter.freelancer.as_ref().is_none_or(|id| *id == profile::ACCOUNT_ID.to_string())
                    && filter.organization.as_ref().is_none_or(|id| *id == proposal.tenant)
                    && filter.jobs.as_ref().is_none_or(|ids| ids.is_empty() || ids.contains(&proposal.job))
            })
            .collect();
        rows.sort_by_key(|proposal| match wanted.order.field.as_str() {
            "CREATEDDATETIME" => (proposal.created, proposal.id.clone()),
            _ => (proposal.modified, proposal.id.clone()),
        });
        if wanted.order.order == "DESC" {
            rows.reverse();
        }
        let total = rows.len();
        let end = start.saturating_add(first).min(total);
        let edges: Vec<Value> = rows
            .get(start..end)
            .unwrap_or_default()
            .iter()
            .enumerate()
            .map(|(index, proposal)| json!({"cursor": (start + index).to_string(), "node": proposal.value()}))
            .collect();
        Ok(json!({
            "totalCount": total, "edges": edges,
            "pageInfo": {"hasNextPage": end < total, "endCursor": end.to_string()},
        }))
    }

    /// Checks a proposal without submitting it.
    ///
    /// # Errors
    /// The platform's message.
    pub fn preview(
        &mut self,
        (catalog, settings): (&Catalog, &ApiSettings),
        input: Input,
        now: i64,
    ) -> Result<Value, String> {
        self.check(catalog, settings, &input)?;
        if self.previews.len() >= MAX_PREVIEWS {
            self.previews.remove(0);
        }
        let id = random::hex(24);
        let expires = now.saturating_add(PREVIEW_SECONDS);
        self.previews.push(Preview { id: id.clone(), expires, input });
        Ok(json!({
            "previewId": id, "connectsCost": COST, "connectsBalance": self.connects(settings),
            "expiresDateTime": times::shown(expires),
        }))
    }

    /// Submits what was previewed.
    ///
    /// # Errors
    /// The platform's message.
    pub fn submit(
        &mut self,
        (catalog, settings): (&Catalog, &ApiSettings),
        preview: &str,
        tenant: &str,
        now: i64,
    ) -> Result<Value, String> {
        let at = self.previews.iter().position(|known| known.id == preview && known.expires > now);
        let Some(at) = at else {
            return Err(format!("{WRONG_INPUT}: the preview is unknown, used or expired."));
        };
        let input = self.previews.remove(at).input;
        self.check(catalog, settings, &input)?;
        Ok(self.put(catalog, input, tenant, now))
    }

    /// Withdraws a proposal.
    ///
    /// # Errors
    /// The platform's message.
    pub fn withdraw(&mut self, id: &str, reason: Option<&str>, now: i64) -> Result<Value, String> {
        let Some(proposal) = self.all.iter_mut().find(|proposal| proposal.id == id) else {
            return Err(format!("{WRONG_INPUT}: there is no proposal {id}."));
        };
        if ENDED.contains(&proposal.status.as_str()) {
            return Err(format!("The proposal is {} and cannot be withdrawn.", proposal.status));
        }
        proposal.status = "Withdrawn".to_owned();
        proposal.modified = now;
        proposal.value["status"]["reason"] = json!({"id": "1", "reason": "other", "description": reason});
        Ok(proposal.value())
    }

    /// Puts a proposal's status, as the client or the platform would.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn put_status(&mut self, id: &str, status: &str, unknown: Option<&str>, now: i64) -> Result<&Proposal, String> {
        if !STATUSES.contains(&status) && Some(status) != unknown {
            return Err(format!("{status:?} is no status; the statuses are: {}.", STATUSES.join(", ")));
        }
        let proposal = self.all.iter_mut().find(|proposal| proposal.id == id);
        let proposal = proposal.ok_or_else(|| format!("There is no proposal {id}."))?;
        proposal.status = status.to_owned();
        proposal.modified = now;
        Ok(proposal)
    }

    fn check(&self, catalog: &Catalog, settings: &ApiSettings, input: &Input) -> Result<(), String> {
        let Some(posting) = catalog.find(&input.job_posting_id) else {
            return Err(format!("{WRONG_INPUT}: there is no job {}.", input.job_posting_id));
        };
        let job = details::job(posting);
        if text(&job, "/workFlowState/status") != "ACTIVE" || posting.node["freelancersToHire"] == 0 {
            return Err(CLOSED.to_owned());
        }
        if !settings.duplicate_proposals && self.is_live(&input.job_posting_id) {
            return Err(DUPLICATE.to_owned());
        }
        let questions = job.pointer("/contractorSelection/proposalRequirement/screeningQuestions");
        for question in questions.and_then(Value::as_array).into_iter().flatten() {
            let asked = text(question, "/question");
            let is_answer = |given: &AnswerInput| given.question == asked && !given.answer.trim().is_empty();
            if !input.answers.iter().flatten().any(is_answer) {
                return Err(format!("{UNANSWERED}: {asked}"));
            }
        }
        if !input.charged_amount.is_finite() || input.charged_amount <= 0.0 {
            return Err(format!("{WRONG_INPUT}: chargedAmount must be positive."));
        }
        let letter = input.cover_letter.chars().count();
        if letter == 0 || letter > MAX_LETTER {
            return Err(format!("{WRONG_INPUT}: coverLetter has {letter} characters, allowed are 1 to {MAX_LETTER}."));
        }
        if self.connects(settings) < COST {
            return Err("Not enough Connects.".to_owned());
        }
        Ok(())
    }

    fn connects(&self, settings: &ApiSettings) -> i64 {
        settings.connects.saturating_sub(COST.saturating_mul(i64::try_from(self.all.len()).unwrap_or(i64::MAX)))
    }

    fn put(&mut self, catalog: &Catalog, input: Input, tenant: &str, now: i64) -> Value {
        let id = format!("19{:017}", self.all.len() + 1);
        let posting = catalog.find(&input.job_posting_id);
        let currency = posting.map_or("USD", |posting| currency_of(&posting.node));
        let duration = DURATIONS
            .iter()
            .find(|(known, _)| input.estimated_duration_id.as_deref() == Some(known))
            .map_or(Value::Null, |(id, label)| json!({"id": id, "label": label}));
        let plan = input.milestones.as_ref().filter(|milestones| !milestones.is_empty()).map(|milestones| {
            let rows: Vec<Value> = milestones
                .iter()
                .map(|row| json!({"description": row.description, "dueDate": row.due_date, "amount": row.amount.to_string()}))
                .collect();
            json!({"id": format!("{id}0"), "milestones": rows})
        });
        let value = json!({
            "id": id, "user": profile::generic_user(), "organization": profile::organization(tenant),
            "marketplaceJobPosting": posting.map(details::job),
            "terms": {
                "chargeRate": profile::money(&format!("{:?}", input.charged_amount), currency),
                "estimatedDuration": duration, "upfrontPaymentPercent": null,
            },
            // What the client reads of these is in no type of the platform's: for the control origin alone.
            "answers": input.answers.iter().flatten().map(|given| json!([given.question, given.answer])).collect::<Vec<_>>(),
            "coverLetter": input.cover_letter, "proposalCoverLetter": input.cover_letter, "projectPlan": plan,
            "auditDetails": {"createdByUser": profile::generic_user(), "modifiedByUser": null,
                "createdDateTime": times::shown(now)},
            "status": {"status": "Accepted", "reason": null}, "annotations": [],
        });
        // "Accepted" says that the submission passed the platform's checks, not that the client agreed.
        let proposal = Proposal {
            id,
            job: input.job_posting_id,
            tenant: tenant.to_owned(),
            status: "Accepted".to_owned(),
            created: now,
            modified: now,
            value,
        };
        let shown = proposal.value();
        self.all.push(proposal);
        shown
    }
}

/// `proposalMetadata`.
pub(super) fn metadata() -> Value {
    let durations: Vec<Value> = DURATIONS.iter().map(|(id, label)| json!({"id": id, "label": label})).collect();
    json!({"engagementDurationValues": durations, "reasons": [{"id": "1", "reason": "Other", "alias": "other"}]})
}

/// The currency of a search node's money.
pub(super) fn currency_of(node: &Value) -> &str {
    ["/hourlyBudgetMin/currency", "/hourlyBudgetMax/currency", "/amount/currency"]
        .into_iter()
        .map(|pointer| text(node, pointer))
        .find(|code| !code.is_empty())
        .unwrap_or("USD")
}

/// Arguments that the schema has agreed to, in the type that they have here.
pub(super) fn read<T: serde::de::DeserializeOwned>(arguments: &JsonMap) -> Result<T, String> {
    serde_json_bytes::from_value(serde_json_bytes::Value::Object(arguments.clone())).map_err(|_| WRONG_INPUT.to_owned())
}
