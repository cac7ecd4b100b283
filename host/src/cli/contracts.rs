//! `contracts`.

use std::sync::Arc;

use clap::{Args, Subcommand};
use jiff::Timestamp;

use super::args::Globals;
use super::output::{Output, Style};
use super::table::{cell, platform_column, widest};
use super::{plan, prompt, text};
use crate::app::contracts::{self, ContractRow, MilestoneRow, MoneyRow};
use crate::app::error::exit;
use crate::app::following::{self, Round};
use crate::app::{Access, App, AppError, notify};

#[derive(Subcommand)]
pub enum Contracts {
    /// List won work
    List(List),
    /// Show a contract with its milestones
    Show(One),
    /// List milestones, the soonest due first
    Milestones(Milestones),
    /// Ask the platforms what has changed of contracts and proposals
    Sync(Sync),
    /// Hand in a milestone, where the platform takes that; asks before it sends
    MilestoneSubmit(MilestoneSubmit),
}

#[derive(Args)]
pub struct List {
    /// One platform only
    #[arg(long)]
    pub platform: Option<String>,
    /// Those that have ended too
    #[arg(long)]
    pub all: bool,
}

#[derive(Args)]
pub struct One {
    /// The contract's identifier or the beginning of it, with the platform before it where that is needed: `platform/id`
    pub id: String,
}

#[derive(Args)]
pub struct Milestones {
    /// One contract only
    pub id: Option<String>,
    /// Those that are approved, and those of contracts that have ended, too
    #[arg(long)]
    pub all: bool,
}

#[derive(Args)]
pub struct Sync {
    /// One platform only
    #[arg(long)]
    pub platform: Option<String>,
    /// Read everything again, not only what has changed
    #[arg(long)]
    pub full: bool,
}

#[derive(Args)]
pub struct MilestoneSubmit {
    /// The contract
    pub id: String,
    /// The milestone's identifier, as `contracts show` has it
    pub milestone: String,
    /// What the client is told
    #[arg(long, default_value = "")]
    pub message: String,
    /// Show what would be sent, and send nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Agree to it without being asked
    #[arg(long)]
    pub yes: bool,
}

pub async fn run(globals: &Globals, command: Contracts, output: &mut Output) -> Result<u8, AppError> {
    let app = App::open().await?;
    let writes = matches!(command, Contracts::Sync(_) | Contracts::MilestoneSubmit(_));
    let services = app.services(if writes { Access::Write } else { Access::Read }).await?;
    let done = match command {
        Contracts::List(args) => contracts::list(&app, &services, args.platform.as_deref(), args.all)
            .await
            .map(|rows| list(&rows, args.all, output)),
        Contracts::Show(args) => {
            contracts::find(&app, &services, &args.id).await.map(|found| show(&contracts::row(&found), output))
        }
        Contracts::Milestones(args) => milestones(&app, &services, args, output).await,
        Contracts::Sync(args) => sync(&app, &services, args, output).await,
        Contracts::MilestoneSubmit(args) => hand_in(globals, &app, &services, args, output).await,
    };
    services.close().await;
    done
}

fn list(rows: &[ContractRow], all: bool, output: &mut Output) -> u8 {
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
    for row in rows {
        let pay = row.amount.as_ref().map_or_else(String::new, |amount| pay(amount, &row.payment));
        let head =
            format!("{}{}  {}  {:>16}", platform(&row.platform), cell(&row.id, ids), cell(&row.status, states), pay);
        let room = output.width().saturating_sub(head.chars().count() + 2);
        output.line(format_args!("{head}  {}", cell(&row.title, room.max(16))));
    }
    exit::OK
}

fn show(row: &ContractRow, output: &mut Output) -> u8 {
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
    fact("proposal", row.proposal.as_deref().map(text::line).unwrap_or_default());
    fact("page", row.url.as_deref().map(text::line).unwrap_or_default());
    if !row.milestones.is_empty() {
        output.line("");
        milestone_lines(&row.milestones.iter().map(|milestone| (row, milestone)).collect::<Vec<_>>(), false, output);
    }
    exit::OK
}

async fn milestones(
    app: &App,
    services: &crate::app::Services,
    args: Milestones,
    output: &mut Output,
) -> Result<u8, AppError> {
    let rows = match &args.id {
        Some(id) => vec![contracts::row(&contracts::find(app, services, id).await?)],
        None => contracts::list(app, services, None, args.all).await?,
    };
    let all = rows.iter().flat_map(|row| row.milestones.iter().map(move |milestone| (row, milestone)));
    let mut chosen: Vec<(&ContractRow, &MilestoneRow)> =
        all.filter(|(_, milestone)| args.all || milestone.status != "approved").collect();
    chosen
        .sort_by_key(|(row, milestone)| (milestone.due_at.unwrap_or(i64::MAX), &row.platform, &row.id, &milestone.id));
    if output.is_json() {
        let document: Vec<serde_json::Value> = chosen
            .iter()
            .map(|(row, milestone)| {
                let mut value = serde_json::json!(milestone);
                value["platform"] = row.platform.as_str().into();
                value["contract"] = row.id.as_str().into();
                value
            })
            .collect();
        output.json(&serde_json::json!({"milestones": document}));
    } else if chosen.is_empty() {
        output.message("No milestone is open.");
    } else {
        milestone_lines(&chosen, true, output);
    }
    Ok(exit::OK)
}

