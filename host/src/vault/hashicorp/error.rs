//! What can be wrong with a Vault server, the way to it, or the right to use it; and the remedy for each.

use std::time::Duration;

/// Why the server did not do what was asked. Names addresses, paths and places; never a credential or a value.
#[derive(Debug, thiserror::Error)]
pub enum HashiCorpError {
    /// The address is none that can be used.
    #[error(
        "the Vault address {address:?} cannot be used; write https://host[:port], or http:// for a server on this \
        machine, in vault.hashicorp.address or VAULT_ADDR"
    )]
    Address {
        /// As it was given.
        address: String,
    },
    /// The namespace cannot be sent as a header.
    #[error("the Vault namespace {namespace:?} cannot be one; correct vault.hashicorp.namespace or VAULT_NAMESPACE")]
    Namespace {
        /// As it was given.
        namespace: String,
    },
    /// The authority's certificate cannot be used.
    #[error(
        "the certificate authority in {path} cannot be used: {why}; name a PEM file in vault.hashicorp.ca_file or VAULT_CACERT"
    )]
    Authority {
        /// The file.
        path: String,
        /// What is wrong with it.
        why: String,
    },
    /// No HTTP client can be made.
    #[error("the client for the Vault at {address} cannot be set up: {why}; check this machine's certificates")]
    NoClient {
        /// The server.
        address: String,
        /// What went wrong.
        why: String,
    },
    /// A credential is in none of its places.
    #[error("there is no {what} to log in to Vault with (looked in: {looked}); {remedy}")]
    NothingToLogInWith {
        /// Which.
        what: &'static str,
        /// The places.
        looked: String,
        /// What to do.
        remedy: &'static str,
    },
    /// What is in a credential's place is none.
    #[error(
        "the credential for Vault in {origin} cannot be used: {why}; put the one that Vault gave there, on one line"
    )]
    UnusableCredential {
        /// The file or variable.
        origin: String,
        /// What is wrong with it.
        why: String,
    },
    /// The server cannot be reached.
    #[error(
        "the Vault at {address} cannot be reached: {why}; check that it runs and that the address is right, then try again"
    )]
    Unreachable {
        /// The server.
        address: String,
        /// What the network said.
        why: String,
    },
    /// The server did not answer in time.
    #[error(
        "the Vault at {address} did not answer within {limit:?}; check its load and the network, then try again (a \
        write may have been stored all the same: it is read again before it is repeated)"
    )]
    TimedOut {
        /// The server.
        address: String,
        /// How long we waited.
        limit: Duration,
    },
    /// The server's certificate is not trusted.
    #[error(
        "the Vault at {address} shows a certificate that is not trusted ({why}); name its authority's PEM file in \
        vault.hashicorp.ca_file or VAULT_CACERT, and check the name in the address"
    )]
    Untrusted {
        /// The server.
        address: String,
        /// What TLS said.
        why: String,
    },
    /// The server is sealed.
    #[error(
        "the Vault at {address} is sealed and gives nothing out; whoever holds its keys unseals it (`vault operator unseal`), then try again"
    )]
    Sealed {
        /// The server.
        address: String,
    },
    /// The server has never been initialised.
    #[error(
        "the Vault at {address} is not initialised, so it holds nothing yet; run `vault operator init` and unseal it, then try again"
    )]
    NotInitialised {
        /// The server.
        address: String,
    },
    /// The token does not work any more.
    #[error(
        "the Vault at {address} does not accept the token from {origin} (any more): it has expired, was revoked, or is \
        another server's; get a new one (`vault login`, or `vault token create -period=...`) and put it there"
    )]
    TokenExpired {
        /// The server.
        address: String,
        /// Where the token is from.
        origin: String,
    },
    /// A role's log-in was refused.
    #[error(
        "the Vault at {address} refused the AppRole log-in at auth/{mount} ({said}); check that the method is enabled \
        there, the role id, and that the secret id in {origin} is neither used up nor expired"
    )]
    LogInRefused {
        /// The server.
        address: String,
        /// Where the method is mounted.
        mount: String,
        /// What the server said.
        said: String,
        /// Where the secret id is from.
        origin: String,
    },
    /// A policy does not allow it.
    #[error(
        "the Vault at {address} does not allow this log-in to {capability} {path}; its policy needs: path \"{rule}\" {{ \
        capabilities = [{needed}] }}"
    )]
    Denied {
        /// The server.
        address: String,
        /// What was asked for, from the mount on.
        path: String,
        /// The capability that was missing.
        capability: &'static str,
        /// The path that a policy names.
        rule: String,
        /// The capabilities that belong there, in quotes.
        needed: &'static str,
    },
    /// Nothing is mounted there, as far as the log-in may see.
    #[error(
        "the Vault at {address} has no secrets engine at {mount}/{place} that this log-in may see; set \
        vault.hashicorp.mount to where KV version 2 is mounted (`vault secrets list`), or extend the log-in's policy",
        place = namespace.as_ref().map_or_else(String::new, |namespace| format!(" in namespace {namespace}"))
    )]
    WrongMount {
        /// The server.
        address: String,
        /// The mount that was asked for.
        mount: String,
        /// In which namespace.
        namespace: Option<String>,
    },
    /// Something else than KV version 2 is mounted there.
    #[error(
        "{mount}/ at the Vault at {address} is {found}, and secrets need KV version 2; set vault.hashicorp.mount to \
        another mount, or upgrade this one with `vault kv enable-versioning {mount}`"
    )]
    NotKv2 {
        /// The server.
        address: String,
        /// The mount that was asked for.
        mount: String,
        /// What it is.
        found: String,
    },
    /// There is no such namespace.
    #[error(
        "the Vault at {address} has no namespace {namespace:?}; correct vault.hashicorp.namespace or VAULT_NAMESPACE"
    )]
    NoNamespace {
        /// The server.
        address: String,
        /// The namespace that was asked for.
        namespace: String,
    },
    /// A standby server points at another.
    #[error(
        "the Vault at {address} is a standby and points at {to}; set vault.hashicorp.address to the active server or its load balancer"
    )]
    Standby {
        /// The server.
        address: String,
        /// Where it points, as it says.
        to: String,
    },
    /// The server is in trouble, or asks to wait.
    #[error("the Vault at {address} cannot serve now (status {status}{said}); wait a little, then try again")]
    Unavailable {
        /// The server.
        address: String,
        /// The HTTP status.
        status: u16,
        /// What it said, after a colon.
        said: String,
    },
    /// An answer is larger than any that is expected.
    #[error(
        "the Vault at {address} sent more than {limit} bytes, which is not read; check that the address is that of a Vault"
    )]
    TooLarge {
        /// The server.
        address: String,
        /// The most bytes that are read.
        limit: usize,
    },
    /// An answer that makes no sense.
    #[error(
        "the answer of the Vault at {address} to {asked} cannot be understood ({problem}); check that the address is that of a Vault or OpenBao server"
    )]
    Unexpected {
        /// The server.
        address: String,
        /// What was asked.
        asked: String,
        /// What was wrong, without any content.
        problem: String,
    },
    /// A secret is there that this program did not write.
    #[error(
        "{path} at the Vault at {address} holds something that is no secret of this program's ({problem}); move it away, or set another vault.hashicorp.path_prefix"
    )]
    Foreign {
        /// The server.
        address: String,
        /// Where it is.
        path: String,
        /// What is odd about it.
        problem: &'static str,
    },
    /// More secrets than can be listed.
    #[error(
        "more than {limit} secrets are under {path} at the Vault at {address}; set another vault.hashicorp.path_prefix"
    )]
    TooMany {
        /// The server.
        address: String,
        /// Where they are.
        path: String,
        /// The most that are listed.
        limit: usize,
    },
}
