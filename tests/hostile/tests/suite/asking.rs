//! Having the guest send a request, and hearing what it was told.

use ghoststack::contract::types::Value;
use ghoststack::plugin::platform::{PlatformPlugin, Work};
use prospector_hostile::guest::{self, query_with};
use prospector_hostile::posting::Told;

/// A request that the guest is to send.
#[derive(Clone, Debug, Default)]
pub struct Ask {
    method: &'static str,
    url: String,
    headers: Vec<String>,
    body: Option<String>,
    credential: Option<&'static str>,
    timeout: Option<i64>,
    at_once: Option<i64>,
}

impl Ask {
    /// `GET` without more.
    pub fn get(url: impl Into<String>) -> Ask {
        Ask { method: "GET", url: url.into(), ..Ask::default() }
    }

    /// By another method.
    pub fn by(method: &'static str, url: impl Into<String>) -> Ask {
        Ask { method, ..Ask::get(url) }
    }

    /// With a header, as `name: value`.
    pub fn header(mut self, line: &str) -> Ask {
        self.headers.push(line.to_owned());
        self
    }

    /// With a body.
    pub fn body(self, body: &str) -> Ask {
        Ask { body: Some(body.to_owned()), ..self }
    }

    /// With the credential of that name.
    pub fn with(self, credential: &'static str) -> Ask {
        Ask { credential: Some(credential), ..self }
    }

    /// For at most so many milliseconds.
    pub fn within(self, milliseconds: i64) -> Ask {
        Ask { timeout: Some(milliseconds), ..self }
    }

    /// So many at once by `wasi:http`, of which no answer is read while others are to come.
    pub fn at_once(self, count: i64) -> Ask {
        Ask { at_once: Some(count), ..self }
    }

    /// Has it sent during a search.
    pub async fn during_search(self, work: &Work) -> Told {
        self.by_plugin(guest::plugin().await.as_ref(), work).await
    }

    /// Has it sent during a search by this plugin.
    pub async fn by_plugin(self, plugin: &PlatformPlugin, work: &Work) -> Told {
        let text = |text: &str| Value::Text(text.to_owned());
        let mut settings =
            vec![("method", text(self.method)), ("url", text(&self.url)), ("headers", Value::Texts(self.headers))];
        settings.extend(self.body.map(|body| ("body", Value::Text(body))));
        settings.extend(self.credential.map(|name| ("credential", text(name))));
        settings.extend(self.at_once.map(|count| ("at-once", Value::Integer(count))));
        settings.extend(self.timeout.map(|ms| ("timeout", Value::Integer(ms))));
        let page = plugin.search(work, &query_with("fetch", &settings)).await;
        Told::by(page.expect("the guest bears whatever its request came to"))
    }
}
