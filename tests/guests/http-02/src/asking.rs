//! Asks other servers.

use std::time::Duration;
use wasip2::http::outgoing_handler;
use wasip2::http::types::{
    ErrorCode, Fields, FutureIncomingResponse, IncomingBody, IncomingResponse, Method,
    OutgoingRequest, RequestOptions, Scheme, http_error_code,
};
use wasip2::io::poll::poll;
use wasip2::io::streams::StreamError;

/// Asks a server many times at once, and says what came of it first.
pub fn calls(url: &str) -> String {
    // Room for the handles, which is paid as requests are.
    drop((0..500).map(|_| Fields::new()).collect::<Vec<_>>());
    let asked: Vec<_> = (0..100).map(|_| ask(url, None).unwrap()).collect();
    let waits: Vec<_> = asked
        .iter()
        .map(FutureIncomingResponse::subscribe)
        .collect();
    let first = poll(&waits.iter().collect::<Vec<_>>())[0];
    let first = asked[first as usize].get().unwrap().unwrap();
    format!("{:?}", first.map(|answer| answer.status()))
}

/// Asks another server, by an address that the query has.
pub fn get(url: &str) -> Result<(u16, Vec<u8>), ErrorCode> {
    get_with(url, None)
}

fn get_with(url: &str, options: Option<RequestOptions>) -> Result<(u16, Vec<u8>), ErrorCode> {
    let response = answer(url, options)?;
    let status = response.status();
    Ok((status, read(&response.consume().unwrap())?))
}

/// Asks each of several servers, with `&` between their addresses, one after the other.
pub fn gets(urls: &str) -> String {
    let told = urls.split('&').map(|url| told(get(url)));
    told.collect::<Vec<_>>().join(" ")
}

/// Asks with a time of its own: `first-byte=MILLISECONDS&URL`.
pub fn timed(query: &str) -> String {
    let (time, url) = query.split_once('&').unwrap();
    let (what, millis) = time.split_once('=').unwrap();
    let time = Some(millis.parse::<u64>().unwrap() * 1_000_000);
    let options = RequestOptions::new();
    match what {
        "connect" => options.set_connect_timeout(time),
        "first-byte" => options.set_first_byte_timeout(time),
        "between-bytes" => options.set_between_bytes_timeout(time),
        other => panic!("no time is called {other}"),
    }
    .unwrap();
    told(get_with(url, Some(options)))
}

/// Keeps an answer, and never reads its body.
pub fn hold(url: &str) {
    let answer = answer(url, None).unwrap();
    let body = answer.consume().unwrap();
    let _stream = body.stream().unwrap();
    std::thread::sleep(Duration::from_secs(3600));
}

/// What came of a request, in a word or two.
fn told(got: Result<(u16, Vec<u8>), ErrorCode>) -> String {
    match got {
        Ok((status, body)) => format!("{status} {}", String::from_utf8_lossy(&body)),
        Err(code) => format!("{code:?}"),
    }
}

fn answer(url: &str, options: Option<RequestOptions>) -> Result<IncomingResponse, ErrorCode> {
    let asked = ask(url, options)?;
    asked.subscribe().block();
    asked.get().unwrap().unwrap()
}

fn ask(url: &str, options: Option<RequestOptions>) -> Result<FutureIncomingResponse, ErrorCode> {
    let (scheme, rest) = url.split_once("://").unwrap();
    let at = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at(at);
    let request = OutgoingRequest::new(Fields::new());
    let scheme = match scheme {
        "https" => Scheme::Https,
        _ => Scheme::Http,
    };
    request.set_method(&Method::Get).unwrap();
    request.set_scheme(Some(&scheme)).unwrap();
    request.set_authority(Some(authority)).unwrap();
    request.set_path_with_query(Some(path)).unwrap();
    outgoing_handler::handle(request, options)
}

/// Reads a body to its end.
fn read(body: &IncomingBody) -> Result<Vec<u8>, ErrorCode> {
    let stream = body.stream().unwrap();
    let mut bytes = Vec::new();
    loop {
        match stream.blocking_read(64 << 10) {
            Ok(piece) => bytes.extend(piece),
            Err(StreamError::Closed) => return Ok(bytes),
            Err(StreamError::LastOperationFailed(error)) => {
                return Err(http_error_code(&error).unwrap());
            }
        }
    }
}
