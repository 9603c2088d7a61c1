//! Channels under names, for processes that have no common parent to wire them.
//!
//! Names are granted, not guessed: publishing and looking up each need a
//! capability whose prefix the name starts with.
//!
//! ```no_run
//! # async fn f() -> weft_guest::Result {
//! use weft_guest::{Channel, channel::Access, registry};
//!
//! let inbox = Channel::bounded(64 * 1024)?;
//! // Others may write into it and nothing else; the name is ours until this drops.
//! let name = registry::publish("stats/inbox", &inbox.narrow(Access::WRITERS)?)?;
//!
//! // In another process, started before or after.
//! let writer = registry::await_name("stats/inbox").await?.strong_writer()?;
//! # Ok(()) }
//! ```

use crate::bindings::weft::fabric::{registry as raw, registry_async};
use crate::channel::Channel;
use crate::error::CallError;

/// Holds a name. Dropping it frees the name; a process that has looked the channel up keeps the channel.
///
/// ```no_run
/// # fn f(channel: weft_guest::Channel) -> weft_guest::Result {
/// let name = weft_guest::registry::publish("jobs/eu", &channel)?;
/// drop(name); // free again
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Registration {
    raw: raw::Registration,
}

impl Registration {
    /// The name.
    ///
    /// ```no_run
    /// # fn f(name: weft_guest::registry::Registration) -> weft_guest::Result {
    /// println!("published as {}", name.name());
    /// # Ok(()) }
    /// ```
    pub fn name(&self) -> String {
        self.raw.name()
    }
}

/// Publishes a channel under a name: 1 to 255 bytes of visible ASCII. Whoever looks it up gets a handle with
/// the access of this one; see [`Channel::narrow`].
///
/// ```no_run
/// # fn f(channel: weft_guest::Channel) -> weft_guest::Result {
/// use weft_guest::{channel::Access, registry};
/// // Others may write into it, and nothing else.
/// let name = registry::publish("jobs/eu", &channel.narrow(Access::WRITERS)?)?;
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// [`CallError::AlreadyExists`] when the name is taken; for an invalid name; without the capability
/// `registry-publish` for a prefix of it.
pub fn publish(name: &str, channel: &Channel) -> Result<Registration, CallError> {
    let raw = raw::publish(name, channel.raw())?;
    Ok(Registration { raw })
}

/// Takes the channel under a name.
///
/// ```no_run
/// # async fn f() -> weft_guest::Result {
/// let jobs = weft_guest::registry::lookup("jobs/eu")?;
/// jobs.strong_writer()?.write("a job").await?.or_dropped();
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// [`CallError::NotFound`] when there is none now; without the capability
/// `registry-lookup` for a prefix of the name.
pub fn lookup(name: &str) -> Result<Channel, CallError> {
    Ok(Channel::from_raw(raw::lookup(name)?))
}

/// Takes the channel under a name, waiting until somebody publishes it. Only for
/// `async fn main`.
///
/// ```no_run
/// # async fn f() -> weft_guest::Result {
/// let jobs = weft_guest::registry::await_name("jobs/eu").await?;
/// jobs.strong_writer()?.write("a job").await?.or_dropped();
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// As [`lookup`], but for `NotFound`.
pub async fn await_name(name: &str) -> Result<Channel, CallError> {
    match lookup(name) {
        Err(CallError::NotFound(_)) => {
            let raw = registry_async::await_name(name.to_owned()).await?;
            Ok(Channel::from_raw(raw))
        }
        found => found,
    }
}
