//! Reading a file that may be anything: never more of it than is wanted, and nothing that is no file.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// Reads a plain file of at most so many bytes. A link, a pipe or a folder is none.
///
/// # Errors
/// The system's, or what it is instead.
pub fn read_plain(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let meta = fs::symlink_metadata(path)?;
    if !meta.is_file() {
        let what = if meta.is_symlink() { "it is a symbolic link" } else { "it is not a plain file" };
        return Err(io::Error::new(io::ErrorKind::InvalidInput, what));
    }
    read_bounded(path, most)
}

/// The same, where a link may lead to the file.
///
/// # Errors
/// The system's, or what it is instead.
pub fn read_bounded(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    // A pipe would make the opening wait for its other end.
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a plain file"));
    }
    let file = File::open(path)?;
    let size = file.metadata()?.len();
    let too_large = || io::Error::new(io::ErrorKind::FileTooLarge, format!("it is larger than {} MiB", most >> 20));
    if size > most {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
    file.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most { Err(too_large()) } else { Ok(bytes) }
}
