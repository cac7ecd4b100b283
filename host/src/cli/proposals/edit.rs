//! `proposals edit`.

use std::io::Read as _;

use super::args::EditArgs;
use super::outcome;
use crate::app::error::exit;
use crate::app::proposals::edit::{Changes, Copy, Edited, changed, editable, store};
use crate::app::proposals::find;
use crate::app::proposals::list::shown;
use crate::app::{Access, App, AppError, Services};
use crate::cli::args::Globals;
use crate::cli::output::Output;
use crate::cli::{editor, prompt};
use crate::proposal::Proposal;
use crate::proposal::editing::MAX_EDITED_BYTES;

pub(super) async fn run(globals: &Globals, args: EditArgs, output: &mut Output) -> Result<u8, AppError> {
    let app = App::open().await?;
    let (number, changes) = (args.number, changes(args)?);
    let editor = if changes.is_empty() { Some(editor(globals)?) } else { None };
    let services = app.services(Access::Write).await?;
    let done = async {
        let proposal = find(&app, &services, number).await?;
        editable(&proposal)?;
        match &editor {
            Some(editor) => in_editor(globals, &app, &services, proposal, editor, output).await,
            None => {
                let draft = changed(&proposal.content, &changes)?;
                let edited = store(&app, &services, &proposal, draft).await?;
                told(&app, &services, &edited, output).await
            }
        }
    }
    .await;
    services.close().await;
    done
}

/// The person's editor, or what to do without one.
pub(super) fn editor(globals: &Globals) -> Result<String, AppError> {
    editor::named(globals, "change single terms: `proposals edit N --text-file FILE --amount 500`")
}

pub(super) fn changes(args: EditArgs) -> Result<Changes, AppError> {
    let unreadable = |name: &str, why: String| AppError::Usage(format!("the text cannot be read from {name}: {why}"));
    let text = match &args.text_file {
        None => None,
        Some(path) => {
            let name = path.display().to_string();
            let mut bytes = Vec::new();
            let read = match path.as_os_str() == "-" {
                true => std::io::stdin().lock().take(MAX_EDITED_BYTES + 1).read_to_end(&mut bytes),
                false => {
                    std::fs::File::open(path).and_then(|file| file.take(MAX_EDITED_BYTES + 1).read_to_end(&mut bytes))
                }
            };
            read.map_err(|error| unreadable(&name, error.to_string()))?;
            if bytes.len() as u64 > MAX_EDITED_BYTES {
                return Err(unreadable(&name, format!("it is larger than {} KiB", MAX_EDITED_BYTES / 1024)));
            }
            Some(String::from_utf8(bytes).map_err(|_| unreadable(&name, "it is not UTF-8".to_owned()))?)
        }
    };
    Ok(Changes {
        text,
        amount: args.amount.map(|amount| amount.0),
        currency: args.currency,
        days: args.days,
        answers: args.answer,
        attributes: args.attribute,
    })
}

/// Has a person edit a proposal. Whatever cannot be stored stays in a file, and where that is, is told.
pub(super) async fn in_editor(
    globals: &Globals,
    app: &App,
    services: &Services,
    proposal: Proposal,
    editor: &str,
    output: &mut Output,
) -> Result<u8, AppError> {
    let copy = Copy::make(app.home(), &proposal)?;
    loop {
        output.flush();
        if let Err(error) = editor::opened(editor, copy.path()) {
            match copy.changed() {
                Ok(Some(_)) => kept(&copy, output),
                Ok(None) | Err(_) => copy.discard(),
            }
            return Err(error);
        }
        let Some(bytes) = copy.changed()? else {
            copy.discard();
            if output.is_json() {
                output.json(&shown(app, services, &proposal).await?);
            } else {
                output.line("Nothing was changed.");
            }
            return Ok(exit::OK);
        };
        match copy.draft(&bytes, &proposal.content.draft) {
            Ok(draft) => match store(app, services, &proposal, draft).await {
                Ok(edited) => {
                    copy.discard();
                    return told(app, services, &edited, output).await;
                }
                Err(error) => {
                    kept(&copy, output);
                    return Err(error);
                }
            },
            Err(problems) if prompt::is_possible(globals.no_input) => {
                output.message(problems.render(output.width()).trim_end());
                if !prompt::agreed("Edit again?", true)? {
                    kept(&copy, output);
                    return Ok(exit::CONFIG);
                }
            }
            Err(problems) => {
                kept(&copy, output);
                return Err(problems.into());
            }
        }
    }
}

fn kept(copy: &Copy, output: &mut Output) {
    output.message(format_args!("The proposal is as it was. Your changes are in {}", copy.path().display()));
}

async fn told(app: &App, services: &Services, edited: &Edited, output: &mut Output) -> Result<u8, AppError> {
    let Edited { proposal, problems, was_approved } = edited;
    if output.is_json() {
        output.json(&shown(app, services, proposal).await?);
        return Ok(exit::OK);
    }
    let approved = if *was_approved { ": what you had approved has to be approved again" } else { "" };
    output.line(format_args!("Proposal {} is changed{approved}", proposal.number));
    outcome(proposal, problems, output);
    Ok(exit::OK)
}
