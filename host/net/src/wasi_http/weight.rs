//! What a process keeps of HTTP: fields, requests, answers and pieces of bodies. The process pays for it as `host-bytes`.
//!
//! The implementation keeps all of it in the process's table, and does not say what it adds. So the table is looked through every few
//! calls, and what lies there is weighed. Since a call adds a bounded amount, so does what is not seen yet.
//!
//! A call has no error for what cannot be paid, so the process ends at its limit then.

use super::{CHUNK_BYTES, Http};
use std::any::Any;
use wasmtime_wasi_http::FieldMap;
use wasmtime_wasi_http::p2::bindings::http::types::Method;
use wasmtime_wasi_http::p2::body::{HostIncomingBody, HostOutgoingBody};
use wasmtime_wasi_http::p2::types::{
    HostIncomingResponse, HostOutgoingRequest, HostOutgoingResponse,
};
use wasmtime_wasi_http::p3::{Request, Response};
use weft_host::extension::HostBytes;
use weft_host::process::ProcessState;

/// Bytes that a map of fields takes for each field beside its text.
const FIELD: usize = 128;

/// Bytes of a body that wait to be sent: the implementation takes one piece beyond the one that it is told to.
const BODY: usize = 2 * CHUNK_BYTES;

/// Weight up to which nothing is paid, as the first request of a guest should cost little.
const FREE: usize = 64 << 10;

/// What is paid for at once.
const STEP: usize = 256 << 10;

/// Handles in the table for each call that passes until it is looked through again: the work for each call stays the same.
const HANDLES_A_CALL: usize = 32;

/// What a process pays for.
#[derive(Default)]
pub(super) struct Weight {
    paid: Option<HostBytes>,
    /// Bytes that are paid.
    bytes: usize,
    /// Calls until the table is looked through again.
    calls: usize,
}

/// Weighs what the process keeps, if it is time for that.
pub(super) fn weigh(state: &mut ProcessState) {
    let (own, table) = state.own_and_resources::<Http>();
    if own.weight.calls > 0 {
        own.weight.calls -= 1;
        return;
    }
    let (mut handles, mut bytes) = (0, 0);
    for kept in table.iter_mut() {
        handles += 1;
        bytes += of(kept);
    }
    own.weight.calls = handles / HANDLES_A_CALL;
    let wanted = bytes.saturating_sub(FREE).next_multiple_of(STEP);
    if wanted == own.weight.bytes {
        return;
    }
    own.weight.bytes = wanted;
    // What was paid before is given back first: both together may be too much.
    own.weight.paid = None;
    if wanted == 0 {
        return;
    }
    match state.pay_host_bytes(wanted as u64) {
        Ok(paid) => state.own::<Http>().weight.paid = Some(paid),
        Err(text) => state.end_at_host_bytes(&text),
    }
}

/// What something in the table weighs.
fn of(kept: &mut dyn Any) -> usize {
    if let Some(map) = kept.downcast_ref::<FieldMap>() {
        fields(map)
    } else if let Some(request) = kept.downcast_ref::<HostOutgoingRequest>() {
        let texts = [&request.authority, &request.path_with_query];
        let texts = texts.into_iter().flatten().map(String::len).sum::<usize>();
        let method = match &request.method {
            Method::Other(text) => text.len(),
            _ => 0,
        };
        fields(&request.headers) + texts + method + body(request.body.is_some())
    } else if let Some(answer) = kept.downcast_ref::<HostOutgoingResponse>() {
        fields(&answer.headers) + body(answer.body.is_some())
    } else if let Some(answer) = kept.downcast_ref::<HostIncomingResponse>() {
        fields(&answer.headers)
    } else if kept.is::<HostOutgoingBody>() || kept.is::<HostIncomingBody>() {
        BODY
    } else if let Some(request) = kept.downcast_ref::<Request>() {
        let path = request.path_with_query.as_ref();
        let authority = request.authority.as_ref();
        fields(&request.headers)
            + request.method.as_str().len()
            + path.map_or(0, |it| it.as_str().len())
            + authority.map_or(0, |it| it.as_str().len())
    } else if let Some(answer) = kept.downcast_ref::<Response>() {
        fields(&answer.headers)
    } else {
        0
    }
}

fn fields(map: &FieldMap) -> usize {
    let each = map.iter();
    each.map(|(name, value)| name.as_str().len() + value.len() + FIELD)
        .sum()
}

fn body(is_there: bool) -> usize {
    match is_there {
        true => BODY,
        false => 0,
    }
}
