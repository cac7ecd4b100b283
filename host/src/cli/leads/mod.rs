//! `leads`.

pub mod args;
mod csv;
mod list;
mod story;

pub(super) use story::tell_fetched;

use serde::Serialize;
use url::Url;

use self::args::{Lead, LeadMark, Leads, LeadsMark, LeadsSkipped, LeadsTag};
use super::output::Output;
use super::{table, text};
use crate::app::error::exit;
use crate::app::leads::{self, Listing};
use crate::app::scan::{SkippedRow, skipped_row};
use crate::app::{Access, App, AppError, Services};
use crate::auth::browser;
use crate::lead::Mark;
use crate::store::{Found, SkipCount};

/// Browses what scans have stored, and says what the person makes of it.
pub async fn run(command: Leads, output: &mut Output) -> Result<u8, AppError> {
    let app = App::open().await?;
    if let Leads::Show(args) = &command {
        return story::show(&app, &args.id, output).await;
    }
    let access = if matches!(command, Leads::Mark(_) | Leads::Tag(_)) { Access::Write } else { Access::Read };
    let services = app.services(access).await?;
    let code = match command {
        Leads::List(args) => list::list(&app, &services, args, output).await?,
        Leads::Skipped(args) => skipped(&app, &services, args, output).await?,
        Leads::Show(args) | Leads::Explain(args) => story::explain(&app, &services, &args.id, output).await?,
        Leads::Open(args) => open(&app, &services, &args, output).await?,
        Leads::Mark(args) => mark(&app, &services, args, output).await?,
        Leads::Tag(args) => tag(&app, &services, args, output).await?,
    };
    services.close().await;
    Ok(code)
}

impl From<LeadMark> for Mark {
    fn from(mark: LeadMark) -> Mark {
        match mark {
            LeadMark::New => Mark::New,
            LeadMark::Seen => Mark::Seen,
            LeadMark::Starred => Mark::Starred,
            LeadMark::Dismissed => Mark::Dismissed,
        }
    }
}

#[derive(Serialize)]
struct MarkedDocument {
    platform: String,
    id: String,
    mark: Mark,
    tags: Vec<String>,
}

async fn mark(app: &App, services: &Services, args: LeadsMark, output: &mut Output) -> Result<u8, AppError> {
    let stored = leads::find_lead(app, services, &args.id).await?;
    let mark = Mark::from(args.mark);
    leads::mark(services, &stored, mark).await?;
    let (platform, id) = (stored.account.platform, stored.lead.posting.id);
    if output.is_json() {
        output.json(&MarkedDocument { platform, id, mark, tags: stored.tags });
    } else {
        output.line(format_args!("{platform}/{} is marked {}", text::line(&id), mark.as_str()));
    }
    Ok(exit::OK)
}

async fn tag(app: &App, services: &Services, args: LeadsTag, output: &mut Output) -> Result<u8, AppError> {
    let stored = leads::find_lead(app, services, &args.id).await?;
    let tags = leads::tag(services, &stored, &args.changes).await?;
    let (platform, id, mark) = (stored.account.platform, stored.lead.posting.id, stored.mark);
    if output.is_json() {
        output.json(&MarkedDocument { platform, id, mark, tags });
    } else if tags.is_empty() {
        output.line(format_args!("{platform}/{} has no tags", text::line(&id)));
    } else {
        output.line(format_args!("{platform}/{} has the tags {}", text::line(&id), text::line(&tags.join(", "))));
    }
    Ok(exit::OK)
}

/// Opens a posting's page. With `--json` it is only told where that is.
async fn open(app: &App, services: &Services, args: &Lead, output: &mut Output) -> Result<u8, AppError> {
    let (url, row) = match leads::find(app, services, &args.id).await? {
        Found::Lead(stored) => (Some(stored.lead.posting.url.clone()), None),
        Found::Skipped(stored) => {
            (stored.skipped.url.clone(), Some(skipped_row(&stored.account.platform, &stored.skipped)))
        }
    };
    let Some(url) = url.as_deref().and_then(|url| Url::parse(url).ok()) else {
        let id = row.map_or_else(|| args.id.clone(), |row| row.id);
        return Err(AppError::Usage(format!("it is not known where {id} can be read")));
    };
    if output.is_json() {
        output.json(&serde_json::json!({"url": url.as_str()}));
        return Ok(exit::OK);
    }
    output.line(text::line(url.as_str()));
    output.flush();
    if let Err(error) = browser::open(&url, std::env::var_os("BROWSER")) {
        output.message(error);
    }
    Ok(exit::OK)
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

async fn skipped(app: &App, services: &Services, args: LeadsSkipped, output: &mut Output) -> Result<u8, AppError> {
    let listing = Listing { platform: args.platform, limit: args.limit, ..Listing::default() };
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
