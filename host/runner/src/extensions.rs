//! What guests of the command can import besides what the host has itself.
//!
//! One line for each extension. The host, `--grant`, manifests, the help and the hints in the log all take them from here.

use anyhow::{Result, anyhow, bail};
use weft_host::{
    Capabilities,
    capability::{Capability, GrantError},
    extension::Extensions,
};
use weft_net::sockets::{Network, NetworkConfig};

/// The extensions of every host that the command makes.
pub(crate) fn all() -> Extensions {
    of(NetworkConfig::default())
}

/// The same with this network.
pub(crate) fn of(network: NetworkConfig) -> Extensions {
    Extensions::none().with(Network::new(network))
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
