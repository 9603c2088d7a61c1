//! The authorities whose certificates are believed.

use super::{TlsError, certificates, provider};
use rustls::client::Resumption;
use rustls::pki_types::CertificateDer;
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::{ClientConfig, RootCertStore};
use std::path::Path;
use std::sync::Arc;

/// TLS sessions that a client remembers, to go on faster: as many as a guest talks to in turn.
const SESSIONS: usize = 16;

/// Authorities. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Roots(Arc<RootCertStore>);

impl Roots {
    /// Those whose certificates are in a PEM file.
    ///
    /// # Errors
    /// [`TlsError`] when the file cannot be read, or one of them is no certificate of an authority.
    pub fn read(file: &Path) -> Result<Self, TlsError> {
        let mut roots = RootCertStore::empty();
        for certificate in certificates("authorities", file)? {
            let added = roots.add(certificate);
            added.map_err(|error| TlsError::Refused {
                file: file.to_owned(),
                error,
            })?;
        }
        Ok(Self(Arc::new(roots)))
    }

    /// These, such as the system's. Those that rustls cannot use are left out: systems keep some that are too old.
    pub fn of(certificates: impl IntoIterator<Item = CertificateDer<'static>>) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(certificates);
        Self(Arc::new(roots))
    }

    /// The settings of a client that believes these, and speaks the first of `protocols` (ALPN) that the server speaks too.
    pub fn client(&self, protocols: &[&[u8]]) -> Arc<ClientConfig> {
        let config = ClientConfig::builder_with_provider(provider())
            .with_protocol_versions(rustls::DEFAULT_VERSIONS);
        // ring has suites for both versions.
        #[allow(clippy::expect_used)]
        let mut config = config
            .expect("the provider fits the versions")
            .with_root_certificates(self.0.clone())
            .with_no_client_auth();
        config.alpn_protocols = protocols.iter().map(|it| it.to_vec()).collect();
        config.resumption = Resumption::in_memory_sessions(SESSIONS);
        Arc::new(config)
    }

    /// What demands of clients a certificate of one of these.
    pub(super) fn demands(&self) -> Result<Arc<dyn ClientCertVerifier>, rustls::Error> {
        let verifier = WebPkiClientVerifier::builder_with_provider(self.0.clone(), provider());
        let verifier = verifier.build();
        verifier.map_err(|error| rustls::Error::General(error.to_string()))
    }
}
