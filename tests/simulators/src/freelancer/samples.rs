//! The samples that ship with the simulator: invented projects, owners, contests and skills.
//!
//! The files hold the facts in short form and ages in place of times, so that the samples are always
//! fresh; this room expands them to the platform's full objects. Regenerate them with
//! `python3 samples/generate.py`.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::catalog::{Catalog, Project};
use super::facets::UPGRADES;
use super::reference;
use crate::oauth::Account;

/// The user id of the freelancer whose account is connected.
pub const ACCOUNT_ID: i64 = 70_000_001;

const SKILLS: &str = include_str!("../../samples/skills.jsonl");
const OWNERS: &str = include_str!("../../samples/owners.jsonl");
const PROJECTS: &str = include_str!("../../samples/projects.jsonl");
const CONTESTS: &str = include_str!("../../samples/contests.jsonl");

/// Fields that are present and null in every project.
const NULL_PROJECT_FIELDS: [&str; 45] = [
    "active_prepaid_milestone",
    "assisted",
    "attachments",
    "billing_code",
    "can_post_review",
    "client_engagement",
    "contract_signatures",
    "deloitte_details",
    "drive_files",
    "enterprise_linked_projects_details",
    "enterprise_metadata_values",
    "equipment",
    "equipment_groups",
    "files",
    "from_user_location",
    "hireme_initial_bid",
    "invited_freelancers",
    "local_details",
    "nda_details",
    "nda_signatures",
    "nda_signatures_new",
    "negotiated_bid",
    "project_collaborations",
    "project_source",
    "project_source_reference",
    "qualifications",
    "quotation_id",
    "quotation_version_id",
    "recommended_freelancers",
    "repost_id",
    "sub_status",
    "support_sessions",
    "timeframe",
    "track_ids",
    "true_location",
    "user_distance",
    "hourly_project_info",
    "description",
    "jobs",
    "upgrades",
    "budget",
    "location",
    "bid_stats",
    "currency",
    "time_free_bids_expire",
];

/// Fields that are present and null in every user, unless the user has them.
const NULL_USER_FIELDS: [&str; 31] = [
    "suspended",
    "is_active",
    "force_verify",
    "avatar_cdn",
    "avatar_large_cdn",
    "email",
    "reputation",
    "employer_reputation",
    "jobs",
    "profile_description",
    "hourly_rate",
    "tagline",
    "location",
    "role",
    "chosen_role",
    "status",
    "account_balances",
    "membership_package",
    "qualifications",
    "badges",
    "search_languages",
    "cover_image",
    "portfolio_count",
    "preferred_freelancer",
    "support_status",
    "first_name",
    "last_name",
    "corporate",
    "corporate_users",
    "address",
    "company",
];

