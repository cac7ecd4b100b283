//! The worlds of the contract.

/// The worlds that a component may fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum World {
    /// A marketplace.
    Platform,
    /// A filter of the person's own.
    Filter,
    /// A scorer of the person's own.
    Scorer,
}

impl World {
    pub(super) const ALL: [World; 3] = [World::Platform, World::Filter, World::Scorer];

    /// As in WIT.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            World::Platform => "platform",
            World::Filter => "filter",
            World::Scorer => "scorer",
        }
    }

    /// Interfaces that it exports.
    #[must_use]
    pub fn exports(self) -> &'static [&'static str] {
        match self {
            World::Platform => &["descriptor", "account", "search", "screening", "scoring"],
            World::Filter => &["descriptor", "screening"],
            World::Scorer => &["descriptor", "scoring"],
        }
    }

    /// The world that asks for the most among those whose every export is there.
    pub(super) fn fitting(there: impl Fn(&str) -> bool) -> Option<World> {
        World::ALL.into_iter().find(|world| world.exports().iter().all(|export| there(export)))
    }
}
