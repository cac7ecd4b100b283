//! Replaying stored leads through other weights, or through a filter or scorer that is only tried.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;

use serde::Serialize;
use serde_json::{Map, Value};

use super::leads::scope;
use super::{App, AppError, Services};
use crate::config::{Weights, loose_settings};
use crate::contract::judgement::{Evaluation, SignalKind, Verdict};
use crate::contract::types::{Context, Posting, UtcSeconds};
use crate::lead::{Explained, Mark, Score};
use crate::pipeline::context;
use crate::pipeline::judge::{self, Patience};
use crate::pipeline::ranking;
use crate::pipeline::score::Weighing;
use crate::plugin::component::{Inspected, MAX_COMPONENT, World};
use crate::plugin::custom::CustomPlugin;
use crate::plugin::lock;
use crate::store::{LeadKey, ScoredLead};

/// Leads read and judged at a time.
const AT_ONCE: u32 = 1_000;
/// Leads replayed at most.
pub const MOST: usize = 200_000;

/// What is tried.
#[derive(Clone, Debug, Default)]
pub struct Candidate {
    /// Shares that replace the configured ones, by signal.
    pub weights: BTreeMap<String, f64>,
    /// A filter or scorer, with its settings.
    pub component: Option<(std::path::PathBuf, Map<String, Value>)>,
}

/// A lead before and after.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Moved {
    /// The platform's id.
    pub platform: String,
    /// The posting's id there.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Points as stored.
    pub score: f64,
    /// Points with the candidate; none where it drops the lead.
    pub candidate_score: Option<f64>,
    /// Place as stored, from 1.
    pub rank: usize,
    /// Place with the candidate.
    pub candidate_rank: Option<usize>,
    /// Why it is dropped, if it is.
    pub dropped: Option<String>,
}

/// What a candidate would change.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Backtest {
    /// Leads that were replayed.
    pub leads: usize,
    /// Leads that could not be: a component is tried, and their content was purged, as the platform's terms ask.
    pub left_out: u64,
    /// Those whose score changes.
    pub changed: usize,
    /// Those that the candidate drops.
    pub dropped: usize,
    /// Spearman's, of the leads that are kept: 1 where the order stays. None where it cannot be told.
    pub rank_correlation: Option<f64>,
    /// How well the best ten are the person's own choice, as stored and with the candidate: NDCG@10 over the leads that are marked, by which a
    /// starred one counts most, one that was looked at little, and a dismissed one nothing. None where no mark speaks for a lead.
    pub ndcg: Option<(f64, f64)>,
    /// Of the best ten by score, how many are among the best ten still.
    pub top_ten_kept: usize,
    /// Those at or above `review_min` as stored, and with the candidate.
    pub eligible: (usize, usize),
    /// Those on which the candidate failed.
    pub faults: usize,
    /// The best ten as the candidate has them.
    pub top: Vec<Moved>,
    /// Signals of the candidate's that have no weight, and so add nothing.
    pub unweighted: Vec<String>,
    /// Leads that move, the farthest first; at most as many as were asked for.
    pub moved: Vec<Moved>,
}

/// The weights that are tried: the configured ones, with those given put over them.
///
/// # Errors
/// Where nothing is left that weighs.
pub fn weights(app: &App, given: &BTreeMap<String, f64>) -> Result<Weights, AppError> {
    let mut shares: BTreeMap<String, f64> = app
        .config()
        .scoring
        .weights
        .iter()
        .map(|(name, weight)| (name.to_owned(), f64::from(weight) / 10_000.0))
        .collect();
    shares.extend(given.iter().map(|(name, share)| (name.clone(), *share)));
    Weights::normalised(&shares).ok_or_else(|| AppError::Usage("the weights do not sum to more than 0".to_owned()))
}

/// Replays all stored leads. Nothing is stored, and no platform is asked.
///
/// # Errors
/// Where the candidate cannot be used; the store's.
pub async fn backtest(
    app: &App,
    services: &Services,
    platform: Option<&str>,
    candidate: &Candidate,
    limit: usize,
) -> Result<Backtest, AppError> {
    let weights = weights(app, &candidate.weights)?;
    let weighing = Weighing {
        weights: weights.iter().map(|(name, weight)| (name.to_owned(), weight)).collect(),
        ..context::weighing(&app.config().scoring)
    };
    let mut component = match &candidate.component {
        Some((file, settings)) => Some(load(app, file, settings).await?),
        None => None,
    };
    let scope = scope(app, platform)?;
    let (mut replayed, mut faults) = (Vec::new(), 0);
    let mut after: Option<LeadKey> = None;
    while replayed.len() < MOST {
        let leads = services.store.scored(&scope, after.as_ref(), component.is_some(), AT_ONCE).await?;
        let Some(last) = leads.last() else { break };
        after = Some(last.key.clone());
        replay(leads, &weighing, component.as_mut(), &mut replayed, &mut faults).await;
    }
    let review_min = Score::clamped(i64::from(app.config().scoring.thresholds.review_min) * 100);
    let left_out = if component.is_some() { services.store.purged(&scope).await? } else { 0 };
    let signals = component.map(|tried| tried.signals).unwrap_or_default();
    let unweighted = signals.into_iter().filter(|name| weights.of(name) == 0).collect();
    Ok(Backtest { left_out, unweighted, ..compare(replayed, faults, review_min, limit) })
}

