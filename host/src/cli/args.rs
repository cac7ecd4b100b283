//! The command line's grammar.

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::leads::args::Leads;
use super::plugins::args::{INSTALL_HELP, Install, Remove, UPDATE_HELP, Update};
use super::plugins::test::{TEST_HELP, Test};
use super::since::Since;
use crate::app::kit::project::Name;

/// What `--help` ends with.
const AFTER_HELP: &str = "\
Exit codes:
  0  done                       5  the platform or the network did not serve: try later
  1  failed otherwise           6  a plugin failed
  2  wrong command line         7  home, vault or database cannot be read or written
  3  wrong configuration        8  another process is doing it
  4  not connected: `connect`   9  not found

Files are kept in ~/.ghoststack; GHOSTSTACK_HOME moves it.";

/// Tools for people who work for themselves.
#[derive(Parser)]
#[command(name = "ghoststack", version, propagate_version = true, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    pub product: Product,
}

#[derive(Subcommand)]
pub enum Product {
    /// Find the few postings that fit, and see why.
    #[command(arg_required_else_help = true, after_help = AFTER_HELP)]
    Prospector {
        #[command(flatten)]
        globals: Globals,
        #[command(subcommand)]
        command: Command,
    },
}

/// Flags of every command.
#[derive(Args, Clone, Debug)]
pub struct Globals {
    /// Print data as JSON on standard output; messages stay on standard error
    #[arg(long, global = true)]
    pub json: bool,
    /// Never ask; fail where something would have to be asked
    #[arg(long, global = true)]
    pub no_input: bool,
    /// Say more of what happens, on standard error; -vv and -vvv say more still
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// When to use colours
    #[arg(long, global = true, value_enum, default_value_t = Colour::Auto)]
    pub color: Colour,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    Always,
    Never,
}

impl Globals {
    fn colour(&self, on_terminal: bool) -> bool {
        match self.color {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => on_terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        }
    }

    pub fn colour_on_stdout(&self) -> bool {
        self.colour(std::io::stdout().is_terminal())
    }

    pub fn colour_on_stderr(&self) -> bool {
        self.colour(std::io::stderr().is_terminal())
    }
}

#[derive(Subcommand)]
pub enum Command {
    /// Connect an account at a platform: in the browser, or by an API key
    Connect(Connect),
    /// Give a connection up: revoke it where the platform can, and delete the stored credentials
    Disconnect(Disconnect),
    /// Show whether the accounts can be reached, and what may be done there
    Status(Status),
    /// Scan for postings now, and show the ranked leads
    Scan(Scan),
    /// Run as a daemon: scan each platform at its interval, keep tokens alive, follow proposals and contracts, deliver notifications
    #[command(after_help = RUN_HELP)]
    Run(Run),
    /// Serve the dashboard: Prospector in a browser, opened by a link that is printed here
    #[command(after_help = DASHBOARD_HELP)]
    Dashboard(Served),
    /// Browse what scans have found
    #[command(subcommand)]
    Leads(Leads),
    /// Proposals: draft them from templates, review them, send what you approve, follow it
    #[command(subcommand)]
    Proposals(super::proposals::args::Proposals),
    /// Won work and its milestones
    #[command(subcommand)]
    Contracts(super::contracts::Contracts),
    /// Count how many postings were discovered, shown, drafted for, proposed to, won and lost
    Stats(super::stats::StatsArgs),
    /// Rules: try them on stored leads, see what they can look at
    #[command(subcommand)]
    Rules(super::rules::Rules),
    /// Scoring: try other weights, filters and scorers on stored leads
    #[command(subcommand)]
    Scoring(super::scoring::Scoring),
    /// List every request with a credential, and what happened to credentials
    #[command(after_help = AUDIT_HELP)]
    Audit(Audit),
    /// Look at everything that can be in the way, and say what to do; the exit code is 1 if something has to be done
    Doctor(Doctor),
    /// Write the home to one file: leads, configuration, plugins, templates; credentials only if asked
    #[command(after_help = BACKUP_HELP)]
    Backup(Backup),
    /// Put a backup in the place of the home; all of it is checked first
    #[command(after_help = RESTORE_HELP)]
    Restore(Restore),
    /// Notifications: test the channels, see what is in the outbox
    #[command(subcommand)]
    Notify(Notify),
    /// Your skills, rates and availability, which postings are judged by
    #[command(subcommand)]
    Profile(Profile),
    /// The configuration file
    #[command(subcommand)]
    Config(Config),
    /// Where credentials are kept: look at it, or move them
    #[command(subcommand)]
    Vault(Vault),
    /// Plugins: list, inspect, install, remove; and what their authors need: new, verify, test, bench
    #[command(subcommand)]
    Plugins(Plugins),
    /// Print a shell's completion script
    Completions { shell: clap_complete::Shell },
}

