//! What pages show, and what their forms do.

use std::fs;
use std::time::Instant;

use prospector_e2e::board::KEY;
use prospector_e2e::dashboard::field;
use prospector_e2e::prospector::PATIENCE;
use prospector_e2e::{Board, Dashboard, Home, Prospector, Sim, Visitor};
use serde_json::{Value, json};

use crate::proposing::{leads, reviewed, show};
use crate::support::{at, connected_with};
use crate::third_platform;

const PAGES: [&str; 10] = [
    "/leads",
    "/skipped",
    "/proposals",
    "/contracts",
    "/platforms",
    "/scans",
    "/scoring",
    "/plugins",
    "/settings",
    "/audit",
];

const PROFILE: &str = "profile: { skills: [Rust, Python, React], rates: { hourly: { minimum: 5 }, fixed: { minimum: 20 } } }\n\
                       proposals: { auto_draft: false }\n";

fn scanned(sim: &Sim, rest: &str) -> Prospector {
    let prospector = connected_with(sim, "", &format!("{PROFILE}{rest}"));
    let _scanned = prospector.run("scan").ok();
    prospector
}

/// The address of each lead of a page, in its order.
fn hrefs(page: &str) -> Vec<String> {
    page.split("data-href=\"").skip(1).filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())).collect()
}

#[track_caller]
fn says(visitor: &Visitor, path: &str, what: &str) {
    let page = visitor.get(path);
    assert!(page.status == 200 && page.body.contains(what), "{path} does not say {what:?}: {}", page.body);
}

#[test]
fn where_there_is_nothing_each_page_says_what_comes_next() {
    let prospector = at(Home::configured(""));
    let dashboard = Dashboard::of(&prospector);
    let visitor = dashboard.enter();
    for page in PAGES {
        assert_eq!(visitor.get(page).status, 200, "{page}");
    }
    for page in ["/leads", "/skipped", "/scans", "/audit"] {
        says(&visitor, page, "href=\"/platforms\"");
    }
    says(&visitor, "/platforms", "Add Freelancer");
    says(&visitor, "/platforms/upwork/connect", "http://127.0.0.1:8917/auth/upwork/callback");
    says(&visitor, "/proposals", "href=\"/leads\"");
    says(&visitor, "/contracts", "href=\"/proposals\"");
    says(&visitor, "/plugins", "It may");
    for missing in ["/leads/freelancer/1", "/proposals/1", "/contracts/freelancer/1", "/nothing"] {
        let page = visitor.get(missing);
        assert!(page.status == 404 && page.body.contains("<nav"), "{missing}: {} {}", page.status, page.body);
    }
}

#[test]
fn leads_are_filtered_turned_marked_and_tagged() {
    let sim = Sim::agreeing();
    let prospector = scanned(&sim, "");
    let dashboard = Dashboard::of(&prospector);
    let visitor = dashboard.enter();
    let listed = leads(&prospector);
    let all = hrefs(&visitor.get("/leads?min_score=0").body);
    assert!(all.len() == 50 && all[0] == format!("/leads/freelancer/{}", listed[0]), "{all:?}");
    let second = hrefs(&visitor.get("/leads?min_score=0&page=2").body);
    assert!(!second.is_empty() && second.iter().all(|href| !all.contains(href)), "{second:?}");
    for wrong in ["min_score=101", "min_score=x", "mark=odd", "sort=odd"] {
        assert_eq!(visitor.get(&format!("/leads?{wrong}")).status, 422, "{wrong}");
    }
    let found = visitor.get("/leads?min_score=0&q=rust").body;
    assert!(hrefs(&found).len() < all.len() && !hrefs(&found).is_empty());

    let best = &all[0];
    assert_eq!(visitor.post(&format!("{best}/mark"), &[("mark", "starred")]).status, 303);
    assert_eq!(hrefs(&visitor.get("/leads?mark=starred").body), [best.as_str()]);
    assert_eq!(visitor.post(&format!("{best}/tags"), &[("tags", "later,  good one ,later")]).status, 303);
    let tags = |visitor: &Visitor| hrefs(&visitor.get("/leads?tag=good+one").body);
    assert_eq!(tags(&visitor), [best.as_str()]);
    assert_eq!(visitor.post(&format!("{best}/tags"), &[("tags", "later")]).status, 303);
    assert!(tags(&visitor).is_empty());
    assert_eq!(visitor.post(&format!("{best}/mark"), &[("mark", "odd")]).status, 422);
    assert_eq!(visitor.post(&format!("{best}/tags"), &[("tags", &"x".repeat(65))]).status, 422);
    assert_eq!(visitor.post(&format!("{best}/mark"), &[("mark", "dismissed")]).status, 303);
    assert!(!hrefs(&visitor.get("/leads?min_score=0").body).contains(best));
    // To be shown is to be seen.
    let _shown = visitor.get(&all[1]);
    assert_eq!(hrefs(&visitor.get("/leads?mark=seen").body), [all[1].clone()]);
}

