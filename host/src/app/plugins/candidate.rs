//! A component that may be installed, and installing it.

use std::collections::BTreeSet;
use std::path::Path;

use super::fetch::{Fetched, fetch};
use super::{Choices, Signing};
use crate::app::{AppError, Installation};
use crate::config::PlatformSchema;
use crate::contract::descriptor::Descriptor;
use crate::origin::Origin;
use crate::plugin::any::AnyPlugin;
use crate::plugin::component::{self, ComponentError};
use crate::plugin::described::Described;
use crate::plugin::digest::Digest;
use crate::plugin::engine::Engine;
use crate::plugin::lock::{self, Entry};
use crate::plugin::platform::LoadError;
use crate::plugin::signature::Key;
use crate::plugin::source::Source;
use crate::plugin::wishes::Wishes;
use crate::plugin::{catalog, installed, kept};

/// A component that was read, and asked in a store where every import is refused what it is. Nothing is kept of it yet.
#[derive(Debug)]
pub struct Candidate {
    /// The plugin.
    pub plugin: AnyPlugin,
    /// What it wishes for.
    pub wishes: Wishes,
    /// Where it came from: just this, also where the same name leads to another later.
    pub source: Source,
    /// Digest of the file as it came.
    pub source_sha256: Digest,
    /// Who made it, as far as that is known.
    pub signing: Signing,
    /// Whether it is installed already.
    pub already: Already,
    pub(super) component: Vec<u8>,
    pub(super) entry: Entry,
}

/// How a candidate stands to what is installed by its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Already {
    /// Nothing is.
    Absent,
    /// The very same file is, and nothing of it is to be changed.
    Same,
    /// The very same file is. What is kept or recorded of it is put right.
    PutRight {
        /// Whether more is granted by it than a person agreed to.
        grants_more: bool,
    },
}

/// Reads a component from a file, and holds it to the contract.
///
/// # Errors
/// [`AppError::NotInstallable`], with what is wrong with it.
pub async fn read(engine: &Engine, file: &Path) -> Result<AnyPlugin, AppError> {
    let source = Source::File(file.to_owned());
    let fetched = fetch(&source, None).await?;
    Ok(hold(engine, &file.display().to_string(), &fetched.bytes).await?.0)
}

/// Holds a component, or a core module, to the contract: the plugin and the component.
async fn hold(engine: &Engine, shown: &str, bytes: &[u8]) -> Result<(AnyPlugin, Vec<u8>), AppError> {
    let refused = |why: String| AppError::NotInstallable(shown.to_owned(), why);
    let unusable = |error: ComponentError| refused(error.to_string());
    let component = component::encode(engine.editions(), bytes).map_err(unusable)?.into_owned();
    let plugin = AnyPlugin::load(engine, shown, &component).await.map_err(|error| match error {
        LoadError::Component { source, .. } => unusable(source),
        error => error.into(),
    })?;
    PlatformSchema::installed(plugin.id(), &plugin.descriptor().settings)
        .check()
        .map_err(|problem| refused(problem.message.clone()))?;
    Ok((plugin, component))
}

/// Reads a component that is to be installed.
///
/// # Errors
/// [`AppError::NotInstallable`], [`AppError::Registry`]; [`AppError::Lock`] where it is not known what is installed.
pub async fn propose(installation: &Installation, source: &Source, choices: &Choices) -> Result<Candidate, AppError> {
    if let Some(error) = &installation.lock_problem {
        return Err(error.clone().into());
    }
    let fetched = fetch(source, choices.signature.as_deref()).await?;
    let shown = source.argument();
    // What is signed is the file as it came; so that is asked before anything reads it.
    let signing = signing(choices.key.as_ref(), &shown, &fetched)?;
    let mut candidate = candidate(installation, &shown, fetched, signing, &choices.private_hosts).await?;
    let there = installation.installed.get(candidate.plugin.id());
    vet_id(there, candidate.plugin.id(), &candidate.entry).map_err(|why| AppError::NotInstallable(shown, why))?;
    if let Some(there) = there {
        candidate.compare(installation, there);
    }
    Ok(candidate)
}

/// Who made what came, by the key that is wanted.
pub(super) fn signing(wanted: Option<&Key>, shown: &str, fetched: &Fetched) -> Result<Signing, AppError> {
    Signing::check(wanted, &fetched.bytes, fetched.signature.as_deref())
        .map_err(|why| AppError::NotInstallable(shown.to_owned(), why))
}

