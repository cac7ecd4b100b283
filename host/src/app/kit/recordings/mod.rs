//! `plugins test`: a component under the real host, against what was recorded.
//!
//! ```text
//! component --asks--> the gate (policy, parsing, bounds) --> Replayer <-- exchanges of the recording
//!     |                                                         |
//!     +--postings--> the pipeline (checks, judging, weights)    +--> requests that are not as recorded
//!                          |
//!                          +--> result, compared with the recorded one, place by place
//! ```
//!
//! A recording is a file that a person reads and commits ([file]). It is made by a live run, out of which all that must not be committed is
//! taken ([scrub]); its result is what the component makes of the scrubbed answers, so that it always replays as it was written. Nothing
//! of a replay depends on the machine: the clock stands at the recorded time, the plugin's state is empty, no home is read.

pub mod difference;
pub mod exchange;
pub mod file;
mod judging;
mod platform;
pub mod record;
pub mod replay;
mod scrub;
mod tested;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Map, Value};

use self::difference::differences;
use self::file::Recording;
use self::replay::{Finding, RecordedCredentials, Replayer, StoppedClock};
use self::scrub::Scrubber;
pub use self::tested::Tested;
use super::describe;
use crate::app::error::exit;
use crate::app::{AppError, Installation};
use crate::clock::Clock;
use crate::config::loose_settings;
use crate::contract::descriptor::{Authentication, Descriptor};
use crate::contract::types::Attribute;
use crate::pipeline::context;
use crate::plugin::component::{Inspected, MAX_COMPONENT, World};
use crate::plugin::custom::CustomPlugin;
use crate::plugin::platform::{LoadError, PlatformPlugin};
use crate::plugin::{grant, lock};
use crate::store::{SqliteStore, Store};

/// A component that is tested.
pub struct Target {
    /// As it was named.
    pub shown: String,
    /// Its plugin.
    pub plugin: Plugin,
    /// Whether it is one that this program runs anyway: built in, or installed.
    is_loaded: bool,
}

/// What a component is.
pub enum Plugin {
    /// A marketplace.
    Platform(Arc<PlatformPlugin>),
    /// A filter, a scorer, or both.
    Custom {
        /// As a filter.
        filter: Option<Box<CustomPlugin>>,
        /// As a scorer.
        scorer: Option<Box<CustomPlugin>>,
    },
}

impl Plugin {
    /// An installed filter or scorer, as each of the worlds that it serves.
    async fn installed(installation: &Installation, id: &str, worlds: &[World]) -> Result<Plugin, AppError> {
        let mut as_each = [None, None];
        for (place, world) in as_each.iter_mut().zip([World::Filter, World::Scorer]) {
            if worlds.contains(&world) {
                *place = installation.installed_custom_as(id, world).await?.map(Box::new);
            }
        }
        let [filter, scorer] = as_each;
        Ok(Plugin::Custom { filter, scorer })
    }
}

impl Target {
    /// What is named by a plugin's id, or lies in a file.
    ///
    /// # Errors
    /// [`AppError::Plugin`], [`AppError::Load`]; where no plugin has the id.
    pub async fn load(installation: &Installation, named: &str) -> Result<Target, AppError> {
        let shown = named.to_owned();
        if !named.contains(['/', '.']) {
            let plugin = match installation.installed_custom(named).await? {
                Some(custom) => Plugin::installed(installation, named, &custom.inspected.worlds()).await?,
                None => Plugin::Platform(installation.named(named).await?.clone()),
            };
            return Ok(Target { shown, plugin, is_loaded: true });
        }
        let bytes = lock::read_bounded(Path::new(named), MAX_COMPONENT as u64)
            .map_err(|e| AppError::Plugin(format!("{shown} cannot be read: {e}")))?;
        let engine = &installation.engine;
        let component = |source| LoadError::Component { name: shown.clone(), source };
        let inspected = Inspected::read(engine, &bytes).map_err(component)?;
        let plugin = if inspected.world == World::Platform {
            let bytes = crate::plugin::component::encode(engine.editions(), &bytes).map_err(component)?;
            Plugin::Platform(Arc::new(PlatformPlugin::load(engine, &shown, &bytes).await?))
        } else {
            let mut as_each = [None, None];
            for (place, world) in as_each.iter_mut().zip([World::Filter, World::Scorer]) {
                if inspected.exports_all_of(world) {
                    *place = Some(Box::new(CustomPlugin::load(engine, &shown, &bytes, world).await?));
                }
            }
            let [filter, scorer] = as_each;
            Plugin::Custom { filter, scorer }
        };
        Ok(Target { shown, plugin, is_loaded: false })
    }

    fn descriptor(&self) -> &Descriptor {
        match &self.plugin {
            Plugin::Platform(plugin) => &plugin.descriptor,
            Plugin::Custom { filter: Some(plugin), .. } | Plugin::Custom { scorer: Some(plugin), .. } => {
                &plugin.descriptor
            }
            Plugin::Custom { filter: None, scorer: None } => unreachable!("a component fits a world"),
        }
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.descriptor().id
    }

