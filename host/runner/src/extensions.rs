//! What guests of the command can import besides what the host has itself.
//!
//! One line for each extension. The host, `--grant`, manifests, the help and the hints in the log all take them from here.

use crate::screen::say;
use anyhow::{Result, anyhow, bail};
use weft_host::{
    Capabilities,
    capability::{Capability, GrantError},
    extension::Extensions,
};
use weft_net::sockets::{Network, NetworkConfig};
use weft_net::tls::{Roots, Trust};

/// The extensions of every host that the command makes.
pub(crate) fn all() -> Extensions {
    let network = NetworkConfig {
        trust: Trust::lazily(system_roots),
        ..NetworkConfig::default()
    };
    Extensions::none().with(Network::new(network))
}

/// The authorities that the system trusts, or those of `SSL_CERT_FILE` and `SSL_CERT_DIR`.
fn system_roots() -> Roots {
    let found = rustls_native_certs::load_native_certs();
    for error in &found.errors {
        tracing::debug!("authorities of the system: {error}");
    }
    if found.certs.is_empty() {
        say::warning(
            "the system has no certificates of authorities, so no https server is believed; install ca-certificates, or set SSL_CERT_FILE",
        );
    }
    Roots::of(found.certs)
}

/// Adds a capability to a set, as people write it in a list of them.
///
/// # Errors
/// The error lists everything that can stand there.
pub(crate) fn grant(set: &mut Capabilities, text: &str) -> Result<()> {
    let all = all();
    match Capability::named(text) {
        Some(Capability::Filesystem) => bail!(
            "`{text}` is granted by mounting a folder: mounts in a manifest, or --dir HOST::GUEST"
        ),
        Some(Capability::Environment) => {
            bail!("`{text}` is granted by variables: env in a manifest, or --env KEY=VALUE")
        }
        _ => {}
    }
    all.grant(set, text).map_err(|error| match error {
        GrantError::Unknown(_) | GrantError::NotOffered { .. } => {
            let written: Vec<_> = all.capabilities().filter_map(Capability::written).collect();
            let written = written.join(", ");
            anyhow!(
                "unknown capability `{text}`; there are: {written}; folders are granted by mounts or --dir, variables by env or --env"
            )
        }
        error => error.into(),
    })
}
