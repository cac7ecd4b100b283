//! Answers that the contract does not allow, or that are longer than anybody reads.

use ghoststack::app::profile::{Told, merge};
use ghoststack::config::edit::edit;
use ghoststack::config::validate_str;
use ghoststack::contract::profile::Found;
use ghoststack::contract::search::Page;
use ghoststack::contract::types::{ExperienceLevel, Payment, PostingKind, PostingStatus, Value};
use ghoststack::plugin::fault::{CallError, Cause};
use ghoststack::plugin::limits::Budget;
use ghoststack::plugin::platform::Judged;
use prospector_hostile::guest::{self, context, query, refusal as asked};
use prospector_hostile::posting::plain;
use prospector_hostile::scene::{NOW, Scene};

use crate::{absurd, fault, refusal};

async fn search(behaviour: &str) -> Result<Page, CallError> {
    let (plugin, scene) = (guest::plugin().await, Scene::open().await);
    plugin.search(&scene.work(&plugin, &[]), &query(behaviour)).await
}

#[tokio::test]
async fn an_absurd_posting_is_unreadable_with_the_reason_and_spares_its_neighbour() {
    for (behaviour, reason) in [
        ("id-empty", "its id"),
        ("id-space", "its id"),
        ("id-escape", "its id"),
        ("id-long", "its id"),
        ("url-script", "its url"),
        ("url-plain-http", "its url"),
        ("url-relative", "its url"),
        ("url-long", "its url"),
        ("budget-negative", "negative or absurdly large"),
        ("budget-absurd", "negative or absurdly large"),
        ("budget-reversed", "ends below where it begins"),
        ("budget-currency", "its currency"),
        ("budget-rate-nan", "its exchange rate"),
        ("budget-rate-zero", "its exchange rate"),
        ("year-10000", "posted-at"),
        ("year-minus-1", "updated-at"),
        ("closes-never", "closes-at"),
        ("client-since", "client.member-since"),
        ("rating-nan", "rating"),
        ("rating-infinite", "rating"),
        ("spent-negative", "spent"),
        ("span-reversed", "ends before it begins"),
        ("attribute-nan", "not a finite number"),
    ] {
        let page = search(behaviour).await.expect("the page as a whole is good");
        assert_eq!(page.postings.iter().map(|of| of.id.as_str()).collect::<Vec<_>>(), ["good"], "{behaviour}");
        assert_eq!(page.unreadable.len(), 1, "{behaviour}");
        let item = &page.unreadable[0];
        assert!(item.reason.contains(reason), "{behaviour}: {}", item.reason);
        assert!(item.id.as_ref().is_none_or(|id| id.len() <= 128), "{behaviour}");
    }
}

#[tokio::test]
async fn a_posting_that_is_there_twice_counts_once() {
    let page = search("id-same").await.expect("the page is good");
    assert_eq!((page.postings.len(), page.unreadable.len()), (1, 0));
}

#[tokio::test]
async fn texts_that_are_too_long_are_cut_at_a_characters_boundary() {
    let of = |page: Page| page.postings.into_iter().find(|of| of.id == "absurd").expect("the posting is kept");
    let description = of(search("description-10-mb").await.expect("the page is good")).description;
    assert_eq!((description.len(), description.trim_matches('é')), (64 * 1024, ""));
    let title = of(search("title-long").await.expect("the page is good")).title;
    assert_eq!((title.len(), title.trim_matches('日')), (1023, ""));
    let skills = of(search("skills-many").await.expect("the page is good")).skills;
    assert_eq!((skills.len(), skills.iter().map(String::len).max()), (100, Some(128)));
    let attributes = of(search("attributes-many").await.expect("the page is good")).attributes;
    assert_eq!(attributes.len(), 50);
    for attribute in attributes {
        assert_eq!(attribute.name.len(), 128);
        assert!(matches!(&attribute.value, Value::Texts(texts) if texts.iter().all(|text| text.len() <= 128)));
    }
}

#[tokio::test]
async fn a_title_reaches_the_host_as_the_platform_gave_it_escapes_included() {
    let page = search("title-escape").await.expect("the page is good");
    assert!(page.postings.iter().any(|of| of.title.contains('\u{1b}')), "where it is shown, it is cleaned");
}

#[tokio::test]
async fn a_platforms_own_words_are_cut_too() {
    for behaviour in ["kind-long", "status-long", "payment-long", "experience-long"] {
        let page = search(behaviour).await.expect("the page is good");
        for of in page.postings {
            let words = [
                matches!(&of.kind, PostingKind::Other(word) if word.len() > 1024),
                matches!(&of.status, PostingStatus::Other(word) if word.len() > 1024),
                matches!(&of.payment, Payment::Other(word) if word.len() > 1024),
                matches!(&of.experience, Some(ExperienceLevel::Other(word)) if word.len() > 1024),
            ];
            assert_eq!(words, [false; 4], "{behaviour}");
        }
    }
}

