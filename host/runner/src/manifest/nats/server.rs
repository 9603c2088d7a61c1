//! The connection to a NATS server, from what a manifest says of it.

use super::{Addresses, TlsEntry};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use weft_nats::{ServerConfig, Tls};

/// The port of NATS.
const PORT: u16 = 4222;

/// The schemes of an address.
const SCHEMES: [&str; 2] = ["nats", "tls"];

/// How the server at these addresses is reached. Files are relative to `folder`. With `tls` a server that offers none is refused.
///
/// # Errors
/// When an address is none of NATS, or a certificate has no key.
pub(crate) fn server(
    folder: &Path,
    addresses: &Addresses,
    credentials: Option<&PathBuf>,
    tls: Option<&TlsEntry>,
) -> Result<ServerConfig> {
    let addresses = match addresses {
        Addresses::One(address) => std::slice::from_ref(address),
        Addresses::All(addresses) => addresses,
    };
    let addresses = addresses.iter().map(|text| address(text));
    let addresses = addresses.collect::<Result<Vec<_>>>()?;
    let Some(first) = addresses.first() else {
        bail!("no address is given; write one as nats://HOST:{PORT}");
    };
    let mut config = ServerConfig::new(first.clone()).addresses(addresses);
    if let Some(file) = credentials {
        config = config.credentials(folder.join(file));
    }
    if let Some(entry) = tls {
        config = config.tls(checked(entry, folder).context("tls")?);
    }
    Ok(config)
}

/// Checks an address, and adds the port if there is none.
fn address(text: &str) -> Result<String> {
    let wrong = || {
        format!(
            "`{}` is no address of a NATS server; write it as nats://HOST:{PORT}",
            without_login(text)
        )
    };
    let (scheme, place) = text.split_once("://").with_context(wrong)?;
    if !SCHEMES.contains(&scheme) || place.is_empty() || place.contains(['/', '?', '#', ' ']) {
        bail!(wrong());
    }
    // Who logs in stands before it.
    let place = place.rsplit_once('@').map_or(place, |(_, place)| place);
    let has_port = place
        .rsplit_once(':')
        .filter(|(host, _)| !host.contains(':') || host.ends_with(']'));
    match has_port {
        Some((host, port)) if host.is_empty() || port.parse::<u16>().is_err() => bail!(wrong()),
        Some(_) => Ok(text.to_owned()),
        None => Ok(format!("{text}:{PORT}")),
    }
}

/// An address as it may be shown.
pub(crate) fn without_login(address: &str) -> String {
    match (address.split_once("://"), address.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, place))) => format!("{scheme}://{place}"),
        (None, Some((_, place))) => place.to_owned(),
        _ => address.to_owned(),
    }
}

fn checked(entry: &TlsEntry, folder: &Path) -> Result<Tls> {
    let mut tls = Tls::default().required(true);
    if let Some(file) = &entry.authorities {
        tls = tls.authority(folder.join(file));
    }
    match (&entry.certificate, &entry.key) {
        (Some(certificate), Some(key)) => {
            Ok(tls.certificate(folder.join(certificate), folder.join(key)))
        }
        (None, None) => Ok(tls),
        _ => bail!("certificate and key go together"),
    }
}
