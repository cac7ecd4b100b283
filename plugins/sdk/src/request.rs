//! Building requests.
//!
//! ```
//! use prospector_plugin::request::Call;
//! let request = Call::get("https://api.example.com", "/projects/")
//!     .text("query", "rust & wasm")
//!     .list("jobs[]", [3, 17])
//!     .flag("job_details", true)
//!     .credential("account")
//!     .build();
//! assert_eq!(request.url, "https://api.example.com/projects/?query=rust%20%26%20wasm&jobs%5B%5D=3&jobs%5B%5D=17&job_details=true");
//! ```

use std::fmt::{Display, Write};

use crate::http::{Header, Request};
use crate::types::Method;

/// A request that is being put together.
#[derive(Debug, Clone)]
pub struct Call {
    request: Request,
}

impl Call {
    /// A request to a path of an origin, which has no trailing slash.
    #[must_use]
    pub fn new(method: Method, origin: &str, path: &str) -> Self {
        let mut url = String::with_capacity(origin.len() + path.len() + 128);
        url.push_str(origin);
        url.push_str(path);
        Self { request: Request { method, url, headers: Vec::new(), body: None, credential: None, timeout_ms: None } }
    }

    /// A `GET`.
    #[must_use]
    pub fn get(origin: &str, path: &str) -> Self {
        Self::new(Method::Get, origin, path)
    }

    /// A `POST` with a JSON body.
    #[must_use]
    pub fn post_json(origin: &str, path: &str, body: &serde_json::Value) -> Self {
        Self::new(Method::Post, origin, path).json(body)
    }

    /// A `PUT` with a JSON body.
    #[must_use]
    pub fn put_json(origin: &str, path: &str, body: &serde_json::Value) -> Self {
        Self::new(Method::Put, origin, path).json(body)
    }

    fn json(self, body: &serde_json::Value) -> Self {
        self.header("content-type", "application/json").body(body.to_string().into_bytes())
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: Vec<u8>) -> Self {
        self.request.body = Some(body);
        self
    }

    /// Adds a parameter.
    #[must_use]
    pub fn text(mut self, name: &str, value: &str) -> Self {
        self.begin(name);
        encode_into(&mut self.request.url, value);
        self
    }

    /// Adds a parameter.
    #[must_use]
    pub fn number(self, name: &str, value: impl Display) -> Self {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = write!(text, "{value}");
        self.text(name, &text)
    }

    /// Adds a parameter if there is a value.
    #[must_use]
    pub fn maybe(self, name: &str, value: Option<impl Display>) -> Self {
        match value {
            Some(value) => self.number(name, value),
            None => self,
        }
    }

    /// Adds `name=true`, or nothing: there are platforms that look only whether a flag is there.
    #[must_use]
    pub fn flag(self, name: &str, set: bool) -> Self {
        if set { self.text(name, "true") } else { self }
    }

    /// Adds a parameter as often as there are values: `jobs[]=3&jobs[]=17`.
    #[must_use]
    pub fn list(mut self, name: &str, values: impl IntoIterator<Item = impl Display>) -> Self {
        for value in values {
            self = self.number(name, value);
        }
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request.headers.push(Header { name: name.to_owned(), value: value.to_owned() });
        self
    }

    /// Names the credential for the host to attach.
    #[must_use]
    pub fn credential(mut self, name: &str) -> Self {
        self.request.credential = Some(name.to_owned());
        self
    }

    /// Bounds the whole exchange, in milliseconds: 1 to 60000.
    #[must_use]
    pub fn timeout_ms(mut self, milliseconds: u32) -> Self {
        self.request.timeout_ms = Some(milliseconds);
        self
    }

    /// The request.
    #[must_use]
    pub fn build(self) -> Request {
        self.request
    }

    fn begin(&mut self, name: &str) {
        let url = &mut self.request.url;
        url.push(if url.contains('?') { '&' } else { '?' });
        encode_into(url, name);
        url.push('=');
    }
}

/// Appends `text`, everything percent-encoded but RFC 3986's unreserved characters.
pub fn encode_into(url: &mut String, text: &str) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    // Identifiers are so whole.
    let (plain, rest) = text.split_at(text.bytes().position(|byte| !is_unreserved(byte)).unwrap_or(text.len()));
    url.push_str(plain);
    for byte in rest.bytes() {
        if is_unreserved(byte) {
            url.push(char::from(byte));
        } else {
            url.push('%');
            url.push(char::from(HEX[usize::from(byte >> 4)]));
            url.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_text_holds_it_stays_one_parameter() {
        for (text, encoded) in [
            ("a b", "a%20b"),
            ("a&b=c#d?e", "a%26b%3Dc%23d%3Fe"),
            ("Websites, IT & Software", "Websites%2C%20IT%20%26%20Software"),
            ("100%", "100%25"),
            ("é\r\n", "%C3%A9%0D%0A"),
            ("-._~", "-._~"),
            ("", ""),
        ] {
            let url = Call::get("https://x.example", "/p").text("q", text).build().url;
            assert_eq!(url, format!("https://x.example/p?q={encoded}"));
        }
    }

    #[test]
    fn a_flag_that_is_not_set_is_left_out() {
        let url = Call::get("https://x.example", "/p").flag("a", false).maybe("b", None::<u32>).build().url;
        assert_eq!(url, "https://x.example/p");
    }
}
