//! What goes on beside clients that mean harm: others keep their pace, and what nobody reads is not kept.

use super::handlers::{BOTH, said, web};
use super::hostile::{CHUNKED, FLOODS, flood, resident};
use super::served::{Ends, SHOP, Served};
use std::cell::RefCell;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};

/// What a neighbour must get done while the harm goes on.
const ANSWERS: usize = 20;

/// Does harm again and again until the neighbour has all its answers. Both must end.
fn beside(harm: impl Fn() + Sync, neighbour: impl Fn(usize)) {
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let ends = Ends(&over);
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                harm();
            }
        });
        (0..ANSWERS).for_each(neighbour);
        drop(ends);
    });
}

#[test]
fn a_flood_keeps_nobody_from_posting_and_from_looking_on() {
    let shop = Served::new(SHOP);
    let seen = RefCell::new(shop.watch(&[]));
    for (begin, piece) in FLOODS {
        let begin = begin.replace("CHUNKED", CHUNKED);
        let piece = piece.repeat(1000);
        beside(
            || drop(flood(&shop, &begin, piece.as_bytes())),
            |n| {
                let body = format!("order {n}");
                let told = shop.post("text/plain", &body);
                assert_eq!(told, ("{\"accepted\":1}".to_owned(), 202), "{begin:?}");
                assert_eq!(seen.borrow_mut().line(), format!("ORDER {n}"), "{begin:?}");
            },
        );
    }
}

#[test]
fn a_body_that_no_guest_reads_is_not_kept_and_ends_with_the_answer() {
    for guest in BOTH {
        let text = web(guest, "", "").replace("max-body = \"1MiB\"", "max-body = \"2GiB\"");
        let shop = Served::new(&text);
        assert_eq!(shop.curl("/hello", &[]), said("hello", 200), "{guest}");
        let before = resident(&shop);
        let begin = "POST /hello HTTP/1.1\r\nhost: x\r\ncontent-length: 2000000000\r\n\r\n";
        let piece = [b'x'; 64 << 10];
        beside(
            // What is sent on may take the answer with it.
            || drop(flood(&shop, begin, &piece)),
            |_| assert_eq!(shop.curl("/hello", &[]), said("hello", 200), "{guest}"),
        );
        let grown = resident(&shop).saturating_sub(before);
        assert!(grown < 64 << 10, "{guest}: {grown} KiB more");
    }
}

#[test]
fn an_answer_that_no_client_takes_is_not_kept_and_others_go_on() {
    for guest in BOTH {
        let shop = Served::new(&web(guest, "", ""));
        let ask = || {
            let mut stream = shop.ask("/endless");
            // It has begun.
            stream.read_exact(&mut [0; 1000]).unwrap();
            stream
        };
        let first = ask();
        let before = resident(&shop);
        let stuck: Vec<TcpStream> = (0..4).map(|_| ask()).collect();
        for n in 0..ANSWERS {
            let told = shop.curl("/hello", &[]);
            assert_eq!(told, said("hello", 200), "{guest}: {n}");
        }
        let grown = resident(&shop).saturating_sub(before);
        assert!(grown < 64 << 10, "{guest}: {grown} KiB more");
        // A client that goes is no client any more: its instance has room again.
        drop((first, stuck));
        assert_eq!(shop.curl("/hello", &[]), said("hello", 200), "{guest}");
    }
}

#[test]
fn bodies_that_do_not_come_keep_their_instances_and_no_others() {
    for guest in BOTH {
        let shop = Served::new(&web(guest, "instances = 8", ""));
        let slow: Vec<TcpStream> = (0..6)
            .map(|_| {
                let mut stream = TcpStream::connect(shop.address).unwrap();
                let head = b"POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\nab";
                stream.write_all(head).unwrap();
                stream
            })
            .collect();
        for n in 0..ANSWERS {
            let told = shop.curl("/hello", &[]);
            assert_eq!(told, said("hello", 200), "{guest}: {n}");
        }
        drop(slow);
    }
}
