//! `doctor`: looks at everything that can be in the way, and says what to do. It works where the configuration does not, and changes nothing:
//! what it leaves is compiled code in the cache, rows of the audit for what it asks of platforms, and a token that was about to end, renewed.

mod connections;
mod home;
mod machine;
mod plugins;
mod store;
mod vault;

use serde::Serialize;

use super::error::exit;
use super::{App, Installation};
use crate::config::{Config, ConfigErrors, Home, Loaded, Overrides, Severity};

/// What came of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing is wrong.
    Ok,
    /// It was not looked at, or cannot be known.
    Skipped,
    /// It works, and probably not as it is meant to.
    Warning,
    /// It keeps something from working, or secrets from being safe.
    Problem,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Which: `home`, `disk`, `configuration`, `plugins`, `vault`, `database`, `scans`, `cache`, `connection`, `clock`.
    pub check: &'static str,
    /// Of what, where there are several: a platform.
    pub subject: Option<String>,
    /// What came of it.
    pub state: Verdict,
    /// What was found.
    pub message: String,
    /// What to do, where the message does not say so itself.
    pub remedy: Option<String>,
}

impl Check {
    fn new(check: &'static str, state: Verdict, message: impl Into<String>) -> Check {
        Check { check, subject: None, state, message: message.into(), remedy: None }
    }

    fn ok(check: &'static str, message: impl Into<String>) -> Check {
        Check::new(check, Verdict::Ok, message)
    }

    fn skipped(check: &'static str, message: impl Into<String>) -> Check {
        Check::new(check, Verdict::Skipped, message)
    }

    fn warning(check: &'static str, message: impl Into<String>) -> Check {
        Check::new(check, Verdict::Warning, message)
    }

    fn problem(check: &'static str, message: impl Into<String>) -> Check {
        Check::new(check, Verdict::Problem, message)
    }

    fn of(self, subject: impl Into<String>) -> Check {
        Check { subject: Some(subject.into()), ..self }
    }

    fn remedy(self, remedy: impl Into<String>) -> Check {
        Check { remedy: Some(remedy.into()), ..self }
    }
}

/// The exit code for scripts: 0 unless something is a problem.
#[must_use]
pub fn exit_code(checks: &[Check]) -> u8 {
    let bad = checks.iter().any(|check| check.state == Verdict::Problem);
    if bad { exit::FAILURE } else { exit::OK }
}

/// Looks at a home and what belongs to it. Asks platforms unless `offline`.
pub async fn examine(home: Home, offline: bool) -> Vec<Check> {
    let mut checks = home::permissions(&home);
    checks.extend(machine::disk(&home));
    let (examined, found) = store::database(&home).await;
    let installation = match Installation::open(home.clone()).await {
        Ok(installation) => installation,
        Err(error) => {
            checks.push(Check::problem("plugins", error.to_string()).remedy("Install ghoststack anew"));
            checks.extend(found);
            return checks;
        }
    };
    let loaded = installation.with_schemas(|schemas| Config::load_with(&home, schemas, &Overrides::from_env()));
    let loaded = match loaded {
        Ok(loaded) => installation.check_settings(&loaded).await.map(|()| loaded),
        Err(errors) => Err(errors),
    };
    checks.extend(configuration(&home, &loaded));
    checks.extend(plugins::installed(&installation).await);
    checks.extend(found);
    checks.extend(store::scans(&home, examined.as_ref(), installation.clock.now()));
    checks.extend(machine::cache(&home));
    let Ok(loaded) = loaded else {
        let why = "not looked at: the configuration, which says where it is, cannot be used";
        checks.extend(["vault", "connection"].map(|check| Check::skipped(check, why)));
        return checks;
    };
    let app = App { installation, loaded };
    checks.extend(vault::vault(&app).await);
    checks.extend(connections::connections(&app, examined.as_ref(), offline).await);
    checks
}

fn configuration(home: &Home, loaded: &Result<Loaded, ConfigErrors>) -> Vec<Check> {
    const NAME: &str = "configuration";
    let remedy = "`ghoststack prospector config validate` shows each with its place";
    match loaded {
        Err(errors) => {
            let all = errors.diagnostics().iter().filter(|found| found.severity == Severity::Error);
            let told: Vec<String> = all.map(|found| found.message.clone()).collect();
            let message = format!("{} cannot be used: {}", errors.file(), told.join("; "));
            vec![Check::problem(NAME, message).remedy(remedy)]
        }
        Ok(loaded) if !loaded.warnings.is_empty() => {
            let told: Vec<String> = loaded.warnings.iter().map(|found| found.message.clone()).collect();
            vec![Check::warning(NAME, told.join("; ")).remedy(remedy)]
        }
        Ok(_) if home.config_file().exists() => {
            vec![Check::ok(NAME, format!("{} is valid", home.config_file().display()))]
        }
        Ok(_) => vec![Check::ok(NAME, "there is no file; the defaults are in effect")],
    }
}
