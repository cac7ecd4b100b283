//! `plugins install`: what a component wishes to do, in plain language, and the question.

use super::args::Install;
use super::{OriginRow, PluginRow, RouteRow, row};
use crate::app::error::exit;
use crate::app::plugins::{self, Already, Candidate, Signing};
use crate::app::{AppError, Installation};
use crate::cli::args::Globals;
use crate::cli::output::{Output, Style};
use crate::cli::{prompt, text};
use crate::contract::descriptor::{Authentication, Descriptor};
use crate::plugin::any::AnyPlugin;
use crate::plugin::component::{Inspected, World};
use crate::store::{MAX_WAKE_UP_CALLS_A_DAY, MAX_WAKE_UPS};

/// Shows what a plugin wishes to do, asks, and installs it.
pub async fn run(
    globals: &Globals,
    args: Install,
    installation: &Installation,
    output: &mut Output,
) -> Result<u8, AppError> {
    let candidate = plugins::propose(installation, &args.source, &args.choices.choices()).await?;
    let row = row(candidate.plugin.descriptor(), candidate.plugin.inspected(), "installed");
    if candidate.already == Already::Same {
        match output.is_json() {
            true => output.json(&row),
            false => output.line(format_args!(
                "{} {} is installed already, by just this file ({}).",
                text::line(&row.name),
                text::line(&row.version),
                candidate.source_sha256
            )),
        }
        return Ok(exit::OK);
    }
    if !output.is_json() {
        shown(&candidate, &row, &args.choices.allow_host, output);
        output.flush();
    }
    if candidate.needs_agreement() && !args.yes {
        if output.is_json() || !prompt::is_possible(globals.no_input) {
            let said = "nobody is there to be asked; read what the plugin wishes to do, and agree with --yes:";
            let source = candidate.source.argument();
            let chosen = args.choices.arguments();
            return Err(AppError::Usage(format!(
                "{said} ghoststack prospector plugins install {source} --yes{chosen}"
            )));
        }
        if !prompt::agreed("Install it?", false)? {
            output.message("Nothing was installed.");
            return Ok(exit::FAILURE);
        }
    }
    let is_new = candidate.already == Already::Absent;
    let plugin = candidate.install(installation)?;
    if output.is_json() {
        output.json(&row);
        return Ok(exit::OK);
    }
    output.line(format_args!(
        "{} {} is {}.",
        text::line(&row.name),
        text::line(&row.version),
        if is_new { "installed" } else { "put right" }
    ));
    next(installation, &plugin, output).await;
    Ok(exit::OK)
}

/// What has it run.
async fn next(installation: &Installation, plugin: &AnyPlugin, output: &mut Output) {
    let (id, file) = (plugin.id(), installation.home.config_file());
    let custom = match plugin {
        AnyPlugin::Platform(plugin) => {
            output.message(format_args!("Have it scanned by a section `platforms.{id}` in {}", file.display()));
            output.message(match plugin.descriptor.authentication {
                Authentication::None => format!("Then: ghoststack prospector scan --platform {id}"),
                _ => format!("Then: ghoststack prospector connect {id}"),
            });
            return;
        }
        AnyPlugin::Custom(custom) => custom,
    };
    if !installation.mentions().lists(id).is_empty() {
        return;
    }
    output.message(format_args!("To have it run in scans, in {}:", file.display()));
    for line in plugins::listing(installation, custom, &format!("plugin: {id}")).await.lines() {
        output.message(format_args!("  {line}"));
    }
}

fn shown(candidate: &Candidate, row: &PluginRow, private_hosts: &[String], output: &mut Output) {
    let head = output.style(Style::Bold, text::line(&row.name));
    output.line(format_args!("{head} {} (`{}`): {}", text::line(&row.version), row.id, text::line(&row.summary)));
    output.line(format_args!("from {}, {}", text::line(&candidate.source.to_string()), candidate.source_sha256));
    output.line(signing(&candidate.signing));
    output.line("");
    let place = match &candidate.plugin {
        AnyPlugin::Platform(plugin) => {
            wishes(&plugin.descriptor, candidate.wishes.schedule, row, private_hosts, output);
            format!("Settings that it adds to `platforms.{}`:", row.id)
        }
        AnyPlugin::Custom(plugin) => {
            nature(&plugin.inspected, output);
            "Settings that it takes:".to_owned()
        }
    };
    let settings = settings(&candidate.plugin.descriptor().settings);
    if !settings.is_empty() {
        output.line("");
        output.line(place);
        for (key, description) in settings {
            output.line(format_args!("  {}: {}", text::line(&key), text::line(&description)));
        }
    }
    output.line("");
}

