//! A certificate chain with its key, from files, read again when they change.
//!
//! Invariant: what is used is a chain and the key that belongs to it. Files that do not fit each other, such as in the middle of a renewal,
//! are tried again.

use super::{Roots, TlsError, certificates, provider, reason};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

/// How often the files are looked at at most: each handshake would otherwise ask the system twice.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Who a server is. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Identity(Arc<Files>);

#[derive(Debug)]
struct Files {
    certificate: PathBuf,
    key: PathBuf,
    current: Mutex<Current>,
}

#[derive(Debug)]
struct Current {
    certified: Arc<CertifiedKey>,
    /// Of the files that were read last, whether they could be used or not.
    stamps: Stamps,
    looked: Instant,
}

/// When the two files were changed last, and their lengths.
type Stamps = [Option<(SystemTime, u64)>; 2];

impl Identity {
    /// The chain in one PEM file, the server's certificate first, with the key in another; both may be the same file.
    ///
    /// # Errors
    /// [`TlsError`] when a file cannot be read, or the key is not that of the certificate.
    pub fn read(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let stamps = stamps(certificate, key);
        let certified = read(certificate, key)?;
        Ok(Self(Arc::new(Files {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
            current: Mutex::new(Current {
                certified: Arc::new(certified),
                stamps,
                looked: Instant::now(),
            }),
        })))
    }

    /// The settings of a server that is this, and speaks the first of `protocols` (ALPN) that the client speaks too. With `clients`
    /// each client must show a certificate of one of them.
    ///
    /// # Errors
    /// [`TlsError`] when `clients` holds nobody.
    pub fn server(
        &self,
        clients: Option<&Roots>,
        protocols: &[&[u8]],
    ) -> Result<Arc<ServerConfig>, TlsError> {
        let refused = |error| TlsError::Refused {
            file: self.0.certificate.clone(),
            error,
        };
        let config = ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(rustls::DEFAULT_VERSIONS)
            .map_err(refused)?;
        let config = match clients {
            None => config.with_no_client_auth(),
            Some(clients) => config.with_client_cert_verifier(clients.demands().map_err(refused)?),
        };
        let mut config = config.with_cert_resolver(self.0.clone());
        config.alpn_protocols = protocols.iter().map(|it| it.to_vec()).collect();
        Ok(Arc::new(config))
    }
}

impl Files {
    /// The chain and key as the files have them now, or as they had them when they fitted each other last.
    fn certified(&self) -> Arc<CertifiedKey> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.looked.elapsed() < LOOK_AGAIN {
            return current.certified.clone();
        }
        current.looked = Instant::now();
        let stamps = stamps(&self.certificate, &self.key);
        if stamps != current.stamps {
            match read(&self.certificate, &self.key) {
                Ok(certified) => {
                    tracing::info!(
                        "the certificate {} was read again",
                        self.certificate.display()
                    );
                    current.certified = Arc::new(certified);
                }
                Err(error) => {
                    tracing::warn!("{error}; the certificate of before stays in use");
                }
            }
            current.stamps = stamps;
        }
        current.certified.clone()
    }
}

impl ResolvesServerCert for Files {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.certified())
    }
}

fn stamps(certificate: &Path, key: &Path) -> Stamps {
    [certificate, key].map(|file| {
        let found = std::fs::metadata(file).ok()?;
        Some((found.modified().ok()?, found.len()))
    })
}

fn read(certificate: &Path, key: &Path) -> Result<CertifiedKey, TlsError> {
    let chain = certificates("certificate", certificate)?;
    let signing = PrivateKeyDer::from_pem_file(key).map_err(|error| TlsError::File {
        what: "key",
        file: key.to_owned(),
        reason: reason(&error),
    })?;
    let certified = CertifiedKey::from_der(chain, signing, &provider());
    certified.map_err(|error| TlsError::Refused {
        file: certificate.to_owned(),
        error,
    })
}
