//! Addresses of postings and of what came of them.

use url::{Position, Url};

use crate::capability::log::is_plain;
use crate::origin::Origin;

/// Bytes of an address at most.
const LONGEST: usize = 2048;

/// A URL in normal form, in which nothing is left that a terminal or a reader could take otherwise.
///
/// # Errors
/// A sentence that says what it should be.
pub(super) fn checked_url(url: &str) -> Result<String, String> {
    parsed(url).map(String::from)
}

fn parsed(url: &str) -> Result<Url, String> {
    let plain = |url: &Url| url.username().is_empty() && url.password().is_none() && Origin::of(url).is_some();
    let readable = url.chars().all(|c| is_plain(c) && !c.is_whitespace());
    let parsed = Url::parse(url).ok().filter(|_| readable).filter(plain).filter(|url| url.as_str().len() <= LONGEST);
    parsed.ok_or_else(|| "its url is not an absolute https one".to_owned())
}

/// The addresses of a page of postings. They lead to one site for the most part, so that what differs alone needs a look.
#[derive(Debug, Default)]
pub(super) struct Addresses {
    /// `https://host/` of the address that was parsed last, in normal form.
    site: String,
}

impl Addresses {
    /// Puts an address into normal form, as [`checked_url`] does.
    ///
    /// # Errors
    /// As there.
    pub(super) fn check(&mut self, url: &mut String) -> Result<(), String> {
        let is_normal = !self.site.is_empty()
            && url.len() <= LONGEST
            && url.strip_prefix(&self.site).is_some_and(|path| path.bytes().all(stays));
        if !is_normal {
            let parsed = parsed(url)?;
            self.site = format!("{}/", &parsed[..Position::BeforePath]);
            *url = parsed.into();
        }
        Ok(())
    }
}

/// Whether a byte of a path is as it should be wherever it stands. A dot may be a step upwards.
fn stays(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'~' | b'/')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What addresses are made of here, those that no address may have among them.
    fn piece() -> impl Strategy<Value = String> {
        let known = [
            "https://",
            "http://",
            "HTTPS://",
            "www.example.com",
            "other.example",
            "EXAMPLE.com",
            "localhost",
            ":443",
            ":8080",
            "/",
            "//",
            "\\",
            "jobs",
            "~0123",
            "a_b-c",
            ".",
            "..",
            "%2e",
            "%",
            "?",
            "#",
            "@",
            " ",
            "\t",
            "\n",
            "é",
            "\u{202e}",
            "<",
            "\"",
            "'",
            "|",
            "^",
            "`",
            "{",
            ";",
            "&",
            "=",
            "+",
            "*",
        ];
        prop_oneof![4 => prop::sample::select(known.map(str::to_owned).to_vec()), 1 => "[ -~]{0,3}"]
    }

    fn address() -> impl Strategy<Value = String> {
        let rest = || prop::collection::vec(piece(), 0..6).prop_map(|pieces| pieces.concat());
        prop_oneof![
            3 => rest().prop_map(|rest| format!("https://www.example.com/{rest}")),
            1 => rest().prop_map(|rest| format!("https://www.example.com{rest}")),
            1 => rest(),
        ]
    }

    proptest! {
        #[test]
        fn a_page_takes_what_one_address_by_itself_is_taken_for(urls in prop::collection::vec(address(), 1..6)) {
            let mut addresses = Addresses::default();
            for url in urls {
                let mut checked = url.clone();
                let result = addresses.check(&mut checked).map(|()| checked);
                prop_assert_eq!(result, checked_url(&url), "{}", url);
            }
        }
    }

    #[test]
    fn what_is_too_long_is_refused_wherever_it_leads() {
        let mut addresses = Addresses::default();
        let mut url = "https://www.example.com/jobs".to_owned();
        addresses.check(&mut url).expect("an address");
        for (length, is_taken) in [(LONGEST, true), (LONGEST + 1, false)] {
            let mut url = format!("https://www.example.com/{}", "x".repeat(length - "https://www.example.com/".len()));
            assert_eq!(addresses.check(&mut url).is_ok(), is_taken, "{length}");
        }
    }
}
