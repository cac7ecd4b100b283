//! `proposals draft`.

use serde::Serialize;

use super::args::DraftArgs;
use super::{edit, outcome};
use crate::app::error::exit;
use crate::app::leads;
use crate::app::proposals::draft::{Drafted, Wishes, by_hand};
use crate::app::proposals::list::{ShownRow, shown};
use crate::app::proposals::templates;
use crate::app::retention;
use crate::app::{Access, App, AppError, Services};
use crate::cli::args::Globals;
use crate::cli::leads::tell_fetched;
use crate::cli::output::{Output, Style};
use crate::cli::text;
use crate::store::StoredLead;

#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    shown: ShownRow,
    /// Why this template.
    template_reason: &'a str,
    /// Where the amount comes from.
    amount_reason: &'a str,
}

pub(super) async fn run(globals: &Globals, args: DraftArgs, output: &mut Output) -> Result<u8, AppError> {
    let app = App::open().await?;
    let editor = if args.edit { Some(edit::editor(globals)?) } else { None };
    let services = app.services(Access::Write).await?;
    let done = async {
        let drafted = drafted(&app, &services, &args, output).await?;
        if editor.is_none() || !output.is_json() {
            print(&app, &services, &drafted, output).await?;
        }
        match &editor {
            Some(editor) => edit::in_editor(globals, &app, &services, drafted.proposal, editor, output).await,
            None => Ok(exit::OK),
        }
    }
    .await;
    services.close().await;
    done
}

async fn drafted(app: &App, services: &Services, args: &DraftArgs, output: &mut Output) -> Result<Drafted, AppError> {
    let mut stored = leads::find_lead(app, services, &args.lead).await?;
    with_texts(app, services, &mut stored, output).await?;
    let templates = templates::load(app)?;
    for broken in &templates.broken {
        output.message(broken.problems.render(output.width()).trim_end());
    }
    let wishes = Wishes {
        template: args.template.clone(),
        amount: args.amount.map(|amount| amount.0),
        days: args.days,
        force: args.force,
    };
    by_hand(app, services, &stored, &templates, &wishes).await
}

/// Texts that were purged are fetched again.
async fn with_texts(
    app: &App,
    services: &Services,
    stored: &mut StoredLead,
    output: &mut Output,
) -> Result<(), AppError> {
    if stored.purged_at.is_none() {
        return Ok(());
    }
    tell_fetched(&retention::fetch_again(app, services, stored).await?, output);
    match stored.purged_at {
        None => Ok(()),
        Some(_) => Err(AppError::Failed {
            message: "without its texts nothing can be drafted".to_owned(),
            remedy: Some("Scan again: a posting that is still there has its texts then".to_owned()),
            exit_code: exit::UNAVAILABLE,
        }),
    }
}

async fn print(app: &App, services: &Services, drafted: &Drafted, output: &mut Output) -> Result<(), AppError> {
    let Drafted { proposal, problems, chosen, priced } = drafted;
    if output.is_json() {
        let shown = shown(app, services, proposal).await?;
        output.json(&Document { shown, template_reason: chosen, amount_reason: priced });
        return Ok(());
    }
    let content = &proposal.content;
    let head = output.style(Style::Bold, format_args!("Proposal {}", proposal.number));
    output.line(format_args!("{head} to {} ({})", text::line(&content.title), proposal.account.platform));
    let template = content.template.as_deref().unwrap_or_default();
    output.line(format_args!("  template  {}: {}", text::line(template), text::line(chosen)));
    let amount = content.draft.amount.as_ref();
    let amount = amount.map_or_else(
        || "none".to_owned(),
        |of| format!("{} {}", crate::proposal::check::units(of.amount), of.currency),
    );
    output.line(format_args!("  amount    {amount}: {}", text::line(priced)));
    output.line("");
    output.line(text::paragraphs(&content.draft.text));
    output.line("");
    outcome(proposal, problems, output);
    Ok(())
}
