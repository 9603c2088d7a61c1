//! A place in a trace, and its text.

use crate::bindings::weft::fabric::log as raw;
use std::fmt;
use std::str::FromStr;

/// A span as the parent of others, in this process or another. Its text is a W3C
/// `traceparent`.
///
/// ```
/// use weft_guest::trace::TraceContext;
/// let text = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
/// let context: TraceContext = text.parse()?;
/// assert_eq!(context.span_id, 0xb7ad6b7169203331);
/// assert_eq!(context.to_string(), text);
/// # Ok::<(), weft_guest::trace::ParseError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TraceContext {
    /// The trace.
    pub trace_id: u128,
    /// The span.
    pub span_id: u64,
    /// Whether the origin of the trace records it.
    pub sampled: bool,
}

/// Why a text is no [`TraceContext`].
///
/// ```
/// use weft_guest::trace::{ParseError, TraceContext};
/// assert_eq!("00-1-2-3".parse::<TraceContext>(), Err(ParseError));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "no traceparent: wanted is 00-<32 hex digits>-<16 hex digits>-<2 hex digits>, with ids that are not zero"
)]
pub struct ParseError;

impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            trace_id,
            span_id,
            sampled,
        } = self;
        write!(
            f,
            "00-{trace_id:032x}-{span_id:016x}-{:02x}",
            u8::from(*sampled)
        )
    }
}

impl FromStr for TraceContext {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let mut parts = text.split('-');
        let mut part = |digits: usize| {
            let part = parts.next().filter(|part| part.len() == digits)?;
            // `from_str_radix` takes a sign.
            let hex = part.bytes().all(|digit| digit.is_ascii_hexdigit());
            hex.then(|| u128::from_str_radix(part, 16).ok()).flatten()
        };
        let version = part(2).ok_or(ParseError)?;
        let trace_id = part(32).filter(|id| *id != 0).ok_or(ParseError)?;
        let span_id = part(16).and_then(|id| u64::try_from(id).ok());
        let span_id = span_id.filter(|id| *id != 0).ok_or(ParseError)?;
        let flags = part(2).ok_or(ParseError)?;
        // A later version may have more parts; this one has not.
        if version == 0xff || (version == 0 && parts.next().is_some()) {
            return Err(ParseError);
        }
        Ok(Self {
            trace_id,
            span_id,
            sampled: flags & 1 == 1,
        })
    }
}

impl From<raw::TraceContext> for TraceContext {
    fn from(raw: raw::TraceContext) -> Self {
        let (upper, lower) = raw.trace_id;
        Self {
            trace_id: u128::from(upper) << 64 | u128::from(lower),
            span_id: raw.span_id,
            sampled: raw.sampled,
        }
    }
}

impl From<TraceContext> for raw::TraceContext {
    fn from(context: TraceContext) -> Self {
        let half = |id: u128| id as u64;
        Self {
            trace_id: (half(context.trace_id >> 64), half(context.trace_id)),
            span_id: context.span_id,
            sampled: context.sampled,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_traceparent_is_refused() {
        for text in [
            "",
            "00",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-+af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        ] {
            assert_eq!(text.parse::<TraceContext>(), Err(ParseError), "{text}");
        }
    }
}
