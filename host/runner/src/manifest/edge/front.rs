//! Who a listener is, and whose pages may use it: how it is written, and its check.
//!
//! Not the certificates themselves: they are read with the components, before anything starts.

use super::Checking;
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::path::PathBuf;
use weft_net::http::{Origins, Tls};
use weft_net::tls::{Identity, Roots};

/// The word for everybody.
const ALL: &str = "*";

/// The files of TLS, relative to the manifest.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct TlsEntry {
    /// The chain, the listener's own certificate first.
    certificate: PathBuf,
    /// The key of that certificate.
    key: PathBuf,
    /// The authorities of which each client must show a certificate.
    #[serde(default)]
    clients: Option<PathBuf>,
}

/// Whose pages may use a listener.
#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "a list of origins, or \"*\" for all")]
pub(super) enum OriginsEntry {
    All(String),
    These(Vec<String>),
}

/// What is in front of a listener, checked.
#[derive(Clone, Debug, Default)]
pub(crate) struct Front {
    pub(super) tls: Option<TlsFiles>,
    pub(crate) origins: Origins,
}

/// The files of TLS.
#[derive(Clone, Debug)]
pub(crate) struct TlsFiles {
    certificate: PathBuf,
    key: PathBuf,
    clients: Option<PathBuf>,
}

impl OriginsEntry {
    pub(super) fn check(&self) -> Result<Origins> {
        let these = match self {
            Self::All(text) if text == ALL => return Ok(Origins::all()),
            Self::All(text) => bail!(
                "write a list, such as [\"https://app.example\"], or \"*\" for all; not {text:?}"
            ),
            Self::These(these) if these.iter().any(|text| text == ALL) => {
                bail!("\"*\" is for all, and stands alone: origins = \"*\"")
            }
            Self::These(these) => these,
        };
        Ok(Origins::these(these.iter().map(String::as_str))?)
    }
}

impl Checking<'_> {
    pub(super) fn tls(&self, entry: &TlsEntry) -> Result<TlsFiles> {
        let clients = entry.clients.as_deref();
        let clients = clients.map(|file| self.path(file).context("clients"));
        Ok(TlsFiles {
            certificate: self.path(&entry.certificate).context("certificate")?,
            key: self.path(&entry.key).context("key")?,
            clients: clients.transpose()?,
        })
    }
}

impl Front {
    /// Reads the files of TLS, if there is any.
    pub(crate) fn tls(&self) -> Result<Option<Tls>> {
        let Some(files) = &self.tls else {
            return Ok(None);
        };
        let identity = Identity::read(&files.certificate, &files.key).context("tls")?;
        let clients = files.clients.as_deref().map(Roots::read);
        let clients = clients.transpose().context("tls: clients")?;
        let tls = Tls::new(&identity, clients.as_ref()).context("tls")?;
        Ok(Some(tls))
    }
}
