//! What a component is and wishes for, and whether a host would take it: all that can be told of it without a platform.
//!
//! It is asked what it is, and to judge a few made-up postings by its default settings, in stores where it can reach nothing.

use std::path::Path;

use serde::Serialize;

use super::sample;
use crate::app::Installation;
use crate::contract::descriptor::Descriptor;
use crate::contract::types::{Context, Posting};
use crate::plugin::catalog;
use crate::plugin::component::{ComponentError, Inspected, MAX_COMPONENT, World};
use crate::plugin::custom::CustomPlugin;
use crate::plugin::digest::Digest;
use crate::plugin::fault::{CallError, Fault};
use crate::plugin::lock;
use crate::plugin::platform::{LoadError, PlatformPlugin};
use crate::plugin::version::PACKAGE;
use crate::plugin::wishes::Wishes;

/// Made-up postings that it has to judge.
const TRIED: u32 = 20;

/// What was found out of a component. What was not reached, because of a problem before it, is none or empty.
#[derive(Debug, Serialize)]
pub struct Verification {
    /// The file.
    pub file: String,
    /// Whether a host would take it.
    pub accepted: bool,
    /// What a host would refuse.
    pub problems: Vec<Problem>,
    /// What is worth knowing, and refused by nobody.
    pub notes: Vec<String>,
    /// Whether the file is a core module, of which the host makes a component.
    pub core_module: bool,
    /// Size of the file in bytes.
    pub file_size: Option<usize>,
    /// Digest of the file.
    pub file_sha256: Option<Digest>,
    /// Size of the component in bytes.
    pub size: Option<usize>,
    /// Digest of the component.
    pub component_sha256: Option<Digest>,
    /// The version of the contract that it was made for.
    pub contract: Option<String>,
    /// The version of the contract that is served.
    pub contract_served: String,
    /// The worlds that it fits.
    pub worlds: Vec<World>,
    /// Whether it imports no function at all.
    pub pure: Option<bool>,
    /// Interfaces that it imports functions of.
    pub imports: Vec<Import>,
    /// Interfaces of the contract that it exports beyond its world.
    pub optional: Vec<String>,
    /// What it says of itself.
    pub about: Option<About>,
    /// What it wishes to be allowed; a filter or scorer wishes for nothing.
    pub wishes: Option<Wishes>,
}

/// What a host would refuse.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// What is wrong.
    pub why: String,
    /// What its author can do.
    pub remedy: String,
}

/// An interface that functions are imported of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Import {
    /// Its name, without the package where it is of the contract.
    pub interface: String,
    /// Whether it is of the contract. What is not is served without anything behind it: no file, no environment, no clock.
    pub of_contract: bool,
}

/// What a plugin says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct About {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// In a sentence.
    pub summary: String,
}

/// Looks at a component, or a core module, in a file.
pub async fn verify(installation: &Installation, file: &Path) -> Verification {
    let mut found = Verification {
        file: file.display().to_string(),
        accepted: false,
        problems: Vec::new(),
        notes: Vec::new(),
        core_module: false,
        file_size: None,
        file_sha256: None,
        size: None,
        component_sha256: None,
        contract: None,
        contract_served: installation.engine.editions().versions(),
        worlds: Vec::new(),
        pure: None,
        imports: Vec::new(),
        optional: Vec::new(),
        about: None,
        wishes: None,
    };
    if let Err(problem) = found.look(installation, file).await {
        found.problems.push(problem);
    }
    found.accepted = found.problems.is_empty();
    found
}

impl Verification {
    /// Looks at one thing after the other, until one keeps it from going on.
    async fn look(&mut self, installation: &Installation, file: &Path) -> Result<(), Problem> {
        let bytes = lock::read_bounded(file, MAX_COMPONENT as u64).map_err(|error| Problem {
            why: format!("it cannot be read: {error}"),
            remedy: ComponentError::NotWasm.remedy(),
        })?;
        (self.file_size, self.file_sha256) = (Some(bytes.len()), Some(Digest::of(&bytes)));
        let inspected = Inspected::read(&installation.engine, &bytes).map_err(|error| {
            if let ComponentError::Version(another) = &error {
                self.contract.clone_from(&another.found);
            }
            of_component(&error)
        })?;
        self.read_off(&inspected);
        for world in self.worlds.clone() {
            match world {
                World::Platform => self.platform(installation, &bytes).await?,
                World::Filter | World::Scorer => self.custom(installation, &bytes, world).await?,
            }
        }
        Ok(())
    }

    fn read_off(&mut self, inspected: &Inspected) {
        (self.size, self.component_sha256) = (Some(inspected.size), Some(inspected.digest));
        self.core_module = inspected.digest != inspected.source_digest;
        self.contract = Some(inspected.contract().to_owned());
        self.pure = Some(inspected.is_pure());
        self.worlds = inspected.worlds();
        let import = |name: &String| match name.strip_prefix(PACKAGE) {
            Some(own) => Import { interface: own.to_owned(), of_contract: true },
            None => Import { interface: name.clone(), of_contract: false },
        };
        self.imports = inspected.imports.iter().map(import).collect();
        let of_another_world = |name: &String| self.worlds.iter().any(|world| world.exports().contains(&name.as_str()));
        self.optional = inspected.extras.iter().filter(|name| !of_another_world(name)).cloned().collect();
    }