/// What came, held to the contract.
pub(super) async fn candidate(
    installation: &Installation,
    shown: &str,
    fetched: Fetched,
    signing: Signing,
    private_hosts: &[String],
) -> Result<Candidate, AppError> {
    let (plugin, component) = hold(&installation.engine, shown, &fetched.bytes).await?;
    let (descriptor, inspected) = (plugin.descriptor(), plugin.inspected());
    let wishes = Wishes::of(descriptor, inspected);
    let entry = Entry {
        version: descriptor.version.clone(),
        world: inspected.world,
        source: fetched.source.clone(),
        manifest_sha256: fetched.manifest,
        source_sha256: Digest::of(&fetched.bytes),
        component_sha256: inspected.digest,
        key: signing.key().cloned(),
        granted_at: installation.clock.now(),
        granted: wishes.clone(),
        private_hosts: vet_hosts(descriptor, private_hosts)?,
        described: Some(Described::of(descriptor)),
    };
    let source = match (fetched.source, fetched.manifest) {
        (Source::Registry(reference), Some(manifest)) => Source::Registry(reference.pinned(manifest)),
        (source, _) => source,
    };
    let source_sha256 = entry.source_sha256;
    Ok(Candidate { plugin, wishes, source, source_sha256, signing, already: Already::Absent, component, entry })
}

/// Refuses what would take the id of another plugin.
fn vet_id(there: Option<&Entry>, id: &str, entry: &Entry) -> Result<(), String> {
    if catalog::is_builtin(id) {
        return Err(format!(
            "it calls itself `{id}`, which is a built-in plugin; a plugin cannot take the id of another"
        ));
    }
    let Some(there) = there else { return Ok(()) };
    if there.source_sha256 != entry.source_sha256 {
        return Err(format!(
            "another file is installed as `{id}` ({}, from {}). If this is a later version of it: ghoststack prospector plugins update {id} {}. \
             If it is another plugin, remove that first: ghoststack prospector plugins remove {id}",
            there.version,
            there.source,
            entry.source.argument()
        ));
    }
    match (&there.key, &entry.key) {
        (Some(pinned), Some(given)) if pinned != given => Err(format!(
            "`{id}` is installed with the key {}; another one is taken only by: ghoststack prospector plugins update {id} {} --new-key {given}",
            pinned.id(),
            entry.source.argument()
        )),
        _ => Ok(()),
    }
}

/// Hosts that may be private have to be some that the plugin wishes for.
fn vet_hosts(descriptor: &Descriptor, hosts: &[String]) -> Result<BTreeSet<String>, AppError> {
    let own = own_hosts(descriptor);
    let refused = |host: &str| match own.as_slice() {
        [] => format!("--allow-host {host}: the plugin reaches no host at all"),
        own => format!(
            "--allow-host {host}: the plugin has no origin there, but at {}; another place is given by `endpoints:` in its section",
            own.join(", ")
        ),
    };
    let vetted = hosts.iter().map(|host| host.to_ascii_lowercase()).map(|host| match own.contains(&host) {
        true => Ok(host),
        false => Err(AppError::Usage(refused(&host))),
    });
    vetted.collect()
}

/// Hosts of a plugin's origins.
pub(super) fn own_hosts(descriptor: &Descriptor) -> Vec<String> {
    let host = |default: &str| Some(Origin::parse(default).ok()?.host().to_owned());
    descriptor.origins.iter().filter_map(|origin| host(&origin.default)).collect()
}

impl Candidate {
    /// Compares it with the same file that is installed, whose key and hosts it keeps.
    fn compare(&mut self, installation: &Installation, there: &Entry) {
        let entry = &mut self.entry;
        let grants_more = entry.granted != there.granted || !entry.private_hosts.is_subset(&there.private_hosts);
        entry.key = entry.key.take().or_else(|| there.key.clone());
        entry.private_hosts.extend(there.private_hosts.iter().cloned());
        let is_recorded = Entry { granted_at: there.granted_at, ..entry.clone() } == *there;
        let is_intact = installed::intact(&installation.home, self.plugin.id(), there).is_ok();
        self.already = match is_recorded && is_intact {
            true => Already::Same,
            false => Already::PutRight { grants_more },
        };
    }

    /// Whether a person has to agree. The same file was agreed to when it was installed.
    #[must_use]
    pub fn needs_agreement(&self) -> bool {
        matches!(self.already, Already::Absent | Already::PutRight { grants_more: true })
    }

    /// Installs it: the component, then what was granted. A crash in between leaves a file that nothing refers to.
    ///
    /// # Errors
    /// [`AppError::Lock`]; [`AppError::NotInstallable`] where another process took the id meanwhile.
    pub fn install(self, installation: &Installation) -> Result<AnyPlugin, AppError> {
        let home = &installation.home;
        home.ensure_dir(&home.plugins_dir())?;
        let (turn, mut entries) = kept::settled(home)?;
        let id = self.plugin.id().to_owned();
        vet_id(entries.get(&id), &id, &self.entry)
            .map_err(|why| AppError::NotInstallable(self.entry.source.argument(), why))?;
        lock::replace(&home.component(&id), &self.component)?;
        entries.insert(id, self.entry);
        turn.write(&home.plugins_lock(), &entries)?;
        Ok(self.plugin)
    }
}
