//! Style and script, in the program itself. Their names hold their digest, so that browsers keep them for as long as they are the same.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use crate::plugin::digest::Digest;

struct Asset {
    path: String,
    kind: &'static str,
    bytes: &'static [u8],
}

impl Asset {
    fn new(name: &str, ending: &str, kind: &'static str, bytes: &'static [u8]) -> Asset {
        let digest = Digest::of(bytes).to_hex();
        Asset { path: format!("/assets/{name}-{}.{ending}", &digest[..16]), kind, bytes }
    }
}

/// htmx 2.0.11 (0BSD, its licence is beside it) is taken as it was published.
static ASSETS: LazyLock<[Asset; 4]> = LazyLock::new(|| {
    const SCRIPT: &str = "text/javascript; charset=utf-8";
    [
        Asset::new("style", "css", "text/css; charset=utf-8", include_bytes!("assets/style.css")),
        Asset::new("htmx", "js", SCRIPT, include_bytes!("assets/htmx.min.js")),
        Asset::new("prospector", "js", SCRIPT, include_bytes!("assets/prospector.js")),
        Asset::new("icon", "svg", "image/svg+xml", include_bytes!("assets/icon.svg")),
    ]
});

/// Where the style is.
pub fn style() -> &'static str {
    &ASSETS[0].path
}

/// Where the scripts are.
pub fn scripts() -> [&'static str; 2] {
    [&ASSETS[1].path, &ASSETS[2].path]
}

/// Where the icon is.
pub fn icon() -> &'static str {
    &ASSETS[3].path
}

/// One of them.
pub async fn get(Path(name): Path<String>) -> Response {
    match ASSETS.iter().find(|asset| asset.path.strip_prefix("/assets/") == Some(&name)) {
        Some(asset) => {
            let headers = [(CONTENT_TYPE, asset.kind), (CACHE_CONTROL, "public, max-age=31536000, immutable")];
            (headers, asset.bytes).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
