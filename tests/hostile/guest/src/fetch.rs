//! One request, as the settings describe it, and all that came back, as a posting.

use crate::answers;
use crate::bindings::exports::ghoststack::prospector::search::Page;
#[cfg(not(feature = "wasi-http"))]
use crate::bindings::ghoststack::prospector::http;
use crate::bindings::ghoststack::prospector::http::{Header, Request};
use crate::bindings::ghoststack::prospector::types::{Attribute, Error, Method};
use crate::settings::{integer, optional, text, texts};

/// Sends it. The posting `answer` has the status as its title and the body as its description, `refusal` the error's code and message.
pub fn page(of: &[Attribute]) -> Page {
    let headers = texts(of, "headers").iter().filter_map(|line| line.split_once(": ")).map(header).collect();
    let request = Request {
        method: method(&text(of, "method")),
        url: text(of, "url"),
        headers,
        body: optional(of, "body").map(String::into_bytes),
        credential: optional(of, "credential"),
        timeout_ms: integer(of, "timeout").and_then(|ms| u32::try_from(ms).ok()),
    };
    #[cfg(feature = "wasi-http")]
    if let Some(count) = integer(of, "at-once") {
        let told = crate::wasi::hoard(&request, usize::try_from(count).unwrap_or_default());
        return answers::one(answers::telling("hoard", &told.join(" "), "", Vec::new()));
    }
    #[cfg(feature = "wasi-http")]
    let answer = crate::wasi::fetch(&request);
    #[cfg(not(feature = "wasi-http"))]
    let answer = http::fetch(&request);
    answers::one(match answer {
        Ok(response) => {
            let headers = response.headers.iter().map(|of| (of.name.as_str(), of.value.clone())).collect();
            let body = String::from_utf8_lossy(&response.body);
            answers::telling("answer", &response.status.to_string(), &body, headers)
        }
        Err(error) => refusal(error),
    })
}

fn refusal(error: Error) -> crate::bindings::ghoststack::prospector::types::Posting {
    let code = error.code.unwrap_or_else(|| format!("{:?}", error.kind));
    let facts = vec![
        ("kind", format!("{:?}", error.kind)),
        ("remedy", error.remedy.unwrap_or_default()),
        ("delivery", format!("{:?}", error.delivery)),
    ];
    answers::telling("refusal", &code, &error.message, facts)
}

fn header((name, value): (&str, &str)) -> Header {
    Header { name: name.to_owned(), value: value.to_owned() }
}

fn method(name: &str) -> Method {
    match name {
        "HEAD" => Method::Head,
        "POST" => Method::Post,
        "PUT" => Method::Put,
        "PATCH" => Method::Patch,
        "DELETE" => Method::Delete,
        _ => Method::Get,
    }
}