/// A filter or scorer that is tried.
struct Tried {
    plugin: CustomPlugin,
    world: World,
    context: Context,
    patience: Patience,
    /// Names of the signals that it has given.
    signals: BTreeSet<String>,
}

async fn load(app: &App, file: &Path, settings: &Map<String, Value>) -> Result<Tried, AppError> {
    let shown = file.display();
    let unusable = |why: String| AppError::Usage(format!("{shown} cannot be tried: {why}"));
    let bytes = lock::read_bounded(file, MAX_COMPONENT as u64).map_err(|error| unusable(error.to_string()))?;
    let engine = &app.installation.engine;
    let world = Inspected::read(engine, &bytes).map_err(|error| unusable(error.to_string()))?.world;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let plugin = CustomPlugin::load(engine, &name, &bytes, world).await.map_err(|error| unusable(error.to_string()))?;
    let settings = loose_settings(plugin.id(), &plugin.descriptor.settings, settings);
    let settings = settings.map_err(|problems| {
        let told: Vec<String> =
            problems.iter().map(|problem| format!("{}: {}", problem.path, problem.message)).collect();
        unusable(format!("its settings: {}", told.join("; ")))
    })?;
    let context = Context {
        now: app.now(),
        profile: context::profile(&app.config().profile, ""),
        settings: context::attributes(&settings),
        parameters: context::parameters(&app.config().scoring),
    };
    plugin.check_settings(&context).await.map_err(|error| unusable(error.to_string()))?;
    Ok(Tried { plugin, world, context, patience: Patience::default(), signals: BTreeSet::new() })
}

/// A lead with what the candidate makes of it.
struct Replayed {
    key: LeadKey,
    title: String,
    posted_at: Option<UtcSeconds>,
    mark: Mark,
    /// A rule ranks it before all others.
    is_first: bool,
    before: Score,
    after: Result<Score, String>,
}

/// What a candidate says of a lead: what a scorer adds, if it is one; or why a filter drops it.
type Answer = Result<Option<Evaluation>, String>;

async fn replay(
    leads: Vec<ScoredLead>,
    weighing: &Weighing,
    tried: Option<&mut Tried>,
    replayed: &mut Vec<Replayed>,
    faults: &mut usize,
) {
    let mut said: Vec<Answer> = vec![Ok(None); leads.len()];
    let mut leads = leads;
    if let Some(tried) = tried {
        let places: Vec<usize> = (0..leads.len()).filter(|at| leads[*at].posting.is_some()).collect();
        let mut postings: Vec<Posting> = leads.iter_mut().filter_map(|lead| lead.posting.take()).collect();
        let (plugin, context, patience) = (&tried.plugin, &tried.context, &mut tried.patience);
        let answers: Vec<Result<Answer, String>> = match tried.world {
            World::Scorer => {
                let scored = judge::evaluations(plugin, context, &mut postings, patience).await;
                for signal in scored.iter().flatten().flat_map(|evaluation| &evaluation.signals) {
                    if let SignalKind::Custom(name) = &signal.kind {
                        tried.signals.insert(name.clone());
                    }
                }
                scored.into_iter().map(|of| of.map(|evaluation| Ok(Some(evaluation)))).collect()
            }
            _ => {
                let screened = judge::verdicts(plugin, context, &mut postings, patience).await;
                let answer = |verdict| match verdict {
                    Verdict::Keep => Ok(None),
                    Verdict::Drop(drop) => Err(format!("{}: {}", drop.filter, drop.reason)),
                };
                screened.into_iter().map(|of| of.map(answer)).collect()
            }
        };
        for (at, answer) in places.into_iter().zip(answers) {
            match answer {
                Ok(answer) => said[at] = answer,
                Err(_) => *faults += 1,
            }
        }
    }
    for (lead, said) in leads.into_iter().zip(said) {
        let (before, is_first) = (lead.explained.score, lead.explained.is_first());
        let after = said.map(|evaluation| match evaluation {
            // What it says under a name that is taken counts instead: it may be a new version of what is listed.
            Some(evaluation) => weighing.reweigh(weighing.joined(lead.explained, evaluation)).score,
            None => weighing.reweigh(lead.explained).score,
        });
        let ScoredLead { key, title, posted_at, mark, .. } = lead;
        replayed.push(Replayed { key, title, posted_at, mark, is_first, before, after });
    }
}