/// What `run --help` ends with.
const RUN_HELP: &str = "\
SIGHUP, or a change of prospector.yaml or plugins.lock, has the configuration read again; one that cannot be used is reported, and the former is
kept. SIGTERM and Ctrl-C let each scan end with the page that it is at; a second one ends it at once. One daemon serves a home: another
ends with exit code 8.";

#[derive(Args)]
pub struct Run {
    /// Do what is due now, and end; for cron
    #[arg(long)]
    pub once: bool,
    /// Answer GET /health on this port of 127.0.0.1: 200, or 503 where something needs you; `daemon.health_port` otherwise
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    pub health_port: Option<u16>,
    /// Serve the dashboard as well
    #[arg(long, conflicts_with = "once")]
    pub dashboard: bool,
    #[command(flatten)]
    pub served: Served,
}

const DASHBOARD_HELP: &str = "\
A link opens the dashboard once, and within ten minutes. Where the dashboard is served already, by `run --dashboard` or in another terminal,
this prints another link and ends.";

/// Where the dashboard is served
#[derive(Args)]
pub struct Served {
    /// Address and port to serve it on; another than loopback needs --tls-certificate
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:7780")]
    pub listen: SocketAddr,
    /// Name that browsers reach it by, where that is not the address
    #[arg(long)]
    pub name: Option<String>,
    /// Certificate and those above it, as a PEM file: serve by TLS
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_certificate: Option<PathBuf>,
    /// Its private key, as a PEM file
    #[arg(long, value_name = "FILE", requires = "tls_certificate")]
    pub tls_key: Option<PathBuf>,
}

#[derive(Args)]
pub struct Connect {
    /// Its id; see `plugins list`
    pub platform: String,
    /// How access is obtained, where the platform has log-ins
    #[arg(long, value_enum, default_value_t = LogInBy::AuthorizationCode)]
    pub grant: LogInBy,
    /// Client ID of your application at the platform; asked for otherwise
    #[arg(long)]
    pub client_id: Option<String>,
    /// File with the Client Secret (else GHOSTSTACK_CLIENT_SECRET, else it is asked for)
    #[arg(long, value_name = "FILE")]
    pub client_secret_file: Option<PathBuf>,
    /// Print the address instead of opening a browser, and take the address that the browser ends on from the terminal
    #[arg(long)]
    pub no_browser: bool,
    /// Redirect URI that your application is registered with, if not the one on this machine
    #[arg(long, value_name = "URI")]
    pub redirect_uri: Option<String>,
    /// File with the API key, for platforms that take one (else GHOSTSTACK_API_KEY, else it is asked for)
    #[arg(long, value_name = "FILE", conflicts_with_all = ["client_id", "client_secret_file", "no_browser", "redirect_uri"])]
    pub api_key_file: Option<PathBuf>,
}

/// OAuth's grants, as far as `connect` asks for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogInBy {
    /// You agree in the browser
    AuthorizationCode,
    /// The application acts for its owner, without a browser; not every platform offers it
    ClientCredentials,
}

#[derive(Args)]
pub struct Disconnect {
    /// Its id
    pub platform: String,
}

#[derive(Args, Clone)]
pub struct Status {
    /// One platform only
    #[arg(long)]
    pub platform: Option<String>,
    /// Show what is stored, without asking the platform
    #[arg(long)]
    pub offline: bool,
    /// Show it again and again until Ctrl-C; platforms are asked every five minutes
    #[arg(long)]
    pub watch: bool,
    /// How often it is shown
    #[arg(long, default_value = "5s", requires = "watch", value_parser = super::watch::interval)]
    pub interval: Duration,
}

/// What `audit --help` ends with.
const AUDIT_HELP: &str = "\
The latest comes first. A row has the name of the credential that went along, and never a value; neither has it a query or a body.
Rows are kept for 90 days, and 100000 of them at most; commands that ask a platform remove older ones. `scan --dry-run` leaves none.";

#[derive(Args)]
pub struct Audit {
    /// Rows from then on: 90m, 2h, 7d ago, or a day or time in UTC, such as 2026-11-01 or 2026-11-01T12:30:00Z
    #[arg(long, value_name = "TIME", value_parser = super::since::parse)]
    pub since: Option<Since>,
    /// One platform only
    #[arg(long)]
    pub platform: Option<String>,
    /// Rows to list at most
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub limit: u32,
}

