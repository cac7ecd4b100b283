//! Contracts and milestones, as people read them.

use jiff::Timestamp;

use super::super::output::{Output, Style};
use super::super::table::{LEAST, below, cell, platform_column, widest};
use super::super::text;
use crate::app::contracts::{ContractRow, MilestoneRow, MoneyRow};
use crate::app::error::exit;

/// Columns of an amount with its currency.
const PAY: usize = 16;

pub(super) fn list(rows: &[ContractRow], all: bool, output: &mut Output) -> u8 {
    if output.is_json() {
        output.json(&serde_json::json!({"contracts": rows}));
        return exit::OK;
    }
    if rows.is_empty() {
        output.message(if all {
            "No contract is known. `ghoststack prospector contracts sync` asks the platforms."
        } else {
            "No work goes on. `--all` shows what has ended; `contracts sync` asks the platforms."
        });
        return exit::OK;
    }
    let platform = platform_column(rows.iter().map(|row| row.platform.as_str()));
    let ids = widest(rows.iter().map(|row| row.id.as_str()), 2, 20);
    let states = widest(rows.iter().map(|row| row.status.as_str()), 6, 20);
    let head = format!("{}{}  {}  {:>PAY$}", platform("PLATFORM"), cell("ID", ids), cell("STATUS", states), "PAYS");
    let room = output.width().saturating_sub(head.chars().count() + 2);
    if room >= LEAST {
        output.line(output.style(Style::Dim, format_args!("{head}  TITLE")));
    }
    for row in rows {
        let pay = row.amount.as_ref().map_or_else(String::new, |amount| pay(amount, &row.payment));
        let (id, status) = (cell(&row.id, ids), cell(&row.status, states));
        let head = format!("{}{id}  {status}  {pay:>PAY$}", platform(&row.platform));
        titled(&head, &row.title, room, output);
    }
    exit::OK
}

/// A line with a title at its end, or below it where that has no room.
fn titled(head: &str, title: &str, room: usize, output: &mut Output) {
    if room < LEAST {
        output.line(head.trim_end());
        return below(4, [title, ""], output);
    }
    output.line(format_args!("{head}  {}", text::fit(&text::line(title), room)));
}

pub(super) fn show(row: &ContractRow, output: &mut Output) -> u8 {
    if output.is_json() {
        output.json(row);
        return exit::OK;
    }
    output.line(output.style(Style::Bold, text::line(&row.title)));
    let mut fact = |name: &str, value: String| {
        if !value.is_empty() {
            output.line(format_args!("{name:<10} {value}"));
        }
    };
    fact("contract", format!("{}/{}", row.platform, text::line(&row.id)));
    fact("status", text::line(&row.status));
    fact("client", row.client.as_deref().map(text::line).unwrap_or_default());
    fact("pays", row.amount.as_ref().map_or_else(String::new, |amount| pay(amount, &row.payment)));
    fact("hours", row.weekly_hours.map_or_else(String::new, |hours| format!("at most {hours} a week")));
    fact("begins", row.starts_at.map(text::time).unwrap_or_default());
    fact("ends", row.ends_at.map(text::time).unwrap_or_default());
    fact("posting", row.posting.as_deref().map(text::line).unwrap_or_default());
    let own = row.proposal_number.map(|number| format!("ghoststack prospector proposals show {number}"));
    fact("proposal", own.or_else(|| row.proposal.as_deref().map(text::line)).unwrap_or_default());
    fact("page", row.url.as_deref().map(text::line).unwrap_or_default());
    if !row.milestones.is_empty() {
        output.line("");
        milestone_lines(&row.milestones.iter().map(|milestone| (row, milestone)).collect::<Vec<_>>(), false, output);
    }
    exit::OK
}

pub(super) fn milestone_lines(rows: &[(&ContractRow, &MilestoneRow)], of_several: bool, output: &mut Output) {
    let contracts = widest(rows.iter().map(|(row, _)| row.id.as_str()), 8, 20);
    let ids = widest(rows.iter().map(|(_, milestone)| milestone.id.as_str()), 2, 20);
    let states = widest(rows.iter().map(|(_, milestone)| milestone.status.as_str()), 6, 20);
    let contract = |id: &str| if of_several { format!("{}  ", cell(id, contracts)) } else { String::new() };
    let line = |[due, of, id, status, pay]: [&str; 5]| {
        format!("{due:<10}  {}{}  {}  {pay:>PAY$}", contract(of), cell(id, ids), cell(status, states))
    };
    let head = line(["DUE", "CONTRACT", "ID", "STATUS", "PAYS"]);
    let room = output.width().saturating_sub(head.chars().count() + 2);
    if room >= LEAST {
        output.line(output.style(Style::Dim, format_args!("{head}  WHAT")));
    }
    for (row, milestone) in rows {
        let due = milestone.due_at.and_then(|at| Timestamp::from_second(at).ok());
        let due = due.map_or_else(|| "no date".to_owned(), |at| at.strftime("%Y-%m-%d").to_string());
        let pay = milestone.amount.as_ref().map_or_else(String::new, |amount| pay(amount, ""));
        titled(&line([&due, &row.id, &milestone.id, &milestone.status, &pay]), &milestone.description, room, output);
    }
}

/// `500.00 USD`, `40.00 USD/h`.
fn pay(of: &MoneyRow, payment: &str) -> String {
    format!("{:.2} {}{}", of.amount, text::line(&of.currency), if payment == "hourly" { "/h" } else { "" })
}
