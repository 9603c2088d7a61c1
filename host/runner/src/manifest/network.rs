//! The tables `network` and `certificates` of a manifest.

use super::check::plain;
use super::format::Manifest;
use crate::network::{CertificateFiles, Network, check_name};
use crate::setting;
use anyhow::{Context, Result, bail};
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
    /// The time after which a connection on which nothing moves is terminated.
    #[serde(default)]
    idle_time: Option<toml::Value>,
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
    let in_flight = entry.in_flight.as_ref().map(|size| {
        let bytes = setting::in_memory(&plain(size)).context("network: in-flight")?;
        match bytes {
            0 => bail!(
                "network: in-flight: 0 bytes hold nothing; give at least 1, such as \"128KiB\""
            ),
            bytes => Ok(bytes),
        }
    });
    let idle_time = entry.idle_time.as_ref().map(|time| {
        let time = setting::duration(&plain(time)).context("network: idle-time")?;
        match time.is_zero() {
            true => bail!("network: idle-time: it is no time at all; write it as \"60s\""),
            false => Ok(time),
        }
    });
    Ok(Network {
        certificates: certificates.collect::<Result<_>>()?,
        authorities: entry.authorities.as_ref().map(file),
        in_flight: in_flight.transpose()?,
        idle_time: idle_time.transpose()?,
    })
}
