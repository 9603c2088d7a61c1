//! Why there is no connection or no listener.

use crate::bindings::networks::weft::fabric::net as raw;

/// Why there is no connection or no listener.
///
/// ```no_run
/// # async fn f() -> weft_guest::Result {
/// use weft_guest::net::{Connection, NetError};
/// match Connection::connect("tcp://db.example:5432").await {
///     Err(NetError::PermissionDenied(right)) => println!("grant me {right}"),
///     Err(NetError::Refused(_) | NetError::Timeout) => println!("it is not there"),
///     connected => drop(connected?),
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NetError {
    /// This process lacks this right, as in `connect(tcp://db.example:5432)`.
    #[error("permission denied: this process lacks the right `{0}`")]
    PermissionDenied(String),
    /// The address is none: what to write.
    #[error("invalid address: {0}")]
    InvalidAddress(String),
    /// An option is wrong: which, what was wanted, what was given.
    #[error("invalid argument: {0}")]
    InvalidArgument(String),
    /// The name has no address, or nobody answered for it.
    #[error("name not found: {0}")]
    NameNotFound(String),
    /// Nobody listens there, or the other side does not want to.
    #[error("refused: {0}")]
    Refused(String),
    /// It did not come about in time.
    #[error("it did not come about in time")]
    Timeout,
    /// Another one listens there.
    #[error("the address is in use: {0}")]
    AddressInUse(String),
    /// A bound was reached: which, and how high it is.
    #[error("exhausted: {0}")]
    Exhausted(String),
    /// There is no TLS with the other side: its certificate, or what it sent.
    #[error("TLS: {0}")]
    Tls(String),
    /// The listener or the connection has ended.
    #[error("it has ended")]
    Closed,
    /// Nobody is there yet. Only from calls that do not wait.
    #[error("nobody is there yet")]
    WouldBlock,
    /// It was tried and failed.
    #[error("{0}")]
    Failed(String),
}

impl From<raw::Error> for NetError {
    fn from(error: raw::Error) -> Self {
        match error {
            raw::Error::PermissionDenied(text) => NetError::PermissionDenied(text),
            raw::Error::InvalidAddress(text) => NetError::InvalidAddress(text),
            raw::Error::InvalidArgument(text) => NetError::InvalidArgument(text),
            raw::Error::NameNotFound(text) => NetError::NameNotFound(text),
            raw::Error::Refused(text) => NetError::Refused(text),
            raw::Error::Timeout => NetError::Timeout,
            raw::Error::AddressInUse(text) => NetError::AddressInUse(text),
            raw::Error::Exhausted(text) => NetError::Exhausted(text),
            raw::Error::Tls(text) => NetError::Tls(text),
            raw::Error::Closed => NetError::Closed,
            raw::Error::WouldBlock => NetError::WouldBlock,
            raw::Error::Failed(text) => NetError::Failed(text),
        }
    }
}
