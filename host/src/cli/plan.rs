//! A plan, before a person agrees to it.

use serde::Serialize;

use super::output::{Output, Style};
use super::text;
use crate::capability::http::policy;
use crate::contract::planning::{Plan, Way};
use crate::plain;

/// Columns before what is told of a plan.
const INDENT: usize = 11;

/// A plan, as it is printed with `--json`.
#[derive(Serialize)]
pub struct PlanRow<'p> {
    /// What stands against it.
    pub problems: Vec<ProblemRow<'p>>,
    /// What it costs.
    pub costs: Vec<CostRow<'p>>,
    /// The request that would be sent.
    pub request: Option<RequestRow<'p>>,
    /// Where the person does it instead.
    pub hand_over: Option<&'p str>,
    /// What else there is to know.
    pub notes: &'p [String],
}

#[derive(Serialize)]
pub struct ProblemRow<'p> {
    field: &'p str,
    message: &'p str,
    blocking: bool,
}

#[derive(Serialize)]
pub struct CostRow<'p> {
    name: &'p str,
    amount: &'p str,
    quantity: Option<u32>,
}

#[derive(Serialize)]
pub struct RequestRow<'p> {
    method: &'static str,
    url: &'p str,
    body: Option<&'p str>,
}

/// A plan for programs.
pub fn row(plan: &Plan) -> PlanRow<'_> {
    let (request, hand_over) = match &plan.way {
        Way::Send(of) => {
            (Some(RequestRow { method: policy::name(of.method), url: &of.url, body: of.body.as_deref() }), None)
        }
        Way::HandOver(url) => (None, Some(url.as_str())),
    };
    let costs = plan.costs.iter().map(|of| CostRow { name: &of.name, amount: &of.amount, quantity: of.quantity });
    PlanRow {
        problems: plan
            .problems
            .iter()
            .map(|of| ProblemRow { field: &of.field, message: &of.message, blocking: of.blocking })
            .collect(),
        costs: costs.collect(),
        request,
        hand_over,
        notes: &plan.notes,
    }
}

/// Shows a plan: the exact request, what it costs, what stands against it.
pub fn show(plan: &Plan, output: &mut Output) {
    if output.is_json() {
        return output.json(&row(plan));
    }
    let columns = output.width().saturating_sub(INDENT);
    let mut fact = |word: &str, said: &str| {
        output.line(format_args!("{word:<INDENT$}{}", text::wrap(&text::line(said), columns, INDENT)));
    };
    for cost in &plan.costs {
        fact("costs", &format!("{}: {}", cost.name, cost.amount));
    }
    for problem in &plan.problems {
        fact(if problem.blocking { "wrong" } else { "note" }, &format!("{}: {}", problem.field, problem.message));
    }
    for note in &plan.notes {
        fact("note", note);
    }
    match &plan.way {
        Way::Send(request) => {
            let head = format!("{} {}", policy::name(request.method), text::line(&request.url));
            output.line(format_args!("request    {}", output.style(Style::Bold, head)));
            for line in request.body.iter().flat_map(|body| plain::json(body).lines().map(indented).collect::<Vec<_>>())
            {
                output.line(format_args!("           {line}"));
            }
        }
        Way::HandOver(url) => output.line(format_args!("by hand    {}", text::line(url))),
    }
}

/// A line with its indentation, and nothing in it that moves a cursor.
fn indented(line: &str) -> String {
    let content = line.trim_start_matches(' ');
    format!("{}{}", " ".repeat(line.len() - content.len()), text::line(content))
}
