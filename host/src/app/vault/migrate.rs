//! Moving secrets to another store.
//!
//! ```text
//! lock -> journal: copying -> copy each -> read each back -> prospector.yaml names the new store -> journal: moved -> (purge)
//! ```
//!
//! The one write of `prospector.yaml` is the moment of the change: before it the old store is in force, after it the new one. Whatever was
//! copied before a crash is found again, and replaced where it is no longer what the old store says. The journal tells copies that are ours from
//! secrets that somebody else put there.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

use super::copying::{self, Copied};
use super::journal::{Journal, Place, Stage};
use super::using::Moving;
use super::{configured, delete_all, with_backend};
use crate::app::{AppError, Installation, secrets};
use crate::config::edit::{self, Change};
use crate::config::{Loaded, Overrides, OwnFile, VaultBackend, VaultKey, validate};
use crate::vault::{SecretPath, SecretStore};

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Request {
    /// The store that is to be in force.
    pub to: VaultBackend,
    /// What is to protect the embedded store's key; as it is configured unless given.
    pub key: Option<VaultKey>,
    /// Whether what the new store holds already may be replaced.
    pub overwrite: bool,
    /// Whether the old store's copies go.
    pub purge: bool,
}

/// What was done.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The store that was in force before.
    pub from: Place,
    /// The store that is in force now.
    pub to: Place,
    /// Whether an interrupted migration was taken up.
    pub resumed: bool,
    /// Secrets that were written.
    pub copied: usize,
    /// Secrets that the new store had already.
    pub present: usize,
    /// Whether the configuration was changed.
    pub switched: bool,
    /// What protects the embedded store's key from now on, where that has changed.
    pub key: Option<&'static str>,
    /// Secrets that were deleted from the old store; none unless that was asked for.
    pub purged: Option<usize>,
    /// The store that still holds copies.
    pub left_in: Option<Place>,
}

/// Moves secrets to another store, or protects the embedded one's key in another way.
///
/// # Errors
/// See [`AppError`]; the store that was in force stays so.
pub async fn migrate(installation: &Installation, request: Request) -> Result<Report, AppError> {
    if request.key.is_some() && request.to == VaultBackend::HashiCorp {
        return Err(AppError::Usage("--key is about the embedded store; give it with --to embedded".to_owned()));
    }
    let _moving = Moving::begin(&installation.home).await?;
    let migration = Migration::new(installation, request)?;
    match migration.before.config.vault.backend == request.to {
        false => migration.move_over().await,
        true => migration.stay().await,
    }
}

struct Migration<'a> {
    installation: &'a Installation,
    request: Request,
    before: Loaded,
    after: Loaded,
    journal: Option<Journal>,
}

impl<'a> Migration<'a> {
    fn new(installation: &'a Installation, request: Request) -> Result<Self, AppError> {
        let before = configured(installation, &Overrides::from_env())?;
        let mut overrides = with_backend(request.to);
        if let Some(key) = request.key {
            overrides = overrides.with_flag("--key", &["vault", "key"], key.name().into());
        }
        let after = configured(installation, &overrides)?;
        let journal = Journal::read(&installation.home)?;
        Ok(Self { installation, request, before, after, journal })
    }

    async fn move_over(self) -> Result<Report, AppError> {
        let home = &self.installation.home;
        let from = secrets::open(home, &self.before.config.vault);
        let to = secrets::open(home, &self.after.config.vault);
        let (here, there) = (Place::from(&from.describe()), Place::from(&to.describe()));
        // What cannot be written in the end is better known before anything is copied.
        let switch = Switch::prepare(self.installation, self.request)?;
        to.probe().await?;

        let resumed = self.is_interrupted(&here, &there);
        let ours = self.copies_in(&here, &there);
        let paths = copying::paths(&*from).await?;
        let all: BTreeSet<SecretPath> = paths.union(&ours).cloned().collect();
        let mut journal = Journal::begin(here.clone(), there.clone(), &all);
        journal.write(home)?;
        let overwrite = self.request.overwrite;
        let Copied { written, present } =
            copying::copy(&*from, &*to, &paths, |path| overwrite || ours.contains(path)).await?;
        // Copies of what has been given up since.
        delete_all(&*to, ours.difference(&paths)).await?;
        copying::verify(&*from, &*to, &paths).await?;
        switch.apply()?;
        journal.stage = Stage::Moved;
        journal.write(home)?;

        let purged = self.purge_if_asked(&*from, &journal).await?;
        Ok(Report {
            resumed,
            copied: written,
            present,
            switched: true,
            key: None,
            purged,
            left_in: purged.is_none().then(|| here.clone()),
            from: here,
            to: there,
        })
    }

