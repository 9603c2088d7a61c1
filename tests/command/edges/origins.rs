//! Pages of others: what browsers ask about, and what is refused whoever asks.

use super::served::{SHOP, Served};
use super::stderr;

fn shop(origins: &str) -> Served {
    let text = SHOP.replace("connections = 8", &format!("connections = 8\n{origins}"));
    Served::new(&text)
}

/// What a page of this origin gets: the whole answer, and its status.
fn get(shop: &Served, origin: &str) -> (String, u16) {
    let origin = format!("origin: {origin}");
    let (said, status) = shop.curl(
        "/orders",
        &[
            "-i",
            "-H",
            &origin,
            "-H",
            "content-type: text/plain",
            "--data",
            "one",
        ],
    );
    (said.to_ascii_lowercase(), status)
}

/// What a browser is told before it sends a request for a page of this origin.
fn preflight(shop: &Served, origin: &str, method: &str, path: &str) -> (String, u16) {
    let (origin, method) = (
        format!("origin: {origin}"),
        format!("access-control-request-method: {method}"),
    );
    let (said, status) = shop.curl(path, &["-i", "-X", "OPTIONS", "-H", &origin, "-H", &method]);
    (said.to_ascii_lowercase(), status)
}

#[test]
fn pages_of_others_are_refused_unless_they_are_named() {
    let mut shop = shop("origins = [\"https://app.example\", \"http://localhost:3000\"]");
    let (said, status) = get(&shop, "https://app.example");
    assert_eq!(status, 202);
    assert!(
        said.contains("access-control-allow-origin: https://app.example"),
        "{said}"
    );
    assert!(said.contains("vary: origin"), "{said}");
    // Its own pages, and what is no browser, need no name.
    let own = format!("http://{}", shop.address);
    let (said, status) = get(&shop, &own);
    assert_eq!(status, 202);
    assert!(!said.contains("access-control-allow-origin"), "{said}");
    assert_eq!(shop.post("text/plain", "one").1, 202);
    for other in ["https://evil.example", "http://app.example", "null"] {
        let (said, status) = get(&shop, other);
        assert_eq!(status, 403);
        assert!(said.contains("`origins` says whose may"), "{said}");
        assert!(!said.contains("access-control-allow-origin"), "{said}");
    }
    // Looking on is refused as well: nobody takes a place from a page of others.
    let evil = ["-H", "origin: https://evil.example"];
    assert_eq!(shop.curl("/alerts", &evil).1, 403);
    let said = shop.stop();
    assert!(said.contains("channel orders: 3 frames"), "{said}");
}

#[test]
fn browsers_are_told_before_they_ask() {
    let shop = shop("origins = [\"https://app.example\"]");
    let (said, status) = preflight(&shop, "https://app.example", "POST", "/orders");
    assert_eq!(status, 204, "{said}");
    for wanted in [
        "access-control-allow-origin: https://app.example",
        "access-control-allow-methods: post",
        "access-control-allow-headers: content-type, last-event-id",
        "access-control-max-age: 600",
        "vary: origin",
    ] {
        assert!(said.contains(wanted), "{wanted}: {said}");
    }
    assert_eq!(
        preflight(&shop, "https://app.example", "GET", "/alerts").1,
        204
    );
    let (said, status) = preflight(&shop, "https://evil.example", "POST", "/orders");
    assert_eq!(status, 403);
    assert!(!said.contains("access-control-allow"), "{said}");
    assert_eq!(
        preflight(&shop, "https://app.example", "DELETE", "/orders").1,
        405
    );
    assert_eq!(
        preflight(&shop, "https://app.example", "GET", "/none").1,
        404
    );
    // What asks about nothing is a method like another.
    assert_eq!(shop.curl("/orders", &["-X", "OPTIONS"]).1, 405);
}

#[test]
fn all_pages_may_use_what_is_for_all() {
    let shop = shop("origins = \"*\"");
    for origin in ["https://app.example", "null"] {
        let (said, status) = get(&shop, origin);
        assert_eq!(status, 202);
        assert!(said.contains("access-control-allow-origin: *"), "{said}");
    }
    assert_eq!(preflight(&shop, "null", "POST", "/orders").1, 204);
}

#[test]
fn nobody_elses_pages_may_use_what_says_nothing() {
    let shop = shop("");
    assert_eq!(get(&shop, "https://app.example").1, 403);
    assert_eq!(
        preflight(&shop, "https://app.example", "POST", "/orders").1,
        403
    );
    let own = format!("http://{}", shop.address);
    assert_eq!(get(&shop, &own).1, 202);
}

#[test]
fn what_is_no_origin_is_told() {
    let folder = tempfile::tempdir().unwrap();
    for (origins, wanted) in [
        (
            "[\"app.example\"]",
            "http `shop`: origins: `app.example` is no origin; write a scheme and a host",
        ),
        ("[\"https://app.example/x\"]", "is no origin"),
        ("[\"*\"]", "\"*\" is for all, and stands alone"),
        (
            "\"https://app.example\"",
            "write a list, such as [\"https://app.example\"]",
        ),
        ("3", "a list of origins, or \"*\" for all"),
    ] {
        let text = SHOP.replace("connections = 8", &format!("origins = {origins}"));
        let assert = super::command(folder.path(), &text).assert().code(2);
        let said = stderr(&assert);
        assert!(said.contains(wanted), "{origins}: {said}");
    }
}
