//! `plugins install`: what a component wishes to do, in plain language, and the question.

use super::args::Install;
use super::{OriginRow, PluginRow, RouteRow, row};
use crate::app::error::exit;
use crate::app::plugins::{self, Candidate, Signing};
use crate::app::{AppError, Installation};
use crate::cli::args::Globals;
use crate::cli::output::{Output, Style};
use crate::cli::{prompt, text};
use crate::contract::descriptor::Authentication;
use crate::store::{MAX_WAKE_UP_CALLS_A_DAY, MAX_WAKE_UPS};

/// Shows what a plugin wishes to do, asks, and installs it.
pub async fn run(
    globals: &Globals,
    args: Install,
    installation: &Installation,
    output: &mut Output,
) -> Result<u8, AppError> {
    let candidate = plugins::propose(installation, &args.source, &args.choices.choices()).await?;
    let row = row(&candidate.plugin, "installed");
    if !output.is_json() {
        wishes(&candidate, &row, &args.choices.allow_host, output);
        output.flush();
    }
    if !args.yes {
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
    let repairs = candidate.repairs;
    let log_in = candidate.plugin.descriptor.authentication.clone();
    let plugin = candidate.install(installation)?;
    if output.is_json() {
        output.json(&row);
        return Ok(exit::OK);
    }
    let (id, name) = (plugin.id(), text::line(&plugin.descriptor.display_name));
    output.line(format_args!(
        "{name} {} is {}.",
        text::line(&row.version),
        if repairs { "put right" } else { "installed" }
    ));
    output.message(format_args!(
        "Have it scanned by a section `platforms.{id}` in {}",
        installation.home.config_file().display()
    ));
    output.message(match log_in {
        Authentication::None => format!("Then: ghoststack prospector scan --platform {id}"),
        _ => format!("Then: ghoststack prospector connect {id}"),
    });
    Ok(exit::OK)
}

fn wishes(candidate: &Candidate, row: &PluginRow, private_hosts: &[String], output: &mut Output) {
    let head = output.style(Style::Bold, text::line(&row.name));
    output.line(format_args!("{head} {} (`{}`): {}", text::line(&row.version), row.id, text::line(&row.summary)));
    output.line(format_args!("from {}, {}", text::line(&candidate.source.to_string()), candidate.source_sha256));
    output.line(signing(&candidate.signing));
    output.line("");
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
    match &candidate.plugin.descriptor.authentication {
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
    match candidate.wishes.schedule {
        true => output.line(format_args!(
            "  wake itself up: at most {MAX_WAKE_UPS} pending times, set {MAX_WAKE_UP_CALLS_A_DAY} times a day"
        )),
        false => output.line("  run only when you scan or ask for the status: it sets no wake-ups"),
    }
    for host in private_hosts {
        output.line(format_args!("You let it reach {} on a private network.", text::line(host)));
    }
    output.line("It can reach nothing else: no other host, no file, no other account of yours.");
    let settings = settings(&candidate.plugin.descriptor.settings);
    if !settings.is_empty() {
        output.line("");
        output.line(format_args!("Settings that it adds to `platforms.{}`:", row.id));
        for (key, description) in settings {
            output.line(format_args!("  {}: {}", text::line(&key), text::line(&description)));
        }
    }
    output.line("");
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
