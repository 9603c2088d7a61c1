//! Answers HTTP requests by `wasi:http` 0.2. The path says how: well, badly, or with what another server says.

use std::cell::Cell;
use std::io::{Read as _, Write as _};
use std::time::Duration;
use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::outgoing_handler;
use wasip2::http::types::{
    ErrorCode, Fields, FutureIncomingResponse, IncomingBody, IncomingRequest, Method, OutgoingBody,
    OutgoingRequest, OutgoingResponse, ResponseOutparam, Scheme,
};

use wasip2::io::poll::poll;

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
            "/hoard" => hoard(query),
            "/calls" => say(out, 200, calls(query).as_bytes()),
            "/get" => match get(query) {
                Ok((status, body)) => say(out, status, &body),
                Err(code) => say(out, 200, format!("{code:?}").as_bytes()),
            },
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

/// Asks a server many times at once, and says what came of it first.
fn calls(url: &str) -> String {
    // Room for the handles, which is paid as requests are.
    drop((0..500).map(|_| Fields::new()).collect::<Vec<_>>());
    let asked: Vec<_> = (0..100).map(|_| ask(url).unwrap()).collect();
    let waits: Vec<_> = asked
        .iter()
        .map(FutureIncomingResponse::subscribe)
        .collect();
    let first = poll(&waits.iter().collect::<Vec<_>>())[0];
    let first = asked[first as usize].get().unwrap().unwrap();
    format!("{:?}", first.map(|answer| answer.status()))
}

/// Asks another server, by an address that the query has.
fn get(url: &str) -> Result<(u16, Vec<u8>), ErrorCode> {
    let asked = ask(url)?;
    asked.subscribe().block();
    let response = asked.get().unwrap().unwrap()?;
    let status = response.status();
    Ok((status, read(response.consume().unwrap())))
}

fn ask(url: &str) -> Result<FutureIncomingResponse, ErrorCode> {
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
    outgoing_handler::handle(request, None)
}

/// Keeps more and more of what the query names.
fn hoard(what: &str) {
    let mut kept = Vec::new();
    let mut requests = Vec::new();
    let text = "x".repeat(15_000);
    loop {
        match what {
            "fields" => {
                let fields = Fields::new();
                fields.set("x", &[text.clone().into_bytes()]).unwrap();
                kept.push(fields);
            }
            "bodies" => {
                let request = OutgoingRequest::new(Fields::new());
                let body = request.body().unwrap();
                let mut stream = body.write().unwrap();
                let piece = stream.check_write().unwrap().min(64 << 10) as usize;
                stream.write_all(&vec![0; piece]).unwrap();
                std::mem::forget((stream, body));
                requests.push(request);
            }
            _ => {
                let request = OutgoingRequest::new(Fields::new());
                request
                    .set_path_with_query(Some(&format!("/{text}")))
                    .unwrap();
                let long = "x".repeat(1 << 20);
                assert!(
                    request
                        .set_path_with_query(Some(&format!("/{long}")))
                        .is_err()
                );
                assert!(request.set_method(&Method::Other(long)).is_err());
                requests.push(request);
            }
        }
    }
}
