//! What can go wrong, typed; and [`Error`], which holds any of it, in `any`.
//!
//! [`CallError`], [`ReadError`] and [`WriteError`] are the contract's errors,
//! one to one, with texts for people. An error of a call never ends the guest.

mod any;

pub use any::{Context, Error, Result};

use crate::bindings::weft::fabric::{channel as raw, types};

/// Why a call was refused.
///
/// ```no_run
/// # fn f() -> weft_guest::Result {
/// use weft_guest::{CallError, Channel};
/// match Channel::bounded(1024) {
///     Err(CallError::PermissionDenied(name)) => println!("needs {name}"),
///     channel => drop(channel?),
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// This process lacks the capability with this name. If `(handle)` follows the name, the handle does not
    /// give this access, such as a narrowed one.
    #[error("permission denied: this process lacks the capability `{0}`")]
    PermissionDenied(String),
    /// Nothing is known under this name.
    #[error("not found: {0}")]
    NotFound(String),
    /// An argument is wrong: which, what was wanted, what was given.
    #[error("invalid argument: {0}")]
    InvalidArgument(String),
    /// A bound was reached: which, and how high it is.
    #[error("exhausted: {0}")]
    Exhausted(String),
    /// The name is taken.
    #[error("already exists: {0}")]
    AlreadyExists(String),
    /// The channel has ended.
    #[error("the channel has ended")]
    Closed,
    /// This host cannot do it.
    #[error("not supported by this host: {0}")]
    Unsupported(String),
    /// It was tried and failed.
    #[error("{0}")]
    Failed(String),
    /// The object behind the handle, such as a channel of another host, cannot be reached now. Nothing was
    /// done.
    #[error("unavailable: {0}")]
    Unavailable(String),
}

impl From<types::Error> for CallError {
    fn from(error: types::Error) -> Self {
        match error {
            types::Error::PermissionDenied(text) => CallError::PermissionDenied(text),
            types::Error::NotFound(text) => CallError::NotFound(text),
            types::Error::InvalidArgument(text) => CallError::InvalidArgument(text),
            types::Error::Exhausted(text) => CallError::Exhausted(text),
            types::Error::AlreadyExists(text) => CallError::AlreadyExists(text),
            types::Error::Closed => CallError::Closed,
            types::Error::Unsupported(text) => CallError::Unsupported(text),
            types::Error::Failed(text) => CallError::Failed(text),
            types::Error::Unavailable(text) => CallError::Unavailable(text),
        }
    }
}

/// Why a read returned no frame.
///
/// ```no_run
/// # async fn f(mut input: weft_guest::Reader) -> weft_guest::Result {
/// use weft_guest::ReadError;
/// match input.read().await {
///     Err(ReadError::Lagged(lost)) => println!("missed {lost} frames, and goes on"),
///     frame => println!("{:?}", frame?),
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// A weak reader was overtaken and lost this many frames. Reported once; the next read goes on with the
    /// oldest frame the channel retains.
    #[error("overtaken: {0} frames were lost")]
    Lagged(u64),
    /// The channel was terminated.
    #[error("the channel was terminated")]
    Terminated,
    /// Nothing to read yet. Only from calls that do not wait, or wait for a limited time.
    #[error("nothing to read yet")]
    WouldBlock,
    /// This process lacks the capability with this name.
    #[error("permission denied: this process lacks the capability `{0}`")]
    PermissionDenied(String),
    /// The channel cannot be reached now. The reader keeps its place, so the read may be made again.
    #[error("unavailable: {0}")]
    Unavailable(String),
}

impl From<raw::ReadError> for ReadError {
    fn from(error: raw::ReadError) -> Self {
        match error {
            raw::ReadError::Lagged(frames) => ReadError::Lagged(frames),
            raw::ReadError::Terminated => ReadError::Terminated,
            raw::ReadError::WouldBlock => ReadError::WouldBlock,
            raw::ReadError::PermissionDenied(text) => ReadError::PermissionDenied(text),
            raw::ReadError::Unavailable(text) => ReadError::Unavailable(text),
        }
    }
}