    /// The store is in force already: what is left of an interrupted migration is finished, and the key's protection seen to.
    async fn stay(self) -> Result<Report, AppError> {
        let home = &self.installation.home;
        let place = Place::from(&secrets::open(home, &self.before.config.vault).describe());
        let key = match self.request.to {
            VaultBackend::Embedded => self.protect_anew().await?,
            VaultBackend::HashiCorp => None,
        };
        let mut report = Report {
            from: place.clone(),
            to: place.clone(),
            resumed: false,
            copied: 0,
            present: 0,
            switched: false,
            key,
            purged: None,
            left_in: None,
        };
        let Some(mut journal) = self.journal.clone().filter(|journal| journal.to == place) else { return Ok(report) };
        if journal.stage == Stage::Copying {
            journal.stage = Stage::Moved;
            journal.write(home)?;
            report.resumed = true;
        }
        report.from = journal.from.clone();
        let before = configured(self.installation, &with_backend(backend_of(&journal.from)))?;
        let old = secrets::open(home, &before.config.vault);
        if self.request.purge && Place::from(&old.describe()) != journal.from {
            return Err(AppError::Usage(format!(
                "the configuration does not lead to {} any more, where the copies are; restore its settings to purge them",
                journal.from.location
            )));
        }
        report.purged = self.purge_if_asked(&*old, &journal).await?;
        report.left_in = report.purged.is_none().then_some(journal.from);
        Ok(report)
    }

    /// Protects the embedded key as was asked, in the key file first: a configuration that says otherwise is told apart from it.
    async fn protect_anew(&self) -> Result<Option<&'static str>, AppError> {
        let Some(wanted) = self.request.key else { return Ok(None) };
        let switch = Switch::prepare(self.installation, self.request)?;
        let store = secrets::embedded(&self.installation.home, &self.after.config.vault);
        let vault = self.after.config.vault.clone();
        let changed = store.protect_anew(move |source| secrets::protection(source, &vault)).await?;
        // Proves that the new way opens it.
        copying::paths(&store).await?;
        let differs = self.before.config.vault.key != wanted;
        if differs {
            switch.apply()?;
        }
        Ok((changed.is_some() || differs).then(|| wanted.name()))
    }

    fn is_interrupted(&self, here: &Place, there: &Place) -> bool {
        let same = |journal: &&Journal| journal.from == *here && journal.to == *there;
        self.journal.as_ref().filter(same).is_some_and(|journal| journal.stage == Stage::Copying)
    }

    /// What in the new store is a copy of ours: of a migration there that was interrupted, or of one from there.
    fn copies_in(&self, here: &Place, there: &Place) -> BTreeSet<SecretPath> {
        let of_ours = |journal: &&Journal| match journal.stage {
            Stage::Copying => journal.from == *here && journal.to == *there,
            Stage::Moved => journal.from == *there && journal.to == *here,
        };
        self.journal.as_ref().filter(of_ours).map(Journal::paths).unwrap_or_default()
    }

    async fn purge_if_asked(&self, old: &dyn SecretStore, journal: &Journal) -> Result<Option<usize>, AppError> {
        if !self.request.purge {
            return Ok(None);
        }
        let purged = delete_all(old, &journal.paths()).await?;
        Journal::remove(&self.installation.home)?;
        Ok(Some(purged))
    }
}

fn backend_of(place: &Place) -> VaultBackend {
    match place.backend.as_str() {
        "hashicorp" => VaultBackend::HashiCorp,
        _ => VaultBackend::Embedded,
    }
}

/// The change of `prospector.yaml`, known to be possible.
struct Switch<'a> {
    installation: &'a Installation,
    file: OwnFile,
    text: String,
}

impl<'a> Switch<'a> {
    fn prepare(installation: &'a Installation, request: Request) -> Result<Self, AppError> {
        let file = OwnFile::read(&installation.home)?;
        let mut changes = vec![set("backend", request.to.name())];
        changes.extend(request.key.map(|key| set("key", key.name())));
        let text = file.edited(&changes).map_err(|why| {
            let mut whole = Value::Object(serde_json::Map::new());
            let section = installation.with_schemas(|schemas| file.section("vault", schemas)).unwrap_or_default();
            whole["vault"] = section;
            changes.iter().for_each(|change| edit::apply(&mut whole, change));
            let (path, paste) = (file.path().to_owned(), edit::section("vault", &whole["vault"]));
            AppError::Uneditable { path, why: why.to_string(), paste }
        })?;
        let name = file.path().display().to_string();
        let checked =
            installation.with_schemas(|schemas| validate(&name, text.as_bytes(), schemas, &Overrides::from_env()))?;
        let vault = &checked.config.vault;
        if vault.backend != request.to || request.key.is_some_and(|key| key != vault.key) {
            let said = "a variable of the environment (GHOSTSTACK_PROSPECTOR_VAULT__...) says which store is in force, whatever \
                        prospector.yaml says; unset it, then run this again";
            return Err(AppError::Usage(said.to_owned()));
        }
        Ok(Self { installation, file, text })
    }

    fn apply(&self) -> Result<(), AppError> {
        Ok(self.file.replace(&self.installation.home, self.text.as_bytes())?)
    }
}

fn set(key: &'static str, value: &str) -> Change {
    Change::Set { path: ["vault", key].map(str::to_owned).to_vec(), value: value.into() }
}