#[test]
fn what_strangers_write_stays_text() {
    let sim = Sim::agreeing();
    let known = sim.control("GET", "/freelancer/projects", &Value::Null);
    let victim = known["ids"][0].to_string();
    let nasty = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'><style>*{display:none}</style>\u{202e}evil\u{2066}\u{200b}";
    sim.control(
        "PATCH",
        &format!("/freelancer/projects/{victim}"),
        &json!({"title": nasty, "description": nasty, "preview_description": nasty, "seo_url": "javascript:alert(3)"}),
    );
    let prospector = scanned(&sim, "");
    let dashboard = Dashboard::of(&prospector);
    let visitor = dashboard.enter();
    let pages = [
        "/leads?min_score=0&page=1",
        "/leads?min_score=0&page=2",
        "/leads?q=%22%3E%3Cscript%3Ealert(4)%3C/script%3E",
        "/skipped",
        &format!("/leads/freelancer/{victim}"),
    ];
    let mut met = 0;
    for path in pages {
        let page = visitor.get(path).body;
        met += page.matches("&#60;script&#62;").count();
        for danger in
            ["<script>", "<img", "<style>", "javascript:", "\u{202e}", "\u{2066}", "\u{200b}", "onerror=alert(2)>"]
        {
            assert!(!page.contains(danger), "{path} has {danger:?}");
        }
        let links: Vec<&str> = page.split("<a ").skip(1).filter(|link| link.contains("href=\"http")).collect();
        for link in links {
            let link = link.split('>').next().unwrap_or_default();
            assert!(link.contains("noopener") && link.contains("nofollow"), "{link}");
        }
    }
    assert!(met >= 3, "the attack is shown: {met}");
}

