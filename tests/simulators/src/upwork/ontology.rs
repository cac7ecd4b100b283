//! Categories, subcategories and services, with the platform's real ids.

use serde_json::{Value, json};

use super::details::ontology_id;

/// One category a line: `id`, `label`, `subcategories[{id, label, services[{id, label}]}]`.
const CATEGORIES: &str = include_str!("../../samples/upwork/categories.jsonl");

/// All categories as `OntologyCategory`.
pub(super) fn categories() -> Value {
    lines()
        .map(|category| {
            let subcategories: Vec<Value> = members(&category, "subcategories")
                .iter()
                .map(|subcategory| {
                    let services: Vec<Value> = members(subcategory, "services").iter().map(entity).collect();
                    with(entity(subcategory), "services", services)
                })
                .collect();
            let services =
                subcategories.iter().flat_map(|subcategory| members(subcategory, "services").to_vec()).collect();
            with(with(entity(&category), "subcategories", subcategories), "services", services)
        })
        .collect()
}

/// The node's `occupations`, `category` and `subcategory` of a subcategory and a service by their ids.
pub(super) fn place(subcategory: &str, service: Option<&str>) -> Option<(Value, String, String)> {
    let short = |entity: &Value| json!({"id": entity["id"], "prefLabel": entity["label"]});
    lines().find_map(|category| {
        let sub = members(&category, "subcategories").iter().find(|sub| sub["id"] == subcategory)?;
        let service = service.and_then(|id| members(sub, "services").iter().find(|service| service["id"] == id));
        let occupations = json!({
            "category": short(&category), "subCategories": [short(sub)], "occupationService": service.map(short),
        });
        Some((occupations, slug(&category["label"], '_'), slug(&sub["label"], '_')))
    })
}

fn lines() -> impl Iterator<Item = Value> {
    CATEGORIES.lines().map(|line| serde_json::from_str(line).expect("the shipped categories are well-formed"))
}

fn members<'v>(entity: &'v Value, name: &str) -> &'v [Value] {
    entity.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn with(mut entity: Value, name: &str, members: Vec<Value>) -> Value {
    entity[name] = Value::Array(members);
    entity
}

fn entity(short: &Value) -> Value {
    json!({
        "id": short["id"], "preferredLabel": short["label"], "altLabel": [], "slug": slug(&short["label"], '-'),
        "ontologyId": ontology_id(short.get("label")),
    })
}

/// A label in lower case with one `joint` between its words: `accounting-consulting`, `web_mobile_software_dev`.
fn slug(label: &Value, joint: char) -> String {
    let lower = label.as_str().unwrap_or_default().to_lowercase();
    let words: Vec<&str> =
        lower.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.join(&joint.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_twelve_categories_with_64_subcategories() {
        let all = categories();
        let count = |name: &str| {
            all.as_array().into_iter().flatten().map(|category| members(category, name).len()).sum::<usize>()
        };
        assert_eq!((all.as_array().map(Vec::len), count("subcategories")), (Some(12), 64));
        assert!(count("services") >= 6);
        let (occupations, category, sub) = place("531770282584862733", Some("1110580748673863680")).expect("known");
        assert_eq!(occupations["occupationService"]["prefLabel"], "Back-End Development");
        assert_eq!((category.as_str(), sub.as_str()), ("web_mobile_software_dev", "web_development"));
    }
}
