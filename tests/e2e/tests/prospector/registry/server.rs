//! A real registry on loopback: the distribution project's, as Debian packages it. And a pusher, written from the specification.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use ghoststack::plugin::digest::Digest;
use prospector_e2e::home::free_port;
use prospector_e2e::prospector::PATIENCE;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::debian;

/// The user that a registry with log-in knows, and the password, as bcrypt has it.
pub const USER: &str = "ada";
pub const PASSWORD: &str = "planted-registry-password";
const HTPASSWD: &str = "ada:$2b$04$O1cQAyOhwZj/UDKGNS21WutGKZA6yJJRd5NnHsSgimtbSsMTuRIhK\n";

/// A registry, stopped when dropped.
pub struct Server {
    child: Child,
    folder: TempDir,
    port: u16,
    log_in: bool,
}

/// What is pushed beside a component.
#[derive(Clone, Copy, Default)]
pub struct Beside<'a> {
    /// Its signature.
    pub signature: Option<&'a str>,
    /// The layer's media type, if not the usual one.
    pub layer: Option<&'a str>,
}

impl Server {
    /// A registry; one with a log-in lets nobody else in. `None` where it cannot be had, which has been said.
    pub fn start(log_in: bool) -> Option<Server> {
        let program = debian::unpacked("docker-registry", &["docker-registry"])?.join("usr/bin/docker-registry");
        let folder = TempDir::with_prefix("registry-").expect("a folder");
        let (port, config) = (free_port(), folder.path().join("config.yml"));
        fs::write(folder.path().join("htpasswd"), HTPASSWD).expect("written");
        let at = |name: &str| folder.path().join(name).display().to_string();
        let auth = format!("auth: {{ htpasswd: {{ realm: test, path: '{}' }} }}\n", at("htpasswd"));
        let text = format!(
            "version: 0.1\nlog: {{ level: error }}\nstorage: {{ filesystem: {{ rootdirectory: '{}' }} }}\nhttp: {{ addr: '127.0.0.1:{port}' }}\n{}",
            at("data"),
            if log_in { auth.as_str() } else { "" }
        );
        fs::write(&config, text).expect("written");
        let mut command = Command::new(program);
        command.arg("serve").arg(config).env_clear().stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().expect("it starts");
        let server = Server { child, folder, port, log_in };
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(started.elapsed() < PATIENCE, "the registry does not serve");
            std::thread::yield_now();
        }
        Some(server)
    }

    /// `127.0.0.1:PORT`.
    pub fn authority(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// `oci://127.0.0.1:PORT/ada/board:TAG`.
    pub fn reference(&self, tag: &str) -> String {
        format!("oci://{}/ada/board:{tag}", self.authority())
    }

    /// A folder that is gone with the registry.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Pushes a component as `ada/board:TAG`, as the component ecosystem's tools do: the digest of its manifest.
    pub fn push(&self, tag: &str, component: &[u8], beside: Beside<'_>) -> String {
        let layer = beside.layer.unwrap_or("application/wasm");
        let digests = [b"{}".as_slice(), component].map(|bytes| self.blob(bytes));
        let mut manifest = json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": {"mediaType": "application/vnd.wasm.config.v0+json", "digest": digests[0], "size": 2},
            "layers": [{"mediaType": layer, "digest": digests[1], "size": component.len()}],
        });
        if let Some(signature) = beside.signature {
            manifest["annotations"] = json!({"ghoststack.minisig": signature});
        }
        self.manifest(tag, &manifest)
    }

    /// Pushes a manifest of any kind.
    pub fn manifest(&self, tag: &str, manifest: &Value) -> String {
        let bytes = manifest.to_string().into_bytes();
        let kind = manifest["mediaType"].as_str().expect("a media type");
        let pushed = self.ask("PUT", &format!("/v2/ada/board/manifests/{tag}"), kind, &bytes);
        assert!(pushed.starts_with("HTTP/1.1 201"), "{pushed}");
        Digest::of(&bytes).to_string()
    }

    fn blob(&self, bytes: &[u8]) -> String {
        let begun = self.ask("POST", "/v2/ada/board/blobs/uploads/", "application/octet-stream", b"");
        let place = header(&begun, "location").expect("an upload's place");
        let place = place
            .split_once("://")
            .map_or(place.clone(), |(_, rest)| rest[rest.find('/').expect("a path")..].to_owned());
        let digest = Digest::of(bytes).to_string();
        let pushed = self.ask("PUT", &format!("{place}&digest={digest}"), "application/octet-stream", bytes);
        assert!(pushed.starts_with("HTTP/1.1 201"), "{pushed}");
        digest
    }

    fn ask(&self, method: &str, target: &str, kind: &str, body: &[u8]) -> String {
        // ada:planted-registry-password
        let log_in = if self.log_in { "authorization: Basic YWRhOnBsYW50ZWQtcmVnaXN0cnktcGFzc3dvcmQ=\r\n" } else { "" };
        let head = format!(
            "{method} {target} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n{log_in}content-type: {kind}\r\ncontent-length: {}\r\n\r\n",
            self.authority(),
            body.len()
        );
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("it listens");
        stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body)).expect("it takes it");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("it answers");
        String::from_utf8_lossy(&answer).into_owned()
    }
}

fn header(answer: &str, name: &str) -> Option<String> {
    let line = answer.lines().find(|line| line.to_ascii_lowercase().starts_with(&format!("{name}:")))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
