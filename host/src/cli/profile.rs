//! `profile`.

use serde::Serialize;
use serde_json::Value;

use super::args::{Globals, Profile, ProfileImport};
use super::editor;
use super::output::{Output, Style};
use super::prompt;
use super::text;
use crate::app::error::exit;
use crate::app::profile::draft::Draft;
use crate::app::profile::{self, Action, Asked, Entry, Import, Shown};
use crate::app::{Access, App, AppError, Installation};
use crate::config::{Home, Place};

/// Shows, fills or edits the profile.
pub async fn run(globals: &Globals, command: Profile, output: &mut Output) -> Result<u8, AppError> {
    match command {
        Profile::Show => show(&profile::show(&App::open().await?), output),
        Profile::Import(args) => return import(globals, &args, output).await,
        Profile::Edit => return edit(globals, output).await,
    }
    Ok(exit::OK)
}

/// What an import does, as `--json` prints it.
#[derive(Serialize)]
struct Document<'a> {
    file: &'a std::path::Path,
    applied: bool,
    known_skills: usize,
    entries: &'a [Entry],
    failed: Vec<Failure<'a>>,
    unsupported: &'a [String],
}

#[derive(Serialize)]
struct Failure<'a> {
    platform: &'a str,
    message: String,
}

async fn import(globals: &Globals, args: &ProfileImport, output: &mut Output) -> Result<u8, AppError> {
    let app = App::open_for(args.platform.as_deref()).await?;
    let services = app.services(if args.dry_run { Access::Read } else { Access::Write }).await?;
    let asked = async {
        let sources = profile::sources(&app, &services, args.platform.as_deref()).await?;
        profile::ask(&app, &services, &sources).await
    }
    .await;
    services.close().await;
    let asked = asked?;
    let mut code = exit::OK;
    for (name, error) in &asked.failed {
        let error = AppError::from_call(error);
        code = error.exit_code();
        output.message(format_args!("warning: {name} was left out: {}", text::line(&error.to_string())));
    }
    for name in &asked.mute {
        output.message(format_args!("{name} does not tell skills and rates to a program."));
    }
    let import = Import::prepare(&app, &asked.told, args.overwrite)?;
    let wanted = import.changes() && !args.dry_run;
    let can_ask = prompt::is_possible(globals.no_input) && !output.is_json();
    if !output.is_json() {
        list(&import, &asked, output);
        output.flush();
    }
    if wanted && !args.yes {
        if !can_ask {
            return Err(AppError::Usage(
                "nobody is there to be asked whether the file may be changed; give --yes to change it, or --dry-run to look"
                    .to_owned(),
            ));
        }
        if !prompt::agreed("Change the file?", false)? {
            output.line("Nothing was changed.");
            return Ok(exit::FAILURE);
        }
    }
    if wanted {
        import.apply(&app)?;
    }
    if output.is_json() {
        output.json(&Document {
            file: import.path(),
            applied: wanted,
            known_skills: import.plan.known_skills,
            entries: &import.plan.entries,
            failed: asked.failed.iter().map(|(name, e)| Failure { platform: name, message: e.to_string() }).collect(),
            unsupported: &asked.mute,
        });
    } else if wanted {
        output.line(format_args!("Wrote {}", import.path().display()));
    }
    Ok(code)
}

/// The differences, one a line.
fn list(import: &Import, asked: &Asked, output: &mut Output) {
    let name_of = |id: &str| {
        asked.told.iter().find(|told| told.platform == id).map_or_else(|| text::line(id), |told| text::line(&told.name))
    };
    if import.changes() {
        output.line(format_args!("{}, section `profile`:", import.path().display()));
    }
    for entry in &import.plan.entries {
        let (sign, style) = match entry.action {
            Action::Add | Action::Set => ("+", Style::Good),
            Action::Replace => ("~", Style::Fair),
            Action::Keep => ("=", Style::Dim),
        };
        let (value, present) = (value(&entry.value), entry.present.as_ref().map(value).unwrap_or_default());
        let key = &entry.key;
        let said = match (entry.action, &entry.reason) {
            (Action::Add | Action::Set, _) => format!("{key}: {value}"),
            (Action::Replace, _) => format!("{key}: {present} becomes {value}"),
            (Action::Keep, Some(reason)) => format!("{key}: {} says {value}; {reason}", name_of(&entry.platform)),
            (Action::Keep, None) => format!("{key}: {present} is kept; {} says {value}", name_of(&entry.platform)),
        };
        output.line(format_args!("  {} {said}", output.style(style, sign)));
    }
    match import.plan.known_skills {
        0 => {}
        1 => output.line("  1 skill is there already"),
        many => output.line(format_args!("  {many} skills are there already")),
    }
    if !import.changes() {
        output.line("Nothing to change.");
    }
}

