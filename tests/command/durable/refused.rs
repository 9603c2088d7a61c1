//! What is wrong with a durable channel is said before anything is started.

use super::{server, writing};
use crate::control::Machine;
use crate::weft::weft;
use snapbox::{IntoData, str};

/// What `weft check` says of a manifest.
fn check(text: &str, wanted: &str) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("weft.toml"), text).unwrap();
    weft()
        .current_dir(folder.path())
        .args(["check", "weft.toml"])
        .assert()
        .code(2)
        .stderr_eq(format!("error: manifest `weft.toml`: {wanted}\n").raw());
}

/// What it says of a channel with an engine and these keys.
fn check_channel(keys: &str, wanted: &str) {
    let text = format!("[channels.c]\nengine = \"nats://localhost\"\nfrom = \"stdin\"\n{keys}\n");
    check(&text, &format!("channel `c`: {wanted}"));
}

/// What it says of a sink that reads this.
fn check_sink(channel: &str, wanted: &str) {
    let text = format!(
        "[channels.c]\nengine = \"nats://localhost\"\nfrom = \"stdin\"\n[channels.m]\nfrom = \"stdin\"\n\
         [sinks.out]\nstdout = true\nchannel = {channel}\n"
    );
    check(&text.replacen("from = \"stdin\"\n", "", 1), wanted);
}

#[test]
fn keys_of_a_server_without_one() {
    check(
        "[channels.c]\nstream = \"s\"\nfrom = \"stdin\"\n",
        "channel `c`: `stream` is for channels that a server keeps; write engine = \"nats://HOST:4222\" beside it",
    );
}

#[test]
fn an_address_that_is_none() {
    for address in [
        "localhost:4222",
        "http://localhost",
        "nats://",
        "nats://a:b",
        "nats://a/b",
    ] {
        let text = format!("[channels.c]\nengine = {address:?}\nfrom = \"stdin\"\n");
        let wanted = format!(
            "channel `c`: engine: `{address}` is no address of a NATS server; write it as nats://HOST:4222"
        );
        check(&text, &wanted);
    }
    check(
        "[channels.c]\nengine = \"nats://me:secret@a:b\"\nfrom = \"stdin\"\n",
        "channel `c`: engine: `nats://a:b` is no address of a NATS server; write it as nats://HOST:4222",
    );
}

#[test]
fn settings_that_no_stream_has() {
    check_channel(
        "stream = \"a.b\"",
        "`a.b` cannot be the name of a stream: letters, digits, `-` and `_` can be in it",
    );
    check_channel(
        "subject = \"orders.>\"",
        "`orders.>` cannot be the subject of frames: one is words with dots between, without `*` and `>`, such as orders.new",
    );
    check_channel("replicas = 7", "replicas: NATS keeps at most 5 of a stream");
    check_channel("replicas = 0", "replicas: a stream has at least 1");
    check_channel(
        "tls = { certificate = \"c.pem\" }",
        "engine: tls: certificate and key go together",
    );
    check_channel(
        "on-no-reader = \"stop\"",
        "`on-no-reader` is of no use with an engine: the server keeps the frames for who reads them later",
    );
    check_channel(
        "keep = \"0s\"",
        "keep: it is no time at all; write it as \"7d\"",
    );
}

#[test]
fn places_in_what_is_no_durable_channel_or_of_two_readers() {
    check_sink(
        "{ channel = \"m\", as = \"out\" }",
        "`out`: `as` and `begin` are for channels that a server keeps, and `m` is none; write engine = \"nats://HOST:4222\" for it",
    );
    check_sink(
        "{ channel = \"c\", as = \"a.b\" }",
        "sink `out`: channel: `as`: \"a.b\" is no name of a place; those have letters, digits, `-` and `_`, such as \"billing\"",
    );
    check_sink(
        "{ channel = \"c\", begin = \"soon\" }",
        "sink `out`: channel: begin: `soon` is no place to begin; write \"oldest\", \"newest\", a time such as 2026-01-31T12:00:00Z, or the sequence of a message",
    );
    let sink = |name: &str| {
        format!(
            "[sinks.{name}]\nfile = \"{name}\"\nchannel = {{ channel = \"c\", as = \"one\" }}\n"
        )
    };
    let text = "[channels.c]\nengine = \"nats://localhost\"\nfrom = \"stdin\"\n".to_owned();
    check(
        &(text + &sink("a") + &sink("b")),
        "`a` and `b` both read `c` as `one`; one reader has a place at a time, so give each its own",
    );
}

#[test]
fn a_check_asks_no_server() {
    let folder = tempfile::tempdir().unwrap();
    // Nothing listens there.
    let text = "[channels.c]\nengine = \"nats://127.0.0.1:1\"\nfrom = \"stdin\"\nto = \"stdout\"\n";
    std::fs::write(folder.path().join("weft.toml"), text).unwrap();
    let check = weft()
        .current_dir(folder.path())
        .args(["check", "weft.toml"]);
    check.assert().success();
    weft()
        .current_dir(folder.path())
        .args(["up", "weft.toml"])
        .assert()
        .code(2)
        .stderr_eq(str![[r#"
error: manifest `weft.toml`: channel `c`: [..]Connection refused (os error 111)

"#]]);
}

#[test]
fn a_stream_with_other_settings_is_left_as_it_is() {
    let nats = server();
    let machine = Machine::new();
    let first = machine.manifest("first", &writing(&nats, "capacity = \"1MiB\"\n"));
    machine.says(&["up", &first.display().to_string()]);
    let other = writing(&nats, "capacity = \"2MiB\"\nformat = \"plain\"\n");
    let other = machine.manifest("other", &other);
    let said = machine.refuses(&["up", &other.display().to_string()]);
    let wanted = "channel `orders`: the stream `orders` has other settings: capacity is 1048576, not 2097152; format is packed, not plain";
    assert!(said.contains(wanted), "{said}");
}
