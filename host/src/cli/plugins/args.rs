//! The command line's grammar of installing, updating and removing plugins.

use std::path::PathBuf;

use clap::Args;

use crate::app::plugins::Choices;
use crate::cli::text;
use crate::plugin::signature::Key;
use crate::plugin::source::Source;

/// What `plugins install --help` ends with.
pub const INSTALL_HELP: &str = "\
A platform, a filter or a scorer: a component, or the core module of a filter or scorer, of which a component is made.
It is asked what it is where it can reach nothing. What you agree to is recorded in ~/.ghoststack/plugins.lock with the
digests of the file; a component that is another later, or wishes for more, is not run. `--yes` agrees without asking.

A registry's component is named oci://registry/namespace/name:version, or by its digest, @sha256:... at the end. Log in with `docker login`: its
credentials are used. With --key only a component that is signed by that key is installed, now and whenever it is updated.";

/// What `plugins update --help` ends with.
pub const UPDATE_HELP: &str = "\
A file is read again; a registry is asked for a higher version than the one that is installed, or whether the name leads to another component now.
What was granted before is not asked again. What is new is shown and asked about, and so are an older version and another key; `--yes` agrees to it.
State, credentials and wake-ups are kept. Until the new version is wholly in place the old one works.";

#[derive(Args)]
pub struct Install {
    /// A component's file, or oci://registry/namespace/name:version
    #[arg(value_parser = source)]
    pub source: Source,
    /// Agree to what the plugin wishes to do, without being asked
    #[arg(long, short)]
    pub yes: bool,
    #[command(flatten)]
    pub choices: Chosen,
}

#[derive(Args)]
pub struct Update {
    /// An installed plugin's id; all of them if none is given
    pub plugin: Option<String>,
    /// Where its other version is, if not where it came from
    #[arg(value_parser = source)]
    pub source: Option<Source>,
    /// Show what there is, and install nothing
    #[arg(long)]
    pub check: bool,
    /// Agree to what is new, without being asked
    #[arg(long, short)]
    pub yes: bool,
    /// A key in place of the one that was pinned: its file, or itself
    #[arg(long, value_name = "KEY", value_parser = Key::given, conflicts_with = "key", requires = "plugin")]
    pub new_key: Option<Key>,
    #[command(flatten)]
    pub choices: Chosen,
}

/// What both have.
#[derive(Args)]
pub struct Chosen {
    /// A host of the plugin's that may be on a private network; requests go to public addresses only otherwise
    #[arg(long, value_name = "HOST")]
    pub allow_host: Vec<String>,
    /// The minisign key that it has to be signed by: its file, or itself
    #[arg(long, value_name = "KEY", value_parser = Key::given)]
    pub key: Option<Key>,
    /// The file of its signature [default: FILE.minisig, or what the registry's manifest carries]
    #[arg(long, value_name = "FILE")]
    pub signature: Option<PathBuf>,
}

impl Chosen {
    pub fn choices(&self) -> Choices {
        Choices { private_hosts: self.allow_host.clone(), key: self.key.clone(), signature: self.signature.clone() }
    }

    /// The same, as it stands in a shell's command, with a space before each.
    pub fn arguments(&self) -> String {
        let hosts = self.allow_host.iter().map(|host| format!(" --allow-host {}", text::line(host)));
        let key = self.key.iter().map(|key| format!(" --key {key}"));
        let signature =
            self.signature.iter().map(|file| format!(" --signature {}", Source::File(file.clone()).argument()));
        hosts.chain(key).chain(signature).collect()
    }
}

#[derive(Args)]
pub struct Remove {
    /// An installed plugin's id
    pub plugin: String,
    /// Remove it without being asked
    #[arg(long, short)]
    pub yes: bool,
}

fn source(text: &str) -> Result<Source, String> {
    Source::given(text).map_err(|why| why.to_string())
}
