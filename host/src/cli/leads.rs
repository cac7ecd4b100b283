//! `leads`.

use jiff::Timestamp;
use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use super::args::{Leads, LeadsList, LeadsSkipped};
use super::output::{Output, Style};
use super::table::{self, shade};
use super::text;
use crate::app::error::exit;
use crate::app::leads::{self, Listing};
use crate::app::posting::{PostingRow, posting_row};
use crate::app::scan::{LeadRow, SkippedRow, lead_row, skipped_row};
use crate::app::{Access, App, AppError};
use crate::contract::types::{Budget, Payment, Posting, Span};
use crate::store::{Found, SkipCount, StoredLead};

/// Columns of a breakdown's figures, with the blanks around them.
const FIGURES: usize = 27;
/// Columns that a reason needs beside them; else it goes below.
const REASON: usize = 20;

/// Browses what scans have stored.
pub async fn run(command: Leads, output: &mut Output) -> Result<u8, AppError> {
    let app = App::open().await?;
    let services = app.services(Access::Read).await?;
    let code = match command {
        Leads::List(args) => list(&app, &services, args, output).await?,
        Leads::Skipped(args) => skipped(&app, &services, args, output).await?,
        Leads::Explain(args) => explain(leads::find(&app, &services, &args.id).await?, output),
        Leads::Show(args) => show(leads::find(&app, &services, &args.id).await?, output),
    };
    services.close().await;
    Ok(code)
}

#[derive(Serialize)]
struct LeadsDocument {
    leads: Vec<LeadRow>,
}

#[derive(Serialize)]
struct SkippedDocument {
    skipped: Vec<SkippedRow>,
    counts: Vec<CountRow>,
}

#[derive(Serialize)]
struct CountRow {
    platform: String,
    stage: &'static str,
    filter: String,
    count: u64,
}

#[derive(Serialize)]
struct LeadDocument<'a> {
    #[serde(flatten)]
    lead: LeadRow,
    posting: PostingRow<'a>,
    first_seen: i64,
    last_seen: i64,
}

async fn list(
    app: &App,
    services: &crate::app::Services,
    args: LeadsList,
    output: &mut Output,
) -> Result<u8, AppError> {
    let min_score = args.min_score.unwrap_or(app.config().scoring.thresholds.display_min);
    let listing = Listing { platform: args.platform, min_score, since: None, limit: args.limit };
    let found = leads::list(app, services, &listing).await?;
    let rows: Vec<LeadRow> = found.iter().map(|stored| lead_row(&stored.account.platform, &stored.lead)).collect();
    if output.is_json() {
        output.json(&LeadsDocument { leads: rows });
        return Ok(exit::OK);
    }
    if rows.is_empty() {
        output.message(format_args!("No leads of at least {min_score} points. Scan with: ghoststack prospector scan"));
        return Ok(exit::OK);
    }
    table::leads(&rows.iter().collect::<Vec<_>>(), output);
    Ok(exit::OK)
}

async fn skipped(
    app: &App,
    services: &crate::app::Services,
    args: LeadsSkipped,
    output: &mut Output,
) -> Result<u8, AppError> {
    let listing = Listing { platform: args.platform, min_score: 0, since: None, limit: args.limit };
    let (found, counts) = leads::skipped(app, services, &listing, args.filter).await?;
    let rows: Vec<SkippedRow> =
        found.iter().map(|stored| skipped_row(&stored.account.platform, &stored.skipped)).collect();
    if output.is_json() {
        let counts = counts.skipped.into_iter().map(|SkipCount { platform, stage, filter, count }| CountRow {
            platform,
            stage: stage.as_str(),
            filter,
            count,
        });
        output.json(&SkippedDocument { skipped: rows, counts: counts.collect() });
        return Ok(exit::OK);
    }
    if rows.is_empty() {
        output.message("No posting was skipped.");
        return Ok(exit::OK);
    }
    table::skipped(&rows, output);
    output.line("");
    for SkipCount { platform, filter, count, .. } in &counts.skipped {
        output.line(format_args!("{}: {count} dropped by {}", text::line(platform), text::line(filter)));
    }
    Ok(exit::OK)
}

fn explain(found: Found, output: &mut Output) -> u8 {
    let stored = match found {
        Found::Lead(stored) => *stored,
        Found::Skipped(stored) => {
            let row = skipped_row(&stored.account.platform, &stored.skipped);
            if output.is_json() {
                output.json(&row);
            } else {
                output.line(format_args!("{}  was skipped", output.style(Style::Bold, text::line(&row.title))));
                output.line(format_args!(
                    "by {} ({}): {}",
                    text::line(&row.filter),
                    row.stage,
                    text::line(&row.reason)
                ));
            }
            return exit::OK;
        }
    };
    let row = lead_row(&stored.account.platform, &stored.lead);
    if output.is_json() {
        output.json(&row);
    } else {
        headline(&row, output);
        breakdown(&row, output);
    }
    exit::OK
}

fn headline(row: &LeadRow, output: &mut Output) {
    let score = output.style(shade(row.score), format_args!("{:.2}", row.score));
    output.line(format_args!("{score}  {}", output.style(Style::Bold, text::fit(&text::line(&row.title), 200))));
    output.line(output.style(Style::Dim, text::line(&row.url)));
}

