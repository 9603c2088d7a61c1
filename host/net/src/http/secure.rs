//! TLS in front of a listener.

use crate::tls::{Identity, Renewal, Roots, TlsError};
use std::convert::Infallible;
use std::fmt;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use weft_host::log::Severity;
use weft_host::process::Context;

/// What a listener speaks, the first the one it likes best (ALPN).
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// Who a listener is, and whose certificates its clients must show. Cheap to clone.
#[derive(Clone)]
pub struct Tls {
    acceptor: TlsAcceptor,
    renewals: watch::Receiver<Option<Renewal>>,
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls")
    }
}

impl Tls {
    /// A listener that is this. With `clients` each client must show a certificate of one of them.
    ///
    /// # Errors
    /// [`TlsError`] when `clients` holds nobody.
    pub fn new(identity: &Identity, clients: Option<&Roots>) -> Result<Self, TlsError> {
        Ok(Self {
            acceptor: identity.server(clients, &PROTOCOLS)?.into(),
            renewals: identity.renewals(),
        })
    }

    pub(super) fn acceptor(&self) -> &TlsAcceptor {
        &self.acceptor
    }

    /// Logs what becomes of certificates whose files change.
    pub(super) async fn log_renewals(&self, context: &Context) -> Infallible {
        let mut renewals = self.renewals.clone();
        while renewals.changed().await.is_ok() {
            let renewal = renewals.borrow_and_update().clone();
            match renewal {
                Some(Renewal::Used(text)) => context.log(Severity::Info, text, []),
                Some(Renewal::Refused(text)) => context.log(Severity::Warn, text, []),
                None => {}
            }
        }
        // The acceptor holds the identity, so it is not gone before this.
        std::future::pending().await
    }
}
