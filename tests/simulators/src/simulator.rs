//! Starting and stopping: the origins, their ports, the thread they live on.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use serde::Serialize;
use tokio::sync::oneshot;

use crate::control::{Control, ControlRoom};
use crate::data::DataError;
use crate::exchange::Site;
use crate::freelancer::{self, Freelancer};
use crate::front::{Front, Shared};
use crate::options::Options;
use crate::upwork::{self, Upwork};

/// Longest wait for open connections when the simulator stops.
const STOP_WAIT: Duration = Duration::from_millis(250);

/// The origins of one platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Origins {
    /// Where the API is, such as `http://127.0.0.1:40123`.
    pub api: String,
    /// Where OAuth is.
    pub accounts: String,
}

/// Why the simulator did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A port is taken, most likely.
    #[error("cannot listen on 127.0.0.1:{port} for {origin}: {source}")]
    Listen {
        /// The wanted port; 0 for any.
        port: u16,
        /// What for.
        origin: &'static str,
        /// Why.
        source: std::io::Error,
    },
    /// The data file is not what it should be.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The system gave no thread.
    #[error("cannot start the server thread: {0}")]
    Thread(#[from] std::io::Error),
}

/// The simulator.
#[derive(Debug)]
pub struct Simulator;

/// A running simulator. Dropping it stops it.
#[derive(Debug, Serialize)]
pub struct Running {
    /// Freelancer's origins.
    pub freelancer: Origins,
    /// Upwork's origins.
    pub upwork: Origins,
    /// The control origin.
    pub control: String,
    #[serde(skip)]
    stop: Option<oneshot::Sender<()>>,
    #[serde(skip)]
    thread: Option<JoinHandle<()>>,
}

impl Simulator {
    /// Starts it on threads of its own, so that it can be used from synchronous and asynchronous
    /// tests alike. The ports are open when this returns.
    ///
    /// # Errors
    /// A port is taken, or the data file is not what it should be.
    pub fn start(options: Options) -> Result<Running, StartError> {
        let shared = Arc::new(Shared::default());
        let freelancer = Arc::new(Freelancer::new(
            options.registration("freelancer"),
            options.freelancer_settings(),
            options.freelancer_oauth(),
            options.freelancer_data.as_deref(),
            shared.clock.now(),
        )?);
        let upwork = Arc::new(Upwork::new(
            options.registration("upwork"),
            options.upwork_settings(),
            options.upwork_oauth(),
            options.upwork_data.as_deref(),
            shared.clock.now(),
        )?);
        let control = Arc::new(Control {
            shared: Arc::clone(&shared),
            platforms: vec![
                ("freelancer", Arc::clone(&freelancer) as Arc<dyn ControlRoom>),
                ("upwork", Arc::clone(&upwork) as Arc<dyn ControlRoom>),
            ],
        });
        let mut servers = Vec::new();
        let mut serve_at = |port: Option<u16>, what: &'static str, front: Front| {
            let port = port.unwrap_or(0);
            let (listener, address) = open(port).map_err(|source| StartError::Listen { port, origin: what, source })?;
            servers.push((listener, front));
            Ok::<_, StartError>(origin_of(address))
        };
        let front = |platform, origin, site: &Arc<dyn Site>| Front {
            platform,
            origin,
            site: Arc::clone(site),
            shared: Arc::clone(&shared),
        };
        let freelancer: Arc<dyn Site> = freelancer;
        let upwork: Arc<dyn Site> = upwork;
        let freelancer = Origins {
            api: serve_at(
                options.freelancer_port,
                "Freelancer's API",
                front("freelancer", freelancer::API, &freelancer),
            )?,
            accounts: serve_at(
                options.freelancer_accounts_port,
                "Freelancer's accounts",
                front("freelancer", freelancer::ACCOUNTS, &freelancer),
            )?,
        };
        let upwork = Origins {
            api: serve_at(options.upwork_port, "Upwork's API", front("upwork", upwork::API, &upwork))?,
            accounts: serve_at(
                options.upwork_accounts_port,
                "Upwork's accounts",
                front("upwork", upwork::ACCOUNTS, &upwork),
            )?,
        };
        // The control origin has the clock of the others, but faults and a journal of its own, both empty:
        // steering must not be hit by a fault on `/`, nor appear among the requests.
        let apart = Arc::new(Shared { clock: Arc::clone(&shared.clock), ..Shared::default() });
        let apart = Front { platform: "control", origin: "control", site: control, shared: apart };
        let control = serve_at(options.control_port, "control", apart)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("platform-sim")
            .enable_all()
            .build()?;
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new().name("platform-sim".to_owned()).spawn(move || {
            runtime.block_on(async move {
                for (listener, front) in servers {
                    tokio::spawn(serve(listener, front));
                }
                // A dropped sender stops it as well.
                let _ = stopped.await;
            });
            runtime.shutdown_timeout(STOP_WAIT);
        })?;
        Ok(Running { freelancer, upwork, control, stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // It fails only if the server thread panicked, which has been reported by then.
            let _ = thread.join();
        }
    }
}

fn open(port: u16) -> std::io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

fn origin_of(address: SocketAddr) -> String {
    format!("http://{address}")
}

async fn serve(listener: TcpListener, front: Front) {
    let served = match tokio::net::TcpListener::from_std(listener) {
        Ok(listener) => axum::serve(listener, front.router()).await,
        Err(error) => Err(error),
    };
    if let Err(error) = served {
        eprintln!("platform-sim: a server ended: {error}");
    }
}
