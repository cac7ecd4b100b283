//! The filters that platforms share: the same names, the same meaning, each drop with its reason.

use prospector_e2e::home::{platforms, section};
use prospector_e2e::{Home, Prospector, Sim};
use serde_json::{Value, json};

use crate::support::{at, texts};

/// Both platforms, with the same lines in their sections.
fn connected(sim: &Sim, lines: &str) -> Prospector {
    let sections = [section(sim.freelancer(), lines), section(sim.upwork(), lines)];
    let prospector = at(Home::configured(&platforms(&sections, "profile:\n  skills: [Rust, React]\n")));
    for platform in ["freelancer", "upwork"] {
        let _connected = prospector.connect_to(platform).ok();
    }
    prospector
}

fn scanned(prospector: &Prospector) -> Value {
    prospector.run("scan --dry-run --json").ok().json()
}

fn of<'v>(document: &'v Value, platform: &str) -> Vec<&'v Value> {
    document.as_array().into_iter().flatten().filter(|row| row["platform"] == platform).collect()
}

fn skipped_by<'v>(scan: &'v Value, platform: &str, filter: &str) -> Vec<&'v Value> {
    of(&scan["skipped"], platform).into_iter().filter(|row| row["filter"] == filter).collect()
}

/// The posting of a stored lead.
fn posting(prospector: &Prospector, id: &str) -> Value {
    prospector.run(&format!("leads show {id} --json")).ok().json()["posting"].clone()
}

#[test]
fn keywords_hold_on_both_platforms_for_titles_descriptions_and_skills() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim, "    keywords: { include: [react, 'mobile app'], exclude: [wordpress] }");
    let scan = prospector.run("scan --json").ok().json();
    for platform in ["freelancer", "upwork"] {
        let leads = of(&scan["leads"], platform);
        assert!(!leads.is_empty() && !skipped_by(&scan, platform, "keywords.include").is_empty(), "{platform}");
        for lead in leads.iter().take(5) {
            let posting = posting(&prospector, &format!("{platform}/{}", lead["id"].as_str().expect("an id")));
            let text = format!("{} {} {}", posting["title"], posting["description"], posting["skills"]).to_lowercase();
            assert!(text.contains("react") || text.contains("mobile app"), "{text}");
            assert!(!text.contains("wordpress"), "{text}");
        }
    }
    let told = skipped_by(&scan, "freelancer", "keywords.include")[0];
    assert_eq!((&told["stage"], &told["reason"]), (&json!("screening"), &json!("It holds none of keywords.include")));
}

#[test]
fn client_and_competition_filters_drop_what_states_less_and_keep_what_states_nothing() {
    let sim = Sim::agreeing();
    let lines = "    locations: [US, Germany, IND]\n    payment_verified: true\n    min_client_hires: 3\n    max_proposals: 20\n    posted_within: 30d";
    let lax = connected(&sim, lines);
    let strict = connected(&sim, &format!("{lines}\n    strict: true"));
    let scan = lax.run("scan --json").ok().json();
    let harder = scanned(&strict);
    for filter in ["locations", "payment_verified", "min_client_hires", "max_proposals"] {
        let dropped = skipped_by(&scan, "freelancer", filter);
        assert!(!dropped.is_empty(), "{filter} dropped none: {}", scan["dropped"]);
        assert!(dropped.iter().all(|row| !row["reason"].to_string().contains("is not stated")), "{dropped:?}");
    }
    for platform in ["freelancer", "upwork"] {
        let (kept, left) = (of(&scan["leads"], platform).len(), of(&harder["leads"], platform).len());
        assert!(left <= kept && kept > 0, "{platform}: {left} of {kept}");
        for lead in of(&scan["leads"], platform).iter().take(5) {
            let posting = posting(&lax, &format!("{platform}/{}", lead["id"].as_str().expect("an id")));
            let client = &posting["client"];
            assert!(client["payment_verified"] != false, "{posting}");
            assert!(client["hires"].as_u64().is_none_or(|hires| hires >= 3), "{posting}");
            assert!(
                posting["competition"]["proposals"]["minimum"].as_u64().is_none_or(|count| count <= 20),
                "{posting}"
            );
            let code = client["country_code"].as_str();
            assert!(code.is_none_or(|code| ["US", "DE", "IN"].contains(&code)), "{posting}");
        }
    }
    let unstated = harder["skipped"].as_array().into_iter().flatten();
    let unstated =
        unstated.filter(|row| row["reason"].to_string().contains("is not stated, and strict drops such postings"));
    assert!(unstated.count() > 0, "{}", harder["dropped"]);
}

#[test]
fn upwork_is_asked_to_filter_on_its_side() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim, "    min_client_hires: 3\n    max_proposals: 20");
    sim.control("DELETE", "/requests", &json!({}));
    let _scanned = scanned(&prospector);
    let asked = crate::upwork::searches(&sim);
    assert_eq!(asked[0]["clientHiresRange_eq"], json!({"rangeStart": 3}));
    assert_eq!(asked[0]["proposalRange_eq"], json!({"rangeEnd": 20}));
}

#[test]
fn a_filter_that_cannot_be_used_is_an_error_at_its_place() {
    let sim = Sim::agreeing();
    for (line, said) in [
        ("posted_within: soon", "posted_within"),
        ("max_proposals: -1", "max_proposals"),
        ("keywords: { includes: [rust] }", "include"),
        ("keywords: [rust]", "keywords"),
        ("strict: [location]", "strict"),
        ("strict: yes please", "strict"),
        ("locations: [Germoney]", "Germany"),
    ] {
        for section_of in
            [section(sim.freelancer(), &format!("    {line}")), section(sim.upwork(), &format!("    {line}"))]
        {
            let prospector = at(Home::configured(&platforms(&[section_of], "")));
            let refused = prospector.run("config validate").expect(3);
            let told = format!("{}{}", refused.stdout, refused.stderr);
            assert!(told.contains(said), "{line}: {told}");
        }
    }
}

#[test]
fn what_to_relax_first_is_a_filter_that_a_person_sets() {
    let sim = Sim::agreeing();
    let prospector = connected(&sim, "    keywords: { include: [unobtainium] }");
    let scan = scanned(&prospector);
    assert!(texts(&scan["leads"], "id").is_empty());
    assert_eq!(scan["relax_first"]["filter"], "keywords.include", "{}", scan["dropped"]);
    let told = prospector.run("scan --dry-run").ok().stdout;
    assert!(told.contains("`keywords.include` has dropped the most (upwork: "), "{told}");
}
