//! How a search is parted into queries, and how far each was read.
//!
//! The filters for level and job type take one value, and those for categories, subcategories and services narrow each other, so
//! one search may be several queries. None of them gives more than [`CAP`] rows; one that is read up to there goes on as narrower
//! ones, of which what was given already is passed over. (By date it cannot go on: the platform has no filter for what is older.)
//!
//! A cursor has the whole plan, `;` between the queries that are not at their end and `:` between level, job type, place, offset, time
//! reached, and time below which it is new: `i:-:s531770282584862733:50:1760594807:-`.

use prospector_plugin::error::{self, Refine};
use prospector_plugin::types::{Error, UtcSeconds};

use crate::ontology::{self, Kind};
use crate::settings::{JobType, Level, Settings};

/// Rows that the platform gives of a query, by its documentation.
pub(crate) const CAP: u32 = 5_000;

/// Queries at a time. As many fit into a cursor of 4 KiB.
const MOST_LISTS: usize = 60;

/// Where a query looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    Anywhere,
    /// In all that the settings want of a kind.
    Wanted(Kind),
    One(Kind, String),
}

/// One query's share of the search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) level: Option<Level>,
    pub(crate) job_type: Option<JobType>,
    pub(crate) place: Place,
}

/// One query, and how far it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct List {
    pub(crate) part: Part,
    pub(crate) offset: u32,
    /// Time of the last row that was given.
    pub(crate) reached: Option<UtcSeconds>,
    /// Rows newer than this were given by the query that this one is a part of.
    pub(crate) until: Option<UtcSeconds>,
}

impl List {
    fn new(part: Part) -> Self {
        Self { part, offset: 0, reached: None, until: None }
    }
}

/// The queries of a search that are not at their end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plan(pub(crate) Vec<List>);

impl Plan {
    /// The beginning of a search.
    pub(crate) fn start(settings: &Settings, places: &[(Kind, String)]) -> Self {
        let wanted = |kind: &Kind| places.iter().any(|(of, _)| of == kind);
        let mut looks: Vec<Place> = Kind::ALL.into_iter().filter(wanted).map(Place::Wanted).collect();
        if looks.is_empty() {
            looks.push(Place::Anywhere);
        }
        let all = Level::ALL.iter().all(|level| settings.experience_level.contains(level));
        let levels: Vec<Option<Level>> = if all || settings.experience_level.is_empty() {
            vec![None]
        } else {
            settings.experience_level.iter().copied().map(Some).collect()
        };
        let job_type = settings.one_job_type();
        let part = |level: Option<Level>, place: &Place| Part { level, job_type, place: place.clone() };
        Self(looks.iter().flat_map(|place| levels.iter().map(move |level| List::new(part(*level, place)))).collect())
    }

    /// Reads a cursor.
    ///
    /// # Errors
    /// `invalid-input` if it is none.
    pub(crate) fn parse(cursor: &str) -> Result<Self, Error> {
        let lists: Option<Vec<List>> = cursor.split(';').map(parse_list).collect();
        lists.filter(|lists| lists.len() <= MOST_LISTS).map(Self).ok_or_else(no_cursor)
    }

    /// The cursor; none at the end of all queries.
    pub(crate) fn cursor(&self) -> Option<String> {
        let lists: Vec<String> = self.0.iter().map(write_list).collect();
        (!lists.is_empty()).then(|| lists.join(";"))
    }

    /// Puts narrower queries in place of those that were read up to the cap. How many of those could not be made narrower, and end.
    pub(crate) fn narrow(&mut self, places: &[(Kind, String)]) -> usize {
        let mut given_up = 0;
        while let Some(at) = self.0.iter().position(|list| list.offset >= CAP) {
            let capped = self.0.remove(at);
            match narrower(&capped.part, places) {
                Some(parts) if self.0.len() + parts.len() <= MOST_LISTS => {
                    let (reached, until) = (capped.reached, capped.reached.or(capped.until));
                    self.0.extend(parts.into_iter().map(|part| List { part, offset: 0, reached, until }));
                }
                _ => given_up += 1,
            }
        }
        given_up
    }
}

/// The error for a cursor that is none.
pub(crate) fn no_cursor() -> Error {
    error::invalid_input("The cursor does not belong to a search of Upwork's")
        .remedy("Begin again with the first page.")
}

