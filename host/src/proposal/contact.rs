//! Contact details in a text, which platforms forbid before a contract: e-mail addresses, telephone numbers, names at messengers.
//!
//! It is for a person who forgot, not against one who hides them: what merely could be one (`Node.js`, a date, an amount, "a Telegram bot") is
//! let pass.

use std::sync::LazyLock;

use regex::Regex;

/// Something found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// What it is.
    pub kind: Kind,
    /// As it stands there.
    pub text: String,
}

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// A name at a messenger, or a link to one.
    Messenger,
    /// Another address of the web: a portfolio's, say, which platforms let pass as a rule.
    Link,
}

impl Kind {
    /// For the person.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Kind::Email => "an e-mail address",
            Kind::Phone => "a telephone number",
            Kind::Messenger => "a contact at a messenger",
            Kind::Link => "a link",
        }
    }
}

fn compiled(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the patterns are tested")
}

static EMAIL: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,24}"));
/// `wren (at) example dot com`
static SPELT: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"(?i)[a-z0-9._-]+\s*[\[({]\s*at\s*[\])}]\s*[a-z0-9-]+\s*(?:[\[({]\s*dot\s*[\])}]|\bdot\b|\.)\s*[a-z]{2,24}\b",
    )
});
/// A run of digits as numbers are written.
static DIGITS: LazyLock<Regex> = LazyLock::new(|| compiled(r"\+?\(?[0-9](?:[ \t().\-/]{0,2}[0-9]){6,16}"));
/// Three, three and four digits, as in America.
static GROUPED: LazyLock<Regex> = LazyLock::new(|| compiled(r"^\(?[2-9][0-9]{2}\)?[ .\-][2-9][0-9]{2}[ .\-][0-9]{4}$"));
/// What stands before a number that is one to call.
static CALLED: LazyLock<Regex> = LazyLock::new(|| {
    compiled(r"(?i)\b(?:phone|telephone|tel|mobile|cell|call me|whats ?app|viber|sms|text me)\b[^0-9\n+]{0,16}$")
});
static LINK: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"(?i)\b(?:https?://|www\.)[^\s<>)\]]{3,}|\b(?:mailto|tel|skype|tg):[^\s<>]{3,}"));
/// Addresses at which one is reached.
static REACHED: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"(?i)^(?:mailto|tel|skype|tg):|^(?:https?://)?(?:www\.)?(?:t\.me|wa\.me|telegram\.(?:me|org)|api\.whatsapp\.com|join\.skype\.com|discord\.(?:gg|com)|m\.me|calendly\.com|zoom\.us|[a-z0-9]+\.zoom\.us|meet\.google\.com)\b",
    )
});
const MESSENGERS: &str = "skype|telegram|whats ?app|wechat|viber|discord|zalo|icq";
/// `skype: live:wren.codes`, `Telegram @wren`, `my Skype id is wren`
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    compiled(&format!(
        r"(?i)\b(?:{MESSENGERS})\b(?:\s*(?:id|handle|name|username|number)\b\s*(?:is\b|:|=)?\s*@?[a-z0-9][\w.+:-]{{2,}}|\s*(?:is\b|:|=|-|\()?\s*@[a-z0-9][\w.-]{{2,}}|\s*(?:is\b|:|=)\s*(?:live:)?[a-z0-9]*[0-9_.:][\w.:-]+[a-z0-9])"
    ))
});
/// `message me on Telegram`
static INVITED: LazyLock<Regex> = LazyLock::new(|| {
    compiled(&format!(
        r"(?i)\b(?:contact|reach|message|text|write(?: to)?|ping|add|dm|find|call) me (?:\w+ )?(?:on|at|via|by|through|over) (?:my )?(?:{MESSENGERS}|signal|e-?mail|phone)\b"
    ))
});

/// Contact details in a text, in its order, each once.
#[must_use]
pub fn contacts(text: &str) -> Vec<Contact> {
    let mut found: Vec<(usize, Kind, &str)> = Vec::new();
    let mut add = |kind: Kind, at: regex::Match<'_>| found.push((at.start(), kind, &text[at.range()]));
    EMAIL.find_iter(text).chain(SPELT.find_iter(text)).for_each(|at| add(Kind::Email, at));
    for at in LINK.find_iter(text) {
        add(if REACHED.is_match(at.as_str()) { Kind::Messenger } else { Kind::Link }, at);
    }
    NAMED.find_iter(text).chain(INVITED.find_iter(text)).for_each(|at| add(Kind::Messenger, at));
    for at in DIGITS.find_iter(text).filter(|at| is_phone(text, at)) {
        add(Kind::Phone, at);
    }
    found.sort_unstable();
    let mut contacts: Vec<Contact> = Vec::new();
    let mut end = 0;
    for (start, kind, words) in found {
        // What is within another is the same one: the digits of a link.
        let is_new = start >= end && !contacts.iter().any(|of| of.text == words);
        if is_new {
            contacts.push(Contact { kind, text: words.to_owned() });
            end = start + words.len();
        }
    }
    contacts
}

