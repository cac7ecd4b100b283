//! Projects and contests as postings.

use prospector_plugin::lenient::{Field as _, Flag, Int, Json, Lax, LaxList, Text};
use prospector_plugin::posting::{MOST_CATEGORIES, MOST_SKILLS, attribute, description, flag, names, title, word};
use prospector_plugin::request::encode_into;
use prospector_plugin::text::excerpt;
use prospector_plugin::time::{DAY, sound};
use prospector_plugin::types::{
    Attribute, Client, Competition, Payment, Posting, PostingKind, PostingStatus, Span, UtcSeconds, Value,
};
use prospector_plugin::{money, search::Unreadable};

use crate::wire::{Contest, Currency, HourlyInfo, Job, Project, Upgrades, User};

/// The public website, which postings are read at.
const SITE: &str = "https://www.freelancer.com";

/// Days that a bidding period or a contest may last to be believed.
const DAYS: std::ops::RangeInclusive<i64> = 1..=365;

/// What the identifier of a contest begins with: projects and contests are numbered apart.
pub(crate) const CONTEST: &str = "contest-";

/// Bytes of an URL that the contract takes, less some room for the site.
const LONGEST_PATH: usize = 1900;

/// Where postings are read, for the API's origin in force: the same site for a real one (the sandbox is such a site), the
/// public one where the API is a simulator's on loopback, which has no pages.
pub(crate) fn site(origin: &str) -> &str {
    if origin.starts_with("https://") { origin } else { SITE }
}

/// A record that could not be read, with what names it.
fn unreadable(id: Int, title: Option<&str>, reason: String) -> Unreadable {
    Unreadable { id: id.0.map(|id| id.to_string()), title: title.map(|title| excerpt(title, 200)), reason }
}

/// What stands in a list of records and is none.
fn no_record() -> Unreadable {
    unreadable(Int(None), None, "It is no record".to_owned())
}

/// A project, read.
///
/// # Errors
/// What it is called, and why it cannot be a posting.
pub(crate) fn of_project(
    json: Json<'_>,
    site: &str,
    owner: impl Fn(i64) -> Option<User>,
) -> Result<Posting, Unreadable> {
    let project: Project = Lax::of(json).0.ok_or_else(no_record)?;
    let id = identifier(project.id).map_err(|reason| unreadable(project.id, project.title.0.as_deref(), reason))?;
    let posted_at = time_of_posting([project.time_submitted, project.submitdate, project.time_updated]);
    let currency = project.currency.0.unwrap_or_default();
    let rate = currency.exchange_rate.0;
    let code = currency_code(&currency);
    let figures = project.budget.0.unwrap_or_default();
    let is_contest = project.kind.0.as_deref() == Some("contest");
    let mut attributes = Vec::new();
    flags(&mut attributes, &project.upgrades.0.unwrap_or_default());
    flag(&mut attributes, "featured", project.featured);
    flag(&mut attributes, "urgent", project.urgent);
    flag(&mut attributes, "nonpublic", project.nonpublic);
    flag(&mut attributes, "sealed", project.hidebids);
    flag(&mut attributes, "local", project.local);
    let bid_days = project.bidperiod.0.filter(|days| DAYS.contains(days));
    attributes.extend(bid_days.map(|days| attribute("bid_period_days", Value::Integer(days))));
    let owner_id = project.owner_id.0;
    Ok(Posting {
        url: url(site, "/projects/", project.seo_url.0.as_deref(), &id),
        title: title(project.title.0, "Project", &id),
        kind: if is_contest { PostingKind::Contest } else { PostingKind::Project },
        description: description(project.description.0.or(project.preview_description.0)),
        status: status(project.status.0, project.deleted),
        payment: match project.kind.0.as_deref() {
            Some("fixed") => Payment::Fixed,
            Some("hourly") => Payment::Hourly,
            Some("contest") => Payment::Prize,
            Some(other) => Payment::Other(word(other)),
            None => Payment::Unstated,
        },
        budget: money::budget(figures.minimum.0, figures.maximum.0, code, rate),
        categories: categories(&project.jobs),
        skills: skills(project.jobs),
        experience: None,
        duration: None,
        workload: project.hourly_project_info.0.as_ref().and_then(workload),
        language: language(project.language),
        posted_at,
        updated_at: time(project.time_updated),
        // Assumed: `bidperiod` is the days that bids are taken, from the time of posting.
        closes_at: posted_at.zip(bid_days).and_then(|(posted, days)| sound(posted + days * DAY)),
        competition: project.bid_stats.0.and_then(|stats| {
            let average = stats.bid_avg.0.and_then(money::hundredths).filter(|average| *average > 0);
            competition(stats.bid_count, average)
        }),
        client: client(owner_id, &mut attributes, owner_id.and_then(owner)),
        attributes,
        id,
    })
}

