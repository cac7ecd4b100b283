//! `plugins`.

pub mod args;
mod bench;
mod install;
mod list;
mod new;
mod remove;
pub mod test;
mod update;
mod verify;

use std::path::Path;

use serde::Serialize;

use super::args::{Globals, Plugins};
use super::output::{Output, Style};
use super::text;
use crate::app::error::exit;
use crate::app::{AppError, Installation, plugins};
use crate::capability::http::policy;
use crate::config::Home;
use crate::contract::descriptor::{Authentication, AutomaticSubmission, Descriptor};
use crate::plugin::catalog;
use crate::plugin::component::{Inspected, World};
use crate::plugin::custom::CustomPlugin;
use crate::plugin::platform::PlatformPlugin;
use crate::plugin::signature::Key;
use crate::plugin::wishes;

/// A plugin, as it is printed.
#[derive(Serialize)]
struct PluginRow {
    id: String,
    name: String,
    version: String,
    summary: String,
    world: &'static str,
    source: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    recorded: Option<RecordedRow>,
    /// Where the configuration lists it, if it is an installed filter or scorer.
    #[serde(skip_serializing_if = "Option::is_none")]
    listed: Option<Vec<String>>,
    digest: String,
    size: usize,
    pure: bool,
    imports: Vec<String>,
    exports: Vec<String>,
    origins: Vec<OriginRow>,
    routes: Vec<RouteRow>,
    authentication: &'static str,
    scopes: Vec<ScopeRow>,
    rate_limits: Vec<RateRow>,
    content_retention_s: Option<u32>,
    automatic_submission: &'static str,
}

/// What is recorded of an installed plugin, as it is printed.
#[derive(Serialize)]
struct RecordedRow {
    source: String,
    file_sha256: String,
    manifest_sha256: Option<String>,
    signed_by: Option<String>,
}

impl RecordedRow {
    fn of(installation: &Installation, id: &str) -> Option<RecordedRow> {
        let entry = installation.installed.get(id).filter(|_| !catalog::is_builtin(id))?;
        Some(RecordedRow {
            source: entry.source.to_string(),
            file_sha256: entry.source_sha256.to_string(),
            manifest_sha256: entry.manifest_sha256.map(|digest| digest.to_string()),
            signed_by: entry.key.as_ref().map(Key::id),
        })
    }
}

#[derive(Serialize)]
struct OriginRow {
    name: String,
    default: String,
}

#[derive(Serialize)]
struct RouteRow {
    origin: String,
    path_prefix: String,
    methods: Vec<&'static str>,
    access: &'static str,
    purpose: String,
}

#[derive(Serialize)]
struct ScopeRow {
    name: String,
    purpose: String,
}

#[derive(Serialize)]
struct RateRow {
    requests: u32,
    window_s: u32,
}

/// Says that it is not known what is installed, where that is so.
pub fn warn_of_lock(installation: &Installation, output: &mut Output) {
    if let Some(error) = &installation.lock_problem {
        output.message(format_args!("warning: installed plugins are not loaded: {}", text::line(&error.to_string())));
    }
}

/// Lists, inspects, installs, updates or removes plugins, or serves their authors.
pub async fn run(globals: &Globals, command: Plugins, output: &mut Output) -> Result<u8, AppError> {
    // A project is written without looking at the home.
    let open = async || Installation::open(Home::from_env()?).await;
    match command {
        Plugins::List => list::run(&open().await?, output).await,
        Plugins::Inspect { plugin } => show(&open().await?, &plugin, output).await,
        Plugins::Install(args) => install::run(globals, *args, &open().await?, output).await,
        Plugins::Update(args) => update::run(globals, *args, &open().await?, output).await,
        Plugins::Remove(args) => remove::run(globals, args, open().await?, output).await,
        Plugins::New(args) => new::run(&args, output),
        Plugins::Test(args) => test::run(args, output).await,
        Plugins::Bench(args) => bench::run(&open().await?, args, output).await,
        Plugins::Verify { file } => Ok(verify::run(&open().await?, &file, output).await),
    }
}

/// Shows a plugin, by its id or in a file.
async fn show(installation: &Installation, plugin: &str, output: &mut Output) -> Result<u8, AppError> {
    let row = match is_file(plugin) {
        true => {
            let plugin = plugins::read(&installation.engine, Path::new(plugin)).await?;
            row(plugin.descriptor(), plugin.inspected(), "file")
        }
        false => match installation.installed_custom(plugin).await? {
            Some(custom) => custom_row(installation, &custom),
            None => platform_row(installation, installation.named(plugin).await?),
        },
    };
    if output.is_json() {
        output.json(&row);
    } else {
        inspect(&row, output);
    }
    Ok(exit::OK)
}

/// Whether a file is meant, and no id, in which there is neither of these.
fn is_file(plugin: &str) -> bool {
    plugin.contains(['/', '.'])
}

