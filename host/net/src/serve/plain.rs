//! Calls a guest that exports `wasi:http/incoming-handler` 0.2: one request after the other.

use super::body;
use super::instance::{Handler, IDLE};
use super::requests::{Job, Unanswered};
use super::traced::Traced;
use crate::wasi_http;
use std::pin::pin;
use std::sync::Arc;
use wasmtime_wasi_http::p2::bindings::Proxy;
use weft_host::process::ProcessState;
use weft_host::wasmtime::component::Instance;
use weft_host::wasmtime::{self, Store};

pub(super) async fn serve(
    handler: Arc<Handler>,
    store: &mut Store<ProcessState>,
    instance: Instance,
) -> wasmtime::Result<Result<String, String>> {
    let proxy = Proxy::new(&mut *store, &instance)?;
    let process = store.data().id();
    let mut stop = pin!(store.data().stop_request());
    let idle = handler.requests.settings().idle_time;
    let mut served = 0;
    while served < handler.most() {
        let job = tokio::select! {
            biased;
            () = stop.as_mut() => break,
            job = handler.next(process, 0) => job,
            () = tokio::time::sleep(idle) => match handler.may_end() {
                true => return Ok(Ok(IDLE.to_owned())),
                false => continue,
            },
        };
        served += 1;
        answer(store, &proxy, job).await?;
    }
    Ok(Ok(format!("{served} requests")))
}

/// Hands the guest one request.
async fn answer(store: &mut Store<ProcessState>, proxy: &Proxy, job: Job) -> wasmtime::Result<()> {
    let Job {
        scheme,
        mut request,
        answer,
        ..
    } = job;
    let (answers, answering) = body::answer();
    let traced = Traced::begin(store.data(), &mut request);
    wasi_http::work_below(store.data_mut(), traced.header());
    let status = traced.status();
    let mut view = wasi_http::view(store.data_mut());
    let request = view.new_incoming_request(scheme, request)?;
    let out = view.new_response_outparam_from_callback(move |given| {
        let given = given.map_err(|code| {
            tracing::debug!("a guest answered with an error: {code:?}");
            Unanswered::Failed
        });
        if let Ok(given) = &given {
            status.is(given.status());
        }
        // Who asked may be gone.
        let _ = answer.send(given.map(|given| given.map(|body| answers.body(body))));
    })?;
    let called = proxy
        .wasi_http_incoming_handler()
        .call_handle(&mut *store, request, out)
        .await;
    called.map(|()| answering.done())
}
