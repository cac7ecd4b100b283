//! The archive: tar in its oldest format, compressed by gzip. The manifest is its first member.

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use tar::{Archive, Builder, EntryType, Header};

use super::error::BackupError;
use super::manifest::{Manifest, Unusable};
use super::member;
use super::staging::{Staging, finish};

/// Bytes after the last member that are read at most: tar's end, and padding.
const MOST_PADDING: u64 = 1 << 20;

/// Writes archives.
pub struct Writer;

impl Writer {
    /// Writes the files of a staging folder that a manifest names to `file`, which is there when it is whole.
    pub fn write(file: &Path, manifest: &Manifest, staging: &Staging) -> Result<(), BackupError> {
        let fits =
            manifest.files.iter().all(|entry| member::bound(&entry.path).is_some_and(|most| entry.bytes <= most));
        if !fits || manifest.files.len() > member::MOST_FILES {
            let why = format!("at most {} files, and a database of 8 GiB", member::MOST_FILES);
            return Err(BackupError::TooMuch { what: "the home".to_owned(), why });
        }
        let made = staging.path().join("archive");
        let failed = |error: io::Error| BackupError::io(file, "written", &error);
        let target = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&made).map_err(failed)?;
        let written = pack(target, manifest, staging).map_err(failed)?;
        finish(written, &made, file)
    }
}

fn pack(target: File, manifest: &Manifest, staging: &Staging) -> io::Result<File> {
    let mut tar = Builder::new(GzEncoder::new(BufWriter::new(target), Compression::default()));
    let text = serde_json::to_vec_pretty(manifest)?;
    tar.append_data(&mut header(text.len() as u64, manifest.created_at), member::MANIFEST, text.as_slice())?;
    for entry in &manifest.files {
        let file = File::open(staging.path().join(&entry.path))?;
        tar.append_data(&mut header(entry.bytes, manifest.created_at), &entry.path, file.take(entry.bytes))?;
    }
    let packed = tar.into_inner()?.finish()?;
    packed.into_inner().map_err(io::IntoInnerError::into_error)
}

fn header(bytes: u64, at: i64) -> Header {
    let mut header = Header::new_ustar();
    header.set_entry_type(EntryType::Regular);
    header.set_mode(0o600);
    header.set_size(bytes);
    header.set_mtime(u64::try_from(at).unwrap_or(0));
    header
}

/// Reads an archive.
pub struct Reader {
    path: PathBuf,
    archive: Archive<GzDecoder<BufReader<File>>>,
}

impl Reader {
    /// Opens an archive.
    pub fn open(path: &Path) -> Result<Reader, BackupError> {
        let failed = |error: io::Error| BackupError::io(path, "read", &error);
        // A pipe would make the opening wait for its other end.
        if !std::fs::metadata(path).map_err(failed)?.is_file() {
            let why = "it is not a plain file".to_owned();
            return Err(BackupError::NotABackup { file: path.to_owned(), why });
        }
        let file = File::open(path).map_err(failed)?;
        Ok(Reader { path: path.to_owned(), archive: Archive::new(GzDecoder::new(BufReader::new(file))) })
    }

    /// What the archive says that it holds; nothing else of it is read.
    pub fn manifest(mut self) -> Result<Manifest, BackupError> {
        let Reader { path, archive } = &mut self;
        let mut entries = archive.entries().map_err(|error| not_a_backup(path, &error))?.raw(true);
        let first = entries.next().ok_or_else(|| nothing(path))?.map_err(|error| not_a_backup(path, &error))?;
        manifest(path, first)
    }

