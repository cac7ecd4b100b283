//! The plugin contract of `wit/`, in Rust: plain data that every room shares, and the glue by which [`crate::plugin`] calls guests.
//!
//! The types are what the WIT says, field by field; their documentation is the WIT's. A value that came out of a guest is not to be
//! trusted before [`crate::plugin`] has checked it, which it does before it hands anything on.
#![allow(missing_docs, reason = "generated; the WIT documents each item")]

mod platform {
    wasmtime::component::bindgen!({
        world: "ghoststack:prospector/platform",
        path: "../wit",
        additional_derives: [PartialEq, serde::Serialize, serde::Deserialize],
        imports: {
            "ghoststack:prospector/http.fetch": async | trappable,
            "ghoststack:prospector/vault.describe": async | trappable,
            "ghoststack:prospector/state.get": async | trappable,
            "ghoststack:prospector/state.set": async | trappable,
            "ghoststack:prospector/state.delete": async | trappable,
            "ghoststack:prospector/state.keys": async | trappable,
            "ghoststack:prospector/schedule.set": async | trappable,
            "ghoststack:prospector/schedule.pending": async | trappable,
            "ghoststack:prospector/schedule.cancel": async | trappable,
            default: trappable,
        },
        exports: { default: async },
    });
}

/// The world of an optional interface, whose types are those of `platform`.
macro_rules! optional {
    ($module:ident, $world:literal, [$($shared:literal => $path:path),+]) => {
        mod $module {
            wasmtime::component::bindgen!({
                world: $world,
                path: "../wit",
                additional_derives: [PartialEq, serde::Serialize, serde::Deserialize],
                exports: { default: async },
                with: { $($shared: $path),+ },
            });
        }
    };
}

optional!(
    opt_assessment,
    "ghoststack:prospector/opt-assessment",
    ["ghoststack:prospector/types" => crate::contract::types, "ghoststack:prospector/judgement" => crate::contract::judgement]
);
optional!(
    opt_lookup,
    "ghoststack:prospector/opt-lookup",
    ["ghoststack:prospector/types" => crate::contract::types]
);
optional!(
    opt_profile,
    "ghoststack:prospector/opt-profile",
    ["ghoststack:prospector/types" => crate::contract::types]
);
optional!(
    opt_contracts,
    "ghoststack:prospector/opt-contracts",
    ["ghoststack:prospector/types" => crate::contract::types]
);
optional!(
    opt_milestones,
    "ghoststack:prospector/opt-milestones",
    ["ghoststack:prospector/types" => crate::contract::types, "ghoststack:prospector/planning" => crate::contract::planning]
);
optional!(
    opt_proposals,
    "ghoststack:prospector/opt-proposals",
    ["ghoststack:prospector/types" => crate::contract::types, "ghoststack:prospector/planning" => crate::contract::planning]
);
optional!(
    opt_wake,
    "ghoststack:prospector/opt-wake",
    ["ghoststack:prospector/types" => crate::contract::types]
);

/// The five signals that every platform gives, by the names that weights are given by, in the order in which they are shown.
pub const SIGNALS: [&str; 5] = ["skill_match", "budget", "client_history", "competition", "timeline"];

pub use platform::Platform;

pub use opt_assessment::exports::ghoststack::prospector::assessment;
pub use opt_contracts::exports::ghoststack::prospector::contracts;
pub use opt_lookup::exports::ghoststack::prospector::lookup;
pub use opt_milestones::exports::ghoststack::prospector::milestones;
pub use opt_profile::exports::ghoststack::prospector::profile;
pub use opt_proposals::exports::ghoststack::prospector::proposals;
pub use opt_wake::exports::ghoststack::prospector::wake;
pub use platform::exports::ghoststack::prospector::{account, descriptor, scoring, screening, search};
pub use platform::ghoststack::prospector::{http, judgement, log, planning, schedule, state, types, vault};
