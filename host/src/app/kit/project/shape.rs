//! What a project is written as: its world and its language, and all that follows from these.

use serde::Serialize;

use super::Name;
use crate::app::plugins::weighing;
use crate::config::Weights;
use crate::plugin::component::World;
use crate::plugin::version::SERVED;

/// The languages that there are projects in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Built by cargo.
    Rust,
    /// Built by `componentize-py`.
    Python,
    /// JavaScript, built by `componentize-qjs`.
    Js,
}

/// A world in a language that there is an example of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Shape {
    /// What the plugin is.
    pub world: World,
    /// What it is written in.
    pub language: Language,
}

impl Shape {
    /// Every shape that there is.
    #[cfg(test)]
    pub(super) fn all() -> impl Iterator<Item = Shape> {
        let worlds = [World::Platform, World::Filter, World::Scorer];
        let languages = [Language::Rust, Language::Python, Language::Js];
        worlds.into_iter().flat_map(move |world| languages.into_iter().map(move |language| Shape { world, language }))
    }

    /// The example that it begins as.
    pub(super) fn example(self) -> &'static str {
        match (self.world, self.language) {
            (World::Platform, Language::Rust) => "jobboard",
            (World::Platform, Language::Python) => "noticeboard",
            (World::Platform, Language::Js) => "gazette",
            (World::Filter, Language::Rust) => "redflags",
            (World::Scorer, Language::Rust) => "taste",
            (World::Filter, Language::Python) => "copies",
            (World::Scorer, Language::Python) => "clarity",
            (World::Filter, Language::Js) => "rush",
            (World::Scorer, Language::Js) => "freshness",
        }
    }

    /// The setting that its example drops by, or the signal that it gives.
    #[must_use]
    pub fn says(self) -> &'static str {
        match self.example() {
            "redflags" => "phrases",
            "copies" => "least_likeness",
            "rush" => "max_proposals_per_hour",
            signal => signal,
        }
    }

    /// What is the example's own, and what stands there in a project.
    pub(super) fn replacements(self, name: &Name) -> Vec<(&'static str, String)> {
        let (id, title) = (name.id(), name.title());
        let named = |from: &'static str| (from, from.replace(self.example(), id));
        let called = |from: &'static str, own: &str| (from, from.replace(own, &title));
        let manifest = |from: &'static str| (from, format!("name = \"{id}\""));
        let mut pairs = match self.example() {
            "jobboard" => vec![
                manifest("name = \"prospector-jobboard-example\""),
                (
                    "A small job board as a Prospector plugin: an example to copy",
                    format!("{title} as a Prospector plugin"),
                ),
                named("id: \"jobboard\""),
                named("\"plugin\": \"jobboard\""),
                ("Example Job Board", title.clone()),
                ("Jobs of a made-up board, to learn from", format!("Jobs of {title}")),
                named("jobboard.example"),
            ],
            "redflags" => vec![
                manifest("name = \"prospector-redflags-example\""),
                (
                    "A filter of postings that begin badly: an example to copy",
                    format!("{title}: a filter for Prospector"),
                ),
                named("id: \"redflags\""),
                named("\"plugin\": \"redflags\""),
                called("display_name: \"Red flags\"", "Red flags"),
            ],
            "taste" => vec![
                manifest("name = \"prospector-taste-example\""),
                (
                    "A scorer by what a person likes to read: an example to copy",
                    format!("{title}: a scorer for Prospector"),
                ),
                named("id: \"taste\""),
                named("\"plugin\": \"taste\""),
                called("display_name: \"Taste\"", "Taste"),
            ],
            "copies" => vec![
                named("id=\"copies\""),
                named("\"plugin\": \"copies\""),
                called("display_name=\"Copies\"", "Copies"),
            ],
            "clarity" => vec![
                named("id=\"clarity\""),
                named("\"plugin\": \"clarity\""),
                called("display_name=\"Clarity\"", "Clarity"),
            ],
            "noticeboard" => vec![
                named("id=\"noticeboard\""),
                named("\"plugin\": \"noticeboard\""),
                called("display_name=\"Notice Board\"", "Notice Board"),
                ("Jobs of a made-up board, read in Python.", format!("Jobs of {title}.")),
                named("noticeboard.example"),
            ],
            "rush" => vec![
                ("prospector-rush-example", id.to_owned()),
                (
                    "A filter of postings that are a race: an example to copy",
                    format!("{title}: a filter for Prospector"),
                ),
                named("id: 'rush'"),
                named("\"plugin\": \"rush\""),
                named("--output rush.wasm"),
                called("displayName: 'Rush'", "Rush"),
            ],
            "gazette" => vec![
                ("prospector-gazette-example", id.to_owned()),
                (
                    "A made-up gazette as a Prospector plugin: an example to copy",
                    format!("{title} as a Prospector plugin"),
                ),
                named("id: 'gazette'"),
                named("\"plugin\": \"gazette\""),
                named("--output gazette.wasm"),
                called("displayName: 'Gazette'", "Gazette"),
                ("Jobs of a made-up gazette, read in JavaScript.", format!("Jobs of {title}.")),
                named("gazette.example"),
            ],
            _ => vec![
                ("prospector-freshness-example", id.to_owned()),
                ("A scorer by how new postings are: an example to copy", format!("{title}: a scorer for Prospector")),
                named("id: 'freshness'"),
                named("\"plugin\": \"freshness\""),
                named("--output freshness.wasm"),
                called("displayName: 'Freshness'", "Freshness"),
            ],
        };
        match self.language {
            Language::Rust => {
                pairs.push(("license = \"Apache-2.0\"\n", String::new()));
                pairs.push((
                    "prospector-plugin = { path = \"../../sdk\" }",
                    "# The SDK as Prospector has written it beside this: the one line to change when you take it from elsewhere.\nprospector-plugin = { path = \"sdk\" }"
                        .to_owned(),
                ));
            }
            Language::Python => {}
            Language::Js => pairs.push(("--wit ../../../wit", "--wit wit".to_owned())),
        }
        pairs
    }

    /// What cargo has to be told to build for.
    pub(super) fn target(self) -> Option<&'static str> {
        match (self.language, self.world) {
            (Language::Rust, World::Platform) => Some("wasm32-wasip2"),
            (Language::Rust, World::Filter | World::Scorer) => Some("wasm32-unknown-unknown"),
            (Language::Python | Language::Js, _) => None,
        }
    }

    pub(super) fn prepare(self) -> Vec<String> {
        match (self.language, self.target()) {
            (Language::Python, _) => vec!["pip install -r requirements.txt".to_owned()],
            (Language::Js, _) => vec!["npm install".to_owned()],
            (Language::Rust, target) => target.iter().map(|target| format!("rustup target add {target}")).collect(),
        }
    }

    pub(super) fn test(self) -> &'static str {
        match self.language {
            Language::Rust => "cargo test",
            Language::Python => "python -m unittest",
            Language::Js => "npm test",
        }
    }

    pub(super) fn build(self, name: &Name) -> String {
        let (world, artifact) = (self.world.as_str(), self.artifact(name));
        match (self.language, self.target()) {
            (Language::Rust, target) => format!("cargo build --target {} --release", target.unwrap_or_default()),
            // Stubbed, the runtime imports nothing: the component is pure.
            (Language::Python, _) => {
                format!("componentize-py -d wit -w {world} componentize --stub-wasi app -o {artifact}")
            }
            (Language::Js, _) => "npm run build".to_owned(),
        }
    }

    pub(super) fn artifact(self, name: &Name) -> String {
        match self.target() {
            Some(target) => format!("target/{target}/release/{}.wasm", name.id().replace('-', "_")),
            None => format!("{}.wasm", name.id()),
        }
    }

    /// What is not to be committed.
    pub(super) fn ignored(self) -> &'static str {
        match self.language {
            // The bindings are what `cargo component` writes; the SDK has its own.
            Language::Rust => "/target\n/src/bindings.rs\n",
            Language::Python => "__pycache__/\n/.venv/\n/*.wasm\n",
            Language::Js => "node_modules/\n/*.wasm\n",
        }
    }

    pub(super) fn readme(self, name: &Name) -> String {
        let text = match (self.language, self.world) {
            (Language::Rust, World::Platform) => include_str!("platform.md"),
            (Language::Rust, World::Filter) => include_str!("filter.md"),
            (Language::Rust, World::Scorer) => include_str!("scorer.md"),
            (Language::Python, World::Platform) => include_str!("python_platform.md"),
            (Language::Python, _) => include_str!("python.md"),
            (Language::Js, World::Platform) => include_str!("js_platform.md"),
            (Language::Js, _) => include_str!("js.md"),
        };
        let artifact = self.artifact(name);
        let file = format!("/path/to/{}/{artifact}", name.id());
        let (module, says, world) = (self.example(), self.says(), self.world.as_str());
        let [scoring, weights] = weighing(&Weights::defaults(), &[says.to_owned()]);
        let (listed, seen) = match self.world {
            World::Scorer => (
                format!("plugins:\n  scorers: ['{file}']\n{scoring}\n{weights}"),
                "ghoststack prospector leads explain ID".to_owned(),
            ),
            _ => (
                format!("plugins:\n  filters: ['{file}']"),
                format!("ghoststack prospector leads skipped --filter {}/{says}", name.id()),
            ),
        };
        let does = match module {
            "copies" => "drops postings that repeat another one of the same page",
            "clarity" => "scores how clearly a posting says what is wanted",
            "rush" => "drops postings that are a race, or about to close",
            _ => "scores how new a posting is",
        };
        [
            ("id", name.id()),
            ("name", &name.title()),
            ("contract", SERVED),
            ("artifact", &artifact),
            ("file", &file),
            ("world", world),
            ("module", module),
            ("does", does),
            ("build", &self.build(name)),
            ("listed", &listed),
            ("weights", weights.trim_start()),
            ("seen", &seen),
        ]
        .into_iter()
        .fold(text.to_owned(), |text, (key, value)| text.replace(&format!("{{{{{key}}}}}"), value))
    }
}
