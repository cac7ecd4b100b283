//! The skills of a platform's account as those of a profile.

use super::key;
use super::taxonomy::resolve;
use crate::types::ProfileSkill;

/// Names that a platform uses as skills by their common names, each skill once, in the order given.
///
/// The platform's own name is an alias where it differs by more than spelling; a name that the table lacks stays as it is.
///
/// ```
/// use prospector_plugin::skills::common;
/// let skills = common(["Website Design", "ReactJS", "React.js", "Basket weaving", " "].map(str::to_owned));
/// let told: Vec<_> = skills.iter().map(|skill| (skill.name.as_str(), skill.aliases.concat())).collect();
/// assert_eq!(told, [("Web Design", "Website Design".to_owned()), ("React", String::new()), ("Basket weaving", String::new())]);
/// ```
#[must_use]
pub fn common(names: impl IntoIterator<Item = String>) -> Vec<ProfileSkill> {
    let mut skills: Vec<ProfileSkill> = Vec::new();
    for own in names {
        let own = own.trim();
        if own.is_empty() {
            continue;
        }
        let name = resolve(own).map_or(own, |skill| skill.canonical());
        let wanted = key(name);
        let known =
            skills.iter().position(|skill| skill.name == name || (!wanted.is_empty() && key(&skill.name) == wanted));
        let at = known.unwrap_or_else(|| {
            skills.push(ProfileSkill { name: name.to_owned(), aliases: Vec::new(), years: None });
            skills.len() - 1
        });
        let aliases = &mut skills[at].aliases;
        if wanted != key(own) && !aliases.iter().any(|alias| alias == own) {
            aliases.push(own.to_owned());
        }
    }
    skills
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::skills::{Cover, Covered};

    #[test]
    fn two_names_of_one_skill_are_two_aliases_of_it() {
        let skills = common(["RESTful API", "REST API", "RESTful API"].map(str::to_owned));
        assert_eq!(skills.len(), 1, "{skills:?}");
        let covered = Covered::new(&skills, 1.0);
        assert!(["RESTful API", "REST API"].iter().all(|name| covered.cover(name) == Cover::Exact), "{skills:?}");
    }

    proptest! {
        #[test]
        fn whatever_a_platform_calls_them_they_are_covered_once(names in proptest::collection::vec("[ -~é日]{0,20}|(Website|Web|React|PHP)[ .]?(Design|js|Developer)?", 0..20)) {
            let skills = common(names.clone());
            let covered = Covered::new(&skills, 1.0);
            for name in names.iter().filter(|name| !key(name).is_empty()) {
                prop_assert_eq!(covered.cover(name), Cover::Exact, "{} of {:?}", name, &skills);
            }
            for (at, skill) in skills.iter().enumerate() {
                prop_assert!(!skill.name.trim().is_empty());
                prop_assert!(skills[..at].iter().all(|before| before.name != skill.name), "{:?}", &skills);
            }
        }
    }
}
