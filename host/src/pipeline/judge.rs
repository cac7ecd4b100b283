//! Judging a page: the platform's plugin first, then the person's own filters and scorers in the order in which the configuration lists them.
//!
//! A plugin that fails on a posting costs neither the posting nor what the others say of it: the posting is kept, with the fault told.

use std::sync::Arc;

use async_trait::async_trait;

use super::Platform;
pub use super::asking::Patience;
use super::asking::{Answers, Question, ask};
use crate::contract::judgement::{Evaluation, Verdict};
use crate::contract::types::{Attribute, Context, Posting};
use crate::lead::Stage;
use crate::plugin::custom::CustomPlugin;
use crate::plugin::fault::CallError;
use crate::plugin::platform::Judged;

/// A filter or scorer of the person's own.
#[async_trait]
pub trait Custom: Send + Sync {
    /// What its verdicts and faults are told under.
    fn id(&self) -> &str;

    /// What it is, with its version: another one may judge otherwise.
    fn fingerprint(&self) -> String;

    /// Of a filter: a verdict for each posting, in their order.
    ///
    /// # Errors
    /// The plugin's; of a scorer always.
    async fn screen(&self, context: &Context, postings: &mut [Posting]) -> Result<Vec<Verdict>, CallError>;

    /// Of a scorer: an evaluation of each posting, in their order.
    ///
    /// # Errors
    /// The plugin's; of a filter always.
    async fn score(&self, context: &Context, postings: &mut [Posting]) -> Result<Vec<Evaluation>, CallError>;
}

#[async_trait]
impl Custom for CustomPlugin {
    fn id(&self) -> &str {
        CustomPlugin::id(self)
    }

    fn fingerprint(&self) -> String {
        self.inspected.digest.to_string()
    }

    async fn screen(&self, context: &Context, postings: &mut [Posting]) -> Result<Vec<Verdict>, CallError> {
        CustomPlugin::screen(self, context, postings).await
    }

    async fn score(&self, context: &Context, postings: &mut [Posting]) -> Result<Vec<Evaluation>, CallError> {
        CustomPlugin::score(self, context, postings).await
    }
}

/// One with its settings.
#[derive(Clone)]
pub struct Configured {
    /// The plugin.
    pub plugin: Arc<dyn Custom>,
    /// Its settings, as it is given them.
    pub settings: Vec<Attribute>,
}

/// The person's own filters and scorers, in their order.
#[derive(Clone, Default)]
pub struct Customs {
    /// Run on what the platform's plugin has kept.
    pub filters: Vec<Configured>,
    /// Run on what is left.
    pub scorers: Vec<Configured>,
}

impl std::fmt::Debug for Customs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ids = |of: &[Configured]| of.iter().map(|one| one.plugin.id().to_owned()).collect::<Vec<_>>();
        f.debug_struct("Customs").field("filters", &ids(&self.filters)).field("scorers", &ids(&self.scorers)).finish()
    }
}

/// What was said of a posting that was kept.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Judgement {
    /// The platform's plugin's; none where it failed.
    pub platform: Option<Evaluation>,
    /// The scorers', with their ids.
    pub scorers: Vec<(String, Evaluation)>,
    /// What failed on it, in a sentence each.
    pub faults: Vec<String>,
    /// The filters of the person's own that failed on it, by their ids: whether they would have dropped it is not known.
    pub failed: Vec<String>,
}

/// What became of a posting.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Kept.
    Keep(Judgement),
    /// Dropped.
    Drop {
        /// Where.
        stage: Stage,
        /// By what.
        filter: String,
        /// Why.
        reason: String,
    },
}

/// A page, judged.
pub struct JudgedPage {
    /// The postings that are kept, in their order, before those that are dropped.
    pub postings: Vec<(Posting, Outcome)>,
    /// The platform's plugin's considered refusal to judge, if there was one.
    pub refused: Option<CallError>,
}

struct OfPlatform<'a>(&'a dyn Platform, &'a Context);
struct OfFilter<'a>(&'a dyn Custom, &'a Context);
struct OfScorer<'a>(&'a dyn Custom, &'a Context);

#[async_trait]
impl Question for OfPlatform<'_> {
    type Answer = Judged;

    async fn ask(&self, postings: &mut [Posting]) -> Result<Vec<Judged>, CallError> {
        self.0.judge(self.1, postings).await
    }
}

#[async_trait]
impl Question for OfFilter<'_> {
    type Answer = Verdict;

    async fn ask(&self, postings: &mut [Posting]) -> Result<Vec<Verdict>, CallError> {
        self.0.screen(self.1, postings).await
    }
}

#[async_trait]
impl Question for OfScorer<'_> {
    type Answer = Evaluation;

    async fn ask(&self, postings: &mut [Posting]) -> Result<Vec<Evaluation>, CallError> {
        self.0.score(self.1, postings).await
    }
}

