//! From the configuration and the environment to a server's settings.

use std::path::PathBuf;

use secrecy::SecretString;

use crate::config::{HashiCorpVault, VaultAuth};
use crate::vault::{CredentialSource as Source, HashiCorpSettings, LogIn, WantedCredential as Wanted};

/// The settings. `variable` looks an environment variable up; an empty one counts as unset.
pub(super) fn settings(section: &HashiCorpVault, variable: impl Fn(&str) -> Option<String>) -> HashiCorpSettings {
    HashiCorpSettings {
        address: section.address.clone(),
        namespace: section.namespace.clone(),
        mount: section.mount.clone(),
        prefix: section.path_prefix.clone(),
        ca_file: section.ca_file.clone(),
        log_in: match section.auth {
            VaultAuth::Token => LogIn::Token(token(section, &variable)),
            VaultAuth::AppRole => LogIn::AppRole {
                mount: section.approle_mount.clone(),
                role_id: role_id(section),
                secret_id: secret_id(section, &variable),
            },
        },
    }
}

/// The place that the file names, or else those that Vault's own tools use.
fn token(section: &HashiCorpVault, variable: impl Fn(&str) -> Option<String>) -> Wanted {
    let sources = match &section.token_file {
        Some(path) => vec![Source::File(path.clone())],
        None => {
            let home = variable("HOME").map(|home| Source::OptionalFile(PathBuf::from(home).join(".vault-token")));
            from_variable("VAULT_TOKEN", &variable).into_iter().chain(home).collect()
        }
    };
    let remedy = "run `vault login`, set VAULT_TOKEN, or name a file in vault.hashicorp.token_file";
    Wanted { what: "token", sources, remedy }
}

fn role_id(section: &HashiCorpVault) -> Wanted {
    let held = |value: &String| Source::Held {
        origin: "vault.hashicorp.role_id".to_owned(),
        value: SecretString::from(value.as_str()),
    };
    let file = section.role_id_file.clone().map(Source::File);
    let sources = section.role_id.as_ref().map(held).into_iter().chain(file).collect();
    Wanted { what: "role id", sources, remedy: "set vault.hashicorp.role_id or VAULT_ROLE_ID" }
}

fn secret_id(section: &HashiCorpVault, variable: impl Fn(&str) -> Option<String>) -> Wanted {
    let sources = match &section.secret_id_file {
        Some(path) => vec![Source::File(path.clone())],
        None => from_variable("VAULT_SECRET_ID", variable).into_iter().collect(),
    };
    Wanted {
        what: "secret id",
        sources,
        remedy: "name a file in vault.hashicorp.secret_id_file, or set VAULT_SECRET_ID",
    }
}

fn from_variable(name: &str, variable: impl Fn(&str) -> Option<String>) -> Option<Source> {
    let value = SecretString::from(variable(name)?);
    Some(Source::Held { origin: name.to_owned(), value })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(yaml: &str) -> HashiCorpVault {
        let text = format!("vault: {{backend: hashicorp, hashicorp: {{address: 'https://v.example', {yaml}}}}}");
        let loaded = crate::config::validate_str("test", &text, &[]).expect("valid");
        loaded.config.vault.hashicorp.expect("a section")
    }

    fn origins(wanted: &Wanted) -> Vec<String> {
        let origin = |source: &Source| match source {
            Source::File(path) => format!("file {}", path.display()),
            Source::OptionalFile(path) => format!("perhaps {}", path.display()),
            Source::Held { origin, .. } => origin.clone(),
        };
        wanted.sources.iter().map(origin).collect()
    }

    #[test]
    fn a_token_is_looked_for_where_the_file_says_or_else_where_vaults_tools_look() {
        let variable = |name: &str| match name {
            "VAULT_TOKEN" => Some("s.abc".to_owned()),
            "HOME" => Some("/home/ada".to_owned()),
            _ => None,
        };
        assert_eq!(origins(&token(&section(""), variable)), ["VAULT_TOKEN", "perhaps /home/ada/.vault-token"]);
        assert_eq!(origins(&token(&section("token_file: /t"), variable)), ["file /t"]);
        assert!(token(&section(""), |_| None).sources.is_empty());
    }

    #[test]
    fn a_role_is_taken_from_files_or_the_environment() {
        let role = section("auth: approle, role_id: web, secret_id_file: /s");
        let LogIn::AppRole { mount, role_id, secret_id } = settings(&role, |_| None).log_in else {
            panic!("it is a role")
        };
        assert_eq!((mount.as_str(), origins(&role_id)), ("approle", vec!["vault.hashicorp.role_id".to_owned()]));
        assert_eq!(origins(&secret_id), ["file /s"]);
        let role = section("auth: approle, role_id_file: /r, secret_id_file: /s, approle_mount: team/role");
        assert_eq!(origins(&super::role_id(&role)), ["file /r"]);
    }
}
