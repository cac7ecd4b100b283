//! *Settings*: the configuration as a file, checked as a whole before it is saved, and all that is in force with where it comes from.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Form, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use serde::Deserialize;

use crate::app::editing;
use crate::config::{ConfigErrors, Diagnostic, Place, Setting, Severity};
use crate::dashboard::answer::{Failure, Html};
use crate::dashboard::desk::Desk;
use crate::dashboard::door::session::Visitor;
use crate::dashboard::frame::Frame;
use crate::plain;
use crate::plugin::digest::Digest;

/// The page's routes.
pub fn routes() -> Router<Arc<Desk>> {
    Router::new().route("/settings", get(show).post(save))
}

struct Problem {
    place: String,
    path: String,
    message: String,
    help: String,
    is_error: bool,
}

struct InForce {
    path: String,
    value: String,
    origin: String,
}

#[derive(Template)]
#[template(path = "settings.html")]
struct SettingsPage {
    frame: Frame,
    file: String,
    /// None where it cannot be shown.
    text: Option<String>,
    lines: usize,
    digest: String,
    problems: Vec<Problem>,
    is_checked: bool,
    settings: Vec<InForce>,
}

#[derive(Deserialize)]
struct Saved {
    text: String,
    made_from: String,
    #[serde(default)]
    what: String,
}

async fn show(State(desk): State<Arc<Desk>>, visitor: Visitor) -> Result<Response, Failure> {
    let live = desk.live().await;
    let editable = editing::read(&live.app.installation)?;
    let (text, digest) = editable.map_or((None, String::new()), |of| (Some(of.text), of.digest.to_string()));
    let problems = live.app.loaded.warnings.iter().map(problem).collect();
    Ok(page(&desk, &visitor, text, digest, problems, false).await)
}

async fn page(
    desk: &Desk,
    visitor: &Visitor,
    text: Option<String>,
    digest: String,
    problems: Vec<Problem>,
    is_checked: bool,
) -> Response {
    let live = desk.live().await;
    let page = SettingsPage {
        file: live.app.home().config_file().display().to_string(),
        lines: text.as_deref().map_or(0, |text| text.lines().count()).clamp(16, 40),
        text,
        digest,
        problems,
        is_checked,
        settings: live.app.loaded.settings.iter().map(in_force).collect(),
        frame: Frame::of(desk, visitor, "settings"),
    };
    Html(page).into_response()
}

fn in_force(of: &Setting) -> InForce {
    InForce {
        path: of.path.clone(),
        value: plain::line(&of.value.to_string()),
        origin: plain::line(&of.origin.to_string()),
    }
}

fn problem(of: &Diagnostic) -> Problem {
    let place = match &of.place {
        place @ (Place::File(_) | Place::Environment(_) | Place::Flag(_)) => place.to_string(),
        _ => String::new(),
    };
    let suggestion = of.suggestion.as_ref().map(|nearest| format!("did you mean `{nearest}`?"));
    let help: Vec<String> = suggestion.into_iter().chain(of.help.clone()).collect();
    Problem {
        place,
        path: of.path.clone(),
        message: plain::line(&of.message),
        help: plain::line(&help.join(" ")),
        is_error: matches!(of.severity, Severity::Error),
    }
}

fn problems(of: &ConfigErrors) -> Vec<Problem> {
    of.diagnostics().iter().map(problem).collect()
}

/// Saves, or only checks. What was entered is there again where it cannot be used.
async fn save(State(desk): State<Arc<Desk>>, visitor: Visitor, Form(form): Form<Saved>) -> Result<Response, Failure> {
    let text = form.text.replace("\r\n", "\n");
    let made_from: Digest = form.made_from.parse().map_err(|_| Failure::unusable("The form is not as it was."))?;
    let live = desk.live().await;
    let checked = editing::check(&live.app.installation, &text).await;
    let (problems, is_good) = match &checked {
        Ok(loaded) => (loaded.warnings.iter().map(problem).collect(), true),
        Err(errors) => (problems(errors), false),
    };
    if !is_good || form.what == "check" {
        return Ok(page(&desk, &visitor, Some(text), form.made_from, problems, is_good).await);
    }
    desk.act(move |live| async move { editing::save(&live.app.installation, made_from, &text).await }).await?;
    desk.sessions.say(&visitor, "Saved, and in force.");
    Ok(Redirect::to("/settings").into_response())
}
