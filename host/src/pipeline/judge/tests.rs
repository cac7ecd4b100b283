//! What filters and scorers do to a page, whatever they do wrong.

use std::sync::Mutex;

use super::*;
use crate::contract::judgement::{Adjustment, Drop, Signal, SignalKind};
use crate::contract::search::{Page, Query};
use crate::contract::types::Value;
use crate::pipeline::context;
use crate::plugin::fault::{Cause, Fault};

/// A platform that keeps everything.
struct Keeps;

#[async_trait]
impl Platform for Keeps {
    async fn search(&self, _: &Query) -> Result<Page, CallError> {
        unreachable!("nothing is searched here")
    }

    async fn judge(&self, _: &Context, postings: &mut [Posting]) -> Result<Vec<Judged>, CallError> {
        Ok(postings.iter().map(|_| Judged::Keep(Evaluation { signals: vec![], adjustments: vec![] })).collect())
    }
}

/// Drops what is titled like its setting, scores the rest, and fails on what is titled `poison`. Notes the sizes of its batches.
struct Fake {
    id: &'static str,
    batches: Mutex<Vec<usize>>,
}

impl Fake {
    fn called(id: &'static str) -> Arc<Fake> {
        Arc::new(Fake { id, batches: Mutex::default() })
    }

    fn asked(&self, postings: &[Posting]) -> Result<(), CallError> {
        self.batches.lock().expect("no panic").push(postings.len());
        if postings.iter().any(|posting| posting.title == "poison") {
            let cause = Cause::Trap("unreachable".to_owned());
            return Err(CallError::Fault(Fault { plugin: self.id.to_owned(), export: "screening.screen", cause }));
        }
        Ok(())
    }
}

#[async_trait]
impl Custom for Fake {
    fn id(&self) -> &str {
        self.id
    }

    fn fingerprint(&self) -> String {
        self.id.to_owned()
    }

    async fn screen(&self, context: &Context, postings: &mut [Posting]) -> Result<Vec<Verdict>, CallError> {
        self.asked(postings)?;
        let unwanted = |posting: &Posting| {
            context.settings.iter().any(|setting| setting.value == Value::Text(posting.title.clone()))
        };
        let drop = || Drop { filter: "title".to_owned(), reason: "It is unwanted".to_owned() };
        Ok(postings.iter().map(|p| if unwanted(p) { Verdict::Drop(drop()) } else { Verdict::Keep }).collect())
    }

    async fn score(&self, _: &Context, postings: &mut [Posting]) -> Result<Vec<Evaluation>, CallError> {
        self.asked(postings)?;
        let signal = |posting: &Posting| Signal {
            kind: SignalKind::Custom(self.id.to_owned()),
            value: posting.title.len() as f64 / 10.0,
            raw: String::new(),
            reason: String::new(),
            missing: vec![],
            confidence: 1.0,
        };
        let adjustment = || Adjustment { name: self.id.to_owned(), points: 100, reason: String::new() };
        Ok(postings.iter().map(|p| Evaluation { signals: vec![signal(p)], adjustments: vec![adjustment()] }).collect())
    }
}

fn configured(plugin: &Arc<Fake>, unwanted: &str) -> Configured {
    let setting = Attribute { name: "unwanted".to_owned(), value: Value::Text(unwanted.to_owned()) };
    Configured { plugin: plugin.clone(), settings: vec![setting] }
}

async fn judged(customs: &Customs, titles: &[&str]) -> Vec<(String, Outcome)> {
    let config = crate::config::validate_str("p.yaml", "", &[]).expect("valid").config;
    let context = Context {
        now: 0,
        profile: context::profile(&config.profile, ""),
        settings: vec![],
        parameters: context::parameters(&config.scoring),
    };
    let posting = |(at, title): (usize, &&str)| {
        let mut posting = crate::testing::posting(&at.to_string());
        posting.title = (*title).to_owned();
        posting
    };
    let postings = titles.iter().enumerate().map(posting).collect();
    let page = judge(&Keeps, customs, &context, postings, &mut Patiences::with(customs)).await;
    assert!(page.refused.is_none());
    page.postings.into_iter().map(|(posting, outcome)| (posting.title, outcome)).collect()
}