#[test]
fn weights_are_tried_before_they_are_saved_and_the_rest_of_the_file_stays() {
    let sim = Sim::agreeing();
    let prospector = scanned(&sim, "# my own words\nscoring:\n  weights:\n    # what I know\n    skill_match: 0.3\n");
    let file = prospector.home.configuration_file();
    let before = fs::read_to_string(&file).expect("it is there");
    let dashboard = Dashboard::of(&prospector);
    let visitor = dashboard.enter();
    let best = |prospector: &Prospector| leads(prospector).remove(0);
    let (first, page) = (best(&prospector), visitor.get("/scoring").body);
    assert!(page.contains(&format!("/leads/freelancer/{first}")) && page.contains("stays"), "{page}");
    let budget =
        "weight.skill_match=0&weight.budget=100&weight.client_history=0&weight.competition=0&weight.timeline=0";
    let tried = visitor.get(&format!("/scoring?{budget}")).body;
    assert!(tried.contains("budget 100.0%") && tried.contains("up "), "{tried}");
    assert_eq!(best(&prospector), first, "nothing is saved yet");
    for wrong in ["weight.budget=101", "weight.budget=-1", "weight.budget=x"] {
        assert_eq!(visitor.get(&format!("/scoring?{wrong}")).status, 422, "{wrong}");
    }
    let all = ["skill_match", "client_history", "competition", "timeline"].map(|name| format!("weight.{name}"));
    let mut fields: Vec<(&str, &str)> = all.iter().map(|name| (name.as_str(), "0")).collect();
    let nothing = visitor.post("/scoring", &[fields.as_slice(), &[("weight.budget", "0")]].concat());
    assert_eq!(nothing.status, 422, "{}", nothing.body);
    assert_eq!(fs::read_to_string(&file).expect("it is there"), before);
    fields.push(("weight.budget", "100"));
    assert_eq!(visitor.post("/scoring", &fields).status, 303);
    let after = fs::read_to_string(&file).expect("it is there");
    assert!(after.contains("# my own words") && after.contains("    # what I know\n    skill_match: 0"), "{after}");
    says(&visitor, "/scoring", "budget 100.0%");
    let explained = prospector.run(&format!("leads explain {} --json", best(&prospector))).ok().json();
    let lines = explained["breakdown"].as_array().expect("a breakdown");
    assert!(
        lines.iter().all(|line| (line["signal"] == "budget") == (line["weight"].as_f64() > Some(0.0))),
        "{explained}"
    );
}

#[test]
fn settings_are_checked_as_a_whole_and_nobodys_change_is_lost() {
    let sim = Sim::agreeing();
    let prospector = connected_with(&sim, "", PROFILE);
    let file = prospector.home.configuration_file();
    let before = fs::read_to_string(&file).expect("it is there");
    let dashboard = Dashboard::of(&prospector);
    let visitor = dashboard.enter();
    let made_from = |visitor: &Visitor| field(&visitor.get("/settings").body, "made_from").expect("a digest");
    let digest = made_from(&visitor);
    let wrong = before.replace("Python", "Python]").replace("\n", "\r\n");
    let told = visitor.post("/settings", &[("made_from", &digest), ("text", &wrong), ("what", "save")]);
    assert!(told.status == 200 && told.body.contains("line "), "where it is: {}", told.body);
    assert!(told.body.contains("Python]"), "what was entered is still there");
    let odd = before.replace("auto_draft", "auto_drafd");
    let told = visitor.post("/settings", &[("made_from", &digest), ("text", &odd), ("what", "save")]);
    assert!(told.body.contains("auto_drafd") && told.body.contains("did you mean"), "{}", told.body);
    let good = format!("{before}# mine\n");
    let checked = visitor.post("/settings", &[("made_from", &digest), ("text", &good), ("what", "check")]);
    assert!(checked.body.contains("It can be used. Nothing is saved yet."), "{}", checked.body);
    assert_eq!(fs::read_to_string(&file).expect("it is there"), before);
    let saved =
        visitor.post("/settings", &[("made_from", &digest), ("text", &good.replace('\n', "\r\n")), ("what", "save")]);
    assert_eq!((saved.status, fs::read_to_string(&file).expect("it is there")), (303, good.clone()));
    // The page before was made from another file.
    let late = visitor.post("/settings", &[("made_from", &digest), ("text", &before), ("what", "save")]);
    assert_eq!((late.status, fs::read_to_string(&file).expect("it is there")), (409, good.clone()), "{}", late.body);
    // A file that is broken elsewhere is told of, and the former one is kept; what looks like a secret is not shown.
    fs::write(&file, format!("{good}client_secret: hunter2\n")).expect("it can be written");
    let page = visitor.get("/settings").body;
    assert!(page.contains("not in force") && !page.contains("hunter2") && !page.contains("<textarea"), "{page}");
    fs::write(&file, &good).expect("it can be written");
    assert!(!visitor.get("/settings").body.contains("not in force"));
}

