//! The host's own side of authentication: OAuth flows, the credentials they yield, and their renewal; and API keys.
//!
//! ```text
//! descriptor + origins in force ─► AuthorizationServer
//!                                        │
//! Credentials::prepare (probes the store) ─► Flow::begin ─► browser ─► Loopback or a pasted URL ─► Flow::finish
//!                                                                                                     │ Tokens
//! gate ◄─ Credentials::access_token ◄─ renewal (one at a time, stored before use) ◄─ vault ◄─ Prepared::obtain
//! ```
//!
//! # Threat model
//!
//! What this room protects from:
//!
//! - *A web page or a program on this machine that answers the log-in in the person's place* (cross-site request forgery, code
//!   injection, DNS rebinding): `state` is 256 random bits, compared in constant time and used once; PKCE binds the code to this
//!   process where the server takes part; the listener answers one path under one `Host`; `iss` must be the server that was asked. A log-in
//!   that a page of ours began is believed from the same browser alone, which shows a cookie that only the callback is sent.
//! - *A descriptor or a configuration that sends secrets elsewhere*: endpoints are HTTPS (plain HTTP on loopback only, and only
//!   if the caller allows it), no redirect is followed, no proxy is asked, a descriptor cannot replace OAuth's own parameters, and a
//!   credential is used only with the endpoints and the audience that were recorded when the person connected.
//! - *A hostile or broken server*: every answer is bounded in size and time, read leniently and never trusted to be text for a
//!   terminal; nothing it says is shown before control characters, known secrets and whatever looks like a token are removed.
//! - *Losing a rotating refresh token*: one renewal at a time, shielded from cancellation, written by check-and-set before the
//!   token is used, kept in memory and written later if the store fails.
//!
//! What it does not protect from: a program that runs as the same user (it can read the vault's key as well as we can, and watch the
//! browser); the platform itself; a secret that a server echoes in some encoding of its own that does not look like a token;
//! copies of a secret in memory that the HTTP and TLS libraries make.

pub mod browser;
pub mod loopback;

mod answer;
mod api_key;
mod authorization;
mod callback;
mod client;
mod clock;
mod credential;
mod credentials;
mod disconnect;
mod error;
mod events;
mod exchange;
mod flow;
mod http;
mod intent;
mod keep_alive;
pub(crate) mod nonce;
mod page;
mod patience;
mod redirect;
mod renewal;
mod returning;
mod server;
mod settling;
mod shielded;
mod state;
mod text;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub use answer::Tokens;
pub use api_key::{InvalidApiKey, parse_api_key};
pub use authorization::{MAX_PARAMETER_BYTES, scopes_for};
pub use callback::{Callback, CallbackError, MAX_CALLBACK_BYTES, parse_pasted};
pub use client::{ClientIdentity, InvalidClient};
pub use clock::{Clock, SystemClock};
pub use credential::{CredentialInfo, Grant, State as CredentialState};
pub use credentials::{Credentials, Prepared};
pub use disconnect::{Disconnected, Revocation};
pub use error::AuthError;
pub use events::{Asked, AuthEvent, AuthEvents};
pub use exchange::client_credentials;
pub use flow::Flow;
pub use http::{AuthHttp, MAX_ANSWER_BYTES, TimeLimits};
pub use intent::{Interruption, InterruptionCause};
pub use keep_alive::{KeptAlive, unused_end};
pub use redirect::{InvalidRedirect, RedirectUri};
pub use server::{AuthorizationServer, Plaintext, ServerError};
pub use shielded::finished;
pub use state::State;
