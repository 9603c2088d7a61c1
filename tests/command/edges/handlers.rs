//! Guests that answer HTTP requests: by both versions of the interface, with their instances, and what becomes of requests that they do not
//! answer.

use super::served::{Ends, Served};
use super::{command, stderr};
use crate::control::until;
use crate::support::guest_of;
use std::cell::RefCell;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// One process behind all paths, which runs as `serve` says.
pub fn web(guest: &str, serve: &str, more: &str) -> String {
    format!(
        r#"
        [components]
        web = {guest}
        [processes.web]
        component = "web"
        serve = {{ {serve} }}
        {more}
        [http.shop]
        listen = "127.0.0.1:0"
        max-body = "1MiB"
        [http.shop.routes]
        "/*" = {{ process = "web" }}
        "#
    )
}

/// The guests of both versions.
pub const BOTH: [&str; 2] = ["HTTP02", "HTTP03"];

/// The answer's body, and its status.
pub fn said(text: &str, status: u16) -> (String, u16) {
    (text.to_owned(), status)
}

#[test]
fn a_guest_of_either_version_answers_requests() {
    for guest in BOTH {
        let shop = Served::new(&web(guest, "", ""));
        assert_eq!(shop.curl("/hello", &[]), said("hello", 200), "{guest}");
        assert_eq!(shop.curl("/other", &[]), said("nothing", 404), "{guest}");
        let body = "0123456789".repeat(50_000);
        let file = shop.folder.path().join("body");
        std::fs::write(&file, &body).unwrap();
        let body_of = format!("@{}", file.display());
        let echoed = shop.curl("/echo", &["--data-binary", &body_of]);
        assert!(echoed == (body, 200), "{guest}: {}", echoed.1);
        let (head, status) = shop.curl("/hello", &["--head"]);
        assert_eq!(status, 200, "{guest}");
        assert!(head.contains("content-type: text/plain"), "{guest}: {head}");
    }
}

#[test]
fn a_guest_sees_the_request_as_it_came() {
    let shop = Served::new(&web("HTTP02", "", ""));
    let (seen, _) = shop.curl("/seen?a=%20b", &["-X", "PATCH", "-H", "x-own: 1"]);
    let authority = shop.address;
    let wanted =
        format!("Method::Patch Some(Scheme::Http) Some(\"{authority}\") Some(\"/seen?a=%20b\")");
    assert!(seen.starts_with(&wanted), "{seen}");
    assert!(seen.contains("x-own") && !seen.contains("host"), "{seen}");
    let shop = Served::new(&web("HTTP03", "", ""));
    let (seen, _) = shop.curl("/seen?a=%20b", &[]);
    assert_eq!(seen, format!("GET http://{}/seen?a=%20b", shop.address));
    // Nobody could tell the guest which host is meant.
    let raw = shop.raw(b"GET /hello HTTP/1.1\r\nconnection: close\r\n\r\n");
    assert!(raw.starts_with("HTTP/1.1 400"), "{raw}");
}

#[test]
fn a_trap_answers_500_and_ends_its_instance_alone() {
    for guest in BOTH {
        let mut shop = Served::new(&web(guest, "", ""));
        for path in ["/trap", "/error"] {
            let (text, status) = shop.curl(path, &[]);
            assert_eq!(status, 500, "{guest} {path}: {text}");
            assert!(text.contains("the guest failed"), "{guest}: {text}");
            assert_eq!(shop.curl("/hello", &[]), said("hello", 200), "{guest}");
        }
        let log = shop.stop();
        assert!(log.contains("asked to"), "{guest}: {log}");
        assert!(!log.contains("web failed"), "{guest}: {log}");
    }
    let shop = Served::new(&web("HTTP02", "", ""));
    assert_eq!(shop.curl("/silent", &[]).1, 500);
}

#[test]
fn an_answer_that_is_cut_off_does_not_look_whole() {
    for guest in BOTH {
        let shop = Served::new(&web(guest, "", ""));
        let raw = shop.raw(b"GET /half HTTP/1.1\r\nhost: x\r\n\r\n");
        // The head may not even be sent.
        assert!(!raw.ends_with("0\r\n\r\n"), "{guest}: {raw}");
        assert_eq!(shop.curl("/hello", &[]), said("hello", 200), "{guest}");
    }
}

#[test]
fn a_guest_that_takes_too_long_answers_504_and_others_go_on() {
    for guest in BOTH {
        let shop = Served::new(&web(guest, "answer-time = \"1s\"", ""));
        for path in ["/never", "/spin"] {
            let (text, status) = shop.curl(path, &[]);
            assert_eq!(status, 504, "{guest} {path}: {text}");
            assert_eq!(shop.curl("/hello", &[]), said("hello", 200), "{guest}");
        }
    }
}

#[test]
fn a_guest_that_spins_after_its_answer_keeps_no_request_from_others() {
    let shop = Served::new(&web("HTTP03", "instances = 2", ""));
    assert_eq!(shop.curl("/spin-later", &[]), said("spins", 200));
    std::thread::sleep(Duration::from_millis(100));
    assert_eq!(shop.curl("/hello", &[]), said("hello", 200));
}

#[test]
fn limits_are_those_of_each_instance() {
    for guest in BOTH {
        let shop = Served::new(&web(guest, "", "limits = { cpu-time = \"200ms\" }"));
        assert_eq!(shop.curl("/spin", &[]).1, 500, "{guest}");
        assert_eq!(shop.curl("/hello", &[]), said("hello", 200), "{guest}");
    }
}

