//! `proposals templates`.

use serde::Serialize;

use super::args::Templates;
use crate::app::error::exit;
use crate::app::leads;
use crate::app::proposals::templates::{self, Checked, TemplateRow};
use crate::app::{Access, App, AppError};
use crate::cli::output::{Output, Style};
use crate::cli::text;
use crate::config::ConfigErrors;
use crate::store::StoredLead;

#[derive(Serialize)]
struct ListDocument<'a> {
    templates: Vec<TemplateRow>,
    broken: Vec<&'a ConfigErrors>,
}

#[derive(Serialize)]
struct CheckDocument<'a> {
    usable: Vec<UsableRow<'a>>,
    broken: Vec<&'a ConfigErrors>,
}

#[derive(Serialize)]
struct UsableRow<'a> {
    name: &'a str,
    /// What is left for the person; none where no lead was named.
    unfilled: Option<&'a [String]>,
}

pub(super) async fn run(command: Templates, output: &mut Output) -> Result<u8, AppError> {
    let app = App::open().await?;
    match command {
        Templates::New { name } => {
            let path = templates::new(&app, &name)?;
            if output.is_json() {
                output.json(&serde_json::json!({"file": path}));
            } else {
                output.line(format_args!("Wrote {}", path.display()));
            }
            Ok(exit::OK)
        }
        Templates::List { lead } => {
            let stored = named(&app, lead.as_deref()).await?;
            list(&app, stored.as_ref(), output)
        }
        Templates::Check { lead } => {
            let stored = named(&app, lead.as_deref()).await?;
            check(&app, stored.as_ref(), output)
        }
    }
}

async fn named(app: &App, lead: Option<&str>) -> Result<Option<StoredLead>, AppError> {
    let Some(reference) = lead else { return Ok(None) };
    let services = app.services(Access::Read).await?;
    let found = leads::find_lead(app, &services, reference).await;
    services.close().await;
    found.map(Some)
}

fn list(app: &App, lead: Option<&StoredLead>, output: &mut Output) -> Result<u8, AppError> {
    let templates = templates::load(app)?;
    let rows = templates::rows(app, &templates, lead);
    let broken: Vec<&ConfigErrors> = templates.broken.iter().map(|broken| &broken.problems).collect();
    if output.is_json() {
        output.json(&ListDocument { templates: rows, broken });
        return Ok(exit::OK);
    }
    for row in &rows {
        let file = row.file.as_ref().map_or_else(|| "built in".to_owned(), |file| file.display().to_string());
        let chosen = row.fit.as_ref().is_some_and(|fit| fit.chosen);
        let name = output.style(if chosen { Style::Good } else { Style::Bold }, text::line(&row.name));
        output.line(format_args!(
            "{}{name}  {}",
            if chosen { "* " } else { "" },
            output.style(Style::Dim, text::line(&file))
        ));
        let any = |names: &[String]| if names.is_empty() { "any".to_owned() } else { text::line(&names.join(", ")) };
        let (skills, kinds) = (any(&row.match_skills), any(&row.match_job_type));
        output.line(format_args!("    skills: {skills}; job type: {kinds}; priority {}", row.priority));
        if let Some(reason) = row.fit.as_ref().and_then(|fit| fit.reason.as_ref()) {
            let head = if chosen { "is taken" } else { "does not suit" };
            output.line(format_args!("    {head}: {}", text::line(reason)));
        }
    }
    warn(&broken, output);
    Ok(exit::OK)
}

fn warn(broken: &[&ConfigErrors], output: &mut Output) {
    for problems in broken {
        output.message(problems.render(output.width()).trim_end());
    }
}

fn check(app: &App, lead: Option<&StoredLead>, output: &mut Output) -> Result<u8, AppError> {
    let templates = templates::load(app)?;
    let tried = lead.map(|stored| templates::check(app, &templates, stored));
    let wrong = tried.iter().flatten().filter_map(|checked| checked.outcome.as_ref().err());
    let broken: Vec<&ConfigErrors> = templates.broken.iter().map(|broken| &broken.problems).chain(wrong).collect();
    let usable: Vec<UsableRow<'_>> = match &tried {
        Some(tried) => tried
            .iter()
            .filter_map(|Checked { name, outcome }| Some(UsableRow { name, unfilled: Some(outcome.as_deref().ok()?) }))
            .collect(),
        None => templates.usable.iter().map(|of| UsableRow { name: &of.keys.name, unfilled: None }).collect(),
    };
    let code = if broken.is_empty() { exit::OK } else { exit::CONFIG };
    if output.is_json() {
        output.json(&CheckDocument { usable, broken });
        return Ok(code);
    }
    for row in &usable {
        let left = match row.unfilled {
            Some([_, ..]) => format!("; left for you: {}", text::line(&row.unfilled.unwrap_or_default().join(", "))),
            _ => String::new(),
        };
        output.line(format_args!("{}: no mistakes{left}", output.style(Style::Good, text::line(row.name))));
    }
    warn(&broken, output);
    Ok(code)
}
