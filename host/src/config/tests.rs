//! The whole of the configuration, from bytes to types and messages.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const JOBHUB: &str = r#"{
  "type": "object",
  "properties": {
    "categories": { "description": "Categories to search.", "type": "array", "items": { "type": "string" }, "default": [] },
    "job_type": { "description": "Kinds of contract.", "type": "array", "items": { "enum": ["fixed", "hourly"] }, "default": ["fixed", "hourly"] },
    "experience_level": { "description": "Levels asked for.", "type": "array", "items": { "enum": ["entry", "intermediate", "expert"] }, "default": [] },
    "locations": { "description": "Client countries to keep.", "type": "array", "items": { "type": "string" }, "default": [] }
  }
}"#;

const WORKBAZAAR: &str = r##"{
  "type": "object",
  "properties": {
    "categories": { "description": "Categories to search.", "type": "array", "items": { "$ref": "#/$defs/name" }, "default": [] },
    "project_types": { "description": "Kinds of project.", "type": "array", "items": { "type": "string", "enum": ["fixed", "hourly"] }, "default": ["fixed", "hourly"] },
    "min_employer_rating": { "description": "Employers rated below are dropped.", "type": "number", "minimum": 0, "maximum": 5, "default": 0 },
    "include_contests": { "description": "Whether contests are scanned.", "type": "boolean", "default": false },
    "max_results_per_scan": { "default": 40 }
  },
  "$defs": { "name": { "type": "string", "minLength": 1, "maxLength": 100 } }
}"##;

const PLATFORMS: [PlatformSchema<'static>; 2] = [
    PlatformSchema::built_in("jobhub", JOBHUB),
    PlatformSchema::built_in("workbazaar", WORKBAZAAR).with_endpoints(&["api", "accounts"]),
];

const DOCUMENTED: &str = "\
platforms:
  jobhub:
    categories: ['Web Development', 'Mobile Development']
    job_type: ['fixed', 'hourly']
    experience_level: ['intermediate', 'expert']
    locations: []                 # client countries to keep; geographic filter
    scan_interval: '30m'          # below 15m: a warning, as platforms rate-limit
    max_results_per_scan: 50
  workbazaar:
    categories: ['Websites, IT & Software', 'Mobile Phones & Computing']
    project_types: ['fixed', 'hourly']
    min_employer_rating: 4.0      # hard cut-off, not a weighted signal
    include_contests: false       # true: contests are scanned, and their score is penalised
    scan_interval: '30m'
    max_results_per_scan: 40
rules:
  - name: 'exclude-low-budget'
    condition: { field: 'job.budget.amount', operator: 'lt', value: 500 }
    action: 'exclude'
";

fn valid(text: &str) -> Loaded {
    validate_str("p.yaml", text, &PLATFORMS).unwrap_or_else(|errors| panic!("{errors}"))
}

fn problems(bytes: &[u8]) -> Vec<Diagnostic> {
    validate("p.yaml", bytes, &PLATFORMS, &Overrides::none()).unwrap_err().diagnostics().to_vec()
}

/// `line:column code path` of each problem.
fn located(bytes: &[u8]) -> Vec<String> {
    problems(bytes)
        .iter()
        .map(|problem| {
            let place = match &problem.place {
                Place::File(span) => format!("{}:{}", span.line, span.column),
                other => format!("{other:?}"),
            };
            format!("{place} {} {}", problem.code, problem.path).trim_end().to_owned()
        })
        .collect()
}

#[test]
fn the_documented_sample_is_valid_and_understood() {
    let loaded = valid(DOCUMENTED);
    assert_eq!(loaded.warnings, []);
    let workbazaar = &loaded.config.platforms["workbazaar"];
    assert!(workbazaar.enabled);
    assert_eq!(workbazaar.scan_interval, Duration::from_secs(1_800));
    assert_eq!(workbazaar.max_results_per_scan, 40);
    assert_eq!(workbazaar.settings["min_employer_rating"], json!(4.0));
    assert!(!workbazaar.settings.contains_key("scan_interval"));
    assert_eq!(loaded.config.platforms["jobhub"].settings["experience_level"], json!(["intermediate", "expert"]));
    let rule = &loaded.config.rules[0];
    assert_eq!(rule.action, RuleAction::Exclude);
    let Condition::Compare(comparison) = &rule.condition else {
        panic!("{rule:?}");
    };
    assert_eq!(comparison.operator, Operator::Lt);
    assert_eq!(comparison.value, json!(500));
}

