//! Proposals that were sent, by whatever way: `vendorProposals`.
//!
//! It lists one status at a time. So one document asks for all of them, each under its own name, and what is longer is asked for by itself.

use std::cmp::Reverse;

use prospector_plugin::error::{self, Refine};
use prospector_plugin::lenient::{Field as _, Flag, Json, Lax, Object, Text};
use prospector_plugin::paging::{cursor_of, read_cursor};
use prospector_plugin::posting::word;
use prospector_plugin::proposals::{Proposal, ProposalPage, ProposalStatus};
use prospector_plugin::time::{parse, sound};
use prospector_plugin::types::{Error, UtcSeconds};
use prospector_plugin::{Host, money, record};
use serde_json::json;

use crate::document::request;
use crate::envelope::{Way, ask};
use crate::posting::is_identifier;
use crate::settings::Settings;
use crate::wire::Money;
use crate::wishes;

/// Every status that is known of, of the live enumeration.
const STATUSES: [&str; 9] =
    ["Accepted", "Pending", "Activated", "Offered", "Hired", "Declined", "Withdrawn", "Archived", "Invalid"];

/// Rows of each status that are asked for first, and of one that has more: beyond 40 the platform refuses.
const FIRST: u32 = 10;
const MORE: u32 = 40;

/// Rows that a page has at most.
const PAGE: usize = 100;

/// Seconds by which a pass reaches back behind the beginning of the last: a change may show late.
const OVERLAP: i64 = 3600;

/// What is asked of times: they are texts by one source and objects by another.
const TIMES: [&str; 2] = [
    "createdDateTime modifiedDateTime",
    "createdDateTime { rawValue displayValue } modifiedDateTime { rawValue displayValue }",
];

record! {
    struct Edge<'a> {
        node: Lax<Node<'a>>,
    }

    /// `VendorProposal`.
    pub(crate) struct Node<'a> {
        id: Text,
        job: Lax<Identified> = "marketplaceJobPosting",
        terms: Lax<Terms<'a>>,
        audit: Lax<Audit<'a>> = "auditDetails",
        status: Lax<Status>,
    }

    pub(crate) struct Identified {
        pub(crate) id: Text,
    }

    struct Terms<'a> {
        charge_rate: Lax<Money<'a>> = "chargeRate",
    }

    struct Audit<'a> {
        created: Json<'a> = "createdDateTime",
        modified: Json<'a> = "modifiedDateTime",
    }

    struct Status {
        status: Text,
    }

    struct PageInfo {
        has_next_page: Flag = "hasNextPage",
    }
}

/// A proposal, and when it was changed.
struct Row {
    proposal: Proposal,
    modified: Option<UtcSeconds>,
}

/// A list of one status.
struct List {
    rows: Vec<Row>,
    /// Elements of the list, whatever they are.
    elements: usize,
    has_next: bool,
}

/// The document that lists proposals of these statuses, of one posting if so.
fn document(statuses: &[&str], of_job: bool, times: &str) -> String {
    let (variable, filter) = if of_job { (", $jobs: [ID!]", ", jobPostingIds_any: $jobs") } else { ("", "") };
    let mut text = format!("query Proposals($first: Int!, $after: String{variable}) {{");
    for status in statuses {
        text.push_str(&format!(
            "\n  {status}: vendorProposals(filter: {{ status_eq: {status}{filter} }}, \
             sortAttribute: {{ field: MODIFIEDDATETIME, sortOrder: DESC }}, pagination: {{ first: $first, after: $after }}) {{
    edges {{ node {{ id marketplaceJobPosting {{ id }} terms {{ chargeRate {{ rawValue currency }} }} auditDetails {{ {times} }} \
             status {{ status }} }} }}
    pageInfo {{ hasNextPage }}
  }}"
        ));
    }
    text.push_str("\n}");
    text
}

/// Asks for lists of proposals, each whole or all refused.
fn lists(
    host: &dyn Host,
    settings: &Settings,
    statuses: &[&str],
    job: Option<&str>,
    (first, offset): (u32, i64),
) -> Result<Vec<List>, Error> {
    let origin = wishes::api(host)?;
    let page = wishes::page(host, "/nx/proposals/")?;
    let mut variables = json!({"first": first, "after": offset.to_string()});
    if let Some(job) = job {
        variables["jobs"] = json!([job]);
    }
    let mut outcome = Err(error::internal("No form of times is known"));
    for times in TIMES {
        let document = document(statuses, job.is_some(), times);
        let request = request(&origin, &document, &variables, &settings.organization_id)?;
        let asked = ask(host, &request, "your proposals", |data, _, _| {
            let Json::Object(mut data) = data else { return None };
            statuses.iter().map(|status| list(&mut data, status, &page)).collect::<Option<Vec<List>>>()
        });
        match asked {
            Ok((lists, _)) => return Ok(lists),
            Err(refused) => {
                let is_about_times = refused.way == Way::Without && refused.said.contains("DateTime");
                outcome = Err(refused.error);
                if !is_about_times {
                    break;
                }
            }
        }
    }
    outcome
}

