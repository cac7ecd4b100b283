//! `proposals`.

pub mod args;
mod draft;
mod edit;
mod list;
mod sending;
mod show;
mod templates;

use self::args::Proposals;
use super::args::Globals;
use super::output::{Output, Style};
use super::text;
use crate::app::error::exit;
use crate::app::proposals::{edit as editing, find};
use crate::app::{Access, App, AppError};
use crate::contract::planning::Problem;
use crate::proposal::{Proposal, State};

/// Drafts, lists, shows, changes.
pub async fn run(globals: &Globals, command: Proposals, output: &mut Output) -> Result<u8, AppError> {
    match command {
        Proposals::Draft(args) => draft::run(globals, args, output).await,
        Proposals::List(args) => list::run(args, output).await,
        Proposals::Show(args) => show::run(args.number, output).await,
        Proposals::Edit(args) => edit::run(globals, args, output).await,
        Proposals::Submit(args) => sending::submit(globals, args, output).await,
        Proposals::Revise(args) => sending::revise(globals, args, output).await,
        Proposals::Withdraw(args) => sending::withdraw(globals, args, output).await,
        Proposals::Resolve(args) => sending::resolve(args, output).await,
        Proposals::Sync(args) => super::contracts::run(globals, super::contracts::Contracts::Sync(args), output).await,
        Proposals::Pause => sending::pause(true, output).await,
        Proposals::Resume => sending::pause(false, output).await,
        Proposals::Budget => sending::budget(output).await,
        Proposals::Remove(args) => remove(args.number, output).await,
        Proposals::Templates(command) => templates::run(command, output).await,
    }
}

async fn remove(number: i64, output: &mut Output) -> Result<u8, AppError> {
    let app = App::open().await?;
    let services = app.services(Access::Write).await?;
    let removed = async {
        let proposal = find(&app, &services, number).await?;
        editing::remove(&services, &proposal).await?;
        Ok::<Proposal, AppError>(proposal)
    }
    .await;
    services.close().await;
    let proposal = removed?;
    let (platform, id) = (&proposal.account.platform, &proposal.content.draft.posting);
    if output.is_json() {
        output.json(&serde_json::json!({"removed": number, "platform": platform, "id": id}));
    } else {
        let id = text::line(id);
        output.line(format_args!("Proposal {number} is removed, and its lead {platform}/{id} dismissed (`leads mark {id} seen` brings it back)"));
    }
    Ok(exit::OK)
}

/// What stands against a proposal, and what can be done next.
fn outcome(proposal: &Proposal, problems: &[Problem], output: &mut Output) {
    for problem in problems {
        let style = if problem.blocking { Style::Bad } else { Style::Fair };
        let field = output.style(style, text::line(&problem.field));
        let said = text::wrap(&text::line(&problem.message), output.width().saturating_sub(4), 4);
        output.line(format_args!("  {field}: {said}"));
    }
    if let Some(trouble) = &proposal.content.trouble {
        let remedy = trouble.remedy.as_ref().map(|remedy| format!(" ({})", text::line(remedy))).unwrap_or_default();
        output.line(format_args!("  {}: {}{remedy}", text::line(&trouble.kind), text::line(&trouble.message)));
    }
    let number = proposal.number;
    match proposal.state {
        State::Draft => output.line(format_args!(
            "It stays a draft until that is settled: ghoststack prospector proposals edit {number}"
        )),
        State::Review => {
            output.line(format_args!("It waits for your review: ghoststack prospector proposals submit {number}"))
        }
        _ => {}
    }
}
