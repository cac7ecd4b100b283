//! Postings by their identifiers. Contests are numbered apart, and asked for apart.

use prospector_plugin::Host;
use prospector_plugin::lenient::{Field as _, Lax};
use prospector_plugin::request::Call;
use prospector_plugin::types::{Error, Posting};

use crate::envelope::ask;
use crate::posting::{CONTEST, of_contest, of_project, site};
use crate::search::with_details;
use crate::wire::Found;
use crate::wishes::{self, CREDENTIAL};

pub(crate) fn find(host: &dyn Host, ids: &[String]) -> Result<Vec<Posting>, Error> {
    let origin = wishes::api(host)?;
    let number = |id: &str| id.parse::<i64>().ok();
    let projects: Vec<i64> = ids.iter().filter_map(|id| number(id)).collect();
    let contests: Vec<i64> = ids.iter().filter_map(|id| number(id.strip_prefix(CONTEST)?)).collect();
    let mut found = Vec::with_capacity(ids.len());
    for (numbers, path, parameter, contest) in [
        (projects, "/api/projects/0.1/projects/", "projects[]", false),
        (contests, "/api/contests/0.1/contests/", "contests[]", true),
    ] {
        if numbers.is_empty() {
            continue;
        }
        let call = Call::get(&origin, path).list(parameter, &numbers).number("limit", numbers.len() as u32);
        let request = with_details(call, true).credential(CREDENTIAL).build();
        let site = site(&origin);
        found.append(&mut ask(host, &request, "the postings", |result, _| {
            let Found { projects, users, .. } = Lax::of(result).0?;
            let owner = |id: i64| {
                let id = id.to_string();
                users.0.iter().find(|(key, _)| *key == id).map(|(_, user)| user.clone())
            };
            let read = |record| if contest { of_contest(record, site, owner) } else { of_project(record, site, owner) };
            Some(projects.elements().filter_map(|record| read(record).ok()).collect::<Vec<_>>())
        })?);
    }
    // An unknown parameter is ignored, and then the newest of all come.
    found.retain(|posting| ids.contains(&posting.id));
    Ok(found)
}

#[cfg(test)]
mod tests {
    use prospector_plugin::testing::FakeHost;
    use serde_json::json;

    use super::*;

    fn ids(ids: &[&str]) -> Vec<String> {
        ids.iter().map(|id| (*id).to_owned()).collect()
    }

    fn answer(list: &str, records: serde_json::Value) -> String {
        json!({"status": "success", "result": {list: records, "users": {"5": {"id": 5, "location": {"country": {"name": "Chile"}}}}}}).to_string()
    }

    #[test]
    fn projects_and_contests_are_read_by_their_numbers() {
        let host = FakeHost::at(0)
            .origin("api", "https://api.example")
            .answer(
                "/projects/0.1/projects/?",
                200,
                answer(
                    "projects",
                    json!([
                        {"id": 7, "owner_id": 5, "title": "A shop", "description": "Of bicycles", "type": "fixed"},
                        {"id": 8, "title": "Not asked for", "type": "fixed"}, null,
                    ]),
                ),
            )
            .answer(
                "/contests/0.1/contests/?",
                200,
                answer("contests", json!([{"id": 7, "title": "A logo", "owner_id": 5}])),
            );
        let found = find(&host, &ids(&["7", "9", "contest-7", "odd", "contest-odd"])).expect("answered");
        let told: Vec<_> = found.iter().map(|posting| (posting.id.as_str(), posting.title.as_str())).collect();
        assert_eq!(told, [("7", "A shop"), ("contest-7", "A logo")]);
        assert_eq!((found[0].description.as_str(), found[0].client.country.as_deref()), ("Of bicycles", Some("Chile")));
        let requests = host.requests();
        assert!(requests[0].url.contains("projects%5B%5D=7&projects%5B%5D=9&"), "{}", requests[0].url);
        assert!(
            requests
                .iter()
                .all(|request| request.url.contains("full_description=true") && request.credential.is_some())
        );
    }

    #[test]
    fn nothing_is_asked_where_no_identifier_is_one() {
        let host = FakeHost::at(0).origin("api", "https://api.example");
        assert_eq!(find(&host, &ids(&["", "x"])).expect("nothing to do"), []);
        assert!(host.requests().is_empty());
    }
}
