//! Names of categories to identifiers of skills.
//!
//! The search knows no categories, only skills. Categories are looked up by name, their skills by category; both change
//! rarely and are kept in `state`.

use prospector_plugin::error::{self, Refine};
use prospector_plugin::lenient::{Field as _, Int, Json, LaxList, Text};
use prospector_plugin::request::Call;
use prospector_plugin::text::quoted_list;
use prospector_plugin::types::{Error, UtcSeconds};
use prospector_plugin::{Host, kept, names};

use crate::envelope::{ask, ask_for};
use crate::wire::{Categories, Job};
use crate::wishes::CREDENTIAL;

/// Seconds after which a list is asked for anew: a week.
const FRESH: i64 = 7 * 86_400;

/// Key of the list of categories: pairs of identifier and name.
const CATEGORIES: &str = "categories";

type Named = Vec<(i64, String)>;

/// The skills of the categories of these names, ascending and each once.
///
/// # Errors
/// `invalid-input` for a name that is no category, with the nearest that are; and what asking brings.
pub(crate) fn skills(host: &dyn Host, origin: &str, names: &[String], now: UtcSeconds) -> Result<Vec<i64>, Error> {
    let mut skills: Vec<i64> = Vec::new();
    for category in resolve(host, origin, names, now)? {
        let key = format!("skills.{category}");
        let of_category = match kept::read(host, &key, now, FRESH, |json| list_of(json, |id| Int::of(id).0)) {
            Some((skills, true)) => skills,
            stale => {
                let asked = ask_skills(host, origin, category);
                kept::renewed(host, &key, asked, stale.map(|(skills, _)| skills))?
            }
        };
        for skill in of_category {
            if let Err(at) = skills.binary_search(&skill) {
                skills.insert(at, skill);
            }
        }
    }
    if skills.is_empty() {
        return Err(error::unexpected_answer(format!("Freelancer lists no skills for {}", quoted_list(names)))
            .remedy("Name other `categories`, or none to search all."));
    }
    Ok(skills)
}

fn resolve(host: &dyn Host, origin: &str, names: &[String], now: UtcSeconds) -> Result<Vec<i64>, Error> {
    let pair = |pair: Json<'_>| {
        let mut pair = pair.elements();
        Some((Int::of(pair.next()?).0?, Text::of(pair.next()?).0?))
    };
    let old = kept::read(host, CATEGORIES, now, FRESH, |json| list_of(json, pair));
    if let Some((known, true)) = &old
        && let Ok(ids) = find_all(known, names)
    {
        return Ok(ids);
    }
    // A name that is not among those kept may be new at the platform.
    let known = kept::renewed(host, CATEGORIES, ask_categories(host, origin), old.map(|(known, _)| known))?;
    find_all(&known, names)
}

/// A list whose elements are all what they should be.
fn list_of<T>(json: Json<'_>, of: impl Fn(Json<'_>) -> Option<T>) -> Option<Vec<T>> {
    match json {
        Json::List(list) => list.map(of).collect(),
        _ => None,
    }
}

fn find_all(known: &Named, names: &[String]) -> Result<Vec<i64>, Error> {
    let labels: Vec<&str> = known.iter().map(|(_, name)| name.as_str()).collect();
    let find = |name: &String| names::find("Freelancer", ("category", "Categories"), &labels, name);
    names.iter().map(|name| Ok(known[find(name)?].0)).collect()
}

fn ask_categories(host: &dyn Host, origin: &str) -> Result<Named, Error> {
    let request = Call::get(origin, "/api/projects/0.1/categories/").credential(CREDENTIAL).build();
    let categories: Categories = ask_for(host, &request, "the categories")?;
    let named: Named =
        categories.categories.0.into_iter().filter_map(|category| Some((category.id.0?, category.name.0?))).collect();
    if named.is_empty() {
        return Err(error::unexpected_answer("Freelancer's answer for the categories names none")
            .remedy("Ask again later, or search without `categories`."));
    }
    Ok(named)
}