    /// Takes all files into a staging folder. Each is checked against the manifest, and nothing that it does not name is taken.
    pub fn extract(mut self, staging: &Staging) -> Result<Manifest, BackupError> {
        let Reader { path, archive } = &mut self;
        let mut entries = archive.entries().map_err(|error| not_a_backup(path, &error))?.raw(true);
        let first = entries.next().ok_or_else(|| nothing(path))?.map_err(|error| not_a_backup(path, &error))?;
        let manifest = manifest(path, first)?;
        for expected in &manifest.files {
            let name = &expected.path;
            let next = entries.next().ok_or_else(|| damaged(path, format!("it ends before {name}")))?;
            let entry = next.map_err(|error| damaged(path, format!("before {name}: {error}")))?;
            let found = plain(&entry).map_err(|why| damaged(path, why))?;
            if found != *name {
                return Err(damaged(path, format!("{} is where {name} should be", found.escape_debug())));
            }
            if entry.size() != expected.bytes {
                return Err(damaged(path, format!("{name} has another size than its manifest says")));
            }
            let mut bounded = Telling::of(entry.take(expected.bytes));
            let taken = staging.take_in(name, &mut bounded);
            if let Some(error) = bounded.failed {
                return Err(damaged(path, format!("{name} breaks off: {error}")));
            }
            let taken = taken?;
            if taken != *expected {
                return Err(damaged(path, format!("{name} is not what its manifest says: its digest is another")));
            }
        }
        if entries.next().is_some() {
            return Err(damaged(path, "it goes on after the last file of its manifest".to_owned()));
        }
        self.end()?;
        Ok(manifest)
    }

    /// Reads to the end, where gzip's checksum is.
    fn end(self) -> Result<(), BackupError> {
        let Reader { path, archive } = self;
        let mut rest = archive.into_inner().take(MOST_PADDING);
        match io::copy(&mut rest, &mut io::sink()) {
            Ok(read) if read < MOST_PADDING => Ok(()),
            Ok(_) => Err(damaged(&path, "something comes after its end".to_owned())),
            Err(error) => Err(damaged(&path, format!("its end is not sound: {error}"))),
        }
    }
}

fn manifest(file: &Path, entry: tar::Entry<'_, impl Read>) -> Result<Manifest, BackupError> {
    let not = |why: String| BackupError::NotABackup { file: file.to_owned(), why };
    if plain(&entry).map_err(not)? != member::MANIFEST {
        return Err(not(format!("it does not begin with {}", member::MANIFEST)));
    }
    let most = member::bound(member::MANIFEST).unwrap_or(0);
    if entry.size() > most {
        return Err(not(format!("its manifest is larger than {most} bytes")));
    }
    let mut bytes = Vec::new();
    entry
        .take(most)
        .read_to_end(&mut bytes)
        .map_err(|error| damaged(file, format!("its manifest breaks off: {error}")))?;
    Manifest::parse(&bytes).map_err(|unusable| match unusable {
        Unusable::Later(found) => BackupError::Later { file: file.to_owned(), found },
        Unusable::Wrong(why) => damaged(file, why),
    })
}

/// A member's path, if it is a plain file: no link, no folder, no device, no extension of the format.
fn plain(entry: &tar::Entry<'_, impl Read>) -> Result<String, String> {
    let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
    let shown: String = path.chars().take(100).collect::<String>().escape_debug().to_string();
    if entry.header().entry_type() != EntryType::Regular {
        return Err(format!("{shown:?} is not a plain file"));
    }
    match member::bound(&path) {
        Some(_) => Ok(path),
        None => Err(format!("it has a file that no backup has: {shown}")),
    }
}

/// Tells a failure to read from a failure to write, which copying mixes.
struct Telling<R> {
    inner: R,
    failed: Option<String>,
}

impl<R> Telling<R> {
    fn of(inner: R) -> Telling<R> {
        Telling { inner, failed: None }
    }
}

impl<R: Read> Read for Telling<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(into);
        if let Err(error) = &read
            && error.kind() != io::ErrorKind::Interrupted
        {
            self.failed = Some(error.to_string());
        }
        read
    }
}

fn not_a_backup(file: &Path, error: &io::Error) -> BackupError {
    BackupError::NotABackup { file: file.to_owned(), why: error.to_string() }
}

fn nothing(file: &Path) -> BackupError {
    BackupError::NotABackup { file: file.to_owned(), why: "nothing is in it".to_owned() }
}

fn damaged(file: &Path, why: String) -> BackupError {
    BackupError::Damaged { file: file.to_owned(), why }
}

#[cfg(test)]
mod tests;
