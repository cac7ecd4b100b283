//! `vault`.

use super::args::{Vault as Command, VaultKey, VaultMigrate, VaultStore};
use super::output::Output;
use super::text;
use crate::app::error::exit;
use crate::app::vault::migrate::{Report, Request, migrate};
use crate::app::vault::{State, Status, status};
use crate::app::{App, AppError, Installation};
use crate::config::{Home, VaultBackend, VaultKey as Key};

/// Shows the secret store, or moves what is in it.
pub async fn run(command: Command, output: &mut Output) -> Result<u8, AppError> {
    match command {
        Command::Status => {
            let status = status(&App::open().await?).await?;
            show(&status, output);
            Ok(if status.state == State::Ok { exit::OK } else { exit::STORAGE })
        }
        Command::Migrate(args) => {
            let installation = Installation::open(Home::from_env()?).await?;
            let report = migrate(&installation, request(&args)).await?;
            tell(&report, &args, output);
            Ok(exit::OK)
        }
    }
}

fn request(args: &VaultMigrate) -> Request {
    let to = match args.to {
        VaultStore::Embedded => VaultBackend::Embedded,
        VaultStore::Hashicorp => VaultBackend::HashiCorp,
    };
    let key = args.key.map(|key| match key {
        VaultKey::File => Key::File,
        VaultKey::Passphrase => Key::Passphrase,
        VaultKey::Keyring => Key::Keyring,
    });
    Request { to, key, overwrite: args.overwrite, purge: args.purge }
}

fn show(status: &Status, output: &mut Output) {
    if output.is_json() {
        output.json(status);
        return;
    }
    let state = match status.state {
        State::Ok => "Ok",
        State::Sealed => "Sealed",
        State::NotInitialised => "Not initialised",
        State::Unreachable => "Unreachable",
        State::Denied => "Denied",
        State::Locked => "Locked",
        State::Error => "Error",
    };
    output.line(format_args!("Vault: {}", status.backend));
    output.line(format_args!("Location: {}", text::line(&status.location)));
    output.line(format_args!("Protection: {}", text::line(&status.protection)));
    if let Some(version) = &status.version {
        output.line(format_args!("Server version: {}", text::line(version)));
    }
    output.line(format_args!("Status: {state}"));
    if let Some(secrets) = status.secrets {
        output.line(format_args!("Secrets: {secrets}"));
    }
    if let Some(error) = &status.error {
        output.line(text::line(error));
    }
    if let Some(left) = &status.migration {
        let (from, to) = (text::line(&left.from.location), text::line(&left.to.location));
        output.line(match left.interrupted {
            true => format!(
                "A migration to {to} was interrupted; the credentials in force are in {from}. Resume it with: {}",
                left.next
            ),
            false => format!("Copies of the credentials are left in {from}. Delete them with: {}", left.next),
        });
    }
}

fn tell(report: &Report, args: &VaultMigrate, output: &mut Output) {
    if output.is_json() {
        output.json(report);
        return;
    }
    let (from, to) = (text::line(&report.from.location), text::line(&report.to.location));
    if report.resumed {
        output.line("Took up a migration that was interrupted.");
    }
    if report.switched {
        let there = if report.present > 0 { format!(", {} were there already", report.present) } else { String::new() };
        output.line(format_args!("Copied {} from {from} to {to}{there}.", counted(report.copied)));
        output.line("Read each of them back: they are the same.");
        output.line(format_args!("prospector.yaml names the new store now: vault.backend: {}", report.to.backend));
    } else if report.key.is_none() && report.purged.is_none() {
        output.line(format_args!("The credentials are in {to} already."));
    }
    if let Some(key) = report.key {
        output.line(format_args!("The key of {to} is protected by vault.key: {key} now."));
    }
    if let Some(purged) = report.purged {
        output.line(format_args!("Deleted {} from {from}.", counted(purged)));
    }
    if let Some(left) = &report.left_in {
        let store = match args.to {
            VaultStore::Embedded => "embedded",
            VaultStore::Hashicorp => "hashicorp",
        };
        output.message(format_args!(
            "The copies in {} are kept. Delete them with: ghoststack prospector vault migrate --to {store} --purge",
            text::line(&left.location)
        ));
    }
}

fn counted(secrets: usize) -> String {
    if secrets == 1 { "1 secret".to_owned() } else { format!("{secrets} secrets") }
}
