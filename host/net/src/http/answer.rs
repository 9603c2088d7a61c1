//! Answers that are whole from the start: JSON about what became of a request.

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use hyper::{Method, Response, StatusCode};
use serde::Serialize;
use wasmtime_wasi_http::Error;

/// The body of any answer. Those of guests may fail.
pub(super) type Body = UnsyncBoxBody<Bytes, Error>;

/// What a client is asked to wait before it tries again, in seconds: room for frames is there as soon as others are read.
const RETRY_SECONDS: HeaderValue = HeaderValue::from_static("1");

/// What became of a request.
#[derive(Debug, Default, Serialize)]
pub(super) struct Answer {
    #[serde(skip)]
    pub(super) status: StatusCode,
    /// Frames that are in the channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) accepted: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<String>,
    /// The line of the body that is wrong, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) line: Option<u64>,
}

impl Answer {
    /// All frames are in.
    pub(super) fn accepted(frames: u64) -> Self {
        Self {
            status: StatusCode::ACCEPTED,
            accepted: Some(frames),
            ..Self::default()
        }
    }

    /// It is refused, and why.
    pub(super) fn refused(status: StatusCode, error: impl Into<String>) -> Self {
        Self {
            status,
            error: Some(error.into()),
            ..Self::default()
        }
    }

    /// The same, about a line of the body.
    pub(super) fn at(self, line: Option<u64>) -> Self {
        Self { line, ..self }
    }

    /// The same, with so many frames in the channel.
    pub(super) fn after(self, accepted: u64) -> Self {
        let accepted = Some(accepted);
        Self { accepted, ..self }
    }

    pub(super) fn response(&self) -> Response<Body> {
        let mut text = serde_json::to_vec(self).unwrap_or_default();
        text.push(b'\n');
        let mut response = Response::new(whole(text));
        *response.status_mut() = self.status;
        let json = HeaderValue::from_static("application/json");
        response.headers_mut().insert(CONTENT_TYPE, json);
        if matches!(
            self.status,
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
        ) {
            response.headers_mut().insert(RETRY_AFTER, RETRY_SECONDS);
        }
        response
    }
}

/// A body that is there.
pub(super) fn whole(bytes: impl Into<Bytes>) -> Body {
    let whole = Full::new(bytes.into());
    whole.map_err(|never| match never {}).boxed_unsync()
}

/// What keeps the channel cannot be reached.
pub(super) fn out_of_reach() -> Response<Body> {
    let text = "the channel cannot be reached now";
    Answer::refused(StatusCode::SERVICE_UNAVAILABLE, text).response()
}

/// There is the path, but not for this method.
pub(super) fn other_methods(methods: &[&Method]) -> Response<Body> {
    let names: Vec<&str> = methods.iter().map(|method| method.as_str()).collect();
    let names = names.join(", ");
    let answer = Answer::refused(
        StatusCode::METHOD_NOT_ALLOWED,
        format!("this path is for {names}"),
    );
    let mut response = answer.response();
    if let Ok(names) = HeaderValue::from_str(&names) {
        response.headers_mut().insert(ALLOW, names);
    }
    response
}

/// What is written to a connection for which there is no place: it is not read, so this is all of the answer.
pub(super) const NO_PLACE: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: 38\r\n\r\n{\"error\":\"too many connections here\"}\n";

/// What is written to a client that speaks HTTP where TLS is spoken.
pub(super) const NO_TLS: &[u8] = b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: 43\r\n\r\n{\"error\":\"this address speaks https only\"}\n";

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn answers_that_are_written_as_they_are_are_as_long_as_they_say() {
        for answer in [NO_PLACE, NO_TLS] {
            let text = std::str::from_utf8(answer).unwrap();
            let (head, body) = text.split_once("\r\n\r\n").unwrap();
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "));
            assert_eq!(length.unwrap().parse::<usize>().unwrap(), body.len());
        }
    }

    #[test]
    fn an_answer_says_what_there_is_to_say() {
        let text = |answer: Answer| serde_json::to_string(&answer).unwrap();
        assert_eq!(text(Answer::accepted(3)), r#"{"accepted":3}"#);
        let refused = Answer::refused(StatusCode::BAD_REQUEST, "it is no JSON").at(Some(2));
        assert_eq!(text(refused), r#"{"error":"it is no JSON","line":2}"#);
    }
}
