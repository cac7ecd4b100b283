//! How the simulator is started: the same options for the command line and for tests in process.

use std::path::PathBuf;

use clap::Parser;

use crate::oauth::{Consent, OAuthSettings, RedirectRule, RefreshAnswer, Registration, ReuseAnswer};
use crate::{freelancer, upwork};

const OUTPUT: &str = "The first line on standard output is JSON:\n  \
{\"freelancer\":{\"api\":\"http://127.0.0.1:P\",\"accounts\":\"http://127.0.0.1:A\"},\"upwork\":{…the same…},\"control\":\"http://127.0.0.1:C\"}\n\
It stops on SIGTERM and SIGINT.\n\nRoutes of the control origin:\n\n";

/// Faithful local stand-ins for the platforms that Prospector talks to.
///
/// Nothing leaves this machine: every origin is on 127.0.0.1, every posting and account is invented.
#[derive(Debug, Clone, Parser)]
#[command(name = "platform-sim", version, after_help = format!("{OUTPUT}{}", crate::control::ROUTES))]
pub struct Options {
    /// Port of Freelancer's API; any free one when absent
    #[arg(long, value_name = "PORT")]
    pub freelancer_port: Option<u16>,

    /// Port of Freelancer's accounts (OAuth); any free one when absent
    #[arg(long, value_name = "PORT")]
    pub freelancer_accounts_port: Option<u16>,

    /// Port of Upwork's API; any free one when absent
    #[arg(long, value_name = "PORT")]
    pub upwork_port: Option<u16>,

    /// Port of Upwork's accounts (OAuth); any free one when absent
    #[arg(long, value_name = "PORT")]
    pub upwork_accounts_port: Option<u16>,

    /// Port of the control origin; any free one when absent
    #[arg(long, value_name = "PORT")]
    pub control_port: Option<u16>,

    /// Serve these projects in place of the samples: a recorded search answer, or JSON lines of project
    /// objects (a line {"users": {...}} adds owners)
    #[arg(long, value_name = "FILE")]
    pub freelancer_data: Option<PathBuf>,

    /// Serve these jobs in place of the samples: JSON lines of search nodes; absent fields are null
    #[arg(long, value_name = "FILE")]
    pub upwork_data: Option<PathBuf>,

    /// Upwork serves its public schema alone: without the assumed operations that submit a proposal
    #[arg(long)]
    pub upwork_strict: bool,

    /// Upwork's key is an enterprise's: it may use the grant client_credentials
    #[arg(long)]
    pub upwork_enterprise: bool,

    /// Upwork's key lacks this permission, by its id such as pub-marketplace-job-postings:read:all; repeatable
    #[arg(long, value_name = "ID", value_parser = clap::builder::PossibleValuesParser::new(upwork::PERMISSIONS))]
    pub upwork_missing_permission: Vec<String>,

    /// Requests a minute that Upwork allows an address; 0 for no limit
    #[arg(long, value_name = "N", default_value_t = upwork::RATE_LIMIT)]
    pub upwork_rate_limit: u32,

    /// The client id that is registered
    #[arg(long, value_name = "ID", default_value = "sim-client")]
    pub client_id: String,

    /// Its secret
    #[arg(long, value_name = "SECRET", default_value = "sim-secret")]
    pub client_secret: String,

    /// A registered redirect address, compared exactly; repeatable. Default: any loopback http address with
    /// the path /auth/<platform>/callback or /cb
    #[arg(long, value_name = "URI")]
    pub redirect_uri: Vec<String>,

    /// Answer the consent page at once with yes
    #[arg(long)]
    pub auto_consent: bool,

    /// Answer the consent page at once with no
    #[arg(long, conflicts_with = "auto_consent")]
    pub auto_deny: bool,

    /// The application waits for the platforms' approval
    #[arg(long)]
    pub pending: bool,

