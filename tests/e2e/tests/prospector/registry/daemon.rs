//! The daemon and plugins that were not granted what they wish: it asks nobody, and says the command that would grant it.

use std::fs;

use prospector_e2e::Board;
use prospector_e2e::board::KEY;

use super::server::{Beside, Server};
use super::{board, says};
use crate::daemon::Daemon;
use crate::support::at;
use crate::third_platform::{connect, section};

#[test]
fn what_is_not_granted_is_said_with_the_command_that_grants_it_and_asked_of_nobody() {
    let Some(server) = Server::start(false) else { return };
    let (jobs, component) = (Board::with(3), board(&[]));
    let manifest = server.push("0.1.0", &component, Beside::default());
    let reference = server.reference("0.1.0");
    let prospector = at(prospector_e2e::Home::configured(&format!("platforms:\n{}", section(&jobs, ""))));
    let _installed = prospector.run(&format!("plugins install --yes {reference}")).ok();
    let _connected = connect(&prospector, KEY).ok();
    let lock = prospector.home.path().join("plugins.lock");
    let granted = fs::read_to_string(&lock).expect("a lock file");
    fs::write(&lock, granted.replace("/v1/jobs", "/v1/none")).expect("written");

    let command = format!("ghoststack prospector plugins install {reference}@{manifest}");
    let mut daemon = Daemon::of(prospector.command(["run"]));
    let said = daemon.says("it wishes, and was not granted, to read `api` /v1/jobs by GET");
    let said = if said.contains(&command) { said } else { daemon.says(&command) };
    assert!(said.contains(&command), "{said}");
    assert!(jobs.seen().iter().all(|seen| !seen.target.contains("/jobs")), "it asked for what it was not granted");
    // The person grants it, which the daemon sees by itself.
    let _granted = prospector.run(&format!("plugins install --yes {reference}@{manifest}")).ok();
    daemon.says("the configuration was read again");
    daemon.signal("TERM");
    let (code, _) = daemon.ends();
    assert_eq!(code, 0);
    let _scanned = prospector.run("scan").ok();
    assert!(jobs.seen().iter().any(|seen| seen.target.contains("/jobs")));
    says(&prospector.run("status").ok(), &["Status: Connected"]);
}
