//! Names that mean the same, and skills that are near each other.
//!
//! Everything here is a key (see [`key`](super::key)). The groups hold what spelling alone does not unite; the table that
//! ties whole taxonomies of platforms together grows here as well.

/// Names of one skill.
const SAME: &[&[&str]] = &[
    &["angular", "angular2", "angular2+"],
    &["amazonwebservices", "aws"],
    &["c#", "c#programming", "csharp"],
    &["c++", "c++programming", "cpp"],
    &["c", "cprogramming"],
    &["css", "css3"],
    &["elasticsearch", "elastic"],
    &["express", "expressframework"],
    &["gcp", "googlecloud", "googlecloudplatform"],
    &["go", "golang"],
    &["html", "html5"],
    &["ios", "iosdevelopment"],
    &["javascript", "js", "ecmascript", "es6"],
    &["kubernetes", "k8s"],
    &["machinelearning", "ml"],
    &["microsoftazure", "azure"],
    &["mongodb", "mongo"],
    &["net", "dotnet", "netframework"],
    &["objectivec", "objc"],
    &["php", "phpprogramming"],
    &["postgresql", "postgres"],
    &["python", "python3", "pythonprogramming"],
    &["restapi", "restfulapi", "restful", "rest"],
    &["rubyonrails", "rails", "ror"],
    &["rust", "rustlang"],
    &["sass", "scss"],
    &["tailwindcss", "tailwind"],
    &["typescript", "ts"],
    &["webassembly", "wasm"],
    &["websitedesign", "webdesign"],
    &["websitedevelopment", "webdevelopment"],
];

/// Pairs of related skills and how far one stands in for the other, whichever is asked for.
const NEAR: &[(&str, &str, f64)] = &[
    ("typescript", "javascript", 0.8),
    ("angular", "angularjs", 0.7),
    ("androidappdevelopment", "android", 0.9),
    ("iphone", "ios", 0.8),
    ("kotlin", "java", 0.7),
    ("mariadb", "mysql", 0.9),
    ("net", "c#", 0.75),
    ("netcore", "net", 0.85),
    ("aspnet", "net", 0.8),
    ("next", "react", 0.8),
    ("nuxt", "vue", 0.8),
    ("nest", "node", 0.75),
    ("express", "node", 0.8),
    ("node", "javascript", 0.75),
    ("react", "javascript", 0.75),
    ("reactnative", "react", 0.75),
    ("vue", "javascript", 0.75),
    ("django", "python", 0.8),
    ("flask", "python", 0.8),
    ("fastapi", "python", 0.8),
    ("laravel", "php", 0.8),
    ("wordpress", "php", 0.7),
    ("rubyonrails", "ruby", 0.85),
    ("springboot", "java", 0.8),
    ("postgresql", "sql", 0.85),
    ("mysql", "sql", 0.85),
    ("mysql", "postgresql", 0.75),
    ("html", "css", 0.7),
    ("sass", "css", 0.85),
    ("tailwindcss", "css", 0.8),
    ("websitedesign", "websitedevelopment", 0.7),
    ("mobileappdevelopment", "android", 0.7),
    ("mobileappdevelopment", "ios", 0.7),
];

/// All names of the skill that goes by `key`; none for a skill with one name.
pub(super) fn names(key: &str) -> impl Iterator<Item = &'static str> {
    SAME.iter().find(|group| group.contains(&key)).copied().unwrap_or_default().iter().copied()
}

/// Skills related to the one that goes by `key`, with their likeness.
pub(super) fn related(key: &str) -> impl Iterator<Item = (&'static str, f64)> {
    let is_it = move |name: &str| name == key || names(key).any(|other| other == name);
    NEAR.iter().flat_map(move |&(one, other, likeness)| {
        let there = is_it(one).then_some((other, likeness));
        let back = is_it(other).then_some((one, likeness));
        there.into_iter().chain(back)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::skills::key;

    #[test]
    fn the_table_holds_keys_each_in_one_group_and_likenesses_below_one() {
        let mut seen: Vec<&str> = SAME.iter().copied().flatten().copied().collect();
        let count = seen.len();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), count, "a name is in two groups");
        for name in seen.into_iter().chain(NEAR.iter().flat_map(|(one, other, _)| [*one, *other])) {
            assert_eq!(key(name), name);
        }
        assert!(NEAR.iter().all(|(one, other, likeness)| one != other && (0.5..1.0).contains(likeness)));
    }
}
