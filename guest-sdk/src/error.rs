//! What can go wrong, typed; and [`Error`], which holds any of it.
//!
//! [`CallError`], [`ReadError`] and [`WriteError`] are the contract's errors,
//! one to one, with texts for people. An error of a call never ends the guest.

use crate::bindings::weft::fabric::{channel as raw, types};
use std::fmt;

/// A result whose error is [`Error`] unless told otherwise.
///
/// ```
/// fn parse(text: &str) -> weft_guest::Result<u32> {
///     Ok(text.parse()?)
/// }
/// assert!(parse("x").is_err());
/// ```
pub type Result<T = (), E = Error> = std::result::Result<T, E>;

/// Any error, so that `?` works on all of them in one function.
///
/// `{}` is the error's own message; `{:#}` adds its causes, separated by `: `.
///
/// ```
/// fn number(text: &str) -> weft_guest::Result<u32> {
///     Ok(text.parse()?)
/// }
/// assert!(number("x").is_err());
/// ```
pub struct Error(Box<dyn std::error::Error + 'static>);

impl Error {
    /// An error that is only a message.
    ///
    /// ```
    /// let error = weft_guest::Error::msg("no such airport");
    /// assert_eq!(error.to_string(), "no such airport");
    /// ```
    pub fn msg(message: impl fmt::Display) -> Self {
        Error(Box::new(Message(message.to_string())))
    }

    /// The error inside, if it is an `E`.
    ///
    /// ```
    /// use weft_guest::{CallError, Error};
    /// let error = Error::from(CallError::Closed);
    /// assert_eq!(error.downcast_ref(), Some(&CallError::Closed));
    /// ```
    pub fn downcast_ref<E: std::error::Error + 'static>(&self) -> Option<&E> {
        self.0.downcast_ref()
    }
}

impl Error {
    /// The same error, with what was being done. `{}` gives this text, `{:#}` the causes after it.
    ///
    /// ```
    /// use weft_guest::Error;
    /// let error = Error::msg("no such line").context("reading the table");
    /// assert_eq!(format!("{error:#}"), "reading the table: no such line");
    /// ```
    #[must_use]
    pub fn context(self, doing: impl fmt::Display) -> Self {
        Error(Box::new(Doing {
            text: doing.to_string(),
            cause: self.0,
        }))
    }

    /// The first error of this type among this one and its causes.
    ///
    /// ```
    /// use weft_guest::{Error, ReadError};
    /// let error = Error::from(ReadError::Terminated).context("reading the table");
    /// assert_eq!(error.find::<ReadError>(), Some(&ReadError::Terminated));
    /// ```
    pub fn find<E: std::error::Error + 'static>(&self) -> Option<&E> {
        let mut next = Some(&*self.0);
        while let Some(error) = next {
            if let Some(found) = error.downcast_ref() {
                return Some(found);
            }
            next = error.source();
        }
        None
    }
}

/// Says what was being done when something failed.
///
/// ```
/// use weft_guest::{Context as _, Result};
///
/// fn port(text: &str) -> Result<u16> {
///     text.parse().context("reading the port")
/// }
///
/// fn first(words: &[&str]) -> Result<String> {
///     Ok((*words.first().context("there are no words")?).to_owned())
/// }
///
/// let error = port("x").unwrap_err();
/// assert_eq!(format!("{error:#}"), "reading the port: invalid digit found in string");
/// assert_eq!(first(&[]).unwrap_err().to_string(), "there are no words");
/// ```
pub trait Context<T> {
    /// The value, or an error with this text.
    ///
    /// # Errors
    /// What was wrong, as its cause.
    fn context(self, doing: impl fmt::Display) -> Result<T>;

    /// The same; the text is made only when something has failed.
    ///
    /// # Errors
    /// What was wrong, as its cause.
    fn with_context<D: fmt::Display>(self, doing: impl FnOnce() -> D) -> Result<T>;
}

impl<T, E: Into<Error>> Context<T> for std::result::Result<T, E> {
    fn context(self, doing: impl fmt::Display) -> Result<T> {
        self.map_err(|error| error.into().context(doing))
    }

    fn with_context<D: fmt::Display>(self, doing: impl FnOnce() -> D) -> Result<T> {
        self.map_err(|error| error.into().context(doing()))
    }
}

impl<T> Context<T> for Option<T> {
    fn context(self, doing: impl fmt::Display) -> Result<T> {
        self.ok_or_else(|| Error::msg(doing))
    }

    fn with_context<D: fmt::Display>(self, doing: impl FnOnce() -> D) -> Result<T> {
        self.ok_or_else(|| Error::msg(doing()))
    }
}

/// An error with what was being done.
#[derive(Debug)]
struct Doing {
    text: String,
    cause: Box<dyn std::error::Error + 'static>,
}

impl fmt::Display for Doing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Doing {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.cause)
    }
}

// `Error` itself is no `std::error::Error`: it would convert into itself twice.
impl<E: std::error::Error + 'static> From<E> for Error {
    fn from(error: E) -> Self {
        Error(Box::new(error))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        if f.alternate() {
            let mut cause = self.0.source();
            while let Some(error) = cause {
                write!(f, ": {error}")?;
                cause = error.source();
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:#}")
    }
}

/// The error behind [`Error::msg`].
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Message(String);

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

    #[derive(Debug, thiserror::Error)]
    #[error("outer")]
    struct Outer(#[source] ReadError);

    #[test]
    fn causes_show_in_the_alternate_form() {
        let error = Error::from(Outer(ReadError::Lagged(3)));
        assert_eq!(error.to_string(), "outer");
        assert_eq!(format!("{error:#}"), "outer: overtaken: 3 frames were lost");
        assert!(error.downcast_ref::<Outer>().is_some());
    }

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

    #[test]
    fn a_message_is_an_error() {
        assert_eq!(format!("{:#}", Error::msg("no such line")), "no such line");
    }
}
