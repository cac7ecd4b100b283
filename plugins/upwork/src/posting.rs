//! Search results as postings.

use prospector_plugin::lenient::{Flag, Int, Lax, LaxList, Word};
use prospector_plugin::posting::{MOST_CATEGORIES, MOST_SKILLS, attribute, description, flag, names, title, word};
use prospector_plugin::request::encode_into;
use prospector_plugin::search::Unreadable;
use prospector_plugin::text::excerpt;
use prospector_plugin::types::{
    Attribute, Budget, Client, Competition, ExperienceLevel, Payment, Posting, PostingKind, PostingStatus, Span,
    UtcSeconds, Value,
};
use prospector_plugin::{countries, money, time};

use crate::ontology;
use crate::settings::{JobType, Length};
use crate::wire::{self, Money, Node, Occupations, Skill};

/// Where postings are read.
const SITE: &str = "https://www.upwork.com/jobs/";

/// Bytes of an identifier that are taken.
const LONGEST_ID: usize = 64;

/// Name of the attribute that says that the account has applied.
pub(crate) const APPLIED: &str = "applied";

/// Bands in which the site shows the number of proposals: `Less than 5`, `5 to 10`, `10 to 15`, `15 to 20`, `20 to 50`, `50+`.
const BANDS: [(u32, u32); 5] = [(0, 4), (5, 10), (10, 15), (15, 20), (20, 50)];

/// A result as a posting. `asked` is the job type that was asked for, if one was.
///
/// # Errors
/// What it is called, and why it cannot be a posting.
pub(crate) fn of_node(node: Node<'_>, asked: Option<JobType>) -> Result<Posting, Unreadable> {
    let why = match &node.id.0 {
        Some(id) if is_identifier(id) => return Ok(posting(node, asked)),
        Some(_) => "Its identifier is none",
        None => "It has no identifier",
    };
    Err(Unreadable {
        id: node.id.0.map(|id| excerpt(&id, LONGEST_ID)),
        title: node.title.0.map(|title| excerpt(&title, 200)),
        reason: why.to_owned(),
    })
}

fn posting(node: Node<'_>, asked: Option<JobType>) -> Posting {
    let posted_at = posted_at(&node);
    let id = node.id.0.unwrap_or_default();
    let (payment, budget) = pay(&node.amount, &node.hourly_budget_min, &node.hourly_budget_max, asked);
    let mut attributes = Vec::with_capacity(6);
    flag(&mut attributes, APPLIED, node.applied);
    flag(&mut attributes, "premium", node.premium);
    flag(&mut attributes, "enterprise", node.enterprise);
    let count = node.total_applicants.unsigned();
    attributes.extend(count.map(|count| attribute("total_applicants", Value::Integer(i64::from(count)))));
    let to_hire = node.freelancers_to_hire.unsigned();
    attributes.extend(to_hire.map(|count| attribute("freelancers_to_hire", Value::Integer(i64::from(count)))));
    preferred(&mut attributes, node.preferred_freelancer_location.0, node.preferred_freelancer_location_mandatory);
    Posting {
        url: url(node.ciphertext.text(), &id),
        title: title(node.title.0, "Posting", &id),
        kind: PostingKind::Project,
        description: description(node.description.0),
        // None left to hire: filled.
        status: if to_hire == Some(0) { PostingStatus::Closed } else { PostingStatus::Open },
        payment,
        budget,
        skills: skills(node.skills),
        categories: categories(node.occupations, [&node.category, &node.subcategory]),
        experience: experience(node.experience_level.text()),
        duration: Length::of(node.duration_label.text()).or_else(|| Length::of(node.duration.text())).map(Length::days),
        workload: workload(node.engagement.text()),
        language: None,
        posted_at,
        updated_at: time::parse(node.renewed_date_time.text()).filter(|renewed| Some(*renewed) > posted_at),
        closes_at: None,
        competition: count.map(|count| Competition { proposals: estimated(count), average: None }),
        client: client(node.client.0),
        attributes,
        id,
    }
}

/// The number of proposals as the site gives it to freelancers: the band that holds it, and from 50 on at least so many.
///
/// The API gives a number, and nobody says how fresh it is (assumed: not fresher than the site's band). So the estimate is the band,
/// whose width lowers the signal's confidence; the number itself is the attribute `total_applicants`.
fn estimated(count: u32) -> Span {
    let band = BANDS.iter().find(|(least, most)| (*least..=*most).contains(&count) && (count < *most || *least == 0));
    match band {
        Some(&(minimum, most)) => Span { minimum, maximum: Some(most) },
        None => Span { minimum: count, maximum: None },
    }
}

pub(crate) fn is_identifier(id: &str) -> bool {
    id.len() <= LONGEST_ID && id.bytes().all(|byte| byte.is_ascii_graphic())
}

fn posted_at(node: &Node<'_>) -> Option<UtcSeconds> {
    time::parse(node.published_date_time.text()).or_else(|| time::parse(node.created_date_time.text()))
}

/// The page of a posting. New ones are called by `~02` and their identifier.
pub(crate) fn url(ciphertext: &str, id: &str) -> String {
    let mut url = String::with_capacity(SITE.len() + 24);
    url.push_str(SITE);
    if ciphertext.is_empty() || ciphertext.len() > LONGEST_ID {
        url.push_str("~02");
        encode_into(&mut url, id);
    } else {
        encode_into(&mut url, ciphertext);
    }
    url
}

