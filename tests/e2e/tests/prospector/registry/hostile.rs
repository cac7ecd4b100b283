//! A registry that means ill: whatever it answers, nothing is installed, the program ends soon, and says what was wrong.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

use ghoststack::plugin::digest::Digest;
use prospector_e2e::prospector::finish;
use serde_json::{Value, json};

use super::{board, empty, recorded, says};

/// A request: its target, and what it shows of who asks.
#[derive(Clone, Debug)]
struct Asked {
    target: String,
    authorization: Option<String>,
}

/// An answer: status, headers and body, behind which it goes on without end where that is wanted.
struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    is_endless: bool,
}

fn answer(status: u16, body: impl Into<Vec<u8>>) -> Answer {
    Answer { status, headers: Vec::new(), body: body.into(), is_endless: false }
}

impl Answer {
    fn with(mut self, name: &'static str, value: impl Into<String>) -> Answer {
        self.headers.push((name, value.into()));
        self
    }

    fn endless(self) -> Answer {
        Answer { is_endless: true, ..self }
    }
}

/// A server that answers as it is told.
struct Hostile {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Hostile {
    fn answering(with: impl Fn(&Asked, SocketAddr) -> Answer + Send + Sync + 'static) -> Hostile {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (seen, with) = (asked.clone(), Arc::new(with));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (seen, with) = (seen.clone(), with.clone());
                // A client that goes in the middle of its answer is what is hoped for.
                std::thread::spawn(move || serve(&stream, &seen, address, &*with));
            }
        });
        Hostile { address, asked }
    }

    fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn serve(
    mut stream: &TcpStream,
    seen: &Mutex<Vec<Asked>>,
    address: SocketAddr,
    with: &dyn Fn(&Asked, SocketAddr) -> Answer,
) -> Option<()> {
    let mut lines = BufReader::new(stream).lines();
    let target = lines.next()?.ok()?.split(' ').nth(1)?.to_owned();
    let headers = lines.map_while(Result::ok).take_while(|line| !line.is_empty());
    let authorization = headers.fold(None, |found, line| match line.split_once(": ") {
        Some((name, value)) if name.eq_ignore_ascii_case("authorization") => Some(value.to_owned()),
        _ => found,
    });
    let asked = Asked { target, authorization };
    seen.lock().unwrap_or_else(PoisonError::into_inner).push(asked.clone());
    let Answer { status, headers, body, is_endless } = with(&asked, address);
    let mut head = format!("HTTP/1.1 {status} x\r\nconnection: close\r\n");
    if !is_endless && !headers.iter().any(|(name, _)| *name == "content-length") {
        head.push_str(&format!("content-length: {}\r\n", body.len()));
    }
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    stream.write_all(format!("{head}\r\n").as_bytes()).ok()?;
    stream.write_all(&body).ok()?;
    if is_endless {
        // Until nobody reads it any more.
        while stream.write_all(&[b' '; 4096]).is_ok() {}
    }
    Some(())
}

fn manifest(component: &[u8]) -> Value {
    json!({
        "schemaVersion": 2,
        "config": {"mediaType": "application/vnd.wasm.config.v0+json", "digest": Digest::of(b"{}"), "size": 2},
        "layers": [{"mediaType": "application/wasm", "digest": Digest::of(component), "size": component.len()}],
    })
}