fn kept<'o>(outcomes: &'o [(String, Outcome)], title: &str) -> &'o Judgement {
    match outcomes.iter().find(|(of, _)| of == title) {
        Some((_, Outcome::Keep(said))) => said,
        other => panic!("{title} is not kept: {other:?}"),
    }
}

#[tokio::test]
async fn filters_run_in_their_order_each_on_what_is_left_with_its_own_settings() {
    let (one, two) = (Fake::called("one"), Fake::called("two"));
    let customs = Customs { filters: vec![configured(&one, "a"), configured(&two, "b")], scorers: vec![] };
    let outcomes = judged(&customs, &["a", "b", "c"]).await;
    let dropped: Vec<(&str, &str)> = outcomes
        .iter()
        .filter_map(|(title, outcome)| match outcome {
            Outcome::Drop { stage: Stage::Filter, filter, .. } => Some((title.as_str(), filter.as_str())),
            _ => None,
        })
        .collect();
    assert_eq!(dropped, [("a", "one/title"), ("b", "two/title")]);
    assert_eq!(kept(&outcomes, "c").faults, Vec::<String>::new());
    assert_eq!(
        (one.batches.lock().expect("no panic").clone(), two.batches.lock().expect("no panic").clone()),
        (vec![3], vec![2])
    );
}

#[tokio::test]
async fn what_a_filter_or_scorer_fails_on_is_kept_with_the_fault_and_hides_no_other() {
    let (filter, scorer) = (Fake::called("sieve"), Fake::called("taste"));
    let customs = Customs { filters: vec![configured(&filter, "bad")], scorers: vec![configured(&scorer, "")] };
    let outcomes = judged(&customs, &["good", "poison", "bad", "fine"]).await;
    assert_eq!(outcomes.len(), 4);
    let poisoned = kept(&outcomes, "poison");
    assert!(poisoned.faults.len() == 2 && poisoned.faults[0].contains("`sieve` trapped"), "{:?}", poisoned.faults);
    assert!(poisoned.scorers.is_empty() && poisoned.platform.is_some());
    for title in ["good", "fine"] {
        let said = kept(&outcomes, title);
        assert_eq!((said.scorers[0].0.as_str(), said.faults.len()), ("taste", 0), "{title}");
    }
    assert!(matches!(&outcomes.iter().find(|(of, _)| of == "bad").expect("there").1, Outcome::Drop { .. }));
}

#[tokio::test]
async fn one_that_fails_on_everything_is_given_up_after_a_few_calls() {
    let filter = Fake::called("sieve");
    let customs = Customs { filters: vec![configured(&filter, "")], scorers: vec![] };
    let outcomes = judged(&customs, &["poison"; 100]).await;
    assert!(outcomes.iter().all(|(_, outcome)| matches!(outcome, Outcome::Keep(said) if said.faults.len() == 1)));
    assert!(filter.batches.lock().expect("no panic").len() <= 12);
}

#[tokio::test]
async fn one_that_was_given_up_is_not_asked_again_in_the_scan() {
    let filter = Fake::called("sieve");
    let mut posting = crate::testing::posting("1");
    posting.title = "fine".to_owned();
    let context = Context {
        now: 0,
        profile: context::profile(&crate::config::validate_str("p.yaml", "", &[]).expect("valid").config.profile, ""),
        settings: vec![],
        parameters: vec![],
    };
    let mut patience = Patience::exhausted();
    let answers = verdicts(filter.as_ref(), &context, &mut [posting], &mut patience).await;
    assert!(matches!(&answers[..], [Err(why)] if why.contains("not asked again in this scan")), "{answers:?}");
    assert!(filter.batches.lock().expect("no panic").is_empty());
}
