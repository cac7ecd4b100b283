//! A page of the feed. The fields are read leniently: one odd field costs that field, one odd job that job, never the page.

use prospector_plugin::lenient::{Field as _, Float, Int, Json, Lax, Text, Texts};
use prospector_plugin::page::{self, row};
use prospector_plugin::paging::next_offset;
use prospector_plugin::posting::{MOST_SKILLS, attribute, names, title};
use prospector_plugin::request::Call;
use prospector_plugin::search::{Page, Query, Unreadable};
use prospector_plugin::types::{Client, Competition, Error, Payment, Posting, PostingKind, PostingStatus, Span, Value};
use prospector_plugin::{Host, answer, error, money, record, time};

use crate::judging::Settings;

/// Jobs that the board gives at most in one answer.
const MOST_JOBS: u32 = 50;

record! {
    struct Answer<'a> {
        jobs: Json<'a>,
        total: Int,
    }

    /// A job as the board has it.
    struct Job {
        id: Text,
        /// When it was posted, in seconds since 1970.
        epoch: Int,
        /// When it closes, ISO 8601.
        closes: Text,
        position: Text,
        company: Text,
        description: Text,
        tags: Texts,
        /// `Worldwide`, or the place that it is tied to.
        location: Text,
        /// In USD: per hour, or for the whole.
        pay_min: Float,
        pay_max: Float,
        pay_per: Text,
        hours_per_week: Int,
        weeks: Int,
        applicants: Int,
        url: Text,
    }
}

pub(crate) fn search(host: &dyn Host, query: &Query) -> Result<Page, Error> {
    let settings = Settings::read(&query.settings)?;
    let offset = match &query.cursor {
        None => 0,
        Some(cursor) => cursor.parse().map_err(|_| error::invalid_input(format!("`{cursor}` is no cursor")))?,
    };
    let call = Call::get(&crate::api(host)?, "/v1/jobs")
        .number("limit", query.limit.clamp(1, MOST_JOBS))
        .number("offset", offset)
        .list("tag", &settings.tags)
        .maybe("since", query.since);
    let response = crate::ask(host, call, "the jobs")?;
    answer::read(&response, "the jobs", |json| {
        let Answer { jobs, total } = Lax::of(json).0?;
        let jobs = jobs.elements();
        let total = total.0.and_then(|total| u64::try_from(total).ok());
        let next = next_offset(offset, jobs.len(), total).map(|next| next.to_string());
        let jobs = jobs.take(query.limit as usize);
        Some(page::of(jobs.map(|job| row(posting(job)).item).collect(), Vec::new(), next, total))
    })
}

/// A job as a posting. Without identifier or address it is none: there would be nothing to show.
fn posting(json: Json<'_>) -> Result<Posting, Unreadable> {
    let no_job = || Unreadable { id: None, title: None, reason: "It is no job".to_owned() };
    let job: Job = Lax::of(json).0.ok_or_else(no_job)?;
    let missing = |what: &str| Unreadable {
        id: job.id.0.clone(),
        title: job.position.0.clone(),
        reason: format!("It has no {what}"),
    };
    let id = job.id.0.clone().ok_or_else(|| missing("id"))?;
    let url = job.url.0.clone().filter(|url| url.starts_with("https://")).ok_or_else(|| missing("https url"))?;
    let exactly = |number: u32| Span { minimum: number, maximum: Some(number) };
    let text = |name: &str, value: Text| value.0.map(|value| attribute(name, Value::Text(value)));
    Ok(Posting {
        kind: PostingKind::Project,
        title: title(job.position.0, "Job", &id),
        id,
        url,
        description: job.description.0.unwrap_or_default(),
        status: PostingStatus::Open,
        payment: match job.pay_per.0.as_deref() {
            Some("hour") => Payment::Hourly,
            Some("project") => Payment::Fixed,
            _ => Payment::Unstated,
        },
        budget: money::budget(job.pay_min.0, job.pay_max.0, Some("USD".to_owned()), Some(1.0)),
        skills: names(job.tags.0.into_iter(), MOST_SKILLS),
        categories: Vec::new(),
        experience: None,
        duration: job.weeks.unsigned().map(|weeks| exactly(weeks.saturating_mul(7))),
        workload: job.hours_per_week.unsigned().map(exactly),
        language: None,
        posted_at: job.epoch.0.and_then(time::sound),
        updated_at: None,
        closes_at: job.closes.0.as_deref().and_then(time::parse),
        competition: job
            .applicants
            .unsigned()
            .map(|applicants| Competition { proposals: exactly(applicants), average: None }),
        client: client(),
        attributes: [text("company", job.company), text("location", job.location)].into_iter().flatten().collect(),
    })
}

