//! The person's templates, from their folder.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::{BUILT_IN, MAX_TEMPLATE_BYTES, Template};
use crate::config::{ConfigErrors, Matter};

/// Templates that are read, at most.
pub const MAX_TEMPLATES: usize = 200;

/// What is in the folder.
#[derive(Debug, Default)]
pub struct Templates {
    /// Those that can be used, by file name. Where there is none, the one that is built in.
    pub usable: Vec<Template>,
    /// What is wrong with the others, by file name.
    pub broken: Vec<Broken>,
}

/// A template that cannot be used.
#[derive(Debug)]
pub struct Broken {
    /// Its file.
    pub file: PathBuf,
    /// Why.
    pub problems: ConfigErrors,
}

impl Templates {
    /// The template of a name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Template> {
        self.usable.iter().find(|template| template.keys.name == name)
    }
}

/// Reads all `*.md` of a folder, which need not exist.
///
/// # Errors
/// Where the folder cannot be listed.
pub fn load(folder: &Path) -> io::Result<Templates> {
    let mut files = Vec::new();
    match fs::read_dir(folder) {
        Ok(entries) => {
            for entry in entries {
                let path = entry?.path();
                let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
                if path.extension().is_some_and(|end| end == "md") && !hidden {
                    files.push(path);
                }
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    files.sort();
    let mut templates = Templates::default();
    let mut names: BTreeMap<String, PathBuf> = BTreeMap::new();
    for (index, file) in files.into_iter().enumerate() {
        let read = if index < MAX_TEMPLATES {
            read(&file, &names)
        } else {
            Err(unread(&file, format!("{MAX_TEMPLATES} templates are read at most")))
        };
        match read {
            Ok(template) => {
                names.insert(template.keys.name.clone(), file);
                templates.usable.push(template);
            }
            Err(problems) => templates.broken.push(Broken { file, problems }),
        }
    }
    if templates.usable.is_empty() {
        templates.usable.push(Template::built_in());
    }
    Ok(templates)
}

fn read(file: &Path, names: &BTreeMap<String, PathBuf>) -> Result<Template, ConfigErrors> {
    let name = file.display().to_string();
    let bytes = bounded(file).map_err(|error| unread(file, format!("the file cannot be read: {error}")))?;
    let template = Template::read(&name, &bytes, Some(file.to_owned()))?;
    if let Some(first) = names.get(&template.keys.name) {
        let message = format!("{} is called so too", first.display());
        let problem = template.matter.wrong_key(&["name"], "repeated", message, "give it another name");
        return Err(template.matter.refused(vec![problem]));
    }
    Ok(template)
}

fn bounded(file: &Path) -> io::Result<Vec<u8>> {
    let metadata = fs::metadata(file)?;
    // A folder or a pipe would block or mislead.
    if !metadata.is_file() {
        return Err(io::Error::other("it is not a plain file"));
    }
    let mut bytes = Vec::new();
    File::open(file)?.take(MAX_TEMPLATE_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_TEMPLATE_BYTES {
        return Err(io::Error::other(format!("it is larger than {} KiB", MAX_TEMPLATE_BYTES / 1024)));
    }
    Ok(bytes)
}

/// What is wrong with a file as a whole.
fn unread(file: &Path, message: String) -> ConfigErrors {
    Matter::unreadable(
        &file.display().to_string(),
        message,
        &format!("move it elsewhere, or mend it; `{BUILT_IN}` serves where there is no other"),
    )
}
