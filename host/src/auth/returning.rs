//! The return of a log-in to the page of ours that began it, in the same browser.
//!
//! `state` shows which log-in an answer belongs to, not who brings it: it has been at the platform, and in addresses. Where a page of ours begins the
//! log-in it gives its browser a cookie as well, which goes back to the callback alone. The way back from the consent page is cross-site, so
//! the cookie is `Lax`, and the session of those pages may stay `Strict`: from the callback on, the browser is on our own site again.
//!
//! Cookies know hosts, not ports: whatever else listens on this address and is asked for the same path is sent it too. It serves one log-in for
//! minutes, and nothing without the `state`.

use std::net::Ipv4Addr;
use std::time::Duration;

use hyper::HeaderMap;
use hyper::header::{COOKIE, HeaderValue};
use url::{Host, Url};

use super::nonce::Nonce;
use super::redirect::callback_path;

/// What the cookie is called.
const NAME: &str = "prospector-return";

/// A browser that is waited for, and where it goes on from the callback.
#[derive(Debug)]
pub(super) struct BrowserReturn {
    nonce: Nonce,
    cookie: HeaderValue,
    removal: HeaderValue,
    then: Url,
}

impl BrowserReturn {
    /// With a cookie that lives so long. None where the browser would not send a cookie of that page to the listener, which is at
    /// `http://127.0.0.1`.
    pub(super) fn new(platform: &str, then: Url, life: Duration) -> Option<Self> {
        let is_here = then.scheme() == "http"
            && then.host() == Some(Host::Ipv4(Ipv4Addr::LOCALHOST))
            && then.username().is_empty()
            && then.password().is_none();
        if !is_here {
            return None;
        }
        let nonce = Nonce::random();
        let set = |value: &str, life: Duration| {
            let (path, seconds) = (callback_path(platform), life.as_secs());
            let cookie = format!("{NAME}={value}; Path={path}; Max-Age={seconds}; HttpOnly; SameSite=Lax");
            let mut header = HeaderValue::try_from(cookie).ok()?;
            header.set_sensitive(true);
            Some(header)
        };
        Some(Self { cookie: set(nonce.expose(), life)?, removal: set("", Duration::ZERO)?, nonce, then })
    }

    /// Where the browser goes on.
    pub(super) fn then(&self) -> &Url {
        &self.then
    }

    /// `Set-Cookie` for the page that begins the log-in.
    pub(super) fn cookie(&self) -> HeaderValue {
        self.cookie.clone()
    }

    /// `Set-Cookie` that takes it away.
    pub(super) fn removal(&self) -> HeaderValue {
        self.removal.clone()
    }

    /// Whether a request comes from that browser. Another program of this host may have set further cookies of the name: any may be ours.
    pub(super) fn is_shown_by(&self, headers: &HeaderMap) -> bool {
        let cookies = headers.get_all(COOKIE).into_iter().flat_map(|line| line.as_bytes().split(|byte| *byte == b';'));
        cookies
            .filter_map(|cookie| cookie.trim_ascii().strip_prefix(NAME.as_bytes())?.strip_prefix(b"="))
            .any(|value| self.nonce.matches(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIFE: Duration = Duration::from_secs(300);

    fn here() -> BrowserReturn {
        let then = Url::parse("http://127.0.0.1:7000/platforms").expect("a URL");
        BrowserReturn::new("example", then, LIFE).expect("a page of ours")
    }

    #[test]
    fn it_returns_to_pages_that_the_cookie_is_for_by_the_table() {
        for (then, taken) in [
            ("http://127.0.0.1:7000/platforms", true),
            ("http://127.0.0.1/", true),
            ("https://127.0.0.1:7000/", false),
            ("http://localhost:7000/", false),
            ("http://127.0.0.2:7000/", false),
            ("http://[::1]:7000/", false),
            ("http://a@127.0.0.1:7000/", false),
            ("http://example.com/", false),
            ("javascript:alert(1)", false),
        ] {
            let then = Url::parse(then).expect("a URL");
            assert_eq!(BrowserReturn::new("example", then.clone(), LIFE).is_some(), taken, "{then}");
        }
    }

    #[test]
    fn the_cookie_is_for_the_callback_of_one_platform_and_is_not_printed() {
        let (here, other) = (here(), here());
        let cookie = here.cookie();
        let text = cookie.to_str().expect("ASCII");
        let (pair, attributes) = text.split_once("; ").expect("attributes");
        assert_eq!(attributes, "Path=/auth/example/callback; Max-Age=300; HttpOnly; SameSite=Lax");
        let value = pair.strip_prefix("prospector-return=").expect("its name");
        assert_eq!(
            here.removal(),
            "prospector-return=; Path=/auth/example/callback; Max-Age=0; HttpOnly; SameSite=Lax"
        );
        assert!(!format!("{here:?}{cookie:?}").contains(value));
        let theirs = other.nonce.expose();
        for (lines, shown) in [
            (vec![format!("prospector-return={value}")], true),
            (vec![format!("a=b;prospector-return={value} ; c=d")], true),
            (vec!["a=b".to_owned(), format!("prospector-return={value}")], true),
            (vec![format!("prospector-return={theirs}; prospector-return={value}")], true),
            (vec![format!("prospector-return={theirs}")], false),
            (vec![format!("prospector-return={}", &value[1..])], false),
            (vec!["prospector-return=".to_owned()], false),
            (vec!["prospector-return".to_owned()], false),
            (vec![format!("other={value}; xprospector-return={value}; prospector-returns={value}")], false),
            (vec![value.to_owned()], false),
            (vec![], false),
        ] {
            let mut headers = HeaderMap::new();
            for line in &lines {
                headers.append(COOKIE, HeaderValue::from_str(line).expect("a header"));
            }
            assert_eq!(here.is_shown_by(&headers), shown, "{lines:?}");
        }
    }
}