/// Fixed if an amount is stated, else hourly; where neither is, as was asked for.
fn pay(
    amount: &Lax<Money<'_>>,
    least: &Lax<Money<'_>>,
    most: &Lax<Money<'_>>,
    asked: Option<JobType>,
) -> (Payment, Option<Budget>) {
    let fixed = figure(amount);
    let (low, high) = (figure(least), figure(most));
    if fixed.is_some() || (low.is_none() && high.is_none() && asked == Some(JobType::Fixed)) {
        return (Payment::Fixed, budget(fixed, fixed, [amount, amount]));
    }
    (Payment::Hourly, budget(low, high, [least, most]))
}

/// An amount above 0.
fn figure(money: &Lax<Money<'_>>) -> Option<f64> {
    money.0.as_ref()?.raw_value.0.filter(|amount| *amount > 0.0)
}

/// Only what a dollar is worth in dollars is known.
fn budget(low: Option<f64>, high: Option<f64>, monies: [&Lax<Money<'_>>; 2]) -> Option<Budget> {
    let currency = monies.into_iter().find_map(|money| money::currency_code(money.0.as_ref()?.currency.text()))?;
    let usd_rate = (currency == "USD").then_some(1.0);
    money::budget(low, high, Some(currency), usd_rate)
}

fn skills(skills: LaxList<Skill>) -> Vec<String> {
    names(skills.0.into_iter().filter_map(|skill| skill.pretty_name.0.or(skill.name.0)), MOST_SKILLS)
}

/// From broad to narrow; by the old slugs where occupations are not stated.
fn categories(occupations: Lax<Occupations>, slugs: [&Word<'_>; 2]) -> Vec<String> {
    let occupations = occupations.0.unwrap_or_default();
    let category = occupations.category.0.into_iter();
    let all = category.chain(occupations.sub_categories.0).chain(occupations.occupation_service.0);
    let labels = names(all.filter_map(|named| named.pref_label.0), MOST_CATEGORIES);
    if !labels.is_empty() {
        return labels;
    }
    let slugs = slugs.into_iter().map(Word::text).filter(|slug| !slug.is_empty());
    names(slugs.map(|slug| ontology::label_of_slug(slug).unwrap_or(slug).to_owned()), MOST_CATEGORIES)
}

pub(crate) fn experience(level: &str) -> Option<ExperienceLevel> {
    match level {
        "" | "NONE" => None,
        "ENTRY_LEVEL" => Some(ExperienceLevel::Entry),
        "INTERMEDIATE" => Some(ExperienceLevel::Intermediate),
        "EXPERT" => Some(ExperienceLevel::Expert),
        other => Some(ExperienceLevel::Other(word(other))),
    }
}

/// Hours a week, by the site's labels; those of the API's filter are understood too.
fn workload(engagement: &str) -> Option<Span> {
    match engagement {
        "Less than 30 hrs/week" | "PART_TIME" => Some(Span { minimum: 1, maximum: Some(29) }),
        "30+ hrs/week" | "More than 30 hrs/week" | "FULL_TIME" => Some(Span { minimum: 30, maximum: None }),
        // `Hours to be determined`, `not_sure`, `AS_NEEDED`, and whatever comes.
        _ => None,
    }
}

fn preferred(attributes: &mut Vec<Attribute>, places: Vec<String>, mandatory: Flag) {
    if !places.is_empty() {
        attributes.push(attribute("preferred_freelancer_location", Value::Texts(places)));
        flag(attributes, "preferred_freelancer_location_mandatory", mandatory);
    }
}

fn client(client: Option<wire::Client<'_>>) -> Client {
    let verified = client.as_ref().map(|client| client.verification_status.text() == "VERIFIED");
    let client = client.unwrap_or_default();
    let reviews = client.total_reviews.unsigned();
    let location = client.location.0.unwrap_or_default();
    let named = location.country.text();
    let country = countries::find(named);
    Client {
        id: client.company_rid.0,
        country: country.map(|country| country.name).or(Some(named).filter(|name| !name.is_empty())).map(str::to_owned),
        country_code: country.map(|country| country.alpha2.to_owned()),
        // 0 is what the platform says while there is no review.
        rating: client.total_feedback.0.filter(|rating| *rating > 0.0 && *rating <= 5.0 && reviews != Some(0)),
        reviews,
        posted: client.total_posted_jobs.unsigned(),
        hires: client.total_hires.unsigned(),
        hire_rate: hire_rate(client.total_hires, client.total_posted_jobs),
        spent_usd: client.total_spent.0.and_then(|spent| spent_usd(&spent)),
        payment_verified: verified,
        member_since: time::parse(client.member_since_date_time.text()),
    }
}

/// Hires of each posting, 1 at most. Assumed: the platform states no rate here, and one posting may hire several.
fn hire_rate(hires: Int, posted: Int) -> Option<f64> {
    let (hires, posted) = (hires.unsigned()?, posted.unsigned().filter(|posted| *posted > 0)?);
    Some((f64::from(hires) / f64::from(posted)).min(1.0))
}

fn spent_usd(spent: &Money<'_>) -> Option<i64> {
    let is_usd = matches!(spent.currency.text(), "USD" | "");
    spent.raw_value.0.filter(|_| is_usd).and_then(money::hundredths)
}

#[cfg(test)]
mod tests;
