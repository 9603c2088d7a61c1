//! Traces across processes: which work belongs to which.
//!
//! A `tracing` span is one of the host's, which measures how long it took and puts that into
//! the log when it ends. Requests of [`crate::rpc`] carry the span they are made in;
//! for other frames [`Traced`] (typed ends) or [`seal`] and [`open`] (bytes) do. The receiver goes on with the trace
//! by [`scope`] or [`sync_scope`].
//!
//! This is not an exporter. The host exports spans from the logs.

mod carry;
mod context;

pub use carry::{Traced, open, seal};
pub use context::{ParseError, TraceContext};

use crate::log::subscriber;
use std::cell::Cell;
use std::future::poll_fn;
use std::pin::pin;

/// The innermost [`scope`]: its trace, and how many spans were entered around it.
pub(crate) type Remote = Option<(TraceContext, usize)>;

thread_local! {
    /// A guest has one thread.
    static REMOTE: Cell<Remote> = const { Cell::new(None) };
}

/// The innermost span entered, or what a [`scope`] within it has set; none when this belongs
/// to no trace.
///
/// ```no_run
/// let _span = weft_guest::tracing::info_span!("order", id = 7).entered();
/// if let Some(context) = weft_guest::trace::current() {
///     println!("traceparent: {context}");
/// }
/// ```
pub fn current() -> Option<TraceContext> {
    remote().or_else(subscriber::current)
}

/// Runs a future. Its outermost spans become children of this span, and not of the span that is entered around it. With no
/// context nothing changes.
///
/// ```no_run
/// # async fn f(request: weft_guest::rpc::Request) -> weft_guest::Result {
/// use weft_guest::trace;
/// use weft_guest::tracing::{Instrument, info_span};
///
/// trace::scope(request.trace(), async {
///     let work = async { request.reply("done").await };
///     work.instrument(info_span!("answer")).await
/// })
/// .await?;
/// # Ok(()) }
/// ```
pub async fn scope<F: Future>(context: Option<TraceContext>, work: F) -> F::Output {
    let mut work = pin!(work);
    poll_fn(|cx| sync_scope(context, || work.as_mut().poll(cx))).await
}

/// Runs a closure. Its outermost spans become children of this span, and not of the span that is entered around it. With no
/// context nothing changes.
///
/// ```no_run
/// use weft_guest::trace::{self, TraceContext};
/// let context: TraceContext = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
///     .parse()
///     .unwrap();
/// trace::sync_scope(Some(context), || {
///     let _span = weft_guest::tracing::info_span!("step").entered();
/// });
/// ```
pub fn sync_scope<T>(context: Option<TraceContext>, work: impl FnOnce() -> T) -> T {
    let before = REMOTE.get();
    let _reset = Reset(before);
    let here = context.map(|context| (context, subscriber::depth()));
    REMOTE.set(here.or(before));
    work()
}

/// What the innermost [`scope`] has set, if no span was entered in it.
pub(crate) fn remote() -> Option<TraceContext> {
    let (context, depth) = REMOTE.get()?;
    (subscriber::depth() <= depth).then_some(context)
}

/// Puts another in its place, and returns what was there.
#[cfg(not(target_family = "wasm"))]
pub(crate) fn replace_remote(remote: Remote) -> Remote {
    REMOTE.replace(remote)
}

/// Sets back what was before.
struct Reset(Remote);

impl Drop for Reset {
    fn drop(&mut self) {
        REMOTE.set(self.0);
    }
}
