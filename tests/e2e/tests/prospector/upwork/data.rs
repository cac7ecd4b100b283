//! Search nodes, made for a test or mapped from postings that real people wrote.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

/// Subcategories with their categories, to spread postings over: `(category, its label, subcategory, its label)`.
pub const PLACES: [(&str, &str, &str, &str); 4] = [
    ("531770282580668418", "Web, Mobile & Software Dev", "531770282584862733", "Web Development"),
    ("531770282580668418", "Web, Mobile & Software Dev", "531770282589057024", "Mobile Development"),
    ("531770282580668423", "Writing", "1301900640421842944", "Content Writing"),
    ("531770282580668419", "IT & Networking", "531770282589057037", "DevOps & Solution Architecture"),
];

/// A node with all that the schema wants to be there, published at a time: an hourly job of a new client's.
pub fn node(id: u64, title: &str, published: &str) -> Value {
    json!({
        "id": id.to_string(), "ciphertext": format!("~02{id}"), "title": title, "description": "",
        "createdDateTime": published, "publishedDateTime": published, "renewedDateTime": null,
        "amount": money("0.0"), "experienceLevel": "INTERMEDIATE", "skills": [],
        "client": {
            "totalHires": 0, "totalPostedJobs": 1, "totalReviews": 0, "totalFeedback": 0.0, "totalSpent": null,
            "verificationStatus": null, "location": null, "companyRid": "1", "companyOrgUid": "1", "edcUserId": "1",
            "hasFinancialPrivacy": false,
        },
        "totalApplicants": 0, "applied": false, "freelancersToHire": 1, "premium": false, "enterprise": false,
        "recordNumber": "1", "relevanceEncoded": "{}",
    })
}

/// An amount of dollars as the platform writes it.
pub fn money(amount: &str) -> Value {
    json!({"rawValue": amount, "currency": "USD", "displayValue": format!("${amount}")})
}

/// So many postings, a minute apart and the newest first, over all [`PLACES`], both ways of paying and all three levels.
pub fn many(count: u64) -> Vec<Value> {
    let levels = ["ENTRY_LEVEL", "INTERMEDIATE", "EXPERT"];
    (0..count)
        .map(|number| {
            let (day, hour, minute) = (27 - number / 1440, 23 - number / 60 % 24, 59 - number % 60);
            let published = format!("2026-02-{day:02}T{hour:02}:{minute:02}:00+0000");
            let mut node = node(2_030_000_000_000_000_000 + number, &format!("Posting {number}"), &published);
            let of = |all: u64| (number % all) as usize;
            let (category, label, subcategory, sublabel) = PLACES[of(4)];
            node["occupations"] = json!({
                "category": {"id": category, "prefLabel": label},
                "subCategories": [{"id": subcategory, "prefLabel": sublabel}], "occupationService": null,
            });
            node["experienceLevel"] = levels[of(3)].into();
            if number % 2 == 0 {
                node["amount"] = money("500.0");
            }
            node
        })
        .collect()
}

/// Writes nodes to a file, one a line.
pub fn write(nodes: &[Value], to: &Path) {
    let lines: String = nodes.iter().map(|node| format!("{node}\n")).collect();
    fs::write(to, lines).expect("the nodes can be written");
}