/// Parts that are this one together, but for postings without a category or a level.
fn narrower(part: &Part, places: &[(Kind, String)]) -> Option<Vec<Part>> {
    let at = |place: Place| Part { place, ..part.clone() };
    let one = |kind: Kind, ids: Vec<&str>| -> Vec<Part> {
        ids.into_iter().map(|id| at(Place::One(kind, id.to_owned()))).collect()
    };
    let parts = match &part.place {
        Place::Anywhere => one(Kind::Category, ontology::categories()),
        Place::Wanted(kind) => {
            let ids: Vec<&str> = places.iter().filter(|(of, _)| of == kind).map(|(_, id)| id.as_str()).collect();
            match ids.as_slice() {
                [only] => return narrower(&at(Place::One(*kind, (*only).to_owned())), places),
                _ => one(*kind, ids),
            }
        }
        Place::One(Kind::Category, id) => one(Kind::Subcategory, ontology::subcategories(id)),
        Place::One(..) => Vec::new(),
    };
    if !parts.is_empty() {
        return Some(parts);
    }
    match (part.job_type, part.level) {
        (None, _) => {
            let of = |job_type| Part { job_type: Some(job_type), ..part.clone() };
            Some([JobType::Fixed, JobType::Hourly].map(of).to_vec())
        }
        (Some(_), None) => Some(Level::ALL.map(|level| Part { level: Some(level), ..part.clone() }).to_vec()),
        (Some(_), Some(_)) => None,
    }
}

fn write_list(list: &List) -> String {
    let level = match list.part.level {
        None => "-",
        Some(Level::Entry) => "e",
        Some(Level::Intermediate) => "i",
        Some(Level::Expert) => "x",
    };
    let job_type = match list.part.job_type {
        None => "-",
        Some(JobType::Fixed) => "f",
        Some(JobType::Hourly) => "h",
    };
    let (kind, id) = match &list.part.place {
        Place::Anywhere => ("-", ""),
        Place::Wanted(kind) => (letter(*kind), ""),
        Place::One(kind, id) => (letter(*kind), id.as_str()),
    };
    let time = |time: Option<UtcSeconds>| time.map_or_else(|| "-".to_owned(), |time| time.to_string());
    format!("{level}:{job_type}:{kind}{id}:{}:{}:{}", list.offset, time(list.reached), time(list.until))
}

fn letter(kind: Kind) -> &'static str {
    match kind {
        Kind::Category => "c",
        Kind::Subcategory => "s",
        Kind::Service => "o",
    }
}

