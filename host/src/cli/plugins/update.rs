//! `plugins update`: what another version changes, and the question where something is new.

use serde_json::{Value, json};

use super::args;
use super::install::signing;
use crate::app::error::exit;
use crate::app::plugins::{self, Outlook, Signing, Update, Version};
use crate::app::{AppError, Installation};
use crate::cli::args::Globals;
use crate::cli::output::{Output, Style};
use crate::cli::{prompt, text};
use crate::plugin::difference::Change;

/// Updates one plugin, or all that are installed. One that fails does not keep the others from being updated.
pub async fn run(
    globals: &Globals,
    args: args::Update,
    installation: &Installation,
    output: &mut Output,
) -> Result<u8, AppError> {
    let ids = match &args.plugin {
        Some(id) => vec![id.clone()],
        None => {
            if let Some(error) = &installation.lock_problem {
                return Err(error.clone().into());
            }
            installation.installed.keys().cloned().collect()
        }
    };
    let (mut rows, mut code) = (Vec::new(), exit::OK);
    if ids.is_empty() && !output.is_json() {
        output.line("No plugin is installed; built-in ones are updated with this program.");
    }
    for id in ids {
        match one(globals, &args, installation, &id, output).await {
            Ok((row, ended)) => {
                rows.push(row);
                code = code.max(ended);
            }
            Err(error) if args.plugin.is_some() => return Err(error),
            Err(error) => {
                rows.push(json!({"id": id, "state": "failed", "error": error.to_string()}));
                code = code.max(error.exit_code());
                if !output.is_json() {
                    output.error(&error);
                }
            }
        }
    }
    if output.is_json() {
        output.json(&json!({"plugins": rows}));
    }
    Ok(code)
}

/// Updates a plugin: what is told of it, and the exit code.
async fn one(
    globals: &Globals,
    args: &args::Update,
    installation: &Installation,
    id: &str,
    output: &mut Output,
) -> Result<(Value, u8), AppError> {
    let choices = args.choices.choices();
    let outlook = plugins::look(installation, id, args.source.as_ref(), &choices, args.new_key.as_ref()).await?;
    let update = match outlook {
        Outlook::Current { installed, is_pinned } => {
            current(id, &installed, is_pinned, output);
            return Ok((json!({"id": id, "state": "current", "installed": installed}), exit::OK));
        }
        Outlook::Another(update) => update,
    };
    if !output.is_json() {
        show(&update, output);
        output.flush();
    }
    let mut row = row(&update);
    if args.check {
        row["state"] = if update.is_same { "damaged" } else { "available" }.into();
        return Ok((row, exit::OK));
    }
    if update.needs_agreement() && !args.yes {
        if output.is_json() || !prompt::is_possible(globals.no_input) {
            let command = command(&update, args);
            let unasked =
                AppError::Usage(format!("nobody is there to be asked; what is new is agreed to by: {command}"));
            if !output.is_json() {
                return Err(unasked);
            }
            output.problem(&unasked);
            (row["state"], row["error"]) = ("failed".into(), unasked.to_string().into());
            return Ok((row, unasked.exit_code()));
        }
        if !prompt::agreed("Update it?", false)? {
            output.message("Nothing was changed.");
            row["state"] = "declined".into();
            return Ok((row, exit::FAILURE));
        }
    }
    let version = text::line(&update.available().version);
    let is_same = update.is_same;
    update.apply(installation)?;
    row["state"] = if is_same { "repaired" } else { "updated" }.into();
    if !output.is_json() {
        output.line(match is_same {
            true => format!("`{id}` {version} is put right."),
            false => format!("`{id}` is updated to {version}."),
        });
    }
    Ok((row, exit::OK))
}

fn current(id: &str, installed: &Version, is_pinned: bool, output: &mut Output) {
    if output.is_json() {
        return;
    }
    let (version, source) = (text::line(&installed.version), text::line(&installed.source));
    output.line(match is_pinned {
        true => format!(
            "`{id}` {version} is pinned by its digest ({source}); another version: ghoststack prospector plugins update {id} SOURCE"
        ),
        false => format!("`{id}` {version} is up to date."),
    });
}

fn show(update: &Update, output: &mut Output) {
    let (installed, available) = (&update.installed, update.available());
    let (from, to) = (text::line(&installed.version), text::line(&available.version));
    let head = format!("{} (`{}`)", text::line(&update.candidate.plugin.descriptor().display_name), update.id);
    if let Some(damage) = &update.damage {
        let said = format!("What is kept of `{}` is not run: {}", update.id, text::line(&damage.to_string()));
        output.line(output.style(Style::Bad, said));
    }
    if update.is_same {
        output.line(format_args!("{} {to}", output.style(Style::Bold, head)));
        output.line(format_args!("It is to be had again from {}, {}", text::line(&available.source), available.digest));
        return;
    }
    output.line(format_args!("{} {from} -> {to}", output.style(Style::Bold, head)));
    output.line(format_args!("installed  {}, {}", text::line(&installed.source), installed.digest));
    output.line(format_args!("available  {}, {}", text::line(&available.source), available.digest));
    output.line(signing(&update.candidate.signing));
    if update.is_older {
        output.line(
            output
                .style(Style::Bad, format!("This is an older version than the installed one: {to} instead of {from}.")),
        );
    } else if from == to && installed.digest != available.digest {
        output.line("It has the same version as the installed one, and is another file.");
    }
    if let (Some(old), Signing::By { key, .. }) = (&update.replaced_key, &update.candidate.signing) {
        let said = format!("The key {} takes the place of {}, which was pinned.", key.id(), old.id());
        output.line(output.style(Style::Bad, said));
    }
    if update.changes.is_empty() {
        output.line("It wishes for nothing but what you granted.");
    }
    for change in &update.changes {
        output.line(match change {
            Change::New { wish } => format!("  new: it wishes to {}", text::line(wish)),
            Change::Changed { granted, wish } => {
                format!("  changed: it wishes to {}, where you granted it to {}", text::line(wish), text::line(granted))
            }
            Change::Gone { granted } => format!("  gone: it does not wish any more to {}", text::line(granted)),
        });
    }
}

fn row(update: &Update) -> Value {
    json!({
        "id": update.id,
        "installed": update.installed,
        "available": update.available(),
        "signed_by": update.candidate.signing.key().map(crate::plugin::signature::Key::id),
        "older": update.is_older,
        "another_key": update.replaced_key.is_some(),
        "damage": update.damage.as_ref().map(ToString::to_string),
        "permissions": update.changes,
        "needs_agreement": update.needs_agreement(),
    })
}

/// What agrees to just this version, and to no other that takes its place in the registry meanwhile.
fn command(update: &Update, args: &args::Update) -> String {
    let new_key = args.new_key.iter().map(|key| format!(" --new-key {key}")).collect::<String>();
    let (id, source) = (&update.id, update.candidate.source.argument());
    format!("ghoststack prospector plugins update {id} {source} --yes{}{new_key}", args.choices.arguments())
}
