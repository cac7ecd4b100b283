//! Room on the disk, and what the cache takes of it.

use std::fs;

use super::Check;
use crate::config::Home;

/// Free bytes below which a scan may not end.
const NO_ROOM: u64 = 64 << 20;
/// Free bytes below which it is time to make room.
const LITTLE_ROOM: u64 = 512 << 20;
/// Bytes of compiled code above which old versions of plugins have gathered.
const LARGE_CACHE: u64 = 1 << 30;

/// Whether there is room where the home is, or is to be.
pub(super) fn disk(home: &Home) -> Option<Check> {
    const NAME: &str = "disk";
    let there = home.root().ancestors().find(|path| path.exists())?;
    let disk = match rustix::fs::statvfs(there) {
        Ok(disk) if disk.f_blocks > 0 => disk,
        // Some file systems do not count their room.
        Ok(_) => return Some(Check::skipped(NAME, "the file system does not say how much room there is")),
        Err(error) => return Some(Check::skipped(NAME, format!("its room cannot be asked for: {error}"))),
    };
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    let message = format!("{} free where {} is", size(free), home.root().display());
    Some(match free {
        ..NO_ROOM => Check::problem(NAME, message).remedy("Make room before the next scan"),
        NO_ROOM..LITTLE_ROOM => Check::warning(NAME, message).remedy("Make room soon"),
        _ if disk.f_files > 0 && disk.f_favail == 0 => {
            Check::problem(NAME, "the file system takes no more files").remedy("Delete files that are not needed")
        }
        _ => Check::ok(NAME, message),
    })
}

/// How large the cache of compiled code is.
pub(super) fn cache(home: &Home) -> Option<Check> {
    let folder = home.component_cache_dir();
    let entries = fs::read_dir(&folder).ok()?.flatten().filter_map(|entry| entry.metadata().ok());
    let (files, bytes) = entries.fold((0, 0), |(files, bytes), file| (files + 1, bytes + file.len()));
    let message = format!("{files} files of compiled code, {} in all", size(bytes));
    Some(if bytes > LARGE_CACHE {
        let remedy = format!("Delete {}; what is needed is compiled again", folder.display());
        Check::warning("cache", message).remedy(remedy)
    } else {
        Check::ok("cache", message)
    })
}

/// Bytes as people write them.
pub(super) fn size(bytes: u64) -> String {
    match bytes {
        0..1_024 => format!("{bytes} bytes"),
        1_024..1_048_576 => format!("{} KiB", bytes >> 10),
        1_048_576..1_073_741_824 => format!("{} MiB", bytes >> 20),
        _ => format!("{}.{} GiB", bytes >> 30, ((bytes & 0x3fff_ffff) * 10) >> 30),
    }
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_are_cut_and_not_rounded_up() {
        for (bytes, shown) in
            [(0, "0 bytes"), (1023, "1023 bytes"), (1024, "1 KiB"), (5 << 20, "5 MiB"), (3 << 29, "1.5 GiB")]
        {
            assert_eq!(size(bytes), shown);
        }
    }
}
