//! A receiver of webhooks and push messages on loopback, which takes what it gets, refuses it, or holds it for ever.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::Value;

/// What it does with a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Manner {
    /// Takes it.
    Takes,
    /// Answers with this status and these further lines of the head.
    Refuses(u16, String),
    /// Never answers.
    Hangs,
}

/// A request that reached it.
#[derive(Clone, Debug)]
pub struct Receipt {
    pub target: String,
    /// By names in lower case.
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

impl Receipt {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }
}

pub struct Receiver {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

struct State {
    manner: Manner,
    receipts: Vec<Receipt>,
    held: Vec<TcpStream>,
}

impl Receiver {
    pub fn new() -> Receiver {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("a bound listener has an address");
        let state = Arc::new(Mutex::new(State { manner: Manner::Takes, receipts: Vec::new(), held: Vec::new() }));
        let shared = state.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = shared.clone();
                std::thread::spawn(move || answer(stream, &state));
            }
        });
        Receiver { address, state }
    }

    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn behave(&self, manner: Manner) {
        self.state.lock().expect("ours").manner = manner;
    }

    pub fn receipts(&self) -> Vec<Receipt> {
        self.state.lock().expect("ours").receipts.clone()
    }

    /// Requests that are being held.
    pub fn held(&self) -> usize {
        self.state.lock().expect("ours").held.len()
    }

    /// The kinds of the events so far, of a webhook's receiver.
    pub fn kinds(&self) -> Vec<String> {
        self.receipts().iter().map(|of| of.json()["type"].as_str().expect("a type").to_owned()).collect()
    }
}

fn answer(mut stream: TcpStream, state: &Mutex<State>) {
    let Some(receipt) = read(&stream) else { return };
    let mut state = state.lock().expect("ours");
    state.receipts.push(receipt);
    match state.manner.clone() {
        Manner::Hangs => state.held.push(stream),
        Manner::Takes => reply(&mut stream, 200, ""),
        Manner::Refuses(status, lines) => reply(&mut stream, status, &lines),
    }
}

fn read(stream: &TcpStream) -> Option<Receipt> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let target = line.split(' ').nth(1)?.to_owned();
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length: usize = headers.get("content-length")?.parse().ok()?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Receipt { target, headers, body: String::from_utf8(body).ok()? })
}

fn reply(stream: &mut TcpStream, status: u16, lines: &str) {
    // One that has gone is its own affair.
    let _ = write!(stream, "HTTP/1.1 {status} Said\r\ncontent-length: 0\r\nconnection: close\r\n{lines}\r\n");
}