#[tokio::test]
async fn a_postings_url_is_one_that_can_be_shown_and_opened_as_it_is() {
    for behaviour in ["url-escape", "url-user"] {
        let page = search(behaviour).await.expect("the page is good");
        assert_eq!(page.unreadable.len(), 1, "{behaviour}: {:?}", page.postings.last().map(|of| &of.url));
    }
}

#[tokio::test]
async fn a_negative_average_bid_is_absurd() {
    assert_eq!(search("average-negative").await.expect("the page is good").unreadable.len(), 1);
}

#[tokio::test]
async fn a_crowd_of_a_hundred_thousand_postings_is_refused_as_a_whole() {
    let fault = fault(search("crowd").await);
    assert_eq!((fault.plugin.as_str(), fault.export), ("hostile", "search.search"));
    assert!(matches!(fault.cause, Cause::Absurd(_) | Cause::Handed(_)), "{fault}");
}

#[tokio::test]
async fn more_postings_than_were_asked_for_are_refused() {
    assert!(absurd(&fault(search("one-too-many").await)).contains("101 postings"));
}

#[tokio::test]
async fn an_answer_of_more_bytes_than_a_call_may_copy_is_refused() {
    for behaviour in ["two-giants", "many-empty-texts"] {
        let fault = fault(search(behaviour).await);
        assert!(
            matches!(fault.cause, Cause::Handed(bound) if bound == Budget::SEARCH.hostcall_bytes),
            "{behaviour}: {fault}"
        );
    }
}

#[tokio::test]
async fn a_cursor_of_more_than_4_kib_is_refused() {
    assert!(absurd(&fault(search("long-cursor").await)).contains("cursor"));
}

#[tokio::test]
async fn too_many_unreadable_items_and_notices_are_refused_and_long_ones_cut() {
    assert!(absurd(&fault(search("many-unreadable").await)).contains("10000 unreadable"));
    assert!(absurd(&fault(search("many-notices").await)).contains("100 notices"));
    let page = search("long-texts").await.expect("the page is good");
    let (item, notice) = (&page.unreadable[0], &page.notices[0]);
    let lengths = [item.id.as_ref().map(String::len), item.title.as_ref().map(String::len), Some(item.reason.len())];
    assert_eq!(lengths, [Some(128), Some(1024), Some(512)]);
    assert_eq!((notice.subject.len(), notice.message.len()), (128, 1024));
}

#[tokio::test]
async fn a_refusal_of_many_words_is_cut() {
    let error = refusal(search("refuse-at-length").await);
    assert_eq!((error.message.len(), error.message.trim_matches('é')), (4096, ""));
    assert_eq!((error.code.map(|of| of.len()), error.remedy.map(|of| of.len())), (Some(256), Some(1024)));
}

#[tokio::test]
async fn an_explanation_and_an_identity_of_many_words_are_cut() {
    let (plugin, scene) = (guest::plugin().await, Scene::open().await);
    let said = plugin.explain(&asked("explain-at-length"), NOW).await.expect("it explains").expect("with something");
    assert_eq!((said.title.len(), said.message.len(), said.remedy.len()), (128, 1024, 1024));
    let work = scene.work(&plugin, &[]);
    let settings = guest::attributes("identify-at-length", &[]);
    let identity = plugin.identify(&work, &settings).await.expect("it identifies");
    assert_eq!((identity.id.len(), identity.username.len()), (256, 256));
}

#[tokio::test]
async fn an_identitys_lists_are_bounded_and_its_figures_finite() {
    let (plugin, scene) = (guest::plugin().await, Scene::open().await);
    let work = scene.work(&plugin, &[]);
    let settings = guest::attributes("identify-at-length", &[]);
    let identity = plugin.identify(&work, &settings).await.expect("it identifies");
    assert!(identity.permissions.iter().all(|of| of.scope.len() <= 128), "a scope's name is cut");
    assert!(identity.attributes.len() <= 50, "{} attributes", identity.attributes.len());
    assert!(!identity.attributes.iter().any(|of| matches!(of.value, Value::Number(number) if !number.is_finite())));
}

#[tokio::test]
async fn a_wrong_number_of_verdicts_is_refused_and_both_numbers_are_named() {
    let plugin = guest::plugin().await;
    for (behaviour, export, answers) in [
        ("too-few", "screening.screen", "1 answers to 2"),
        ("too-many", "screening.screen", "3 answers to 2"),
        ("far-too-many", "screening.screen", "1048576 answers to 2"),
        ("too-few-scores", "scoring.score", "1 answers to 2"),
        ("too-many-scores", "scoring.score", "3 answers to 2"),
    ] {
        let fault = fault(plugin.judge(&context(behaviour), &mut [plain("a"), plain("b")]).await);
        assert_eq!(fault.export, export, "{behaviour}");
        if behaviour == "far-too-many" && matches!(fault.cause, Cause::Handed(_)) {
            continue;
        }
        assert!(absurd(&fault).contains(answers), "{behaviour}: {fault}");
    }
    let assessing = guest::assessing().await;
    let fault = fault(assessing.judge(&context("too-few"), &mut [plain("a"), plain("b")]).await);
    assert_eq!((fault.export, absurd(&fault)), ("assessment.assess", "1 answers to 2 postings"));
}

