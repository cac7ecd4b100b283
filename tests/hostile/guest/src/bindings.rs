//! The world `platform`, generated.
#![allow(missing_docs, unsafe_code, unused, clippy::all, clippy::pedantic)]

wit_bindgen::generate!({
    world: "ghoststack:prospector/platform",
    path: "../../../wit",
    pub_export_macro: true,
});
