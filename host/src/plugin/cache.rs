//! Compiled code of components, kept between runs.
//!
//! Compiled code is run as it is: whoever can write it owns the process. So it is taken only from a directory of our own that nobody else can
//! write to, under a name made from the component's digest and from the engine's own account of what it can run. A file from
//! elsewhere is never loaded. A file that the engine refuses is compiled again.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use wasmtime::component::Component;

use super::digest::Digest;

/// A directory of compiled code, or none.
#[derive(Debug)]
pub struct CodeCache {
    directory: Option<PathBuf>,
}

impl CodeCache {
    /// Keeps code in a directory, which is made (0700) when the first code is kept.
    #[must_use]
    pub fn at(directory: PathBuf) -> CodeCache {
        CodeCache { directory: Some(directory) }
    }

    /// Keeps nothing: every component is compiled when it is loaded.
    #[must_use]
    pub fn none() -> CodeCache {
        CodeCache { directory: None }
    }

    /// The component of some bytes: from the cache if it is there, else compiled and kept. A cache that cannot be used costs time only.
    ///
    /// # Errors
    /// wasmtime's, where the bytes are not a component that it can compile.
    pub fn load(&self, engine: &wasmtime::Engine, bytes: &[u8], digest: Digest) -> wasmtime::Result<Component> {
        let file = self.directory.as_ref().map(|directory| directory.join(name(engine, digest)));
        if let Some(component) = file.as_deref().and_then(|file| read(engine, file)) {
            return Ok(component);
        }
        let component = Component::new(engine, bytes)?;
        if let Some(file) = file
            && let Err(error) = component.serialize().map_err(|e| e.to_string()).and_then(|code| keep(&file, &code))
        {
            tracing::debug!(file = %file.display(), error, "compiled code is not kept");
        }
        Ok(component)
    }

    /// Deletes the code of a component that is no longer there, for whichever engine it was compiled. What cannot be deleted stays: it is
    /// never run, for nothing has its digest.
    pub fn forget(&self, digest: Digest) {
        let Some(files) = self.directory.as_ref().and_then(|directory| fs::read_dir(directory).ok()) else { return };
        let of = format!("{}-", digest.to_hex());
        for file in files.flatten().filter(|file| file.file_name().to_string_lossy().starts_with(&of)) {
            if let Err(error) = fs::remove_file(file.path()) {
                tracing::debug!(file = %file.path().display(), %error, "compiled code is not deleted");
            }
        }
    }
}

fn name(engine: &wasmtime::Engine, digest: Digest) -> String {
    let mut hasher = DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut hasher);
    format!("{}-{:016x}.cwasm", digest.to_hex(), hasher.finish())
}

#[allow(unsafe_code)]
fn read(engine: &wasmtime::Engine, file: &Path) -> Option<Component> {
    if !is_ours(file.parent()?) || !is_ours(file) {
        return None;
    }
    // SAFETY: the file is a regular file of this user's, in a directory of this user's, and nobody else can write to either; this
    // program is all that puts files there, under a name that the engine's compatibility is part of, and replaces them whole.
    match unsafe { Component::deserialize_file(engine, file) } {
        Ok(component) => Some(component),
        Err(error) => {
            tracing::debug!(file = %file.display(), %error, "compiled code is stale");
            None
        }
    }
}

/// Whether this user owns it and nobody else may write to it, and it is no link.
fn is_ours(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|meta| {
        !meta.file_type().is_symlink() && meta.uid() == rustix::process::geteuid().as_raw() && meta.mode() & 0o022 == 0
    })
}

/// Writes beside the place and moves it there, so that no reader ever meets half a file.
fn keep(file: &Path, code: &[u8]) -> Result<(), String> {
    let beside = file.with_extension(format!("{}.tmp", std::process::id()));
    let kept = write(file, &beside, code);
    if kept.is_err() {
        let _ = fs::remove_file(&beside);
    }
    kept.map_err(|e| e.to_string())
}

fn write(file: &Path, beside: &Path, code: &[u8]) -> std::io::Result<()> {
    let directory = file.parent().ok_or(std::io::ErrorKind::InvalidInput)?;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(beside)?.write_all(code)?;
    fs::rename(beside, file)
}
