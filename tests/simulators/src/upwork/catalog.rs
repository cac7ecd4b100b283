//! The postings: search nodes as they came, and what the filters need of them, read once.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::{places, times};

/// How a posting pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// By the hour.
    Hourly,
    /// A fixed price.
    Fixed,
}

/// A posting.
#[derive(Debug)]
pub(super) struct Posting {
    /// The node's id.
    pub id: String,
    /// The node as it came: absent fields are null.
    pub node: Value,
    /// What filters and orders look at.
    pub facts: Facts,
}

/// What filters and orders look at. Texts are in lower case.
#[derive(Debug)]
pub(super) struct Facts {
    /// Title, description and skills.
    pub text: String,
    pub title: String,
    pub skills: Vec<String>,
    pub skill_ids: Vec<String>,
    pub kind: Kind,
    pub amount: f64,
    /// Lowest and highest hourly rate.
    pub rate: (Option<f64>, Option<f64>),
    pub level: Option<String>,
    pub duration: Option<String>,
    pub engagement: String,
    pub category: String,
    pub subcategories: Vec<String>,
    pub service: String,
    pub hires: i64,
    pub applicants: i64,
    pub verified: bool,
    pub enterprise: bool,
    pub previous_client: bool,
    /// The client's country and city.
    pub places: [String; 2],
    pub timezone: String,
    pub spent: f64,
    pub rating: f64,
    /// When it was published, Unix seconds.
    pub published: i64,
}

impl Posting {
    /// A posting of a node; `None` without an `id`.
    pub fn of(node: Map<String, Value>) -> Option<Self> {
        let id = match node.get("id")? {
            Value::String(id) if !id.is_empty() => id.clone(),
            Value::Number(id) => id.to_string(),
            _ => return None,
        };
        let node = Value::Object(node);
        Some(Self { id, facts: Facts::of(&node), node })
    }
}

impl Facts {
    fn of(node: &Value) -> Self {
        let lower = |pointer: &str| text(node, pointer).to_lowercase();
        let title = lower("/title");
        let members = |pointer: &str, name: &str| -> Vec<String> {
            let items = node.pointer(pointer).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            items.iter().map(|item| text(item, name).to_owned()).filter(|text| !text.is_empty()).collect()
        };
        let mut skills: Vec<String> = members("/skills", "/prettyName")
            .into_iter()
            .chain(members("/skills", "/name"))
            .map(|name| name.to_lowercase())
            .collect();
        skills.dedup();
        let amount = money(node, "/amount").unwrap_or(0.0);
        let kind = match text(node, "/job/contractTerms/contractType") {
            "FIXED" => Kind::Fixed,
            "HOURLY" => Kind::Hourly,
            _ if amount > 0.0 => Kind::Fixed,
            _ => Kind::Hourly,
        };
        let published = text(node, "/publishedDateTime");
        let published = if published.is_empty() { text(node, "/createdDateTime") } else { published };
        Self {
            text: format!("{title}\n{}\n{}", lower("/description"), skills.join("\n")),
            title,
            skills,
            skill_ids: members("/skills", "/id"),
            kind,
            amount,
            rate: (money(node, "/hourlyBudgetMin"), money(node, "/hourlyBudgetMax")),
            level: optional(node, "/experienceLevel"),
            duration: optional(node, "/duration"),
            engagement: lower("/engagement"),
            category: text(node, "/occupations/category/id").to_owned(),
            subcategories: members("/occupations/subCategories", "/id"),
            service: text(node, "/occupations/occupationService/id").to_owned(),
            hires: number(node, "/client/totalHires") as i64,
            applicants: number(node, "/totalApplicants") as i64,
            verified: text(node, "/client/verificationStatus") == "VERIFIED",
            enterprise: node.pointer("/enterprise").and_then(Value::as_bool).unwrap_or(false),
            previous_client: node.pointer("/freelancerClientRelation").is_some_and(Value::is_object),
            places: [
                places::plain(text(node, "/client/location/country")),
                places::plain(text(node, "/client/location/city")),
            ],
            timezone: lower("/client/location/timezone"),
            spent: money(node, "/client/totalSpent").unwrap_or(0.0),
            rating: number(node, "/client/totalFeedback"),
            published: times::read(published).unwrap_or(0),
        }
    }
}

/// The text at a JSON pointer; empty when there is none.
pub(super) fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn optional(value: &Value, pointer: &str) -> Option<String> {
    Some(text(value, pointer)).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn number(value: &Value, pointer: &str) -> f64 {
    value.pointer(pointer).and_then(Value::as_f64).unwrap_or(0.0)
}

/// The amount of a `Money` at a JSON pointer.
pub(super) fn money(value: &Value, pointer: &str) -> Option<f64> {
    match value.pointer(pointer)?.get("rawValue")? {
        Value::String(amount) => amount.trim().parse().ok(),
        other => other.as_f64(),
    }
}

/// All postings, newest first.
#[derive(Debug, Clone, Default)]
pub(super) struct Catalog {
    postings: Vec<Arc<Posting>>,
    by_id: HashMap<String, Arc<Posting>>,
}

impl Catalog {
    /// A catalogue of postings; of two with one id the later counts.
    pub fn of(postings: impl IntoIterator<Item = Posting>) -> Self {
        let mut catalog = Self::default();
        for posting in postings {
            catalog.by_id.insert(posting.id.clone(), Arc::new(posting));
        }
        catalog.arrange();
        catalog
    }

    /// The postings, newest first.
    pub fn newest_first(&self) -> &[Arc<Posting>] {
        &self.postings
    }

    /// The posting of that id.
    pub fn find(&self, id: &str) -> Option<&Posting> {
        self.by_id.get(id).map(Arc::as_ref)
    }

    /// Adds a posting or replaces one.
    pub fn put(&mut self, posting: Posting) {
        self.by_id.insert(posting.id.clone(), Arc::new(posting));
        self.arrange();
    }

    /// Removes a posting; whether there was one.
    pub fn remove(&mut self, id: &str) -> bool {
        let removed = self.by_id.remove(id).is_some();
        self.arrange();
        removed
    }

    fn arrange(&mut self) {
        self.postings = self.by_id.values().cloned().collect();
        self.postings
            .sort_by(|one, other| other.facts.published.cmp(&one.facts.published).then_with(|| other.id.cmp(&one.id)));
    }
}