/// The skills of one category. Those of another, which an answer that ignores the filter would hold, are left out.
fn ask_skills(host: &dyn Host, origin: &str, category: i64) -> Result<Vec<i64>, Error> {
    let request =
        Call::get(origin, "/api/projects/0.1/jobs/").list("categories[]", [category]).credential(CREDENTIAL).build();
    let jobs: LaxList<Job> = ask(host, &request, "the skills of a category", |result, _| Some(LaxList::of(result)))?;
    let belongs = |job: &Job| job.category.0.as_ref().and_then(|own| own.id.0).is_none_or(|own| own == category);
    Ok(jobs.0.into_iter().filter(belongs).filter_map(|job| job.id.0).filter(|id| *id > 0).collect())
}

#[cfg(test)]
mod tests {
    use prospector_plugin::testing::FakeHost;
    use prospector_plugin::types::ErrorKind;

    use super::*;

    const ORIGIN: &str = "https://api.example";
    const LIST: &str = r#"{"status":"success","result":{"jobs":null,"categories":[{"id":1,"name":"Websites, IT & Software"},{"id":"9","name":"Mobile Phones & Computing"},null,{"id":2}]},"request_id":"0"}"#;
    const WEB: &str = r#"{"status":"success","result":[{"id":9,"name":"JavaScript","category":{"id":1}},{"id":3,"category":{"id":1}},{"id":44,"category":{"id":9}},{"id":3}],"request_id":"0"}"#;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn names_are_found_in_any_case_and_their_skills_are_asked_for_once() {
        let host = FakeHost::at(1000).answer("/categories/", 200, LIST).answer("/jobs/?categories%5B%5D=1", 200, WEB);
        let wanted = names(&["websites,  it & SOFTWARE"]);
        assert_eq!(skills(&host, ORIGIN, &wanted, 1000), Ok(vec![3, 9]));
        assert_eq!(skills(&host, ORIGIN, &wanted, 1000 + FRESH - 1), Ok(vec![3, 9]));
        assert_eq!(host.requests().len(), 2);
    }

    #[test]
    fn old_lists_are_asked_for_anew_and_serve_on_if_that_fails() {
        let host = FakeHost::at(1000)
            .answer("/categories/", 200, LIST)
            .answer("/jobs/", 200, WEB)
            .answer("/categories/", 500, "{}")
            .answer("/jobs/", 200, r#"{"status":"success","result":[{"id":5}]}"#);
        let wanted = names(&["Websites, IT & Software"]);
        assert_eq!(skills(&host, ORIGIN, &wanted, 1000), Ok(vec![3, 9]));
        assert_eq!(skills(&host, ORIGIN, &wanted, 1000 + FRESH), Ok(vec![5]));
        assert_eq!(host.unused(), 0);
        assert_eq!(host.lines().len(), 1);
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_nearest_after_a_second_look() {
        let host = FakeHost::at(0)
            .answer("/categories/", 200, LIST)
            .answer("/categories/", 200, LIST)
            .answer("/jobs/", 200, WEB);
        skills(&host, ORIGIN, &names(&["Websites, IT & Software"]), 0).expect("known");
        let error = skills(&host, ORIGIN, &names(&["Website, IT and Software"]), 0).expect_err("unknown");
        assert_eq!(error.kind, ErrorKind::InvalidInput);
        assert_eq!(error.message, "Freelancer has no category `Website, IT and Software`");
        assert_eq!(error.remedy.as_deref(), Some("Did you mean `Websites, IT & Software`?"));
        let host = FakeHost::at(0).answer("/categories/", 200, LIST);
        let error = skills(&host, ORIGIN, &names(&["xyzzy"]), 0).expect_err("unknown");
        assert_eq!(
            error.remedy.as_deref(),
            Some("Categories are: `Websites, IT & Software` or `Mobile Phones & Computing`")
        );
    }

    #[test]
    fn a_category_without_skills_never_becomes_a_search_of_everything() {
        let host = FakeHost::at(0).answer("/categories/", 200, LIST).answer(
            "/jobs/",
            200,
            r#"{"status":"success","result":[]}"#,
        );
        let error = skills(&host, ORIGIN, &names(&["mobile phones & computing"]), 0).expect_err("no skills");
        assert_eq!(error.kind, ErrorKind::UnexpectedAnswer);
    }
}
