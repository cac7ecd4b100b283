//! Components that misbehave on purpose, under the real host.
//!
//! The tests of this crate are the list of what a plugin may do wrong and what that costs: the call, and nothing else. Here is what they share:
//! the [guest](guest) that does what it is asked, a [scene](scene) with the host's real gate and store around it, small
//! [servers](server) on loopback, and an [ear](ear) for the host's log.

pub mod ear;
pub mod guest;
pub mod posting;
pub mod scene;
pub mod server;
