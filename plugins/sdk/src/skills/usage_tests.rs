//! How much of what real postings ask for the table knows, and how long asking takes.

use std::path::PathBuf;

use super::Covered;
use super::taxonomy::{Taxonomy, resolve};
use crate::types::ProfileSkill;

/// Real postings, where they are at hand.
fn data(name: &str) -> Option<serde_json::Value> {
    let directory = std::env::var_os("PROSPECTOR_TEST_DATA")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from);
    let path = directory.join(name);
    let Ok(text) = std::fs::read(&path) else {
        println!("skipped: {} is not there (set PROSPECTOR_TEST_DATA)", path.display());
        return None;
    };
    Some(serde_json::from_slice(&text).unwrap())
}

/// Asserts that nine of ten uses of a skill resolve, as a skill of the platform that used it.
fn known(uses: &[&str], taxonomy: Taxonomy) {
    let resolved = uses.iter().filter(|name| resolve(name).is_some()).count();
    let placed = uses.iter().filter(|name| resolve(name).is_some_and(|skill| skill.on(taxonomy).is_some())).count();
    let other = if taxonomy == Taxonomy::Upwork { Taxonomy::Freelancer } else { Taxonomy::Upwork };
    let tied = uses.iter().filter(|name| resolve(name).is_some_and(|skill| skill.on(other).is_some())).count();
    let share = |part: usize| part as f64 / uses.len() as f64;
    println!(
        "{taxonomy:?}: {resolved} of {} uses resolve ({:.1}%), {:.1}% by a name that it has there, {:.1}% have a counterpart",
        uses.len(),
        100.0 * share(resolved),
        100.0 * share(placed),
        100.0 * share(tied)
    );
    let mut unknown: Vec<&&str> = uses.iter().filter(|name| resolve(name).is_none()).collect();
    unknown.sort_unstable();
    unknown.dedup();
    println!("unknown: {unknown:?}");
    assert!(share(resolved) >= 0.9 && share(placed) >= 0.9);
}

#[test]
fn nine_of_ten_skills_that_real_freelancer_projects_ask_for_are_known() {
    let Some(answer) = data("freelancer-projects-search-2022.json") else { return };
    let projects = answer["result"]["projects"].as_array().unwrap().iter();
    let jobs = projects.flat_map(|project| project["jobs"].as_array().unwrap());
    let uses: Vec<&str> = jobs.map(|job| job["name"].as_str().unwrap()).collect();
    known(&uses, Taxonomy::Freelancer);
}

#[test]
fn nine_of_ten_skills_that_real_upwork_postings_ask_for_are_known() {
    let Some(postings) = data("upwork-postings-with-skills.json") else { return };
    let skills = postings.as_array().unwrap().iter().flat_map(|posting| posting["skills"].as_array().unwrap());
    let uses: Vec<&str> = skills.map(|skill| skill.as_str().unwrap()).collect();
    known(&uses, Taxonomy::Upwork);
}

#[test]
#[ignore = "a measurement: run it alone, in release mode, with --nocapture"]
fn how_long_a_profile_takes() {
    let names = [
        "Rust",
        "Python",
        "React",
        "Node.js",
        "TypeScript",
        "PostgreSQL",
        "Docker",
        "Kubernetes",
        "AWS",
        "Graphic Design",
        "Web Design",
        "SEO",
        "Copywriting",
        "Data Analysis",
        "Excel",
        "Power BI",
        "Machine Learning",
        "Translation",
        "Video Editing",
        "Basket weaving",
    ];
    let profile: Vec<ProfileSkill> =
        names.iter().map(|name| ProfileSkill { name: (*name).to_owned(), aliases: Vec::new(), years: None }).collect();
    let rounds = 10_000;
    let start = std::time::Instant::now();
    for _ in 0..rounds {
        std::hint::black_box(Covered::new(std::hint::black_box(&profile), 0.7));
    }
    println!("Covered::new, 20 skills: {:?}", start.elapsed() / rounds);
    let covered = Covered::new(&profile, 0.7);
    for asked in [
        "React.js",
        "Microsoft Excel",
        "Data Visualization",
        "Bricklaying",
        "Web Designer",
        "Underwater basket weaving",
    ] {
        let start = std::time::Instant::now();
        for _ in 0..rounds * 10 {
            std::hint::black_box(covered.cover(std::hint::black_box(asked)));
        }
        println!("cover({asked:?}): {:?}", start.elapsed() / (rounds * 10));
    }
}
