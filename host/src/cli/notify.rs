//! `notify`, and telling the person after other commands.

use std::sync::Arc;

use serde::Serialize;

use super::args::{Notify, NotifyList};
use super::output::{Output, Style};
use super::text;
use crate::app::error::exit;
use crate::app::notify::{self, PATIENCE};
use crate::app::scan::ScanResult;
use crate::app::{Access, App, AppError, Services};
use crate::notify::Attempted;
use crate::plugin::platform::PlatformPlugin;
use crate::store::outbox::{Delivery, DeliveryState};

#[derive(Serialize)]
struct TestDocument {
    channels: Vec<TestRow>,
}

#[derive(Serialize)]
struct TestRow {
    channel: String,
    delivered: bool,
    error: Option<String>,
    duration_ms: u64,
}

#[derive(Serialize)]
struct ListDocument {
    deliveries: Vec<DeliveryRow>,
}

/// A delivery, as it is printed; times in seconds since 1970.
#[derive(Serialize)]
struct DeliveryRow {
    event: String,
    #[serde(rename = "type")]
    kind: String,
    platform: String,
    channel: String,
    state: &'static str,
    attempts: u32,
    created_at: i64,
    next_attempt_at: Option<i64>,
    changed_at: i64,
    reason: Option<String>,
}

/// Tests channels, or lists what is in the outbox.
pub async fn run(command: Notify, output: &mut Output) -> Result<u8, AppError> {
    let app = App::open().await?;
    output.warnings(&app.loaded);
    let services = app.services(Access::Read).await?;
    let done = match command {
        Notify::Test { channel } => test(&app, &services, channel.as_deref(), output).await,
        Notify::List(args) => list(&app, &services, args, output).await,
    };
    services.close().await;
    done
}

async fn test(app: &App, services: &Services, only: Option<&str>, output: &mut Output) -> Result<u8, AppError> {
    let courier = app.courier(services);
    let told = notify::test(&courier, app.account(""), only).await?;
    let code = if told.iter().all(|of| of.error.is_none()) { exit::OK } else { exit::FAILURE };
    if output.is_json() {
        output.json(&TestDocument { channels: told.into_iter().map(test_row).collect() });
        return Ok(code);
    }
    for Attempted { channel, error, duration_ms, .. } in &told {
        let seconds = *duration_ms as f64 / 1000.0;
        let name = text::line(channel);
        match error {
            None => {
                let head = output.style(Style::Good, "delivered");
                output.line(format_args!("{name}: {head} in {seconds:.1} s"));
            }
            Some(error) => {
                let head = output.style(Style::Bad, "failed");
                output.line(format_args!("{name}: {head} after {seconds:.1} s: {}", text::line(error)));
            }
        }
    }
    Ok(code)
}

fn test_row(of: Attempted) -> TestRow {
    TestRow { channel: of.channel, delivered: of.error.is_none(), error: of.error, duration_ms: of.duration_ms }
}

async fn list(app: &App, services: &Services, args: NotifyList, output: &mut Output) -> Result<u8, AppError> {
    let state = args.waiting.then_some(DeliveryState::Waiting);
    let found = notify::list(app, services, state, args.limit).await?;
    if output.is_json() {
        output.json(&ListDocument { deliveries: found.into_iter().map(row).collect() });
        return Ok(exit::OK);
    }
    if found.is_empty() {
        let hint = if app.courier(services).channels().is_empty() { notify::HOW_TO_CONFIGURE } else { "" };
        output.message(format_args!("Nothing is in the outbox. {hint}").to_string().trim_end());
    }
    for delivery in &found {
        print(delivery, output);
    }
    Ok(exit::OK)
}

fn print(delivery: &Delivery, output: &mut Output) {
    let Delivery { event, channel, attempts, .. } = delivery;
    let stands = match delivery.state {
        DeliveryState::Waiting if *attempts == 0 => "waiting".to_owned(),
        DeliveryState::Waiting => {
            format!("waiting, tried {}, again from {}", times(*attempts), text::time(next(delivery)))
        }
        DeliveryState::Delivered => format!("delivered {}", text::time(delivery.changed_at)),
        DeliveryState::GivenUp => format!("given up, tried {}", times(*attempts)),
    };
    let of = format!("{} of {}", text::line(&event.kind), text::line(&event.account.platform));
    output.line(format_args!("{}  {of}, {}: {stands}", text::time(event.created_at), text::line(channel)));
    if let Some(reason) = &delivery.reason {
        output.line(format_args!("  {}", text::line(reason)));
    }
}

fn times(attempts: u32) -> String {
    if attempts == 1 { "once".to_owned() } else { format!("{attempts} times") }
}

/// When it is tried next: when it is due, or when a process that has it loses it.
fn next(delivery: &Delivery) -> i64 {
    delivery.claimed_until.unwrap_or(delivery.due_at)
}

fn row(delivery: Delivery) -> DeliveryRow {
    let waits = delivery.state == DeliveryState::Waiting;
    DeliveryRow {
        next_attempt_at: waits.then(|| next(&delivery)),
        event: delivery.event.id,
        kind: delivery.event.kind,
        platform: delivery.event.account.platform,
        channel: delivery.channel,
        state: match delivery.state {
            DeliveryState::Waiting => "waiting",
            DeliveryState::Delivered => "delivered",
            DeliveryState::GivenUp => "given_up",
        },
        attempts: delivery.attempts,
        created_at: delivery.event.created_at,
        changed_at: delivery.changed_at,
        reason: delivery.reason,
    }
}

/// What a command has found out that somebody may want to be told.
pub struct News<'n> {
    /// Platforms whose connections were used.
    pub plugins: &'n [Arc<PlatformPlugin>],
    /// Scans.
    pub scans: Option<&'n ScanResult>,
}

/// Posts news, and delivers what is due for a few seconds. What was printed is written out before; nothing here changes how the command ends.
pub async fn tell(app: &App, services: &Services, news: &News<'_>, output: &mut Output) {
    output.flush();
    let courier = app.courier(services);
    if courier.channels().is_empty() {
        return;
    }
    let told = async {
        notify::post_connections(app, services, &courier, news.plugins).await?;
        if let Some(result) = news.scans {
            notify::post_scans(app, services, &courier, result).await?;
        }
        notify::post_leads(app, services, &courier).await?;
        notify::post_drafts(app, services, &courier).await?;
        Ok::<_, AppError>(courier.deliver_due(PATIENCE).await?)
    };
    match told.await {
        Ok(tried) => warn_of_failures(&tried, output),
        Err(error) => {
            output.message(format_args!("warning: notifications were not sent: {}", text::line(&error.to_string())))
        }
    }
}

/// Says which deliveries have failed.
pub fn warn_of_failures(tried: &[Attempted], output: &mut Output) {
    for Attempted { channel, kind, error, .. } in tried {
        let Some(error) = error else { continue };
        output.message(format_args!(
            "warning: {kind} could not be told by {}: {} (`ghoststack prospector notify list` has what becomes of it)",
            text::line(channel),
            text::line(error)
        ));
    }
}
