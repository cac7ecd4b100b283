//! A manifest: what an artifact is made of. Whoever owns the registry wrote it, so nothing of it is believed before it is checked.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::plugin::component::MAX_COMPONENT;
use crate::plugin::digest::Digest;

/// Largest manifest that is read, in bytes: what the specification has registries take.
pub const MAX_MANIFEST: usize = 4 * 1024 * 1024;

/// A manifest's own media type.
pub const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// Media types of lists of manifests, which say that there are several of them.
pub const INDEXES: [&str; 2] =
    ["application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json"];

/// Media types of the configuration by which an artifact is WebAssembly.
const CONFIGS: [&str; 2] = ["application/vnd.wasm.config.v0+json", "application/vnd.wasm.config.v1+json"];

/// Media types of the layer that is the component.
const LAYERS: [&str; 2] = ["application/wasm", "application/vnd.wasm.content.layer.v1+wasm"];

/// The annotation that carries a minisign signature of the layer, as in its `.minisig` file.
pub const SIGNATURE: &str = "ghoststack.minisig";

/// Manifests of an index that an error names.
const NAMED: usize = 4;

/// An artifact that is one component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// Digest of the component.
    pub digest: Digest,
    /// Its size in bytes, at most [`MAX_COMPONENT`].
    pub size: usize,
    /// Its signature, not looked at yet.
    pub signature: Option<String>,
}

/// Why bytes are not a manifest of a component.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// They are no manifest.
    #[error("what the registry has there is no manifest: {0}")]
    Malformed(String),
    /// They list several manifests.
    #[error(
        "it is an index of {count} artifacts, and one has to be chosen: name it by its digest{}",
        choices.iter().map(|digest| format!(", @{digest}")).collect::<String>()
    )]
    Index {
        /// How many.
        count: usize,
        /// The first of them.
        choices: Vec<String>,
    },
    /// The artifact is something else.
    #[error(
        "it is no WebAssembly component but {0}; push the component with `wkg oci push`, or as docs/plugins/installing.md shows"
    )]
    AnotherArtifact(String),
    /// The component is too large.
    #[error("its component has {size} bytes, and {} MiB is the most", MAX_COMPONENT >> 20)]
    TooLarge {
        /// Its size in bytes, as the manifest says.
        size: u64,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    schema_version: u32,
    media_type: Option<String>,
    config: Option<Descriptor>,
    layers: Option<Vec<Descriptor>>,
    manifests: Option<Vec<Descriptor>>,
    annotations: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    media_type: String,
    digest: String,
    size: u64,
}

/// Reads a manifest.
///
/// # Errors
/// See [`ManifestError`].
pub fn parse(bytes: &[u8]) -> Result<Manifest, ManifestError> {
    // Where it is wrong, not what is there: that is the registry's text.
    let malformed = |e: &serde_json::Error| format!("it cannot be read at line {}, column {}", e.line(), e.column());
    let document: Document = serde_json::from_slice(bytes).map_err(|e| ManifestError::Malformed(malformed(&e)))?;
    let wrong = |why: &str| ManifestError::Malformed(why.to_owned());
    let is_index = document.media_type.as_deref().is_some_and(|kind| INDEXES.contains(&kind));
    match (document.manifests, document.layers.is_some()) {
        (Some(_), true) => return Err(wrong("it lists both layers and manifests")),
        (Some(manifests), false) => return Err(index(&manifests)),
        (None, _) if is_index => return Err(index(&[])),
        (None, _) => {}
    }
    if document.schema_version != 2 {
        return Err(wrong("its schemaVersion is not 2"));
    }
    if let Some(kind) = document.media_type.as_deref().filter(|kind| *kind != MANIFEST) {
        return Err(ManifestError::AnotherArtifact(format!("a manifest of the type {}", shown(kind))));
    }
    let config = document.config.ok_or_else(|| wrong("it has no config"))?;
    if !CONFIGS.contains(&config.media_type.as_str()) {
        return Err(ManifestError::AnotherArtifact(format!("an artifact of the type {}", shown(&config.media_type))));
    }
    let layers = document.layers.unwrap_or_default();
    let [layer] = layers.as_slice() else {
        return Err(ManifestError::AnotherArtifact(format!(
            "an artifact of {} layers, where one is expected",
            layers.len()
        )));
    };
    if !LAYERS.contains(&layer.media_type.as_str()) {
        return Err(ManifestError::AnotherArtifact(format!(
            "an artifact with a layer of the type {}",
            shown(&layer.media_type)
        )));
    }
    let digest =
        layer.digest.parse().map_err(|_| wrong("its layer's digest is not sha256: and 64 hexadecimal digits"))?;
    let size = usize::try_from(layer.size).ok().filter(|size| *size <= MAX_COMPONENT);
    let size = size.ok_or(ManifestError::TooLarge { size: layer.size })?;
    let signature = document.annotations.and_then(|mut of| of.remove(SIGNATURE));
    Ok(Manifest { digest, size, signature })
}