fn list(data: &mut Object<'_>, status: &str, page: &str) -> Option<List> {
    let Json::Object(mut found) = data.get(status) else { return None };
    let info: PageInfo = Lax::of(found.get("pageInfo")).0.unwrap_or_default();
    let Json::List(edges) = found.get("edges") else { return None };
    let elements = edges.len();
    let nodes = edges.filter_map(|edge| Lax::<Edge<'_>>::of(edge).0?.node.0);
    let rows = nodes.filter_map(|node| row(node, page)).collect();
    Some(List { rows, elements, has_next: info.has_next_page.0 == Some(true) })
}

fn row(node: Node<'_>, page: &str) -> Option<Row> {
    let id = node.id.0.filter(|id| is_identifier(id))?;
    let audit = node.audit.0.unwrap_or_default();
    let charge = node.terms.0.and_then(|terms| terms.charge_rate.0).unwrap_or_default();
    let proposal = Proposal {
        posting: node.job.0?.id.0.filter(|id| is_identifier(id))?,
        status: status(node.status.0.and_then(|status| status.status.0).as_deref().unwrap_or_default()),
        submitted_at: time(audit.created),
        amount: money::money(charge.raw_value.0, charge.currency.0.as_deref()),
        url: Some(format!("{page}{id}")),
        id,
    };
    Some(Row { proposal, modified: time(audit.modified) })
}

/// A time as text, or as an object of milliseconds and text.
fn time(json: Json<'_>) -> Option<UtcSeconds> {
    match json {
        Json::Text(text) => parse(&text),
        Json::Object(mut of) => {
            let raw: Text = Text::of(of.get("rawValue"));
            let milliseconds = raw.0.and_then(|raw| raw.parse::<i64>().ok());
            milliseconds.map(|raw| raw.div_euclid(1000)).and_then(sound).or_else(|| time(of.get("displayValue")))
        }
        _ => None,
    }
}

/// `Accepted` is what passed the platform's checks. That an offer is a choice, and that the archive is the end without one, is assumed.
pub(crate) fn status(word_of_it: &str) -> ProposalStatus {
    match word_of_it {
        "Accepted" | "Pending" | "Activated" => ProposalStatus::Submitted,
        "Offered" | "Hired" => ProposalStatus::Won,
        "Declined" | "Archived" => ProposalStatus::Declined,
        "Withdrawn" => ProposalStatus::Withdrawn,
        "" => ProposalStatus::Other("unknown".to_owned()),
        other => ProposalStatus::Other(word(other)),
    }
}

/// Whether a proposal may still come to something.
pub(crate) fn is_live(status: &ProposalStatus) -> bool {
    !matches!(status, ProposalStatus::Withdrawn | ProposalStatus::Declined)
}

/// The latest own proposal to a posting; one that lives counts before those that have ended.
pub(crate) fn look_up(host: &dyn Host, settings: &Settings, posting: &str) -> Result<Option<Proposal>, Error> {
    if !is_identifier(posting) {
        return Ok(None);
    }
    let lists = lists(host, settings, &STATUSES, Some(posting), (FIRST, 0))?;
    let elements: usize = lists.iter().map(|list| list.elements).sum();
    let rows = lists.into_iter().flat_map(|list| list.rows).filter(|row| row.proposal.posting == posting);
    let latest = rows.min_by_key(|row| (!is_live(&row.proposal.status), Reverse(row.proposal.submitted_at)));
    match latest {
        Some(row) => Ok(Some(row.proposal)),
        None if elements == 0 => Ok(None),
        // Those of other postings, or that cannot be read: whether there is one is not told.
        None => Err(error::unexpected_answer(format!(
            "Upwork answered {elements} proposals, and none that is for job {posting}"
        ))
        .remedy("Look at the job on the site.")),
    }
}

/// Proposals changed since a cursor: beginning of what is wanted, of this pass, statuses that have more (a bit each), and the offset in the first of
/// these.
pub(crate) fn changed(
    host: &dyn Host,
    settings: &Settings,
    cursor: Option<&str>,
    now: UtcSeconds,
) -> Result<ProposalPage, Error> {
    let mut numbers = [i64::MIN, now, 0, 0];
    if let Some(cursor) = cursor {
        read_cursor(cursor, &mut numbers)?;
    }
    let [since, mut began, mut left, mut offset] = numbers;
    left &= (1 << STATUSES.len()) - 1;
    let mut rows = Vec::new();
    if left == 0 {
        began = now;
        offset = i64::from(FIRST);
        for (bit, list) in lists(host, settings, &STATUSES, None, (FIRST, 0))?.into_iter().enumerate() {
            left |= i64::from(goes_on(&list, since)) << bit;
            rows.extend(list.rows);
        }
    }
    while left != 0 && rows.len() + MORE as usize <= PAGE {
        let bit = left.trailing_zeros();
        let status = STATUSES.get(bit as usize).copied().unwrap_or_default();
        for list in lists(host, settings, &[status], None, (MORE, offset.max(0)))? {
            offset += i64::try_from(list.elements).unwrap_or(0);
            if !goes_on(&list, since) {
                left &= left - 1;
                offset = i64::from(FIRST);
            }
            rows.extend(list.rows);
        }
    }
    let wanted = rows.into_iter().filter(|row| row.modified.is_none_or(|modified| modified >= since));
    let cursor = match left {
        0 => [began.saturating_sub(OVERLAP), 0, 0, 0],
        _ => [since, began, left, offset],
    };
    Ok(ProposalPage {
        proposals: wanted.map(|row| row.proposal).collect(),
        cursor: cursor_of(&cursor),
        more: left != 0,
    })
}

/// Whether a list that begins with the latest change has more that is wanted.
fn goes_on(list: &List, since: i64) -> bool {
    list.has_next && list.elements > 0 && list.rows.last().is_none_or(|row| row.modified.is_none_or(|at| at >= since))
}

#[cfg(test)]
mod tests;
