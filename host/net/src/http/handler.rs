//! Requests that a guest answers: on their way to the service, and what becomes of those that it does not answer.

use super::answer::{Answer, Body};
use super::bounds::Bounds;
use super::intake::check_size;
use crate::serve::{Asked, Requests, Unanswered, bounded};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::header::HOST;
use hyper::http::uri::Authority;
use hyper::{Request, Response, StatusCode};

/// Asks the service. `is_tls`: whether the client spoke TLS.
pub(super) async fn answer(
    request: Request<Incoming>,
    requests: &Requests,
    bounds: &Bounds,
    is_tls: bool,
) -> Response<Body> {
    if !has_host(&request) {
        let text = "the request does not say for which host it is";
        return Answer::refused(StatusCode::BAD_REQUEST, text).response();
    }
    if let Err(refused) = check_size(request.body(), bounds) {
        return refused.response();
    }
    let request = request.map(|body| bounded(body, bounds.body_bytes, bounds.body_time));
    match requests.ask(Asked { is_tls, request }).await {
        Ok(answer) => answer.map(|body| body.boxed_unsync()),
        Err(why) => refused(why).response(),
    }
}

/// Whether a guest can be told its host.
fn has_host<B>(request: &Request<B>) -> bool {
    let host = request.headers().get(HOST);
    let named = host.and_then(|it| Authority::try_from(it.as_bytes()).ok());
    request.uri().authority().is_some() || named.is_some()
}

fn refused(why: Unanswered) -> Answer {
    let (status, text) = match why {
        Unanswered::Full => (
            StatusCode::SERVICE_UNAVAILABLE,
            "too many requests wait here",
        ),
        Unanswered::NotTaken => (
            StatusCode::SERVICE_UNAVAILABLE,
            "no instance took the request in time",
        ),
        Unanswered::TooLate => (StatusCode::GATEWAY_TIMEOUT, "the guest took too long"),
        Unanswered::Failed => (
            StatusCode::INTERNAL_SERVER_ERROR,
            "the guest failed; its log says how",
        ),
    };
    Answer::refused(status, text)
}