/// A contest, read. Which fields a contest has is taken from an official client of 2019; where its page is, assumed.
///
/// # Errors
/// What it is called, and why it cannot be a posting.
pub(crate) fn of_contest(
    json: Json<'_>,
    site: &str,
    owner: impl Fn(i64) -> Option<User>,
) -> Result<Posting, Unreadable> {
    let contest: Contest = Lax::of(json).0.ok_or_else(no_record)?;
    let number = identifier(contest.id).map_err(|reason| unreadable(contest.id, contest.title.0.as_deref(), reason))?;
    let posted_at = time_of_posting([contest.time_posted, contest.time_submitted, contest.time_modified]);
    let currency = contest.currency.0.unwrap_or_default();
    let code = currency_code(&currency);
    let prize = contest.prize.0;
    let mut attributes = Vec::new();
    flags(&mut attributes, &contest.upgrades.0.unwrap_or_default());
    let days = contest.duration.0.filter(|days| DAYS.contains(days));
    let ends = contest.time_ended.0.or(posted_at.zip(days).map(|(posted, days)| posted + days * DAY));
    let owner_id = contest.owner_id.0;
    Ok(Posting {
        id: format!("{CONTEST}{number}"),
        kind: PostingKind::Contest,
        url: url(
            site,
            "/contest/",
            contest.seo_url.0.as_deref().map(|path| path.trim_start_matches("contest/")),
            &number,
        ),
        title: title(contest.title.0, "Contest", &number),
        description: description(contest.description.0),
        status: status(contest.status.0, Flag(None)),
        payment: Payment::Prize,
        budget: money::budget(prize, prize, code, currency.exchange_rate.0),
        categories: categories(&contest.jobs),
        skills: skills(contest.jobs),
        experience: None,
        duration: None,
        workload: None,
        language: language(contest.language),
        posted_at,
        updated_at: time(contest.time_modified),
        closes_at: time(Int(ends)),
        competition: competition(contest.entry_count, None),
        client: client(owner_id, &mut attributes, owner_id.and_then(owner)),
        attributes,
    })
}

fn identifier(id: Int) -> Result<String, String> {
    id.0.filter(|id| *id > 0).map(|id| id.to_string()).ok_or_else(|| "It has no identifier".to_owned())
}

fn time(time: Int) -> Option<UtcSeconds> {
    time.0.and_then(sound)
}

/// The first of the times that is stated.
fn time_of_posting(times: [Int; 3]) -> Option<UtcSeconds> {
    times.into_iter().find_map(time)
}

/// The page of a posting. What a path may not hold is encoded; without a usable one the identifier leads there too.
pub(crate) fn url(site: &str, folder: &str, seo_url: Option<&str>, id: &str) -> String {
    let mut url = String::with_capacity(site.len() + 96);
    url.push_str(site);
    url.push_str(folder);
    let start = url.len();
    for (index, segment) in seo_url.unwrap_or_default().trim_matches('/').split('/').enumerate() {
        if index > 0 {
            url.push('/');
        }
        encode_into(&mut url, segment);
    }
    let length = url.len() - start;
    if length == 0 || length > LONGEST_PATH {
        url.truncate(start);
        url.push_str(id);
    }
    url
}

