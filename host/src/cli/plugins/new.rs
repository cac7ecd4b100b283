//! `plugins new`.

use std::path::PathBuf;

use crate::app::AppError;
use crate::app::error::exit;
use crate::app::kit::project::{self, Language, Project, Shape};
use crate::app::plugins::weighing;
use crate::cli::args::{NewLanguage, NewPlugin, NewWorld};
use crate::cli::output::Output;
use crate::cli::text;
use crate::config::{Home, Weights};
use crate::plugin::component::World;

/// Writes a project, and says what to type next.
pub fn run(args: &NewPlugin, output: &mut Output) -> Result<u8, AppError> {
    let world = match args.world {
        NewWorld::Platform => World::Platform,
        NewWorld::Filter => World::Filter,
        NewWorld::Scorer => World::Scorer,
    };
    let language = match args.lang {
        NewLanguage::Rust => Language::Rust,
        NewLanguage::Python => Language::Python,
        NewLanguage::Js => Language::Js,
    };
    let folder = args.path.clone().unwrap_or_else(|| PathBuf::from(args.name.id()));
    let project = project::write(&args.name, Shape { world, language }, &folder)?;
    if output.is_json() {
        output.json(&project);
        return Ok(exit::OK);
    }
    let shown = folder.display().to_string();
    let beside = match language {
        Language::Rust => "the SDK in sdk/ and the contract in wit/",
        Language::Python | Language::Js => "the contract in wit/",
    };
    output.line(format_args!(
        "The {} `{}` is written to {}: {} files, with {beside}.",
        world.as_str(),
        project.id,
        text::line(&shown),
        project.files.len()
    ));
    output.message("Next:");
    for step in next(&project, &shown) {
        output.message(format_args!("  {step}"));
    }
    output.message(configuration(&project));
    Ok(exit::OK)
}

/// The commands that come next.
fn next(project: &Project, shown: &str) -> Vec<String> {
    let artifact = &project.artifact;
    let last = match project.shape.world {
        World::Platform => format!("ghoststack prospector plugins install {artifact}"),
        World::Filter | World::Scorer => format!("ghoststack prospector scoring backtest --component {artifact}"),
    };
    let mut steps = vec![format!("cd {}", text::line(shown))];
    steps.extend(project.prepare.iter().cloned());
    steps.extend([
        project.test.clone(),
        project.build.clone(),
        format!("ghoststack prospector plugins verify {artifact}"),
        format!("ghoststack prospector plugins test {artifact}"),
        last,
    ]);
    steps
}

/// What has it run in scans.
fn configuration(project: &Project) -> String {
    let place =
        Home::from_env().map_or_else(|_| "prospector.yaml".to_owned(), |home| home.config_file().display().to_string());
    let file = project.folder.join(&project.artifact).display().to_string().replace('\'', "''");
    let (place, file) = (text::line(&place), text::line(&file));
    let (id, says) = (&project.id, project.shape.says());
    match project.shape.world {
        World::Platform => {
            format!("Then a section `platforms.{id}` in {place}, and: ghoststack prospector connect {id}")
        }
        World::Filter => format!("To have it run in scans, in {place}:\n  plugins:\n    filters: ['{file}']"),
        World::Scorer => {
            let [scoring, weights] = weighing(&Weights::defaults(), &[says.to_owned()]);
            format!(
                "To have it run in scans, in {place}:\n  plugins:\n    scorers: ['{file}']\n  {scoring}\n  {weights}"
            )
        }
    }
}
