//! A plan, before a person agrees to it: what it costs, what stands against it, and the exact request.

use crate::capability::http::policy;
use crate::contract::planning::{Plan, Way};
use crate::plain;
use crate::plugin::digest::Digest;

/// A plan, as it is shown.
pub struct Shown {
    /// What it uses up.
    pub costs: Vec<(String, String)>,
    /// What stands against it: field, message, and whether it keeps it from being done.
    pub problems: Vec<(String, String, bool)>,
    /// What else there is to know.
    pub notes: Vec<String>,
    /// Method and address, and the body.
    pub request: Option<(String, String)>,
    /// Where the person does it instead.
    pub hand_over: Option<String>,
}

impl Shown {
    /// Of a plan.
    pub fn of(plan: &Plan) -> Shown {
        let (request, hand_over) = match &plan.way {
            Way::Send(of) => {
                let head = format!("{} {}", policy::name(of.method), plain::line(&of.url));
                let body = of.body.as_deref().map(plain::json).unwrap_or_default();
                (Some((head, indented(&body))), None)
            }
            Way::HandOver(url) => (None, Some(plain::line(url))),
        };
        Shown {
            costs: plan.costs.iter().map(|of| (plain::line(&of.name), plain::line(&of.amount))).collect(),
            problems: plan
                .problems
                .iter()
                .map(|of| (plain::line(&of.field), plain::line(&of.message), of.blocking))
                .collect(),
            notes: plan.notes.iter().map(|note| plain::line(note)).collect(),
            request,
            hand_over,
        }
    }

    /// What a person agrees to, by its digest: another plan has another one.
    pub fn digest(&self) -> Digest {
        let Shown { costs, problems, notes, request, hand_over } = self;
        Digest::of(serde_json::json!([costs, problems, notes, request, hand_over]).to_string().as_bytes())
    }
}

/// Each line with its indentation, and nothing in it that reorders or hides.
fn indented(text: &str) -> String {
    let line = |line: &str| {
        let content = line.trim_start_matches(' ');
        format!("{}{}", " ".repeat(line.len() - content.len()), plain::line(content))
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}
