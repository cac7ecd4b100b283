//! Another version of an installed plugin: what it changes, and putting it in the place of the old one.

use semver::Version as Semver;
use serde::Serialize;

use super::candidate::{candidate, own_hosts, signing};
use super::fetch::fetch;
use super::search::{Found, recorded, search};
use super::{Candidate, Choices};
use crate::app::{AppError, Installation};
use crate::plugin::catalog;
use crate::plugin::difference::{self, Change};
use crate::plugin::digest::Digest;
use crate::plugin::installed::{self, Reason};
use crate::plugin::kept;
use crate::plugin::lock::Entry;
use crate::plugin::signature::Key;
use crate::plugin::source::Source;

/// A version of a plugin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Version {
    /// As it calls itself.
    pub version: String,
    /// Digest of the file as it came.
    pub digest: Digest,
    /// Where it came from.
    pub source: String,
}

impl Version {
    fn of(entry: &Entry) -> Version {
        Version { version: entry.version.clone(), digest: entry.source_sha256, source: entry.source.to_string() }
    }
}

/// What is found where a plugin came from.
#[derive(Debug)]
pub enum Outlook {
    /// What is installed, and nothing else.
    Current {
        /// What is installed.
        installed: Version,
        /// Where its source cannot have another.
        is_pinned: bool,
    },
    /// Another version.
    Another(Box<Update>),
}

/// Another version of an installed plugin. Nothing is kept of it yet.
#[derive(Debug)]
pub struct Update {
    /// The plugin's id.
    pub id: String,
    /// What is installed.
    pub installed: Version,
    /// What takes its place.
    pub candidate: Candidate,
    /// How its wishes differ from what was granted.
    pub changes: Vec<Change>,
    /// Whether it is an older version.
    pub is_older: bool,
    /// The key that was pinned, where another takes its place.
    pub replaced_key: Option<Key>,
    /// Whether it is just what was installed, for what is kept of that is damaged.
    pub is_same: bool,
    /// What is wrong with what is kept of what is installed.
    pub damage: Option<Reason>,
    before: Entry,
}

/// Looks for another version of an installed plugin: at `source`, or where it came from. A new key takes the place of the pinned one. Where what is
/// kept is damaged, what was installed is one too.
///
/// # Errors
/// [`AppError::NotInstalled`], [`AppError::NoUpdate`], [`AppError::Registry`], [`AppError::Usage`].
pub async fn look(
    installation: &Installation,
    id: &str,
    source: Option<&Source>,
    choices: &Choices,
    new_key: Option<&Key>,
) -> Result<Outlook, AppError> {
    if let Some(error) = &installation.lock_problem {
        return Err(error.clone().into());
    }
    let Some(entry) = installation.installed.get(id) else {
        return Err(match catalog::is_builtin(id) {
            true => AppError::Usage(format!("`{id}` is built in, and is updated with this program")),
            false => AppError::NotInstalled(id.to_owned()),
        });
    };
    let key = wanted(id, entry, choices.key.as_ref(), new_key)?;
    let damage = installed::intact(&installation.home, id, entry).err();
    let looked = Looking { installation, id, entry, choices, key }.look(source, damage.clone()).await;
    looked.map_err(|error| match error {
        AppError::NotInstallable(shown, why) => {
            let why = match damage {
                Some(damage) => format!("{why}; and what is installed is not run: {damage}"),
                None => why,
            };
            AppError::NoUpdate { id: id.to_owned(), shown, why }
        }
        error => error,
    })
}

/// What is looked for.
struct Looking<'a> {
    installation: &'a Installation,
    id: &'a str,
    entry: &'a Entry,
    choices: &'a Choices,
    /// That it has to be signed by.
    key: Option<&'a Key>,
}

