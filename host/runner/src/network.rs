//! What the network of guests is like, as options and manifests say: certificates, whose are believed, and bounds of connections.
//!
//! The system's authorities are read when a guest first needs them. Files that somebody has named are read at once, so that what is wrong with one is said
//! before anything starts.

use crate::setting;
use anyhow::{Context, Result, anyhow, bail};
use std::collections::HashMap;
use std::path::PathBuf;
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
    /// Bounds of its connections.
    pub(crate) bounds: Bounds,
}

/// The bounds of connections that somebody has set.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bounds {
    in_flight: Option<u64>,
    connect_time: Option<Duration>,
    lookup_time: Option<Duration>,
    idle_time: Option<Duration>,
    close_time: Option<Duration>,
}

/// The names of the bounds, as keys of a manifest and options have them.
pub(crate) const BOUNDS: [&str; 5] = [
    "in-flight",
    "connect-time",
    "lookup-time",
    "idle-time",
    "close-time",
];

impl Bounds {
    /// Sets the bound of this name to a size or a time, as somebody has written it.
    ///
    /// # Errors
    /// What to write.
    pub(crate) fn set(&mut self, name: &str, text: &str) -> Result<()> {
        let bound = match name {
            "in-flight" => {
                self.in_flight = match setting::in_memory(text)? {
                    0 => bail!("0 bytes hold nothing; give at least 1, such as \"128KiB\""),
                    bytes => Some(bytes),
                };
                return Ok(());
            }
            "connect-time" => &mut self.connect_time,
            "lookup-time" => &mut self.lookup_time,
            "idle-time" => &mut self.idle_time,
            "close-time" => &mut self.close_time,
            _ => bail!("there is no such bound; there are {}", BOUNDS.join(", ")),
        };
        let time = setting::duration(text)?;
        if time.is_zero() {
            bail!("it is no time at all; write it as \"60s\"");
        }
        *bound = Some(time);
        Ok(())
    }

    fn apply(&self, to: &mut NetworkConfig) {
        let times = [
            (self.connect_time, &mut to.connect_time),
            (self.lookup_time, &mut to.lookup_time),
            (self.close_time, &mut to.close_time),
        ];
        for (time, to) in times {
            *to = time.unwrap_or(*to);
        }
        to.idle_time = self.idle_time.or(to.idle_time);
        to.in_flight = self.in_flight.unwrap_or(to.in_flight);
    }
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
        let mut config = NetworkConfig::default()
            .certificates(certificates)
            .trust(trust);
        self.bounds.apply(&mut config);
        Ok(config)
    }

    /// Sets a bound as an option has it: `BOUND=VALUE`.
    ///
    /// # Errors
    /// What to write.
    pub(crate) fn bound(&mut self, text: &str) -> Result<()> {
        let wanted = || anyhow!("write BOUND=VALUE, such as connect-time=5s");
        let (name, value) = text.split_once('=').ok_or_else(wanted)?;
        self.bounds.set(name, value)
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