/// What a scan has of patience with each plugin, in their order.
#[derive(Clone, Debug, Default)]
pub struct Patiences {
    platform: Patience,
    filters: Vec<Patience>,
    scorers: Vec<Patience>,
}

impl Patiences {
    /// All of it.
    #[must_use]
    pub fn with(customs: &Customs) -> Patiences {
        let each = |of: &[Configured]| vec![Patience::default(); of.len()];
        Patiences { platform: Patience::default(), filters: each(&customs.filters), scorers: each(&customs.scorers) }
    }
}

/// A filter's verdicts, or why there is none for a posting.
pub async fn verdicts(
    filter: &dyn Custom,
    context: &Context,
    postings: &mut [Posting],
    patience: &mut Patience,
) -> Vec<Result<Verdict, String>> {
    ask(&OfFilter(filter, context), postings, patience).await.each
}

/// A scorer's evaluations, or why there is none of a posting.
pub async fn evaluations(
    scorer: &dyn Custom,
    context: &Context,
    postings: &mut [Posting],
    patience: &mut Patience,
) -> Vec<Result<Evaluation, String>> {
    ask(&OfScorer(scorer, context), postings, patience).await.each
}

/// Has postings judged.
pub async fn judge(
    platform: &dyn Platform,
    customs: &Customs,
    context: &Context,
    mut postings: Vec<Posting>,
    patiences: &mut Patiences,
) -> JudgedPage {
    let Answers { each, refused } = ask(&OfPlatform(platform, context), &mut postings, &mut patiences.platform).await;
    let mut page = Sieve { kept: Vec::with_capacity(postings.len()), said: Vec::new(), dropped: Vec::new() };
    for (posting, judged) in postings.into_iter().zip(each) {
        match judged {
            Ok(Judged::Keep(evaluation)) => {
                page.keep(posting, Judgement { platform: Some(evaluation), ..Judgement::default() });
            }
            Ok(Judged::Drop(drop)) => page.drop(posting, Stage::Screening, drop.filter, drop.reason),
            Err(fault) => page.keep(posting, Judgement { faults: vec![fault], ..Judgement::default() }),
        }
    }
    for (filter, patience) in customs.filters.iter().zip(&mut patiences.filters) {
        page.sift(filter, context, patience).await;
    }
    for (scorer, patience) in customs.scorers.iter().zip(&mut patiences.scorers) {
        page.score(scorer, context, patience).await;
    }
    JudgedPage { postings: page.into_postings(), refused }
}

/// Postings on their way through the stages.
struct Sieve {
    kept: Vec<Posting>,
    /// Of each that is kept.
    said: Vec<Judgement>,
    dropped: Vec<(Posting, Outcome)>,
}

impl Sieve {
    fn keep(&mut self, posting: Posting, said: Judgement) {
        self.kept.push(posting);
        self.said.push(said);
    }

    fn drop(&mut self, posting: Posting, stage: Stage, filter: String, reason: String) {
        self.dropped.push((posting, Outcome::Drop { stage, filter, reason }));
    }

    async fn sift(&mut self, filter: &Configured, context: &Context, patience: &mut Patience) {
        if self.kept.is_empty() {
            return;
        }
        let id = filter.plugin.id();
        let context = Context { settings: filter.settings.clone(), ..context.clone() };
        let answers = verdicts(filter.plugin.as_ref(), &context, &mut self.kept, patience).await;
        let before = std::mem::take(&mut self.kept).into_iter().zip(std::mem::take(&mut self.said));
        for ((posting, mut said), verdict) in before.zip(answers) {
            match verdict {
                Ok(Verdict::Keep) => self.keep(posting, said),
                Ok(Verdict::Drop(drop)) => {
                    self.drop(posting, Stage::Filter, format!("{id}/{}", drop.filter), drop.reason);
                }
                Err(fault) => {
                    said.faults.push(fault);
                    said.failed.push(id.to_owned());
                    self.keep(posting, said);
                }
            }
        }
    }

    async fn score(&mut self, scorer: &Configured, context: &Context, patience: &mut Patience) {
        if self.kept.is_empty() {
            return;
        }
        let context = Context { settings: scorer.settings.clone(), ..context.clone() };
        let answers = evaluations(scorer.plugin.as_ref(), &context, &mut self.kept, patience).await;
        for (said, evaluation) in self.said.iter_mut().zip(answers) {
            match evaluation {
                Ok(evaluation) => said.scorers.push((scorer.plugin.id().to_owned(), evaluation)),
                Err(fault) => said.faults.push(fault),
            }
        }
    }

    fn into_postings(self) -> Vec<(Posting, Outcome)> {
        let kept = self.kept.into_iter().zip(self.said.into_iter().map(Outcome::Keep));
        kept.chain(self.dropped).collect()
    }
}

#[cfg(test)]
mod tests;