/// `frozen` is awarded and waiting for the freelancer to accept: no bids are taken.
pub(crate) fn status(status: Option<String>, deleted: Flag) -> PostingStatus {
    match status.as_deref() {
        _ if deleted.0 == Some(true) => PostingStatus::Closed,
        Some("active") | None => PostingStatus::Open,
        Some("closed" | "frozen" | "rejected" | "inactive") => PostingStatus::Closed,
        Some(other) => PostingStatus::Other(word(other)),
    }
}

fn currency_code(currency: &Currency) -> Option<String> {
    currency.code.0.as_deref().and_then(money::currency_code)
}

fn skills(jobs: LaxList<Job>) -> Vec<String> {
    names(jobs.0.into_iter().filter_map(|job| job.name.0), MOST_SKILLS)
}

fn categories(jobs: &LaxList<Job>) -> Vec<String> {
    let named = |job: &Job| job.category.0.as_ref().and_then(|category| category.name.0.clone());
    names(jobs.0.iter().filter_map(named), MOST_CATEGORIES)
}

/// Hours a week. Intervals other than a week are assumed to be spelled like it.
fn workload(info: &HourlyInfo) -> Option<Span> {
    let commitment = info.commitment.0.as_ref()?;
    let hours = f64::from(commitment.hours.unsigned()?);
    let weekly = match commitment.interval.0.as_deref() {
        Some("day") => hours * 5.0,
        Some("month") => hours * 12.0 / 52.0,
        Some("week") | None => hours,
        Some(_) => return None,
    };
    let hours = weekly.round() as u32;
    (1..=168).contains(&hours).then_some(Span { minimum: hours, maximum: Some(hours) })
}

/// ISO 639-1 of `en` or `en-GB`.
fn language(language: Text) -> Option<String> {
    let language = language.0?;
    let code = language.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    (code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_lowercase())).then_some(code)
}

fn competition(count: Int, average: Option<i64>) -> Option<Competition> {
    let count = count.unsigned()?;
    Some(Competition { proposals: Span { minimum: count, maximum: Some(count) }, average })
}

fn client(id: Option<i64>, attributes: &mut Vec<Attribute>, user: Option<User>) -> Client {
    let user = user.unwrap_or_default();
    let country = user.location.0.and_then(|location| location.country.0).unwrap_or_default();
    let history = user.employer_reputation.0.and_then(|reputation| reputation.entire_history.0).unwrap_or_default();
    let rate = history.completion_rate.0.filter(|rate| (0.0..=1.0).contains(rate) && history.all.0.unwrap_or(0) > 0);
    attributes.extend(rate.map(|rate| attribute("client_completion_rate", Value::Number(rate))));
    Client {
        id: id.map(|id| id.to_string()),
        country: country.name.0,
        country_code: country
            .code
            .0
            .filter(|code| code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_alphabetic()))
            .map(|code| code.to_ascii_uppercase()),
        // 0 is what the platform says while there is no review.
        rating: history.overall.0.filter(|rating| *rating > 0.0 && *rating <= 5.0),
        reviews: history.reviews.unsigned(),
        posted: None,
        hires: history.all.unsigned().or(history.complete.unsigned()),
        hire_rate: None,
        spent_usd: None,
        payment_verified: user.status.0.and_then(|status| status.payment_verified.0),
        member_since: time(user.registration_date).filter(|time| *time > 0),
    }
}

fn flags(attributes: &mut Vec<Attribute>, upgrades: &Upgrades) {
    for (name, set) in [
        ("featured", upgrades.featured),
        ("sealed", upgrades.sealed),
        ("nonpublic", upgrades.nonpublic),
        ("fulltime", upgrades.fulltime),
        ("urgent", upgrades.urgent),
        ("qualified", upgrades.qualified),
        ("nda", upgrades.nda),
        ("ip_contract", upgrades.ip_contract),
        ("non_compete", upgrades.non_compete),
        ("preferred_freelancers_only", upgrades.pf_only),
        ("recruiter", upgrades.recruiter),
        ("guaranteed", upgrades.guaranteed),
    ] {
        flag(attributes, name, set);
    }
}

#[cfg(test)]
mod tests;
