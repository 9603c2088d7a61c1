//! `wasi:http` for guests, in both versions: requests that they send, under the rights of the process, and the types of those that they are
//! handed.
//!
//! ```text
//! wasi_http/send    a request: whether it may be sent, and its times
//! wasi_http/dial    the connections behind it: looks names up, checks addresses, speaks TLS
//! wasi_http/wrong   what went wrong, as the error of the interface; `body_errors`: of a body, as 0.2 asks for it
//! wasi_http/texts   bounds on texts of requests, which the implementation lacks
//! wasi_http/weight  what a process keeps of all this, paid as `host-bytes`
//! ```
//!
//! The types are those of wasmtime-wasi-http. Its own way to send is left out: that one connects by name and knows no rights. Who is handed
//! requests is in `serve`.
//!
//! Invariants:
//! - A process has connections of its own: none is shared, so none carries what another process said.
//! - A guest without a right gets a typed error, and the log says what to grant.

mod body_errors;
mod dial;
mod send;
mod texts;
mod weight;
mod wrong;

use crate::serve::TRACEPARENT;
use crate::sockets::Net;
use hyper::http::HeaderValue;
use send::Sender;
use std::time::Duration;
use wasmtime_wasi_http::p2::bindings as p2;
use wasmtime_wasi_http::p3::bindings as p3;
use wasmtime_wasi_http::{
    RequestOptions, Result as Sent, WasiBody, WasiHttp, WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks,
};
use weft_host::engine::EngineKind;
use weft_host::process::ProcessState;
use weft_host::wasmtime::{self, component::Linker};
use weight::Weight;

/// Bytes of the fields of a request or an answer that a guest makes, as they lie in memory. Twice what browsers send.
const FIELD_BYTES: usize = 16 << 10;

/// Bytes of a body that a guest writes at once. Two such pieces wait for the network at most.
const CHUNK_BYTES: usize = 64 << 10;

/// How long an answer may take to begin if the guest does not say: longer than people wait.
const ANSWER_TIME: Duration = Duration::from_secs(60);

/// How long the pause between two pieces of a body may be if the guest does not say.
const PAUSE_TIME: Duration = Duration::from_secs(60);

/// What a process has of HTTP.
pub(crate) struct Http {
    context: WasiHttpCtx,
    hooks: Hooks,
    weight: Weight,
}

impl Default for Http {
    fn default() -> Self {
        let mut context = WasiHttpCtx::new();
        context.set_field_size_limit(FIELD_BYTES);
        Self {
            context,
            hooks: Hooks::default(),
            weight: Weight::default(),
        }
    }
}

/// What the implementation asks of us. The sender is made at the first call of a guest, so that other guests do not pay for it.
#[derive(Default)]
struct Hooks {
    sender: Option<Sender>,
    /// The span of the request that the guest answers, as far as there is one only.
    span: Option<HeaderValue>,
}

/// A request under way. Its answer comes with a future of the connection, which is over at once here: the client runs connections itself.
type Sending = Box<dyn Future<Output = Sent<(hyper::Response<WasiBody>, Done)>> + Send>;
type Done = Box<dyn Future<Output = Sent<()>> + Send>;

impl WasiHttpHooks for Hooks {
    /// The client sets it, from the address that the request is sent to.
    fn set_host_header(&mut self) -> bool {
        false
    }

    fn send_request(
        &mut self,
        mut request: hyper::Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Done,
    ) -> Sending {
        let sender = self.sender.clone();
        // A guest that says itself what its request belongs to knows better.
        if let Some(span) = &self.span
            && !request.headers().contains_key(TRACEPARENT)
        {
            // Without room for it the request goes without.
            let _ = request.headers_mut().try_insert(TRACEPARENT, span.clone());
        }
        Box::new(async move {
            let sender = sender.ok_or(wasmtime_wasi_http::Error::HttpRequestDenied)?;
            let answer = sender.send(request, options.unwrap_or_default()).await?;
            Ok((answer, Box::new(std::future::ready(Ok(()))) as Done))
        })
    }

    fn p2_outgoing_body_chunk_size(&mut self) -> usize {
        CHUNK_BYTES
    }

    fn p3_outgoing_body_chunk_size(&mut self) -> usize {
        CHUNK_BYTES
    }
}

/// The implementation's view of a process.
pub(crate) fn view(state: &mut ProcessState) -> WasiHttpCtxView<'_> {
    if state.own::<Http>().hooks.sender.is_none() {
        let on_behalf = state.on_behalf();
        let of = state.own::<Net>().of.clone();
        state.own::<Http>().hooks.sender = on_behalf.map(|on_behalf| Sender::new(of, on_behalf));
    }
    weight::weigh(state);
    let (own, table) = state.own_and_resources::<Http>();
    WasiHttpCtxView {
        hooks: &mut own.hooks,
        table,
        ctx: &mut own.context,
    }
}

/// From here on the requests that a guest sends belong to this span, or to none: that of the one request that it answers.
pub(crate) fn work_below(state: &mut ProcessState, span: Option<HeaderValue>) {
    state.own::<Http>().hooks.span = span;
}

/// Links both versions, as far as the engine has them.
pub(crate) fn link(linker: &mut Linker<ProcessState>, engine: EngineKind) -> wasmtime::Result<()> {
    let options = p2::LinkOptions::default();
    p2::http::outgoing_handler::add_to_linker::<_, WasiHttp>(linker, view)?;
    p2::http::types::add_to_linker::<_, WasiHttp>(linker, &options.into(), view)?;
    texts::bound_plain(linker)?;
    body_errors::link(linker)?;
    if engine == EngineKind::Concurrent {
        p3::http::client::add_to_linker::<_, WasiHttp>(linker, view)?;
        p3::http::types::add_to_linker::<_, WasiHttp>(linker, view)?;
        texts::bound_concurrent(linker)?;
    }
    Ok(())
}
