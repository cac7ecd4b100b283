//! `WWW-Authenticate`: how a registry wants to be shown who asks.

/// What a registry asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Challenge {
    /// A user's name and password.
    Basic,
    /// A token, which is given at the realm.
    Bearer {
        /// Its address.
        realm: String,
        /// What the registry calls itself there.
        service: Option<String>,
    },
}

/// The most bytes of a header that are read.
const MAX_HEADER: usize = 8 * 1024;

/// The challenge that is answered, of all that the headers hold: a token before a password. None where there is no such one.
pub(super) fn choose<'h>(headers: impl Iterator<Item = &'h str>) -> Option<Challenge> {
    let mut basic = None;
    for header in headers.filter(|header| header.len() <= MAX_HEADER) {
        for challenge in read(header) {
            match challenge {
                Challenge::Bearer { .. } => return Some(challenge),
                Challenge::Basic => basic = Some(challenge),
            }
        }
    }
    basic
}

/// The challenges of a header, in order: schemes, each with parameters behind it. Reading ends at what is not understood.
fn read(header: &str) -> Vec<Challenge> {
    let mut found: Vec<(String, Vec<(String, String)>)> = Vec::new();
    let mut rest = header;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let end = rest.find([' ', '\t', ',', '=']).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        if word.is_empty() {
            break;
        }
        match after.trim_start().strip_prefix('=') {
            Some(value) => {
                let Some((value, after)) = value_of(value.trim_start()) else { break };
                let Some((_, parameters)) = found.last_mut() else { break };
                parameters.push((word.to_ascii_lowercase(), value));
                rest = after;
            }
            None => {
                found.push((word.to_ascii_lowercase(), Vec::new()));
                rest = after;
            }
        }
    }
    found.into_iter().filter_map(|(scheme, parameters)| challenge(&scheme, parameters)).collect()
}

fn challenge(scheme: &str, parameters: Vec<(String, String)>) -> Option<Challenge> {
    let mut parameters: std::collections::BTreeMap<String, String> = parameters.into_iter().collect();
    match scheme {
        "basic" => Some(Challenge::Basic),
        "bearer" => {
            Some(Challenge::Bearer { realm: parameters.remove("realm")?, service: parameters.remove("service") })
        }
        _ => None,
    }
}

/// A quoted text or a token, and what follows it.
fn value_of(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([' ', '\t', ',']).unwrap_or(text.len());
        return Some((text[..end].to_owned(), &text[end..]));
    };
    let mut value = String::new();
    let mut escaped = false;
    for (at, c) in quoted.char_indices() {
        match c {
            '"' if !escaped => return Some((value, &quoted[at + 1..])),
            '\\' if !escaped => escaped = true,
            _ => {
                escaped = false;
                value.push(c);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn challenges_are_read_as_registries_write_them() {
        let bearer = |realm: &str, service: Option<&str>| {
            Some(Challenge::Bearer { realm: realm.to_owned(), service: service.map(str::to_owned) })
        };
        for (headers, challenge) in [
            (
                &[r#"Bearer realm="https://ghcr.io/token",service="ghcr.io",scope="repository:a/b:pull""#][..],
                bearer("https://ghcr.io/token", Some("ghcr.io")),
            ),
            (&[r#"bearer  REALM = "https://a/\"b" , error="insufficient_scope""#], bearer("https://a/\"b", None)),
            (&[r#"Basic realm="basic-realm""#], Some(Challenge::Basic)),
            (&["Basic"], Some(Challenge::Basic)),
            (&[r#"Basic realm="x", Bearer realm="https://a",service=s"#], bearer("https://a", Some("s"))),
            (&["Basic realm=x", r#"Bearer realm="https://a""#], bearer("https://a", None)),
            (&["Negotiate"], None),
            (&["Bearer service=x"], None),
            (&[r#"Bearer realm="https://a"#], None),
            (&["", "=", ",,,"], None),
        ] {
            assert_eq!(choose(headers.iter().copied()), challenge, "{headers:?}");
        }
    }

    proptest! {
        #[test]
        fn any_header_is_read_to_an_end(header in "(Bearer |Basic |realm=|[a-z\"\\\\=, ]|\\PC){0,40}") {
            let _ = choose(std::iter::once(header.as_str()));
        }
    }
}
