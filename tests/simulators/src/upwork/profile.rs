//! The connected account: an invented freelancer, her own organisation, and an agency that she works for.

use serde_json::{Value, json};

use super::details::ontology_id;
use crate::oauth::Account;

/// The user id of the freelancer whose account is connected.
pub const ACCOUNT_ID: u64 = 1_424_000_000_000_000_001;
/// Her own organisation, which calls are for by default.
pub const ORGANIZATION_ID: &str = "1424000000000000100";
/// The agency.
pub const AGENCY_ID: &str = "1424000000000000200";
/// Her hourly rate in US dollars.
const RATE: &str = "65.0";
const SKILLS: [&str; 8] =
    ["Rust", "WebAssembly", "PostgreSQL", "RESTful API", "TypeScript", "Docker", "GraphQL", "Technical Writing"];

/// Who is logged in on the consent page.
pub(super) fn account() -> Account {
    Account { id: ACCOUNT_ID, name: "wren_codes".to_owned() }
}

/// Money in the platform's form.
pub(super) fn money(raw: &str, currency: &str) -> Value {
    json!({"rawValue": raw, "currency": currency, "displayValue": raw})
}

/// The account as a `CurrentUser`.
pub(super) fn user() -> Value {
    let mut user = generic_user();
    user["freelancerProfile"] = freelancer_profile();
    user["talentProfile"] = json!({"personalData": personal_data()});
    user
}

/// The account as a `GenericUser`.
pub(super) fn generic_user() -> Value {
    json!({
        "id": ACCOUNT_ID.to_string(), "nid": "wren_codes", "rid": "2366401", "name": "Wren H.", "firstName": "Wren",
        "lastName": "Halloway", "email": "wren@example.com", "photoUrl": null, "publicUrl": null,
        "ciphertext": "~01e4f0a9c2b7d83516",
    })
}

/// An organisation of the account, by its id.
pub(super) fn organization(id: &str) -> Value {
    let (name, kind, rid) = if id == AGENCY_ID {
        ("Halyard Works", "BUSINESS", "4100002")
    } else {
        ("Wren Halloway", "SOLE_PROPRIETOR", "4100001")
    };
    json!({
        "id": id, "rid": rid, "legacyId": null, "name": name, "type": kind, "legacyType": "VENDOR", "active": true,
        "hidden": false, "photoUrl": null, "creationDate": "2021-03-09T10:00:00+0000",
    })
}

/// The organisations that the account may act for.
pub(super) fn companies() -> Value {
    let item = |id: &str, title: &str, kind: &str| {
        let organization = organization(id);
        json!({
            "title": title, "photoUrl": null, "organizationId": id, "organizationRid": organization["rid"],
            "organizationType": organization["type"], "organizationLegacyType": "VENDOR",
            "organizationEnterpriseType": null, "legacyEnterpriseOrganization": false, "typeTitle": kind,
        })
    };
    json!({"items": [item(ORGANIZATION_ID, "Wren Halloway", "Freelancer"), item(AGENCY_ID, "Halyard Works", "Agency")]})
}

fn personal_data() -> Value {
    json!({
        "firstName": "Wren", "lastName": "Halloway", "title": "Rust and WebAssembly developer",
        "description": "I write small, fast services and explain them in plain words.",
        "chargeRate": money(RATE, "USD"), "profileUrl": "https://www.upwork.com/freelancers/~01e4f0a9c2b7d83516",
        "address": {"countryName": "Ireland", "cityName": "Galway", "zip": null, "timezone": "Europe/Dublin", "street": null},
    })
}

fn freelancer_profile() -> Value {
    let skills: Vec<Value> = SKILLS
        .iter()
        .enumerate()
        .map(|(index, label)| {
            json!({"node": {
                "id": format!("10310000000000000{:02}", index + 1), "ontologyId": ontology_id(Some(&Value::from(*label))),
                "preferredLabel": label, "prettyName": label, "legacySkillNid": label.to_lowercase().replace(' ', "-"),
            }})
        })
        .collect();
    json!({
        "id": "1424000000000000300", "user": generic_user(), "userDetails": generic_user(),
        "personalData": personal_data(), "skills": {"edges": skills},
        "availability": {"id": "1", "capacity": "FULL_TIME", "availabilityDateTime": null,
            "name": "More than 30 hrs/week", "createdDateTime": "2025-01-07T09:00:00+0000"},
        "aggregates": {"totalHourlyJobs": 14, "totalFixedJobs": 9, "jobSuccessScore": 0.97, "topRatedStatus": "top_rated",
            "totalHours": 2210.5, "totalFeedback": 23.0, "adjustedFeedbackScore": 4.95, "totalEarnings": null},
        "jobCategories": {"edges": [{"node": {
            "category": {"id": "531770282580668418", "ontologyId": "upwork:WebMobileSoftwareDev",
                "preferredLabel": "Web, Mobile & Software Dev"},
            "selectedSubCategories": [{"id": "531770282584862733", "ontologyId": "upwork:WebDevelopment",
                "preferredLabel": "Web Development"}],
        }}]},
        "verifications": {"idVerified": true, "phoneVerified": true, "webcamVerified": false, "idBadgeStatus": null},
        "fullName": "Wren Halloway", "firstName": "Wren", "lastName": "Halloway", "email": "wren@example.com",
        "countryDetails": {"id": null, "name": "Ireland", "twoLetterAbbreviation": "IE", "threeLetterAbbreviation": "IRL"},
    })
}
