//! A certificate that guests may show, and what it demands of clients.

use super::{Identity, Roots, TlsError};
use rustls::ServerConfig;
use std::sync::Arc;

/// Who a listener of a guest is. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Certificate {
    identity: Identity,
    clients: Option<Roots>,
}

impl Certificate {
    /// A server that is this. With `clients` each client must show a certificate of one of them.
    ///
    /// # Errors
    /// [`TlsError`] when `clients` holds nobody.
    pub fn new(identity: Identity, clients: Option<Roots>) -> Result<Self, TlsError> {
        // So that no listener fails for it later.
        identity.server(clients.as_ref(), &[])?;
        Ok(Self { identity, clients })
    }

    /// The settings of a listener that speaks these protocols (ALPN).
    pub(crate) fn server(&self, protocols: &[&[u8]]) -> Result<Arc<ServerConfig>, TlsError> {
        self.identity.server(self.clients.as_ref(), protocols)
    }
}
