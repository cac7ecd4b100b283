//! Asking GraphQL servers, and reading what they answer.
//!
//! A server may give data and errors at a time, nulls in the data where the errors are, and it says no with HTTP 200. So an
//! [`Answer`] holds both, and what the errors mean is for the platform to say.

use std::fmt::Write;

use serde::Serialize;
use serde_json::Value;

use crate::error;
use crate::http::Request;
use crate::lenient::{self, Json, Lax, LaxList, Malformed, Text, Texts};
use crate::request::Call;
use crate::types::{Error, Method};

/// What is sent: nothing else, as the host takes no other key.
#[derive(Serialize)]
struct Body<'a, V> {
    query: &'a str,
    variables: V,
}

/// A `POST` of a document to a path of an origin, with variables, which are an object.
///
/// # Errors
/// `internal` for variables that are no JSON.
pub fn call(origin: &str, path: &str, document: &str, variables: impl Serialize) -> Result<Call, Error> {
    let body = serde_json::to_vec(&Body { query: document, variables })
        .map_err(|fault| error::internal(format!("The variables of a GraphQL request are no JSON: {fault}")))?;
    Ok(Call::new(Method::Post, origin, path).header("content-type", "application/json").body(body))
}

/// A JSON value as a literal of a document. Texts below a key of `enums` are names of an enumeration's values.
#[must_use]
pub fn literal(value: &Value, enums: &[&str]) -> String {
    let mut text = String::new();
    write_literal(value, enums, false, &mut text);
    text
}

fn write_literal(value: &Value, enums: &[&str], is_name: bool, to: &mut String) {
    match value {
        Value::String(name) if is_name => to.push_str(name),
        Value::Array(items) => {
            to.push('[');
            for item in items {
                write_literal(item, enums, is_name, to);
                to.push(' ');
            }
            to.push(']');
        }
        Value::Object(fields) => {
            to.push('{');
            for (name, value) in fields {
                to.push_str(name);
                to.push(':');
                write_literal(value, enums, enums.contains(&name.as_str()), to);
                to.push(' ');
            }
            to.push('}');
        }
        // JSON's form is GraphQL's. Writing to a string does not fail.
        scalar => {
            let _ = write!(to, "{scalar}");
        }
    }
}

/// The variables of a request that [`call`] made, for tests of what was asked; null if it is none.
#[must_use]
pub fn variables(request: &Request) -> serde_json::Value {
    let body = request.body.as_deref().unwrap_or_default();
    let body: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    body["variables"].clone()
}

crate::record! {
    /// What a server answered.
    pub struct Answer<'a> {
        /// Read it by [`Field::of`](lenient::Field::of) or [`lenient::record`].
        pub data: Json<'a>,
        /// Empty if all is well.
        pub errors: LaxList<Fault>,
    }

    /// One error of an answer.
    pub struct Fault {
        /// What the server says.
        pub message: Text,
        /// Where in the data: names of fields and indices of lists.
        pub path: Texts,
        /// What else it says.
        pub extensions: Lax<Extensions>,
    }

    /// What servers add to an error.
    pub struct Extensions {
        /// graphql-java's kind of error: `ValidationError`.
        pub classification: Text,
        /// Other servers' code.
        pub code: Text,
    }
}

/// Reads an answer, and hands on its data with what was wrong.
///
/// # Errors
/// Where it is no JSON.
pub fn read<T>(body: &str, then: impl FnOnce(Json<'_>, Vec<Fault>) -> T) -> Result<T, Malformed> {
    lenient::read(body, |json| {
        let Answer { data, errors } = lenient::record(json);
        then(data, errors.0)
    })
}

impl Fault {
    /// The message; an empty one if there is none.
    #[must_use]
    pub fn says(&self) -> &str {
        self.message.0.as_deref().unwrap_or_default()
    }

    /// Classification or code, where there is one.
    #[must_use]
    pub fn class(&self) -> Option<&str> {
        let extensions = self.extensions.0.as_ref()?;
        extensions.classification.0.as_deref().or(extensions.code.0.as_deref())
    }

    /// The index behind a list's name in the path: 3 of `edges, 3, node`.
    #[must_use]
    pub fn index_in(&self, list: &str) -> Option<usize> {
        let at = self.path.0.iter().position(|step| step == list)?;
        self.path.0.get(at + 1)?.parse().ok()
    }
}

/// The messages of errors in one line, the first three of them.
#[must_use]
pub fn messages(faults: &[Fault]) -> String {
    let mut line = String::new();
    for (index, fault) in faults.iter().take(3).enumerate() {
        line.push_str(if index > 0 { "; " } else { "" });
        line.push_str(if fault.says().is_empty() { "an error without words" } else { fault.says() });
    }
    if faults.len() > 3 {
        // Writing to a string does not fail.
        let _ = write!(line, "; and {} more", faults.len() - 3);
    }
    line
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::lenient::{Field, Int};

    crate::record! {
        struct Data {
            count: Int,
        }
    }

    fn read(json: &str) -> (Option<Data>, Vec<Fault>) {
        super::read(json, |data, faults| (Lax::of(data).0, faults)).expect(json)
    }

    #[test]
    fn data_and_errors_are_read_together_whatever_they_are() {
        let (data, faults) = read(
            r#"{"data":{"count":"3"},"errors":[{"message":"Cannot return null","path":["jobs","edges",3,"node"],
                "extensions":{"classification":"DataFetchingException"}},null,"odd",{"message":5}]}"#,
        );
        assert_eq!(data.expect("data").count.0, Some(3));
        assert_eq!(faults.len(), 2);
        assert_eq!((faults[0].index_in("edges"), faults[0].class()), (Some(3), Some("DataFetchingException")));
        assert_eq!((faults[1].index_in("edges"), faults[1].class()), (None, None));
        assert_eq!(messages(&faults), "Cannot return null; 5");
        for json in ["{}", r#"{"data":null,"errors":null}"#, r#"{"data":[],"errors":{}}"#, r#"{"data":7,"errors":"x"}"#]
        {
            assert_eq!(read(json), (None, Vec::new()), "{json}");
        }
    }

    #[test]
    fn a_literal_quotes_texts_and_not_names() {
        let value = serde_json::json!({
            "expression": "\"rust\" \\ wasm\n\u{1}é", "kind": "FIXED", "kinds": ["A", "B"], "none": null, "page": {"first": 5, "after": "0"}, "set": true,
        });
        assert_eq!(
            literal(&value, &["kind", "kinds"]),
            r#"{expression:"\"rust\" \\ wasm\n\u0001é" kind:FIXED kinds:[A B ] none:null page:{after:"0" first:5 } set:true }"#
        );
    }

    #[test]
    fn a_request_carries_document_and_variables() {
        let variables_of_it = serde_json::json!({"f": {"n": 1}});
        let request = call("https://api.example", "/graphql", "{ a }", variables_of_it).expect("JSON").build();
        assert_eq!((request.url.as_str(), request.method), ("https://api.example/graphql", Method::Post));
        let body: serde_json::Value = serde_json::from_slice(&request.body.clone().expect("a body")).expect("JSON");
        assert_eq!(body, serde_json::json!({"query": "{ a }", "variables": {"f": {"n": 1}}}));
        assert_eq!(variables(&request)["f"]["n"], 1);
    }

    proptest! {
        #[test]
        fn any_text_is_an_answer_or_an_error_of_json(text in ".{0,80}") {
            let _ = super::read(&text, |_, faults| faults.len());
        }
    }
}
