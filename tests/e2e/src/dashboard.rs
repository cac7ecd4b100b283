//! The dashboard, served by the real program, and somebody who visits it without a browser.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use url::Url;
use url::form_urlencoded::Serializer;

use crate::http::{self, Body, Reply};
use crate::prospector::Prospector;

/// A dashboard that is served; it ends with this.
#[derive(Debug)]
pub struct Dashboard {
    child: Child,
    /// Where it is served.
    pub origin: Url,
    /// The link that was printed.
    pub link: Url,
}

impl Dashboard {
    /// Serves a home's on a free port.
    ///
    /// # Panics
    /// Where it is not served.
    #[must_use]
    pub fn of(prospector: &Prospector) -> Dashboard {
        Dashboard::by(prospector.command(["dashboard", "--json", "--listen", "127.0.0.1:0"]))
    }

    /// The same by a command that prints its link as JSON, and goes on.
    ///
    /// # Panics
    /// Where it does not.
    #[must_use]
    pub fn by(mut command: Command) -> Dashboard {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().expect("it starts");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines().map_while(Result::ok);
        let mut text = String::new();
        let told: Value = loop {
            text.push_str(&lines.next().unwrap_or_else(|| panic!("it ends before it tells its link: {text}")));
            if let Ok(told) = serde_json::from_str(&text) {
                break told;
            }
        };
        std::thread::spawn(move || lines.for_each(drop));
        let url = |key: &str| told[key].as_str().and_then(|url| Url::parse(url).ok()).expect("an address");
        Dashboard { child, origin: url("origin"), link: url("link") }
    }

    /// A visitor who follows the link.
    ///
    /// # Panics
    /// Where it does not let in.
    #[must_use]
    pub fn enter(&self) -> Visitor {
        let reply = http::send("GET", &self.link, Body::Empty).expect("it answers");
        let cookie = reply.header("set-cookie").unwrap_or_else(|| panic!("no cookie: {reply:?}"));
        let cookie = cookie.split(';').next().expect("a pair").to_owned();
        let mut visitor = Visitor { origin: self.origin.clone(), cookie, csrf: String::new() };
        visitor.csrf = field(&visitor.get("/audit").body, "csrf").expect("forms carry a token");
        visitor
    }

    /// The process.
    pub fn process(&mut self) -> &mut Child {
        &mut self.child
    }
}

impl Drop for Dashboard {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The value of a form's hidden field.
#[must_use]
pub fn field(page: &str, name: &str) -> Option<String> {
    let rest = page.split_once(&format!("name=\"{name}\" value=\""))?.1;
    Some(rest.split_once('"')?.0.to_owned())
}

/// Somebody who is logged in.
#[derive(Clone, Debug)]
pub struct Visitor {
    origin: Url,
    /// `name=value`.
    pub cookie: String,
    /// What forms carry.
    pub csrf: String,
}

impl Visitor {
    /// Where a path is.
    ///
    /// # Panics
    /// Where it is none.
    #[must_use]
    pub fn at(&self, path: &str) -> Url {
        self.origin.join(path).expect("a path")
    }

    /// A page.
    ///
    /// # Panics
    /// Where it is not answered.
    #[must_use]
    pub fn get(&self, path: &str) -> Reply {
        http::send_with(&[("cookie", self.cookie.clone())], "GET", &self.at(path), Body::Empty).expect("it answers")
    }

    /// What is sent with a form of a page of the dashboard's.
    #[must_use]
    pub fn headers(&self) -> Vec<(&'static str, String)> {
        vec![("cookie", self.cookie.clone()), ("origin", self.origin.origin().ascii_serialization())]
    }

    /// Sends a form.
    ///
    /// # Panics
    /// Where it is not answered.
    #[must_use]
    pub fn post(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let form = Serializer::new(String::new()).append_pair("csrf", &self.csrf).extend_pairs(fields).finish();
        http::send_with(&self.headers(), "POST", &self.at(path), Body::Form(&form)).expect("it answers")
    }
}
