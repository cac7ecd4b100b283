//! What another version of a plugin wishes for that was not granted, and what it does without: what a person is asked about, and told.

use std::collections::BTreeMap;

use serde::Serialize;

use super::wishes::Wishes;

/// A wish that is not the same in both versions, each side as what follows `to`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Change {
    /// It was not granted, and needs to be.
    New {
        /// What it wishes.
        wish: String,
    },
    /// It was granted in another form, and needs to be granted in this one.
    Changed {
        /// What was granted.
        granted: String,
        /// What it wishes.
        wish: String,
    },
    /// It was granted, and is not wished any more.
    Gone {
        /// What was granted.
        granted: String,
    },
}

impl Change {
    /// Whether a person has to agree to it.
    #[must_use]
    pub fn needs_agreement(&self) -> bool {
        match self {
            Change::New { .. } | Change::Changed { .. } => true,
            Change::Gone { .. } => false,
        }
    }
}

/// What differs between what was granted and what is wished for: what is new, then what is changed, then what is gone.
#[must_use]
pub fn between(granted: &Wishes, wished: &Wishes) -> Vec<Change> {
    let (before, after) = (by_subject(granted), by_subject(wished));
    let (mut new, mut changed, mut gone) = (Vec::new(), Vec::new(), Vec::new());
    for (subject, lines) in &after {
        let had = before.get(subject).map(Vec::as_slice).unwrap_or_default();
        let unmet: Vec<&String> = lines.iter().filter(|line| !had.contains(line)).collect();
        let left: Vec<&String> = had.iter().filter(|line| !lines.contains(line)).collect();
        match (left.as_slice(), unmet.as_slice()) {
            ([granted], [wish]) => {
                changed.push(Change::Changed { granted: (*granted).clone(), wish: (*wish).clone() });
            }
            (left, unmet) => {
                new.extend(unmet.iter().map(|wish| Change::New { wish: (*wish).clone() }));
                gone.extend(left.iter().map(|granted| Change::Gone { granted: (*granted).clone() }));
            }
        }
    }
    let dropped = before.iter().filter(|(subject, _)| !after.contains_key(*subject)).flat_map(|(_, lines)| lines);
    gone.extend(dropped.map(|granted| Change::Gone { granted: granted.clone() }));
    new.into_iter().chain(changed).chain(gone).collect()
}

/// Wishes by what they are about: several routes may differ in their methods alone.
fn by_subject(wishes: &Wishes) -> BTreeMap<String, Vec<String>> {
    let mut by = BTreeMap::<String, Vec<String>>::new();
    for (subject, line) in wishes.subjects() {
        by.entry(subject).or_default().push(line);
    }
    by
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::plugin::wishes::RouteWish;
    use crate::plugin::wishes::tests::sample;

    fn route(path: &str, method: &str) -> RouteWish {
        RouteWish {
            origin: "api".to_owned(),
            path_prefix: path.to_owned(),
            methods: BTreeSet::from([method.to_owned()]),
            access: "read".to_owned(),
            rehearsals: BTreeSet::new(),
        }
    }

    #[test]
    fn what_is_new_changed_and_gone_is_told_apart() {
        let granted = sample();
        assert_eq!(between(&granted, &granted), []);
        let mut wished = granted.clone();
        wished.origins.insert("api".into(), "https://api2.example".into());
        wished.routes = BTreeSet::from([route("/v2", "GET")]);
        wished.schedule = true;
        let text = |text: &str| text.to_owned();
        let expected = vec![
            Change::New { wish: text("read `api` /v2 by GET") },
            Change::New { wish: text("wake itself up") },
            Change::Changed {
                granted: text("reach https://api.example as `api`"),
                wish: text("reach https://api2.example as `api`"),
            },
            Change::Gone { granted: text("read `api` /v1 by GET") },
        ];
        assert_eq!(between(&granted, &wished), expected);
    }

    proptest! {
        #[test]
        fn nothing_is_agreed_to_by_silence(
            before in proptest::collection::btree_set(("/[ab]", "GET|POST|PUT"), 0..4),
            after in proptest::collection::btree_set(("/[ab]", "GET|POST|PUT"), 0..4),
            credential in any::<bool>(),
        ) {
            let with = |routes: BTreeSet<(String, String)>| {
                let routes = routes.iter().map(|(path, method)| route(path, method)).collect();
                Wishes { routes, ..sample() }
            };
            let (granted, mut wished) = (with(before), with(after));
            wished.credential = wished.credential.filter(|_| credential);
            let more = wished.lines().iter().any(|line| !granted.lines().contains(line));
            let changes = between(&granted, &wished);
            prop_assert_eq!(changes.iter().any(Change::needs_agreement), more);
            prop_assert_eq!(changes.is_empty(), granted == wished);
        }
    }
}
