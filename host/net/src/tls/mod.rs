//! TLS for what listens and what connects: certificates, and who is trusted.
//!
//! ```text
//! tls/identity     a certificate chain with its key, from files, read again when they change
//! tls/roots        the authorities whose certificates are believed
//! tls/certificate  a certificate that guests may show, and what it demands of clients
//! tls/trust        authorities that are read when they are first needed
//! ```
//!
//! It makes the settings of rustls, with ring as the one crypto provider. Streams are made where they are used.
//!
//! Invariants:
//! - The provider is named in each setting, so none needs to be installed for the whole program.
//! - A file that cannot be read leaves what was read before in its place.

mod certificate;
mod identity;
mod roots;
mod trust;

pub use certificate::Certificate;
pub use identity::{Identity, Renewal};
pub use roots::Roots;
pub use trust::Trust;

use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{self, PemObject};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

/// Bytes that rustls keeps for a connection at most: a record of either direction, and what is not sent of its own buffer.
pub(crate) const TLS_BYTES: u64 = 128 << 10;

/// The one crypto provider.
static PROVIDER: LazyLock<Arc<CryptoProvider>> =
    LazyLock::new(|| Arc::new(rustls::crypto::ring::default_provider()));

fn provider() -> Arc<CryptoProvider> {
    PROVIDER.clone()
}

/// Why there is no TLS with these files.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read, or holds no PEM of the kind.
    #[error("{what} {}: {reason}", .file.display())]
    File {
        /// What the file is for.
        what: &'static str,
        /// The file.
        file: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The key is not that of the certificate.
    #[error("certificate {}: the key in {} is that of another certificate", .certificate.display(), .key.display())]
    OtherKey {
        /// The file of the certificate.
        certificate: PathBuf,
        /// The file of the key.
        key: PathBuf,
    },
    /// rustls refuses what the files hold.
    #[error("certificate {}: {error}", .file.display())]
    Refused {
        /// The file of the certificate.
        file: PathBuf,
        /// Why.
        error: rustls::Error,
    },
}

/// Reads the certificates of a PEM file.
fn certificates(what: &'static str, file: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let fault = |reason: String| TlsError::File {
        what,
        file: file.to_owned(),
        reason,
    };
    let read = CertificateDer::pem_file_iter(file).map_err(|error| fault(reason(&error)))?;
    let read: Vec<_> = read
        .collect::<Result<_, _>>()
        .map_err(|error| fault(reason(&error)))?;
    match read.is_empty() {
        true => Err(fault("it holds no certificate in PEM form".to_owned())),
        false => Ok(read),
    }
}

/// What is wrong with a PEM file, in words.
fn reason(error: &pem::Error) -> String {
    match error {
        pem::Error::Io(error) => error.to_string(),
        pem::Error::NoItemsFound => "it holds nothing of the kind in PEM form".to_owned(),
        error => format!("it is no PEM file: {error}"),
    }
}
