//! The person's templates: read, tried, begun.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;

use jiff::tz::TimeZone;
use serde::Serialize;

use crate::app::error::exit;
use crate::app::{App, AppError};
use crate::config::ConfigErrors;
use crate::proposal::amount::suggest;
use crate::proposal::context::{Context, Materials};
use crate::proposal::marker::unfilled;
use crate::proposal::skills::Names;
use crate::proposal::template::{self, STARTER, Template, Templates, choice, choose};
use crate::store::StoredLead;
use crate::subject::Subject;

/// A template, as it is printed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TemplateRow {
    /// What it is called.
    pub name: String,
    /// Its file; none for the one that is built in.
    pub file: Option<PathBuf>,
    /// Skills that it is for; none for any.
    pub match_skills: Vec<String>,
    /// Job types that it is for; none for any.
    pub match_job_type: Vec<String>,
    /// Decides between those that suit alike.
    pub priority: i32,
    /// How it suits the lead, where one was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fit: Option<FitRow>,
}

/// How a template suits a lead, as it is printed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FitRow {
    /// Whether it is the one that is taken.
    pub chosen: bool,
    /// Its skills that are asked for.
    pub skills: Vec<String>,
    /// Why it is taken, or does not suit; none where another one suits better.
    pub reason: Option<String>,
}

/// Reads the home's templates.
///
/// # Errors
/// Where their folder cannot be listed.
pub fn load(app: &App) -> Result<Templates, AppError> {
    let folder = app.home().templates_dir();
    template::load(&folder).map_err(|error| AppError::Failed {
        message: format!("the templates in {} cannot be read: {error}", folder.display()),
        remedy: Some("check the folder's owner and permissions".to_owned()),
        exit_code: exit::STORAGE,
    })
}

/// The templates, and how they suit a lead.
#[must_use]
pub fn rows(app: &App, templates: &Templates, lead: Option<&StoredLead>) -> Vec<TemplateRow> {
    let names = lead.map(|stored| Names::of(&app.config().profile, &stored.account.platform));
    let suits = lead.zip(names.as_ref());
    let chosen = suits.and_then(|(stored, names)| choose(&templates.usable, &stored.lead.posting, names));
    let row = |template: &Template| {
        let fit = suits.map(|(stored, names)| {
            let fit = choice::fit(template, &stored.lead.posting, names);
            let best = chosen.as_ref().filter(|choice| choice.template.keys.name == template.keys.name);
            FitRow {
                chosen: best.is_some(),
                skills: fit.skills.iter().map(|skill| (*skill).to_owned()).collect(),
                reason: best.map(|choice| choice.reason.clone()).or(fit.against),
            }
        });
        let keys = template.keys.clone();
        TemplateRow {
            name: keys.name,
            file: template.file.clone(),
            match_skills: keys.match_skills,
            match_job_type: keys.match_job_type,
            priority: keys.priority,
            fit,
        }
    };
    templates.usable.iter().map(row).collect()
}

/// What came of trying a template.
#[derive(Debug)]
pub struct Checked {
    /// Which.
    pub name: String,
    /// What it leaves to be filled in; or what is wrong with it.
    pub outcome: Result<Vec<String>, ConfigErrors>,
}

/// Renders each template for a lead.
#[must_use]
pub fn check(app: &App, templates: &Templates, stored: &StoredLead) -> Vec<Checked> {
    let config = app.config();
    let posting = &stored.lead.posting;
    let suggestion = suggest(posting, &config.profile.rates, None);
    let subject =
        Subject { platform: &stored.account.platform, posting, explained: &stored.lead.explained, now: app.now() };
    let zone: TimeZone = crate::notify::hours::zone(&config.profile.timezone);
    let (profile, signature) = (&config.profile, config.proposals.signature.as_deref());
    let context = Context::of(&Materials { subject, profile, signature, suggestion: &suggestion, zone: &zone });
    let tried = templates.usable.iter().map(|template| Checked {
        name: template.keys.name.clone(),
        outcome: template.render(&context).map(|text| unfilled(&text)),
    });
    tried.collect()
}

/// Writes a template to begin with; where it is.
///
/// # Errors
/// [`AppError::Usage`] for a name that cannot be one; where there is one already, which is never overwritten.
pub fn new(app: &App, name: &str) -> Result<PathBuf, AppError> {
    let folder = app.home().templates_dir();
    let path = folder.join(format!("{name}.md"));
    let text = STARTER.replace("NAME", name);
    let can_be = name.len() <= 63 && name.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-');
    if !can_be || !name.chars().all(plain) {
        return Err(AppError::Usage(format!(
            "a template cannot be called `{name}`: lower-case letters, digits, `-` and `_` make a name"
        )));
    }
    app.home().ensure_dir(&folder)?;
    let file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
    let done = file.and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()));
    done.map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => AppError::Usage(format!(
            "{} exists already and is never overwritten; edit it, or give another name",
            path.display()
        )),
        _ => AppError::Failed {
            message: format!("{} cannot be written: {error}", path.display()),
            remedy: None,
            exit_code: exit::STORAGE,
        },
    })?;
    Ok(path)
}
