//! What templates can speak of: what rules can look at of a lead, by the same names, and the person.
//!
//! Something that a posting does not say is there all the same, as a [`Gap`]: it counts as false and as empty, and where it would be printed it leaves a
//! mark for the person ([`super::marker`]). A name that nothing is called by is an error instead.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use minijinja::Value;

use super::amount::Suggestion;
use super::skills::Names;
use super::template::value::{Gap, Section, number};
use crate::capability::log::is_plain;
use crate::config::{Field, Known, PortfolioItem, Profile};
use crate::contract::SIGNALS;
use crate::contract::types::UtcSeconds;
use crate::subject::{self, Subject};

/// Names beside those that rules know ([`Known`]), with what they hold.
pub const OWN: &[(&str, &str)] = &[
    ("job.posted_on", "The day on which it was posted."),
    ("job.closes_on", "The last day on which it takes proposals."),
    ("client.member_since", "The day on which the client joined."),
    ("signals", "The value of a signal, 0 to 1, by its name: `signals.skill_match`."),
    ("breakdown", "How the score came about: a list of `signal`, `value`, `points`, `raw` and `reason`."),
    ("profile.title", "`profile.title` of the configuration."),
    ("profile.skills", "Your skills."),
    ("profile.languages", "Your languages."),
    ("profile.country", "Where you work from."),
    ("profile.timezone", "Your time zone."),
    ("profile.availability.hours_per_week", "Hours a week for new work."),
    ("profile.availability.start", "Your first possible day."),
    ("profile.rates.currency", "The currency of your rates."),
    ("profile.rates.hourly.minimum", "Your least hourly rate."),
    ("profile.rates.hourly.preferred", "The hourly rate that you prefer."),
    ("profile.rates.fixed.minimum", "Your least budget."),
    ("profile.rates.fixed.preferred", "The budget that you prefer."),
    (
        "portfolio",
        "Your work with a skill that is asked for, the most alike first: a list of `title`, `url`, `summary` and `skills`.",
    ),
    ("amount", "What the proposal asks for, in `currency`; per hour where `job.payment` is `hourly`."),
    ("currency", "The currency of `amount`."),
    ("signature", "`proposals.signature` of the configuration."),
    ("today", "The day, in your time zone: `2026-11-22`."),
];

/// All names with what they hold, in the order of the documentation.
pub fn names() -> impl Iterator<Item = (&'static str, &'static str)> {
    Known::ALL.iter().map(|known| (known.name(), known.about())).chain(OWN.iter().copied())
}

/// What a draft is made from.
#[derive(Clone, Copy, Debug)]
pub struct Materials<'a> {
    /// The lead.
    pub subject: Subject<'a>,
    /// The person.
    pub profile: &'a Profile,
    /// How the person ends a proposal.
    pub signature: Option<&'a str>,
    /// What is asked for.
    pub suggestion: &'a Suggestion,
    /// Where the person's days begin.
    pub zone: &'a TimeZone,
}

/// What a template is rendered with.
#[derive(Clone, Debug)]
pub struct Context {
    /// Everything by its name.
    pub(super) root: Value,
    /// Which names of skills mean the same on this platform.
    pub(super) names: Names,
}

impl Context {
    /// Assembles it.
    #[must_use]
    pub fn of(materials: &Materials<'_>) -> Context {
        let Materials { subject, profile, signature, suggestion, zone } = *materials;
        let names = Names::of(profile, subject.platform);
        let mut tree = Tree::default();
        for known in Known::ALL {
            tree.set(known.name(), subject.value(&Field::Known(*known)).map(fact));
        }
        let (posting, explained) = (subject.posting, subject.explained);
        let day = |at: Option<UtcSeconds>| {
            let at = jiff::Timestamp::from_second(at?).ok()?;
            Some(Value::from(at.to_zoned(zone.clone()).date().to_string()))
        };
        tree.set("job.posted_on", day(posting.posted_at));
        tree.set("job.closes_on", day(posting.closes_at));
        tree.set("client.member_since", day(posting.client.member_since));
        tree.set("today", day(Some(subject.now)));
        let signals = explained.breakdown.iter().map(|line| (line.signal.clone(), number(line.value)));
        let known = SIGNALS.iter().map(|name| ((*name).to_owned(), Gap::value(&format!("signals.{name}"))));
        let signals: BTreeMap<String, Value> = known.chain(signals).collect();
        tree.root.insert("signals".to_owned(), Node::Leaf(Section::open("signals", signals)));
        let lines = explained.breakdown.iter().map(|line| {
            Section::value(
                "breakdown",
                [
                    ("signal", text(&line.signal)),
                    ("value", number(line.value)),
                    ("points", number(f64::from(line.points) / 100.0)),
                    ("raw", text(&line.raw)),
                    ("reason", text(&line.reason)),
                ],
            )
        });
        tree.set("breakdown", list(lines.collect()));
        person(&mut tree, profile);
        tree.set("portfolio", list(portfolio(profile, &names, &posting.skills).into_iter().map(item).collect()));
        tree.set("amount", suggestion.amount.as_ref().map(|money| hundredths(money.amount)));
        tree.set("currency", suggestion.amount.as_ref().map(|money| text(&money.currency)));
        tree.set("signature", signature.map(text));
        Context { root: tree.into_value(), names }
    }
}

