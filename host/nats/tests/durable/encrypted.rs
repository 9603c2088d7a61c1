//! TLS to the server.

use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer};
use rcgen::{KeyPair, KeyUsagePurpose};
use tempfile::TempDir;
use weft_nats::{ConnectError, Server, ServerConfig, Tls};

use crate::{common::Nats, support::*};

/// An authority with files of its own, and what it has signed.
struct Authority {
    folder: TempDir,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let name = &mut params.distinguished_name;
        name.push(DnType::CommonName, "an authority");
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        std::fs::write(folder.path().join("ca.pem"), certificate.pem()).unwrap();
        Self {
            folder,
            issuer: Issuer::new(params, key),
        }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Signs a certificate for this name: the files of it and of its key.
    fn sign(&self, name: &str) -> (PathBuf, PathBuf) {
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.extended_key_usages = vec![
            ExtendedKeyUsagePurpose::ServerAuth,
            ExtendedKeyUsagePurpose::ClientAuth,
        ];
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let files = (
            self.file(&format!("{name}.pem")),
            self.file(&format!("{name}.key")),
        );
        std::fs::write(&files.0, certificate.pem()).unwrap();
        std::fs::write(&files.1, key.serialize_pem()).unwrap();
        files
    }

    /// A server that speaks TLS as this name. With `clients` it wants their certificates.
    async fn server(&self, name: &str, clients: bool) -> Nats {
        let (certificate, key) = self.sign(name);
        let quoted = |path: &Path| format!("{:?}", path.display().to_string());
        let text = format!(
            "tls {{ cert_file: {}, key_file: {}, ca_file: {}, verify: {clients} }}",
            quoted(&certificate),
            quoted(&key),
            quoted(&self.file("ca.pem")),
        );
        let file = self.file("nats.conf");
        std::fs::write(&file, text).unwrap();
        Nats::start_with(vec!["-c".into(), file.display().to_string()]).await
    }

    /// Who believes this authority.
    fn believes(&self) -> Tls {
        Tls::default().authority(self.file("ca.pem"))
    }
}

/// Why there is no connection, with all its reasons. Whoever waits as long as this hangs.
async fn refused(config: ServerConfig) -> String {
    let patience = std::time::Duration::from_secs(3600);
    let refused = soon(Server::connect(config.patience(patience))).await;
    let error = refused.expect_err("no connection");
    assert!(matches!(error, ConnectError::Tls { .. }), "{error:?}");
    error.to_string()
}

#[tokio::test]
async fn a_channel_is_had_over_tls_from_a_server_whose_authority_is_believed() {
    let authority = Authority::new();
    let nats = authority.server("127.0.0.1", false).await;
    for address in [nats.address(), nats.address().replace("nats:", "tls:")] {
        let config = ServerConfig::new(address).tls(authority.believes().required(true));
        let server = soon(Server::connect(config)).await.unwrap();
        let orders = server.channel(orders(1000).reopen(true)).await.unwrap();
        let writer = writer(&orders.channel()).await;
        send(&writer, &["a"]).await;
        assert_eq!(next(&strong(&orders.channel()).await).await, "a");
    }
}

#[tokio::test]
async fn a_server_of_another_authority_is_refused_at_once() {
    let (authority, other) = (Authority::new(), Authority::new());
    let nats = authority.server("127.0.0.1", false).await;
    let error = refused(nats.config().tls(other.believes())).await;
    assert!(
        error.contains("an authority that is not believed"),
        "{error}"
    );
    assert!(error.contains("name the authority's file"), "{error}");
    // Nor is it believed by those of the system.
    let error = refused(nats.config()).await;
    assert!(
        error.contains("an authority that is not believed"),
        "{error}"
    );
}

#[tokio::test]
async fn a_server_whose_certificate_is_for_another_name_is_refused() {
    let authority = Authority::new();
    let nats = authority.server("nats.example", false).await;
    let error = refused(nats.config().tls(authority.believes())).await;
    assert!(error.contains("is for another name"), "{error}");
}

#[tokio::test]
async fn a_server_without_tls_is_refused_where_it_is_required() {
    let nats = Nats::start().await;
    let error = refused(nats.config().tls(Tls::default().required(true))).await;
    assert!(error.contains("the server offers none"), "{error}");
    let error = refused(ServerConfig::new(nats.address().replace("nats:", "tls:"))).await;
    assert!(error.contains("the server offers none"), "{error}");
}

#[tokio::test]
async fn a_server_that_wants_certificates_is_shown_one() {
    let (authority, other) = (Authority::new(), Authority::new());
    let nats = authority.server("127.0.0.1", true).await;
    let (certificate, key) = authority.sign("a-host");
    let tls = authority.believes().certificate(certificate, key);
    let server = soon(Server::connect(nats.config().tls(tls))).await.unwrap();
    send(&writer(&open(&server, 1000).await.channel()).await, &["a"]).await;
    let error = refused(nats.config().tls(authority.believes())).await;
    assert!(error.contains("wants a certificate"), "{error}");
    let (certificate, key) = other.sign("a-host");
    let tls = authority.believes().certificate(certificate, key);
    let error = refused(nats.config().tls(tls)).await;
    assert!(
        error.contains("of an authority that it believes"),
        "{error}"
    );
}

#[tokio::test]
async fn a_file_of_certificates_that_is_not_there_is_named() {
    let authority = Authority::new();
    let nats = authority.server("127.0.0.1", false).await;
    let tls = Tls::default().authority("nowhere.pem");
    let error = soon(Server::connect(nats.config().tls(tls)))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("nowhere.pem"), "{error}");
}