/// What a filter or scorer is, and what it is given.
fn nature(inspected: &Inspected, output: &mut Output) {
    let worlds: Vec<&str> = inspected.worlds().into_iter().map(World::as_str).collect();
    let what = worlds.join(" and a ");
    output.line(match inspected.is_pure() {
        true => format!("It is a {what}, and pure: it imports no function, so what it answers follows from what it is asked."),
        false => format!(
            "It is a {what}. It imports functions, which are given with nothing behind them, and with a clock and chance that stand still: {}",
            text::line(&inspected.imports.join(", "))
        ),
    });
    output.line("It is given postings, your profile and its own settings, and wishes for nothing else.");
    output.line("It can reach nothing: no host, no file, no account of yours.");
}

/// What a platform wishes to do, in plain language.
fn wishes(descriptor: &Descriptor, schedule: bool, row: &PluginRow, private_hosts: &[String], output: &mut Output) {
    output.line("It wishes to:");
    for origin in &row.origins {
        for line in requests(origin, &row.routes) {
            output.line(format_args!("  {line}"));
        }
    }
    let at = |names: &[String]| {
        let of = |name: &String| row.origins.iter().find(|o| o.name == *name).map(|o| text::line(&o.default));
        names.iter().filter_map(of).collect::<Vec<_>>().join(", ")
    };
    match &descriptor.authentication {
        Authentication::None => output.line("  use no credential: it needs no log-in"),
        Authentication::ApiKey(key) => output.line(format_args!(
            "  have your API key sent to {}, in the header {}; it never sees the key itself",
            at(&key.audience),
            text::line(&key.placement.header)
        )),
        Authentication::Oauth2(oauth) => {
            output.line(format_args!(
                "  have you log in at {}, and your access token sent to {}, in the header {}; it never sees the token itself",
                at(std::slice::from_ref(&oauth.authorize.origin)),
                at(&oauth.audience),
                text::line(&oauth.placement.header)
            ));
            for scope in &row.scopes {
                output.line(format_args!(
                    "  ask there for {}: {}",
                    text::line(&scope.name),
                    text::line(&scope.purpose)
                ));
            }
        }
    }
    match schedule {
        true => output.line(format_args!(
            "  wake itself up: at most {MAX_WAKE_UPS} pending times, set {MAX_WAKE_UP_CALLS_A_DAY} times a day"
        )),
        false => output.line("  run only when you scan or ask for the status: it sets no wake-ups"),
    }
    for host in private_hosts {
        output.line(format_args!("You let it reach {} on a private network.", text::line(host)));
    }
    output.line("It can reach nothing else: no other host, no file, no other account of yours.");
}

/// Who made it, as far as that is known.
pub fn signing(signing: &Signing) -> String {
    match signing {
        Signing::None => "It is not signed: nothing tells who made it.".to_owned(),
        Signing::Unchecked { key } => format!(
            "It has a signature, which says that it is by the key {}. That was not checked: give the key by --key, from a place that you trust.",
            key.as_deref().unwrap_or("of nobody")
        ),
        Signing::By { key, comment } => {
            format!("It is signed by the key {}, with the comment: {}", key.id(), text::line(comment))
        }
    }
}

/// What it does at an origin, a line for each purpose.
fn requests<'a>(origin: &'a OriginRow, routes: &'a [RouteRow]) -> impl Iterator<Item = String> + 'a {
    routes.iter().filter(|route| route.origin == origin.name).map(|route| {
        let what = match route.access {
            "read" => "read",
            "write" => "change things (only what you approve)",
            _ => "query, and change only what you approve,",
        };
        format!(
            "{}: {what} at {}{} by {}",
            text::line(&route.purpose),
            text::line(&origin.default),
            text::line(&route.path_prefix),
            route.methods.join(" and ")
        )
    })
}

/// Keys of a schema with what they are for.
fn settings(schema: &str) -> Vec<(String, String)> {
    let schema: serde_json::Value = serde_json::from_str(schema).unwrap_or_default();
    let described = |of: &serde_json::Value| of["description"].as_str().unwrap_or("not described").to_owned();
    let properties = schema["properties"].as_object();
    properties.into_iter().flatten().map(|(key, of)| (key.clone(), described(of))).collect()
}
