//! `proposals submit`, `revise`, `withdraw`, `resolve`, `pause`, `resume`, `budget`.

use url::Url;

use super::args::{ResolveArgs, ReviseArgs, SubmitArgs, WithdrawArgs};
use super::outcome;
use crate::app::error::exit;
use crate::app::proposals::sending::{self, Sending};
use crate::app::proposals::{find, list, problems};
use crate::app::{Access, App, AppError, Services, following, notify};
use crate::auth::browser;
use crate::cli::args::Globals;
use crate::cli::output::{Output, Style};
use crate::cli::{clipboard, plan, prompt, text};
use crate::proposal::{Deed, Proposal, State};
use crate::submission::Wish;

/// How a person agrees.
struct Consent<'a> {
    globals: &'a Globals,
    dry_run: bool,
    /// The digest that is agreed to.
    approve: Option<String>,
    /// What is asked.
    question: &'static str,
    wait: bool,
}

pub(super) async fn submit(globals: &Globals, args: SubmitArgs, output: &mut Output) -> Result<u8, AppError> {
    let SubmitArgs { number, dry_run, approve, no_wait } = args;
    let consent = Consent { globals, dry_run, approve, question: "Send it?", wait: !no_wait };
    with(output, async |app, services, output| change(app, services, number, Wish::Submit, &consent, output).await)
        .await
}

pub(super) async fn withdraw(globals: &Globals, args: WithdrawArgs, output: &mut Output) -> Result<u8, AppError> {
    let WithdrawArgs { number, reason, dry_run, approve } = args;
    let consent = Consent { globals, dry_run, approve, question: "Take it back?", wait: false };
    let wish = Wish::Withdraw { reason: reason.unwrap_or_default() };
    with(output, async |app, services, output| change(app, services, number, wish, &consent, output).await).await
}

pub(super) async fn revise(globals: &Globals, args: ReviseArgs, output: &mut Output) -> Result<u8, AppError> {
    let ReviseArgs { changes, dry_run, approve } = args;
    let number = changes.number;
    let changes = super::edit::changes(changes)?;
    if changes.is_empty() {
        return Err(AppError::Usage(
            "say what is to be changed: --amount, --days, --text-file, --attribute".to_owned(),
        ));
    }
    let consent = Consent { globals, dry_run, approve, question: "Change it at the platform?", wait: false };
    with(output, async |app, services, output| {
        let wish = sending::revised(&find(app, services, number).await?, &changes)?;
        change(app, services, number, wish, &consent, output).await
    })
    .await
}

/// Opens what is needed, does it, and closes it.
async fn with(
    output: &mut Output,
    done: impl AsyncFnOnce(&App, &Services, &mut Output) -> Result<u8, AppError>,
) -> Result<u8, AppError> {
    let app = App::open().await?;
    let services = app.services(Access::Write).await?;
    let done = done(&app, &services, output).await;
    services.close().await;
    done
}

async fn change(
    app: &App,
    services: &Services,
    number: i64,
    wish: Wish,
    consent: &Consent<'_>,
    output: &mut Output,
) -> Result<u8, AppError> {
    let sending = match sending::prepare(app, services, number, wish).await {
        // What the platform has already is told of, and no failure.
        Err(AppError::Failed { message, exit_code: exit::OK, .. }) => {
            output.message(&message);
            return ended(app, services, &find(app, services, number).await?, output).await;
        }
        prepared => prepared?,
    };
    if consent.dry_run || !output.is_json() {
        show(&sending, consent.dry_run, output);
    }
    if consent.dry_run {
        return Ok(exit::OK);
    }
    let digest = sending.prepared.digest.clone();
    let agreed = match &consent.approve {
        Some(given) => given.clone(),
        None if sending.prepared.is_approved() => digest,
        None if prompt::is_possible(consent.globals.no_input) => {
            output.flush();
            if !prompt::agreed(consent.question, false)? {
                output.message("Nothing was sent.");
                return Ok(exit::OK);
            }
            digest
        }
        None => {
            return Err(AppError::Usage(format!(
                "nobody is there to approve it: look at it with --dry-run, then give --approve {digest}"
            )));
        }
    };
    let hands_over = sending.prepared.deed() == Deed::HandOver;
    let plan = sending.prepared.previewed.plan.clone();
    let changed = sending::carry_out(app, services, sending, &agreed).await?;
    if let (true, crate::contract::planning::Way::HandOver(page)) = (hands_over, &plan.way) {
        return hand_over(app, services, &changed, page, output).await;
    }
    let ended_as = if consent.wait && changed.state == State::Submitting {
        output.message("Its answer did not tell whether the platform has it: the platform is asked.");
        output.flush();
        sending::awaited(app, services, changed).await?
    } else {
        changed
    };
    ended(app, services, &ended_as, output).await
}

