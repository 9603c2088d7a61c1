//! The tables `network` and `certificates` of a manifest.

use super::check::plain;
use super::format::Manifest;
use crate::network::{BOUNDS, Bounds, CertificateFiles, Network, check_name};
use anyhow::{Context, Result};
use serde::Deserialize;
use std::path::PathBuf;

/// What the network of all processes is like.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct NetworkEntry {
    /// The file with those whose certificates are believed, in place of the system's authorities.
    #[serde(default)]
    authorities: Option<PathBuf>,
    /// Bytes in flight in each direction of a connection, as a number or a text such as "1MiB".
    #[serde(default)]
    in_flight: Option<toml::Value>,
    /// How long a connection may take to come about.
    #[serde(default)]
    connect_time: Option<toml::Value>,
    /// How long a look-up of a name may take.
    #[serde(default)]
    lookup_time: Option<toml::Value>,
    /// The time after which a connection on which nothing moves is terminated.
    #[serde(default)]
    idle_time: Option<toml::Value>,
    /// How long a connection that nobody holds stays to send what was written.
    #[serde(default)]
    close_time: Option<toml::Value>,
}

impl NetworkEntry {
    fn bounds(&self) -> Result<Bounds> {
        let mut bounds = Bounds::default();
        let set = [
            &self.in_flight,
            &self.connect_time,
            &self.lookup_time,
            &self.idle_time,
            &self.close_time,
        ];
        for (name, value) in BOUNDS.into_iter().zip(set) {
            if let Some(value) = value {
                let set = bounds.set(name, &plain(value));
                set.with_context(|| format!("network: {name}"))?;
            }
        }
        Ok(bounds)
    }
}

/// A certificate that processes may show.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CertificateEntry {
    /// The file of its chain.
    certificate: PathBuf,
    /// The file of its key.
    key: PathBuf,
    /// The file with the authorities of which clients must show a certificate.
    #[serde(default)]
    clients: Option<PathBuf>,
}

/// Checks the two tables. Their files are read when the host is made.
pub(super) fn check(manifest: &Manifest) -> Result<Network> {
    let file = |path: &PathBuf| manifest.folder.join(path);
    let entry = &manifest.network;
    let certificates = manifest.certificates.iter().map(|(name, entry)| {
        check_name(name).context("certificates")?;
        let files = CertificateFiles {
            certificate: file(&entry.certificate),
            key: file(&entry.key),
            clients: entry.clients.as_ref().map(file),
        };
        Ok((name.clone(), files))
    });
    Ok(Network {
        certificates: certificates.collect::<Result<_>>()?,
        authorities: entry.authorities.as_ref().map(file),
        bounds: entry.bounds()?,
    })
}
