//! Certificates for these tests: an authority, and those that it has signed, in files of a folder of the test's own.

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tokio_rustls::{TlsAcceptor, TlsConnector};
use weft_net::sockets::NetworkConfig;
use weft_net::tls::{Certificate, Identity, Roots, Trust};

pub struct Authority {
    folder: tempfile::TempDir,
    issuer: Issuer<'static, KeyPair>,
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

impl Authority {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params
            .distinguished_name
            .push(DnType::CommonName, "an authority");
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        std::fs::write(folder.path().join("ca.pem"), certificate.pem()).unwrap();
        Self {
            folder,
            issuer: Issuer::new(params, key),
        }
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn roots(&self) -> Roots {
        Roots::read(&self.file("ca.pem")).unwrap()
    }

    /// Signs a certificate for these names: `NAME.pem`, with its key in `NAME.key`.
    pub fn sign(&self, name: &str, names: &[&str]) {
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        // Both at once, as far as anybody looks.
        std::fs::write(self.file(&format!("{name}.key")), key.serialize_pem()).unwrap();
        std::fs::write(self.file(&format!("{name}.pem")), certificate.pem()).unwrap();
    }

    pub fn identity(&self, name: &str) -> Identity {
        let (certificate, key) = (format!("{name}.pem"), format!("{name}.key"));
        Identity::read(&self.file(&certificate), &self.file(&key)).unwrap()
    }

    /// A network that has a certificate `www` for `localhost`, and believes this authority. With `clients` clients must show one of it.
    pub fn network(&self, clients: bool) -> NetworkConfig {
        self.sign("www", &["localhost", "127.0.0.1"]);
        let clients = clients.then(|| self.roots());
        let www = Certificate::new(self.identity("www"), clients).unwrap();
        NetworkConfig::default()
            .certificates(HashMap::from([("www".to_owned(), www)]))
            .trust(Trust::of(self.roots()))
    }

    fn chain(&self, name: &str) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
        let file = self.file(&format!("{name}.pem"));
        let chain = CertificateDer::pem_file_iter(file).unwrap();
        let key = PrivateKeyDer::from_pem_file(self.file(&format!("{name}.key"))).unwrap();
        (chain.map(Result::unwrap).collect(), key)
    }

    /// The settings of a client, which shows this certificate.
    pub fn client(&self, shown: Option<&str>, protocols: &[&str]) -> ClientConfig {
        let mut roots = RootCertStore::empty();
        let authority = CertificateDer::from_pem_file(self.file("ca.pem")).unwrap();
        roots.add(authority).unwrap();
        let config = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots);
        let mut config = match shown {
            None => config.with_no_client_auth(),
            Some(name) => {
                let (chain, key) = self.chain(name);
                config.with_client_auth_cert(chain, key).unwrap()
            }
        };
        config.alpn_protocols = protocols
            .iter()
            .map(|name| name.as_bytes().to_vec())
            .collect();
        config
    }

    /// The settings of a server.
    pub fn server(&self, name: &str, protocols: &[&str]) -> ServerConfig {
        let (chain, key) = self.chain(name);
        let config = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth();
        let mut config = config.with_single_cert(chain, key).unwrap();
        config.alpn_protocols = protocols
            .iter()
            .map(|name| name.as_bytes().to_vec())
            .collect();
        config
    }

    pub async fn connect(
        &self,
        address: SocketAddr,
        config: ClientConfig,
    ) -> std::io::Result<TlsStream<TcpStream>> {
        let stream = TcpStream::connect(address).await?;
        let name = ServerName::try_from("localhost").unwrap();
        TlsConnector::from(Arc::new(config))
            .connect(name, stream)
            .await
    }

    /// What makes TLS of connections to a server of the test's own.
    pub fn acceptor(&self, name: &str, protocols: &[&str]) -> TlsAcceptor {
        TlsAcceptor::from(Arc::new(self.server(name, protocols)))
    }
}