/// A value of the profile's, on a line.
fn value(value: &Value) -> String {
    match value {
        Value::String(words) => text::line(words),
        Value::Array(items) => items.iter().map(self::value).collect::<Vec<_>>().join(", "),
        Value::Object(skill) if skill.contains_key("name") => {
            let mut said = self::value(&skill["name"]);
            if let Some(years) = skill.get("years") {
                said.push_str(&format!(", {years} years"));
            }
            let aliases = skill.get("aliases").and_then(Value::as_object).into_iter().flatten();
            let aliases: Vec<String> =
                aliases.map(|(platform, alias)| format!("{}: {}", text::line(platform), self::value(alias))).collect();
            if !aliases.is_empty() {
                said.push_str(&format!(" ({})", aliases.join(", ")));
            }
            said
        }
        other => other.to_string(),
    }
}

fn show(shown: &Shown, output: &mut Output) {
    if output.is_json() {
        output.json(&serde_json::json!({
            "file": shown.file, "empty": shown.empty, "profile": shown.value(), "settings": shown.settings,
        }));
        return;
    }
    let skills = shown.get("skills");
    let items = skills.and_then(|setting| setting.value.as_array()).map(Vec::as_slice).unwrap_or_default();
    let head = format!("Skills: {}", if items.is_empty() { "none".to_owned() } else { items.len().to_string() });
    row(&head, skills.map(|setting| &setting.origin), output);
    for skill in items {
        output.line(format_args!("  {}", value(skill)));
    }
    for (label, key) in [
        ("Currency", "rates.currency"),
        ("Worth in USD", "rates.usd_rate"),
        ("Minimum hourly rate", "rates.hourly.minimum"),
        ("Preferred hourly rate", "rates.hourly.preferred"),
        ("Minimum budget", "rates.fixed.minimum"),
        ("Preferred budget", "rates.fixed.preferred"),
        ("Hours a week", "availability.hours_per_week"),
        ("Available from", "availability.start"),
        ("Longest engagement", "availability.max_duration"),
        ("Languages", "languages"),
        ("Country", "country"),
    ] {
        let setting = shown.get(key);
        let said = setting.map(|setting| value(&setting.value)).filter(|said| !said.is_empty());
        row(
            &format!("{label}: {}", said.unwrap_or_else(|| "not set".to_owned())),
            setting.map(|setting| &setting.origin),
            output,
        );
    }
    if shown.empty {
        output.message(
            "The profile is empty: postings cannot be told apart by skills or budget. Fill it from your accounts with \
             `ghoststack prospector profile import`, or by hand with `ghoststack prospector profile edit`",
        );
    }
}

/// A line with where it comes from.
fn row(said: &str, origin: Option<&Place>, output: &mut Output) {
    let origin = match origin {
        Some(Place::File(span)) => format!("line {}", span.line),
        Some(Place::Environment(name) | Place::Flag(name)) => text::line(name),
        Some(Place::WholeFile) => "file".to_owned(),
        Some(Place::Plugin(_) | Place::Default) => "default".to_owned(),
        None => return output.line(said),
    };
    let comment = output.style(Style::Dim, format_args!("# {origin}"));
    output.line(format_args!("{said}  {comment}"));
}

async fn edit(globals: &Globals, output: &mut Output) -> Result<u8, AppError> {
    let installation = Installation::open(Home::from_env()?).await?;
    let editor = named(globals, &installation.home)?;
    let draft = Draft::make(&installation)?;
    loop {
        output.flush();
        if let Err(error) = editor::opened(&editor, draft.path()) {
            match draft.changed() {
                Ok(Some(_)) => kept(&draft, output),
                Ok(None) | Err(_) => draft.discard(),
            }
            return Err(error);
        }
        let Some(bytes) = draft.changed()? else {
            draft.discard();
            output.line("Nothing was changed.");
            return Ok(exit::OK);
        };
        let Err(problems) = draft.check(&installation, &bytes) else {
            let target = draft.target().display().to_string();
            let path = draft.path().to_owned();
            if let Err(error) = draft.accept(&installation, &bytes) {
                output.message(format_args!("Your changes are in {}", path.display()));
                return Err(error);
            }
            output.line(format_args!("Wrote {target}"));
            return Ok(exit::OK);
        };
        if !prompt::is_possible(globals.no_input) {
            kept(&draft, output);
            return Err(problems.into());
        }
        output.message(problems.render(output.width()).trim_end());
        if !prompt::agreed("Edit again?", true)? {
            kept(&draft, output);
            return Ok(exit::CONFIG);
        }
    }
}

fn kept(draft: &Draft, output: &mut Output) {
    output.message(format_args!(
        "{} is as it was. Your changes are in {}",
        draft.target().display(),
        draft.path().display()
    ));
}

/// The person's editor.
fn named(globals: &Globals, home: &Home) -> Result<String, AppError> {
    let file = home.config_file();
    let by_hand =
        format!("edit {} yourself, and check it with `ghoststack prospector config validate`", file.display());
    editor::named(globals, &by_hand)
}