/// A registry that answers so to a manifest, and so to a blob; the exit code and words that are due.
type Case = (fn(SocketAddr) -> Answer, fn(SocketAddr) -> Answer, u8, &'static str);

fn good_manifest(_: SocketAddr) -> Answer {
    answer(200, manifest(&board(&[])).to_string())
}

fn good_blob(_: SocketAddr) -> Answer {
    answer(200, board(&[]))
}

fn redirect(to: &str) -> Answer {
    answer(307, "").with("location", to)
}

#[test]
fn whatever_a_registry_answers_nothing_but_what_was_asked_for_is_installed() {
    let cases: [Case; 22] = [
        (|_| answer(200, "\u{1b}[2J{"), good_blob, 6, "it cannot be read at line 1"),
        (
            |_| answer(200, "<html>").with("content-type", "text/html; charset=utf-8"),
            good_blob,
            6,
            "it sends a web page",
        ),
        (
            |_| answer(200, "").with("content-length", "104857600"),
            good_blob,
            6,
            "sends more than 4194304 bytes of the manifest",
        ),
        (|_| answer(200, "{").endless(), good_blob, 6, "sends more than 4194304 bytes of the manifest"),
        (
            |_| answer(200, json!({"schemaVersion": 2, "manifests": []}).to_string()),
            good_blob,
            6,
            "it is an index of 0",
        ),
        (|_| answer(500, "planted \u{1b}[2J"), good_blob, 5, "answers with status 500"),
        (|_| answer(429, ""), good_blob, 5, "asks for fewer requests"),
        (|_| answer(401, ""), good_blob, 6, "it wants a log-in by no way that is known here"),
        (|_| answer(307, ""), good_blob, 6, "it points to no address"),
        (|_| redirect("/v2/ada/board/manifests/1"), good_blob, 6, "from one place to the next without end"),
        (
            good_manifest,
            |_| answer(200, board(&[("a made-up board", "a made-up bored")])),
            6,
            "that is not what it says it is",
        ),
        (good_manifest, |_| answer(200, &board(&[])[1..]), 6, "that is not what it says it is"),
        (
            good_manifest,
            |_| answer(200, board(&[])).endless(),
            6,
            "of the component of ada/board; nothing of it is kept",
        ),
        (good_manifest, |_| answer(200, "x").with("content-length", "104857600"), 6, "of the component of ada/board"),
        (good_manifest, |_| answer(404, ""), 9, "has no the component"),
        (
            good_manifest,
            |_| redirect("http://10.0.0.1/blob"),
            6,
            "sends what is asked for to 10.0.0.1, where it is not followed: it has to be https",
        ),
        (good_manifest, |_| redirect("https://10.0.0.1/blob"), 6, "it is a private address"),
        (good_manifest, |_| redirect("https://169.254.169.254/"), 6, "it is a link-local or metadata address"),
        (good_manifest, |_| redirect("https://[::ffff:10.0.0.1]/"), 6, "it is an IPv4-mapped address"),
        (good_manifest, |_| redirect("http://registry.example/"), 6, "it has to be https"),
        (good_manifest, |_| redirect("https://ada:planted@registry.example/"), 6, "it has to be https"),
        (good_manifest, |_| redirect("file:///etc/passwd"), 6, "where it is not followed"),
    ];
    let prospector = empty();
    for (of_manifest, of_blob, code, words) in cases {
        let server = Hostile::answering(move |asked, address| match asked.target.contains("/manifests/") {
            true => of_manifest(address),
            false => of_blob(address),
        });
        let line = format!("plugins install --yes oci://{}/ada/board:1", server.address);
        let refused = prospector.run(&line).expect(i32::from(code));
        says(&refused, &[words]);
        assert!(!refused.stderr.contains('\u{1b}') && !refused.stderr.contains("planted"), "{}", refused.stderr);
        assert!(recorded(&prospector).is_null());
    }
    let large = Hostile::answering(|_, _| {
        let mut of = manifest(b"");
        of["layers"][0]["size"] = json!(1_u64 << 40);
        answer(200, of.to_string())
    });
    let line = format!("plugins install --yes oci://{}/ada/board:1", large.address);
    says(&prospector.run(&line).expect(6), &["64 MiB is the most"]);
    assert_eq!(large.asked().len(), 1, "nothing of it was asked for");
    let another = Hostile::answering(|_, address| good_manifest(address));
    let line = format!("plugins install --yes oci://{}/ada/board@{}", another.address, Digest::of(b"another"));
    says(&prospector.run(&line).expect(6), &["a manifest of ada/board@sha256:", "Do not use it"]);
}

#[test]
fn a_password_goes_to_the_realm_and_a_token_to_the_registry_alone() {
    let elsewhere = Hostile::answering(|_, _| answer(200, board(&[])));
    let place = elsewhere.address;
    let server = Hostile::answering(move |asked, address| match asked.target.split(['?', '/']).nth(1) {
        Some("token") => answer(200, json!({"token": "planted-token"}).to_string()),
        _ if asked.authorization.as_deref() != Some("Bearer planted-token") => {
            let realm =
                format!("Bearer realm=\"http://{address}/token\",service=\"board\",scope=\"repository:other:push\"");
            answer(401, "").with("www-authenticate", realm)
        }
        _ if asked.target.contains("/manifests/") => good_manifest(address),
        _ => redirect(&format!("http://{place}/blob")),
    });
    let prospector = empty();
    let folder = prospector.home.beside("docker");
    std::fs::create_dir_all(&folder).expect("a folder");
    // ada:planted
    let config = json!({"auths": {server.address.to_string(): {"auth": "YWRhOnBsYW50ZWQ="}}});
    std::fs::write(folder.join("config.json"), config.to_string()).expect("written");
    let line = format!("oci://{}/ada/board:1", server.address);
    let mut command = prospector.command(["plugins", "install", "--yes", "-vvv", &line]);
    let installed = finish(command.env("DOCKER_CONFIG", &folder)).ok();
    assert!(!installed.stderr.contains("planted") && !installed.stderr.contains("YWRhOn"), "{}", installed.stderr);
    let asked = server.asked();
    let token = asked.iter().find(|asked| asked.target.starts_with("/token")).expect("a token was asked for");
    assert_eq!(token.authorization.as_deref(), Some("Basic YWRhOnBsYW50ZWQ="));
    // For pulling from this repository, whatever the registry would have us ask for.
    assert_eq!(token.target, "/token?scope=repository%3Aada%2Fboard%3Apull&service=board");
    let with_password =
        asked.iter().filter(|asked| asked.authorization.as_deref().is_some_and(|of| of.starts_with("Basic")));
    assert_eq!(with_password.count(), 1);
    assert!(elsewhere.asked().iter().all(|asked| asked.authorization.is_none()), "{:?}", elsewhere.asked());
}

#[test]
fn a_realm_where_no_password_has_any_business_gets_none() {
    let prospector = empty();
    for (realm, words) in [
        (
            "http://registry.example/token",
            "sends log-ins to registry.example, where it is not followed: it has to be https",
        ),
        ("https://10.0.0.1/token", "it is a private address"),
        ("https://169.254.169.254/latest", "it is a link-local or metadata address"),
        ("https://ada@registry.example/token", "it has to be https"),
        ("file:///etc/passwd", "where it is not followed"),
        ("nowhere", "the realm of its tokens is no address"),
    ] {
        let server = Hostile::answering(move |_, _| {
            answer(401, "").with("www-authenticate", format!("Bearer realm=\"{realm}\""))
        });
        let line = format!("plugins install --yes oci://{}/ada/board:1", server.address);
        says(&prospector.run(&line).expect(6), &[words]);
    }
    for (token, words) in
        [("{\"token\": \"a\\nb\"}", "it gives no token"), ("{}", "it gives no token"), ("<html>", "it gives no token")]
    {
        let server = Hostile::answering(move |asked, address| match asked.target.starts_with("/token") {
            true => answer(200, token),
            false => answer(401, "").with("www-authenticate", format!("Bearer realm=\"http://{address}/token\"")),
        });
        let line = format!("plugins install --yes oci://{}/ada/board:1", server.address);
        says(&prospector.run(&line).expect(6), &[words]);
    }
    let endless = Hostile::answering(|asked, address| match asked.target.starts_with("/token") {
        true => answer(200, "{").endless(),
        false => answer(401, "").with("www-authenticate", format!("Bearer realm=\"http://{address}/token\"")),
    });
    let line = format!("plugins install --yes oci://{}/ada/board:1", endless.address);
    says(&prospector.run(&line).expect(6), &["sends more than 262144 bytes of a token"]);
    assert!(recorded(&prospector).is_null());
}
