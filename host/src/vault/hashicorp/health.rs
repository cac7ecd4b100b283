//! Whether the server can serve at all. Needs no log-in.
//!
//! Asked for plainly: what `vaultrs` 0.8 expects of this answer, OpenBao does not give.

use serde::Deserialize;

use super::HashiCorpError;
use super::wire::Wire;

/// What the server says of itself, whatever its state.
const PATH: &str = "sys/health";

/// What a server says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Health {
    /// Whether it has ever been set up.
    pub initialized: bool,
    /// Whether its key is out of its reach, so that it can read nothing.
    pub sealed: bool,
    /// Whether another server of its cluster does the work.
    #[serde(default)]
    pub standby: bool,
    /// Its version.
    #[serde(default)]
    pub version: Option<String>,
    /// Its cluster's name.
    #[serde(default)]
    pub cluster_name: Option<String>,
}

/// Asks. Every state has an HTTP status of its own, and all have the same body.
pub(super) async fn ask(wire: &Wire) -> Result<Health, HashiCorpError> {
    let answer = wire.get(PATH, None).await?;
    answer.parse().map_err(|problem| wire.unexpected(PATH, problem))
}
