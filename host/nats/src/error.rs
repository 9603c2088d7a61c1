//! Why a server or a channel on it is not to be had. What fails later is the contract's: `weft_channel::Unavailable` and its like.
//!
//! Invariant: no message holds a secret.

use std::{error::Error, fmt, path::PathBuf};

use async_nats::{ConnectErrorKind, rustls};

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// No address was given.
    #[error("no address of a NATS server is given")]
    NoAddress,
    /// The file of credentials cannot be read.
    #[error("cannot read the credentials {path}", path = path.display())]
    Credentials {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The server does not let us in.
    #[error(
        "the NATS server refuses the login; it has to know the name and password, the token, the seed or the file of credentials that is configured"
    )]
    Refused(#[source] async_nats::ConnectError),
    /// No encrypted connection can be agreed on.
    #[error("no encrypted connection to the NATS server: {what}")]
    Tls {
        /// What is wrong, and what to do.
        what: &'static str,
        /// Why.
        source: async_nats::ConnectError,
    },
    /// A file of certificates, or of a key, cannot be read.
    #[error("cannot read the certificates {path}", path = path.display())]
    Certificate {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The server cannot be reached.
    #[error("cannot connect to the NATS server")]
    Connect(#[source] async_nats::ConnectError),
    /// The server is older than what channels need.
    #[error("the NATS server is {found}; channels need 2.12 or newer")]
    TooOld {
        /// Its version.
        found: String,
    },
}

impl ConnectError {
    /// What a failure to connect means, and what to do about it.
    pub(crate) fn explain(error: async_nats::ConnectError) -> Self {
        match error.kind() {
            ConnectErrorKind::AuthorizationViolation | ConnectErrorKind::Authentication => {
                Self::Refused(error)
            }
            kind => match tls(&error) {
                Some(what) => Self::Tls {
                    what,
                    source: error,
                },
                None if kind == ConnectErrorKind::Tls => Self::Tls {
                    what: "a file of certificates cannot be used",
                    source: error,
                },
                None => Self::Connect(error),
            },
        }
    }
}

/// What the library of TLS has against a connection.
fn tls(error: &(dyn Error + 'static)) -> Option<&'static str> {
    let mut at = Some(error);
    while let Some(error) = at {
        if let Some(io) = error.downcast_ref::<std::io::Error>()
            && let Some(inner) = io.get_ref()
            && let Some(said) = inner.downcast_ref()
        {
            return Some(meaning(said));
        }
        if let Some(said) = error.downcast_ref() {
            return Some(meaning(said));
        }
        at = error.source();
    }
    None
}

fn meaning(said: &rustls::Error) -> &'static str {
    use rustls::{AlertDescription, CertificateError, Error};
    match said {
        // The latter where another authority has the same name.
        Error::InvalidCertificate(
            CertificateError::UnknownIssuer | CertificateError::BadSignature,
        ) => {
            "its certificate is by an authority that is not believed; name the authority's file if it should be"
        }
        Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => {
            "its certificate is for another name; use a name in the address that the certificate has"
        }
        Error::InvalidCertificate(
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. },
        ) => "its certificate is not valid at this time; look at it and at the clock",
        Error::InvalidCertificate(_) => "its certificate is not right",
        Error::AlertReceived(
            AlertDescription::CertificateRequired
            | AlertDescription::BadCertificate
            | AlertDescription::UnknownCA
            | AlertDescription::CertificateUnknown,
        ) => {
            "the server wants a certificate of an authority that it believes; configure one with its key"
        }
        Error::InvalidMessage(_) => "the server offers none",
        _ => "the two cannot agree",
    }
}

/// Why there is no channel.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChannelError {
    /// The name cannot be one of a stream.
    #[error("`{0}` cannot be the name of a stream: letters, digits, `-` and `_` can be in it")]
    Name(String),
    /// The subject cannot be one of frames.
    #[error(
        "`{0}` cannot be the subject of frames: one is words with dots between, without `*` and `>`, such as orders.new"
    )]
    Subject(String),
    /// A value of the configuration that no channel can have.
    #[error("{0}")]
    Config(String),
    /// There is a stream of this name, with other settings.
    #[error("the stream `{stream}` has other settings: {}", list(differences))]
    Differs {
        /// Its name.
        stream: String,
        /// What differs.
        differences: Vec<Difference>,
    },
    /// The server would not do what was asked, or cannot be reached.
    #[error("cannot {doing} on the NATS server")]
    Server {
        /// What was tried.
        doing: &'static str,
        /// What it said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl ChannelError {
    pub(crate) fn server(
        doing: &'static str,
    ) -> impl FnOnce(Box<dyn std::error::Error + Send + Sync>) -> Self {
        move |source| Self::Server { doing, source }
    }
}

/// A setting of a stream that is not as configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Which.
    pub setting: &'static str,
    /// What the configuration says.
    pub wanted: String,
    /// What the stream has.
    pub found: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            setting,
            wanted,
            found,
        } = self;
        write!(f, "{setting} is {found}, not {wanted}")
    }
}

fn list(differences: &[Difference]) -> String {
    let texts: Vec<_> = differences.iter().map(ToString::to_string).collect();
    texts.join("; ")
}
