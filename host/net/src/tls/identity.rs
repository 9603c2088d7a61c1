//! A certificate chain with its key, from files, read again when they change.
//!
//! Invariant: what is used is a chain and the key that belongs to it. Files that do not fit each other, such as in the middle of a renewal,
//! are read again once they change again.

use super::{Roots, TlsError, certificates, provider, reason};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{Error, ServerConfig};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::watch;

/// How often the files are looked at at most: each handshake would otherwise ask the system twice.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Who a server is. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Identity(Arc<Files>);

/// What became of files that have changed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Renewal {
    /// They were read, and are in use.
    Used(String),
    /// They cannot be used, so what was read before is.
    Refused(String),
}

#[derive(Debug)]
struct Files {
    certificate: PathBuf,
    key: PathBuf,
    current: Mutex<Current>,
    /// What became of the last change, for who logs it.
    renewal: watch::Sender<Option<Renewal>>,
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
            renewal: watch::Sender::new(None),
        })))
    }

    /// Tells what becomes of files that change. They are looked at when somebody connects.
    pub fn renewals(&self) -> watch::Receiver<Option<Renewal>> {
        self.0.renewal.subscribe()
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
            let renewal = match read(&self.certificate, &self.key) {
                Ok(certified) => {
                    current.certified = Arc::new(certified);
                    let file = self.certificate.display();
                    Renewal::Used(format!("the certificate {file} was read again"))
                }
                Err(error) => Renewal::Refused(format!(
                    "{error}; the certificate that was read before stays in use"
                )),
            };
            self.renewal.send_replace(Some(renewal));
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
    certified.map_err(|error| match error {
        Error::InconsistentKeys(_) => TlsError::OtherKey {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
        },
        error => TlsError::Refused {
            file: certificate.to_owned(),
            error,
        },
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use rcgen::{CertifiedKey as Made, KeyPair, generate_simple_self_signed};

    /// A certificate for this name, with its key.
    fn made(name: &str) -> Made<KeyPair> {
        generate_simple_self_signed([name.to_owned()]).unwrap()
    }

    /// Files in a folder of the test's own.
    struct Folder(tempfile::TempDir);

    impl Folder {
        fn new() -> Self {
            Self(tempfile::tempdir().unwrap())
        }

        fn path(&self, name: &str) -> PathBuf {
            self.0.path().join(name)
        }

        fn write(&self, name: &str, text: &str) {
            std::fs::write(self.path(name), text).unwrap();
        }

        fn identity(&self) -> Result<Identity, TlsError> {
            Identity::read(&self.path("cert.pem"), &self.path("key.pem"))
        }

        fn refused(&self) -> String {
            self.identity().unwrap_err().to_string()
        }
    }

    /// What a client would be shown, if the files may be looked at again.
    fn shown(identity: &Identity) -> Vec<u8> {
        let long_ago = Instant::now().checked_sub(LOOK_AGAIN * 2).unwrap();
        identity.0.current.lock().unwrap().looked = long_ago;
        identity.0.certified().cert.first().unwrap().to_vec()
    }

    #[test]
    fn files_that_make_no_identity_are_told_by_their_names() {
        let folder = Folder::new();
        assert!(folder.refused().contains("cert.pem: No such file"));
        folder.write("cert.pem", "");
        assert!(
            folder
                .refused()
                .ends_with("holds no certificate in PEM form")
        );
        let mine = made("a.example");
        folder.write("cert.pem", &mine.cert.pem());
        let said = folder.refused();
        assert!(
            said.starts_with("key ") && said.contains("No such file"),
            "{said}"
        );
        folder.write("key.pem", "");
        let said = folder.refused();
        assert!(
            said.ends_with("it holds nothing of the kind in PEM form"),
            "{said}"
        );
        folder.write(
            "key.pem",
            "-----BEGIN PRIVATE KEY-----\n%%%\n-----END PRIVATE KEY-----\n",
        );
        let said = folder.refused();
        assert!(said.contains("key.pem: it is no PEM file"), "{said}");
        folder.write("key.pem", &made("b.example").signing_key.serialize_pem());
        let said = folder.refused();
        assert!(said.contains("is that of another certificate"), "{said}");
        folder.write("key.pem", &mine.signing_key.serialize_pem());
        folder.identity().unwrap();
    }

    #[test]
    fn a_chain_and_its_key_may_be_in_one_file() {
        let folder = Folder::new();
        let mine = made("a.example");
        let text = mine.signing_key.serialize_pem() + &mine.cert.pem();
        folder.write("both.pem", &text);
        let both = folder.path("both.pem");
        let identity = Identity::read(&both, &both).unwrap();
        assert_eq!(shown(&identity), mine.cert.der().to_vec());
    }

    #[test]
    fn a_renewal_is_used_once_its_files_fit_each_other() {
        let folder = Folder::new();
        let (old, new) = (made("old.example"), made("new.example"));
        folder.write("cert.pem", &old.cert.pem());
        folder.write("key.pem", &old.signing_key.serialize_pem());
        let identity = folder.identity().unwrap();
        let mut renewals = identity.renewals();
        assert_eq!(shown(&identity), old.cert.der().to_vec());
        assert!(!renewals.has_changed().unwrap());
        // Cut off in the middle, then whole without its key, then gone: the old one goes on.
        let pem = new.cert.pem();
        folder.write("cert.pem", pem.get(..pem.len() / 2).unwrap());
        assert_eq!(shown(&identity), old.cert.der().to_vec());
        let renewal = renewals.borrow_and_update().clone();
        assert!(matches!(renewal, Some(Renewal::Refused(_))), "{renewal:?}");
        folder.write("cert.pem", &pem);
        assert_eq!(shown(&identity), old.cert.der().to_vec());
        let renewal = renewals.borrow_and_update().clone();
        let Some(Renewal::Refused(text)) = renewal else {
            panic!("{renewal:?}");
        };
        assert!(text.contains("stays in use"), "{text}");
        std::fs::remove_file(folder.path("key.pem")).unwrap();
        assert_eq!(shown(&identity), old.cert.der().to_vec());
        folder.write("key.pem", &new.signing_key.serialize_pem());
        assert_eq!(shown(&identity), new.cert.der().to_vec());
        let renewal = renewals.borrow_and_update().clone();
        assert!(matches!(renewal, Some(Renewal::Used(_))), "{renewal:?}");
        // Told once: what has not changed is not read again.
        assert_eq!(shown(&identity), new.cert.der().to_vec());
        assert!(!renewals.has_changed().unwrap());
    }

    #[test]
    fn the_files_are_not_looked_at_for_each_handshake() {
        let folder = Folder::new();
        let (old, new) = (made("old.example"), made("new.example"));
        folder.write("cert.pem", &old.cert.pem());
        folder.write("key.pem", &old.signing_key.serialize_pem());
        let identity = folder.identity().unwrap();
        // In the future, so that no pause of the machine makes it due.
        let later = Instant::now() + Duration::from_secs(3600);
        identity.0.current.lock().unwrap().looked = later;
        folder.write("cert.pem", &new.cert.pem());
        folder.write("key.pem", &new.signing_key.serialize_pem());
        let certified = identity.0.certified();
        assert_eq!(
            certified.cert.first().unwrap().to_vec(),
            old.cert.der().to_vec()
        );
        assert_eq!(shown(&identity), new.cert.der().to_vec());
    }

    #[test]
    fn whoever_is_to_show_a_certificate_must_be_of_an_authority() {
        let folder = Folder::new();
        let mine = made("a.example");
        folder.write("cert.pem", &mine.cert.pem());
        folder.write("key.pem", &mine.signing_key.serialize_pem());
        let identity = folder.identity().unwrap();
        folder.write("none.pem", "");
        assert!(Roots::read(&folder.path("none.pem")).is_err());
        let nobody = Roots::of([]);
        assert!(identity.server(Some(&nobody), &[]).is_err());
        let somebody = Roots::read(&folder.path("cert.pem")).unwrap();
        let server = identity
            .server(Some(&somebody), &[b"h2", b"http/1.1"])
            .unwrap();
        assert_eq!(server.alpn_protocols, [&b"h2"[..], b"http/1.1"]);
    }
}
