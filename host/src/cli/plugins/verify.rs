//! `plugins verify`.

use std::path::Path;

use crate::app::Installation;
use crate::app::error::exit;
use crate::app::kit::verify::{self, Verification};
use crate::cli::output::{Output, Style};
use crate::cli::text;

/// Says what a component is and wishes for, and whether a host would take it.
pub async fn run(installation: &Installation, file: &Path, output: &mut Output) -> u8 {
    let found = verify::verify(installation, file).await;
    if output.is_json() {
        output.json(&found);
    } else {
        say(&found, output);
    }
    if found.accepted { exit::OK } else { exit::PLUGIN }
}

fn say(found: &Verification, output: &mut Output) {
    match &found.about {
        Some(about) => {
            let name = output.style(Style::Bold, text::line(&about.name));
            let (version, summary) = (text::line(&about.version), text::line(&about.summary));
            output.line(format_args!("{name} {version} (`{}`): {summary}", text::line(&about.id)));
        }
        None => output.line(output.style(Style::Bold, text::line(&found.file))),
    }
    if !found.worlds.is_empty() {
        let worlds: Vec<&str> = found.worlds.iter().map(|world| world.as_str()).collect();
        output.line(format_args!("world        {}", worlds.join(", ")));
    }
    if let Some(contract) = &found.contract {
        let contract = text::line(contract);
        output.line(format_args!("contract     {contract} (this program serves {})", found.contract_served));
    }
    if let (Some(size), Some(digest)) = (found.file_size, found.file_sha256) {
        let form = if found.core_module { ", a core module" } else { "" };
        output.line(format_args!("file         {size} bytes{form}, {digest}"));
    }
    if let (Some(size), Some(digest)) = (found.size, found.component_sha256) {
        output.line(format_args!("component    {size} bytes, {digest}"));
    }
    if let Some(pure) = found.pure {
        output.line(match pure {
            true => "purity       pure: it imports no function, so its answers follow from what it is asked",
            false => "purity       not pure: it imports functions",
        });
        let named = |of_contract: bool| {
            let of = found.imports.iter().filter(|import| import.of_contract == of_contract);
            of.map(|import| text::line(&import.interface)).collect::<Vec<_>>().join(", ")
        };
        let room = output.width().saturating_sub(13);
        for (names, what) in [(named(true), "given"), (named(false), "given, with nothing behind them")] {
            if !names.is_empty() {
                output.line(format_args!("imports      {}", text::wrap(&format!("{names} ({what})"), room, 13)));
            }
        }
        let optional = if found.optional.is_empty() { "none".to_owned() } else { found.optional.join(", ") };
        output.line(format_args!("optional     {}", text::line(&optional)));
    }
    if let Some(wishes) = &found.wishes {
        output.line("It wishes to:");
        for wish in wishes.lines() {
            output.line(format_args!("  {}", text::line(&wish)));
        }
    }
    for note in &found.notes {
        output.line(format_args!("note: {}", text::line(note)));
    }
    if found.accepted {
        output.line(output.style(Style::Good, "A host would take it."));
        return;
    }
    output.line(output.style(Style::Bad, "A host would refuse it:"));
    for problem in &found.problems {
        output.line(format_args!("  {}", text::line(&problem.why)));
        output.line(format_args!("    to do: {}", text::line(&problem.remedy)));
    }
}
