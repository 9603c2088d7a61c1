//! What the network of guests is like, as options and manifests say: certificates, whose are believed, and bounds of connections.
//!
//! The system's authorities are read when a guest first needs them. Files that somebody has named are read at once, so that what is wrong with one is said
//! before anything starts.

use anyhow::{Context, Result, anyhow, bail};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use weft_net::sockets::{NetworkConfig, certificate_name};
use weft_net::tls::{Certificate, Identity, Roots, Trust};

/// The files of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CertificateFiles {
    /// The chain, the certificate itself first.
    pub(crate) certificate: PathBuf,
    /// Its key.
    pub(crate) key: PathBuf,
    /// The authorities of which clients must show a certificate, if they must.
    pub(crate) clients: Option<PathBuf>,
}

/// What somebody has set.
#[derive(Clone, Debug, Default)]
pub(crate) struct Network {
    /// The certificates that listeners may show, by name.
    pub(crate) certificates: Vec<(String, CertificateFiles)>,
    /// Those who are believed in place of the system's authorities.
    pub(crate) authorities: Option<PathBuf>,
    /// Bytes in flight in each direction of a connection.
    pub(crate) in_flight: Option<u64>,
    /// The time after which a quiet connection is closed.
    pub(crate) idle_time: Option<Duration>,
}

impl Network {
    /// Reads the files.
    ///
    /// # Errors
    /// The first file that cannot be read or used.
    pub(crate) fn config(&self) -> Result<NetworkConfig> {
        let mut certificates = HashMap::new();
        for (name, files) in &self.certificates {
            let certificate = read(files).with_context(|| format!("certificate `{name}`"))?;
            certificates.insert(name.clone(), certificate);
        }
        let trust = match &self.authorities {
            Some(file) => Trust::of(Roots::read(file)?),
            None => Trust::lazily(of_system),
        };
        let usual = NetworkConfig::default();
        Ok(NetworkConfig {
            certificates: Arc::new(certificates),
            trust,
            in_flight: self.in_flight.unwrap_or(usual.in_flight),
            idle_time: self.idle_time.or(usual.idle_time),
            ..usual
        })
    }

    /// Adds a certificate as an option has it: `NAME=CERTIFICATE,KEY`, or with `,CLIENTS` behind.
    ///
    /// # Errors
    /// What to write.
    pub(crate) fn add(&mut self, text: &str) -> Result<()> {
        let wanted = || anyhow!("write NAME=CERTIFICATE,KEY or NAME=CERTIFICATE,KEY,CLIENTS");
        let (name, files) = text.split_once('=').ok_or_else(wanted)?;
        check_name(name)?;
        if self.certificates.iter().any(|(other, _)| other == name) {
            bail!("there is a certificate `{name}` already");
        }
        let files: Vec<_> = files.split(',').collect();
        let (certificate, key, clients) = match *files.as_slice() {
            [certificate, key] => (certificate, key, None),
            [certificate, key, clients] => (certificate, key, Some(clients)),
            _ => return Err(wanted()),
        };
        let files = CertificateFiles {
            certificate: certificate.into(),
            key: key.into(),
            clients: clients.map(PathBuf::from),
        };
        self.certificates.push((name.to_owned(), files));
        Ok(())
    }
}

/// Checks the name of a certificate.
pub(crate) fn check_name(name: &str) -> Result<()> {
    certificate_name(name).map_err(|error| anyhow!("`{name}`: {error}"))?;
    Ok(())
}

fn read(files: &CertificateFiles) -> Result<Certificate> {
    let identity = Identity::read(&files.certificate, &files.key)?;
    let clients = files.clients.as_deref().map(Roots::read);
    Ok(Certificate::new(identity, clients.transpose()?)?)
}

/// The system's authorities.
fn of_system() -> Result<Roots, String> {
    let found = rustls_native_certs::load_native_certs();
    if found.certs.is_empty() {
        let why = found.errors.first().map(|error| format!(": {error}"));
        return Err(format!(
            "the system has no authorities whose certificates could be believed{}",
            why.unwrap_or_default()
        ));
    }
    Ok(Roots::of(found.certs))
}
