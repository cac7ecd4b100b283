//! The table itself, what the rules unite, and what stays apart.

use std::collections::HashMap;

use super::index::{TABLE, bytes};
use super::key;
use super::near::{PAIRS, UNKNOWN};
use super::taxonomy::{Skill, Taxonomy, name_on, resolve};

#[test]
fn each_line_is_well_formed_and_each_name_is_of_one_skill() {
    let mut owners: HashMap<String, &str> = HashMap::new();
    for line in TABLE.lines() {
        let columns: Vec<&str> = line.split('|').collect();
        let canonical = columns[0];
        assert!(columns.len() <= 4 && line.is_ascii() && !canonical.is_empty(), "{line}");
        assert!(!line.ends_with(['|', ';']) || columns.len() == 1, "{line}: ends with nothing");
        assert!(canonical != "=" && !canonical.contains(';'), "{line}: has no canonical name");
        for name in columns.iter().flat_map(|column| column.split(';')).filter(|name| !name.is_empty()) {
            let name = if name == "=" { canonical } else { name };
            assert_eq!(name.trim(), name, "{line}: blanks around a name");
            assert!(!key(name).is_empty(), "{line}: {name} has no key");
            let owner = *owners.entry(key(name)).or_insert(canonical);
            assert_eq!(owner, canonical, "{name} is in two lines");
            assert_eq!(resolve(name).map(Skill::canonical), Some(canonical), "{name}");
        }
    }
    let (text, index) = bytes();
    println!("{} skills, {} names: {text} bytes of text, {index} of index", TABLE.lines().count(), owners.len());
}

#[test]
fn each_skill_is_on_a_platform_or_has_another_name() {
    for line in TABLE.lines() {
        let skill = resolve(line.split('|').next().unwrap()).unwrap();
        let placed = skill.on(Taxonomy::Freelancer).or(skill.on(Taxonomy::Upwork)).is_some();
        assert!(placed || skill.names().count() > 1, "{line}");
    }
}

#[test]
fn related_skills_are_in_the_table_and_less_than_the_same() {
    for (place, pair) in PAIRS.iter().enumerate() {
        let [one, other] = pair.skills;
        let known = |line| if line == UNKNOWN { "?" } else { Skill::at(line).canonical() };
        let said = format!("pair {place} of near.txt: {} and {}", known(one), known(other));
        assert!(one != UNKNOWN && other != UNKNOWN, "{said}: not in the table");
        assert!(one != other, "{said}: are one skill");
        assert!((50..100).contains(&pair.likeness), "{said}: {}", pair.likeness);
        let twice = PAIRS.iter().filter(|&again| again.skills == [one, other] || again.skills == [other, one]).count();
        assert_eq!(twice, 1, "{said}: are there twice");
    }
    println!("{} pairs, {} bytes", PAIRS.len(), size_of_val(&PAIRS));
}

#[test]
fn names_of_one_platform_have_their_counterpart_on_the_other() {
    for (freelancer, upwork) in [
        ("Website Design", "Web Design"),
        ("Graphic Design", "Graphic Design"),
        ("Node.js", "Node.js"),
        ("React.js", "React"),
        ("Express JS", "ExpressJS"),
        ("C Programming", "C"),
        ("Golang", "Golang"),
        ("Excel", "Microsoft Excel"),
        ("Photoshop", "Adobe Photoshop"),
        ("SEO", "Search Engine Optimization"),
        ("Internet of Things", "Internet of Things"),
        ("Power BI", "Microsoft Power BI"),
        ("Data Cleansing", "Data Cleaning"),
        ("Arabic Translator", "Arabic"),
        ("Virtual Assistant", "Virtual Assistance"),
        ("Facebook Ads", "Facebook Advertising"),
        ("Unity 3D", "Unity"),
        ("Mobile App Development", "Mobile App Development"),
    ] {
        let name = |name, taxonomy| name_on(name, taxonomy).map(key);
        assert_eq!(name(freelancer, Taxonomy::Upwork), Some(key(upwork)), "{freelancer}");
        assert!(
            resolve(upwork).unwrap().names_on(Taxonomy::Freelancer).any(|name| name == freelancer),
            "{upwork} / {freelancer}"
        );
    }
    assert_eq!(resolve("Bricklaying").unwrap().on(Taxonomy::Upwork), None);
    assert_eq!(resolve("NVivo").unwrap().on(Taxonomy::Freelancer), None);
    assert_eq!(name_on("Juggling with knives", Taxonomy::Upwork), Some("Juggling with knives"));
}

