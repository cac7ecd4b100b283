//! Whether platforms serve, when they were last scanned, and what their clocks say.

use super::Check;
use crate::app::status::{self, PlatformStatus, State};
use crate::app::{Access, App, AppError, Services};
use crate::plugin::platform::PlatformPlugin;
use crate::store::Examination;

/// Seconds that clocks may differ: tokens are renewed about so much ahead of their end.
const SKEW: i64 = 60;
/// Seconds after which a scan was long ago: a week.
const LONG_AGO: i64 = 7 * 86_400;

/// A check of each enabled platform, and one of the clock by what they answered.
pub(super) async fn connections(app: &App, examined: Option<&Examination>, offline: bool) -> Vec<Check> {
    const NAME: &str = "connection";
    // Requests leave rows in the audit, unless there is no database yet, or one that would have to be changed first.
    let current = examined.is_some_and(|examined| examined.schema == examined.known);
    let access = if current && !offline { Access::Write } else { Access::Read };
    let services = match app.services(access).await {
        Ok(services) => services,
        Err(AppError::Store(_)) => return vec![Check::skipped(NAME, "not looked at: the database cannot be used")],
        Err(error) => return vec![Check::problem(NAME, error.to_string())],
    };
    let mut checks = Vec::new();
    match app.platforms(None) {
        Ok(plugins) => {
            let asked = plugins.iter().map(|plugin| one(app, &services, plugin, offline));
            checks.extend(futures_util::future::join_all(asked).await.into_iter().flatten());
        }
        Err(error) => checks.push(Check::problem(NAME, error.to_string())),
    }
    checks.push(clock(&services));
    services.close().await;
    checks
}

async fn one(app: &App, services: &Services, plugin: &PlatformPlugin, offline: bool) -> Vec<Check> {
    match status::status(app, services, plugin, offline).await {
        Ok(status) => {
            let mut checks = vec![connection(&status)];
            if status.state == State::Connected {
                checks.push(age(&status, app.now()));
            }
            checks
        }
        Err(error) => vec![Check::problem("connection", error.to_string()).of(plugin.id())],
    }
}

fn connection(status: &PlatformStatus) -> Check {
    const NAME: &str = "connection";
    let check = match (&status.error, status.state) {
        (Some(trouble), _) => {
            Check::problem(NAME, format!("{}: {}", trouble.title, trouble.message)).remedy(trouble.remedy.clone())
        }
        (None, State::Disconnected) => Check::warning(NAME, "not connected")
            .remedy(format!("ghoststack prospector connect {}, or `enabled: false` in its section", status.platform)),
        (None, State::Connected) if status.checked => Check::ok(NAME, "the platform answers, and knows the account"),
        (None, State::Connected) => Check::ok(NAME, "connected, as far as is stored; the platform was not asked"),
        (None, _) => Check::problem(NAME, "the access has ended")
            .remedy(format!("ghoststack prospector connect {}", status.platform)),
    };
    check.of(status.platform.clone())
}

fn age(status: &PlatformStatus, now: i64) -> Check {
    const NAME: &str = "scan-age";
    let remedy = "ghoststack prospector scan, best every few hours by a timer";
    let check = match status.last_sync_at.map(|at| now.saturating_sub(at)) {
        None => Check::warning(NAME, "no scan has ended well yet").remedy(remedy),
        Some(age) if age > LONG_AGO => {
            Check::warning(NAME, format!("the last scan that ended well was {} days ago", age / 86_400)).remedy(remedy)
        }
        Some(age) => Check::ok(NAME, format!("the last scan that ended well was {} minutes ago", age.max(0) / 60)),
    };
    check.of(status.platform.clone())
}

/// Whether this machine's clock goes with those of the hosts that were asked. Where they disagree with each other, the nearest counts.
fn clock(services: &Services) -> Check {
    const NAME: &str = "clock";
    let clocks = services.clocks();
    let Some((host, ahead)) = clocks.iter().min_by_key(|(_, ahead)| ahead.unsigned_abs()) else {
        return Check::skipped(NAME, "not compared: no platform has answered with a date");
    };
    if ahead.abs() <= SKEW {
        return Check::ok(NAME, format!("goes with {host}"));
    }
    let (seconds, way) = (ahead.abs(), if *ahead > 0 { "behind" } else { "ahead of" });
    Check::warning(NAME, format!("this machine's clock is {seconds} s {way} that of {host}")).remedy(
        "Set the clock, best by NTP (`timedatectl set-ntp true`): tokens seem to end at another time than they do",
    )
}
