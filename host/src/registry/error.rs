//! What can go wrong at a registry, each with what to do about it.

use std::error::Error as _;
use std::io;

use super::docker::CredentialError;
use super::manifest::ManifestError;
use crate::capability::http::client::causes;
use crate::plugin::digest::Digest;

/// Why an artifact was not had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    /// Nobody answers there.
    #[error("the registry {registry} cannot be reached: {why}")]
    Unreachable {
        /// Its name.
        registry: String,
        /// What the system said.
        why: String,
    },
    /// Its certificate is not believed, or it does not speak TLS.
    #[error(
        "there is no trusted connection to {registry}: {why}; if its authority is your own, add its certificate to those of the system. \
         Registries elsewhere than on this machine have to speak TLS"
    )]
    Tls {
        /// Its name.
        registry: String,
        /// What was wrong.
        why: String,
    },
    /// It does not let us in.
    #[error(
        "{registry} refuses {what}{}; {}",
        if *shown { " to the user of Docker's configuration" } else { ", and Docker's configuration has no credential for it" },
        if *shown { format!("check that the user may read it, or log in as another: docker login {registry}") } else { format!("log in: docker login {registry}") },
    )]
    Refused {
        /// Its name.
        registry: String,
        /// What was asked for.
        what: String,
        /// Whether a credential was shown.
        shown: bool,
    },
    /// It has no such thing.
    #[error("{registry} has no {what}; check name and version, and where it is private: docker login {registry}")]
    NotFound {
        /// Its name.
        registry: String,
        /// What was asked for.
        what: String,
    },
    /// It asks us to wait.
    #[error(
        "{registry} asks for fewer requests; try again later, or log in, for which most registries allow more: docker login {registry}"
    )]
    RateLimited {
        /// Its name.
        registry: String,
    },
    /// It answers by another status than is expected.
    #[error("{registry} answers with status {status} to {what}; try again later")]
    Status {
        /// Its name.
        registry: String,
        /// The status.
        status: u16,
        /// What was asked for.
        what: String,
    },
    /// It answers in a way that is none.
    #[error("{registry} does not answer as a registry does: {why}")]
    Nonsense {
        /// Its name.
        registry: String,
        /// What is wrong.
        why: String,
    },
    /// It sends us where it has no business to.
    #[error("{registry} sends {what} to {place}, where it is not followed: {why}")]
    Elsewhere {
        /// Its name.
        registry: String,
        /// What is sent there.
        what: &'static str,
        /// The host.
        place: String,
        /// Why.
        why: String,
    },
    /// It answers more than it may.
    #[error("{registry} sends more than {most} bytes of {what}; nothing of it is kept")]
    TooLarge {
        /// Its name.
        registry: String,
        /// What was asked for.
        what: String,
        /// The bound, in bytes.
        most: usize,
    },
    /// It sends another thing than was asked for.
    #[error(
        "{registry} sends {what} that is not what it says it is: its digest should be {expected}, and is {found}. Do not use it; tell whoever runs the registry"
    )]
    Digest {
        /// Its name.
        registry: String,
        /// What was asked for.
        what: String,
        /// As asked for.
        expected: Digest,
        /// As found.
        found: Digest,
    },
    /// What it has is no component.
    #[error("{reference} cannot be installed: {why}")]
    Manifest {
        /// What was asked for.
        reference: String,
        /// Why.
        why: ManifestError,
    },
    /// There are credentials, which cannot be had.
    #[error("{0}")]
    Credentials(#[from] CredentialError),
}

impl RegistryError {
    /// A request's failure.
    pub(super) fn of(registry: &str, error: reqwest::Error) -> RegistryError {
        let (is_tls, registry) = (is_tls(&error), registry.to_owned());
        let why = causes(error);
        if is_tls { RegistryError::Tls { registry, why } } else { RegistryError::Unreachable { registry, why } }
    }
}

/// Whether it is TLS that failed, somewhere among the causes.
fn is_tls(error: &reqwest::Error) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        if error.is::<rustls::Error>() {
            return true;
        }
        // What an error of the system's is made of is not among its causes.
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        cause = inner.map(|inner| inner as &dyn std::error::Error).or_else(|| error.source());
    }
    false
}