/// What a mark says of a lead.
fn relevance(mark: Mark) -> f64 {
    match mark {
        Mark::Starred => 3.0,
        Mark::Seen => 1.0,
        Mark::New | Mark::Dismissed => 0.0,
    }
}

fn compare(replayed: Vec<Replayed>, faults: usize, review_min: Score, limit: usize) -> Backtest {
    let by = |score: &dyn Fn(&Replayed) -> Option<Score>| {
        let mut order: Vec<(Score, usize)> =
            replayed.iter().enumerate().filter_map(|(at, lead)| Some((score(lead)?, at))).collect();
        // As leads are listed.
        let rank = |(score, at): &(Score, usize)| {
            let lead = &replayed[*at];
            (Reverse((lead.is_first, *score, lead.posted_at)), &lead.key)
        };
        order.sort_by(|a, b| rank(a).cmp(&rank(b)));
        order.into_iter().map(|(_, at)| at).collect::<Vec<usize>>()
    };
    let (before, after) = (by(&|lead| Some(lead.before)), by(&|lead| lead.after.as_ref().ok().copied()));
    let place = |order: &[usize]| {
        let mut places = vec![None; replayed.len()];
        order.iter().enumerate().for_each(|(rank, at)| places[*at] = Some(rank + 1));
        places
    };
    let (was, is) = (place(&before), place(&after));
    let pairs: Vec<(f64, f64)> =
        replayed.iter().filter_map(|lead| Some((lead.before.points(), lead.after.as_ref().ok()?.points()))).collect();
    let eligible = (
        replayed.iter().filter(|lead| lead.before >= review_min).count(),
        replayed.iter().filter(|lead| lead.after.as_ref().is_ok_and(|score| *score >= review_min)).count(),
    );
    let chosen = |order: &[usize]| {
        // What is dropped comes after all that is kept.
        let kept: HashSet<usize> = order.iter().copied().collect();
        let dropped = (0..replayed.len()).filter(|at| !kept.contains(at));
        let marked = order.iter().copied().chain(dropped).filter(|at| replayed[*at].mark != Mark::New);
        ranking::ndcg(&marked.map(|at| relevance(replayed[at].mark)).collect::<Vec<_>>(), 10)
    };
    let mut moved: Vec<(usize, usize)> = (0..replayed.len())
        .filter_map(|at| {
            let from = was[at].unwrap_or_default();
            let distance = is[at].map_or(replayed.len(), |to| to.abs_diff(from));
            (distance > 0).then_some((distance, at))
        })
        .collect();
    moved.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| was[a.1].cmp(&was[b.1])));
    let row = |at: usize| {
        let lead = &replayed[at];
        Moved {
            platform: lead.key.account.platform.clone(),
            id: lead.key.id.clone(),
            title: lead.title.clone(),
            score: lead.before.points(),
            candidate_score: lead.after.as_ref().ok().map(|score| score.points()),
            rank: was[at].unwrap_or_default(),
            candidate_rank: is[at],
            dropped: lead.after.as_ref().err().cloned(),
        }
    };
    Backtest {
        leads: replayed.len(),
        left_out: 0,
        changed: replayed.iter().filter(|lead| lead.after.as_ref().is_ok_and(|after| *after != lead.before)).count(),
        dropped: replayed.iter().filter(|lead| lead.after.is_err()).count(),
        rank_correlation: ranking::correlation(&pairs),
        ndcg: chosen(&before).zip(chosen(&after)),
        top_ten_kept: before.iter().take(10).filter(|at| after.iter().take(10).any(|other| other == *at)).count(),
        eligible,
        faults,
        top: after.iter().take(10).map(|at| row(*at)).collect(),
        unweighted: Vec::new(),
        moved: moved.iter().take(limit).map(|(_, at)| row(*at)).collect(),
    }
}

/// Weighs all stored leads by the configuration's weights, and stores the scores; how many changed. No plugin is called.
///
/// # Errors
/// The store's.
pub async fn apply(app: &App, services: &Services) -> Result<(usize, usize), AppError> {
    let weighing = context::weighing(&app.config().scoring);
    let scope = scope(app, None)?;
    let (mut all, mut changed) = (0, 0);
    let mut after: Option<LeadKey> = None;
    loop {
        let leads = services.store.scored(&scope, after.as_ref(), false, AT_ONCE).await?;
        let Some(last) = leads.last() else { return Ok((all, changed)) };
        after = Some(last.key.clone());
        all += leads.len();
        let moved: Vec<(LeadKey, Explained)> = leads
            .into_iter()
            .filter_map(|lead| {
                let weighed = weighing.reweigh(lead.explained.clone());
                (weighed != lead.explained).then_some((lead.key, weighed))
            })
            .collect();
        if !moved.is_empty() {
            services.store.rescore(&moved).await?;
        }
        changed += moved.len();
    }
}
