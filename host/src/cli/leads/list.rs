//! `leads list`: as a table, as JSON, as CSV.

use serde::Serialize;

use super::args::{LeadFormat, LeadOrder, LeadsList};
use super::csv;
use crate::app::error::exit;
use crate::app::leads::{self, Listing, StoredRow, stored_row};
use crate::app::{App, AppError, Services};
use crate::cli::output::Output;
use crate::cli::table;
use crate::lead::Mark;
use crate::store::LeadSort;

#[derive(Serialize)]
struct LeadsDocument {
    leads: Vec<StoredRow>,
}

pub(super) async fn list(app: &App, services: &Services, args: LeadsList, output: &mut Output) -> Result<u8, AppError> {
    let format = match (args.format, output.is_json()) {
        (None, false) => LeadFormat::Table,
        (None, true) => LeadFormat::Json,
        (Some(LeadFormat::Table | LeadFormat::Csv), true) => {
            return Err(AppError::Usage("--json is short for --format json; give one of them".to_owned()));
        }
        (Some(format), _) => format,
    };
    let min_score = args.min_score.unwrap_or(app.config().scoring.thresholds.display_min);
    let listing = Listing {
        platform: args.platform,
        min_score,
        since: args.since.map(|since| since.seconds(app.now())),
        marks: args.mark.into_iter().map(Mark::from).collect(),
        tags: args.tag,
        search: args.search,
        sort: sort(args.sort),
        reverse: args.reverse,
        skip: 0,
        limit: args.limit,
    };
    let found = leads::list(app, services, &listing).await?;
    match format {
        LeadFormat::Json => output.json(&LeadsDocument { leads: found.iter().map(stored_row).collect() }),
        LeadFormat::Csv => csv::leads(&found, output),
        LeadFormat::Table if found.is_empty() => output.message(format_args!(
            "No leads of at least {min_score} points that match. Scan with: ghoststack prospector scan"
        )),
        LeadFormat::Table => {
            let rows: Vec<StoredRow> = found.iter().map(stored_row).collect();
            table::stored(&rows, output);
        }
    }
    Ok(exit::OK)
}

fn sort(by: LeadOrder) -> LeadSort {
    match by {
        LeadOrder::Score => LeadSort::Score,
        LeadOrder::Posted => LeadSort::Posted,
        LeadOrder::Seen => LeadSort::Seen,
        LeadOrder::Budget => LeadSort::Budget,
        LeadOrder::Confidence => LeadSort::Confidence,
    }
}
