//! The desktop's notifications, over a session bus of the test's own.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use prospector_e2e::prospector::finish;

use super::with_channels;
use super::witness::{Witness, python};
use crate::support::missing;

const SECTION: &str = "notifications:\n  desktop: { enabled: true }\n";

/// A session's bus, which ends with the test.
struct Bus(Child, String);

impl Drop for Bus {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn bus() -> Option<Bus> {
    let mut daemon = Command::new("dbus-daemon");
    daemon.args(["--session", "--nofork", "--print-address"]).stdout(Stdio::piped()).stderr(Stdio::null());
    // A machine without D-Bus has no desktop that could be told: CI may well run on one.
    let Ok(mut child) = daemon.spawn() else {
        println!("skipped: there is no dbus-daemon, so no desktop session can be made");
        return None;
    };
    let mut address = String::new();
    BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut address).expect("it tells");
    Some(Bus(child, address.trim().to_owned()))
}

#[test]
fn a_desktop_shows_it() {
    let Some(bus) = bus() else { return };
    if let Err(why) = python() {
        return missing(&format!("the desktop's service cannot be installed: {why}"));
    }
    let mut service = Witness::start(&["desktop", &bus.1]);
    let prospector = with_channels(SECTION);
    let mut command = prospector.command(["notify", "test"]);
    let told = finish(command.env("DBUS_SESSION_BUS_ADDRESS", &bus.1)).ok();
    assert!(told.stdout.starts_with("desktop: delivered"), "{}", told.stdout);
    let call = service.next();
    assert_eq!((call["member"].as_str(), call["body"][0].as_str()), (Some("Notify"), Some("Prospector")));
    assert_eq!(
        (call["body"][3].as_str(), call["body"][4].as_str()),
        (Some("Prospector: a test"), Some("Notifications reach you here."))
    );
}

#[test]
fn where_there_is_no_session_or_no_desktop_it_is_said() {
    let prospector = with_channels(SECTION);
    let mut command = prospector.command(["notify", "test"]);
    let told = finish(command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")).expect(1);
    assert!(told.stdout.contains("there is no desktop session here"), "{}", told.stdout);
    let Some(bus) = bus() else { return };
    let mut command = prospector.command(["notify", "test"]);
    let told = finish(command.env("DBUS_SESSION_BUS_ADDRESS", &bus.1)).expect(1);
    assert!(told.stdout.contains("the desktop has not taken it"), "{}", told.stdout);
}