fn index(manifests: &[Descriptor]) -> ManifestError {
    let choices = manifests.iter().take(NAMED).map(|of| shown(&of.digest)).collect();
    ManifestError::Index { count: manifests.len(), choices }
}

/// A text of the registry's, for an error.
fn shown(text: &str) -> String {
    crate::capability::log::escaped(text, 100)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn good() -> Value {
        json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": {"mediaType": CONFIGS[0], "digest": Digest::of(b"{}").to_string(), "size": 2},
            "layers": [{"mediaType": LAYERS[0], "digest": Digest::of(b"component").to_string(), "size": 9}],
            "annotations": {SIGNATURE: "untrusted comment: x"},
        })
    }

    fn read(document: &Value) -> Result<Manifest, ManifestError> {
        parse(document.to_string().as_bytes())
    }

    #[test]
    fn what_the_tools_of_the_component_model_push_is_read() {
        let signature = Some("untrusted comment: x".to_owned());
        let expected = Manifest { digest: Digest::of(b"component"), size: 9, signature };
        assert_eq!(read(&good()), Ok(expected.clone()));
        let mut older = good();
        older["layers"][0]["mediaType"] = LAYERS[1].into();
        older["mediaType"] = Value::Null;
        older["annotations"] = Value::Null;
        assert_eq!(read(&older), Ok(Manifest { signature: None, ..expected }));
    }

    #[test]
    fn what_is_no_component_is_told_apart() {
        let index = json!({"schemaVersion": 2, "mediaType": INDEXES[0], "manifests": [{"mediaType": MANIFEST, "digest": "sha256:1", "size": 1}]});
        let table: [(&str, Value, &str); 12] = [
            (
                "/config/mediaType",
                json!("application/vnd.oci.image.config.v1+json"),
                "an artifact of the type application/vnd.oci.image",
            ),
            ("/config", Value::Null, "no config"),
            ("/layers", json!([]), "0 layers"),
            ("/layers", Value::Null, "0 layers"),
            ("/layers/0/mediaType", json!("text/\u{1b}[2J"), "a layer of the type text/\\u{1b}[2J"),
            ("/layers/0/digest", json!("sha512:00"), "digest is not sha256"),
            ("/layers/0/size", json!(u64::MAX), "64 MiB is the most"),
            ("/layers/0/size", json!(-1), "cannot be read at line 1"),
            ("/schemaVersion", json!(1), "schemaVersion is not 2"),
            ("/mediaType", json!("application/vnd.docker.distribution.manifest.v2+json"), "a manifest of the type"),
            ("", index, "an index of 1 artifacts, and one has to be chosen: name it by its digest, @sha256:1"),
            ("", json!([1]), "is no manifest"),
        ];
        for (place, value, said) in table {
            let mut document = good();
            *document.pointer_mut(place).expect(place) = value;
            let error = read(&document).expect_err(said).to_string();
            assert!(error.contains(said), "{said}: {error}");
        }
        let mut both = good();
        both["manifests"] = json!([]);
        assert!(read(&both).is_err_and(|e| e.to_string().contains("both layers and manifests")));
        let twice = good().to_string().replacen('{', "{\"layers\":[],", 1);
        assert!(parse(twice.as_bytes()).is_err(), "two answers to one question");
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_manifest_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = parse(&bytes);
        }

        #[test]
        fn whatever_stands_at_any_place_what_is_read_is_within_bounds(
            place in proptest::sample::select(vec!["/config", "/layers", "/layers/0", "/layers/0/digest", "/layers/0/size", "/annotations", "/mediaType"]),
            value in prop_oneof![
                any::<u64>().prop_map(Value::from),
                any::<f64>().prop_map(Value::from),
                "\\PC{0,40}".prop_map(Value::from),
                Just(Value::Null),
                Just(json!([{}])),
                Just(json!({})),
            ],
        ) {
            let mut document = good();
            *document.pointer_mut(place).expect("it is there") = value;
            if let Ok(manifest) = read(&document) {
                prop_assert!(manifest.size <= MAX_COMPONENT);
            }
        }
    }
}
