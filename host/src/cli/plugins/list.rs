//! `plugins list`.

use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use super::{PluginRow, custom_row, platform_row, warn_of_lock};
use crate::app::custom::Custom;
use crate::app::error::exit;
use crate::app::{AppError, Installation};
use crate::cli::output::{Output, Style};
use crate::cli::text;
use crate::config::{Config, CustomSource};

/// An installed plugin that is not loaded, as it is printed.
#[derive(Serialize)]
struct UnusableRow {
    id: String,
    error: String,
    remedy: String,
}

/// A filter or scorer in a file that the configuration lists, as it is printed.
#[derive(Serialize)]
struct CustomRow {
    id: String,
    name: String,
    version: String,
    summary: String,
    world: &'static str,
    file: String,
    digest: String,
    size: usize,
    pure: bool,
    imports: Vec<String>,
}

impl CustomRow {
    /// None of an installed one, which is shown as such.
    fn of(custom: &Custom) -> Option<CustomRow> {
        let CustomSource::File { file, .. } = &custom.source else { return None };
        let (descriptor, inspected) = (&custom.plugin.descriptor, &custom.plugin.inspected);
        Some(CustomRow {
            id: descriptor.id.clone(),
            name: descriptor.display_name.clone(),
            version: descriptor.version.clone(),
            summary: descriptor.summary.clone(),
            world: custom.kind.name(),
            file: file.display().to_string(),
            digest: custom.digest.to_string(),
            size: inspected.size,
            pure: inspected.is_pure(),
            imports: inspected.imports.clone(),
        })
    }
}

/// What the configuration lists, or why that cannot be told; what is installed is shown all the same.
async fn listed(installation: &Installation) -> (Vec<Custom>, Option<String>) {
    let loaded = installation.with_schemas(|schemas| Config::load(&installation.home, schemas));
    let customs = match loaded {
        Ok(loaded) => installation.customs(&loaded).await,
        Err(problems) => Err(problems),
    };
    match customs {
        Ok(customs) => (customs, None),
        Err(problems) => (Vec::new(), Some(problems.to_string())),
    }
}

/// Lists what there is.
pub async fn run(installation: &Installation, output: &mut Output) -> Result<u8, AppError> {
    installation.plugins.load_all().await;
    let (own, damaged) = installation.installed_customs().await;
    let platforms = installation.plugins.loaded().map(|plugin| platform_row(installation, plugin));
    let rows: Vec<PluginRow> = platforms.chain(own.iter().map(|plugin| custom_row(installation, plugin))).collect();
    let (customs, problems) = listed(installation).await;
    let unusable: Vec<UnusableRow> = installation
        .plugins
        .unusable()
        .chain(&damaged)
        .map(|of| UnusableRow { id: of.id.clone(), error: of.why.to_string(), remedy: of.remedy.clone() })
        .collect();
    warn_of_lock(installation, output);
    if output.is_json() {
        let customs: Vec<CustomRow> = customs.iter().filter_map(CustomRow::of).collect();
        output.json(&serde_json::json!({"plugins": rows, "custom": customs, "not_loaded": unusable}));
        return Ok(exit::OK);
    }
    for row in rows {
        let id = output.style(Style::Bold, text::pad(&row.id, 16));
        let (name, version) = (text::line(&row.name), text::line(&row.version));
        let size = row.size / 1024;
        let listed = row.listed.as_deref().map(|places| match places {
            [] => ", not listed in the configuration",
            _ => ", listed in the configuration",
        });
        let listed = listed.unwrap_or_default();
        let signed = row.recorded.as_ref().map(|of| match &of.signed_by {
            Some(key) => format!(", signed by {key}"),
            None => ", unsigned".to_owned(),
        });
        let signed = signed.unwrap_or_default();
        let said = format!(
            "{name} {version}  {}  {}{signed}{listed}, {size} KiB, {}",
            row.world,
            row.source,
            &row.digest[..19]
        );
        let room = output.width() - 16;
        let fits = said.width() <= room;
        output.line(format_args!("{id}{}", if fits { said } else { text::wrap(&said, room, 16) }));
    }
    for row in customs.iter().filter_map(CustomRow::of) {
        let id = output.style(Style::Bold, text::pad(&row.id, 16));
        let purity = if row.pure { "pure" } else { "not pure" };
        let (name, version, file) = (text::line(&row.name), text::line(&row.version), text::line(&row.file));
        let said = format!("{name} {version}  {}  {file}, {purity}, {}", row.world, &row.digest[..19]);
        output.line(format_args!("{id}{}", text::wrap(&said, output.width() - 16, 16)));
    }
    if let Some(problems) = problems {
        output.message(format_args!("warning: filters and scorers cannot be used: {}", problems.trim_end()));
    }
    for row in unusable {
        let id = output.style(Style::Bad, text::pad(&row.id, 16));
        output.line(format_args!("{id}not loaded: {}", text::line(&row.error)));
        output.line(format_args!("{:16}{}", "", text::line(&row.remedy)));
    }
    Ok(exit::OK)
}
