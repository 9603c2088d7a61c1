//! Services: how many instances they have and for how long, what ends with an instance and what does not, and restarts.

use super::handlers::{BOTH, said, web};
use super::served::{Ends, Served, rest};
use super::{command, stderr};
use crate::control::until;
use crate::support::guest_of;
use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

impl Served {
    /// The process that keeps the instances.
    fn service(&self) -> u64 {
        let web = self.processes("web");
        let service = web.iter().find(|(_, starter)| starter.is_none());
        service.unwrap_or_else(|| panic!("{web:?}")).0
    }

    /// How many instances there are.
    fn instances(&self) -> usize {
        let web = self.processes("web");
        web.iter().filter(|(_, starter)| starter.is_some()).count()
    }

    /// Asks for something that takes long, of a guest of 0.3 with one instance, and returns when the guest has the request.
    fn under_way(&self, path: &str) -> TcpStream {
        let before: u64 = self.curl("/count", &[]).0.parse().unwrap();
        let asked = self.ask(path);
        // Each look is one more itself.
        let mut looks = before;
        loop {
            looks += 1;
            let count: u64 = self.curl("/count", &[]).0.parse().unwrap();
            if count > looks {
                return asked;
            }
        }
    }
}

#[test]
fn instances_come_with_requests_up_to_their_bound_and_idle_ones_end_but_for_the_warm() {
    for guest in BOTH {
        let serve = "instances = 3, warm = 2, at-once = 1, requests = 100, idle-time = \"300ms\"";
        let shop = Served::new(&web(guest, serve, ""));
        // Before any request.
        until(|| shop.instances() == 2);
        let asked: Vec<_> = (0..6).map(|_| shop.ask("/wait?1000")).collect();
        until(|| {
            let instances = shop.instances();
            assert!(instances <= 3, "{guest}: {instances}");
            instances == 3
        });
        for stream in asked {
            let answer = rest(stream);
            assert!(answer.starts_with("HTTP/1.1 200"), "{guest}: {answer}");
            assert!(shop.instances() <= 3, "{guest}");
        }
        until(|| shop.instances() == 2);
        assert_eq!(shop.curl("/hello", &[]), said("hello", 200), "{guest}");
        assert_eq!(shop.instances(), 2, "{guest}");
    }
}

#[test]
fn a_service_that_keeps_none_warm_starts_one_with_the_first_request() {
    for guest in BOTH {
        let serve = "warm = 0, requests = 100, idle-time = \"300ms\"";
        let shop = Served::new(&web(guest, serve, ""));
        assert_eq!(shop.instances(), 0, "{guest}");
        assert_eq!(shop.curl("/hello", &[]), said("hello", 200), "{guest}");
        until(|| shop.instances() == 0);
        assert_eq!(shop.curl("/hello", &[]), said("hello", 200), "{guest}");
    }
}

#[test]
fn instances_are_listed_as_children_of_their_service() {
    let shop = Served::new(&web("HTTP03", "warm = 2", ""));
    until(|| shop.instances() == 2);
    let service = shop.service();
    let web = shop.processes("web");
    let starters: Vec<_> = web.iter().map(|(_, starter)| *starter).collect();
    assert_eq!(starters, [None, Some(service), Some(service)], "{web:?}");
    // Each has a log, by its id, as any process.
    assert_eq!(shop.says(&["logs", &web[1].0.to_string()]), "");
}

#[test]
fn what_ends_an_instance_ends_its_other_requests_with_500() {
    let shop = Served::new(&web("HTTP03", "instances = 1, at-once = 8", ""));
    let waiting = ["/wait?30000", "/wait?30000"].map(|path| shop.under_way(path));
    assert_eq!(shop.curl("/trap", &[]).1, 500);
    for stream in waiting {
        let answer = rest(stream);
        assert!(answer.starts_with("HTTP/1.1 500"), "{answer}");
    }
    assert_eq!(shop.curl("/count", &[]), said("1", 200));
}

#[test]
fn what_ends_an_instance_ends_no_request_of_another() {
    for guest in BOTH {
        let serve = "instances = 2, warm = 2, at-once = 1, requests = 100";
        let shop = Served::new(&web(guest, serve, ""));
        until(|| shop.instances() == 2);
        let waiting = shop.ask("/wait?1500");
        for _ in 0..3 {
            assert_eq!(shop.curl("/trap", &[]).1, 500, "{guest}");
        }
        let answer = rest(waiting);
        assert!(answer.starts_with("HTTP/1.1 200"), "{guest}: {answer}");
    }
}

