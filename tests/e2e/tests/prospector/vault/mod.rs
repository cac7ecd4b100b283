//! Where credentials are kept: a real OpenBao server, the embedded store's protections, and moving between them.

mod migrating;
mod protection;
mod proxy;
mod server;

use openbao_server::OpenBao;
use prospector_e2e::home::configuration;
use prospector_e2e::prospector::finish;
use prospector_e2e::{Home, Outcome, Prospector, Sim};

use crate::support::at;

/// The policy that the documentation gives.
fn documented_policy() -> String {
    let page = include_str!("../../../../../docs/vault.md");
    let (_, rest) = page.split_once("```hcl\n").expect("the page holds a policy");
    rest.split_once("```").expect("it ends").0.to_owned()
}

/// Runs a command line with more in its environment.
fn run(prospector: &Prospector, line: &str, environment: &[(&str, &str)]) -> Outcome {
    let mut command = prospector.command(line.split_whitespace());
    command.env("GHOSTSTACK_CLIENT_SECRET", "sim-secret").envs(environment.iter().copied());
    finish(&mut command)
}

/// Connects Freelancer, with more in the environment.
fn connect(prospector: &Prospector, environment: &[(&str, &str)]) -> Outcome {
    run(prospector, "connect freelancer --client-id sim-client", environment)
}

/// The program, not connected, with this `vault` section in flow style.
fn with_vault(sim: &Sim, vault: &str) -> Prospector {
    at(Home::configured(&configuration(sim, "", &format!("vault: {vault}"))))
}

/// The paths that a server keeps for the program.
fn kept(server: &OpenBao) -> String {
    server.try_bao(&["kv", "list", "-mount=secret", "-format=json", "ghoststack/prospector"], None).unwrap_or_default()
}
