//! `proposals show`.

use crate::app::error::exit;
use crate::app::proposals::find;
use crate::app::proposals::list::{AnswerRow, ShownRow, shown};
use crate::app::{Access, App, AppError};
use crate::cli::output::{Output, Style};
use crate::cli::text;

use super::outcome;

pub(super) async fn run(number: i64, output: &mut Output) -> Result<u8, AppError> {
    let app = App::open().await?;
    let services = app.services(Access::Read).await?;
    let found = async {
        let proposal = find(&app, &services, number).await?;
        let shown = shown(&app, &services, &proposal).await?;
        Ok::<_, AppError>((proposal, shown))
    }
    .await;
    services.close().await;
    let (proposal, shown) = found?;
    if output.is_json() {
        output.json(&shown);
        return Ok(exit::OK);
    }
    headline(&shown, output);
    terms(&shown, output);
    output.line("");
    output.line(text::paragraphs(&shown.text));
    answers(&shown.answers, output);
    let found = crate::app::proposals::problems(&proposal.content);
    if !found.is_empty() || proposal.content.trouble.is_some() || proposal.state.is_editable() {
        output.line("");
        outcome(&proposal, &found, output);
    }
    story(&shown, output);
    Ok(exit::OK)
}

fn headline(shown: &ShownRow, output: &mut Output) {
    let row = &shown.proposal;
    let head = output.style(Style::Bold, format_args!("Proposal {}", row.number));
    output.line(format_args!("{head}  {}  {}", row.state, text::fit(&text::line(&row.title), 200)));
    output.line(output.style(Style::Dim, text::line(&row.url)));
}

fn terms(shown: &ShownRow, output: &mut Output) {
    let row = &shown.proposal;
    output.line("");
    let mut term = |name: &str, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            output.line(format_args!("{}{}", text::pad(name, 14), text::line(&value)));
        }
    };
    term("platform", Some(format!("{} {}", row.platform, row.id)));
    term("points", row.score.map(|score| format!("{score:.2}")));
    term("template", row.template.clone());
    term("amount", row.amount.map(|amount| format!("{amount:.2} {}", row.currency.as_deref().unwrap_or_default())));
    term("days", row.days.map(|days| days.to_string()));
    for milestone in &shown.milestones {
        let due = milestone.due_at.map(|due| format!(", by {}", text::time(due))).unwrap_or_default();
        term(
            "milestone",
            Some(format!("{:.2} {}: {}{due}", milestone.amount, milestone.currency, milestone.description)),
        );
    }
    for (name, value) in &shown.attributes {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        term("term", (!value.is_empty()).then(|| format!("{name} = {value}")));
    }
    for cost in &shown.costs {
        term("cost", Some(format!("{}: {}", cost.name, cost.amount)));
    }
    let most = shown.characters_maximum.map(|most| format!(" of {most}")).unwrap_or_default();
    term("text", Some(format!("{}{most} characters", shown.characters)));
    if let Some(remote) = &shown.remote {
        let at = remote.submitted_at.map(|at| format!(" since {}", text::time(at))).unwrap_or_default();
        term("there", Some(format!("{} {}{at}", remote.id, remote.status)));
        term("read at", remote.url.clone());
    }
}

fn answers(answers: &[AnswerRow], output: &mut Output) {
    for (index, AnswerRow { question, required, answer }) in answers.iter().enumerate() {
        let required = if *required { "" } else { " (may be left out)" };
        output.line("");
        let asked = output.style(Style::Bold, format_args!("{index}: {}{required}", text::line(question)));
        output.line(asked);
        output.line(if answer.is_empty() {
            output.style(Style::Dim, "no answer yet")
        } else {
            text::paragraphs(answer)
        });
    }
}

fn story(shown: &ShownRow, output: &mut Output) {
    output.line("");
    output.line(output.style(Style::Dim, "STORY"));
    for passage in &shown.story {
        output.line(format_args!("{}  {:<10}  {}", text::time(passage.at), passage.state, text::line(&passage.note)));
    }
}