/// Upgrades that are null rather than false when they are off.
const NULL_UPGRADES: [&str; 7] =
    ["active_prepaid_milestone", "success_bundle", "recruiter", "listed", "extend", "unpaid_recruiter", "assisted"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SampleSkill {
    id: i64,
    name: String,
    category: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SampleOwner {
    id: i64,
    username: String,
    country: String,
    city: String,
    rating: f64,
    reviews: i64,
    completed: i64,
    incomplete: i64,
    open: i64,
    verified: Vec<String>,
    age_days: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SampleProject {
    id: i64,
    owner: i64,
    title: String,
    description: String,
    #[serde(rename = "type")]
    kind: String,
    currency: String,
    /// Lowest and highest; absent for a project without a budget.
    budget: Option<(f64, Option<f64>)>,
    skills: Vec<i64>,
    bids: i64,
    /// Average bid; with no bids either 0 or null, as both may occur.
    average: Option<f64>,
    age_minutes: i64,
    #[serde(default)]
    updated_minutes: Option<i64>,
    #[serde(default = "week")]
    bid_days: i64,
    #[serde(default = "english")]
    language: String,
    #[serde(default)]
    upgrades: Vec<String>,
    #[serde(default)]
    hours_a_week: Option<i64>,
    #[serde(default)]
    local: Option<SamplePlace>,
    #[serde(default)]
    state: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SamplePlace {
    country: String,
    city: String,
    latitude: f64,
    longitude: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SampleContest {
    id: i64,
    owner: i64,
    title: String,
    description: String,
    #[serde(rename = "type")]
    kind: String,
    currency: String,
    prize: f64,
    skills: Vec<i64>,
    entries: i64,
    age_minutes: i64,
    days: i64,
    upgrades: Vec<String>,
}

fn week() -> i64 {
    7
}

fn english() -> String {
    "en".to_owned()
}

/// The samples as they are at `now`.
///
/// # Panics
/// Never with the files as committed: a test reads them all.
#[must_use]
pub fn catalog(now: i64) -> Catalog {
    let mut catalog = Catalog::default();
    for skill in lines::<SampleSkill>(SKILLS) {
        catalog.skills.insert(skill.id, expand_skill(&skill));
    }
    for owner in lines::<SampleOwner>(OWNERS) {
        catalog.users.insert(owner.id, expand_owner(&owner, now));
    }
    catalog.users.insert(ACCOUNT_ID, own_account(&catalog, now));
    for sample in lines::<SampleProject>(PROJECTS) {
        if let Some(project) = Project::of(expand_project(&sample, &catalog, now)) {
            catalog.projects.insert(project.id, project);
        }
    }
    catalog.contests =
        lines::<SampleContest>(CONTESTS).map(|contest| expand_contest(&contest, &catalog, now)).collect();
    catalog
}

/// Who is logged in on the consent page.
#[must_use]
pub fn account(catalog: &Catalog) -> Account {
    let name = catalog
        .users
        .get(&ACCOUNT_ID)
        .and_then(|user| user.get("username"))
        .and_then(Value::as_str)
        .unwrap_or("freelancer");
    Account { id: ACCOUNT_ID.unsigned_abs(), name: name.to_owned() }
}

fn lines<T: for<'de> Deserialize<'de>>(text: &'static str) -> impl Iterator<Item = T> {
    text.split('\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_str(line).expect("the shipped samples are well-formed"))
}

fn expand_skill(skill: &SampleSkill) -> Value {
    json!({
        "id": skill.id,
        "name": skill.name,
        "category": reference::category(skill.category),
        "active_project_count": null,
        "seo_url": slug(&skill.name, '_').to_lowercase(),
        "seo_info": null,
        "local": matches!(skill.category, 11 | 12),
    })
}

fn skills(ids: &[i64], catalog: &Catalog) -> Value {
    Value::Array(ids.iter().filter_map(|id| catalog.skills.get(id).cloned()).collect())
}

fn expand_project(sample: &SampleProject, catalog: &Catalog, now: i64) -> Map<String, Value> {
    let posted = now - sample.age_minutes * 60;
    let updated = now - sample.updated_minutes.unwrap_or(sample.age_minutes) * 60;
    let has = |name: &str| sample.upgrades.iter().any(|upgrade| upgrade == name);
    let first_skill = sample
        .skills
        .first()
        .and_then(|id| catalog.skills.get(id))
        .and_then(|skill| skill["seo_url"].as_str())
        .unwrap_or("other")
        .replace('_', "-");
    let (status, sub_status, frontend) = match sample.state.as_deref() {
        Some("awarded") => ("frozen", Some("frozen_awarded"), "open"),
        Some("in-progress") => ("closed", Some("closed_awarded"), "work_in_progress"),
        Some("complete") => ("closed", Some("closed_awarded"), "complete"),
        _ => ("active", None, "open"),
    };
    let mut upgrades: Map<String, Value> =
        UPGRADES.into_iter().map(|name| (name.to_owned(), has(name).into())).collect();
    upgrades.insert("project_management".to_owned(), false.into());
    for name in NULL_UPGRADES {
        if !has(name) {
            upgrades.insert(name.to_owned(), Value::Null);
        }
    }
    let country = sample.local.as_ref().map(|place| place.country.as_str());
    let mut location = location(country, sample.local.as_ref().map(|place| place.city.as_str()));
    if let Some(place) = &sample.local {
        location["latitude"] = place.latitude.into();
        location["longitude"] = place.longitude.into();
    }
    let hourly = sample.kind == "hourly";
    let shown = json!({
        "id": sample.id,
        "owner_id": sample.owner,
        "title": sample.title,
        "status": status,
        "sub_status": sub_status,
        "seo_url": format!("{first_skill}/{}-{}", slug(&sample.title, '-'), sample.id),
        "currency": reference::currency(&sample.currency),
        "description": sample.description,
        "jobs": skills(&sample.skills, catalog),
        "submitdate": posted,
        "preview_description": sample.description.chars().take(100).collect::<String>(),
        "deleted": false,
        "nonpublic": has("nonpublic"),
        "hidebids": has("sealed"),
        "type": sample.kind,
        "bidperiod": sample.bid_days,
        "budget": sample.budget.map(|(minimum, maximum)| json!({
            "minimum": minimum,
            "maximum": maximum,
            "name": null,
            "project_type": null,
            "currency_id": null,
        })),
        "hourly_project_info": hourly.then(|| json!({
            "commitment": {"hours": sample.hours_a_week.unwrap_or(40), "interval": "week"},
            "duration_enum": "unspecified",
        })),
        "featured": has("featured"),
        "urgent": has("urgent"),
        "bid_stats": {"bid_count": sample.bids, "bid_avg": sample.average},
        "time_submitted": posted,
        "time_updated": updated,
        "upgrades": upgrades,
        "language": sample.language,
        "hireme": false,
        "frontend_project_status": frontend,
        "location": location,
        "local": sample.local.is_some(),
        "negotiated": false,
        "time_free_bids_expire": posted + 3600,
        "pool_ids": ["freelancer"],
        "enterprise_ids": [],
        "is_escrow_project": false,
        "is_seller_kyc_required": false,
        "is_buyer_kyc_required": false,
        "project_reject_reason": {"description": null, "message": null},
    });
    let mut record: Map<String, Value> =
        NULL_PROJECT_FIELDS.into_iter().map(|name| (name.to_owned(), Value::Null)).collect();
    if let Value::Object(fields) = shown {
        record.extend(fields);
    }
    record
}

fn expand_contest(sample: &SampleContest, catalog: &Catalog, now: i64) -> Value {
    let posted = now - sample.age_minutes * 60;
    let has = |name: &str| sample.upgrades.iter().any(|upgrade| upgrade == name);
    json!({
        "id": sample.id,
        "owner_id": sample.owner,
        "title": sample.title,
        "description": sample.description,
        "type": sample.kind,
        "status": "active",
        "seo_url": format!("{}-{}", slug(&sample.title, '-'), sample.id),
        "currency": reference::currency(&sample.currency),
        "prize": sample.prize,
        "jobs": skills(&sample.skills, catalog),
        "duration": sample.days,
        "time_submitted": posted,
        "time_posted": posted,
        "time_ended": posted + sample.days * 86_400,
        "time_modified": posted,
        "entry_count": sample.entries,
        "upgrades": {
            "featured": has("featured"),
            "sealed": has("sealed"),
            "nonpublic": has("nonpublic"),
            "highlight": has("highlight"),
            "guaranteed": has("guaranteed"),
        },
    })
}

fn location(country: Option<&str>, city: Option<&str>) -> Value {
    json!({
        "country": {
            "name": country.map(reference::country_name),
            "code": country,
            "flag_url": null,
            "highres_flag_url": null,
            "flag_url_cdn": null,
            "highres_flag_url_cdn": null,
            "iso3": null,
            "region_id": null,
            "phone_code": null,
            "demonym": null,
            "person": null,
            "seo_url": null,
            "sanction": null,
            "language_code": null,
            "language_id": null,
        },
        "city": city,
        "latitude": null,
        "longitude": null,
        "vicinity": null,
        "administrative_area": null,
        "full_address": null,
        "administrative_area_code": null,
        "postal_code": null,
    })
}

fn expand_owner(owner: &SampleOwner, now: i64) -> Value {
    let verified = |name: &str| owner.verified.iter().any(|word| word == name);
    let mut user = person(owner.id, &owner.username, now - owner.age_days * 86_400);
    user["location"] = location(Some(&owner.country), Some(&owner.city));
    user["role"] = "employer".into();
    user["chosen_role"] = "employer".into();
    user["reputation"] = reputation(owner.id, "freelancer", 0.0, 0, 0, 0, 0);
    user["employer_reputation"] =
        reputation(owner.id, "employer", owner.rating, owner.reviews, owner.completed, owner.incomplete, owner.open);
    user["status"] = json!({
        "payment_verified": verified("payment"),
        "email_verified": verified("email"),
        "deposit_made": verified("deposit"),
        "profile_complete": verified("profile"),
        "phone_verified": verified("phone"),
        "identity_verified": verified("identity"),
        "facebook_connected": false,
        "freelancer_verified_user": false,
        "linkedin_connected": false,
    });
    user
}

fn own_account(catalog: &Catalog, now: i64) -> Value {
    let mut user = person(ACCOUNT_ID, "wren_codes", now - 1_400 * 86_400);
    user["email"] = "wren@example.com".into();
    user["location"] = location(Some("nz"), Some("Wellington"));
    user["role"] = "freelancer".into();
    user["chosen_role"] = "freelancer".into();
    user["tagline"] = "Back-end and systems developer".into();
    user["profile_description"] = "I build small, dependable services and the tools around them: \
        Rust and Python on the server, TypeScript in the browser, PostgreSQL underneath."
        .into();
    user["hourly_rate"] = 45.into();
    user["jobs"] = skills(&[13, 9, 5001, 5002], catalog);
    user["reputation"] = reputation(ACCOUNT_ID, "freelancer", 4.8, 27, 29, 1, 0);
    user["employer_reputation"] = reputation(ACCOUNT_ID, "employer", 0.0, 0, 0, 0, 0);
    user["membership_package"] = json!({
        "name": "free",
        "bid_limit": 6,
        "bid_refresh_rate": 0.2,
        "job_limit": 20,
        "duration_type": "month",
    });
    user["account_balances"] = json!({
        "bids_remaining": 6,
        "equivalent_amount": 120.0,
        "balances": [{"amount": 120.0, "currency": reference::currency("USD")}],
    });
    user["status"] = json!({
        "payment_verified": true,
        "email_verified": true,
        "deposit_made": true,
        "profile_complete": true,
        "phone_verified": true,
        "identity_verified": true,
        "facebook_connected": false,
        "freelancer_verified_user": false,
        "linkedin_connected": false,
    });
    user["limited_account"] = false.into();
    user
}

fn person(id: i64, username: &str, registered: i64) -> Value {
    let shown = json!({
        "id": id,
        "username": username,
        "display_name": username,
        "public_name": username,
        "closed": false,
        "avatar": "/img/unknown.png",
        "avatar_large": "/img/unknown.png",
        "registration_date": registered,
        "limited_account": false,
        "primary_currency": reference::currency("USD"),
        "primary_language": "en",
        "pool_ids": [],
        "enterprise_ids": [],
        "timezone": {"id": null, "country": null, "timezone": null, "offset": null},
        "registration_completed": true,
        "is_profile_visible": true,
    });
    let mut user: Map<String, Value> =
        NULL_USER_FIELDS.into_iter().map(|name| (name.to_owned(), Value::Null)).collect();
    if let Value::Object(fields) = shown {
        user.extend(fields);
    }
    Value::Object(user)
}

fn reputation(user: i64, role: &str, overall: f64, reviews: i64, complete: i64, incomplete: i64, open: i64) -> Value {
    let all = complete + incomplete;
    let rate = if all > 0 { (complete as f64 / all as f64 * 100.0).round() / 100.0 } else { 0.0 };
    let kinds: [&str; 5] = if role == "employer" {
        ["clarity_spec", "communication", "payment_prom", "professionalism", "work_for_again"]
    } else {
        ["quality", "communication", "expertise", "professionalism", "hire_again"]
    };
    let ratings: Map<String, Value> = kinds.into_iter().map(|kind| (kind.to_owned(), overall.into())).collect();
    let history = |part: i64| {
        json!({
            "overall": if reviews / part > 0 { overall } else { 0.0 },
            "on_budget": rate,
            "on_time": rate,
            "positive": if overall >= 3.0 { 1.0 } else { 0.0 },
            "category_ratings": ratings,
            "all": all / part,
            "reviews": reviews / part,
            "incomplete_reviews": 0,
            "complete": complete / part,
            "incomplete": incomplete / part,
            "completion_rate": rate,
            "user_id": user,
        })
    };
    json!({
        "user_id": user,
        "role": role,
        "earnings_score": 0,
        "entire_history": history(1),
        "last3months": history(6),
        "last12months": history(2),
        "job_history": {"count_other": 0, "job_counts": []},
        "project_stats": {"open": open, "work_in_progress": 0, "complete": complete},
    })
}

/// The words of a title in ASCII, joined; what the platform's addresses are made of.
fn slug(title: &str, joint: char) -> String {
    let mut slug = String::new();
    for word in
        title.split(|character: char| !character.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).take(12)
    {
        if !slug.is_empty() {
            slug.push(joint);
        }
        slug.push_str(&word[..word.len().min(40)]);
    }
    slug
}