#[test]
fn an_instance_of_02_answers_one_request_or_as_many_as_it_is_told() {
    let counts = |serve: &str, guest: &str| {
        let shop = Served::new(&web(guest, serve, ""));
        let counts = (0..4).map(|_| shop.curl("/count", &[]).0);
        counts.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(counts("", "HTTP02"), "1 1 1 1");
    assert_eq!(counts("requests = 3, instances = 1", "HTTP02"), "1 2 3 1");
    assert_eq!(counts("instances = 1", "HTTP03"), "1 2 3 4");
    assert_eq!(counts("requests = 2, instances = 1", "HTTP03"), "1 2 1 2");
}

#[test]
fn an_instance_of_03_answers_several_requests_at_once() {
    let shop = Served::new(&web("HTTP03", "instances = 1, at-once = 8", ""));
    let waiting: Vec<_> = (0..8)
        .map(|_| {
            let mut stream = TcpStream::connect(shop.address).unwrap();
            let asked = "GET /wait?1000 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
            stream.write_all(asked.as_bytes()).unwrap();
            stream
        })
        .collect();
    for mut stream in waiting {
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        assert!(text.starts_with("HTTP/1.1 200"), "{text}");
    }
    assert_eq!(shop.curl("/count", &[]).0, "9");
}

#[test]
fn requests_beyond_what_may_wait_are_refused_at_once() {
    let serve = "instances = 1, waiting = 1, answer-time = \"50s\"";
    let shop = Served::new(&web("HTTP02", serve, ""));
    let ask = || {
        let mut stream = TcpStream::connect(shop.address).unwrap();
        stream
            .write_all(b"GET /never HTTP/1.1\r\nhost: x\r\n\r\n")
            .unwrap();
        stream
    };
    let busy = RefCell::new(vec![ask()]);
    until(|| {
        // One more each time: the one before may have come when the place to wait was another's.
        busy.borrow_mut().push(ask());
        let (text, status) = shop.curl("/hello", &["-i", "--max-time", "1"]);
        status == 503 && text.contains("retry-after: 1")
    });
    drop(busy);
}

#[test]
fn a_body_beyond_the_bound_never_reaches_the_guest() {
    let shop = Served::new(&web("HTTP03", "", ""));
    let large = "x".repeat(2 << 20);
    let file = shop.folder.path().join("body");
    std::fs::write(&file, large).unwrap();
    let body_of = format!("@{}", file.display());
    assert_eq!(shop.curl("/echo", &["--data-binary", &body_of]).1, 413);
    // Without a length it is cut off where the bound is.
    let chunked = [
        "-H",
        "transfer-encoding: chunked",
        "--data-binary",
        &body_of,
    ];
    let (text, _) = shop.curl("/echo", &chunked);
    assert!(text.len() <= 1 << 20, "{}", text.len());
    assert_eq!(shop.curl("/hello", &[]), said("hello", 200));
}

#[test]
fn a_reload_loses_no_request() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("web.wasm");
    std::fs::copy(guest_of("http-02"), &copy).unwrap();
    let shop = Served::within(
        tempfile::tempdir().unwrap(),
        &web(&format!("{:?}", copy.display().to_string()), "", ""),
        &["--watch"],
    );
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let ends = Ends(&over);
        let asking: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let mut asked = 0;
                    while !over.load(Ordering::Relaxed) {
                        let (text, status) = shop.curl("/hello", &[]);
                        assert_eq!((text.as_str(), status), ("hello", 200), "after {asked}");
                        asked += 1;
                    }
                })
            })
            .collect();
        // Of the other version, so that it can be told apart.
        let newer = folder.path().join("newer.wasm");
        std::fs::copy(guest_of("http-03"), &newer).unwrap();
        std::fs::rename(&newer, &copy).unwrap();
        until(|| shop.curl("/seen", &[]).0.starts_with("GET http://"));
        drop(ends);
        asking.into_iter().for_each(|it| it.join().unwrap());
    });
}

#[test]
fn what_a_route_to_a_process_cannot_be_is_told_before_anything_starts() {
    let folder = tempfile::tempdir().unwrap();
    let refusal = |text: &str| {
        let assert = command(folder.path(), text).assert().failure();
        stderr(&assert)
    };
    let good = web("HTTP02", "", "");
    for (text, wanted) in [
        (
            good.replace("process = \"web\"", "process = \"wob\""),
            "there is no process `wob`; declared are: web",
        ),
        (
            good.replace("process = \"web\"", "process = \"web\", channel = \"c\""),
            "either channel = \"NAME\" or process = \"NAME\"",
        ),
        (
            good.replace("process = \"web\"", "process = \"web\", frames = \"lines\""),
            "`frames` is for a channel",
        ),
        (
            web("HTTP02", "", "entry-point = \"run\""),
            "`entry-point` is of no use",
        ),
        (
            web("TRANSFORM", "", ""),
            "component `web` answers no HTTP requests",
        ),
        (
            web("HTTP02", "answer-time = \"0s\"", ""),
            "serve: answer-time",
        ),
        (
            good.replace(
                "\"/*\" = { process = \"web\" }",
                "\"GET /c\" = { channel = \"c\" }",
            )
            .replace("[processes.web]", "[channels]\nc = {}\n[processes.web]"),
            "`serve` is for what answers requests",
        ),
    ] {
        let told = refusal(&text);
        assert!(told.contains(wanted), "{wanted}: {told}");
    }
}
