//! `contracts`.

mod sync;
mod table;

use clap::{Args, Subcommand};

use super::args::Globals;
use super::output::Output;
use super::{plan, prompt, text};
use crate::app::contracts::{self, ContractRow, MilestoneRow, handing_in};
use crate::app::error::exit;
use crate::app::{Access, App, AppError, Services, following};
use table::{list, milestone_lines, show};

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
        Contracts::Show(args) => contracts::shown(&app, &services, &args.id).await.map(|row| show(&row, output)),
        Contracts::Milestones(args) => milestones(&app, &services, args, output).await,
        Contracts::Sync(args) => sync::run(&app, &services, args, output).await,
        Contracts::MilestoneSubmit(args) => hand_in(globals, &app, &services, args, output).await,
    };
    services.close().await;
    done
}

async fn milestones(app: &App, services: &Services, args: Milestones, output: &mut Output) -> Result<u8, AppError> {
    let rows = match &args.id {
        Some(id) => vec![contracts::shown(app, services, id).await?],
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

async fn hand_in(
    globals: &Globals,
    app: &App,
    services: &Services,
    args: MilestoneSubmit,
    output: &mut Output,
) -> Result<u8, AppError> {
    let prepared = handing_in::prepare(app, services, &args.id, &args.milestone, args.message).await?;
    if args.dry_run || !output.is_json() {
        plan::show(prepared.plan(), output);
    }
    if args.dry_run {
        output.message("Nothing was sent.");
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
    let page = handing_in::hand_in(app, services, &prepared).await?;
    let platform = &prepared.contract.account.platform;
    following::forget_positions(app, services, platform).await?;
    let round = following::follow(app, services, app.installation.named(platform).await?).await?;
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