    /// Freelancer's registration lacks this advanced scope, by number (2 is fln:project_manage); repeatable
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u8).range(1..=6))]
    pub missing_scope: Vec<u8>,

    /// What a refresh answers with: a new refresh token (the old one is dead), the same, or none
    #[arg(long, value_name = "WHAT", value_enum, default_value_t = RefreshAnswer::Rotate)]
    pub refresh_tokens: RefreshAnswer,

    /// What a refresh token comes to that is used again after a rotation: refused alone, or with all that followed from its agreement
    #[arg(long, value_name = "WHAT", value_enum, default_value_t = ReuseAnswer::Refuse)]
    pub refresh_reuse: ReuseAnswer,

    /// Check PKCE's code_verifier where a code_challenge was sent; without this, and at Upwork always, both
    /// are ignored
    #[arg(long)]
    pub pkce: bool,

    /// Use Freelancer's newer, nested error envelope
    #[arg(long)]
    pub nested_errors: bool,

    /// Requests a minute that Freelancer allows a user; 0 for no limit at all
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub rate_limit: u32,

    /// Requests an hour that Freelancer allows a user; 0 for no limit
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub rate_limit_hour: u32,

    /// Stop when standard input closes, so that nothing is left running when the starter is killed
    #[arg(long)]
    pub exit_with_stdin: bool,
}

impl Default for Options {
    /// The command line's defaults.
    fn default() -> Self {
        Self {
            freelancer_port: None,
            freelancer_accounts_port: None,
            upwork_port: None,
            upwork_accounts_port: None,
            control_port: None,
            freelancer_data: None,
            upwork_data: None,
            upwork_strict: false,
            upwork_enterprise: false,
            upwork_missing_permission: Vec::new(),
            upwork_rate_limit: upwork::RATE_LIMIT,
            client_id: "sim-client".to_owned(),
            client_secret: "sim-secret".to_owned(),
            redirect_uri: Vec::new(),
            auto_consent: false,
            auto_deny: false,
            pending: false,
            missing_scope: Vec::new(),
            refresh_tokens: RefreshAnswer::Rotate,
            refresh_reuse: ReuseAnswer::Refuse,
            pkce: false,
            nested_errors: false,
            rate_limit: 50,
            rate_limit_hour: 1000,
            exit_with_stdin: false,
        }
    }
}

impl Options {
    pub(crate) fn registration(&self, platform: &'static str) -> Registration {
        Registration {
            client_id: self.client_id.clone(),
            client_secret: self.client_secret.clone(),
            redirects: if self.redirect_uri.is_empty() {
                RedirectRule::AnyLoopback { platform }
            } else {
                RedirectRule::Exactly(self.redirect_uri.clone())
            },
        }
    }

    pub(crate) fn freelancer_settings(&self) -> freelancer::ApiSettings {
        freelancer::ApiSettings {
            missing_scopes: self.missing_scope.clone(),
            nested_errors: self.nested_errors,
            rate_limit: self.rate_limit,
            rate_limit_hour: if self.rate_limit == 0 { 0 } else { self.rate_limit_hour },
            ..freelancer::ApiSettings::default()
        }
    }

    pub(crate) fn upwork_settings(&self) -> upwork::ApiSettings {
        let mut settings = upwork::ApiSettings {
            strict: self.upwork_strict,
            enterprise: self.upwork_enterprise,
            rate_limit: self.upwork_rate_limit,
            ..upwork::ApiSettings::default()
        };
        settings.permissions.retain(|id| !self.upwork_missing_permission.contains(id));
        settings
    }

    /// What the platforms' authorisation servers have in common; lifetimes are Freelancer's.
    pub(crate) fn freelancer_oauth(&self) -> OAuthSettings {
        OAuthSettings {
            pending: self.pending,
            consent: match (self.auto_consent, self.auto_deny) {
                (true, _) => Consent::Allow,
                (_, true) => Consent::Deny,
                _ => Consent::Ask,
            },
            refresh: self.refresh_tokens,
            reuse: self.refresh_reuse,
            pkce: self.pkce,
            code_seconds: freelancer::CODE_SECONDS,
            access_seconds: freelancer::ACCESS_SECONDS,
            refresh_seconds: 0,
        }
    }

    pub(crate) fn upwork_oauth(&self) -> OAuthSettings {
        OAuthSettings {
            pkce: false,
            code_seconds: upwork::CODE_SECONDS,
            access_seconds: upwork::ACCESS_SECONDS,
            refresh_seconds: upwork::REFRESH_SECONDS,
            ..self.freelancer_oauth()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_in_process_are_those_of_the_command_line() {
        let parsed = Options::try_parse_from(["platform-sim"]).expect("no option is required");
        assert_eq!(format!("{parsed:?}"), format!("{:?}", Options::default()));
    }
}
