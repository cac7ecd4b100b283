//! A person at a terminal: a pseudo-terminal that the program runs in, with what it shows and what is typed.

use std::fs::File;
use std::io::{Read, Write};
use std::process::{Child, Command};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::prospector::PATIENCE;

/// A program in a terminal of its own.
#[derive(Debug)]
pub struct Terminal {
    keyboard: File,
    screen: Receiver<Vec<u8>>,
    shown: Vec<u8>,
    read: usize,
    child: Child,
}

impl Terminal {
    /// Starts a command in a terminal.
    ///
    /// # Panics
    /// Where the system has no pseudo-terminals, or the program does not start.
    #[must_use]
    pub fn start(command: &mut Command) -> Self {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a pseudo-terminal");
        grantpt(&ours).expect("a terminal of our own");
        unlockpt(&ours).expect("a terminal of our own");
        let name = ptsname(&ours, Vec::new()).expect("the terminal has a name");
        let theirs = File::from(
            rustix::fs::open(name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).expect("the terminal opens"),
        );
        let again = || theirs.try_clone().expect("a file descriptor");
        let child = command
            .env("TERM", "xterm")
            .stdin(again())
            .stdout(again())
            .stderr(again())
            .spawn()
            .expect("the program starts");
        // The command keeps copies, which would keep the terminal open after the program's end.
        command
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null());
        let keyboard = File::from(ours);
        let mut eyes = keyboard.try_clone().expect("a file descriptor");
        let (send, screen) = mpsc::channel();
        std::thread::spawn(move || {
            let mut piece = [0_u8; 4096];
            // The end of the program is an error here (EIO), not an end of file.
            while let Ok(read @ 1..) = eyes.read(&mut piece) {
                if send.send(piece[..read].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self { keyboard, screen, shown: Vec::new(), read: 0, child }
    }

    /// Waits until the program shows this, after what was waited for before. Gives all that was shown up to there.
    ///
    /// # Panics
    /// Where it does not within [`PATIENCE`], with what it shows instead.
    #[track_caller]
    pub fn wait_for(&mut self, text: &str) -> String {
        let started = Instant::now();
        loop {
            let unread = &self.shown[self.read..];
            if let Some(at) = unread.windows(text.len()).position(|piece| piece == text.as_bytes()) {
                let end = self.read + at + text.len();
                let seen = String::from_utf8_lossy(&self.shown[self.read..end]).into_owned();
                self.read = end;
                return seen;
            }
            match self.screen.recv_timeout(PATIENCE.saturating_sub(started.elapsed())) {
                Ok(piece) => self.shown.extend(piece),
                Err(_) => panic!("the program does not show {text:?} but: {}", self.shown()),
            }
        }
    }

    /// Types.
    ///
    /// # Panics
    /// Where the terminal is gone.
    pub fn type_in(&mut self, text: &str) {
        self.keyboard.write_all(text.as_bytes()).expect("the terminal takes keys");
    }

    /// Interrupts the program, as Ctrl-C does where the terminal is the one that its session is controlled by.
    ///
    /// # Panics
    /// Where it has ended already.
    pub fn interrupt(&self) {
        rustix::process::kill_process(rustix::process::Pid::from_child(&self.child), rustix::process::Signal::INT)
            .expect("the program runs");
    }

    /// All that was shown so far.
    #[must_use]
    pub fn shown(&self) -> String {
        String::from_utf8_lossy(&self.shown).into_owned()
    }

    /// Waits for the program's end. Gives its exit code and all that it showed.
    ///
    /// # Panics
    /// Where it hangs for [`PATIENCE`].
    #[must_use]
    pub fn end(mut self) -> (i32, String) {
        let started = Instant::now();
        loop {
            match self.screen.recv_timeout(PATIENCE.saturating_sub(started.elapsed()).max(Duration::from_millis(1))) {
                Ok(piece) => self.shown.extend(piece),
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    let _ = self.child.kill();
                    panic!("the program hangs; it shows: {}", self.shown());
                }
            }
        }
        let status = self.child.wait().expect("the program's end can be waited for");
        (status.code().unwrap_or(-1), self.shown())
    }
}
