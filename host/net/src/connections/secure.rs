//! Handshakes of TLS, and the names in certificates.

use super::Error;
use super::ends::Peer;
use super::target::Target;
use crate::sockets::{CERTIFICATE, OfProcess};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{CommonState, ServerConfig};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::{TlsAcceptor, TlsConnector, client, server};

/// Bytes of the name of a protocol (ALPN).
const PROTOCOL_BYTES: usize = 255;

/// Protocols that are offered at most.
const PROTOCOLS: usize = 16;

/// Names of a certificate that a guest is told at most: more than anybody puts into one that is not a thousand sites'.
const NAMES: usize = 64;

/// Checks the names of protocols.
pub(super) fn protocols(names: &[String]) -> Result<Vec<&[u8]>, Error> {
    let of_size = |name: &String| (1..=PROTOCOL_BYTES).contains(&name.len());
    match names.len() <= PROTOCOLS && names.iter().all(of_size) {
        true => Ok(names.iter().map(|name| name.as_bytes()).collect()),
        false => Err(Error::InvalidArgument(format!(
            "protocols: {PROTOCOLS} at most, each of 1 to {PROTOCOL_BYTES} bytes"
        ))),
    }
}

/// The settings of a listener that shows the certificate of this name.
pub(super) fn server(
    of: &OfProcess,
    certificate: Option<&str>,
    names: &[String],
) -> Result<Arc<ServerConfig>, Error> {
    let protocols = protocols(names)?;
    let Some(name) = certificate else {
        return Err(Error::InvalidArgument(
            "certificate: none given; who listens here shows one".to_owned(),
        ));
    };
    if !of.certificates.contains(name) {
        let asked = crate::sockets::certificate_name(name).ok();
        let denied = of.places.on_behalf().deny(CERTIFICATE, asked.as_deref());
        return Err(Error::PermissionDenied(denied));
    }
    let Some(certificate) = of.config.certificates.get(name) else {
        return Err(Error::InvalidArgument(format!(
            "certificate: this host has none called `{name}`"
        )));
    };
    let server = certificate.server(&protocols);
    server.map_err(|error| Error::Tls(error.to_string()))
}

/// Makes TLS of a connection that was opened.
pub(super) async fn connect(
    of: &OfProcess,
    stream: TcpStream,
    to: &Target,
    names: &[String],
) -> Result<client::TlsStream<TcpStream>, Error> {
    let roots = of.config.trust.roots().await.map_err(Error::Tls)?;
    let connector = TlsConnector::from(roots.client(&protocols(names)?));
    let connecting = connector.connect(server_name(to)?, stream);
    connecting.await.map_err(|error| unsafe_with(&error))
}

/// Makes TLS of a connection that was accepted.
pub(super) async fn accept(
    config: Arc<ServerConfig>,
    stream: TcpStream,
) -> Result<server::TlsStream<TcpStream>, Error> {
    let accepting = TlsAcceptor::from(config).accept(stream);
    accepting.await.map_err(|error| unsafe_with(&error))
}

/// Whom a certificate is to name.
pub(super) fn server_name(to: &Target) -> Result<ServerName<'static>, Error> {
    let name = ServerName::try_from(to.host_name());
    name.map_err(|error| Error::InvalidAddress(error.to_string()))
}

/// Why there is no TLS.
fn unsafe_with(error: &io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::TimedOut => Error::Timeout,
        io::ErrorKind::UnexpectedEof => Error::Tls("the other side ended it".to_owned()),
        _ => Error::Tls(error.to_string()),
    }
}

/// The other side of a connection with TLS.
pub(super) fn peer(state: &CommonState, scheme: &str, address: SocketAddr) -> Peer {
    let certificates = state.peer_certificates().unwrap_or_default();
    Peer {
        remote: format!("{scheme}://{address}"),
        names: certificates.first().map(names).unwrap_or_default(),
        protocol: state
            .alpn_protocol()
            .map(|name| String::from_utf8_lossy(name).into_owned()),
    }
}

/// The names of a certificate that was believed: those it is valid for, of hosts and of workloads (URI); if there is none, the common name of its subject.
pub(super) fn names(certificate: &CertificateDer<'_>) -> Vec<String> {
    let Ok(read) = webpki::EndEntityCert::try_from(certificate) else {
        return Vec::new();
    };
    let hosts = read.valid_dns_names().chain(read.valid_uri_names());
    let names: Vec<_> = hosts.take(NAMES).map(str::to_owned).collect();
    match names.is_empty() {
        true => common_name(read.subject()).into_iter().collect(),
        false => names,
    }
}

/// The identifier of a common name, 2.5.4.3, as DER has it.
const COMMON_NAME: [u8; 5] = [0x06, 0x03, 0x55, 0x04, 0x03];

/// The common name in a subject: the text behind its identifier, with a length of one byte, as every name of up to 64 characters has.
fn common_name(subject: &[u8]) -> Option<String> {
    let at = subject
        .windows(COMMON_NAME.len())
        .position(|window| window == COMMON_NAME)?;
    let behind = subject.get(at + COMMON_NAME.len()..)?;
    let (&[kind, length], behind) = behind.split_first_chunk::<2>()?;
    // A string of UTF-8, of printable characters or of IA5.
    if ![0x0c, 0x13, 0x16].contains(&kind) || length >= 0x80 {
        return None;
    }
    let text = behind.get(..usize::from(length))?;
    std::str::from_utf8(text).ok().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, SanType};

    fn names_of(params: CertificateParams) -> Vec<String> {
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        names(certificate.der())
    }

    #[test]
    fn a_certificate_has_the_names_it_is_valid_for() {
        let mut params = CertificateParams::new(["a.example".to_owned()]).unwrap();
        params
            .subject_alt_names
            .push(SanType::URI("spiffe://b/c".try_into().unwrap()));
        params
            .distinguished_name
            .push(DnType::CommonName, "someone");
        assert_eq!(names_of(params), ["a.example", "spiffe://b/c"]);
    }

    #[test]
    fn one_without_such_names_has_its_common_name() {
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params
            .distinguished_name
            .push(DnType::OrganizationName, "somewhere");
        params
            .distinguished_name
            .push(DnType::CommonName, "someone");
        assert_eq!(names_of(params), ["someone"]);
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        assert!(names_of(params).is_empty());
    }
}
