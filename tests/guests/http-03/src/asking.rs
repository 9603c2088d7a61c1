//! Asks other servers.

use bytes::Bytes;
use futures::future::select_all;
use http::Request;
use http_body_util::{BodyExt, Empty};
use wasip3::clocks::monotonic_clock::wait_for;
use wasip3::http::client;
use wasip3::http::types::{ErrorCode, RequestOptions, Response};
use wasip3::http_compat::{
    RequestOptionsExtension, http_from_wasi_response, http_into_wasi_request,
};

/// Asks a server many times at once, and says what came of it first.
pub async fn calls(url: &str) -> String {
    let asked = (0..100).map(|_| Box::pin(ask(url, None)));
    let (first, _, _) = select_all(asked).await;
    format!("{:?}", first.map(|answer| answer.get_status_code()))
}

/// Asks another server, by an address that the query has.
pub async fn get(url: &str) -> Result<(u16, Bytes), ErrorCode> {
    get_with(url, None).await
}

async fn get_with(url: &str, options: Option<RequestOptions>) -> Result<(u16, Bytes), ErrorCode> {
    let response = http_from_wasi_response(ask(url, options).await?)?;
    let status = response.status().as_u16();
    let body = response.into_body().collect().await?;
    Ok((status, body.to_bytes()))
}

/// Asks each of several servers, with `&` between their addresses, one after the other.
pub async fn gets(urls: &str) -> String {
    let mut all = Vec::new();
    for url in urls.split('&') {
        all.push(told(get(url).await));
    }
    all.join(" ")
}

/// Asks with a time of its own: `first-byte=MILLISECONDS&URL`.
pub async fn timed(query: &str) -> String {
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
    told(get_with(url, Some(options)).await)
}

/// Keeps an answer, and never reads its body.
pub async fn hold(url: &str) {
    let _answer = ask(url, None).await.unwrap();
    wait_for(3_600_000_000_000).await;
}

/// What came of a request, in a word or two.
fn told(got: Result<(u16, Bytes), ErrorCode>) -> String {
    match got {
        Ok((status, body)) => format!("{status} {}", String::from_utf8_lossy(&body)),
        Err(code) => format!("{code:?}"),
    }
}

async fn ask(url: &str, options: Option<RequestOptions>) -> Result<Response, ErrorCode> {
    let mut request = Request::get(url).body(Empty::<Bytes>::new()).unwrap();
    if let Some(options) = options {
        let extensions = request.extensions_mut();
        extensions.insert(RequestOptionsExtension(options));
    }
    client::send(http_into_wasi_request(request)?).await
}
