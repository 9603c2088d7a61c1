//! Asks HTTP servers: `http-std URL…`. It prints a line for each: the status and the body, or the error of the interface.

use wasip2::http::outgoing_handler;
use wasip2::http::types::{
    ErrorCode, Fields, IncomingBody, OutgoingRequest, Scheme, http_error_code,
};
use wasip2::io::streams::StreamError;

fn main() {
    for url in std::env::args().skip(1) {
        match get(&url) {
            Ok((status, body)) => println!("{status} {}", String::from_utf8_lossy(&body)),
            Err(code) => println!("{code:?}"),
        }
    }
}

/// What the interface does not say is told by this.
fn silent() -> ErrorCode {
    ErrorCode::InternalError(None)
}

fn get(url: &str) -> Result<(u16, Vec<u8>), ErrorCode> {
    let (scheme, rest) = url
        .split_once("://")
        .ok_or(ErrorCode::HttpRequestUriInvalid)?;
    let at = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at(at);
    let scheme = match scheme {
        "https" => Scheme::Https,
        _ => Scheme::Http,
    };
    let request = OutgoingRequest::new(Fields::new());
    let wrong = |()| ErrorCode::HttpRequestUriInvalid;
    request.set_scheme(Some(&scheme)).map_err(wrong)?;
    request.set_authority(Some(authority)).map_err(wrong)?;
    request.set_path_with_query(Some(path)).map_err(wrong)?;
    let asked = outgoing_handler::handle(request, None)?;
    asked.subscribe().block();
    let answer = asked.get().and_then(Result::ok).ok_or_else(silent)??;
    let status = answer.status();
    let body = answer.consume().map_err(|()| silent())?;
    Ok((status, read(&body)?))
}

/// Reads a body to its end.
fn read(body: &IncomingBody) -> Result<Vec<u8>, ErrorCode> {
    let stream = body.stream().map_err(|()| silent())?;
    let mut bytes = Vec::new();
    loop {
        match stream.blocking_read(64 << 10) {
            Ok(piece) => bytes.extend(piece),
            Err(StreamError::Closed) => return Ok(bytes),
            Err(StreamError::LastOperationFailed(error)) => {
                return Err(http_error_code(&error).unwrap_or_else(silent));
            }
        }
    }
}