fn is_phone(text: &str, at: &regex::Match<'_>) -> bool {
    let number = at.as_str();
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    let before = &text[..at.start()];
    // Part of a longer word or number: an identifier, a version, an amount.
    if before.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '#' | '$' | '€' | '£')) {
        return false;
    }
    if text[at.end()..].starts_with(|c: char| c.is_alphanumeric() || c == '_') {
        return false;
    }
    let said = before.char_indices().rev().nth(39).map_or(before, |(from, _)| &before[from..]);
    match number.starts_with('+') {
        true => digits >= 9,
        false => GROUPED.is_match(number) || (digits >= 7 && CALLED.is_match(said)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn kinds(text: &str) -> Vec<Kind> {
        contacts(text).into_iter().map(|contact| contact.kind).collect()
    }

    #[test]
    fn contact_details_are_found() {
        for (text, kind) in [
            ("Write to wren@example.com!", Kind::Email),
            ("wren.codes+jobs@mail.example.co.uk", Kind::Email),
            ("wren (at) example (dot) com", Kind::Email),
            ("wren [at] example.com", Kind::Email),
            ("Call +49 30 1234567 any time", Kind::Phone),
            ("+1 (555) 234-5678", Kind::Phone),
            ("my number: 555-234-5678.", Kind::Phone),
            ("phone: 030 1234567", Kind::Phone),
            ("Skype: live:wren.codes", Kind::Messenger),
            ("my skype id is wren", Kind::Messenger),
            ("Telegram @wrencodes", Kind::Messenger),
            ("telegram: wren_codes", Kind::Messenger),
            ("please message me on WhatsApp", Kind::Messenger),
            ("reach me directly via e-mail", Kind::Messenger),
            ("https://t.me/wren", Kind::Messenger),
            ("see https://wa.me/49301234567", Kind::Messenger),
            ("tel:+49301234567", Kind::Messenger),
            ("My work: https://wren.example/work", Kind::Link),
            ("www.wren.example", Kind::Link),
        ] {
            assert_eq!(kinds(text), [kind], "{text}: {:?}", contacts(text));
        }
        let all = contacts("wren@example.com, +49 30 1234567, wren@example.com");
        assert_eq!(all.iter().map(|of| of.text.as_str()).collect::<Vec<_>>(), ["wren@example.com", "+49 30 1234567"]);
    }

    #[test]
    fn what_is_none_is_let_pass() {
        for text in [
            "I know Node.js, Next.js, ASP.NET and Socket.io, and @angular/core 17.0.1",
            "I built a Telegram bot: it serves 10 000 000 users, 2019-2023, in 12.5 ms",
            "Your budget of 1,500.00 to 2,000.00 USD (1 500 000 JPY) is fine; +10% at most",
            "Available from 2026-11-22 to 2026-12-31, 09:00-17:00, ticket 20261122093000",
            "Discord integration - done; Skype-like calls over WebRTC; a signal at 433.92 MHz",
            "WhatsApp: business accounts and chat bots. Phone app for Android 14, iOS 17.4.1",
            "SHA-256 0123456789abcdef, IPv4 192.168.100.200, ISBN 978-3-16-148410-0",
            "We can talk by phone or video through the platform, or meet over lunch @ noon",
            "Email templates, e-mail delivery and telephone systems (Asterisk) are what I do",
        ] {
            assert_eq!(contacts(text), [], "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_looked_through_and_what_is_found_is_in_it(text in "\\PC{0,200}|[a-z0-9@.+() :/\\n-]{0,200}") {
            for contact in contacts(&text) {
                prop_assert!(text.contains(&contact.text));
            }
        }

        #[test]
        fn an_address_or_number_is_found_wherever_it_stands(
            before in "([A-Z][a-z]{1,8} ){0,8}", after in "( [a-z]{1,8}){0,8}",
            name in "[a-z]{2,8}", host in "[a-z]{3,8}", number in "[1-9][0-9] [1-9][0-9]{2} [0-9]{6}",
        ) {
            let text = format!("{before}{name}@{host}.com{after}");
            prop_assert!(kinds(&text).contains(&Kind::Email), "{}", text);
            let text = format!("{before}+{number}{after}");
            prop_assert!(kinds(&text).contains(&Kind::Phone), "{}", text);
        }

        #[test]
        fn plain_words_are_never_contact_details(text in "([A-Za-z]{1,12}[,.;:!?]? ?){0,40}") {
            prop_assume!(!text.to_lowercase().contains("www") && !MESSENGERS.split('|').any(|m| text.to_lowercase().contains(m)));
            prop_assert_eq!(contacts(&text), []);
        }
    }
}
