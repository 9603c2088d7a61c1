//! The span of a request that a guest answers: in the log of the instance, below the span of whoever asked.
//!
//! The guest is told of it: the `traceparent` that it sees is this span. So what it does below that belongs to the request, in its own log and at
//! the servers that it asks. Where nobody wants the span, the guest sees what the client has sent.

use super::body::RequestBody;
use hyper::http::{HeaderName, HeaderValue};
use hyper::{Request, StatusCode};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use weft_host::extension::HostSpan;
use weft_host::process::ProcessState;

/// Where W3C Trace Context has the span of whoever asks.
pub(crate) const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// A request that is being answered, with its span if it has one. The span ends with it.
pub(super) struct Traced {
    span: Option<HostSpan>,
    /// The `traceparent` of the span.
    header: Option<HeaderValue>,
    status: Status,
}

/// The status of the answer, once it is known.
#[derive(Clone, Default)]
pub(super) struct Status(Arc<AtomicU16>);

impl Status {
    pub(super) fn is(&self, status: StatusCode) {
        self.0.store(status.as_u16(), Ordering::Relaxed);
    }
}

impl Traced {
    /// Begins the span of a request, and tells the guest of it.
    pub(super) fn begin(state: &ProcessState, request: &mut Request<RequestBody>) -> Self {
        let mut sent = request.headers().get_all(&TRACEPARENT).iter();
        // More than one is as good as none.
        let parent = match (sent.next(), sent.next()) {
            (Some(one), None) => one.to_str().ok(),
            _ => None,
        };
        let method = request.method().as_str();
        let mut span = state.begin_span(method, parent);
        if let Some(span) = &mut span {
            span.set("http.request.method", method.to_owned());
            span.set("url.path", request.uri().path().to_owned());
        }
        let header = span.as_ref().map(HostSpan::traceparent);
        let header = header.and_then(|text| HeaderValue::try_from(text).ok());
        if let Some(header) = &header {
            // It has room: the request has no more fields than what listens takes.
            let _ = request
                .headers_mut()
                .try_insert(TRACEPARENT, header.clone());
        }
        Self {
            span,
            header,
            status: Status::default(),
        }
    }

    /// The span, for the requests that the guest sends meanwhile.
    pub(super) fn header(&self) -> Option<HeaderValue> {
        self.header.clone()
    }

    /// Takes the status of the answer.
    pub(super) fn status(&self) -> Status {
        self.status.clone()
    }
}

impl Drop for Traced {
    fn drop(&mut self) {
        let status = self.status.0.load(Ordering::Relaxed);
        if let (Some(span), 1..) = (&mut self.span, status) {
            span.set("http.response.status_code", status.to_string());
        }
    }
}
