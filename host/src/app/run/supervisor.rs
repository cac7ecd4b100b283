//! What systemd, or whoever started the daemon, is told: `sd_notify(3)`, in a few lines.

use std::cell::RefCell;
use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// Whoever supervises the daemon, if anybody does.
#[derive(Debug, Default)]
pub struct Supervisor {
    place: Option<Place>,
    watchdog: Option<Duration>,
    /// What was told last of how things are.
    status: RefCell<String>,
}

#[derive(Debug)]
enum Place {
    Path(PathBuf),
    #[cfg(target_os = "linux")]
    Abstract(std::os::unix::net::SocketAddr),
}

impl Supervisor {
    /// The one that the environment names.
    #[must_use]
    pub fn from_env() -> Supervisor {
        let text = |name| std::env::var(name).ok();
        Supervisor::of(text("NOTIFY_SOCKET"), text("WATCHDOG_USEC"), text("WATCHDOG_PID"))
    }

    fn of(socket: Option<String>, watchdog_usec: Option<String>, watchdog_pid: Option<String>) -> Supervisor {
        let is_meant = watchdog_pid.is_none_or(|pid| pid.parse() == Ok(std::process::id()));
        let usec =
            watchdog_usec.filter(|_| is_meant).and_then(|usec| usec.parse::<u64>().ok()).filter(|usec| *usec > 0);
        Supervisor {
            place: socket.as_deref().and_then(place),
            watchdog: usec.map(Duration::from_micros),
            status: RefCell::default(),
        }
    }

    /// How long it waits for a sign of life before it ends the daemon.
    #[must_use]
    pub fn watchdog(&self) -> Option<Duration> {
        self.watchdog
    }

    /// Tells a state: `READY=1`. Nobody waits for it, and where it cannot be told nothing is lost.
    pub fn tell(&self, state: &str) {
        let Some(place) = &self.place else { return };
        let told = UnixDatagram::unbound().and_then(|socket| {
            socket.set_nonblocking(true)?;
            match place {
                Place::Path(path) => socket.send_to(state.as_bytes(), path),
                #[cfg(target_os = "linux")]
                Place::Abstract(address) => socket.send_to_addr(state.as_bytes(), address),
            }
        });
        if let Err(error) = told {
            tracing::debug!(%error, state, "the supervisor cannot be told");
        }
    }

    /// Tells how things are, where that has changed: `systemctl status` shows it. One line.
    pub fn status(&self, line: String) {
        if self.place.is_some() && *self.status.borrow() != line {
            self.tell(&format!("STATUS={line}"));
            self.status.replace(line);
        }
    }

    /// Tells that the configuration is being read anew; `READY=1` follows.
    pub fn reloading(&self) {
        let now = clock_gettime(ClockId::Monotonic);
        self.tell(&format!("RELOADING=1\nMONOTONIC_USEC={}", now.tv_sec * 1_000_000 + now.tv_nsec / 1000));
    }
}

/// A path, or the name of an abstract socket behind `@`.
fn place(text: &str) -> Option<Place> {
    #[cfg(target_os = "linux")]
    if let Some(name) = text.strip_prefix('@') {
        use std::os::linux::net::SocketAddrExt;
        return std::os::unix::net::SocketAddr::from_abstract_name(name).ok().map(Place::Abstract);
    }
    text.starts_with('/').then(|| Place::Path(PathBuf::from(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_and_an_abstract_name_are_told() {
        let folder = tempfile::tempdir().expect("a directory");
        let path = folder.path().join("notify");
        let by_path = UnixDatagram::bind(&path).expect("binds");
        let mut told = vec![(by_path, path.display().to_string())];
        #[cfg(target_os = "linux")]
        {
            use std::os::linux::net::SocketAddrExt;
            let name = format!("prospector-test-{}", std::process::id());
            let address = std::os::unix::net::SocketAddr::from_abstract_name(&name).expect("a name");
            told.push((UnixDatagram::bind_addr(&address).expect("binds"), format!("@{name}")));
        }
        for (socket, name) in told {
            let supervisor = Supervisor::of(Some(name), None, None);
            supervisor.tell("READY=1");
            let heard = || {
                let mut heard = [0; 64];
                let length = socket.recv(&mut heard).expect("it was told");
                String::from_utf8_lossy(&heard[..length]).into_owned()
            };
            assert_eq!(heard(), "READY=1");
            for (line, told) in [("scanning", true), ("scanning", false), ("all well", true)] {
                supervisor.status(line.to_owned());
                if told {
                    assert_eq!(heard(), format!("STATUS={line}"));
                }
            }
        }
    }

    #[test]
    fn a_watchdog_is_ours_alone() {
        let text = |text: &str| Some(text.to_owned());
        let own = std::process::id().to_string();
        let of = |usec: &str, pid: Option<String>| Supervisor::of(None, text(usec), pid).watchdog();
        assert_eq!(of("30000000", None), Some(Duration::from_secs(30)));
        assert_eq!(of("30000000", Some(own)), Some(Duration::from_secs(30)));
        assert_eq!(of("30000000", text("1")), None);
        assert_eq!((of("0", None), of("soon", None)), (None, None));
        Supervisor::default().tell("nobody listens");
    }
}
