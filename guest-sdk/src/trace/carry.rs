//! Trace contexts in frames: behind bytes, or beside a value.
//!
//! Behind bytes, so that they need not be moved, stand the span's 25 bytes: 16 and 8 for the ids, the highest first, and one for the
//! flags. The last byte is 1. Where there is no span the last byte is 0, and nothing else is added.

use super::{TraceContext, current, sync_scope};
use serde::{Deserialize, Serialize};

/// Bytes of a context.
const CONTEXT: usize = 25;

/// Puts the current span behind a payload, for a reader that uses [`open`].
///
/// ```no_run
/// # async fn f(output: weft_guest::Writer) -> weft_guest::Result {
/// output.write(weft_guest::trace::seal("an order")).await?.or_dropped();
/// # Ok(()) }
/// ```
pub fn seal(payload: impl Into<Vec<u8>>) -> Vec<u8> {
    seal_with(payload.into(), current())
}

fn seal_with(mut payload: Vec<u8>, context: Option<TraceContext>) -> Vec<u8> {
    if let Some(context) = context {
        payload.reserve_exact(CONTEXT + 1);
        payload.extend_from_slice(&context.trace_id.to_be_bytes());
        payload.extend_from_slice(&context.span_id.to_be_bytes());
        payload.push(context.sampled.into());
        payload.push(1);
    } else {
        payload.push(0);
    }
    payload
}

/// Takes a frame of [`seal`] apart: its payload, and the span it was sent in. None for what
/// is no such frame.
///
/// ```no_run
/// # async fn f(mut input: weft_guest::Reader) -> weft_guest::Result {
/// use weft_guest::trace;
/// while let Some(frame) = input.read().await? {
///     let (order, context) = trace::open(&frame.payload).ok_or_else(|| weft_guest::Error::msg("not sealed"))?;
///     trace::sync_scope(context, || {
///         let _span = weft_guest::tracing::info_span!("take").entered();
///         println!("{} bytes", order.len());
///     });
/// }
/// # Ok(()) }
/// ```
pub fn open(frame: &[u8]) -> Option<(&[u8], Option<TraceContext>)> {
    let (last, rest) = frame.split_last()?;
    match last {
        0 => Some((rest, None)),
        1 => {
            let (payload, context) = rest.split_at_checked(rest.len().checked_sub(CONTEXT)?)?;
            let (trace_id, context) = context.split_first_chunk()?;
            let (span_id, flags) = context.split_first_chunk()?;
            let context = TraceContext {
                trace_id: u128::from_be_bytes(*trace_id),
                span_id: u64::from_be_bytes(*span_id),
                sampled: flags.first().is_some_and(|flags| flags & 1 == 1),
            };
            let valid = context.trace_id != 0 && context.span_id != 0;
            Some((payload, valid.then_some(context)))
        }
        _ => None,
    }
}

/// A value and the span it was sent in, for typed ends.
///
/// ```no_run
/// # async fn f(output: weft_guest::TypedWriter<weft_guest::trace::Traced<u32>>) -> weft_guest::Result {
/// use weft_guest::trace::Traced;
/// output.write(&Traced::new(7)).await?.or_dropped();
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub struct Traced<T> {
    /// The value.
    pub value: T,
    /// The span it was sent in, as a `traceparent`. A text that is no `traceparent` counts as no span.
    pub traceparent: Option<String>,
}

impl<T> Traced<T> {
    /// The value, sent in the current span.
    ///
    /// ```no_run
    /// let traced = weft_guest::trace::Traced::new("an order");
    /// ```
    pub fn new(value: T) -> Self {
        Self {
            value,
            traceparent: current().map(|context| context.to_string()),
        }
    }

    /// The span it was sent in.
    ///
    /// ```no_run
    /// # fn f(traced: weft_guest::trace::Traced<u32>) {
    /// if let Some(context) = traced.context() {
    ///     println!("of trace {:x}", context.trace_id);
    /// }
    /// # }
    /// ```
    pub fn context(&self) -> Option<TraceContext> {
        self.traceparent.as_deref()?.parse().ok()
    }

    /// Works on the value, in the trace it was sent in.
    ///
    /// ```no_run
    /// # fn f(traced: weft_guest::trace::Traced<u32>) {
    /// let next = traced.sync_scope(|value| {
    ///     let _span = weft_guest::tracing::info_span!("add").entered();
    ///     value + 1
    /// });
    /// # }
    /// ```
    pub fn sync_scope<U>(self, work: impl FnOnce(T) -> U) -> U {
        let context = self.context();
        sync_scope(context, || work(self.value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_context_goes_behind_a_payload_and_comes_off_again() {
        let context = TraceContext {
            trace_id: 7 << 100,
            span_id: 3,
            sampled: true,
        };
        for context in [None, Some(context)] {
            let sealed = seal_with(b"order".to_vec(), context);
            assert_eq!(open(&sealed), Some((&b"order"[..], context)));
        }
    }

    #[test]
    fn what_was_not_sealed_is_none() {
        for frame in [&b""[..], &[2], &[1], &[1; CONTEXT]] {
            assert_eq!(open(frame), None, "{frame:?}");
        }
        let zeros = [&[0; CONTEXT][..], &[1]].concat();
        assert_eq!(open(&zeros), Some((&b""[..], None)));
    }
}