#[test]
fn a_proposal_is_sent_once_and_as_it_was_shown() {
    let sim = Sim::agreeing();
    let prospector = scanned(&sim, "");
    let posting = leads(&prospector).remove(0);
    let bids =
        || sim.control("GET", &format!("/freelancer/live-bids?project={posting}"), &Value::Null)["count"].clone();
    let dashboard = Dashboard::of(&prospector);
    let visitor = dashboard.enter();
    let drafted = visitor.post(&format!("/leads/freelancer/{posting}/draft"), &[]);
    assert_eq!(drafted.location.as_deref(), Some("/proposals/1"), "{drafted:?}");
    assert_eq!(
        visitor.post(&format!("/leads/freelancer/{posting}/draft"), &[]).location,
        drafted.location,
        "there is one already"
    );
    let text =
        "I have read your posting to its end and would like to do it; the first part would be there within a week.";
    let fields = [("text", text), ("amount", "250"), ("currency", "usd"), ("days", "5")];
    assert_eq!(visitor.post("/proposals/1", &fields).status, 303);
    says(&visitor, "/proposals/1", "It can be sent once you approve it");
    let stored = show(&prospector, 1);
    assert_eq!((&stored["text"], &stored["amount"], &stored["days"]), (&json!(text), &json!(250.0), &json!(5)));
    for wrong in [("amount", "many"), ("days", "soon")] {
        assert_eq!(visitor.post("/proposals/1", &[wrong]).status, 422, "{wrong:?}");
    }
    let shown = visitor.post("/proposals/1/preview", &[("wish", "submit")]);
    let digest = field(&shown.body, "digest").unwrap_or_else(|| panic!("a digest: {}", shown.body));
    assert!(
        shown.body.contains("POST ") && shown.body.contains(&posting) && shown.body.contains("costs"),
        "{}",
        shown.body
    );
    let refused = visitor.post("/proposals/1/carry-out", &[("wish", "submit"), ("digest", "0123")]);
    assert_eq!((refused.status, bids()), (422, json!(0)), "{}", refused.body);
    assert!(refused.body.contains("href=\"/proposals/1\""), "it leads back: {}", refused.body);
    // It is not what was shown any more.
    assert_eq!(visitor.post("/proposals/1", &[("days", "6")]).status, 303);
    let refused = visitor.post("/proposals/1/carry-out", &[("wish", "submit"), ("digest", &digest)]);
    assert_eq!((refused.status, bids()), (422, json!(0)), "{}", refused.body);
    let shown = visitor.post("/proposals/1/preview", &[("wish", "submit")]);
    let digest = field(&shown.body, "digest").expect("a digest");
    // Sending is paused, and is let go on.
    assert_eq!(visitor.post("/proposals/pause", &[("paused", "true")]).status, 303);
    let paused = visitor.post("/proposals/1/carry-out", &[("wish", "submit"), ("digest", &digest)]);
    assert!(paused.status == 500 && paused.body.contains("paused") && bids() == json!(0), "{}", paused.body);
    assert_eq!(visitor.post("/proposals/pause", &[("paused", "false")]).status, 303);
    let sent = visitor.post("/proposals/1/carry-out", &[("wish", "submit"), ("digest", &digest)]);
    assert_eq!((sent.status, bids()), (303, json!(1)), "{}", sent.body);
    says(&visitor, "/proposals/1", "The platform has it");
    let again = visitor.post("/proposals/1/carry-out", &[("wish", "submit"), ("digest", &digest)]);
    assert_eq!((again.status, bids()), (422, json!(1)), "{}", again.body);
    let back = visitor.post("/proposals/1/preview", &[("wish", "withdraw")]);
    let digest = field(&back.body, "digest").expect("a digest");
    let taken = visitor.post("/proposals/1/carry-out", &[("wish", "withdraw"), ("digest", &digest)]);
    assert_eq!((taken.status, bids()), (303, json!(0)), "{}", taken.body);
    assert_eq!(show(&prospector, 1)["state"], "withdrawn");
}

