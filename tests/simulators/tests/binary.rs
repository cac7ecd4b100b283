//! The program itself: its first line, its exit, its errors.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

fn start(arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_platform-sim"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs")
}

#[test]
fn the_first_line_names_the_origins_and_closing_stdin_stops_it() {
    let mut child = start(&["--exit-with-stdin"]);
    let mut line = String::new();
    let mut out = BufReader::new(child.stdout.take().expect("piped"));
    out.read_line(&mut line).expect("a line");
    let origins: serde_json::Value = serde_json::from_str(&line).expect("JSON");
    let platforms = ["freelancer", "upwork"].map(|platform| &origins[platform]);
    for origin in platforms.iter().flat_map(|of| [&of["api"], &of["accounts"]]).chain([&origins["control"]]) {
        let origin = origin.as_str().expect("text");
        let address = origin.strip_prefix("http://").expect("an origin");
        std::net::TcpStream::connect(address).expect("it listens");
    }
    assert_eq!(origins.as_object().expect("an object").len(), 3, "two platforms and control: {line}");
    drop(child.stdin.take());
    assert!(child.wait().expect("it ends").success());
}

#[test]
fn signals_stop_it_cleanly() {
    for signal in ["-TERM", "-INT"] {
        let mut child = start(&[]);
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().expect("piped")).read_line(&mut line).expect("a line");
        let sent = Command::new("kill").args([signal, &child.id().to_string()]).status();
        assert!(sent.expect("kill runs").success());
        assert!(child.wait().expect("it ends").success(), "{signal}");
    }
}

#[test]
fn a_bad_data_file_is_named_with_its_line() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("bad.jsonl");
    std::fs::write(&file, "{\"id\":1}\n{\"id\":2}\noops\n").expect("written");
    for option in ["--freelancer-data", "--upwork-data"] {
        let mut child = start(&[option, file.to_str().expect("text")]);
        let mut error = String::new();
        child.stderr.take().expect("piped").read_to_string(&mut error).expect("text");
        assert!(!child.wait().expect("it ends").success());
        assert!(error.contains("bad.jsonl, line 3"), "{error}");
    }
}
