//! A program of the person's: the event as JSON on its standard input, without a shell.

use std::io;
use std::process::{ExitStatus, Stdio};

use async_trait::async_trait;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, Command};

use super::channel::{Failure, Sender};
use super::event::Message;
use crate::config::NotifyCommand;

/// What the program is given of our environment: enough to find its way, and nothing that could be a secret.
const ENVIRONMENT: [&str; 12] = [
    "DBUS_SESSION_BUS_ADDRESS",
    "DISPLAY",
    "HOME",
    "LANG",
    "LC_ALL",
    "LOGNAME",
    "PATH",
    "TMPDIR",
    "TZ",
    "USER",
    "WAYLAND_DISPLAY",
    "XDG_RUNTIME_DIR",
];

/// A program.
pub(super) struct CommandChannel(NotifyCommand);

impl CommandChannel {
    pub(super) fn new(command: NotifyCommand) -> Self {
        Self(command)
    }

    fn start(&self) -> io::Result<Child> {
        let mut command = Command::new(&self.0.program);
        command.args(&self.0.args).env_clear();
        command.envs(ENVIRONMENT.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
        // What it prints is not ours to vouch for. In a group of its own, so that its children end with it.
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0).kill_on_drop(true);
        command.spawn()
    }
}

#[async_trait]
impl Sender for CommandChannel {
    async fn send(&self, message: &Message) -> Result<(), Failure> {
        let program = self.0.program.display();
        let mut child = self.start().map_err(|e| Failure::new(format!("{program} cannot be started: {e}")))?;
        let group = Group::of(&child);
        let stdin = child.stdin.take();
        let feed = async {
            if let Some(mut stdin) = stdin {
                // It need not read all or any of it: how it ends says more.
                let _ = stdin.write_all(message.envelope.as_bytes()).await;
                let _ = stdin.write_all(b"\n").await;
            }
        };
        let ((), ended) = tokio::join!(feed, child.wait());
        group.leave();
        match ended {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(Failure::new(format!("{program} {}", outcome(status)))),
            Err(error) => Err(Failure::new(format!("{program} cannot be waited for: {error}"))),
        }
    }
}

fn outcome(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exited with status {code}"),
        (None, Some(signal)) => format!("was ended by signal {signal}"),
        (None, None) => "ended without a status".to_owned(),
    }
}

/// The program's processes. Dropped before they have ended, they are killed.
struct Group(Option<Pid>);

impl Group {
    fn of(child: &Child) -> Group {
        Group(child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?)))
    }

    /// The program has ended: its number may be another's from now on.
    fn leave(mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // Where it has ended just now there is nothing to end.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}
