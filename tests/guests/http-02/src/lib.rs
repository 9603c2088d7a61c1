//! Answers HTTP requests by `wasi:http` 0.2. The path says how: well, badly, or with what another server says.

mod asking;
mod hoard;

use std::cell::Cell;
use std::io::{Read as _, Write as _};
use std::time::Duration;
use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::types::{
    ErrorCode, Fields, IncomingBody, IncomingRequest, OutgoingBody, OutgoingResponse,
    ResponseOutparam,
};

mod export {
    #![allow(missing_docs, unsafe_code)]
    use super::Web;
    wasip2::http::proxy::export!(Web);
}

struct Web;

thread_local! {
    static SERVED: Cell<u32> = const { Cell::new(0) };
}

impl Guest for Web {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        SERVED.set(SERVED.get() + 1);
        let path = request.path_with_query().unwrap_or_default();
        let (path, query) = path.split_once('?').unwrap_or((&path, ""));
        match path {
            "/hello" => say(out, 200, b"hello"),
            "/count" => say(out, 200, SERVED.get().to_string().as_bytes()),
            "/seen" => say(out, 200, seen(&request).as_bytes()),
            "/echo" => {
                let body = read(request.consume().unwrap());
                say(out, 200, &body);
            }
            "/trap" => panic!("asked to"),
            "/spin" => loop {
                std::hint::black_box(());
            },
            "/wait" => {
                std::thread::sleep(Duration::from_millis(query.parse().unwrap()));
                say(out, 200, b"waited");
            }
            "/never" => std::thread::sleep(Duration::from_secs(3600)),
            "/endless" => endless(out),
            "/silent" => {}
            "/error" => ResponseOutparam::set(out, Err(ErrorCode::LoopDetected)),
            "/half" => {
                let response = OutgoingResponse::new(Fields::new());
                let body = response.body().unwrap();
                ResponseOutparam::set(out, Ok(response));
                let mut stream = body.write().unwrap();
                stream.write_all(b"half").unwrap();
                stream.flush().unwrap();
                panic!("asked to");
            }
            "/hoard" => hoard::hoard(query),
            "/calls" => say(out, 200, asking::calls(query).as_bytes()),
            "/get" => match asking::get(query) {
                Ok((status, body)) => say(out, status, &body),
                Err(code) => say(out, 200, format!("{code:?}").as_bytes()),
            },
            "/gets" => say(out, 200, asking::gets(query).as_bytes()),
            "/timed" => say(out, 200, asking::timed(query).as_bytes()),
            "/hold" => asking::hold(query),
            _ => say(out, 404, b"nothing"),
        }
    }
}

fn say(out: ResponseOutparam, status: u16, text: &[u8]) {
    let headers = Fields::from_list(&[("content-type".to_owned(), b"text/plain".to_vec())]);
    let response = OutgoingResponse::new(headers.unwrap());
    response.set_status_code(status).unwrap();
    let body = response.body().unwrap();
    ResponseOutparam::set(out, Ok(response));
    let mut stream = body.write().unwrap();
    stream.write_all(text).unwrap();
    stream.flush().unwrap();
    drop(stream);
    OutgoingBody::finish(body, None).unwrap();
}

/// Sends without end.
fn endless(out: ResponseOutparam) {
    let response = OutgoingResponse::new(Fields::new());
    let body = response.body().unwrap();
    ResponseOutparam::set(out, Ok(response));
    let mut stream = body.write().unwrap();
    // Until nobody takes it any more.
    while stream.write_all(&[b'x'; 16 << 10]).is_ok() {}
}

fn seen(request: &IncomingRequest) -> String {
    let mut names: Vec<String> = request
        .headers()
        .entries()
        .into_iter()
        .map(|it| it.0)
        .collect();
    names.sort();
    format!(
        "{:?} {:?} {:?} {:?} {}",
        request.method(),
        request.scheme(),
        request.authority(),
        request.path_with_query(),
        names.join(",")
    )
}

fn read(body: IncomingBody) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut stream = body.stream().unwrap();
    stream.read_to_end(&mut bytes).unwrap();
    bytes
}
