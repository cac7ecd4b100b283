//! What the rules would do to leads that are stored.

use serde::Serialize;

use super::leads::scope;
use super::{App, AppError, Services};
use crate::config::RuleAction;
use crate::pipeline::rules::first_match;
use crate::store::LeadKey;
use crate::subject::Subject;

/// Leads read at a time.
const AT_ONCE: u32 = 1_000;

/// A lead that a rule would act on.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Hit {
    /// The platform's id.
    pub platform: String,
    /// The posting's id there.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Points, 0 to 100.
    pub score: f64,
    /// The rule's name.
    pub rule: String,
    /// What it would do.
    pub action: RuleAction,
    /// The comparisons that hold.
    pub reason: String,
}

/// What a rule would do in all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// The rule's name.
    pub rule: String,
    /// What it would do.
    pub action: RuleAction,
    /// To how many leads.
    pub leads: u64,
}

/// What came of trying the rules.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Trial {
    /// Leads that they were tried on.
    pub tried: u64,
    /// Leads that they could not be tried on: their content was purged, as the platform's terms ask.
    pub left_out: u64,
    /// Each rule, in order, also one that acts on none.
    pub rules: Vec<Tally>,
    /// Leads that a rule would act on, the best first; at most as many as were asked for.
    pub hits: Vec<Hit>,
}

/// Tries the configured rules on all stored leads. What a rule has excluded already is not among them: of a skipped posting only the title is kept.
///
/// # Errors
/// The store's.
pub async fn test(
    app: &App,
    services: &Services,
    platform: Option<&str>,
    rule: Option<&str>,
    limit: usize,
) -> Result<Trial, AppError> {
    let rules = &app.config().rules;
    if let Some(wanted) = rule.filter(|wanted| rules.iter().all(|rule| rule.name != *wanted)) {
        let names: Vec<&str> = rules.iter().map(|rule| rule.name.as_str()).collect();
        return Err(AppError::Usage(format!("no rule is called `{wanted}`; there are: {}", names.join(", "))));
    }
    let scope = scope(app, platform)?;
    let mut trial =
        Trial { tried: 0, left_out: services.store.purged(&scope).await?, rules: Vec::new(), hits: Vec::new() };
    let mut counts = vec![0; rules.len()];
    let mut after: Option<LeadKey> = None;
    loop {
        let leads = services.store.scored(&scope, after.as_ref(), true, AT_ONCE).await?;
        let Some(last) = leads.last() else { break };
        after = Some(last.key.clone());
        for lead in leads {
            let Some(posting) = &lead.posting else { continue };
            trial.tried += 1;
            let platform = &lead.key.account.platform;
            let subject = Subject { platform, posting, explained: &lead.explained, now: app.now() };
            let Some((met, reason)) = first_match(rules, &subject) else { continue };
            counts[rules.iter().position(|rule| rule.name == met.name).unwrap_or_default()] += 1;
            if rule.is_none_or(|wanted| wanted == met.name) {
                trial.hits.push(Hit {
                    platform: lead.key.account.platform,
                    id: lead.key.id,
                    title: lead.title,
                    score: lead.explained.score.points(),
                    rule: met.name.clone(),
                    action: met.action,
                    reason,
                });
            }
        }
        // The best are kept while it goes on, so that memory does not grow with the leads.
        if trial.hits.len() > 2 * limit.max(AT_ONCE as usize) {
            best(&mut trial.hits, limit);
        }
    }
    best(&mut trial.hits, limit);
    trial.rules = rules
        .iter()
        .zip(counts)
        .map(|(rule, leads)| Tally { rule: rule.name.clone(), action: rule.action, leads })
        .collect();
    Ok(trial)
}

fn best(hits: &mut Vec<Hit>, limit: usize) {
    hits.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| (&a.platform, &a.id).cmp(&(&b.platform, &b.id))));
    hits.truncate(limit);
}
