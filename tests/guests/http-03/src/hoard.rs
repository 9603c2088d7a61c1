//! Keeps things of HTTP until it may not.

use bytes::Bytes;
use http::Request;
use http_body_util::Empty;
use wasip3::http::types::{Fields, Method};
use wasip3::http_compat::http_into_wasi_request;

/// Keeps more and more of what the query names.
pub fn hoard(what: &str) -> ! {
    let mut kept = Vec::new();
    let mut requests = Vec::new();
    let text = "x".repeat(15_000);
    loop {
        if what == "fields" {
            let fields = Fields::new();
            fields.set("x", &[text.clone().into_bytes()]).unwrap();
            kept.push(fields);
            continue;
        }
        let request = Request::get("http://x/").body(Empty::<Bytes>::new());
        let request = http_into_wasi_request(request.unwrap()).unwrap();
        if what == "methods" {
            request.set_method(&Method::Other(text.clone())).unwrap();
        } else {
            let path = format!("/{text}");
            request.set_path_with_query(Some(&path)).unwrap();
        }
        requests.push(request);
    }
}
