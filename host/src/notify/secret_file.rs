//! Secrets of channels, from files of the person's.

use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use secrecy::SecretString;
use zeroize::Zeroizing;

/// The most bytes of a secret's file.
const MAX_BYTES: u64 = 4 * 1024;

/// Reads a secret: the file's text without white space around it. A file that others may read is used, and said.
///
/// # Errors
/// A sentence that names the file and never what is in it.
pub(super) fn read(path: &Path) -> Result<SecretString, String> {
    let shown = path.display();
    let unreadable = |why: &str| format!("the secret's file {shown} cannot be used: {why}");
    // Before it is opened, for a pipe without a writer would hold us up.
    let metadata = fs::metadata(path).map_err(|error| unreadable(&error.to_string()))?;
    if !metadata.is_file() {
        return Err(unreadable("it is not a plain file"));
    }
    let file = File::open(path).map_err(|error| unreadable(&error.to_string()))?;
    if metadata.mode() & 0o077 != 0 {
        tracing::warn!(file = %shown, "other users may read this secret; close it with chmod 600");
    }
    // With room for all of it from the beginning: a buffer that grows leaves copies behind.
    let mut text = Zeroizing::new(String::with_capacity(MAX_BYTES as usize + 1));
    match file.take(MAX_BYTES + 1).read_to_string(&mut text) {
        // Not the error's own words, which might quote.
        Err(_) => Err(unreadable("it is not text")),
        Ok(bytes) if bytes as u64 > MAX_BYTES => Err(unreadable("it is larger than a secret")),
        Ok(_) if text.trim().is_empty() => Err(unreadable("it is empty")),
        Ok(_) => Ok(SecretString::from(text.trim())),
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn a_secret_is_read_without_its_line_end_and_never_quoted() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("secret");
        fs::write(&path, " planted \n").expect("written");
        assert_eq!(read(&path).expect("read").expose_secret(), "planted");
        let large = "planted".repeat(1000);
        for (bytes, why) in [(&b"\n"[..], "empty"), (b"planted\xff", "not text"), (large.as_bytes(), "larger")] {
            fs::write(&path, bytes).expect("written");
            let error = read(&path).expect_err("refused");
            assert!(error.contains(why) && !error.contains("planted"), "{error}");
        }
        for path in [folder.path(), &folder.path().join("absent")] {
            assert!(read(path).expect_err("refused").contains(&path.display().to_string()));
        }
    }
}