fn person(tree: &mut Tree, profile: &Profile) {
    let texts = |texts: Vec<String>| list(texts.iter().map(|of| text(of)).collect());
    let amount = |amount: Option<crate::config::Hundredths>| amount.map(|amount| hundredths(amount.0));
    tree.set("profile.title", profile.title.as_deref().map(text));
    tree.set("profile.skills", texts(profile.skills.iter().map(|skill| skill.name.clone()).collect()));
    tree.set("profile.languages", texts(profile.languages.clone()));
    tree.set("profile.country", profile.country.as_deref().map(text));
    tree.set("profile.timezone", Some(text(&profile.timezone)));
    tree.set("profile.availability.hours_per_week", Some(Value::from(profile.availability.hours_per_week)));
    tree.set("profile.availability.start", profile.availability.start.as_deref().map(text));
    tree.set("profile.rates.currency", Some(text(&profile.rates.currency)));
    for (kind, range) in [("hourly", profile.rates.hourly), ("fixed", profile.rates.fixed)] {
        tree.set(&format!("profile.rates.{kind}.minimum"), amount(range.minimum));
        tree.set(&format!("profile.rates.{kind}.preferred"), amount(range.preferred));
    }
}

/// Items whose skills are asked for, those with the most of them first, and those without skills of their own last.
#[must_use]
pub fn portfolio<'p>(profile: &'p Profile, names: &Names, asked: &[String]) -> Vec<&'p PortfolioItem> {
    let fitting = profile.portfolio.iter().map(|item| (names.common(&item.skills, asked).len(), item));
    let mut fitting: Vec<_> = fitting.filter(|(common, item)| *common > 0 || item.skills.is_empty()).collect();
    fitting.sort_by_key(|(common, _)| std::cmp::Reverse(*common));
    fitting.into_iter().map(|(_, item)| item).collect()
}

fn item(of: &PortfolioItem) -> Value {
    let or_gap = |name: &str, words: Option<&String>| {
        words.map_or_else(|| Gap::value(&format!("portfolio.{name}")), |words| text(words))
    };
    let skills = list(of.skills.iter().map(|skill| text(skill)).collect());
    Section::value(
        "portfolio",
        [
            ("title", text(&of.title)),
            ("url", or_gap("url", of.url.as_ref())),
            ("summary", or_gap("summary", of.summary.as_ref())),
            ("skills", skills.unwrap_or_else(|| Gap::value("portfolio.skills"))),
        ],
    )
}

fn fact(of: subject::Value<'_>) -> Value {
    match of {
        subject::Value::Number(of) => number(of),
        subject::Value::Text(of) => text(of),
        subject::Value::Texts(of) => Value::from(of.iter().map(|of| text(of)).collect::<Vec<_>>()),
        subject::Value::Flag(of) => Value::from(of),
    }
}

#[expect(clippy::cast_precision_loss, reason = "amounts are bounded far below what a float holds exactly")]
fn hundredths(amount: i64) -> Value {
    number(amount as f64 / 100.0)
}

/// A text without what could not be seen in it.
fn text(of: &str) -> Value {
    Value::from(of.chars().filter(|c| *c == '\n' || is_plain(*c)).collect::<String>())
}

/// None where nothing is in it.
fn list(of: Vec<Value>) -> Option<Value> {
    (!of.is_empty()).then(|| Value::from(of))
}

/// Values by names with dots in them.
#[derive(Default)]
struct Tree {
    root: BTreeMap<String, Node>,
}

enum Node {
    Leaf(Value),
    Branch(BTreeMap<String, Node>),
}

impl Tree {
    fn set(&mut self, name: &str, value: Option<Value>) {
        let leaf = value.unwrap_or_else(|| Gap::value(name));
        let mut here = &mut self.root;
        let mut parts = name.split('.').peekable();
        while let Some(part) = parts.next() {
            if parts.peek().is_none() {
                here.insert(part.to_owned(), Node::Leaf(leaf));
                return;
            }
            let node = here.entry(part.to_owned()).or_insert_with(|| Node::Branch(BTreeMap::new()));
            // No name is the beginning of another: a test sees to it.
            let Node::Branch(branch) = node else { return };
            here = branch;
        }
    }

    fn into_value(self) -> Value {
        Section::closed("", branch("", self.root))
    }
}

fn branch(path: &str, nodes: BTreeMap<String, Node>) -> BTreeMap<String, Value> {
    let values = nodes.into_iter().map(|(name, node)| {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        let value = match node {
            Node::Leaf(value) => value,
            Node::Branch(inner) => Section::closed(&path, branch(&path, inner)),
        };
        (name, value)
    });
    values.collect()
}
