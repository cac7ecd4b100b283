//! What drives the real program against the simulator: the tests of `tests/prospector/` and the demo share it.
//!
//! ```text
//!  Prospector --runs--> the binary <--terminal-- Terminal (a person at a pseudo-terminal)
//!      |                    |  \
//!    Home (temporary)       |   BROWSER = consent-browser (a person at the consent page), or Chromium where pages are tested
//!                           v               |
//!                          Sim <------------+   (API, accounts, and a control origin to steer it)
//! ```
//!
//! Everything is on loopback, every home is temporary, and each program runs in an environment that holds nothing of the caller's.

pub mod board;
pub mod browser;
pub mod chromium;
pub mod dashboard;
pub mod home;
pub mod http;
pub mod parts;
pub mod prospector;
pub mod sim;
pub mod terminal;

pub use board::Board;
pub use chromium::Chromium;
pub use dashboard::{Dashboard, Visitor};
pub use home::Home;
pub use prospector::{Binaries, Outcome, Prospector};
pub use sim::{Sim, Site};
pub use terminal::Terminal;
