//! `http-error-code` of 0.2: what went wrong with a body, of which a stream says only that it failed.
//!
//! The implementation keeps an error of its own kind with the stream, and its `http-error-code` looks for another one. So guests would
//! never be told; this one looks for both.

use super::view;
use wasmtime_wasi_http::Error;
use wasmtime_wasi_http::p2::bindings::http::types::{
    ErrorCode, Host, IoError, TlsAlertReceivedPayload,
};
use weft_host::process::ProcessState;
use weft_host::wasmtime::component::{Linker, Resource};
use weft_host::wasmtime::{self, StoreContextMut};

/// Replaces the function.
pub(super) fn link(linker: &mut Linker<ProcessState>) -> wasmtime::Result<()> {
    let mut interface = linker.instance("wasi:http/types@0.2.12")?;
    interface.func_wrap(
        "http-error-code",
        |mut store: StoreContextMut<'_, ProcessState>, (error,): (Resource<IoError>,)| {
            let mut view = view(store.data_mut());
            let own = view.table.get(&error)?.downcast_ref::<Error>().map(of);
            match own {
                Some(code) => Ok((Some(code),)),
                None => Ok((Host::http_error_code(&mut view, error)?,)),
            }
        },
    )
}

/// The error of a body in the words of 0.2. A body has no others; what is new is told as an internal one.
fn of(error: &Error) -> ErrorCode {
    match error {
        Error::ConnectionReadTimeout => ErrorCode::ConnectionReadTimeout,
        Error::ConnectionTerminated => ErrorCode::ConnectionTerminated,
        Error::HttpProtocolError => ErrorCode::HttpProtocolError,
        Error::HttpRequestBodySize(size) => ErrorCode::HttpRequestBodySize(*size),
        Error::HttpResponseHeaderSectionSize(size) => {
            ErrorCode::HttpResponseHeaderSectionSize(*size)
        }
        Error::HttpResponseIncomplete => ErrorCode::HttpResponseIncomplete,
        Error::HttpResponseTimeout => ErrorCode::HttpResponseTimeout,
        Error::TlsAlertReceived {
            alert_id,
            alert_message,
        } => ErrorCode::TlsAlertReceived(TlsAlertReceivedPayload {
            alert_id: *alert_id,
            alert_message: alert_message.clone(),
        }),
        Error::TlsCertificateError => ErrorCode::TlsCertificateError,
        Error::TlsProtocolError => ErrorCode::TlsProtocolError,
        other => ErrorCode::InternalError(Some(format!("{other:?}"))),
    }
}
