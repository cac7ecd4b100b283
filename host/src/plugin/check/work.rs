//! Plans, proposals and contracts, held to the contract.
//!
//! One item that breaks a rule costs its page: what a person has sent or won is not left out in silence.

use super::address::checked_url;
use super::{MAX_NAME, MAX_TITLE, attributes, budgeted, cut, is_identifier, is_time};
use crate::contract::contracts::{Contract, ContractPage, ContractStatus, MilestoneStatus};
use crate::contract::planning::{Plan, Way};
use crate::contract::proposals::{Proposal, ProposalPage, ProposalStatus, Requirements};
use crate::contract::types::{Money, Payment};

/// The longest wait for what was done to show, in seconds: the contract's bound.
const MAX_SHOWN_AFTER: u32 = 3600;
const MAX_PAGE: usize = 100;
const HOURS_A_WEEK: u32 = 168;
const MAX_CURSOR: usize = 4096;
const MAX_MILESTONES: usize = 200;
/// Characters of a proposal's text that a platform may take at most.
const MAX_TEXT: u32 = 100_000;

/// What a platform asks of proposals.
pub(in crate::plugin) fn requirements(mut of: Requirements) -> Result<Requirements, String> {
    of.text_maximum = of.text_maximum.clamp(1, MAX_TEXT);
    if of.text_minimum > of.text_maximum {
        return Err("a text that has to be longer than it may be".to_owned());
    }
    if of.questions.len() > 32 || of.attributes.len() > 16 {
        return Err("more than 32 questions or 16 attributes".to_owned());
    }
    if of.currency.as_ref().is_some_and(|code| !is_currency(code)) {
        return Err("a currency that is not a code of three capitals".to_owned());
    }
    for question in &mut of.questions {
        cut(&mut question.question, MAX_TITLE);
    }
    attributes(&mut of.attributes)?;
    Ok(of)
}

/// A plan, but for its request, which the gate has to understand.
pub(in crate::plugin) fn plan(mut plan: Plan) -> Result<Plan, String> {
    if plan.problems.len() > 32 || plan.costs.len() > 16 || plan.notes.len() > 8 {
        return Err("more than 32 problems, 16 costs or 8 notes".to_owned());
    }
    if plan.shown_after > MAX_SHOWN_AFTER {
        return Err(format!("a wait of more than {MAX_SHOWN_AFTER} s for what was done to show"));
    }
    if plan.reference.as_ref().is_some_and(|reference| reference.is_empty() || reference.len() > 256) {
        return Err("a reference that is not 1 to 256 bytes".to_owned());
    }
    for problem in &mut plan.problems {
        cut(&mut problem.field, MAX_NAME);
        cut(&mut problem.message, 512);
    }
    for cost in &mut plan.costs {
        cut(&mut cost.name, 64);
        cut(&mut cost.amount, 256);
    }
    for note in &mut plan.notes {
        cut(note, 512);
    }
    if let Way::HandOver(url) = &mut plan.way {
        *url = checked_url(url)?;
    }
    Ok(plan)
}

/// A proposal of the account's to this posting, where one was asked about.
pub(in crate::plugin) fn proposal(mut of: Proposal, posting: Option<&str>) -> Result<Proposal, String> {
    if !is_identifier(&of.id) || !is_identifier(&of.posting) {
        return Err("a proposal whose identifier or posting is not 1 to 128 printable ASCII characters".to_owned());
    }
    if posting.is_some_and(|posting| posting != of.posting) {
        return Err("a proposal to another posting than the one asked about".to_owned());
    }
    if let ProposalStatus::Other(word) = &mut of.status {
        cut(word, 64);
    }
    if !is_time(of.submitted_at) {
        return Err("a proposal from beyond the years 1 to 9999".to_owned());
    }
    money(of.amount.as_ref())?;
    of.url = of.url.map(|url| checked_url(&url)).transpose()?;
    Ok(of)
}

/// A page of changed proposals.
pub(in crate::plugin) fn proposals(mut page: ProposalPage) -> Result<ProposalPage, String> {
    bounded(page.proposals.len(), &page.cursor)?;
    page.proposals = page.proposals.into_iter().map(|of| proposal(of, None)).collect::<Result<_, _>>()?;
    Ok(page)
}

/// A page of changed contracts.
pub(in crate::plugin) fn contracts(mut page: ContractPage) -> Result<ContractPage, String> {
    bounded(page.contracts.len(), &page.cursor)?;
    page.contracts = page.contracts.into_iter().map(contract).collect::<Result<_, _>>()?;
    Ok(page)
}

fn contract(mut of: Contract) -> Result<Contract, String> {
    let named = [Some(&of.id), of.posting.as_ref(), of.proposal.as_ref()];
    if !named.into_iter().flatten().all(|id| is_identifier(id)) {
        return Err("a contract whose identifiers are not 1 to 128 printable ASCII characters".to_owned());
    }
    cut(&mut of.title, MAX_TITLE);
    of.client.as_mut().map(|client| cut(client, MAX_NAME));
    of.url = of.url.map(|url| checked_url(&url)).transpose()?;
    if let ContractStatus::Other(word) = &mut of.status {
        cut(word, 64);
    }
    if let Payment::Other(word) = &mut of.payment {
        cut(word, MAX_NAME);
    }
    if !is_time(of.starts_at) || !is_time(of.ends_at) {
        return Err("a contract that begins or ends beyond the years 1 to 9999".to_owned());
    }
    money(of.amount.as_ref())?;
    of.weekly_hours = of.weekly_hours.map(|hours| hours.min(HOURS_A_WEEK));
    attributes(&mut of.attributes)?;
    if of.milestones.len() > MAX_MILESTONES {
        return Err(format!("a contract with more than {MAX_MILESTONES} milestones"));
    }
    for milestone in &mut of.milestones {
        if !is_identifier(&milestone.id) {
            return Err("a milestone whose identifier is not 1 to 128 printable ASCII characters".to_owned());
        }
        cut(&mut milestone.description, MAX_TITLE);
        if let MilestoneStatus::Other(word) = &mut milestone.status {
            cut(word, 64);
        }
        if !is_time(milestone.due_at) || !is_time(milestone.submitted_at) {
            return Err("a milestone from beyond the years 1 to 9999".to_owned());
        }
        money(milestone.amount.as_ref())?;
    }
    Ok(of)
}

fn bounded(items: usize, cursor: &str) -> Result<(), String> {
    if items > MAX_PAGE {
        return Err(format!("a page of {items}, where at most {MAX_PAGE} belong on one"));
    }
    if cursor.len() > MAX_CURSOR {
        return Err("a cursor of more than 4 KiB".to_owned());
    }
    Ok(())
}

fn money(money: Option<&Money>) -> Result<(), String> {
    let Some(Money { amount, currency }) = money else { return Ok(()) };
    if !budgeted(*amount) {
        return Err("an amount that is negative or absurdly large".to_owned());
    }
    if is_currency(currency) { Ok(()) } else { Err("a currency that is not a code of three capitals".to_owned()) }
}

fn is_currency(code: &str) -> bool {
    code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase())
}

#[cfg(test)]
#[path = "work_tests.rs"]
mod tests;
