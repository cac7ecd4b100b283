//! `audit`.

use serde::Serialize;

use super::args::Audit;
use super::output::{Output, Style};
use super::table::{LEAST, below, cell, platform_column, widest};
use super::text;
use crate::app::audit::{self, Listing, Request, Row};
use crate::app::error::exit;
use crate::app::{Access, App, AppError};

/// The data, as `--json` prints it.
#[derive(Serialize)]
struct Document {
    audit: Vec<Row>,
}

/// Lists what was asked of platforms, and what happened to credentials.
pub async fn run(args: Audit, output: &mut Output) -> Result<u8, AppError> {
    let app = App::open().await?;
    let services = app.services(Access::Read).await?;
    let since = args.since.map(|since| since.seconds(app.now()));
    let rows = audit::list(&app, &services, &Listing { platform: args.platform, since, limit: args.limit }).await?;
    services.close().await;
    if output.is_json() {
        output.json(&Document { audit: rows });
    } else if rows.is_empty() {
        output.message(
            "Nothing was asked of a platform, and nothing happened to a credential, as far as the audit goes.",
        );
    } else {
        table(&rows, output);
    }
    Ok(exit::OK)
}

/// What stands before a row's place, which is the rest of the line, or a line of its own where that is too narrow.
fn table(rows: &[Row], output: &mut Output) {
    let platform = platform_column(rows.iter().map(|row| row.platform.as_str()));
    let by = widest(rows.iter().map(|row| row.plugin.as_str()), 2, 16);
    let credentials = widest(rows.iter().map(credential), 10, 18);
    let line = |[when, name, who, method, status, bytes, took, sent]: [&str; 8]| {
        let figures = format!("{method:<6}  {status:>6}  {bytes:>9}  {took:>8}");
        format!("{}  {}{}  {figures}  {}", text::pad(when, 20), platform(name), cell(who, by), cell(sent, credentials))
    };
    let head = line(["WHEN", "PLATFORM", "BY", "METHOD", "STATUS", "BYTES", "TIME", "CREDENTIAL"]);
    let rest = output.width().saturating_sub(head.chars().count() + 2);
    let beside = rest >= LEAST;
    let head = if beside { format!("{head}  WHERE") } else { head };
    output.line(output.style(Style::Dim, text::fit(&head, output.width())));
    for row in rows {
        let when = text::time(row.at);
        let [method, status, bytes, took, place] = figures(row);
        let cells = line([&when, &row.platform, &row.plugin, &method, &status, &bytes, &took, credential(row)]);
        if beside {
            output.line(format_args!("{cells}  {}", text::fit(&text::line(&place), rest)).to_string().trim_end());
        } else {
            output.line(text::fit(cells.trim_end(), output.width()));
            below(2, [&place, ""], output);
        }
    }
}

fn credential(row: &Row) -> &str {
    row.request.as_ref().and_then(|request| request.credential.as_deref()).unwrap_or_default()
}

/// Method, status, bytes, time and place; of an event its name in the place of a place.
fn figures(row: &Row) -> [String; 5] {
    let Some(request) = &row.request else {
        return ["event", "", "", "", row.event.as_deref().unwrap_or_default()].map(str::to_owned);
    };
    let Request { method, host, path, status, bytes_in, duration_us, outcome, .. } = request;
    let outcome = if outcome == "ok" { String::new() } else { format!("{outcome}: ") };
    let status = status.map_or_else(|| "-".to_owned(), |status| status.to_string());
    [method.clone(), status, bytes_in.to_string(), took(*duration_us), format!("{outcome}{host}{path}")]
}

fn took(us: u64) -> String {
    match us {
        0..10_000 => format!("{}.{} ms", us / 1000, us % 1000 / 100),
        10_000..10_000_000 => format!("{} ms", us / 1000),
        _ => format!("{} s", us / 1_000_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_short() {
        for (us, shown) in [(0, "0.0 ms"), (1_540, "1.5 ms"), (25_999, "25 ms"), (12_345_678, "12 s")] {
            assert_eq!(took(us), shown);
        }
    }
}