fn milestone_lines(rows: &[(&ContractRow, &MilestoneRow)], of_several: bool, output: &mut Output) {
    let contracts = widest(rows.iter().map(|(row, _)| row.id.as_str()), 2, 20);
    let ids = widest(rows.iter().map(|(_, milestone)| milestone.id.as_str()), 2, 20);
    let states = widest(rows.iter().map(|(_, milestone)| milestone.status.as_str()), 6, 20);
    for (row, milestone) in rows {
        let due = milestone.due_at.and_then(|at| Timestamp::from_second(at).ok());
        let due = due.map_or_else(|| "no date   ".to_owned(), |at| at.strftime("%Y-%m-%d").to_string());
        let pay = milestone.amount.as_ref().map_or_else(String::new, |amount| pay(amount, ""));
        let contract = if of_several { format!("{}  ", cell(&row.id, contracts)) } else { String::new() };
        let head =
            format!("{due}  {contract}{}  {}  {pay:>14}", cell(&milestone.id, ids), cell(&milestone.status, states));
        let room = output.width().saturating_sub(head.chars().count() + 2);
        output.line(format_args!("{head}  {}", cell(&milestone.description, room.max(16))));
    }
}

/// `500.00 USD`, `40.00 USD/h`.
pub(super) fn pay(of: &MoneyRow, payment: &str) -> String {
    format!("{:.2} {}{}", of.amount, text::line(&of.currency), if payment == "hourly" { "/h" } else { "" })
}

async fn sync(app: &App, services: &crate::app::Services, args: Sync, output: &mut Output) -> Result<u8, AppError> {
    let plugins = app.platforms(args.platform.as_deref())?;
    let mut rounds = Vec::new();
    for plugin in &plugins {
        if args.full {
            following::forget_positions(app, services, plugin.id()).await?;
        }
        rounds.push(follow(app, services, plugin).await?);
    }
    let courier = app.courier(services);
    following::post(app, services, &courier).await?;
    if output.is_json() {
        output.json(&serde_json::json!({"platforms": rounds}));
    } else {
        rounds.iter().for_each(|round| told(round, output));
    }
    output.flush();
    super::notify::warn_of_failures(&courier.deliver_due(notify::PATIENCE).await?, output);
    let failed = rounds.iter().flat_map(|round| &round.errors).next();
    Ok(failed.map_or(exit::OK, |error| crate::app::error::of_kind(&error.kind)))
}

async fn follow(
    app: &App,
    services: &crate::app::Services,
    plugin: &Arc<crate::plugin::platform::PlatformPlugin>,
) -> Result<Round, AppError> {
    following::follow(app, services, plugin).await
}

fn told(round: &Round, output: &mut Output) {
    let Round { contracts_read, contracts_new, contracts_changed, .. } = round;
    let proposals = round.proposals.len();
    output.line(format_args!(
        "{}: {contracts_read} contracts read, {contracts_new} new, {contracts_changed} changed; {proposals} {} otherwise than before",
        round.platform,
        if proposals == 1 { "proposal stands" } else { "proposals stand" }
    ));
    for proposal in &round.proposals {
        output.line(format_args!(
            "  proposal {} is {}: {}",
            proposal.number,
            proposal.state,
            text::line(&proposal.title)
        ));
    }
    for waiting in &round.waiting {
        output.line(format_args!(
            "  what became of proposal {} is asked at {}",
            waiting.number,
            text::time(waiting.ask_at)
        ));
    }
    for error in &round.errors {
        output.message(format_args!(
            "{}: {} cannot be followed: {}",
            round.platform,
            error.what,
            text::line(&error.message)
        ));
        if let Some(remedy) = &error.remedy {
            output.message(format_args!("  {}", text::line(remedy)));
        }
    }
}

async fn hand_in(
    globals: &Globals,
    app: &App,
    services: &crate::app::Services,
    args: MilestoneSubmit,
    output: &mut Output,
) -> Result<u8, AppError> {
    let prepared = contracts::prepare(app, services, &args.id, &args.milestone, args.message).await?;
    if args.dry_run || !output.is_json() {
        plan::show(prepared.plan(), output);
    }
    if args.dry_run {
        return Ok(exit::OK);
    }
    if !args.yes {
        if !prompt::is_possible(globals.no_input) {
            return Err(AppError::Usage("nobody is there to approve it; `--yes` approves it".to_owned()));
        }
        output.flush();
        if !prompt::agreed("Hand it in?", false)? {
            output.message("Nothing was sent.");
            return Ok(exit::OK);
        }
    }
    let page = contracts::hand_in(app, services, &prepared).await?;
    let platform = &prepared.contract.account.platform;
    following::forget_positions(app, services, platform).await?;
    let round = follow(app, services, app.installation.plugin(platform)?).await?;
    if output.is_json() {
        output.json(&serde_json::json!({"milestone": args.milestone, "handed_in": page.is_none(), "page": page}));
    } else if let Some(page) = page {
        output.line(format_args!("Go on at {}", text::line(&page)));
    } else {
        output.line(format_args!("The milestone {} is handed in.", text::line(&args.milestone)));
        round.errors.iter().for_each(|error| output.message(text::line(&error.message)));
    }
    Ok(exit::OK)
}
