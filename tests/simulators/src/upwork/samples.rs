//! The samples that ship with the simulator: invented jobs and clients, in the platform's real categories.
//!
//! The files hold the facts in short form and ages in place of times, so that the samples are always
//! fresh; this room expands them to the platform's search nodes. Regenerate them with
//! `python3 samples/upwork/generate.py`.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::catalog::{Catalog, Posting};
use super::profile::money;
use super::{ontology, times};

const CLIENTS: &str = include_str!("../../samples/upwork/clients.jsonl");
const JOBS: &str = include_str!("../../samples/upwork/jobs.jsonl");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SampleClient {
    id: u64,
    hires: i64,
    posted: i64,
    reviews: i64,
    feedback: f64,
    /// Absent where the client shows no figures, and for one that has spent nothing yet.
    spent: Option<f64>,
    verified: bool,
    private: bool,
    /// A name or a three-letter code; the platform has both.
    country: Option<String>,
    city: Option<String>,
    timezone: Option<String>,
    age_days: i64,
    /// Title of a contract that the account once had with this client.
    #[serde(default)]
    worked: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SampleJob {
    id: u64,
    /// The older form of a ciphertext, where the job has it.
    #[serde(default)]
    ciphertext: Option<String>,
    client: u64,
    title: String,
    description: String,
    age_minutes: i64,
    #[serde(default)]
    renewed_minutes: Option<i64>,
    subcategory: String,
    #[serde(default)]
    service: Option<String>,
    skills: Vec<String>,
    budget: SampleBudget,
    #[serde(default = "dollars")]
    currency: String,
    /// Null where the platform's own data is broken.
    level: Option<String>,
    #[serde(default)]
    duration: Option<String>,
    #[serde(default)]
    engagement: Option<String>,
    applicants: i64,
    #[serde(default = "one")]
    hire: i64,
    #[serde(default)]
    premium: bool,
    #[serde(default)]
    enterprise: bool,
    #[serde(default)]
    preferred: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum SampleBudget {
    /// Lowest and highest hourly rate, both absent for one that is not told.
    Hourly(Option<f64>, Option<f64>),
    /// A fixed price.
    Fixed(f64),
    /// Nothing is told.
    None(()),
}

fn dollars() -> String {
    "USD".to_owned()
}

fn one() -> i64 {
    1
}

/// The samples as they are at `now`.
///
/// # Panics
/// Never with the files as committed: a test reads them all.
pub(super) fn catalog(now: i64) -> Catalog {
    let clients: Vec<SampleClient> = lines(CLIENTS).collect();
    Catalog::of(lines::<SampleJob>(JOBS).filter_map(|job| {
        let client = clients.iter().find(|client| client.id == job.client)?;
        Posting::of(expand(&job, client, now))
    }))
}

fn lines<T: for<'de> Deserialize<'de>>(text: &'static str) -> impl Iterator<Item = T> {
    text.split('\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_str(line).expect("the shipped samples are well-formed"))
}

fn expand(job: &SampleJob, client: &SampleClient, now: i64) -> Map<String, Value> {
    let id = job.id.to_string();
    let published = now.saturating_sub(job.age_minutes * 60);
    let amount = |value: f64| money(&format!("{value:?}"), &job.currency);
    let (fixed, low, high, kind) = match &job.budget {
        SampleBudget::Fixed(price) => (*price, None, None, None),
        SampleBudget::Hourly(None, None) => (0.0, None, None, Some("NOT_PROVIDED")),
        SampleBudget::Hourly(low, high) => (0.0, *low, *high, Some(if low == high { "DEFAULT" } else { "MANUAL" })),
        SampleBudget::None(()) => (0.0, None, None, None),
    };
    let (occupations, category, subcategory) =
        ontology::place(&job.subcategory, job.service.as_deref()).unwrap_or_default();
    let skills: Vec<Value> = job
        .skills
        .iter()
        .map(|name| {
            let plain = name.to_lowercase().replace([' ', '.'], "-");
            json!({"id": null, "name": plain, "prettyName": name, "highlighted": false})
        })
        .collect();
    let label = job.duration.as_deref().map(duration_label);
    let mut node = object(json!({
        "id": id,
        "ciphertext": job.ciphertext.clone().unwrap_or_else(|| format!("~02{id}")),
        "title": job.title,
        "description": job.description,
        // The platform looks at a posting for some minutes before it is public.
        "createdDateTime": times::shown(published.saturating_sub(749)),
        "publishedDateTime": times::shown(published),
        "renewedDateTime": job.renewed_minutes.map(|age| times::shown(now.saturating_sub(age * 60))),
        "experienceLevel": job.level,
        "skills": skills,
        "occupations": occupations,
        "category": category,
        "subcategory": subcategory,
        "client": expand_client(client, now),
        "totalApplicants": job.applicants,
        "applied": false,
        "freelancersToHire": job.hire,
        "totalFreelancersToHire": null,
        "premium": job.premium,
        "enterprise": job.enterprise,
        "preferredFreelancerLocation": job.preferred,
        "preferredFreelancerLocationMandatory": job.preferred.as_ref().map(|_| true),
        "recordNumber": (job.id % 1_000_000_007).to_string(),
        "clientNotSureFields": if job.duration.is_none() { json!(["duration"]) } else { json!([]) },
        "clientPrivateFields": if client.private { json!(["totalSpent"]) } else { json!([]) },
    }));
    node.extend(object(json!({
        "amount": amount(fixed),
        "hourlyBudgetType": kind,
        "hourlyBudgetMin": low.map(amount),
        "hourlyBudgetMax": high.map(amount),
        "weeklyBudget": null,
        "duration": job.duration,
        "durationLabel": label.map(|(label, _)| label),
        "engagement": job.engagement,
        "engagementDuration": label.map(|(label, weeks)| {
            json!({"id": weeks.to_string(), "label": label, "weeks": weeks})
        }),
        "relevance": {
            "id": id, "effectiveCandidates": 0.0, "recommendedEffectiveCandidates": 0.0, "uniqueImpressions": 0.0,
            "publishTime": times::shown(published), "hoursInactive": 0.0,
        },
        "relevanceEncoded": "{}",
        "freelancerClientRelation": client.worked.as_ref().map(|title| former(client.id, title)),
        "teamId": null,
        "localJobUserDistance": null,
    })));
    node
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

/// What the account and a client have behind them.
fn former(client: u64, contract: &str) -> Value {
    json!({
        "companyRid": client.to_string(), "companyName": "A former client", "edcUserId": (client + 1).to_string(),
        "lastContractPlatform": "Upwork", "lastContractRid": "31000001", "lastContractTitle": contract,
    })
}

fn expand_client(client: &SampleClient, now: i64) -> Value {
    json!({
        "totalHires": client.hires, "totalPostedJobs": client.posted, "totalReviews": client.reviews,
        "totalFeedback": client.feedback,
        "totalSpent": client.spent.map(|amount| money(&format!("{amount:?}"), "USD")),
        "verificationStatus": client.verified.then_some("VERIFIED"),
        "location": {
            "country": client.country, "city": client.city, "state": null, "timezone": client.timezone,
            "offsetToUTC": null,
        },
        "companyRid": client.id.to_string(), "companyOrgUid": (1_500_000_000_000_000_000 + client.id).to_string(),
        "companyName": null, "edcUserId": (client.id + 1).to_string(),
        "memberSinceDateTime": times::shown(now.saturating_sub(client.age_days * times::DAY)),
        "lastContractPlatform": client.worked.as_ref().map(|_| "Upwork"), "lastContractRid": null,
        "lastContractTitle": client.worked, "hasFinancialPrivacy": client.private,
    })
}

/// The label of a duration, and its weeks. That label and value go together so is inferred from the web site's.
fn duration_label(duration: &str) -> (&'static str, i64) {
    match duration {
        "WEEK" => ("Less than 1 month", 3),
        "MONTH" => ("1 to 3 months", 9),
        "QUARTER" | "SEMESTER" => ("3 to 6 months", 18),
        _ => ("More than 6 months", 52),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::upwork::catalog::Kind;

    #[test]
    fn the_samples_are_many_and_varied() {
        let now = 1_800_000_000;
        let catalog = catalog(now);
        let all = catalog.newest_first();
        assert_eq!(all.len(), lines::<SampleJob>(JOBS).count(), "ids are unique, clients are known");
        assert!(all.len() >= 250);
        let count = |is: &dyn Fn(&Posting) -> bool| all.iter().filter(|posting| is(posting)).count();
        for (what, number) in [
            ("fixed", count(&|posting| posting.facts.kind == Kind::Fixed)),
            ("hourly", count(&|posting| posting.facts.rate.0.is_some())),
            ("no budget", count(&|posting| posting.facts.kind == Kind::Hourly && posting.facts.rate.1.is_none())),
            ("new client", count(&|posting| posting.facts.hires == 0 && posting.facts.rating == 0.0)),
            ("unverified", count(&|posting| !posting.facts.verified)),
            ("enterprise", count(&|posting| posting.facts.enterprise)),
            ("no proposals", count(&|posting| posting.facts.applicants == 0)),
            ("level NONE", count(&|posting| posting.facts.level.as_deref() == Some("NONE"))),
            ("level null", count(&|posting| posting.facts.level.is_none())),
            (
                "old ciphertext",
                count(&|posting| posting.node["ciphertext"].as_str().is_some_and(|text| text.starts_with("~01"))),
            ),
            ("other currency", count(&|posting| posting.node["amount"]["currency"] != "USD")),
            ("country code", count(&|posting| posting.node["client"]["location"]["country"] == "USA")),
            ("country name", count(&|posting| posting.node["client"]["location"]["country"] == "United States")),
            ("no country", count(&|posting| posting.node["client"]["location"]["country"].is_null())),
            ("escapes", count(&|posting| posting.facts.text.contains('\u{1b}'))),
            ("filled", count(&|posting| posting.node["freelancersToHire"] == 0)),
            ("former client", count(&|posting| posting.facts.previous_client)),
        ] {
            assert!(number > 0, "no sample: {what}");
        }
        assert!(all.iter().all(|posting| posting.facts.published <= now && !posting.facts.category.is_empty()));
    }
}
