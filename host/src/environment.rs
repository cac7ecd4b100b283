//! Secrets that a person may give by the environment, and keeping them from programs that are started.

use std::process::Command;

/// Variables that may hold one.
const SECRETS: [&str; 6] = [
    "GHOSTSTACK_API_KEY",
    "GHOSTSTACK_BACKUP_PASSPHRASE",
    "GHOSTSTACK_CLIENT_SECRET",
    "GHOSTSTACK_VAULT_PASSPHRASE",
    "VAULT_SECRET_ID",
    "VAULT_TOKEN",
];

/// Takes secrets out of what a program will find in its environment: it has no business with them.
pub fn hide_from(program: &mut Command) -> &mut Command {
    SECRETS.into_iter().fold(program, |program, name| program.env_remove(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_finds_no_secret() {
        let mut program = Command::new("env");
        for name in SECRETS {
            program.env(name, "planted");
        }
        let said = hide_from(program.env("GHOSTSTACK_HOME", "/h")).output().expect("env runs");
        let said = String::from_utf8_lossy(&said.stdout).into_owned();
        assert!(!said.contains("planted") && said.contains("GHOSTSTACK_HOME=/h"), "{said}");
    }
}