/// Why a write sent nothing.
///
/// ```no_run
/// # async fn f(output: weft_guest::Writer) -> weft_guest::Result {
/// use weft_guest::WriteError;
/// match output.write("a frame").await {
///     Err(WriteError::Drained | WriteError::Terminated) => println!("nobody wants it any more"),
///     sent => println!("{:?}", sent?),
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The channel takes no more frames: it was drained, or its last strong
    /// writer is gone.
    #[error("the channel takes no more frames")]
    Drained,
    /// The channel was terminated.
    #[error("the channel was terminated")]
    Terminated,
    /// The frame, or the batch, is larger than what is possible.
    #[error("larger than the {most} bytes that {}", possible(channel.as_deref()))]
    TooLarge {
        /// The most bytes that are possible: the channel's capacity, or for one frame this process's limit `frame-bytes`.
        most: u64,
        /// What people call the channel, as in a manifest, if the host knows.
        channel: Option<String>,
    },
    /// The frame has more handles than this, this process's limit
    /// `handles-per-frame`.
    #[error("more than {0} handles in one frame")]
    TooManyHandles(u32),
    /// A bound was reached: which, and how high it is.
    #[error("exhausted: {0}")]
    Exhausted(String),
    /// No room yet. Only from calls that do not wait.
    #[error("no room in the channel yet")]
    WouldBlock,
    /// The ends of a packed batch do not fit its payload. [`crate::Batch`]
    /// makes no such batch below 4 GiB.
    #[error("the ends of the batch do not fit its payload")]
    MalformedBatch,
    /// This process lacks the capability with this name.
    #[error("permission denied: this process lacks the capability `{0}`")]
    PermissionDenied(String),
    /// The channel cannot be reached now. Nothing was sent, so the write may be made again.
    #[error("unavailable: {0}")]
    Unavailable(String),
}

/// Where the bytes are possible.
fn possible(channel: Option<&str>) -> String {
    match channel {
        Some(name) => format!("can be written to the channel `{name}`"),
        None => "are possible here".to_owned(),
    }
}

impl WriteError {
    /// Why a write with this writer has failed.
    pub(crate) fn of(error: raw::WriteError, writer: &raw::Writer) -> Self {
        match error {
            raw::WriteError::TooLarge(most) => WriteError::TooLarge {
                most,
                channel: writer.channel_name(),
            },
            error => error.into(),
        }
    }
}

impl From<raw::WriteError> for WriteError {
    fn from(error: raw::WriteError) -> Self {
        match error {
            raw::WriteError::Drained => WriteError::Drained,
            raw::WriteError::Terminated => WriteError::Terminated,
            raw::WriteError::TooLarge(most) => WriteError::TooLarge {
                most,
                channel: None,
            },
            raw::WriteError::TooManyHandles(limit) => WriteError::TooManyHandles(limit),
            raw::WriteError::Exhausted(text) => WriteError::Exhausted(text),
            raw::WriteError::WouldBlock => WriteError::WouldBlock,
            raw::WriteError::MalformedBatch => WriteError::MalformedBatch,
            raw::WriteError::PermissionDenied(text) => WriteError::PermissionDenied(text),
            raw::WriteError::Unavailable(text) => WriteError::Unavailable(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_that_is_too_large_names_its_channel_if_it_has_a_name() {
        let error = |channel: Option<&str>| WriteError::TooLarge {
            most: 16,
            channel: channel.map(str::to_owned),
        };
        assert_eq!(
            error(Some("lines")).to_string(),
            "larger than the 16 bytes that can be written to the channel `lines`"
        );
        assert_eq!(
            error(None).to_string(),
            "larger than the 16 bytes that are possible here"
        );
    }
}
