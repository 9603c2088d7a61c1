//! [`Error`]: any error, with what was being done when it came up.
//!
//! It is no `std::error::Error` itself, so that `?` turns every one of them into it.

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ReadError;

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
    fn a_message_is_an_error() {
        assert_eq!(format!("{:#}", Error::msg("no such line")), "no such line");
    }
}