/// The story of a score: it adds up.
fn breakdown(row: &LeadRow, output: &mut Output) {
    let signals = row.breakdown.iter().map(|line| line.signal.width());
    let names = signals.chain(row.adjustments.iter().map(|of| of.name.width())).max().unwrap_or(6).max(14);
    let beside = output.width().saturating_sub(names + FIGURES);
    let why = |reason: &str, output: &Output| match beside < REASON {
        true => format!("\n    {}", text::wrap(&text::line(reason), output.width().saturating_sub(4), 4)),
        false => format!("  {}", text::wrap(&text::line(reason), beside, names + FIGURES)),
    };
    let head = format!("{}  VALUE  WEIGHT  POINTS", text::pad("SIGNAL", names));
    output.line("");
    output.line(output.style(Style::Dim, if beside < REASON { head } else { format!("{head}  WHY") }));
    for line in &row.breakdown {
        output.line(format_args!(
            "{}  {:5.2}  {:5.1}%  {:6.2}{}",
            text::pad(&line.signal, names),
            line.value,
            line.weight * 100.0,
            line.points,
            why(&line.reason, output)
        ));
    }
    for adjustment in &row.adjustments {
        output.line(format_args!(
            "{}                 {:+6.2}{}",
            text::pad(&adjustment.name, names),
            adjustment.points,
            why(&adjustment.reason, output)
        ));
    }
    output.line(format_args!(
        "{}                 {}",
        text::pad("total", names),
        output.style(Style::Bold, format_args!("{:6.2}", row.score))
    ));
    let missing: Vec<String> =
        row.breakdown.iter().flat_map(|line| &line.missing).map(|name| text::line(name)).collect();
    let missing = if missing.is_empty() { String::new() } else { format!("; not stated: {}", missing.join(", ")) };
    output.line(format_args!("confidence {:.2}{missing}", row.confidence));
    for fault in &row.faults {
        output.line(format_args!("{} {}", output.style(Style::Bad, "fault:"), text::line(fault)));
    }
}

fn show(found: Found, output: &mut Output) -> u8 {
    let stored = match found {
        Found::Lead(stored) => *stored,
        skipped @ Found::Skipped(_) => return explain(skipped, output),
    };
    let row = lead_row(&stored.account.platform, &stored.lead);
    if output.is_json() {
        let StoredLead { lead, first_seen, last_seen, .. } = &stored;
        output.json(&LeadDocument {
            lead: row,
            posting: posting_row(&lead.posting),
            first_seen: *first_seen,
            last_seen: *last_seen,
        });
        return exit::OK;
    }
    headline(&row, output);
    facts(&stored.lead.posting, output);
    output.line("");
    output.line(text::paragraphs(&stored.lead.posting.description));
    breakdown(&row, output);
    exit::OK
}

fn facts(posting: &Posting, output: &mut Output) {
    output.line("");
    let mut fact = |name: &str, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            output.line(format_args!("{}{}", text::pad(name, 14), text::line(&value)));
        }
    };
    fact(
        "posted",
        Some(posting.posted_at.map_or_else(
            || "unknown".to_owned(),
            |at| Timestamp::from_second(at).map_or_else(|_| at.to_string(), |at| at.to_string()),
        )),
    );
    fact("pays", Some(pay(&posting.payment, posting.budget.as_ref())));
    fact("skills", Some(posting.skills.join(", ")));
    fact("proposals", posting.competition.as_ref().map(|c| span(&c.proposals)));
    fact("duration", posting.duration.as_ref().map(|days| format!("{} days", span(days))));
    fact("workload", posting.workload.as_ref().map(|hours| format!("{} hours a week", span(hours))));
    let client = &posting.client;
    fact("client", client.country.clone());
    fact(
        "rating",
        client.rating.map(|rating| format!("{rating:.1} of 5 from {} reviews", client.reviews.unwrap_or_default())),
    );
    fact(
        "verified",
        client
            .payment_verified
            .map(|verified| if verified { "payment verified".to_owned() } else { "payment not verified".to_owned() }),
    );
}

fn pay(payment: &Payment, budget: Option<&Budget>) -> String {
    let kind = match payment {
        Payment::Fixed => "fixed price",
        Payment::Hourly => "by the hour",
        Payment::Prize => "prize",
        Payment::Unstated => "not stated",
        Payment::Other(other) => other,
    };
    let Some(budget) = budget else { return format!("{kind}, amount not stated") };
    let amount = |hundredths: i64| format!("{}.{:02}", hundredths / 100, hundredths % 100);
    let range = match (budget.minimum, budget.maximum) {
        (Some(minimum), Some(maximum)) if minimum == maximum => amount(minimum),
        (Some(minimum), Some(maximum)) => format!("{} to {}", amount(minimum), amount(maximum)),
        (Some(minimum), None) => format!("from {}", amount(minimum)),
        (None, Some(maximum)) => format!("up to {}", amount(maximum)),
        (None, None) => "amount not stated".to_owned(),
    };
    format!("{kind}, {range} {}", budget.currency)
}

fn span(span: &Span) -> String {
    match span.maximum {
        Some(maximum) if maximum == span.minimum => maximum.to_string(),
        Some(maximum) => format!("{} to {maximum}", span.minimum),
        None => format!("{} or more", span.minimum),
    }
}
