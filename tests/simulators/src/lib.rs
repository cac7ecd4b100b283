//! Local stand-ins for the platforms that Prospector talks to, close enough that the platforms' own
//! client libraries work against them.
//!
//! ```text
//!            +------------------- shared rooms --------------------+   +---- a platform ----+
//! network -> | front: faults, journal, clock                       | ->| Site: Request->Reply|
//!            | oauth: clients, consent, codes, tokens; graphql     | <-| (freelancer/upwork) |
//! control -> | control: turns clock, sets faults, shows requests   | ->| ControlRoom         |
//!            +-----------------------------------------------------+   +--------------------+
//! ```
//!
//! A test starts one in its own process:
//!
//! ```
//! use platform_sim::{Options, Simulator};
//!
//! let sim = Simulator::start(Options { auto_consent: true, ..Options::default() })?;
//! assert!(sim.freelancer.api.starts_with("http://127.0.0.1:"));
//! # Ok::<(), platform_sim::StartError>(())
//! ```
//!
//! It binds to loopback only and knows nothing but invented data. It is a test tool: it keeps its
//! "secrets" in the clear and shows them on request.
#![deny(missing_docs)]

pub mod clock;
pub mod control;
pub mod data;
pub mod exchange;
pub mod faults;
pub mod freelancer;
mod front;
pub mod graphql;
pub mod journal;
pub mod oauth;
mod options;
pub mod params;
mod random;
pub mod rate_limit;
mod simulator;
pub mod switches;
mod sync;
pub mod upwork;

pub use front::Shared;
pub use options::Options;
pub use simulator::{Origins, Running, Simulator, StartError};