#[test]
fn a_request_that_no_instance_takes_in_time_may_come_again() {
    let serve = "instances = 1, at-once = 1, answer-time = \"1s\"";
    let shop = Served::new(&web("HTTP03", serve, ""));
    until(|| {
        // It has the only place, until it is given up.
        let _busy = shop.ask("/never");
        let (text, status) = shop.curl("/hello", &["-i"]);
        let taken_by_none = text.contains("no instance took the request in time");
        assert_eq!(taken_by_none, status == 503, "{text}");
        assert!(!taken_by_none || text.contains("retry-after: 1"), "{text}");
        taken_by_none
    });
    until(|| shop.curl("/hello", &[]) == said("hello", 200));
}

/// A component that looks as if it answered requests, and traps when an instance begins.
const STILLBORN: &str = r#"
    (component
        (import "wasi:http/types@0.2.0" (instance $types
            (export "incoming-request" (type (sub resource)))
            (export "response-outparam" (type (sub resource)))
        ))
        (alias export $types "incoming-request" (type $request))
        (alias export $types "response-outparam" (type $out))
        (core module $code
            (func (export "handle") (param i32 i32))
            (func $begin unreachable)
            (start $begin)
        )
        (core instance $code (instantiate $code))
        (func $handle (param "request" (own $request)) (param "response-out" (own $out))
            (canon lift (core func $code "handle"))
        )
        (instance $handler (export "handle" (func $handle)))
        (export "wasi:http/incoming-handler@0.2.0" (instance $handler))
    )
"#;

#[test]
fn a_service_whose_instances_cannot_begin_fails_and_is_restarted_as_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let broken = folder.path().join("broken.wasm");
    fs::write(&broken, wat::parse_str(STILLBORN).unwrap()).unwrap();
    let named = format!("{:?}", broken.display().to_string());
    let supervision = "[supervision]\nmax-restarts = 1\nbackoff = \"1ms\"\n";
    let text = web(&named, "", "restart = \"on-failure\"");
    // It is given up, and all with it.
    let assert = command(folder.path(), &format!("{supervision}{text}"));
    let log = stderr(&assert.assert().code(1));
    let fails = "web failed: 3 instances in a row ended before they took a request; the last one: ";
    assert_eq!(log.matches(fails).count(), 2, "{log}");
    assert!(log.contains("unreachable"), "{log}");
    assert!(log.contains("giving up after 1 restart"), "{log}");
}

/// Those who ask again and again, and must never be refused.
fn never_refused<T>(shop: &Served, meanwhile: impl FnOnce() -> T) -> T {
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let ends = Ends(&over);
        let asking = [(); 3].map(|()| {
            scope.spawn(|| {
                let mut asked = 0;
                while !over.load(Ordering::Relaxed) {
                    assert_eq!(
                        shop.curl("/hello", &[]),
                        said("hello", 200),
                        "after {asked}"
                    );
                    asked += 1;
                }
            })
        });
        let done = meanwhile();
        drop(ends);
        asking.into_iter().for_each(|it| it.join().unwrap());
        done
    })
}

/// The file of a guest, with a section behind it that means nothing.
fn with_a_mark(guest: &str, to: &Path, mark: u8) {
    let mut bytes = fs::read(guest_of(guest)).unwrap();
    // A custom section: its kind, its length, and the length of its name and the name.
    bytes.extend([0, 2, 1, mark]);
    // At once, so that nobody sees a half of it.
    let newer = to.with_extension("newer");
    fs::write(&newer, bytes).unwrap();
    fs::rename(&newer, to).unwrap();
}

#[test]
fn a_reload_and_a_restart_let_requests_end_that_are_under_way() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("web.wasm");
    with_a_mark("http-03", &file, b'a');
    let named = format!("{:?}", file.display().to_string());
    let folder = tempfile::tempdir().unwrap();
    let text = web(&named, "instances = 1, at-once = 8", "");
    let shop = Served::within(folder, &text, &["--watch"]);
    for is_reload in [true, false] {
        let (before, waiting) = (shop.service(), shop.under_way("/wait?1500"));
        never_refused(&shop, || {
            match is_reload {
                true => with_a_mark("http-03", &file, b'b'),
                false => drop(shop.says(&["restart", "web"])),
            }
            until(|| shop.service() != before);
        });
        let answer = rest(waiting);
        assert!(answer.starts_with("HTTP/1.1 200"), "{is_reload}: {answer}");
    }
}

#[test]
fn a_restart_of_a_listener_takes_its_place_and_the_service_goes_on() {
    let shop = Served::on_a_port(&web("HTTP03", "instances = 1", ""));
    assert_eq!(shop.curl("/count", &[]), said("1", 200));
    shop.says(&["restart", "shop"]);
    until(|| shop.curl("/hello", &[]) == said("hello", 200));
    // The same instance.
    assert_eq!(shop.curl("/count", &[]), said("3", 200));
}