#[test]
fn one_that_was_drafted_elsewhere_is_reviewed_and_removed_here() {
    let sim = Sim::agreeing();
    let prospector = scanned(&sim, "");
    let posting = leads(&prospector).remove(0);
    let number = reviewed(&prospector, &posting);
    let dashboard = Dashboard::of(&prospector);
    let visitor = dashboard.enter();
    says(&visitor, "/proposals", "Waiting for you");
    says(&visitor, &format!("/leads/freelancer/{posting}"), &format!("/proposals/{number}"));
    assert_eq!(visitor.post(&format!("/proposals/{number}/remove"), &[]).status, 303);
    assert_eq!(visitor.get(&format!("/proposals/{number}")).status, 404);
    assert_eq!(hrefs(&visitor.get("/leads?mark=dismissed&min_score=0").body), [format!("/leads/freelancer/{posting}")]);
}

#[test]
fn what_was_skipped_is_counted_by_its_filter_with_what_brings_it_back() {
    let sim = Sim::agreeing();
    let prospector = connected_with(&sim, "    min_employer_rating: 4.9\n", PROFILE);
    let _scanned = prospector.run("scan").ok();
    let dashboard = Dashboard::of(&prospector);
    let visitor = dashboard.enter();
    says(&visitor, "/skipped", "Relax `platforms.freelancer.min_employer_rating`");
    let page = visitor.get("/skipped?platform=freelancer&filter=min_employer_rating").body;
    assert!(page.contains("By min_employer_rating on freelancer"), "{page}");
    let skipped = prospector.run("leads skipped --json --filter min_employer_rating").ok().json();
    let count = skipped["counts"]
        .as_array()
        .and_then(|counts| counts.iter().find(|of| of["filter"] == "min_employer_rating"))
        .map(|of| of["count"].to_string());
    assert!(page.contains(&format!("<td class=\"number\">{}</td>", count.expect("it is counted"))), "{page}");
}

#[test]
fn an_installed_platform_is_added_like_a_built_in_one() {
    let board = Board::with(20);
    let prospector = third_platform::installed(&board, "");
    let dashboard = Dashboard::of(&prospector);
    let visitor = dashboard.enter();
    says(&visitor, "/platforms", "Add Example Job Board");
    says(&visitor, "/platforms/jobboard/connect", "and nowhere else");
    let refused = visitor.post("/platforms/jobboard/connect", &[("secret", "not-the-key")]);
    assert!(refused.status == 502 && !refused.body.contains("not-the-key"), "{} {}", refused.status, refused.body);
    assert_eq!(visitor.post("/platforms/jobboard/connect", &[("secret", KEY)]).status, 303);
    says(&visitor, "/platforms", "knows the key as ada");
    assert!(!visitor.get("/platforms/jobboard/connect").body.contains(KEY));
    assert_eq!(visitor.post("/scans/jobboard", &[]).status, 303);
    let began = Instant::now();
    while hrefs(&visitor.get("/leads?min_score=0").body).is_empty() {
        assert!(began.elapsed() < PATIENCE, "its leads are shown");
    }
    assert_eq!(visitor.post("/platforms/jobboard/disconnect", &[]).status, 303);
    says(&visitor, "/platforms", "Add Example Job Board");
}

#[test]
fn an_installed_platform_that_nothing_names_is_offered_too() {
    let prospector = at(Home::configured("profile: { skills: [Rust] }\n"));
    let _installed = third_platform::install(&prospector).ok();
    let dashboard = Dashboard::of(&prospector);
    let visitor = dashboard.enter();
    says(&visitor, "/platforms", "Add Example Job Board");
    says(&visitor, "/platforms/jobboard/connect", "and nowhere else");
    says(&visitor, "/plugins", "Example Job Board");
}