/// What would be done, for a person to look at.
fn show(sending: &Sending, dry_run: bool, output: &mut Output) {
    let prepared = &sending.prepared;
    let plan = &prepared.previewed.plan;
    if output.is_json() {
        let (number, digest) = (prepared.proposal.number, &prepared.digest);
        let approved = prepared.is_approved();
        output.json(&serde_json::json!({
            "number": number, "digest": digest, "approved": approved, "plan": plan::row(plan),
        }));
        return;
    }
    let of = &prepared.proposal;
    let head = output.style(Style::Bold, format_args!("Proposal {}", of.number));
    output.line(format_args!("{head}  {}  {}", of.account.platform, text::line(&of.content.title)));
    output.line(output.style(Style::Dim, text::line(&of.content.url)));
    output.line("");
    output.line(text::paragraphs(&of.content.draft.text));
    for answer in &of.content.draft.answers {
        output.line(format_args!("\n{}", output.style(Style::Bold, text::line(&answer.question))));
        output.line(text::paragraphs(&answer.answer));
    }
    output.line("");
    plan::show(plan, output);
    if dry_run {
        output.line(format_args!("digest     {}", prepared.digest));
        output.message("Nothing was sent.");
    }
}

/// The person goes on at the platform's own page, with the text on the clipboard.
async fn hand_over(
    app: &App,
    services: &Services,
    of: &Proposal,
    page: &str,
    output: &mut Output,
) -> Result<u8, AppError> {
    let is_submission = of.state == State::Submitting;
    let copied = is_submission && !output.is_json() && clipboard::put(&of.content.draft.text);
    if output.is_json() {
        let shown = list::shown(app, services, of).await?;
        output.json(&serde_json::json!({"hand_over": page, "proposal": shown}));
        return Ok(exit::OK);
    }
    output.line(format_args!("Go on at {}", text::line(page)));
    if is_submission {
        output.line(match copied {
            true => "The text is on the clipboard.",
            false => "Take the text from above: no clipboard was found.",
        });
        output.line(format_args!(
            "Once you have sent it there it is recognised, by the daemon or `ghoststack prospector proposals sync`. If you do not send it: ghoststack prospector proposals resolve {} --not-sent",
            of.number
        ));
    }
    output.flush();
    if let Ok(url) = Url::parse(page)
        && let Err(error) = browser::open(&url, std::env::var_os("BROWSER"))
    {
        output.message(error);
    }
    Ok(exit::OK)
}

/// How it has ended, for the person and the exit code.
async fn ended(app: &App, services: &Services, of: &Proposal, output: &mut Output) -> Result<u8, AppError> {
    let courier = app.courier(services);
    following::post(app, services, &courier).await?;
    if output.is_json() {
        output.json(&list::shown(app, services, of).await?);
    } else {
        let word = match of.state {
            State::Submitted => "The platform has it",
            State::Withdrawn => "It is taken back",
            State::Submitting => {
                "It is not known yet whether the platform has it; the daemon or `proposals sync` asks again"
            }
            State::Approved => "Nothing was sent; it is still approved",
            State::Failed => "It was not sent",
            _ => "It stands",
        };
        let verb = if of.state == State::Failed { "has" } else { "is" };
        output.line(format_args!("Proposal {} {verb} {}. {word}.", of.number, of.state));
        let found = if of.state.is_editable() { problems(&of.content) } else { Vec::new() };
        outcome(of, &found, output);
    }
    output.flush();
    crate::cli::notify::warn_of_failures(&courier.deliver_due(notify::PATIENCE).await?, output);
    Ok(match (of.state, &of.content.trouble) {
        (State::Submitting | State::Uncertain, _) => exit::UNAVAILABLE,
        (_, Some(trouble)) => crate::app::error::of_kind(&trouble.kind),
        _ => exit::OK,
    })
}

pub(super) async fn resolve(args: ResolveArgs, output: &mut Output) -> Result<u8, AppError> {
    with(output, async |app, services, output| {
        let of = sending::resolve(app, services, args.number, args.sent).await?;
        ended(app, services, &of, output).await.map(|_| exit::OK)
    })
    .await
}

pub(super) async fn pause(paused: bool, output: &mut Output) -> Result<u8, AppError> {
    with(output, async |app, services, output| {
        sending::pause(app, services, paused).await?;
        budget_of(app, services, output).await
    })
    .await
}

pub(super) async fn budget(output: &mut Output) -> Result<u8, AppError> {
    let app = App::open().await?;
    let services = app.services(Access::Read).await?;
    let told = budget_of(&app, &services, output).await;
    services.close().await;
    told
}

async fn budget_of(app: &App, services: &Services, output: &mut Output) -> Result<u8, AppError> {
    let (rows, paused_since) = sending::budgets(app, services).await?;
    if output.is_json() {
        let by_configuration = app.config().proposals.paused;
        output.json(&serde_json::json!({
            "paused": paused_since.is_some() || by_configuration, "paused_since": paused_since, "budget": rows,
        }));
        return Ok(exit::OK);
    }
    for row in &rows {
        output.line(format_args!("{:>6} of {:<6} {} this {}", row.spent, row.most, text::line(&row.name), row.period));
    }
    output.line(match paused_since {
        Some(since) => format!("Sending is paused since {}: `proposals resume` lets it go on.", text::time(since)),
        None if app.config().proposals.paused => "Sending is paused by the configuration.".to_owned(),
        None => "Sending is not paused.".to_owned(),
    });
    Ok(exit::OK)
}
