//! Requests that wait for room in their channel.

use super::{blocking, connect, listening, rest};
use crate::support::block_on;
use std::io::Write;
use weft_net::http::Bounds;

#[test]
fn a_request_that_waits_for_room_and_gets_it_is_answered_as_any() {
    block_on(async {
        // Room for one of both frames.
        let listening = listening(Bounds::default(), None, 4).await;
        let address = listening.address;
        let posted = tokio::spawn(blocking(move || {
            let mut stream = connect(address);
            let head = "POST /orders HTTP/1.1\r\nhost: x\r\ncontent-type: text/plain\r\n";
            let rest_of_it = "connection: close\r\ncontent-length: 9\r\n\r\nabcd\nefgh";
            stream
                .write_all(format!("{head}{rest_of_it}").as_bytes())
                .unwrap();
            rest(stream)
        }));
        for wanted in ["abcd", "efgh"] {
            let frame = listening.orders.read().await.unwrap().unwrap();
            assert_eq!(frame.payload, wanted);
        }
        let said = posted.await.unwrap();
        assert!(said.starts_with("HTTP/1.1 202"), "{said}");
        assert!(said.ends_with("{\"accepted\":2}\n"), "{said}");
    });
}