impl Looking<'_> {
    async fn look(&self, source: Option<&Source>, damage: Option<Reason>) -> Result<Outlook, AppError> {
        let Looking { installation, id, entry, choices, key } = *self;
        let is_another_key = key != entry.key.as_ref();
        let found = match source {
            Some(source) => Found::There(Box::new(fetch(source, choices.signature.as_deref()).await?)),
            None => search(entry, choices, is_another_key).await?,
        };
        let current = |is_pinned| Outlook::Current { installed: Version::of(entry), is_pinned };
        let fetched = match found {
            Found::Nothing { is_pinned } if damage.is_none() => return Ok(current(is_pinned)),
            Found::Nothing { .. } => fetch(&recorded(entry), choices.signature.as_deref()).await?,
            Found::There(fetched) => *fetched,
        };
        let is_same =
            Digest::of(&fetched.bytes) == entry.source_sha256 && fetched.source == entry.source && !is_another_key;
        if is_same && damage.is_none() {
            return Ok(current(false));
        }
        let shown = fetched.source.argument();
        let refused = |why| AppError::NotInstallable(shown.clone(), why);
        let signing = signing(key, &shown, &fetched).map_err(|error| by_key(error, id, entry))?;
        let mut candidate = candidate(installation, &shown, fetched, signing, &choices.private_hosts).await?;
        if candidate.plugin.id() != id {
            return Err(refused(format!("it calls itself `{}`: it is no version of `{id}`", candidate.plugin.id())));
        }
        if !candidate.plugin.inspected().worlds().contains(&entry.world) {
            let (is, was) = (candidate.entry.world.as_str(), entry.world.as_str());
            return Err(refused(format!(
                "it is a {is}, and `{id}` is installed as a {was}; to have it in its place, remove that first: \
                 ghoststack prospector plugins remove {id}"
            )));
        }
        let own = own_hosts(candidate.plugin.descriptor());
        candidate.entry.private_hosts.extend(entry.private_hosts.iter().filter(|host| own.contains(host)).cloned());
        Ok(Outlook::Another(Box::new(Update {
            id: id.to_owned(),
            installed: Version::of(entry),
            changes: difference::between(&entry.granted, &candidate.wishes),
            is_older: is_older(&candidate.entry.version, &entry.version),
            replaced_key: entry.key.clone().filter(|_| is_another_key),
            is_same,
            damage,
            before: entry.clone(),
            candidate,
        })))
    }
}

/// The key that another version has to be signed by, if any.
fn wanted<'k>(
    id: &str,
    entry: &'k Entry,
    given: Option<&'k Key>,
    new: Option<&'k Key>,
) -> Result<Option<&'k Key>, AppError> {
    match (&entry.key, given) {
        _ if new.is_some() => Ok(new),
        (Some(pinned), Some(given)) if pinned != given => Err(AppError::Usage(format!(
            "`{id}` is installed with the key {}, and --key gives {}; if its author has a new key, and you know it from a place that you trust, give it by \
             --new-key",
            pinned.id(),
            given.id()
        ))),
        (Some(pinned), _) => Ok(Some(pinned)),
        (None, given) => Ok(given),
    }
}

/// With what can be done where it is the pinned key that a version is not signed by.
fn by_key(error: AppError, id: &str, entry: &Entry) -> AppError {
    match (error, &entry.key) {
        (AppError::NotInstallable(shown, why), Some(pinned)) => AppError::NotInstallable(
            shown,
            format!(
                "{why}. The key {} was pinned when `{id}` was installed, and what is installed stays. Ask its author; if they have a new key, and you know it \
                 from a place that you trust: ghoststack prospector plugins update {id} --new-key KEY",
                pinned.id()
            ),
        ),
        (error, _) => error,
    }
}

fn is_older(version: &str, than: &str) -> bool {
    matches!((Semver::parse(version), Semver::parse(than)), (Ok(version), Ok(than)) if version < than)
}

impl Update {
    /// What takes the place of what is installed.
    #[must_use]
    pub fn available(&self) -> Version {
        Version { source: self.candidate.source.to_string(), ..Version::of(&self.candidate.entry) }
    }

    /// Whether a person has to agree: to what is new, to an older version, to another key. What was granted needs no second word.
    #[must_use]
    pub fn needs_agreement(&self) -> bool {
        self.is_older || self.replaced_key.is_some() || self.changes.iter().any(Change::needs_agreement)
    }

    /// Puts it in the place of what is installed, whose state, credentials and wake-ups it keeps. At every moment one of the two works.
    ///
    /// # Errors
    /// [`AppError::Lock`]; [`AppError::Busy`] where what is installed was changed meanwhile.
    pub fn apply(self, installation: &Installation) -> Result<(), AppError> {
        let home = &installation.home;
        let (turn, mut entries) = kept::settled(home)?;
        if entries.get(&self.id) != Some(&self.before) {
            let said = format!("`{}` was changed by another process meanwhile; repeat the command", self.id);
            return Err(AppError::Busy(said));
        }
        let new = self.candidate.entry.component_sha256;
        entries.insert(self.id.clone(), self.candidate.entry);
        kept::replace(&turn, home, &entries, &self.id, &self.candidate.component)?;
        if new != self.before.component_sha256 {
            installation.engine.cache().forget(self.before.component_sha256);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_version_is_told_by_its_numbers() {
        assert!(is_older("0.9.0", "0.10.0") && !is_older("0.10.0", "0.10.0") && !is_older("x", "1.0.0"));
    }
}