#[test]
fn nothing_at_all_is_a_configuration_with_every_built_in_platform() {
    for text in ["", "# nothing\n", "---\n", "platforms:\n", "{}", "platforms: {}\nrules:\n", "\u{feff}"] {
        let loaded = valid(text);
        assert_eq!(loaded.warnings, [], "{text:?}");
        let config = loaded.config;
        assert!(config.platforms.values().all(|platform| platform.enabled), "{text:?}");
        assert_eq!(config.platforms["workbazaar"].max_results_per_scan, 40, "the plugin's default");
        assert_eq!(config.platforms["jobhub"].max_results_per_scan, 50, "the host's default");
        assert_eq!(config.platforms["workbazaar"].settings["include_contests"], json!(false));
        assert_eq!(config.scoring.weights.of("skill_match"), 3_000);
        assert_eq!(config.scoring.thresholds.auto_pipeline_min, 75);
        assert_eq!(config.scoring.skill_match.missing_penalty, 10);
        assert_eq!(config.profile.name, "default");
        assert_eq!((config.vault.backend, config.vault.key), (VaultBackend::Embedded, VaultKey::File));
    }
}

#[test]
fn listing_one_platform_leaves_the_others_off() {
    let config = valid("platforms:\n  workbazaar:\n").config;
    assert!(config.platforms["workbazaar"].enabled);
    assert!(!config.platforms["jobhub"].enabled);
}

