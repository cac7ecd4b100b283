//! The search: filter, order, page.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;

use apollo_compiler::resolvers::{FieldError, ObjectValue, ResolveInfo, ResolvedValue};
use apollo_compiler::response::JsonMap;
use apollo_compiler::response::serde_json_bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use super::catalog::{Catalog, Posting};
use super::details;
use super::filter::{Filter, Pagination, Sieve};
use super::proposals::Proposals;
use crate::faults::Effect;
use crate::graphql::{Record, null_message, resolved};

/// Rows of a search that are ever given.
const MAX_ROWS: usize = 5_000;
/// Rows of a page without `pagination_eq`.
const DEFAULT_ROWS: usize = 10;
/// Rows that a page may have at most. Assumed; 50 has been seen to work.
const MAX_FIRST: i64 = 100;
/// The platform's words for an argument that it does not take; the form is assumed.
pub(super) const WRONG_INPUT: &str = "VJCA-6: Input parameter provided has incorrect value";

/// The arguments of `marketplaceJobPostingsSearch`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Arguments {
    #[serde(rename = "marketPlaceJobFilter")]
    filter: Option<Filter>,
    #[serde(rename = "sortAttributes")]
    order: Option<Vec<Option<Order>>>,
}

#[derive(Debug, Deserialize)]
struct Order {
    field: String,
}

impl Arguments {
    /// Reads arguments that the schema has agreed to.
    ///
    /// # Errors
    /// What the schema lets pass and a search does not take.
    pub fn read(arguments: &JsonMap) -> Result<Self, FieldError> {
        serde_json_bytes::from_value(serde_json_bytes::Value::Object(arguments.clone()))
            .map_err(|_| FieldError { message: WRONG_INPUT.to_owned() })
    }

    /// Whether a page was asked for.
    pub fn has_pagination(&self) -> bool {
        self.filter.as_ref().is_some_and(|filter| filter.pagination.is_some())
    }
}

/// A page of a search.
pub(super) struct Found<'s> {
    total: usize,
    rows: Vec<Row<'s>>,
    has_next: bool,
    end: usize,
}

#[derive(Clone, Copy)]
struct Row<'s> {
    posting: &'s Posting,
    offset: usize,
    applied: bool,
    /// The node fails, as live ones have.
    broken: bool,
}

/// Searches.
///
/// # Errors
/// A page that the platform does not give.
pub(super) fn search<'s>(
    catalog: &'s Catalog,
    proposals: &Proposals,
    arguments: Arguments,
    effect: Option<&Effect>,
    now: i64,
) -> Result<Found<'s>, FieldError> {
    let mut filter = arguments.filter.unwrap_or_default();
    let (start, first) = page(filter.pagination.take())?;
    let sieve = Sieve::new(filter);
    let all = catalog.newest_first().iter().map(Arc::as_ref);
    let mut matches: Vec<&'s Posting> = all.filter(|posting| sieve.passes(&posting.facts, now)).collect();
    arrange(&mut matches, &arguments.order.unwrap_or_default(), &sieve);
    let given = matches.len().min(MAX_ROWS);
    let end = start.saturating_add(first).min(given);
    let mut rows: Vec<Row<'s>> = matches
        .get(start..end)
        .unwrap_or_default()
        .iter()
        .enumerate()
        .map(|(index, &posting)| Row {
            posting,
            offset: start + index,
            applied: proposals.is_live(&posting.id),
            broken: false,
        })
        .collect();
    match effect {
        Some(Effect::ShortPage { rows: wanted }) => rows.truncate(wanted.unwrap_or(rows.len() / 2)),
        Some(Effect::NullNodes { nodes }) => {
            rows.iter_mut().take(nodes.unwrap_or(1)).for_each(|row| row.broken = true);
        }
        _ => {}
    }
    Ok(Found { total: matches.len(), rows, has_next: end < given, end: end.max(start.min(given)) })
}

fn page(pagination: Option<Pagination>) -> Result<(usize, usize), FieldError> {
    let wrong = || FieldError { message: WRONG_INPUT.to_owned() };
    let Some(pagination) = pagination else {
        return Ok((0, DEFAULT_ROWS));
    };
    let start = match pagination.after.as_deref() {
        None => 0,
        Some(after) => after.parse().map_err(|_| wrong())?,
    };
    if !(1..=MAX_FIRST).contains(&pagination.first) {
        return Err(wrong());
    }
    let first = usize::try_from(pagination.first).map_err(|_| wrong())?;
    Ok((start, first))
}

/// Orders by the attributes in their turn; equals stay newest first. Without any the newest come first (assumed).
fn arrange(matches: &mut [&Posting], order: &[Option<Order>], sieve: &Sieve) {
    let descending = |one: f64, other: f64| other.total_cmp(&one);
    matches.sort_by(|one, other| {
        order.iter().flatten().fold(Ordering::Equal, |so_far, attribute| {
            so_far.then_with(|| match attribute.field.as_str() {
                "RECENCY" => other.facts.published.cmp(&one.facts.published),
                "CLIENT_TOTAL_CHARGE" => descending(one.facts.spent, other.facts.spent),
                "CLIENT_RATING" => descending(one.facts.rating, other.facts.rating),
                _ => sieve.weight(&other.facts).cmp(&sieve.weight(&one.facts)),
            })
        })
    });
}

impl ObjectValue for Found<'_> {
    fn type_name(&self) -> &str {
        "MarketplaceJobPostingSearchConnection"
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Result<ResolvedValue<'a>, FieldError> {
        match info.field_name() {
            "totalCount" => Ok(ResolvedValue::leaf(i32::try_from(self.total).unwrap_or(i32::MAX))),
            "edges" => Ok(ResolvedValue::list(self.rows.iter().map(|row| ResolvedValue::object(*row)))),
            "pageInfo" => {
                let info_of = json!({"hasNextPage": self.has_next, "endCursor": self.end.to_string()});
                Ok(resolved(Cow::Owned(info_of), info))
            }
            _ => Err(self.unknown_field_error(info)),
        }
    }
}

impl ObjectValue for Row<'_> {
    fn type_name(&self) -> &str {
        "MarketplaceJobpostingSearchEdge"
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Result<ResolvedValue<'a>, FieldError> {
        match info.field_name() {
            // That an edge's cursor is its row's offset is assumed.
            "cursor" => Ok(ResolvedValue::leaf(self.offset.to_string())),
            "node" if self.broken => Err(FieldError { message: null_message("experienceLevel") }),
            "node" => Ok(ResolvedValue::object(Node { posting: self.posting, applied: self.applied })),
            _ => Err(self.unknown_field_error(info)),
        }
    }
}

struct Node<'s> {
    posting: &'s Posting,
    applied: bool,
}

impl ObjectValue for Node<'_> {
    fn type_name(&self) -> &str {
        "MarketplaceJobPostingSearchResult"
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Result<ResolvedValue<'a>, FieldError> {
        let value = match info.field_name() {
            "job" => return Ok(ResolvedValue::object(job(self.posting))),
            "applied" if self.applied => Cow::Owned(Value::Bool(true)),
            name => Cow::Borrowed(self.posting.node.get(name).unwrap_or(&Value::Null)),
        };
        Ok(resolved(value, info))
    }
}

/// A posting as a `MarketplaceJobPosting`.
pub(super) fn job(posting: &Posting) -> Record<'static> {
    Record { type_name: "MarketplaceJobPosting", value: Cow::Owned(details::job(posting)) }
}
