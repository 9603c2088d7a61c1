//! A position in a trace, and its text: a W3C `traceparent`.
//!
//! Guests of the SDK have the same text in `guest-sdk/src/trace/context.rs`.

use super::entry::LogEntry;
use std::fmt;
use std::str::FromStr;

/// A position in a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TraceContext {
    pub(crate) trace_id: u128,
    pub(crate) span_id: u64,
    pub(crate) sampled: bool,
}

impl TraceContext {
    /// Adds it to an entry. An id of zero means no context.
    pub(super) fn stamp(self, entry: &mut LogEntry) {
        if self.trace_id != 0 && self.span_id != 0 {
            entry.trace_id = Some(format!("{:032x}", self.trace_id));
            entry.span_id = Some(format!("{:016x}", self.span_id));
            entry.trace_flags = Some(self.sampled.into());
        }
    }
}

impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (trace, span, flags) = (self.trace_id, self.span_id, u8::from(self.sampled));
        write!(f, "00-{trace:032x}-{span:016x}-{flags:02x}")
    }
}

/// A text that is no `traceparent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoTraceParent;

impl FromStr for TraceContext {
    type Err = NoTraceParent;

    fn from_str(text: &str) -> Result<Self, NoTraceParent> {
        let mut parts = text.split('-');
        let mut part = |digits: usize| {
            let part = parts.next().filter(|part| part.len() == digits);
            // `from_str_radix` takes a sign.
            let part = part.filter(|part| part.bytes().all(|digit| digit.is_ascii_hexdigit()));
            let number = part.and_then(|part| u128::from_str_radix(part, 16).ok());
            number.ok_or(NoTraceParent)
        };
        let (version, trace_id, span_id, flags) = (part(2)?, part(32)?, part(16)?, part(2)?);
        let span_id = u64::try_from(span_id).map_err(|_| NoTraceParent)?;
        // A later version may have more parts; this one has not.
        let has_more = version == 0 && parts.next().is_some();
        match version == 0xff || has_more || trace_id == 0 || span_id == 0 {
            true => Err(NoTraceParent),
            false => Ok(Self {
                trace_id,
                span_id,
                sampled: flags & 1 == 1,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const TEXT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn a_position_has_the_text_that_it_was_read_from() {
        let context: TraceContext = TEXT.parse().unwrap();
        assert_eq!(context.span_id, 0xb7ad_6b71_6920_3331);
        assert!(context.sampled);
        assert_eq!(context.to_string(), TEXT);
        let later: TraceContext = TEXT.replacen("00", "01", 1).parse().unwrap();
        assert_eq!(later, context);
        let later = format!("{}-more", TEXT.replacen("00", "01", 1));
        assert_eq!(later.parse(), Ok(context));
    }

    #[test]
    fn what_is_no_position_is_refused() {
        for text in [
            "",
            "00",
            &TEXT.replacen("00", "ff", 1),
            &TEXT.replace("0af7651916cd43dd8448eb211c80319c", &"0".repeat(32)),
            &TEXT.replace("b7ad6b7169203331", &"0".repeat(16)),
            &TEXT.replace("b7ad6b7169203331", "+7ad6b7169203331"),
            &TEXT.replace("-01", ""),
            &format!("{TEXT}-more"),
            &format!(" {TEXT}"),
        ] {
            assert_eq!(text.parse::<TraceContext>(), Err(NoTraceParent), "{text}");
        }
    }
}