#[test]
fn an_installed_platform_is_off_until_it_is_listed() {
    let platforms = [
        PLATFORMS[0],
        PlatformSchema::installed("guild", r#"{"required":["x"],"properties":{"x":{"type":"string"}}}"#),
    ];
    let loaded = validate_str("p.yaml", "", &platforms).unwrap();
    assert!(!loaded.config.platforms["guild"].enabled);
    let errors = validate_str("p.yaml", "platforms:\n  guild: {}\n", &platforms).unwrap_err();
    assert_eq!(errors.diagnostics()[0].code, "missing-key");
}

#[test]
fn every_kind_of_mistake_is_found_where_it_is() {
    let cases: &[(&[u8], &[&str])] = &[
        // The notation.
        (b"a:\n\tb: 1\n", &["2:2 bad-yaml"]),
        (b"profile:\n    name: a\n  title: b\n", &["3:3 bad-yaml"]),
        (b"profile: a: b\n", &["1:11 bad-yaml"]),
        (b"profile: 'a\n", &["2:1 bad-yaml"]),
        (b"rules: [1,\n", &["1:8 bad-yaml"]),
        (b"profile: @me\n", &["1:10 bad-yaml"]),
        (b"profile: *me\n", &["1:10 unknown-anchor"]),
        (b"profile: &me [*me]\n", &["1:15 recursive-alias"]),
        (b"rules: []\n---\nrules: []\n", &["2:1 several-documents"]),
        (b"profile: {}\nprofile: {}\n", &["2:1 duplicate-key profile"]),
        (b"profile: &p {name: a}\nscoring:\n  <<: *p\n", &["3:3 merge-key scoring.'<<'"]),
        (b"1: a\n", &["1:1 bad-key"]),
        (b"scoring: {contest_penalty: .nan}\n", &["1:28 bad-number scoring.contest_penalty", "1:28 wrong-type scoring.contest_penalty"]),
        // The bytes.
        (b"profile:\n  name: \xff\n", &["2:9 not-utf8"]),
        (b"\xff\xfep\0", &["1:1 not-utf8"]),
        (b"profile:\n  name: a\0\n", &["2:10 bad-character"]),
        (b"profile:\r  name: a", &["1:9 bad-character"]),
        (b"profile: \x1b[0m", &["1:10 bad-character"]),
        // The shape.
        (b"- a\n", &["1:1 wrong-type"]),
        (b"just text\n", &["1:1 wrong-type"]),
        (b"platfroms: {}\n", &["1:1 unknown-key platfroms"]),
        (b"\xef\xbb\xbfplatfroms: {}\n", &["1:1 unknown-key platfroms"]),
        (b"profile:\r\n  nmae: x\r\n", &["2:3 unknown-key profile.nmae"]),
        (b"platforms:\n  workbazzar: {}\n", &["2:3 unknown-platform platforms.workbazzar"]),
        (b"platforms:\n  workbazaar:\n    min_employer_ratng: 4\n", &["3:5 unknown-key platforms.workbazaar.min_employer_ratng"]),
        (b"platforms:\n  workbazaar:\n    scan_intervall: '1h'\n", &["3:5 unknown-key platforms.workbazaar.scan_intervall"]),
        (b"platforms:\n  workbazaar:\n    endpoints: {apis: 'https://a.example'}\n", &["3:17 unknown-key platforms.workbazaar.endpoints.apis"]),
        // The values.
        (b"platforms:\n  workbazaar:\n    min_employer_rating: high\n", &["3:26 wrong-type platforms.workbazaar.min_employer_rating"]),
        (b"platforms:\n  workbazaar:\n    min_employer_rating: 5.5\n", &["3:26 out-of-range platforms.workbazaar.min_employer_rating"]),
        (b"platforms:\n  workbazaar:\n    include_contests: yes\n", &["3:23 wrong-type platforms.workbazaar.include_contests"]),
        (b"platforms:\n  workbazaar:\n    categories: Web\n", &["3:17 wrong-type platforms.workbazaar.categories"]),
        (b"platforms:\n  workbazaar:\n    categories: ['']\n", &["3:18 out-of-range platforms.workbazaar.categories[0]"]),
        (b"platforms:\n  workbazaar:\n    project_types:\n      - fixed\n      - hourli\n", &["5:9 unknown-value platforms.workbazaar.project_types[1]"]),
        (b"platforms:\n  jobhub:\n    scan_interval: 30 min\n", &["3:20 bad-duration platforms.jobhub.scan_interval"]),
        (b"platforms:\n  jobhub:\n    scan_interval: 30\n", &["3:20 wrong-type platforms.jobhub.scan_interval"]),
        (b"platforms:\n  jobhub:\n    scan_interval: 5s\n", &["3:20 out-of-range platforms.jobhub.scan_interval"]),
        (b"platforms:\n  jobhub:\n    max_results_per_scan: 0\n", &["3:27 out-of-range platforms.jobhub.max_results_per_scan"]),
        (b"platforms:\n  jobhub:\n    endpoints: {api: 'http://api.example.com'}\n", &["3:22 bad-origin platforms.jobhub.endpoints.api"]),
        (b"profile:\n  skills: [Rust, {nam: Go}]\n", &["2:18 missing-key profile.skills[1]", "2:19 unknown-key profile.skills[1].nam"]),
        (b"profile:\n  skills: [Rust, 7]\n", &["2:18 wrong-shape profile.skills[1]"]),
        (b"profile:\n  rates: {hourly: {minimum: 10.001}}\n", &["2:29 bad-number profile.rates.hourly.minimum"]),
        (b"profile:\n  rates: {hourly: {minimum: 90, preferred: 60}}\n", &["2:29 rate-order profile.rates.hourly.minimum"]),
        (b"profile:\n  country: de\n", &["2:12 bad-format profile.country"]),
        (b"profile:\n  availability:\n    start: soon\n", &["3:12 bad-format profile.availability.start"]),
        (b"scoring:\n  weights: {skill_match: -1}\n", &["2:26 out-of-range scoring.weights.skill_match"]),
        (b"scoring: {weights: {skill_match: 0, budget: 0, client_history: 0, competition: 0, timeline: 0}}\n", &["1:20 no-weights scoring.weights"]),
        (b"rules:\n  - name: a\n    condition: {field: job.budget.amount, operator: lt, value: 5}\n", &["2:5 missing-key rules[0]"]),
        (b"rules:\n  - name: a\n    action: skip\n    condition: {field: job.budget.amount, operator: lt, value: 5}\n", &["3:13 unknown-value rules[0].action"]),
        (b"rules:\n  - name: a\n    action: pass\n    condition: {field: job.budget.amount, operator: less, value: 5}\n", &["4:53 unknown-value rules[0].condition.operator"]),
        (b"rules:\n  - name: a\n    action: pass\n    condition: {field: job.budget.amount, operator: lt, value: five}\n", &["4:64 wrong-type rules[0].condition.value"]),
        (b"rules:\n  - name: a\n    action: pass\n    condition: {field: job.budget.amount, operator: in, value: five}\n", &["4:64 wrong-type rules[0].condition.value"]),
        (b"rules:\n  - name: a\n    action: pass\n    condition: {field: job.title, operator: matches, value: '('}\n", &["4:61 bad-format rules[0].condition.value"]),
        (b"rules: [{name: a, action: pass, condition: {field: job.budget, operator: lt, value: 5}}]", &["1:52 unknown-field rules[0].condition.field"]),
        (b"rules: [{name: a, action: pass, condition: {field: job.title, operator: lt, value: 5}}]", &["1:73 wrong-operator rules[0].condition.operator"]),
        (b"rules: [{name: a, action: pass, condition: {any: [{all: [{field: score, operator: eq, value: many}]}]}}]", &["1:94 wrong-type rules[0].condition.any[0].all[0].value"]),
        (b"rules: [{name: a, action: pass, condition: {field: job.skills, operator: in, value: [Rust, 5]}}]", &["1:85 wrong-type rules[0].condition.value"]),
        (b"rules: [{name: a, action: pass, condition: {field: job.title, operator: matches, value: '(?=x)'}}]", &["1:89 bad-format rules[0].condition.value"]),
        (b"plugins: {filters: [{plugin: Red}], scorers: [{plugin: red, file: x}, {plugin: red, sha256: x}]}", &["1:30 bad-format plugins.filters[0].plugin", "1:56 contradiction plugins.scorers[0].plugin", "1:93 bad-format plugins.scorers[1].sha256", "1:93 no-effect plugins.scorers[1].sha256"]),
        (b"plugins: {filters: [{sha256: x}]}", &["1:21 missing-key plugins.filters[0]", "1:30 bad-format plugins.filters[0].sha256"]),
        (b"rules:\n  - name: a\n    action: pass\n    condition: {field: job.budget.amount, all: []}\n", &["4:16 wrong-shape rules[0].condition", "4:48 out-of-range rules[0].condition.all"]),
        (b"rules:\n  - {name: a, action: pass, condition: {field: score, operator: eq, value: 1}}\n  - {name: a, action: pass, condition: {field: score, operator: eq, value: 1}}\n", &["3:12 repeated rules[1].name"]),
        (b"vault: {backend: hashicorp}\n", &["1:18 missing-key vault.backend"]),
        (b"vault: {backend: hashicorp, hashicorp: {address: 'https://v.example', auth: approle}}\n", &["1:77 missing-key vault.hashicorp.auth", "1:77 missing-key vault.hashicorp.auth"]),
        (b"notifications: {email: {host: h.example, from: a@b.example, to: [a@b.example], username: a}}", &["1:90 missing-key notifications.email.username"]),
        (b"notifications: {quiet_hours: {from: '22:00', to: '22:00'}}", &["1:50 empty-range notifications.quiet_hours.to"]),
        (b"notifications: {quiet_hours: {from: '22:00', to: '7'}}", &["1:50 bad-format notifications.quiet_hours.to"]),
        (b"notifications: {digest: {every: dayly}}", &["1:33 unknown-value notifications.digest.every"]),
        (b"notifications:\n  webhooks:\n    - {name: a, url: 'http://example.com', secret_file: x}\n", &["3:22 bad-format notifications.webhooks[0].url"]),
        // Secrets.
        (b"platforms:\n  workbazaar:\n    connect:\n      client_secret: hunter2\n", &["4:7 secret-in-file platforms.workbazaar.connect.client_secret"]),
    ];
    let wrong: Vec<String> = cases
        .iter()
        .map(|(bytes, expected)| (bytes, located(bytes), expected))
        .filter(|(_, found, expected)| found != *expected)
        .map(|(bytes, found, expected)| {
            let text = String::from_utf8_lossy(bytes);
            format!("{text}found {found:?}\nnot   {expected:?}\n")
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_problem_is_reported_at_once_in_the_order_of_the_file() {
    let text = "\
scoring:
  weights: {budget: lots}
platforms:
  workbazaar:
    scan_interval: soon
    include_contest: true
  upwerk: {}
profil: {}
";
    let found = located(text.as_bytes());
    assert_eq!(
        found,
        [
            "2:21 wrong-type scoring.weights.budget",
            "5:20 bad-duration platforms.workbazaar.scan_interval",
            "6:5 unknown-key platforms.workbazaar.include_contest",
            "7:3 unknown-platform platforms.upwerk",
            "8:1 unknown-key profil",
        ]
    );
}

#[test]
fn suggestions_name_the_nearest_valid_word() {
    for (text, suggestion) in [
        ("platfroms: {}", "platforms"),
        ("platforms: {workbazzar: {}}", "workbazaar"),
        ("platforms: {workbazaar: {min_employer_ratng: 4}}", "min_employer_rating"),
        ("platforms: {workbazaar: {scan_intervall: '1h'}}", "scan_interval"),
        ("platforms: {workbazaar: {project_types: [hourli]}}", "hourly"),
        ("platforms: {workbazaar: {endpoints: {acounts: 'https://a.example'}}}", "accounts"),
        ("platforms: {workbazaar: {scan_interval: '30 minutes'}}", "30m"),
        ("vault: {backend: hashicorpp}", "hashicorp"),
    ] {
        let found = problems(text.as_bytes());
        assert_eq!(found[0].suggestion.as_deref(), Some(suggestion), "{text}: {found:?}");
    }
    assert_eq!(problems(b"zzzzqqqq: 1")[0].suggestion, None);
}

#[test]
fn a_problem_reads_as_a_sentence_with_its_line_and_remedy() {
    let text = "platforms:\n  workbazaar:\n    min_employer_rating: 'high'\n    include_contests: yes\n";
    let errors = validate_str("p.yaml", text, &PLATFORMS).unwrap_err();
    assert_eq!(
        errors.render(100),
        "\
error: platforms.workbazaar.min_employer_rating: expected a number from 0 to 5, found the text `high`
 --> p.yaml:3:26
  |
3 |     min_employer_rating: 'high'
  |                          ^^^^^^
  = help: Employers rated below are dropped.

error: platforms.workbazaar.include_contests: expected true or false, found the text `yes`
 --> p.yaml:4:23
  |
4 |     include_contests: yes
  |                       ^^^
  = help: write true, without quotes

"
    );
}

#[test]
fn the_machine_form_has_places_and_codes() {
    let errors = validate_str("p.yaml", "platfroms: {}\n", &PLATFORMS).unwrap_err();
    let form = serde_json::to_value(&errors).unwrap();
    assert_eq!(form["file"], "p.yaml");
    let first = &form["diagnostics"][0];
    assert_eq!(first["severity"], "error");
    assert_eq!(first["code"], "unknown-key");
    assert_eq!(first["place"]["file"], json!({"line": 1, "column": 1, "length": 9}));
    assert_eq!(first["suggestion"], "platforms");
}

#[test]
fn secrets_are_refused_with_the_command_that_keeps_them_and_never_shown() {
    for text in [
        "platforms:\n  workbazaar:\n    connect: {client_secret: hunter2, client_id: 7}\n",
        "platforms:\n  workbazaar:\n    token: hunter2\n    scan_interval: x\n",
        "vault:\n  backend: x\n  token: hunter2\n",
        "notifications:\n  email:\n    password: >\n      hunter2\n",
        "client_secret: [hunter2\n",
        "profile:\n  api_key: 'hunter2\n",
        "plugins: {filters: [{file: mine.wasm, settings: {apiKey: hunter2}}]}",
    ] {
        let errors = validate_str("p.yaml", text, &PLATFORMS).unwrap_err();
        let everything = format!("{errors}{errors:?}{}", serde_json::to_string(&errors).unwrap());
        assert!(!everything.contains("hunter2"), "{everything}");
    }
    let found = problems(b"platforms: {workbazaar: {client_secret: x}}");
    let help = found[0].help.clone().unwrap();
    assert!(help.contains("ghoststack prospector connect workbazaar"), "{help}");
    let found = problems(b"notifications: {ntfy: {topic: t, token: x}}");
    assert!(found[0].help.clone().unwrap().contains("`token_file`"));
}

#[test]
fn what_is_allowed_but_hardly_meant_is_a_warning() {
    for (text, expected) in [
        ("platforms: {jobhub: {scan_interval: 5m}}", "1:37 short-interval platforms.jobhub.scan_interval"),
        ("scoring: {weights: {skill_match: 0.5}}", "1:20 weights-normalised scoring.weights"),
        (
            "scoring: {weights: {skill_match: .3, budgt: .2, budget: 0, client_history: .25, competition: .15, timeline: .1}}",
            "1:38 unknown-signal scoring.weights.budgt",
        ),
        ("scoring: {thresholds: {display_min: 60}}", "1:23 threshold-order scoring.thresholds"),
        ("profile: {timezone: berlin}", "1:21 unknown-timezone profile.timezone"),
        ("profile: {skills: [React, react]}", "1:27 repeated profile.skills[1]"),
        ("vault: {hashicorp: {address: 'https://v.example'}}", "1:20 no-effect vault.hashicorp"),
    ] {
        let loaded = valid(text);
        let found: Vec<String> = loaded
            .warnings
            .iter()
            .map(|warning| {
                let Place::File(span) = &warning.place else {
                    panic!("{warning:?}");
                };
                format!("{}:{} {} {}", span.line, span.column, warning.code, warning.path)
            })
            .collect();
        assert_eq!(found, [expected], "{text}");
        assert!(loaded.render_warnings(80).starts_with("warning: "));
    }
}

#[test]
fn weights_are_normalised_with_custom_signals_among_them() {
    let config = valid(
        "scoring: {weights: {skill_match: 3, budget: 0, client_history: 0, competition: 0, timeline: 0, mine: 1}}",
    )
    .config;
    assert_eq!(config.scoring.weights.of("skill_match"), 7_500);
    assert_eq!(config.scoring.weights.of("mine"), 2_500);
}

#[test]
fn a_full_profile_is_understood() {
    let config = valid(
        "profile:\n  skills:\n    - React\n    - {name: TypeScript, level: expert, years: 6, aliases: {jobhub: TS}}\n  \
         rates: {currency: EUR, hourly: {minimum: 40.5, preferred: 75}}\n  \
         availability: {hours_per_week: 30.0, max_duration: 90d, start: '2026-09-01'}\n  languages: [en, de]\n  country: DE\n",
    )
    .config;
    let profile = config.profile;
    assert_eq!(profile.skills[0].name, "React");
    assert_eq!(profile.skills[1].level, Some(SkillLevel::Expert));
    assert_eq!(profile.skills[1].aliases["jobhub"], "TS");
    assert_eq!(profile.rates.hourly.minimum, Some(Hundredths(4_050)));
    assert_eq!(profile.rates.fixed.minimum, None);
    assert_eq!(profile.availability.hours_per_week, 30);
    assert_eq!(profile.availability.max_duration, Some(Duration::from_secs(90 * 86_400)));
}

#[test]
fn conditions_nest() {
    let config = valid(
        "rules:\n  - name: r\n    action: draft\n    condition:\n      all:\n        - {field: job.title, operator: contains, value: Rust}\n        \
         - any:\n            - {field: client.country, operator: in, value: [DE, AT]}\n            - {field: score, operator: gte, value: 80}\n",
    )
    .config;
    let Condition::All(all) = &config.rules[0].condition else { panic!() };
    assert!(matches!(&all[1], Condition::Any(any) if any.len() == 2));
}

#[test]
fn aliases_work_within_their_budget() {
    let config = valid("platforms:\n  jobhub: {categories: &c [Web]}\n  workbazaar: {categories: *c}\n").config;
    assert_eq!(config.platforms["workbazaar"].settings["categories"], json!(["Web"]));

    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let item = format!("*a{}", level - 1);
        bomb.push_str(&format!("a{level}: &a{level} [{}]\n", [item.as_str(); 10].join(", ")));
    }
    let found = problems(bomb.as_bytes());
    assert_eq!(found[0].code, "too-complex", "{found:?}");
}

#[test]
fn huge_and_deep_documents_are_refused_cheaply() {
    let huge = vec![b'#'; LARGEST_FILE + 1];
    assert_eq!(problems(&huge)[0].code, "too-large");
    for opening in ["[", "{a: ", "- "] {
        let deep = opening.repeat(100_000);
        assert_eq!(problems(deep.as_bytes()).len(), 1, "{opening}");
    }
    let found = problems(("[".repeat(200) + &"]".repeat(200)).as_bytes());
    assert_eq!(found[0].code, "too-complex", "{found:?}");
    let wide = "a: 1\n".repeat(60_000);
    assert_eq!(problems(wide.as_bytes())[0].code, "too-complex");
}

#[test]
fn a_plugin_with_a_bad_schema_is_named() {
    let many = format!(r#"{{"properties":{{"x":{{"enum":[{}]}}}}}}"#, vec!["1"; 30_000].join(","));
    let chain = |length: usize, uses: usize| {
        let defs: Vec<String> = (0..length)
            .map(|n| {
                let next = format!(r##"{{"$ref":"#/$defs/d{}"}}"##, n + 1);
                format!(r#""d{n}":{{"allOf":[{}]}}"#, vec![next; uses].join(","))
            })
            .chain([format!("\"d{length}\":{{}}")])
            .collect();
        format!(r##"{{"properties":{{"x":{{"$ref":"#/$defs/d0"}}}},"$defs":{{{}}}}}"##, defs.join(","))
    };
    let doubling = chain(6, 8);
    let long_way = chain(30, 1);
    let deep = format!("{}{}", "{\"not\":".repeat(100), "{}".to_owned() + &"}".repeat(100));
    let big = format!("{{\"description\":\"{}\"}}", "x".repeat(LARGEST_SCHEMA));
    for (schema, word) in [
        ("not json", "not JSON"),
        ("[]", "not a JSON object"),
        (r#"{"type":"array"}"#, "type object"),
        (r#"{"type":"objekt"}"#, "type object"),
        (r#"{"properties":{"x":{"type":"strin"}}}"#, "cannot be used"),
        (r#"{"properties":{"x":{"$ref":"https://example.com/s.json"}}}"#, "not within the schema"),
        (r#"{"properties":{"x":{"$ref":"file:///etc/passwd"}}}"#, "not within the schema"),
        (r##"{"properties":{"x":{"$ref":"#"}}}"##, "not within the schema"),
        (r##"{"$defs":{"a":{"$ref":"#/$defs/a"}}}"##, "leads back to itself"),
        (r#"{"$id":"https://example.com/"}"#, "uses $id"),
        (r#"{"$schema":"http://json-schema.org/draft-07/schema#"}"#, "2020-12"),
        (r#"{"properties":{"api_key":{"type":"string"}}}"#, "is a secret"),
        (r#"{"properties":{"enabled":{"type":"string"}}}"#, "belongs to the host"),
        (r#"{"properties":{"scan_interval":{"default":"1s"}}}"#, "its default"),
        (r#"{"properties":{"x":{"type":"string","pattern":"("}}}"#, "cannot be used"),
        (r#"{"properties":{"x":{"type":"string","pattern":"((a{900}){900}){900}"}}}"#, "cannot be used"),
        (r#"{"properties":{"x":{"type":"string","pattern":"(?=a)b"}}}"#, "cannot be used"),
        (r#"{"properties":{"x":{"type":"string","format":"no-such"}}}"#, "cannot be used"),
        (&many, "parts"),
        (&doubling, "parts"),
        (&long_way, "nested deeper"),
        (&deep, "nested deeper"),
        (&big, "larger than"),
    ] {
        let platform = PlatformSchema::installed("guild", schema);
        let problem = platform.check().expect_err(schema);
        assert_eq!(problem.place, Place::Plugin("guild".to_owned()));
        assert!(problem.message.contains(word), "{schema:.80}: {}", problem.message);
        let errors = validate_str("p.yaml", "platforms: {guild: {}}", &[platform]).unwrap_err();
        assert!(errors.to_string().contains("the plugin guild"), "{errors}");
    }
}

#[test]
fn a_plugins_schema_cannot_loosen_or_see_the_hosts_keys() {
    let open = PlatformSchema::installed(
        "guild",
        r#"{"additionalProperties":true,"maxProperties":1,"properties":{"x":{"type":"integer"}}}"#,
    );
    validate_str("p.yaml", "platforms: {guild: {x: 1, enabled: true, scan_interval: 1h}}", &[open]).unwrap();
    let errors = validate_str("p.yaml", "platforms: {guild: {y: 1}}", &[open]).unwrap_err();
    assert_eq!(errors.diagnostics()[0].code, "unknown-key");
}

#[test]
fn a_composed_schema_is_closed_too() {
    let composed = PlatformSchema::installed(
        "guild",
        r#"{"allOf":[{"properties":{"x":{"type":"integer"}}}],"anyOf":[{"properties":{"y":{"type":"integer"}}}]}"#,
    );
    validate_str("p.yaml", "platforms: {guild: {x: 1, y: 2}}", &[composed]).unwrap();
    let errors = validate_str("p.yaml", "platforms: {guild: {xx: 1}}", &[composed]).unwrap_err();
    assert_eq!(errors.diagnostics()[0].code, "unknown-key", "{errors}");
}

#[test]
fn defaults_of_a_hostile_schema_stay_bounded() {
    let schema = r##"{"properties":{"a":{"$ref":"#/$defs/n"}},"$defs":{"n":{"default":{},"properties":{"p":{"default":{}},"q":{"default":{}}}}}}"##;
    let platform = PlatformSchema::built_in("guild", schema);
    let loaded = validate_str("p.yaml", "", &[platform]).unwrap();
    assert_eq!(loaded.config.platforms["guild"].settings["a"], json!({"p": {}, "q": {}}));
}

#[test]
fn flags_beat_the_environment_which_beats_the_file() {
    let variable = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let overrides = Overrides::from_variables([
        variable("GHOSTSTACK_PROSPECTOR_SCORING__THRESHOLDS__DISPLAY_MIN", "35"),
        variable("GHOSTSTACK_PROSPECTOR_SCORING__THRESHOLDS__REVIEW_MIN", "55"),
        variable("GHOSTSTACK_PROSPECTOR_PLATFORMS__WORKBAZAAR__CATEGORIES", "['A, B']"),
        variable("GHOSTSTACK_PROSPECTOR_LOG", "debug"),
        variable("GHOSTSTACK_HOME", "/x"),
    ])
    .with_flag("--min-score", &["scoring", "thresholds", "display_min"], json!(45));
    let text = "scoring:\n  thresholds: {display_min: 10, review_min: 50, auto_pipeline_min: 80}\n";
    let loaded = validate("p.yaml", text.as_bytes(), &PLATFORMS, &overrides).unwrap();
    let thresholds = loaded.config.scoring.thresholds;
    assert_eq!((thresholds.display_min, thresholds.review_min, thresholds.auto_pipeline_min), (45, 55, 80));
    assert_eq!(loaded.config.platforms["workbazaar"].settings["categories"], json!(["A, B"]));

    let origins: BTreeMap<&str, &Place> =
        loaded.settings.iter().map(|setting| (setting.path.as_str(), &setting.origin)).collect();
    assert_eq!(origins["scoring.thresholds.display_min"], &Place::Flag("--min-score".to_owned()));
    assert_eq!(
        origins["scoring.thresholds.review_min"],
        &Place::Environment("GHOSTSTACK_PROSPECTOR_SCORING__THRESHOLDS__REVIEW_MIN".to_owned())
    );
    assert_eq!(origins["scoring.thresholds.auto_pipeline_min"], &Place::File(Span { line: 2, column: 68, length: 2 }));
    assert_eq!(origins["scoring.contest_penalty"], &Place::Default);
}

#[test]
fn a_bad_variable_is_named() {
    for (name, value, code) in [
        ("GHOSTSTACK_PROSPECTOR_SCORING__THRESHOLDS__DISPLAY_MIN", "many", "wrong-type"),
        ("GHOSTSTACK_PROSPECTOR_SCORING__THRESHOLD", "1", "unknown-key"),
        ("GHOSTSTACK_PROSPECTOR_PROFILE__SKILLS", "[a", "bad-variable"),
        ("GHOSTSTACK_PROSPECTOR_PLATFORMS__JOBHUB__TOKEN", "hunter2", "secret-in-file"),
    ] {
        let overrides = Overrides::from_variables([(name.to_owned(), value.to_owned())]);
        let errors = validate("p.yaml", b"", &PLATFORMS, &overrides).unwrap_err();
        let first = &errors.diagnostics()[0];
        assert_eq!((first.code, &first.place), (code, &Place::Environment(name.to_owned())));
        assert!(!format!("{errors}{errors:?}").contains("hunter2"));
    }
}

#[test]
fn an_absent_file_loads_and_leaves_no_trace() {
    let temp = tempfile::tempdir().unwrap();
    let home = Home::at(temp.path().join("gs"));
    Config::load_with(&home, &PLATFORMS, &Overrides::none()).unwrap();
    assert!(!home.root().exists());
    fs::create_dir_all(home.config_file()).unwrap();
    let errors = Config::load_with(&home, &PLATFORMS, &Overrides::none()).unwrap_err();
    assert_eq!(errors.diagnostics()[0].code, "unreadable");
}

#[test]
fn init_writes_a_valid_file_once() {
    use std::os::unix::fs::PermissionsExt as _;

    let temp = tempfile::tempdir().unwrap();
    let home = Home::at(temp.path().join("gs"));
    let path = Config::init(&home, &PLATFORMS).unwrap();
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let loaded = Config::load_with(&home, &PLATFORMS, &Overrides::none()).unwrap();
    assert_eq!(loaded.warnings, []);
    assert_eq!(loaded.config, valid("").config, "the template changes nothing");

    fs::write(&path, "mine").unwrap();
    let again = Config::init(&home, &PLATFORMS).unwrap_err().to_string();
    assert!(again.contains("never overwritten"), "{again}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
}

#[test]
fn the_template_stays_valid_with_everything_in_it_in_effect() {
    let odd = PlatformSchema::installed(
        "guild-2",
        r#"{"properties":{"o'k":{"description":"evil\n: text \u001b[0m\u202e","default":"it's\n\u0007"},"true":{"default":{"a b":[1,null]}}}}"#,
    );
    let platforms = [PLATFORMS[0], PLATFORMS[1], odd];
    let text = template(&platforms).unwrap();
    validate_str("p.yaml", &text, &platforms).unwrap_or_else(|errors| panic!("{errors}{text}"));
    let active: Vec<String> = text
        .lines()
        .map(|line| match line.trim_start().strip_prefix('#') {
            Some(rest) if !rest.is_empty() && !line.trim_start().starts_with("# ") => rest.to_owned(),
            Some(_) if line.starts_with('#') && line.trim_start_matches('#').starts_with("  ") => line[1..].to_owned(),
            _ => line.to_owned(),
        })
        .collect();
    let active = active.join("\n");
    let loaded = validate_str("p.yaml", &active, &platforms).unwrap_or_else(|errors| panic!("{errors}\n{active}"));
    for path in ["vault.hashicorp.address", "notifications.email.host", "profile.rates.hourly.minimum"] {
        assert!(loaded.settings.iter().any(|s| s.path == path && s.origin != Place::Default), "{path}\n{active}");
    }
}

#[test]
fn the_whole_of_the_hosts_schema_compiles() {
    let everything: Value = serde_json::from_str(HOST_SCHEMA).unwrap();
    schema::host_validator(&everything["properties"]);
}

#[test]
fn every_key_of_the_hosts_schema_is_described() {
    fn walk(schema: &Value, at: &str, missing: &mut Vec<String>) {
        let Some(map) = schema.as_object() else {
            return;
        };
        for (key, property) in map.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let conditional = at.contains("/then") || at.contains("/if");
            if !conditional && property.get("description").is_none() && property.get("$ref").is_none() {
                missing.push(format!("{at}/{key}"));
            }
        }
        for (key, inner) in map {
            match inner {
                Value::Array(list) => list.iter().for_each(|v| walk(v, &format!("{at}/{key}"), missing)),
                inner => walk(inner, &format!("{at}/{key}"), missing),
            }
        }
    }
    let schema: Value = serde_json::from_str(HOST_SCHEMA).unwrap();
    let mut missing = Vec::new();
    walk(&schema, "", &mut missing);
    assert_eq!(missing, Vec::<String>::new());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        if let Err(errors) = validate("p", &bytes, &PLATFORMS, &Overrides::none()) {
            let _ = errors.render(60);
        }
    }

    #[test]
    fn nothing_like_yaml_makes_it_panic(
        text in "([a-z_]{1,12}|platforms|rules|profile|workbazaar|client_secret|: |- |\n|  |\\[|\\]|\\{|\\}|,|'|\"|&a |\\*a|[0-9.]{1,4}|é|🔑|#|\\||>|!|%|\t|<<){0,60}"
    ) {
        if let Err(errors) = validate("p", text.as_bytes(), &PLATFORMS, &Overrides::none()) {
            prop_assert!(!errors.diagnostics().is_empty());
            let escape = char::from(27);
            prop_assert!(!errors.render(60).contains(escape));
        }
    }
}