#[tokio::test]
async fn an_absurd_evaluation_is_refused_with_the_rule_it_breaks() {
    for plugin in [guest::plugin().await, guest::assessing().await] {
        for (behaviour, rule) in [
            ("signal-nan", "from 0 to 1"),
            ("signal-infinite", "from 0 to 1"),
            ("signal-negative", "from 0 to 1"),
            ("signal-above-one", "from 0 to 1"),
            ("confidence-nan", "from 0 to 1"),
            ("signal-twice", "twice"),
            ("signal-escape", "a signal's name"),
            ("signals-many", "32 signals"),
            ("points-absurd", "100 points"),
            ("adjustments-many", "16 adjustments"),
            ("adjustment-escape", "an adjustment's name"),
        ] {
            let fault = fault(plugin.judge(&context(behaviour), &mut [plain("p")]).await);
            assert!(absurd(&fault).contains(rule), "{behaviour}: {fault}");
            assert!(!fault.to_string().contains('\u{1b}'), "{behaviour}");
        }
    }
}

#[tokio::test]
async fn a_custom_signal_does_not_take_the_name_of_one_of_the_five() {
    let plugin = guest::plugin().await;
    fault(plugin.judge(&context("signal-twice-by-name"), &mut [plain("p")]).await);
}

#[tokio::test]
async fn reasons_of_many_words_are_cut() {
    let plugin = guest::plugin().await;
    let judged = plugin.judge(&context("evaluate-at-length"), &mut [plain("p")]).await.expect("it judges");
    let [Judged::Keep(evaluation)] = &judged[..] else { panic!("{judged:?}") };
    let signal = &evaluation.signals[0];
    assert_eq!((signal.raw.len(), signal.reason.len(), signal.missing.len()), (128, 512, 32));
    assert!(signal.missing.iter().all(|name| name.len() == 64));
    assert_eq!(evaluation.adjustments[0].reason.len(), 512);
    let judged = plugin.judge(&context("drop-at-length"), &mut [plain("p")]).await.expect("it judges");
    let [Judged::Drop(drop)] = &judged[..] else { panic!("{judged:?}") };
    assert!((drop.filter.len(), drop.reason.len()) <= (64, 512));
}

async fn read_profile(behaviour: &str) -> Result<Option<Found>, CallError> {
    let (plugin, scene) = (guest::assessing().await, Scene::open().await);
    let work = scene.work(&plugin, &[]);
    plugin.read_profile(&work, &guest::attributes(behaviour, &[])).await
}

#[tokio::test]
async fn an_absurd_profile_is_refused_with_the_rule_it_breaks() {
    for (behaviour, rule) in [
        ("rate-negative", "hourly rate"),
        ("rate-escape", "a currency"),
        ("usd-rate-nan", "exchange rate"),
        ("hours-absurd", "hours of a week"),
        ("language-long", "a language"),
        ("country-escape", "a country"),
        ("zone-escape", "a time zone"),
    ] {
        let fault = fault(read_profile(behaviour).await);
        assert_eq!(fault.export, "profile.read", "{behaviour}");
        assert!(absurd(&fault).contains(rule) && !fault.to_string().contains('\u{1b}'), "{behaviour}: {fault}");
    }
    assert_eq!(fault(read_profile("trap").await).export, "profile.read");
    let plain = guest::plugin().await;
    assert!(!plain.reads_profiles() && guest::assessing().await.reads_profiles());
}

#[tokio::test]
async fn what_a_profile_says_is_bounded_and_cannot_become_another_line_of_the_configuration() {
    let many = read_profile("skills-many").await.expect("it reads").expect("a profile");
    assert_eq!((many.skills.len(), many.skills[0].aliases.len(), many.skills[0].years), (500, 8, Some(70)));
    assert!(many.skills.iter().all(|skill| skill.name.len() == 100));
    let found = read_profile("yaml").await.expect("it reads").expect("a profile");
    assert_eq!(found.title.as_deref(), Some("name: owned vault: 'x"));
    assert_eq!(found.skills[0].name, "x' - y]0;owned");
    let told = [Told { platform: "test".to_owned(), name: "Test".to_owned(), found }];
    let plan = merge(&Default::default(), &told, false);
    let text = edit("vault: {}\n", &plan.changes).expect("it can be edited");
    let loaded = validate_str("p.yaml", &text, &[]).expect("it is valid");
    let profile = &loaded.config.profile;
    assert_eq!((profile.name.as_str(), profile.title.as_deref()), ("default", Some("name: owned vault: 'x")));
    assert_eq!(profile.skills[0].name, "x' - y]0;owned");
}
