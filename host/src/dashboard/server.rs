//! Serving: connections within bounds, in the clear on loopback alone.

use std::fs::File;
use std::io::BufReader;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::app::AppError;
use crate::origin::Origin;
use crate::tls;

/// At most so many connections; further ones wait.
const MAX_CONNECTIONS: usize = 128;
/// How long a request's head, or the beginning of TLS, may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The most bytes of a request's head.
const MAX_HEAD: usize = 32 * 1024;

/// Where the dashboard is served.
#[derive(Clone, Debug)]
pub struct Place {
    /// The address that is listened on.
    pub listen: SocketAddr,
    /// The name that browsers use, where it is not the address.
    pub name: Option<String>,
    /// Certificate chain and key, as PEM files.
    pub tls: Option<(PathBuf, PathBuf)>,
}

/// A place that is listened on.
pub struct Listening {
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    /// What browsers call it.
    pub origin: Origin,
}

impl Place {
    /// Takes the port.
    ///
    /// # Errors
    /// Where that is not on loopback and there is no TLS, the port is taken, or the certificate cannot be used.
    pub async fn take(&self) -> Result<Listening, AppError> {
        let listen = self.listen;
        if !listen.ip().is_loopback() && self.tls.is_none() {
            return Err(AppError::Usage(format!(
                "{listen} can be reached from other machines, and would be served in the clear; give --tls-certificate and --tls-key, or listen on 127.0.0.1"
            )));
        }
        let tls = self.tls.as_ref().map(|(certificate, key)| acceptor(certificate, key)).transpose()?;
        let taken = |error: std::io::Error| {
            AppError::Machine(format!("{listen} cannot be listened on: {error}; choose another with --listen"))
        };
        let listener = TcpListener::bind(listen).await.map_err(taken)?;
        let port = listener.local_addr().map_err(taken)?.port();
        let host = match (&self.name, listen) {
            (Some(name), _) => name.clone(),
            (None, SocketAddr::V4(address)) => address.ip().to_string(),
            (None, SocketAddr::V6(address)) => format!("[{}]", address.ip()),
        };
        let scheme = if tls.is_some() { "https" } else { "http" };
        let origin = Origin::parse(&format!("{scheme}://{host}:{port}"))
            .map_err(|error| AppError::Usage(format!("--name: {error}")))?;
        Ok(Listening { listener, tls, origin })
    }
}

fn acceptor(certificate: &Path, key: &Path) -> Result<TlsAcceptor, AppError> {
    tls::use_ring();
    let told = |path: &Path, why: &dyn std::fmt::Display| AppError::Usage(format!("{}: {why}", path.display()));
    let open = |path: &Path| File::open(path).map(BufReader::new).map_err(|error| told(path, &error));
    let chain: Result<Vec<_>, _> = CertificateDer::pem_reader_iter(open(certificate)?).collect();
    let chain = chain.map_err(|error| told(certificate, &format!("it holds no certificates as PEM: {error}")))?;
    let private = PrivateKeyDer::from_pem_reader(open(key)?)
        .map_err(|error| told(key, &format!("it holds no private key as PEM: {error}")))?;
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, private);
    let mut config = config.map_err(|error| told(certificate, &format!("it cannot be used with the key: {error}")))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

impl Listening {
    /// Answers until it is dropped.
    pub async fn serve(self, router: Router) {
        let mut connections = JoinSet::new();
        loop {
            while connections.try_join_next().is_some() {}
            if connections.len() >= MAX_CONNECTIONS {
                connections.join_next().await;
            }
            let stream = match self.listener.accept().await {
                Ok((stream, _)) => stream,
                // Out of file descriptors, say: in a moment there may be one.
                Err(error) => {
                    tracing::debug!(%error, "a connection to the dashboard failed");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            };
            let (router, tls) = (router.clone(), self.tls.clone());
            connections.spawn(async move {
                match tls {
                    None => attend(stream, router).await,
                    Some(tls) => {
                        if let Ok(Ok(stream)) = tokio::time::timeout(PATIENCE, tls.accept(stream)).await {
                            attend(stream, router).await;
                        }
                    }
                }
            });
        }
    }
}

async fn attend(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static, router: Router) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(PATIENCE).max_buf_size(MAX_HEAD);
    let served = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router)).await;
    if let Err(error) = served {
        tracing::debug!(%error, "a connection to the dashboard ended");
    }
}
