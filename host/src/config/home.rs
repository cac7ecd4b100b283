//! Where everything lives: `~/.ghoststack`, or whatever `GHOSTSTACK_HOME` names instead.
//!
//! Every file of the product has its path from here, so that moving the home moves all of it.
//! Nothing is created by looking: a read-only command on a fresh machine leaves no trace.

use std::ffi::OsString;
use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// The variable that moves the home directory as a whole.
pub const HOME_VARIABLE: &str = "GHOSTSTACK_HOME";

/// The home directory, as a path that need not exist yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    root: PathBuf,
}

/// Why there is no usable home directory.
#[derive(Debug, thiserror::Error)]
pub enum HomeError {
    /// Neither variable says where the home is.
    #[error(
        "neither GHOSTSTACK_HOME nor HOME is set, so there is no place for configuration and data; \
         set GHOSTSTACK_HOME to an absolute path, such as /var/lib/ghoststack"
    )]
    Unknown,
    /// A relative path would name a different home in each working directory.
    #[error(
        "{variable} is the relative path '{}', which would change with the working directory; \
         set it to an absolute path",
        path.display()
    )]
    Relative {
        /// The variable that holds the path.
        variable: &'static str,
        /// The path as given.
        path: PathBuf,
    },
    /// A directory could not be made.
    #[error(
        "cannot create the directory {}: {source}; check its owner and permissions, \
         or point GHOSTSTACK_HOME at a directory that you may write to",
        path.display()
    )]
    Create {
        /// The directory that was wanted.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl Home {
    /// The home that the process's environment names.
    ///
    /// # Errors
    /// When neither `GHOSTSTACK_HOME` nor `HOME` holds an absolute path.
    pub fn from_env() -> Result<Self, HomeError> {
        Self::resolve(|name| std::env::var_os(name))
    }

    /// The home for an environment given as a lookup. An empty variable counts as unset, which
    /// is what `GHOSTSTACK_HOME= ghoststack ...` means to a shell user.
    ///
    /// # Errors
    /// As [`Home::from_env`].
    pub fn resolve(variable: impl Fn(&str) -> Option<OsString>) -> Result<Self, HomeError> {
        let get = |name| variable(name).filter(|v| !v.is_empty()).map(PathBuf::from);
        let absolute = |name, path: PathBuf| {
            if path.is_absolute() { Ok(path) } else { Err(HomeError::Relative { variable: name, path }) }
        };
        if let Some(path) = get(HOME_VARIABLE) {
            return absolute(HOME_VARIABLE, path).map(|root| Self { root });
        }
        let home = get("HOME").ok_or(HomeError::Unknown)?;
        absolute("HOME", home).map(|home| Self { root: home.join(".ghoststack") })
    }

    /// A home at a given directory, for tests and tools that choose their own.
    #[must_use]
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The home directory itself.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// `prospector.yaml`: what this module reads.
    #[must_use]
    pub fn config_file(&self) -> PathBuf {
        self.root.join("prospector.yaml")
    }

    /// `plugins.lock`: installed plugins, their digests and their grants.
    #[must_use]
    pub fn plugins_lock(&self) -> PathBuf {
        self.root.join("plugins.lock")
    }

    /// `plugins/`: components as they were installed.
    #[must_use]
    pub fn plugins_dir(&self) -> PathBuf {
        self.root.join("plugins")
    }

    /// `plugins/<id>.wasm`: the component of an installed plugin.
    #[must_use]
    pub fn component(&self, id: &str) -> PathBuf {
        self.plugins_dir().join(format!("{id}.wasm"))
    }

    /// `plugins/<id>.next`: the component that takes the place of an installed plugin's.
    #[must_use]
    pub fn next_component(&self, id: &str) -> PathBuf {
        self.plugins_dir().join(format!("{id}.next"))
    }

    /// `plugins/.turn`: held while plugins are installed or removed.
    #[must_use]
    pub fn plugins_turn(&self) -> PathBuf {
        self.plugins_dir().join(".turn")
    }

    /// `prospector/`: everything that Prospector stores about leads, proposals and accounts.
    #[must_use]
    pub fn data_dir(&self) -> PathBuf {
        self.root.join("prospector")
    }

    /// `prospector/store.db`: the embedded store.
    #[must_use]
    pub fn store_db(&self) -> PathBuf {
        self.data_dir().join("store.db")
    }

    /// `prospector/vault/`: where the embedded secret store keeps its files.
    #[must_use]
    pub fn vault_dir(&self) -> PathBuf {
        self.data_dir().join("vault")
    }

    /// `prospector/vault.lock`: held by all who use secrets, and by one alone while they are moved.
    #[must_use]
    pub fn vault_lock(&self) -> PathBuf {
        self.data_dir().join("vault.lock")
    }

    /// `prospector/vault-migration.json`: what `vault migrate` has done and has yet to do.
    #[must_use]
    pub fn vault_migration(&self) -> PathBuf {
        self.data_dir().join("vault-migration.json")
    }

    /// `prospector/scan-<platform>.lock`: held while a platform is scanned, and let go when the process ends.
    #[must_use]
    pub fn scan_lock(&self, platform: &str) -> PathBuf {
        self.data_dir().join(format!("scan-{platform}.lock"))
    }

    /// `prospector/daemon.lock`: held by the one daemon of this home, and let go when it ends.
    #[must_use]
    pub fn daemon_lock(&self) -> PathBuf {
        self.data_dir().join("daemon.lock")
    }

    /// `prospector/dashboard.lock`: held by the one dashboard of this home, and let go when it ends.
    #[must_use]
    pub fn dashboard_lock(&self) -> PathBuf {
        self.data_dir().join("dashboard.lock")
    }

    /// `prospector/dashboard.json`: where the dashboard is served that holds the lock.
    #[must_use]
    pub fn dashboard_place(&self) -> PathBuf {
        self.data_dir().join("dashboard.json")
    }

    /// `prospector/dashboard-link.json`: by what the link is known that opens the dashboard.
    #[must_use]
    pub fn dashboard_link(&self) -> PathBuf {
        self.data_dir().join("dashboard-link.json")
    }

    /// `prospector/drafts.lock`: held while proposals are drafted by themselves, and let go when the process ends.
    #[must_use]
    pub fn drafts_lock(&self) -> PathBuf {
        self.data_dir().join("drafts.lock")
    }

    /// `prospector/templates/`: the user's proposal templates.
    #[must_use]
    pub fn templates_dir(&self) -> PathBuf {
        self.data_dir().join("templates")
    }

    /// `cache/components/`: compiled code, which may be deleted at any time.
    #[must_use]
    pub fn component_cache_dir(&self) -> PathBuf {
        self.root.join("cache").join("components")
    }

    /// Creates `directory` with its missing parents, each for the owner alone (0700). Existing
    /// directories keep their permissions: they are the user's decision.
    ///
    /// # Errors
    /// When the system refuses, with the path and what to do.
    pub fn ensure_dir(&self, directory: &Path) -> Result<(), HomeError> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(directory)
            .map_err(|source| HomeError::Create { path: directory.to_owned(), source })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn resolve(pairs: &[(&str, &str)]) -> Result<Home, HomeError> {
        Home::resolve(|name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value)))
    }

    #[test]
    fn the_variable_moves_the_home_as_a_whole() {
        let home = resolve(&[("HOME", "/home/ada"), ("GHOSTSTACK_HOME", "/srv/gs")]).unwrap();
        for path in [
            home.config_file(),
            home.plugins_lock(),
            home.plugins_dir(),
            home.component("board"),
            home.next_component("board"),
            home.plugins_turn(),
            home.store_db(),
            home.vault_dir(),
            home.scan_lock("workbazaar"),
            home.templates_dir(),
            home.component_cache_dir(),
        ] {
            assert!(path.starts_with("/srv/gs"), "{path:?}");
        }
    }

    #[test]
    fn an_unset_or_empty_variable_means_the_users_home() {
        for pairs in [&[("HOME", "/home/ada")][..], &[("HOME", "/home/ada"), ("GHOSTSTACK_HOME", "")]] {
            let home = resolve(pairs).unwrap();
            assert_eq!(home.root(), Path::new("/home/ada/.ghoststack"));
        }
    }

    #[test]
    fn a_missing_or_relative_home_is_an_error_that_says_what_to_set() {
        let missing = resolve(&[]).unwrap_err().to_string();
        assert!(missing.contains("set GHOSTSTACK_HOME"), "{missing}");
        let relative = resolve(&[("GHOSTSTACK_HOME", "gs")]).unwrap_err().to_string();
        assert!(relative.contains("relative path 'gs'"), "{relative}");
    }

    #[test]
    fn directories_are_made_for_the_owner_alone_and_only_when_asked() {
        let temp = tempfile::tempdir().unwrap();
        let home = Home::at(temp.path().join("gs"));
        assert!(!home.config_file().exists() && !home.root().exists());
        home.ensure_dir(&home.templates_dir()).unwrap();
        for path in [home.root().to_owned(), home.data_dir(), home.templates_dir()] {
            let mode = path.metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o700, "{path:?}");
        }
    }

    #[test]
    fn a_file_in_the_way_is_named_in_the_error() {
        let temp = tempfile::tempdir().unwrap();
        std::fs::write(temp.path().join("gs"), "").unwrap();
        let home = Home::at(temp.path().join("gs"));
        let error = home.ensure_dir(&home.data_dir()).unwrap_err().to_string();
        assert!(error.contains("gs/prospector"), "{error}");
    }
}