    async fn platform(&mut self, installation: &Installation, bytes: &[u8]) -> Result<(), Problem> {
        let component = crate::plugin::component::encode(installation.engine.editions(), bytes)
            .map_err(|error| of_component(&error))?;
        let plugin = PlatformPlugin::load(&installation.engine, &self.file, &component).await.map_err(of_load)?;
        self.about = Some(about(&plugin.descriptor));
        self.wishes = Some(Wishes::of(&plugin.descriptor, &plugin.inspected));
        self.identity(installation, plugin.id());
        let Some((context, mut postings)) = self.samples(&plugin.descriptor)? else { return Ok(()) };
        let answer = match plugin.check_settings(&context).await {
            Ok(()) => plugin.judge(&context, &mut postings).await.map(drop),
            Err(error) => Err(error),
        };
        self.answered(answer)
    }

    async fn custom(&mut self, installation: &Installation, bytes: &[u8], world: World) -> Result<(), Problem> {
        let plugin = CustomPlugin::load(&installation.engine, &self.file, bytes, world).await.map_err(of_load)?;
        self.about = Some(about(&plugin.descriptor));
        // One that is both is looked at as each.
        if self.worlds.first() == Some(&world) {
            self.identity(installation, plugin.id());
        }
        let Some((context, mut postings)) = self.samples(&plugin.descriptor)? else { return Ok(()) };
        let answer = match (plugin.check_settings(&context).await, world) {
            (Err(error), _) => Err(error),
            (Ok(()), World::Scorer) => plugin.score(&context, &mut postings).await.map(drop),
            (Ok(()), _) => plugin.screen(&context, &mut postings).await.map(drop),
        };
        self.answered(answer)
    }

    /// Whether its id is free, or its own.
    fn identity(&mut self, installation: &Installation, id: &str) {
        if catalog::is_builtin(id) {
            self.problems.push(Problem {
                why: format!("it calls itself `{id}`, which is a built-in plugin"),
                remedy: "give it another id in its descriptor".to_owned(),
            });
        } else if installation.installed.get(id).is_some_and(|there| Some(there.source_sha256) != self.file_sha256) {
            self.notes.push(format!(
                "another file is installed here as `{id}`; this one takes its place by: ghoststack prospector plugins update {id} {}",
                self.file
            ));
        }
    }

    /// What it is tried on; nothing, with a note, where a person has to give a setting first.
    fn samples(&mut self, descriptor: &Descriptor) -> Result<Option<(Context, Vec<Posting>)>, Problem> {
        let schema = crate::config::PlatformSchema::installed(&descriptor.id, &descriptor.settings);
        schema.check().map_err(|problem| Problem {
            why: problem.message.clone(),
            remedy: "correct the schema of its settings".to_owned(),
        })?;
        match sample::context(&descriptor.id, &descriptor.settings, &serde_json::Map::new()) {
            Ok(context) => Ok(Some((context, sample::postings(TRIED)))),
            Err(problems) => {
                let told = super::describe(&problems);
                self.notes.push(format!("it was not tried: its settings have no default that can be used ({told})"));
                Ok(None)
            }
        }
    }

    fn answered(&mut self, answer: Result<(), CallError>) -> Result<(), Problem> {
        match answer {
            Ok(()) => Ok(()),
            Err(CallError::Fault(fault)) => Err(of_fault(&fault)),
            // A setting may have no default that serves everybody.
            Err(CallError::Refused(error)) => {
                self.notes.push(format!("it refuses its default settings: {}", error.message));
                Ok(())
            }
        }
    }
}

fn about(descriptor: &Descriptor) -> About {
    About {
        id: descriptor.id.clone(),
        name: descriptor.display_name.clone(),
        version: descriptor.version.clone(),
        summary: descriptor.summary.clone(),
    }
}

fn of_component(error: &ComponentError) -> Problem {
    Problem { why: error.to_string(), remedy: error.remedy() }
}

fn of_load(error: LoadError) -> Problem {
    match error {
        LoadError::Component { source, .. } => of_component(&source),
        LoadError::Fault(fault) => of_fault(&fault),
        LoadError::Descriptor { why, .. } => {
            let remedy = "correct what its descriptor says; `docs/plugins/contract.md` has the bounds of each field";
            Problem { why, remedy: remedy.to_owned() }
        }
        LoadError::World { .. } => {
            Problem { why: error.to_string(), remedy: ComponentError::NoWorld(String::new()).remedy() }
        }
    }
}

fn of_fault(fault: &Fault) -> Problem {
    Problem {
        why: format!("its `{}` {}", fault.export, fault.cause),
        remedy: "mend it by a unit test of the same call: `prospector_plugin::testing` has postings and a host for it"
            .to_owned(),
    }
}