#[test]
fn other_words_for_a_skill_are_that_skill() {
    for (said, meant) in [
        ("React Developer", "React"),
        ("React.js development", "React"),
        ("Rust programming language", "Rust"),
        ("Laravel Framework", "Laravel"),
        ("Web Designer", "Web Design"),
        ("Web Developer", "Web Development"),
        ("Graphic designer", "Graphic Design"),
        ("Technical Writer", "Technical Writing"),
        ("Video Editor", "Video Editing"),
        ("Data Analyst", "Data Analysis"),
        ("Machine Learning (ML)", "Machine Learning"),
        ("Large Language Models (LLMs)", "LLM"),
        ("Graphical User Interface (GUI)", "GUI"),
        ("Structured Query Language (SQL)", "SQL"),
        ("Microsoft Excel", "Excel"),
        ("MS Outlook", "Outlook"),
        ("Adobe Lightroom", "Lightroom"),
        ("Apache Kafka", "Apache Kafka"),
        ("Press Release", "Press Releases"),
        ("Business Plans", "Business Plan"),
        ("Research and Development", "Research & Development"),
        ("Mergers & Acquisitions", "Mergers & Acquisitions"),
        ("web-design", "Web Design"),
        ("NODEJS", "Node.js"),
    ] {
        assert_eq!(resolve(said).map(Skill::canonical), Some(meant), "{said}");
    }
}

#[test]
fn skills_that_look_alike_are_apart() {
    for apart in [
        &["C", "C++", "C#", "Objective-C", "Embedded C"][..],
        &["Java", "JavaScript", "JavaFX", "Java ME", "Java EE"],
        &["Go", "Google Ads", "Google Analytics", "Django", "Godot"],
        &["React", "React Native", "React Hooks"],
        &["Angular", "AngularJS", "Angular Material"],
        &["SQL", "NoSQL", "MySQL", "PostgreSQL", "Microsoft SQL Server", "T-SQL", "PL/SQL", "SQLite"],
        &[".NET", ".NET Core", "ASP.NET", "VB.NET", "ADO.NET", "ASP.NET MVC", "ASP"],
        &["R", "Rust", "Ruby", "Ruby on Rails"],
        &["PHP", "PhpStorm Plugins"],
        &["Web Design", "Web Development", "Web Scraping", "Web Hosting"],
        &["Game Design", "Game Development", "Game Testing"],
        &["Python", "Python Script"],
        &["SAS", "Sass", "SaaS"],
        &["Canva", "Canvas"],
        &["Spark", "Spark AR Studio"],
        &["Illustration", "Illustrator"],
        &["Data Analysis", "Data Analytics", "Data Entry", "Data Science"],
        &["Excel", "Excel VBA", "Excel Macros", "VBA"],
        &["Business Analysis", "Business Analytics"],
        &["Magento", "Magento 2"],
        &["Spanish", "Latin American Spanish"],
        &["Simplified Chinese", "Traditional Chinese"],
        &["Vue.js", "Vuforia"],
        &["Photoshop", "Photography", "Photo Editing"],
        &["Unity", "Unreal Engine"],
        &["Swift", "SwiftUI"],
        &["Kotlin", "Kotlin Multiplatform"],
        &["Chart.js", "Graph & Table Creation"],
        &["Anime", "Anime.js"],
        &["Microsoft Azure", "Azure DevOps"],
        &["Amazon", "Amazon Web Services", "Amazon S3"],
        &["Brand Strategy", "Strategy"],
        &["Word", "WordPress", "Word Processing"],
        &["Translation", "Legal Translation", "English to Spanish Translation", "Spanish to English Translation"],
        &["Augmented Reality", "Virtual Reality", "A&R"],
    ] {
        for (place, one) in apart.iter().enumerate() {
            for other in &apart[place + 1..] {
                let same = resolve(one).is_some() && resolve(one) == resolve(other);
                assert!(!same, "{one} / {other} are both {:?}", resolve(one).map(Skill::canonical));
            }
        }
    }
    for unknown in ["", " ", "()", "Words of wisdom", "Basket Development", "Developer", "Words", "x and", "and"] {
        assert_eq!(resolve(unknown), None, "{unknown}");
    }
}
