//! The one cryptography that every TLS connection of the program uses.

use std::sync::Once;

/// Makes ring the provider of the process. To be called before a client is built; any number of times.
pub fn use_ring() {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        // An error means that a provider is installed already, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}
