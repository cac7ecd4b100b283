//! `contracts sync` and `proposals sync`.

use super::super::output::Output;
use super::super::text;
use super::Sync;
use crate::app::error::exit;
use crate::app::following::{self, Round, follow};
use crate::app::{App, AppError, Services, notify};
use crate::cli::notify::warn_of_failures;

pub(super) async fn run(app: &App, services: &Services, args: Sync, output: &mut Output) -> Result<u8, AppError> {
    if let Some(platform) = &args.platform {
        app.installation.plugins.load(platform).await;
    }
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
    warn_of_failures(&courier.deliver_due(notify::PATIENCE).await?, output);
    let failed = rounds.iter().flat_map(|round| &round.errors).next();
    Ok(failed.map_or(exit::OK, |error| crate::app::error::of_kind(&error.kind)))
}

fn told(round: &Round, output: &mut Output) {
    let Round { contracts_read, contracts_new, contracts_changed, .. } = round;
    let proposals = round.proposals.len();
    output.line(format_args!(
        "{}: {contracts_read} contract{} read, {contracts_new} new, {contracts_changed} changed; {proposals} proposal{} otherwise than before",
        round.platform,
        if *contracts_read == 1 { "" } else { "s" },
        if proposals == 1 { " stands" } else { "s stand" }
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