/// A platform that is built in or installed.
fn platform_row(installation: &Installation, plugin: &PlatformPlugin) -> PluginRow {
    let source = if catalog::is_builtin(plugin.id()) { "built in" } else { "installed" };
    let recorded = RecordedRow::of(installation, plugin.id());
    PluginRow { recorded, ..row(&plugin.descriptor, &plugin.inspected, source) }
}

/// An installed filter or scorer.
fn custom_row(installation: &Installation, plugin: &CustomPlugin) -> PluginRow {
    let recorded = RecordedRow::of(installation, plugin.id());
    let listed = Some(installation.mentions().lists(plugin.id()));
    PluginRow { recorded, listed, ..row(&plugin.descriptor, &plugin.inspected, "installed") }
}

fn row(descriptor: &Descriptor, inspected: &Inspected, source: &'static str) -> PluginRow {
    let exports =
        inspected.world.exports().iter().map(|name| (*name).to_owned()).chain(inspected.extras.iter().cloned());
    let (authentication, scopes) = match &descriptor.authentication {
        Authentication::None => ("none", Vec::new()),
        Authentication::ApiKey(_) => ("API key", Vec::new()),
        Authentication::Oauth2(oauth) => {
            let scopes =
                oauth.scopes.iter().map(|scope| ScopeRow { name: scope.name.clone(), purpose: scope.purpose.clone() });
            ("OAuth 2.0", scopes.collect())
        }
    };
    PluginRow {
        id: descriptor.id.clone(),
        name: descriptor.display_name.clone(),
        version: descriptor.version.clone(),
        summary: descriptor.summary.clone(),
        world: inspected.world.as_str(),
        source,
        recorded: None,
        listed: None,
        digest: inspected.digest.to_string(),
        size: inspected.size,
        pure: inspected.is_pure(),
        imports: inspected.imports.clone(),
        exports: exports.collect(),
        origins: descriptor
            .origins
            .iter()
            .map(|o| OriginRow { name: o.name.clone(), default: o.default.clone() })
            .collect(),
        routes: descriptor
            .routes
            .iter()
            .map(|route| RouteRow {
                origin: route.origin.clone(),
                path_prefix: route.path_prefix.clone(),
                methods: route.methods.iter().map(|method| policy::name(*method)).collect(),
                access: wishes::access(route.access),
                purpose: route.purpose.clone(),
            })
            .collect(),
        authentication,
        scopes,
        rate_limits: descriptor
            .rate_limits
            .iter()
            .map(|limit| RateRow { requests: limit.requests, window_s: limit.window })
            .collect(),
        content_retention_s: descriptor.content_retention,
        automatic_submission: match descriptor.automatic_submission {
            AutomaticSubmission::Allowed => "allowed",
            AutomaticSubmission::WithApproval => "with approval, one by one",
            AutomaticSubmission::Forbidden => "forbidden",
        },
    }
}

fn inspect(row: &PluginRow, output: &mut Output) {
    output.line(format_args!("{} {}", output.style(Style::Bold, text::line(&row.name)), text::line(&row.version)));
    output.line(text::line(&row.summary));
    output.line("");
    output.line(format_args!("world        {} ({})", row.world, row.source));
    if let Some(recorded) = &row.recorded {
        output.line(format_args!("from         {}", text::line(&recorded.source)));
        output.line(format_args!(
            "signed       {}",
            recorded.signed_by.as_deref().map_or("no".to_owned(), |key| format!("by {key}"))
        ));
    }
    output.line(format_args!("digest       {}", row.digest));
    output.line(format_args!("size         {} bytes", row.size));
    output.line(format_args!("exports      {}", row.exports.join(", ")));
    output.line(format_args!(
        "imports      {}",
        if row.pure { "none: it is pure".to_owned() } else { row.imports.join(", ") }
    ));
    if let Some(listed) = &row.listed {
        output.line(format_args!("listed       {}", lists(listed)));
    }
    if row.world != World::Platform.as_str() {
        return;
    }
    for origin in &row.origins {
        output.line(format_args!("origin       {} = {}", text::line(&origin.name), text::line(&origin.default)));
    }
    for route in &row.routes {
        output.line(format_args!(
            "may {:8} {} {}{}: {}",
            route.access,
            route.methods.join("/"),
            text::line(&route.origin),
            text::line(&route.path_prefix),
            text::line(&route.purpose),
        ));
    }
    output.line(format_args!("log-in       {}", row.authentication));
    for scope in &row.scopes {
        output.line(format_args!("scope        {}: {}", text::line(&scope.name), text::line(&scope.purpose)));
    }
    for limit in &row.rate_limits {
        output.line(format_args!("rate limit   {} requests in {} s", limit.requests, limit.window_s));
    }
    output.line(format_args!("submission   {}", row.automatic_submission));
}

/// Where the configuration lists a filter or scorer.
fn lists(places: &[String]) -> String {
    if places.is_empty() { "nowhere in the configuration: it is not run".to_owned() } else { places.join(", ") }
}
