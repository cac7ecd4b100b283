//! A proxy before a server that stops at a request of its choice, so that whoever waits can be killed just there.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

/// Where it stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Before the server has the request.
    Request,
    /// After the server has done it, before its answer goes on.
    Answer,
}

#[derive(Default)]
struct State {
    /// Requests that still pass; none while nothing is planned.
    remaining: Option<usize>,
    stop: Option<Stop>,
    stopped: bool,
}

/// A proxy on loopback.
pub struct Proxy {
    address: SocketAddr,
    state: Arc<(Mutex<State>, Condvar)>,
}

impl Proxy {
    /// Before the server at `http://HOST:PORT`.
    pub fn before(server: &str) -> Self {
        let upstream: SocketAddr = server.trim_start_matches("http://").parse().expect("an address");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("has one");
        let state: Arc<(Mutex<State>, Condvar)> = Arc::default();
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (shared, server) = (Arc::clone(&shared), TcpStream::connect(upstream));
                if let Ok(server) = server {
                    thread::spawn(move || serve(client, server, &shared));
                }
            }
        });
        Self { address, state }
    }

    pub fn address(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Stops at the request of this number, 0 being the next.
    pub fn stop_at(&self, number: usize, stop: Stop) {
        *self.state.0.lock().expect("not poisoned") =
            State { remaining: Some(number), stop: Some(stop), stopped: false };
    }

    /// Lets everything pass.
    pub fn pass(&self) {
        *self.state.0.lock().expect("not poisoned") = State::default();
    }

    /// Whether it has stopped, looked for until `ended` says that nobody will ask any more.
    pub fn stops_before(&self, mut ended: impl FnMut() -> bool) -> bool {
        let (state, changed) = &*self.state;
        let mut state = state.lock().expect("not poisoned");
        while !state.stopped {
            if ended() {
                return state.stopped;
            }
            state = changed.wait_timeout(state, Duration::from_millis(5)).expect("not poisoned").0;
        }
        true
    }
}

fn serve(mut client: TcpStream, mut server: TcpStream, shared: &(Mutex<State>, Condvar)) {
    let mut request = [0; 64 * 1024];
    while let Ok(read @ 1..) = client.read(&mut request) {
        let begins =
            [&b"GET /"[..], b"POST /", b"LIST /", b"DELETE /"].iter().any(|method| request.starts_with(method));
        let stop = if begins { planned(shared) } else { None };
        if stop == Some(Stop::Request) {
            return halt(shared, &client);
        }
        if server.write_all(&request[..read]).is_err() {
            return;
        }
        // A request whose body is yet to come has no answer yet.
        if expects_more(&request[..read]) {
            continue;
        }
        let mut answer = [0; 64 * 1024];
        let Ok(read @ 1..) = server.read(&mut answer) else { return };
        if stop == Some(Stop::Answer) {
            return halt(shared, &client);
        }
        if client.write_all(&answer[..read]).is_err() {
            return;
        }
    }
}

fn planned(shared: &(Mutex<State>, Condvar)) -> Option<Stop> {
    let mut state = shared.0.lock().expect("not poisoned");
    match &mut state.remaining {
        Some(0) => {
            state.remaining = None;
            state.stop.take()
        }
        Some(remaining) => {
            *remaining -= 1;
            None
        }
        None => None,
    }
}

/// Says that it has stopped, and holds the connection until the client is gone.
fn halt(shared: &(Mutex<State>, Condvar), mut client: &TcpStream) {
    shared.0.lock().expect("not poisoned").stopped = true;
    shared.1.notify_all();
    let _ = client.read(&mut [0; 1]);
}

fn expects_more(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length =
        head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse::<usize>().ok());
    length.is_some_and(|length| body.len() < length)
}
