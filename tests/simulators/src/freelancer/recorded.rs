//! Reads recorded data: a whole search answer, or JSON lines of project objects.

use std::path::Path;

use serde_json::{Map, Value};

use super::catalog::{Catalog, Project};
use crate::data::{self, DataError};

/// Reads `path` into a catalog of projects and users.
///
/// # Errors
/// The file cannot be read, or a line of it is not what it should be.
pub fn read(path: &Path) -> Result<Catalog, DataError> {
    data::read(path, parse)
}

/// Parses the text of a data file. An error is a line number and a reason.
fn parse(text: &str) -> Result<Catalog, (usize, String)> {
    let mut catalog = Catalog::default();
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(answer)) => {
            if answer.contains_key("result") || answer.contains_key("projects") {
                add_answer(&mut catalog, &answer).map_err(|reason| (1, reason))?;
            } else {
                add_line(&mut catalog, answer).map_err(|reason| (1, reason))?;
            }
            return Ok(catalog);
        }
        Ok(Value::Array(projects)) => {
            add_projects(&mut catalog, &projects).map_err(|reason| (1, reason))?;
            return Ok(catalog);
        }
        Ok(_) => return Err((1, expected("a plain value"))),
        Err(error) if looks_like_one_document(text) => {
            return Err((error.line(), format!("not valid JSON: {error}")));
        }
        Err(_) => {}
    }
    for (index, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let number = index + 1;
        match serde_json::from_str::<Value>(line) {
            Ok(Value::Object(fields)) => {
                add_line(&mut catalog, fields).map_err(|reason| (number, reason))?;
            }
            Ok(_) => return Err((number, expected("a line that is no object"))),
            Err(error) => {
                return Err((number, format!("not valid JSON (column {}): {error}", error.column())));
            }
        }
    }
    if catalog.projects.is_empty() && catalog.users.is_empty() {
        return Err((1, expected("nothing")));
    }
    Ok(catalog)
}

/// Whether the first line alone is no complete JSON value, so that the file is meant as one document.
fn looks_like_one_document(text: &str) -> bool {
    let first = text.lines().find(|line| !line.trim().is_empty());
    first.is_some_and(|line| {
        serde_json::from_str::<Value>(line).err().is_some_and(|error| error.is_eof() && text.lines().count() > 1)
    })
}

fn expected(found: &str) -> String {
    format!(
        "found {found}; expected a recorded search answer {{\"status\":…,\"result\":{{\"projects\":[…]}}}}, \
         or one project object a line (a line {{\"users\": {{…}}}} adds owners)"
    )
}

fn add_line(catalog: &mut Catalog, mut fields: Map<String, Value>) -> Result<(), String> {
    if fields.contains_key("id") {
        let project = Project::of(fields).ok_or_else(|| "a project's `id` must be an integer".to_owned())?;
        catalog.projects.insert(project.id, project);
        return Ok(());
    }
    match fields.remove("users") {
        Some(users) => add_users(catalog, &users),
        None if fields.contains_key("result") => add_answer(catalog, &fields),
        None => Err("a project without an `id`".to_owned()),
    }
}

fn add_answer(catalog: &mut Catalog, answer: &Map<String, Value>) -> Result<(), String> {
    let result = match answer.get("result") {
        None => answer,
        Some(Value::Object(result)) => result,
        Some(_) => return Err(expected("an answer whose `result` is no object")),
    };
    match result.get("projects") {
        Some(Value::Array(projects)) => add_projects(catalog, projects)?,
        _ => return Err(expected("an answer without `projects`")),
    }
    result.get("users").map_or(Ok(()), |users| add_users(catalog, users))
}

fn add_projects(catalog: &mut Catalog, projects: &[Value]) -> Result<(), String> {
    for (index, project) in projects.iter().enumerate() {
        let project = project
            .as_object()
            .and_then(|record| Project::of(record.clone()))
            .ok_or_else(|| format!("projects[{index}] is not an object with an integer `id`"))?;
        catalog.projects.insert(project.id, project);
    }
    Ok(())
}

fn add_users(catalog: &mut Catalog, users: &Value) -> Result<(), String> {
    let Value::Object(users) = users else {
        return if users.is_null() {
            Ok(())
        } else {
            Err("`users` must be an object of user objects by id".to_owned())
        };
    };
    for (id, user) in users {
        let id = id.parse().map_err(|_| format!("`users` has the key {id:?}, which is no user id"))?;
        if !user.is_null() {
            catalog.users.insert(id, user.clone());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_and_json_lines_are_read() {
        let answer = "{\n\"status\":\"success\",\"result\":{\"projects\":[{\"id\":1,\"odd\":[{}]}],\"users\":null}}";
        let lines = "{\"id\":1,\"owner_id\":5}\n\n{\"users\":{\"5\":{\"id\":5},\"6\":null}}\n{\"id\":2}\n";
        assert_eq!(parse(answer).expect("valid").projects.len(), 1);
        let catalog = parse(lines).expect("valid");
        assert_eq!(catalog.projects.len(), 2);
        assert_eq!(catalog.users.len(), 1);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        for (text, line, words) in [
            ("{\"id\":1}\nnot json\n", 2, "not valid JSON"),
            ("{\"id\":1}\n{\"title\":\"x\"}\n", 2, "without an `id`"),
            ("{\"id\":1}\n[]\n", 2, "no object"),
            ("{\"id\":\"1\"}", 1, "must be an integer"),
            ("{\n\"result\":\n{\"projects\":[}\n}", 3, "not valid JSON"),
            ("{\"result\":{\"projects\":[{\"id\":1},{}]}}", 1, "projects[1]"),
            ("{\"users\":{\"x\":{}}}", 1, "no user id"),
            ("", 1, "found nothing"),
            ("3", 1, "plain value"),
        ] {
            let (at, reason) = parse(text).expect_err(text);
            assert_eq!(at, line, "{text}: {reason}");
            assert!(reason.contains(words), "{text}: {reason}");
        }
    }
}
