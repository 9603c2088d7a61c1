//! What a client is told that comes again and whose last frame is gone.

use super::served::{SHOP, Served};
use super::websocket::{UPGRADE, ask};

/// Alerts of which only the last few are retained, and the id of the first one. There have been as many more as this says.
fn overtaken(frames: usize) -> (Served, String) {
    let shop = Served::new(&SHOP.replace("alerts = {}", "alerts = { capacity = \"1KiB\" }"));
    let mut events = shop.watch(&["accept: text/event-stream"]);
    shop.post("text/plain", "first");
    let (id, data) = events.event();
    assert_eq!(data, "FIRST");
    // So that all are in the channel of alerts before anybody asks again.
    for n in 0..frames {
        shop.post("text/plain", &format!("{n:0100}"));
        // A client may be too slow for some.
        while events.event().1 != format!("{n:0100}") {}
    }
    (shop, format!("last-event-id: {id}"))
}

#[test]
fn events_say_how_many_frames_are_gone_and_go_on_with_the_oldest_that_is_there() {
    let (shop, last) = overtaken(50);
    let mut again = shop.watch(&["accept: text/event-stream", &last]);
    assert_eq!(again.line(), ":");
    assert_eq!(again.line(), "");
    assert_eq!(again.line(), "event: lost");
    let lost = again.line();
    let lost: u64 = lost.strip_prefix("data: ").unwrap().parse().unwrap();
    // Those that are there are the ones behind it, without a gap.
    for n in lost..50 {
        assert_eq!(again.event().1, format!("{n:0100}"));
    }
    assert!(lost > 30, "{lost}");
}

#[test]
fn a_websocket_says_it_by_a_message() {
    let (shop, last) = overtaken(50);
    let (head, mut client) = ask(&shop, "GET /alerts", &format!("{UPGRADE}{last}\r\n"));
    assert!(head.starts_with("http/1.1 101"), "{head}");
    let lost = client.text();
    let lost = lost
        .strip_prefix("{\"lost\":")
        .and_then(|it| it.strip_suffix('}'));
    let lost: u64 = lost.unwrap().parse().unwrap();
    assert_eq!(client.text(), format!("{lost:0100}"));
    assert!(lost > 30, "{lost}");
}

#[test]
fn lines_go_on_with_the_oldest_that_is_there() {
    let (shop, last) = overtaken(50);
    let mut again = shop.watch(&[&last]);
    let first: u64 = again.line().parse().unwrap();
    assert!(first > 30, "{first}");
    for n in first + 1..50 {
        assert_eq!(again.line(), format!("{n:0100}"));
    }
}
