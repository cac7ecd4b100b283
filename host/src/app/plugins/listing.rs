//! What a person adds to the configuration to have a filter or scorer run.

use crate::app::Installation;
use crate::app::kit::sample;
use crate::config::{Config, Weights};
use crate::contract::judgement::SignalKind;
use crate::plugin::component::World;
use crate::plugin::custom::CustomPlugin;

/// Made-up postings that a scorer is asked about, to hear how it calls its signals.
const ASKED: u32 = 20;

/// Lines of the configuration that list a filter or scorer: an installed one by `plugin: ID`, another by `file: PATH`. Signals of a scorer's that have no
/// weight get one, out of the weights in force; those of who sets none, where the configuration cannot be read.
pub async fn listing(installation: &Installation, plugin: &CustomPlugin, entry: &str) -> String {
    let worlds = plugin.inspected.worlds();
    let mut lines = vec!["plugins:".to_owned()];
    lines.extend(worlds.iter().map(|world| format!("  {}s: [{{ {entry} }}]", world.as_str())));
    if worlds.contains(&World::Scorer) {
        let loaded = installation.with_schemas(|schemas| Config::load(&installation.home, schemas));
        let weights = loaded.map_or_else(|_| Weights::defaults(), |loaded| loaded.config.scoring.weights);
        let signals = signals(plugin).await;
        if signals.iter().any(|name| weights.of(name) == 0) {
            lines.extend(weighing(&weights, &signals));
        }
    }
    lines.join("\n")
}

/// The lines that give signals weights beside others.
#[must_use]
pub fn weighing(weights: &Weights, signals: &[String]) -> [String; 2] {
    let weights = weights.beside(signals.iter().map(String::as_str));
    ["scoring:".to_owned(), format!("  weights: {}", weights.yaml())]
}

/// The names of a scorer's signals; none where it does not judge by its default settings.
async fn signals(plugin: &CustomPlugin) -> Vec<String> {
    let context = sample::context(plugin.id(), &plugin.descriptor.settings, &serde_json::Map::new());
    let Ok(context) = context else { return Vec::new() };
    let Ok(evaluations) = plugin.score(&context, &mut sample::postings(ASKED)).await else { return Vec::new() };
    let name = |kind| match kind {
        SignalKind::Custom(name) => Some(name),
        _ => None,
    };
    let signals = evaluations.into_iter().flat_map(|of| of.signals).filter_map(|signal| name(signal.kind));
    signals.collect::<std::collections::BTreeSet<_>>().into_iter().collect()
}
