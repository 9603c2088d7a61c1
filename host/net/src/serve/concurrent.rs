//! Calls a guest that exports `wasi:http/handler` 0.3: several requests at the same time.
//!
//! Invariant: the instance lives until the bodies of its answers have been read or are not wanted any more, since it is the instance that
//! makes them.

use super::body;
use super::instance::{Handler, IDLE};
use super::requests::{Job, Unanswered};
use super::traced::Traced;
use crate::wasi_http;
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use std::pin::pin;
use std::sync::Arc;
use wasmtime_wasi_http::p2::bindings::http::types::Scheme;
use wasmtime_wasi_http::p3::bindings::Service;
use wasmtime_wasi_http::p3::{Request, bindings::http::types::ErrorCode};
use weft_host::process::ProcessState;
use weft_host::wasmtime::component::{Accessor, Instance};
use weft_host::wasmtime::{self, Store};

pub(super) async fn serve(
    handler: Arc<Handler>,
    store: &mut Store<ProcessState>,
    instance: Instance,
) -> wasmtime::Result<Result<String, String>> {
    let service = Service::new(&mut *store, &instance)?;
    let process = store.data().id();
    let stop = store.data().stop_request();
    let calls = async move |accessor: &Accessor<ProcessState>| {
        let mut stop = pin!(stop);
        let settings = handler.requests.settings();
        let mut running = FuturesUnordered::new();
        let (mut served, mut ends) = (0, false);
        loop {
            ends |= served >= handler.most();
            if ends && running.is_empty() {
                return Ok(Ok(format!("{served} requests")));
            }
            let has = running.len();
            let takes = !ends && has < settings.at_once.get();
            tokio::select! {
                biased;
                () = stop.as_mut(), if !ends => ends = true,
                Some(answered) = running.next(), if has > 0 => {
                    let answered: wasmtime::Result<()> = answered;
                    answered?;
                }
                job = handler.next(process, has), if takes => {
                    served += 1;
                    running.push(answer(accessor, &service, job));
                }
                () = tokio::time::sleep(settings.idle_time), if has == 0 => {
                    if handler.may_end() {
                        return Ok(Ok(IDLE.to_owned()));
                    }
                }
            }
        }
    };
    store.run_concurrent(calls).await?
}

/// Hands the guest one request, and waits until its answer has been read.
async fn answer(
    accessor: &Accessor<ProcessState>,
    service: &Service,
    job: Job,
) -> wasmtime::Result<()> {
    let Job {
        scheme,
        mut request,
        answer,
        ..
    } = job;
    // The guest reads scheme and host from the request. HTTP/1.1 sends the host as a header.
    let uri = absolute(&scheme, &request);
    *request.uri_mut() = uri.unwrap_or_default();
    let (answers, mut answering) = body::answer();
    let traced = accessor.with(|mut access| Traced::begin(access.data_mut(), &mut request));
    let request = accessor.with(|mut access| {
        let view = wasi_http::view(access.data_mut());
        // Nobody here waits for the end of its body.
        let (request, _) = Request::from_http(view.hooks, request);
        view.table.push(request)
    })?;
    let called = service.wasi_http_handler().call_handle(accessor, request);
    let given = match called.await? {
        Ok(given) => accessor.with(|mut access| -> wasmtime::Result<_> {
            let view = wasi_http::view(access.data_mut());
            let given = view.table.delete(given)?;
            let sent = async { Ok(()) };
            let given = given.into_http_with_getter(access, sent, wasi_http::view)?;
            Ok(Ok(given.map(|body| answers.body(body))))
        })?,
        Err(code) => Err(failed(&code)),
    };
    if let Ok(given) = &given {
        traced.status().is(given.status());
    }
    let has_body = given.is_ok();
    if answer.send(given).is_ok() && has_body {
        answering.read().await;
    }
    answering.done();
    Ok(())
}

fn failed(code: &ErrorCode) -> Unanswered {
    tracing::debug!("a guest answered with an error: {code:?}");
    Unanswered::Failed
}

/// The address of a request with its scheme and host.
fn absolute<B>(scheme: &Scheme, request: &hyper::Request<B>) -> Option<hyper::Uri> {
    let uri = request.uri();
    let host = request.headers().get(hyper::header::HOST);
    let host = host.and_then(|host| host.to_str().ok());
    let authority = uri.authority().map(hyper::http::uri::Authority::as_str);
    let built = hyper::Uri::builder()
        .scheme(match scheme {
            Scheme::Https => "https",
            _ => "http",
        })
        .authority(authority.or(host)?)
        .path_and_query(uri.path_and_query().map_or("/", |it| it.as_str()));
    built.build().ok()
}
