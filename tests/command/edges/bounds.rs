//! What a manifest lets clients of a listener do: each bound is what it says.

use super::served::{SHOP, Served};
use super::stderr;
use crate::support::guest_of;

/// The shop with these lines.
fn shop_with(lines: &str) -> String {
    SHOP.replace("connections = 8", &format!("connections = 8\n{lines}"))
}

#[test]
fn a_head_may_have_as_many_bytes_as_the_manifest_says() {
    let header = format!("x-long: {}", "y".repeat(12 << 10));
    let asked = |shop: &Served| shop.curl("/nothing", &["-H", &header]).1;
    assert_eq!(asked(&Served::new(SHOP)), 404);
    assert_eq!(asked(&Served::new(&shop_with("max-head = \"8KiB\""))), 431);
}

#[test]
fn a_connection_may_be_idle_for_as_long_as_the_manifest_says() {
    let shop = Served::new(&shop_with("idle-time = \"200ms\""));
    // Nothing, half of how HTTP/2 begins, half a head, and nothing more after an answer.
    assert_eq!(shop.raw(b""), "");
    assert_eq!(shop.raw(b"PRI * HT"), "");
    shop.raw(b"GET /nothing HT");
    let said = shop.raw(b"GET /nothing HTTP/1.1\r\nhost: x\r\n\r\n");
    assert!(said.contains(" 404 "), "{said}");
    // One that begins as HTTP/2 does and is not.
    let said = shop.raw(b"PRI /nothing HTTP/1.1\r\nhost: x\r\n\r\n");
    assert!(said.contains(" 404 "), "{said}");
}

#[test]
fn a_body_may_take_as_long_as_the_manifest_says() {
    let shop = Served::new(&shop_with("body-time = \"200ms\""));
    let head = "POST /orders HTTP/1.1\r\nhost: x\r\ncontent-type: text/plain\r\n";
    let said = shop.raw(format!("{head}content-length: 10\r\n\r\n12345").as_bytes());
    assert!(said.contains(" 408 "), "{said}");
}

#[test]
fn a_request_waits_for_room_for_as_long_as_the_manifest_says() {
    let bench = guest_of("bench-ends").display().to_string();
    let play = |name: &str, input: &str| {
        format!(
            r#"
            [processes.{name}]
            component = "bench"
            args = {{ role = "send", frames = 1000000, size = 64, input = {{ reader = "{input}" }}, output = {{ writer = "full" }} }}
            "#
        )
    };
    // Neither reads what it is given, since both wait for room where the second one is the reader.
    let text = format!(
        r#"
        [components]
        bench = {bench:?}
        [channels]
        orders = {{ capacity = "16B" }}
        full = {{ capacity = "64B" }}
        [http.shop]
        listen = "127.0.0.1:0"
        room-time = "200ms"
        [http.shop.routes]
        "POST /orders" = {{ channel = "orders" }}
        {}{}
        "#,
        play("first", "orders"),
        play("second", "full"),
    );
    let folder = tempfile::tempdir().unwrap();
    let shop = Served::within(folder, &text, &["--grace", "100ms"]);
    assert_eq!(shop.post("text/plain", "0123456789").1, 202);
    let (said, status) = shop.post("text/plain", "0123456789");
    assert_eq!(status, 503, "{said}");
}

#[test]
fn a_bound_that_nobody_can_keep_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (line, wanted) in [
        (
            "max-head = \"1KiB\"",
            "max-head: it is from 8KiB to 1024KiB",
        ),
        (
            "max-head = \"2MiB\"",
            "max-head: it is from 8KiB to 1024KiB",
        ),
        ("max-head = \"many\"", "http `shop`: max-head"),
        ("idle-time = \"0s\"", "http `shop`: idle-time"),
        ("body-time = \"soon\"", "http `shop`: body-time"),
        ("room-time = true", "http `shop`: room-time"),
    ] {
        let assert = super::command(folder.path(), &shop_with(line));
        let said = stderr(&assert.assert().code(2));
        assert!(said.contains(wanted), "{line}: {said}");
    }
}
