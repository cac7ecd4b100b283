//! `config`.

use std::fs::File;
use std::io::Read;

use super::args::Config as Command;
use super::output::{Output, Style};
use super::text;
use crate::app::error::exit;
use crate::app::{AppError, Installation};
use crate::config::{self, Config, Home, LARGEST_FILE, Overrides};

/// Writes, shows, checks or finds the configuration.
pub async fn run(command: Command, output: &mut Output) -> Result<u8, AppError> {
    let home = Home::from_env()?;
    if let Command::Path = command {
        output.line(home.config_file().display());
        return Ok(exit::OK);
    }
    let installation = Installation::open(home).await?;
    match command {
        Command::Path => {}
        Command::Init => {
            let written = installation.with_schemas(|schemas| Config::init(&installation.home, schemas))?;
            output.line(format_args!("Wrote {}", written.display()));
            output.message(
                "Next: ghoststack prospector connect <platform>, then ghoststack prospector profile import; or tell it your skills and \
                 rates under `profile:` yourself",
            );
        }
        Command::Validate { file } => return validate(&installation, file.as_deref(), output).await,
        Command::Show => show(installation, output)?,
    }
    Ok(exit::OK)
}

async fn validate(
    installation: &Installation,
    file: Option<&std::path::Path>,
    output: &mut Output,
) -> Result<u8, AppError> {
    let path = file.map_or_else(|| installation.home.config_file(), std::path::Path::to_path_buf);
    let checked = match file {
        None => installation.with_schemas(|schemas| Config::load(&installation.home, schemas)),
        Some(file) => {
            let mut bytes = Vec::new();
            File::open(file)
                .and_then(|file| file.take(LARGEST_FILE as u64 + 1).read_to_end(&mut bytes))
                .map_err(|e| AppError::Usage(format!("{} cannot be read: {e}", file.display())))?;
            let name = file.display().to_string();
            installation.with_schemas(|schemas| config::validate(&name, &bytes, schemas, &Overrides::filling()))
        }
    };
    let checked = match checked {
        Ok(loaded) => installation.check_settings(&loaded).await.map(|()| loaded),
        Err(problems) => Err(problems),
    };
    match checked {
        Err(problems) if output.is_json() => {
            output.json(&problems);
            Ok(exit::CONFIG)
        }
        Err(problems) => Err(problems.into()),
        Ok(loaded) if output.is_json() => {
            output.json(&serde_json::json!({"file": path, "diagnostics": loaded.warnings}));
            Ok(exit::OK)
        }
        Ok(loaded) => {
            output.warnings(&loaded);
            if path.exists() {
                output.line(format_args!("{} is valid.", path.display()));
            } else {
                output.line(format_args!("{} does not exist; the defaults are in effect.", path.display()));
            }
            Ok(exit::OK)
        }
    }
}

fn show(installation: Installation, output: &mut Output) -> Result<(), AppError> {
    let app = installation.configured()?;
    output.warnings(&app.loaded);
    if output.is_json() {
        output.json(&app.loaded.settings);
        return Ok(());
    }
    for setting in &app.loaded.settings {
        let comment = output.style(Style::Dim, format_args!("# {}", text::line(&setting.origin.to_string())));
        output.line(format_args!("{}: {}  {comment}", setting.path, text::line(&setting.value.to_string())));
    }
    Ok(())
}
