//! Keeps things of HTTP until it may not.

use std::io::Write as _;
use wasip2::http::types::{Fields, Method, OutgoingRequest};

/// Keeps more and more of what the query names.
pub fn hoard(what: &str) {
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
            "methods" => {
                let request = OutgoingRequest::new(Fields::new());
                request.set_method(&Method::Other(text.clone())).unwrap();
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