/// The board says nothing of who posts, beside a name: no history is neutral, not bad.
fn client() -> Client {
    Client {
        id: None,
        country: None,
        country_code: None,
        rating: None,
        reviews: None,
        posted: None,
        hires: None,
        hire_rate: None,
        spent_usd: None,
        payment_verified: None,
        member_since: None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use prospector_plugin::testing::{FakeHost, profile, replace, setting};

    use super::*;
    use prospector_plugin::lenient;

    const JOB: &str = r#"{"id":"j-1","epoch":1790000000,"closes":"2026-10-01T00:00:00Z","position":"Rust plugin","company":"Wren",
        "description":"Do it.","tags":["rust","wasm"],"location":"Worldwide","pay_min":60,"pay_max":"80","pay_per":"hour",
        "hours_per_week":20,"weeks":4,"applicants":3,"url":"https://jobboard.example/j-1"}"#;

    fn search_in(body: &str, cursor: Option<&str>) -> (Result<Page, Error>, Vec<String>) {
        let host = FakeHost::at(0).origin("api", "https://board.test").answer("/v1/jobs", 200, body);
        let query = Query {
            now: 1_790_000_100,
            settings: vec![setting("tags", Value::Texts(vec!["rust".to_owned(), "c++".to_owned()]))],
            profile: profile(&[]),
            cursor: cursor.map(str::to_owned),
            limit: 10,
            since: None,
        };
        (search(&host, &query), host.urls())
    }

    #[test]
    fn a_job_becomes_a_posting() {
        let posting = lenient::read(JOB, posting).expect("JSON").expect("whole");
        assert_eq!((posting.id.as_str(), posting.title.as_str()), ("j-1", "Rust plugin"));
        let budget = posting.budget.expect("stated");
        assert_eq!((budget.minimum, budget.maximum, posting.payment), (Some(6000), Some(8000), Payment::Hourly));
        assert_eq!(posting.duration.map(|span| span.minimum), Some(28));
        assert_eq!(posting.closes_at, Some(1_790_812_800));
        assert_eq!(posting.attributes.len(), 2);
    }

    #[test]
    fn pages_follow_each_other_until_the_total_is_reached() {
        let page_of = |total: u32| format!(r#"{{"jobs":[{JOB},{JOB}],"total":{total}}}"#);
        let (page, urls) = search_in(&page_of(5), None);
        assert_eq!(page.expect("read").next.as_deref(), Some("2"));
        assert_eq!(urls, ["https://board.test/v1/jobs?limit=10&offset=0&tag=rust&tag=c%2B%2B"]);
        let (page, urls) = search_in(&page_of(5), Some("3"));
        assert_eq!(page.expect("read").next, None);
        assert!(urls[0].contains("offset=3"));
        assert!(search_in(&page_of(5), Some("-1")).0.is_err());
    }

    #[test]
    fn one_odd_job_does_not_cost_the_page() {
        let body = format!(r#"{{"jobs":[{JOB},{{"position":"No id"}},null,7],"total":4}}"#);
        let page = search_in(&body, None).0.expect("read");
        assert_eq!((page.postings.len(), page.unreadable.len()), (1, 3));
        assert_eq!(page.unreadable[0].reason, "It has no id");
    }

    proptest! {
        #[test]
        fn whatever_a_field_holds_the_page_is_read(at in 0usize..22, odd in "[a-z0-9\"\\[\\]{}:,.-]{0,12}", number in any::<f64>()) {
            let text = serde_json::json!(odd);
            for with in [serde_json::Value::Null, serde_json::json!(number), serde_json::json!([1, {}]), text] {
                let mut job: serde_json::Value = serde_json::from_str(JOB).expect("JSON");
                replace(&mut job, &mut at.clone(), &with);
                let body = serde_json::json!({"jobs": [job], "total": 1}).to_string();
                let page = search_in(&body, None).0.expect("read");
                prop_assert_eq!(page.postings.len() + page.unreadable.len(), 1);
            }
        }
    }
}
