//! Why a server or a channel on it is not to be had. What fails later is the contract's: `weft_channel::Unavailable` and its like.
//!
//! Invariant: no message holds a secret; addresses are shown as the user wrote them.

use std::{fmt, path::PathBuf};

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
    /// The server cannot be reached, or refuses us.
    #[error("cannot connect to the NATS server")]
    Connect(#[from] async_nats::ConnectError),
    /// The server is older than what channels need.
    #[error("the NATS server is {found}; channels need 2.12 or newer")]
    TooOld {
        /// Its version.
        found: String,
    },
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