    fn world(&self) -> World {
        match &self.plugin {
            Plugin::Platform(_) => World::Platform,
            Plugin::Custom { filter: Some(_), .. } => World::Filter,
            Plugin::Custom { filter: None, .. } => World::Scorer,
        }
    }

    fn settings(&self, of: &Map<String, Value>) -> Result<Vec<Attribute>, AppError> {
        let settings = loose_settings(self.id(), &self.descriptor().settings, of);
        let settings = settings.map_err(|problems| {
            AppError::Plugin(format!("it cannot be run by these settings: {}", describe(&problems)))
        })?;
        Ok(context::attributes(&settings))
    }
}

/// What came of a replay.
struct Replayed {
    result: Value,
    findings: Vec<Finding>,
    /// Places of exchanges that were used, in the order in which they were.
    used: Vec<usize>,
}

async fn replay(target: &Target, recording: &Recording, home: &Path) -> Result<Replayed, AppError> {
    let settings = target.settings(&recording.settings)?;
    match &target.plugin {
        Plugin::Platform(plugin) => {
            let policy = grant::policy(&plugin.descriptor, &BTreeMap::new()).map_err(AppError::Plugin)?;
            let replayer = Arc::new(Replayer::of(&recording.exchanges));
            let logs_in = matches!(plugin.descriptor.authentication, Authentication::Oauth2(_));
            let credentials = RecordedCredentials::of(recording, logs_in);
            let clock: Arc<dyn Clock> = Arc::new(StoppedClock(recording.now));
            let store = nothing(home).await?;
            let work = platform::work(plugin, policy, replayer.clone(), credentials, &store, &clock);
            let asked = platform::Asked::by(recording, settings);
            let came = platform::run(plugin, work, asked, store.as_ref()).await?;
            Ok(Replayed { result: came.result, findings: replayer.findings(), used: replayer.used() })
        }
        Plugin::Custom { filter, scorer } => {
            let (filter, scorer) = (filter.as_deref(), scorer.as_deref());
            let by = judging::By::of(recording);
            let result = judging::run(filter, scorer, by, settings, &recording.postings).await?;
            Ok(Replayed { result, findings: Vec::new(), used: Vec::new() })
        }
    }
}

/// A store with nothing in it, as that of a home which does not exist.
async fn nothing(home: &Path) -> Result<Arc<dyn Store>, AppError> {
    Ok(Arc::new(SqliteStore::open_read_only(&home.join("no-such-folder").join("store.db")).await?))
}

/// Replays a recording of a folder. Where `accept` is set, a result that is another one is written in the place of the recorded one, unless requests
/// were made whose answers nobody knows.
///
/// # Errors
/// Where the recording cannot be read or is another plugin's; where the component fails.
pub async fn test(
    installation: &Installation,
    target: &Target,
    folder: &Path,
    name: &str,
    accept: bool,
) -> Result<Tested, AppError> {
    let file = file::path(folder, name);
    let mut recording = Recording::read(&file)?;
    if recording.plugin != target.id() || recording.world != target.world() {
        return Err(AppError::Usage(format!(
            "{} was recorded of the {} `{}`, and {} is the {} `{}`",
            file.display(),
            recording.world.as_str(),
            recording.plugin,
            target.shown,
            target.world().as_str(),
            target.id(),
        )));
    }
    let requests = recording.exchanges.len();
    let Replayed { result, findings, used } = replay(target, &recording, installation.home.root()).await?;
    let differing = differences("", &recording.result, &result);
    let passed = findings.is_empty() && differing.is_empty();
    let is_known = !findings.iter().any(|finding| matches!(finding, Finding::NotRecorded { .. }));
    let accepted = accept && !passed && is_known;
    let postings = result.get("postings").and_then(Value::as_array).map_or(0, Vec::len);
    if accepted {
        recording.exchanges = used.iter().map(|at| recording.exchanges[*at].clone()).collect();
        recording.result = result;
        recording.write(&file)?;
    }
    Ok(Tested {
        name: name.to_owned(),
        passed,
        accepted,
        requests,
        postings,
        asked: findings,
        result: differing,
        error: None,
    })
}

/// The result of a recording that was just made: what the component makes of the answers as they are written.
async fn complete(
    target: &Target,
    mut recording: Recording,
    scrubber: &Scrubber,
    home: &Path,
) -> Result<Recording, AppError> {
    let refused = |message: String| AppError::Failed { message, remedy: None, exit_code: exit::FAILURE };
    let Replayed { result, findings, .. } = replay(target, &recording, home).await?;
    if let Some(finding) = findings.first() {
        return Err(refused(format!(
            "nothing is recorded: the run cannot be repeated by what was taken down without secrets: {finding}"
        )));
    }
    recording.result = result;
    if scrubber.finds_secret(&recording.text()) {
        let is_in = |exchange: &&exchange::Exchange| scrubber.finds_secret(&serde_json::json!(exchange).to_string());
        let place = recording.exchanges.iter().find(is_in).map_or("its result", |exchange| &exchange.request.url);
        return Err(refused(format!(
            "nothing is recorded: a secret of the account's would be left in it, in {place}; the platform repeats it in a spelling that cannot be taken out"
        )));
    }
    Ok(recording)
}
