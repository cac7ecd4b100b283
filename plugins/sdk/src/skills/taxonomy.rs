//! What a skill is called on which platform.

use super::fold::{Folded, with_key};
use super::index;

/// Whose names.
///
/// Freelancer's are those of its list of skills of 2021 and of postings of 2022, with some newer ones; Upwork's are those
/// of postings of 2023 and 2024 and of common knowledge. Neither platform publishes its list for good, so a name may have
/// changed since: a plugin asks for it, and does without where the platform does not know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taxonomy {
    /// Freelancer.com's skills, called jobs there.
    Freelancer,
    /// Upwork's ontology of skills.
    Upwork,
}

/// A skill of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skill {
    /// Where its line starts in the table.
    line: u32,
}

impl Skill {
    /// The name that it has in a profile.
    #[must_use]
    pub fn canonical(self) -> &'static str {
        self.columns().next().unwrap_or_default()
    }

    /// The name to ask a platform for; `None` if it has no such skill.
    #[must_use]
    pub fn on(self, taxonomy: Taxonomy) -> Option<&'static str> {
        self.names_on(taxonomy).next()
    }

    /// All names that it has on a platform, the one to ask for first.
    pub fn names_on(self, taxonomy: Taxonomy) -> impl Iterator<Item = &'static str> {
        self.column(match taxonomy {
            Taxonomy::Freelancer => 1,
            Taxonomy::Upwork => 2,
        })
    }

    /// All its names, some of them more than once.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        [self.canonical()].into_iter().chain((1..4).flat_map(move |column| self.column(column)))
    }

    fn columns(self) -> impl Iterator<Item = &'static str> {
        index::line(self.line).split('|')
    }

    fn column(self, at: usize) -> impl Iterator<Item = &'static str> {
        let canonical = self.canonical();
        let mut columns = self.columns();
        let everywhere = self.columns().nth(1).is_none() && at < 3;
        let names = if everywhere { "=" } else { columns.nth(at).unwrap_or_default() };
        names.split(';').filter(|name| !name.is_empty()).map(move |name| if name == "=" { canonical } else { name })
    }

    pub(super) fn at(line: u32) -> Self {
        Self { line }
    }
}

/// The skill that goes by a name, whoever calls it so; `None` for a name that the table lacks.
///
/// Beyond spelling, "React Developer" and "React development" are React, "Web Designer" is web design, "Microsoft Excel"
/// is Excel, "Machine Learning (ML)" is without the abbreviation, and one is many.
///
/// ```
/// use prospector_plugin::skills::{Taxonomy, resolve};
/// let skill = resolve("Website Design").expect("the table has it");
/// assert_eq!(skill.on(Taxonomy::Upwork), Some("Web Design"));
/// ```
#[must_use]
pub fn resolve(name: &str) -> Option<Skill> {
    with_key(name, |key| index::line_of(key).or_else(|| by_number(key))).or_else(|| by_rule(name)).map(Skill::at)
}

/// The name to ask a platform for, given any name of the skill.
///
/// `None` if the skill is known not to be there; a name that the table lacks is passed on as it is.
///
/// ```
/// use prospector_plugin::skills::{Taxonomy, name_on};
/// assert_eq!(name_on("React.js", Taxonomy::Upwork), Some("React"));
/// assert_eq!(name_on("Basket weaving", Taxonomy::Upwork), Some("Basket weaving"));
/// assert_eq!(name_on("Bricklaying", Taxonomy::Upwork), None);
/// ```
#[must_use]
pub fn name_on(name: &str, taxonomy: Taxonomy) -> Option<&str> {
    resolve(name).map_or(Some(name), |skill| skill.on(taxonomy))
}

/// Makers whose names are often left out.
const MAKERS: &[&str] = &["adobe", "apache", "microsoft", "ms"];

/// Last words that say no more than the technology's name.
const IDLE: &[&str] = &[
    "app",
    "coding",
    "developer",
    "developers",
    "development",
    "expert",
    "framework",
    "language",
    "library",
    "programmer",
    "programming",
    "scripting",
    "software",
    "specialist",
];

/// What one is called who does it.
const DOERS: &[(&str, &str)] = &[
    ("animator", "animation"),
    ("analyst", "analysis"),
    ("consultant", "consulting"),
    ("designer", "design"),
    ("developer", "development"),
    ("editor", "editing"),
    ("engineer", "engineering"),
    ("manager", "management"),
    ("marketer", "marketing"),
    ("recruiter", "recruiting"),
    ("tester", "testing"),
    ("translator", "translation"),
    ("tutor", "tutoring"),
    ("writer", "writing"),
];

/// A name that is in the table in other words.
fn by_rule(name: &str) -> Option<u32> {
    let name = Some(name.trim()).filter(|name| name.is_ascii())?;
    if let Some((long, short)) = name.strip_suffix(')').and_then(|name| name.rsplit_once('(')) {
        return if is_short_for(short, long) { line_of(long).or_else(|| line_of(short)) } else { None };
    }
    if let Some((maker, rest)) = name.split_once(' ')
        && is_one_of(maker, MAKERS)
        && let Some(line) = technology(rest)
    {
        return Some(line);
    }
    let (rest, last) = name.rsplit_once([' ', '-'])?;
    if is_one_of(last, IDLE) {
        if let Some(line) = technology(rest) {
            return Some(line);
        }
        // As in "Rust programming language".
        if let Some((rest, last)) = rest.rsplit_once(' ')
            && is_one_of(last, IDLE)
            && let Some(line) = technology(rest)
        {
            return Some(line);
        }
    }
    let (_, done) = DOERS.iter().find(|(doer, _)| doer.eq_ignore_ascii_case(last))?;
    let mut key = Folded::new(rest.as_bytes(), 0, rest.len());
    key.push(done.as_bytes());
    index::line_of(key.bytes())
}

fn line_of(name: &str) -> Option<u32> {
    with_key(name, index::line_of)
}

fn technology(name: &str) -> Option<u32> {
    line_of(name).filter(|&line| index::is_technology(line))
}

/// One for many, or many for one. Short names are left alone: a letter makes another name of them.
fn by_number(key: &[u8]) -> Option<u32> {
    const SHORTEST: usize = 6;
    if key.len() < SHORTEST {
        return None;
    }
    let with = |stem: &[u8], ending: &[u8]| {
        let mut key = Folded::new(stem, 0, stem.len());
        key.push(ending);
        index::line_of(key.bytes())
    };
    match key {
        [stem @ .., b'i', b'e', b's'] => with(stem, b"y"),
        [.., b's', b's'] => None,
        [stem @ .., b's'] => with(stem, b""),
        [stem @ .., b'y'] => with(stem, b"ies"),
        stem => with(stem, b"s"),
    }
}

/// Whether `short` is made of the first letters of the words of `long`, as ML is of machine learning, or IDEs of
/// integrated development environments.
fn is_short_for(short: &str, long: &str) -> bool {
    let short = short.strip_suffix('s').unwrap_or(short);
    let first = long.split([' ', '-', '/']).filter_map(|word| word.bytes().next());
    !short.is_empty()
        && first.map(|byte| byte.to_ascii_lowercase()).eq(short.bytes().map(|byte| byte.to_ascii_lowercase()))
}

fn is_one_of(word: &str, words: &[&str]) -> bool {
    words.iter().any(|known| known.eq_ignore_ascii_case(word))
}