fn parse_list(text: &str) -> Option<List> {
    let fields: Vec<&str> = text.split(':').collect();
    let [level, job_type, place, offset, reached, until] = fields.as_slice() else {
        return None;
    };
    let level = match *level {
        "-" => None,
        "e" => Some(Level::Entry),
        "i" => Some(Level::Intermediate),
        "x" => Some(Level::Expert),
        _ => return None,
    };
    let job_type = match *job_type {
        "-" => None,
        "f" => Some(JobType::Fixed),
        "h" => Some(JobType::Hourly),
        _ => return None,
    };
    let place = if *place == "-" {
        Place::Anywhere
    } else {
        let kind = Kind::ALL.into_iter().find(|kind| place.starts_with(letter(*kind)))?;
        match &place[1..] {
            "" => Place::Wanted(kind),
            id if ontology::is_id(id) => Place::One(kind, id.to_owned()),
            _ => return None,
        }
    };
    let time = |text: &str| match text {
        "-" => Some(None),
        text => text.parse().ok().and_then(prospector_plugin::time::sound).map(Some),
    };
    Some(List {
        part: Part { level, job_type, place },
        offset: offset.parse().ok().filter(|offset| *offset <= CAP)?,
        reached: time(reached)?,
        until: time(until)?,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::document::OPTIONAL;

    const WEB: &str = "531770282584862733";

    fn started(levels: &[Level], types: &[JobType], names: &[&str]) -> Plan {
        let settings = Settings { experience_level: levels.to_vec(), job_type: types.to_vec(), ..Settings::default() };
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        Plan::start(&settings, &ontology::resolve(&names).expect("known"))
    }

    fn written(plan: &Plan) -> String {
        plan.cursor().unwrap_or_default()
    }

    #[test]
    fn one_value_is_a_filter_all_are_none_and_two_levels_are_two_queries() {
        use JobType::{Fixed, Hourly};
        use Level::{Entry, Expert, Intermediate};
        for (levels, types, names, cursor) in [
            (&[Entry, Intermediate, Expert][..], &[Fixed, Hourly][..], &[][..], "-:-:-:0:-:-"),
            (&[Expert], &[Hourly], &[], "x:h:-:0:-:-"),
            (&[Intermediate, Expert], &[Fixed, Hourly], &["Web Development"], "i:-:s:0:-:-;x:-:s:0:-:-"),
            (&[Entry], &[Fixed], &["Writing", "Web Development"], "e:f:c:0:-:-;e:f:s:0:-:-"),
        ] {
            assert_eq!(written(&started(levels, types, names)), cursor);
        }
    }

    #[test]
    fn a_query_at_the_cap_goes_on_as_narrower_ones_until_none_is_left() {
        let cap = |plan: &mut Plan| {
            for list in &mut plan.0 {
                (list.offset, list.reached) = (CAP, Some(1000));
            }
        };
        let places = [(Kind::Subcategory, WEB.to_owned())];
        let mut plan =
            Plan(vec![List::new(Part { level: None, job_type: None, place: Place::Wanted(Kind::Subcategory) })]);
        assert_eq!(plan.narrow(&places), 0);
        assert_eq!(written(&plan), "-:-:s:0:-:-");
        cap(&mut plan);
        assert_eq!(plan.narrow(&places), 0);
        assert_eq!(written(&plan), format!("-:f:s{WEB}:0:1000:1000;-:h:s{WEB}:0:1000:1000"));
        cap(&mut plan);
        assert_eq!((plan.narrow(&places), plan.0.len()), (0, 6));
        cap(&mut plan);
        assert_eq!((plan.narrow(&places), plan.cursor()), (6, None));

        let mut plan = started(&Level::ALL, &[JobType::Fixed, JobType::Hourly], &[]);
        cap(&mut plan);
        assert_eq!((plan.narrow(&[]), plan.0.len()), (0, 12));
        plan.0[3].offset = CAP;
        let below = ontology::subcategories(ontology::categories()[3]).len();
        assert_eq!((plan.narrow(&[]), plan.0.len()), (0, 11 + below));
    }

    #[test]
    fn however_far_it_is_narrowed_the_cursor_fits() {
        let mut plan = started(&Level::ALL, &[JobType::Fixed, JobType::Hourly], &[]);
        // What was found of the API stands before it.
        let before = OPTIONAL.iter().map(|(filter, _)| filter.len() + 1).sum::<usize>() + 3;
        for _ in 0..6 {
            for list in &mut plan.0 {
                (list.offset, list.reached) = (CAP, Some(253_402_300_799));
            }
            plan.narrow(&[]);
            let cursor = plan.cursor().unwrap_or_default();
            assert!(before + cursor.len() <= 4096, "{}", cursor.len());
        }
    }

    #[test]
    fn what_is_no_cursor_is_refused() {
        for cursor in [
            "",
            "0",
            "-:-:-:0:-",
            "z:-:-:0:-:-",
            "-:z:-:0:-:-",
            "-:-:z:0:-:-",
            "-:-:c12x:0:-:-",
            "-:-:-:5001:-:-",
            "-:-:-:-1:-:-",
            "-:-:-:0:x:-",
            "-:-:-:0:-:999999999999999",
            "-:-:-:0:-:-;",
            "-:-:é:0:-:-",
        ] {
            assert!(Plan::parse(cursor).is_err(), "{cursor}");
        }
    }

    proptest! {
        #[test]
        fn a_plan_survives_being_written_and_any_text_being_read(
            lists in prop::collection::vec((0usize..4, 0usize..3, 0usize..7, 0u32..=CAP, prop::option::of(0i64..2_000_000_000)), 1..20),
            text in "[-:;cfhisox0-9]{0,60}",
        ) {
            let level = |at: usize| Level::ALL.get(at).copied();
            let job_type = |at: usize| [JobType::Fixed, JobType::Hourly].get(at).copied();
            let place = |at: usize| match at {
                0..3 => Place::Wanted(Kind::ALL[at]),
                3..6 => Place::One(Kind::ALL[at - 3], WEB.to_owned()),
                _ => Place::Anywhere,
            };
            let list = |(l, t, p, offset, reached): (usize, usize, usize, u32, Option<i64>)| {
                List { part: Part { level: level(l), job_type: job_type(t), place: place(p) }, offset, reached, until: reached }
            };
            let plan = Plan(lists.into_iter().map(list).collect());
            prop_assert_eq!(Plan::parse(&written(&plan)), Ok(plan));
            let _ = Plan::parse(&text);
        }
    }
}
