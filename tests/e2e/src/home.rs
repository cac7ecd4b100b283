//! A temporary `GHOSTSTACK_HOME`.

use std::collections::BTreeMap;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU16, Ordering};

use tempfile::TempDir;

use crate::sim::{Sim, Site};

/// The profile of a person whom the simulators' samples hold good leads for.
pub const DEVELOPER: &str = "profile:
  skills: [Rust, WebAssembly, TypeScript, React, Node.js, PostgreSQL, REST API, Docker]
  rates:
    currency: USD
    hourly: { minimum: 25, preferred: 60 }
    fixed: { minimum: 250, preferred: 1500 }
  availability: { hours_per_week: 30 }";

/// A home that is gone when this is dropped.
#[derive(Debug)]
pub struct Home {
    // The home is a folder inside, so that a test may look at what the program does where there is none yet.
    outer: TempDir,
}

/// What a home holds: each path in it with its permissions and, if it is a file, its bytes.
pub type Contents = BTreeMap<PathBuf, (u32, Option<Vec<u8>>)>;

impl Home {
    /// A home that does not exist yet.
    ///
    /// # Panics
    /// Where there is no room for temporary files.
    #[must_use]
    pub fn absent() -> Self {
        Self { outer: TempDir::with_prefix("ghoststack-").expect("a temporary directory") }
    }

    /// A home whose configuration points Freelancer at a simulator; see [`configuration`].
    #[must_use]
    pub fn pointed_at(sim: &Sim) -> Self {
        Self::configured(&configuration(sim, "", ""))
    }

    /// A home with this configuration.
    #[must_use]
    pub fn configured(text: &str) -> Self {
        let home = Self::absent();
        home.configure(text);
        home
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.outer.path().join("home")
    }

    /// A path beside the home, for files that are not the program's.
    #[must_use]
    pub fn beside(&self, name: &str) -> PathBuf {
        self.outer.path().join(name)
    }

    /// The configuration file.
    #[must_use]
    pub fn configuration_file(&self) -> PathBuf {
        self.path().join("prospector.yaml")
    }

    /// Writes the configuration.
    ///
    /// # Panics
    /// Where it cannot be written.
    pub fn configure(&self, text: &str) {
        fs::create_dir_all(self.path()).expect("the home can be made");
        fs::write(self.configuration_file(), text).expect("the configuration can be written");
    }

    /// Everything in it.
    #[must_use]
    pub fn contents(&self) -> Contents {
        let mut contents = Contents::new();
        collect(&self.path(), &mut contents);
        contents
    }
}

fn collect(folder: &Path, contents: &mut Contents) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let Ok(metadata) = entry.metadata() else { continue };
        let mode = metadata.permissions().mode() & 0o7777;
        if metadata.is_dir() {
            collect(&path, contents);
            contents.insert(path, (mode, None));
        } else {
            let bytes = fs::read(&path).unwrap_or_default();
            contents.insert(path, (mode, Some(bytes)));
        }
    }
}

/// A configuration that points Freelancer at a simulator; `platform` and `rest` as in [`section`] and [`platforms`].
#[must_use]
pub fn configuration(sim: &Sim, platform: &str, rest: &str) -> String {
    platforms(&[section(sim.freelancer(), platform)], rest)
}

/// A configuration of these platforms' sections. `rest` are further sections beside `platforms`.
#[must_use]
pub fn platforms(sections: &[String], rest: &str) -> String {
    format!("platforms:\n{}{rest}\n", sections.concat())
}

/// A platform's section: it points at the simulator, with a callback port of its own and room for a thousand postings, unless
/// `lines` say otherwise. `lines` are further lines of it, indented by four spaces.
#[must_use]
pub fn section(site: Site<'_>, lines: &str) -> String {
    let (name, port) = (site.id(), free_port());
    let (api, accounts) = (&site.origins().api, &site.origins().accounts);
    let most = if lines.contains("max_results_per_scan") { "" } else { "    max_results_per_scan: 1000\n" };
    // Tests ask more often than a person does; those about limits set their own.
    let pace = if lines.contains("requests_per_minute") { "" } else { "    requests_per_minute: 100000\n" };
    format!(
        "  {name}:\n    endpoints: {{ api: '{api}', accounts: '{accounts}' }}\n    connect: {{ callback_port: {port} }}\n{most}{pace}{lines}\n"
    )
}

/// A port of 127.0.0.1 that nobody listens on and that is handed out once only. It is below those that systems pick by themselves, so that
/// it stays free until it is used.
///
/// # Panics
/// Where ten thousand ports in a row are taken.
#[must_use]
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = (std::process::id() % 500) as u16 * 20;
    (0..10_000)
        .map(|_| 20_000 + start.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % 12_000)
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .expect("a free port")
}
