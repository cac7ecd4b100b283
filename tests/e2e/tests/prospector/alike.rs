//! A component says what its code says natively. Some of it looks at sixteen bytes at once in components, and at one elsewhere, where unit tests run.

use std::fs;

use ghoststack::store::{LeadFilter, Postings, Scope, SqliteStore};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use prospector_e2e::board::KEY;
use prospector_e2e::{Board, Home};
use prospector_plugin::Score as _;
use prospector_plugin::testing::{context, posting, profile, setting};
use prospector_plugin::types::Value;
use prospector_taste_example::Taste;
use serde_json::{Value as Json, json};

use crate::customs::built;
use crate::support::at;
use crate::third_platform::{connect, install, section};

/// Words to find, words that only begin alike, what parts words, and what JSON has to escape; as much of each as it takes to begin at any of sixteen
/// bytes.
const TEXT: &str = "((rust|Rusty|RUST|tRust|word press|WordPress|wasm|wasm2|größe|Größer|ru|w|7|é|👍|\\u{0}|x{1,20})([ ,.\"\\\\/\n\t-]{0,3})){0,40}";

const JOBS: usize = 300;

#[test]
fn what_is_read_and_found_in_texts_is_the_same_wherever_it_lies() {
    let mut runner = TestRunner::deterministic();
    let texts = proptest::string::string_regex(TEXT).expect("a pattern");
    let mut text = || texts.new_tree(&mut runner).expect("a text").current();
    let board = Board::with(0);
    let mut written = Vec::new();
    for n in 0..JOBS {
        let description = format!("{}{}.", "x".repeat(n % 40), text());
        board.post(json!({
            "id": format!("j-{n}"), "epoch": 1_790_000_000, "position": format!("{n} {}", text()), "description": description,
            "tags": [], "location": "Worldwide", "url": format!("https://jobboard.example/jobs/j-{n}"),
        }));
        written.push(description);
    }
    let settings = json!({"liked": ["rust", "größe", "7"], "disliked": ["word press", "WordPress"], "dream": ["wasm"], "dream_points": 3});
    let home = Home::configured(&format!(
        "platforms:\n{}plugins: {{scorers: [{{file: taste.wasm, settings: {settings}}}]}}\nscoring: {{adjustment_max: 10}}\n",
        section(&board, &format!("    max_results_per_scan: {JOBS}"))
    ));
    fs::copy(built("taste.wasm"), home.path().join("taste.wasm")).expect("a copy");
    let prospector = at(home);
    let _installed = install(&prospector).ok();
    let _connected = connect(&prospector, KEY).ok();
    let _scanned = prospector.run("scan").ok();

    let stored = stored(&prospector.home.path().join("prospector/store.db"));
    assert_eq!(stored.len(), JOBS);
    let natively = Taste::prepare(&context(0, profile(&[]), attributes(&settings))).expect("valid settings");
    let (mut liked, mut dreamt) = (0, 0);
    for lead in stored {
        let id: usize = lead.posting.id.trim_start_matches("j-").parse().expect("a number");
        assert_eq!(lead.posting.description, written[id], "{id}");
        let mut same = posting(&lead.posting.id, 0);
        (same.title, same.description) = (lead.posting.title, lead.posting.description);
        let expected = natively.score(&same);
        for signal in &expected.signals {
            let told =
                lead.explained.breakdown.iter().find(|line| signal.raw == line.raw).map(|line| line.reason.as_str());
            assert_eq!(told, Some(signal.reason.as_str()), "{} of {id}: {:?}", signal.raw, same.description);
        }
        let dream = expected.adjustments.first().map(|dream| dream.reason.as_str());
        let told = lead.explained.adjustments.iter().find(|given| given.name == "dream");
        assert_eq!(told.map(|given| given.reason.as_str()), dream, "{id}: {:?}", same.description);
        liked += usize::from(!expected.signals[0].raw.starts_with('0'));
        dreamt += usize::from(dream.is_some());
    }
    assert!(liked > JOBS / 4 && dreamt > JOBS / 4, "{liked} {dreamt}");
}

fn attributes(settings: &Json) -> Vec<prospector_plugin::types::Attribute> {
    let value = |value: &Json| match value {
        Json::Array(words) => Value::Texts(words.iter().filter_map(Json::as_str).map(str::to_owned).collect()),
        other => Value::Integer(other.as_i64().unwrap_or_default()),
    };
    settings.as_object().into_iter().flatten().map(|(name, of)| setting(name, value(of))).collect()
}

fn stored(store: &std::path::Path) -> Vec<ghoststack::lead::Lead> {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let store = SqliteStore::open(store).await.expect("opens");
        let all = LeadFilter::all(Scope::profile("default".to_owned()), u32::MAX);
        store.leads(&all).await.expect("reads").into_iter().map(|stored| stored.lead).collect()
    })
}
