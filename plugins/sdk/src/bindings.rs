//! The contract in Rust, generated from `wit/`.
//!
//! What plugins import is generated once; what they export, one interface at a time, so that a platform, a filter and a
//! scorer share every type and the `export_...!` macros pick what a world asks for. (`wit-component` unites the small
//! worlds in the finished component.)
//!
//! Authors meet these types through the crate's root and its modules.
#![allow(missing_docs, unsafe_code, clippy::all, clippy::pedantic)]

wit_bindgen::generate!({
    inline: "package ghoststack:sdk;
        world imports {
            import ghoststack:prospector/types@0.1.0;
            import ghoststack:prospector/judgement@0.1.0;
            import ghoststack:prospector/planning@0.1.0;
            import ghoststack:prospector/http@0.1.0;
            import ghoststack:prospector/vault@0.1.0;
            import ghoststack:prospector/schedule@0.1.0;
            import ghoststack:prospector/state@0.1.0;
            import ghoststack:prospector/log@0.1.0;
        }",
    path: "../../wit",
    world: "ghoststack:sdk/imports",
    generate_all,
    additional_derives: [PartialEq],
    pub_export_macro: true,
});

/// One exported interface: its types, its `Guest` trait and its `export!`.
macro_rules! exported {
    ($(#[$doc:meta])* $module:ident, $world:tt, $inline:tt, [$($interface:tt => $path:path),*]) => {
        $(#[$doc])*
        pub mod $module {
            wit_bindgen::generate!({
                inline: $inline,
                path: "../../wit",
                world: $world,
                additional_derives: [PartialEq],
                pub_export_macro: true,
                with: { $($interface: $path),* },
            });
        }
    };
}

exported!(
    /// `descriptor`.
    descriptor,
    "ghoststack:sdk/exports-descriptor",
    "package ghoststack:sdk; world exports-descriptor { export ghoststack:prospector/descriptor@0.1.0; }",
    ["ghoststack:prospector/types@0.1.0" => super::ghoststack::prospector::types]
);
exported!(
    /// `account`.
    account,
    "ghoststack:sdk/exports-account",
    "package ghoststack:sdk; world exports-account { export ghoststack:prospector/account@0.1.0; }",
    ["ghoststack:prospector/types@0.1.0" => super::ghoststack::prospector::types]
);
exported!(
    /// `search`.
    search,
    "ghoststack:sdk/exports-search",
    "package ghoststack:sdk; world exports-search { export ghoststack:prospector/search@0.1.0; }",
    ["ghoststack:prospector/types@0.1.0" => super::ghoststack::prospector::types]
);
exported!(
    /// `screening`.
    screening,
    "ghoststack:sdk/exports-screening",
    "package ghoststack:sdk; world exports-screening { export ghoststack:prospector/screening@0.1.0; }",
    [
        "ghoststack:prospector/types@0.1.0" => super::ghoststack::prospector::types,
        "ghoststack:prospector/judgement@0.1.0" => super::ghoststack::prospector::judgement
    ]
);
exported!(
    /// `scoring`.
    scoring,
    "ghoststack:sdk/exports-scoring",
    "package ghoststack:sdk; world exports-scoring { export ghoststack:prospector/scoring@0.1.0; }",
    [
        "ghoststack:prospector/types@0.1.0" => super::ghoststack::prospector::types,
        "ghoststack:prospector/judgement@0.1.0" => super::ghoststack::prospector::judgement
    ]
);
exported!(
    /// `assessment`.
    assessment,
    "ghoststack:sdk/exports-assessment",
    "package ghoststack:sdk; world exports-assessment { export ghoststack:prospector/assessment@0.1.0; }",
    [
        "ghoststack:prospector/types@0.1.0" => super::ghoststack::prospector::types,
        "ghoststack:prospector/judgement@0.1.0" => super::ghoststack::prospector::judgement
    ]
);
exported!(
    /// `lookup`.
    lookup,
    "ghoststack:sdk/exports-lookup",
    "package ghoststack:sdk; world exports-lookup { export ghoststack:prospector/lookup@0.1.0; }",
    ["ghoststack:prospector/types@0.1.0" => super::ghoststack::prospector::types]
);
exported!(
    /// `wake`.
    wake,
    "ghoststack:sdk/exports-wake",
    "package ghoststack:sdk; world exports-wake { export ghoststack:prospector/wake@0.1.0; }",
    ["ghoststack:prospector/types@0.1.0" => super::ghoststack::prospector::types]
);
exported!(
    /// `profile`.
    profile,
    "ghoststack:sdk/exports-profile",
    "package ghoststack:sdk; world exports-profile { export ghoststack:prospector/profile@0.1.0; }",
    ["ghoststack:prospector/types@0.1.0" => super::ghoststack::prospector::types]
);
exported!(
    /// `proposals`.
    proposals,
    "ghoststack:sdk/exports-proposals",
    "package ghoststack:sdk; world exports-proposals { export ghoststack:prospector/proposals@0.1.0; }",
    [
        "ghoststack:prospector/types@0.1.0" => super::ghoststack::prospector::types,
        "ghoststack:prospector/planning@0.1.0" => super::ghoststack::prospector::planning
    ]
);
exported!(
    /// `contracts`.
    contracts,
    "ghoststack:sdk/exports-contracts",
    "package ghoststack:sdk; world exports-contracts { export ghoststack:prospector/contracts@0.1.0; }",
    ["ghoststack:prospector/types@0.1.0" => super::ghoststack::prospector::types]
);
exported!(
    /// `milestones`.
    milestones,
    "ghoststack:sdk/exports-milestones",
    "package ghoststack:sdk; world exports-milestones { export ghoststack:prospector/milestones@0.1.0; }",
    [
        "ghoststack:prospector/types@0.1.0" => super::ghoststack::prospector::types,
        "ghoststack:prospector/planning@0.1.0" => super::ghoststack::prospector::planning
    ]
);