/// What `backup --help` ends with.
const BACKUP_HELP: &str = "\
The file is a compressed tar archive with the digests of what is in it, which others cannot read (0600). Without --with-credentials there is
neither a secret nor a key in it. With it they are encrypted under a passphrase of 12 characters at least, which is asked for, or comes
from GHOSTSTACK_BACKUP_PASSPHRASE or --passphrase-file. A refresh token that a platform exchanges at each use is good until the next use only:
such a backup is for moving to another machine rather than for keeping.";

#[derive(Args)]
pub struct Backup {
    /// Where to write it
    pub file: PathBuf,
    /// Put the credentials in too, encrypted under a passphrase
    #[arg(long)]
    pub with_credentials: bool,
    /// File with the passphrase (else GHOSTSTACK_BACKUP_PASSPHRASE, else it is asked for)
    #[arg(long, value_name = "FILE", requires = "with_credentials")]
    pub passphrase_file: Option<PathBuf>,
    /// Replace the file if there is one
    #[arg(long)]
    pub force: bool,
}

/// What `restore --help` ends with.
const RESTORE_HELP: &str = "\
A home that is there is never deleted: --force moves it to `<home>.before-restore-<time>`. Without credentials in the backup, run `connect`
afterwards, or copy prospector/vault from the former home.";

#[derive(Args)]
pub struct Restore {
    /// A file that `backup` has written
    pub file: PathBuf,
    /// Restore although the home is not empty; what is there is kept beside it
    #[arg(long)]
    pub force: bool,
    /// Leave credentials in the backup, and ask for no passphrase
    #[arg(long)]
    pub without_credentials: bool,
    /// File with the passphrase (else GHOSTSTACK_BACKUP_PASSPHRASE, else it is asked for)
    #[arg(long, value_name = "FILE", conflicts_with = "without_credentials")]
    pub passphrase_file: Option<PathBuf>,
}

#[derive(Args)]
pub struct Doctor {
    /// Ask no platform
    #[arg(long)]
    pub offline: bool,
}

#[derive(Args)]
pub struct Scan {
    /// One platform only
    #[arg(long)]
    pub platform: Option<String>,
    /// Store nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Fetch only what is new or changed since the last scan, as far as the platform can tell, and go on where one was cut off
    #[arg(long, conflicts_with = "dry_run")]
    pub new: bool,
    /// Leads to print at most
    #[arg(long, default_value_t = 20)]
    pub limit: usize,
}

#[derive(Subcommand)]
pub enum Notify {
    /// Send a test through each configured channel, and say how that went
    Test {
        /// One channel only: `desktop`, `email`, `ntfy`, `command`, `webhook:NAME`
        #[arg(long, value_name = "NAME")]
        channel: Option<String>,
    },
    /// List what was to be told, and what became of it, the latest first
    List(NotifyList),
}

#[derive(Args)]
pub struct NotifyList {
    /// Only what is still to be delivered
    #[arg(long)]
    pub waiting: bool,
    /// Deliveries to list at most
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub limit: u32,
}

#[derive(Subcommand)]
pub enum Profile {
    /// Show what postings are judged by, and where it comes from
    Show,
    /// Fill skills and rates from the connected accounts: adds what is missing, removes nothing
    Import(ProfileImport),
    /// Edit the configuration in $VISUAL or $EDITOR; it is checked before it takes effect
    Edit,
}

#[derive(Args)]
pub struct ProfileImport {
    /// One platform only
    #[arg(long)]
    pub platform: Option<String>,
    /// Show what would change, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Change the file without asking
    #[arg(short, long)]
    pub yes: bool,
    /// Let the accounts' rates and particulars replace those that are set
    #[arg(long)]
    pub overwrite: bool,
}

#[derive(Subcommand)]
pub enum Config {
    /// Write a commented configuration file, unless there is one
    Init,
    /// Show every setting in effect, and where it comes from
    Show,
    /// Check the configuration file, or another
    Validate {
        /// Instead of the home's own
        file: Option<PathBuf>,
    },
    /// Print where the configuration file is
    Path,
}

#[derive(Subcommand)]
pub enum Vault {
    /// Show which store it is, what protects it, and whether it serves
    Status,
    /// Move the credentials to another store, or protect the embedded one's key in another way
    #[command(after_help = MIGRATE_HELP)]
    Migrate(VaultMigrate),
}

/// What `vault migrate --help` ends with.
const MIGRATE_HELP: &str = "\
Copies every credential, reads each back, and only then has prospector.yaml name the new store: until that moment the old one is in
force, and a run that was interrupted is resumed by running it again. The old store keeps its copies until `--purge`. Other commands wait
or are told to come back; end a daemon first. The server is the one in `vault.hashicorp`, or VAULT_ADDR and the like.";

#[derive(Args)]
pub struct VaultMigrate {
    /// Which store
    #[arg(long, value_enum, value_name = "STORE")]
    pub to: VaultStore,
    /// What protects the embedded store's key from then on
    #[arg(long, value_enum, value_name = "KEY")]
    pub key: Option<VaultKey>,
    /// Replace what the new store holds under the same names
    #[arg(long)]
    pub overwrite: bool,
    /// Delete the copies in the old store, once the new one is in force
    #[arg(long)]
    pub purge: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum VaultStore {
    /// An encrypted file in the home
    Embedded,
    /// A HashiCorp Vault or OpenBao server
    Hashicorp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum VaultKey {
    /// A file beside it, for the owner alone
    File,
    /// A passphrase: GHOSTSTACK_VAULT_PASSPHRASE, vault.passphrase_file, or asked for
    Passphrase,
    /// The keyring of the desktop session
    Keyring,
}

#[derive(Subcommand)]
pub enum Plugins {
    /// List the plugins there are
    List,
    /// Show what a plugin is and what it may do
    Inspect {
        /// A plugin's id, or a component's file, such as `./board.wasm`
        plugin: String,
    },
    /// Install a platform from a component's file or a registry: shows what it wishes to do, and asks
    #[command(after_help = INSTALL_HELP)]
    Install(Box<Install>),
    /// Put later versions in the place of installed plugins: shows what differs, and asks about what is new
    #[command(after_help = UPDATE_HELP)]
    Update(Box<Update>),
    /// Remove an installed plugin with its credentials, state and wake-ups; leads are kept
    Remove(Remove),
    /// For authors: write a project that builds, passes its tests and works as it is
    #[command(after_help = NEW_HELP)]
    New(NewPlugin),
    /// For authors: say what a component is and wishes for, and what a host would refuse
    #[command(after_help = VERIFY_HELP)]
    Verify {
        /// A component, or a core module made from the contract
        file: PathBuf,
    },
    /// For authors: run a component against recorded exchanges, and say what is not as it was; or record them
    #[command(after_help = TEST_HELP)]
    Test(Test),
    /// For authors: measure what calls of a component take, in time and memory
    #[command(after_help = BENCH_HELP)]
    Bench(Bench),
}

/// What `plugins bench --help` ends with.
const BENCH_HELP: &str = "\
Each export that needs no platform is called over 1 and over 1,000 made-up postings of 2 KB, as a scan calls it: in a fresh instance, within the
same bounds. Half a minute at most, and one call more. Times hold for this machine at this moment.";

#[derive(Args)]
pub struct Bench {
    /// A component, or a core module made from the contract
    pub file: PathBuf,
    /// Its settings, as a JSON object; its defaults otherwise
    #[arg(long, value_name = "JSON", value_parser = super::scoring::object)]
    pub settings: Option<serde_json::Map<String, serde_json::Value>>,
}

/// What `plugins new --help` ends with.
const NEW_HELP: &str = "\
The project has the contract of this program beside it, and in Rust the SDK, so that it builds without this program's sources, by the ordinary commands
of its language. Nothing is written over.";

#[derive(Args)]
pub struct NewPlugin {
    /// The plugin's id: 2 to 32 of a-z0-9-, beginning with a letter
    pub name: Name,
    /// What it is to be
    #[arg(long, value_enum)]
    pub world: NewWorld,
    /// What it is to be written in
    #[arg(long, value_enum, default_value_t = NewLanguage::Rust)]
    pub lang: NewLanguage,
    /// Folder to write, which must not exist yet [default: ./NAME]
    #[arg(long, value_name = "FOLDER")]
    pub path: Option<PathBuf>,
}

/// The languages that a project may be written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum NewLanguage {
    /// Built by cargo
    Rust,
    /// Built by componentize-py
    Python,
    /// JavaScript, built by componentize-qjs
    Js,
}

/// The worlds that a project may be of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum NewWorld {
    /// A marketplace
    Platform,
    /// Drops postings
    Filter,
    /// Adds signals to scores
    Scorer,
}

/// What `plugins verify --help` ends with.
const VERIFY_HELP: &str = "\
The component is asked what it is, and to judge made-up postings by its default settings, where it can reach nothing. Nothing is installed.
The exit code is 0 where a host would take it, else 6.";
