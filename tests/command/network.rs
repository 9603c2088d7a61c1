//! The rights on addresses: how they are granted, and what is said when one is missing.

use crate::support::guest_of;
use crate::weft::{run, up, weft};
use snapbox::str;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

/// A server that echoes the line that one client says, and its address.
fn echo() -> (String, std::thread::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let serving = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        // The whole line: what is left unread would reset the connection.
        let mut line = String::new();
        BufReader::new(&stream).read_line(&mut line).unwrap();
        stream.write_all(line.as_bytes()).unwrap();
    });
    (address, serving)
}

#[test]
fn a_program_connects_where_it_was_granted_to() {
    let (address, serving) = echo();
    run("net-std")
        .args(["--grant", &format!("connect=tcp://{address}")])
        .args(["--", "say", &address, "hello"])
        .assert()
        .success()
        .stdout_eq("heard hello\n");
    serving.join().unwrap();
}

#[test]
fn a_denial_says_what_to_grant() {
    let say = |grant: &str| {
        let command = run("net-std").args(["--grant", grant]);
        command
            .args(["--", "say", "127.0.0.1:9", "hello"])
            .assert()
            .code(1)
    };
    say("clocks").stdout_eq("failed: PermissionDenied\n").stderr_eq(str![[r#"
...
[..] net-std    WARN  weft: a call was denied: it needs `connect=PATTERN` weft.capability=connect (weft run: --grant connect=PATTERN; a manifest: capabilities)
...
"#]]);
    say("connect=tcp://example.com:443").stdout_eq("failed: PermissionDenied\n").stderr_eq(str![[r#"
...
[..] net-std    WARN  weft: a call was denied: it needs `connect=tcp://127.0.0.1:9` weft.capability=connect (weft run: --grant connect=PATTERN; a manifest: capabilities)
...
"#]]);
}

#[test]
fn a_pattern_that_is_none_says_what_to_write() {
    let grant = |text: &str| run("net-std").args(["--grant", text]).assert().code(2);
    grant("connect").stderr_eq(str![[r#"
error: [..]`connect` needs a value; write connect=PATTERN
...
"#]]);
    grant("connect=example.com:443").stderr_eq(str![[r#"
error: [..]`connect=example.com:443`: write a scheme in front, such as `tcp://example.com:443`
...
"#]]);
    grant("listen=tcp://example.com:80").stderr_eq(str![[r#"
error: [..]`listen=tcp://example.com:80`: a listener has an address and no name; write `127.0.0.1`, `0.0.0.0` for every address, or `localhost`
...
"#]]);
}

#[test]
fn a_manifest_grants_as_the_option_does() {
    let folder = tempfile::tempdir().unwrap();
    let (address, serving) = echo();
    let manifest = format!(
        "[processes.client]\ncomponent = \"net-std\"\ncommand-line = [\"say\", \"{address}\", \"hello\"]\ncapabilities = [\"connect=tcp://{address}\"]\n"
    );
    let command = up(folder.path(), &["net-std"], &manifest);
    command.assert().success().stderr_eq(str![[r#"
...
[..]heard hello[..]
...
"#]]);
    serving.join().unwrap();
}

#[test]
fn inspect_shows_which_rights_a_program_may_ask_for() {
    let shown = weft()
        .arg("inspect")
        .arg(guest_of("net-std"))
        .assert()
        .success();
    let text = String::from_utf8_lossy(&shown.get_output().stdout).into_owned();
    let (_, asked) = text.split_once("capabilities it may ask for").expect(&text);
    let words: Vec<_> = asked.split_whitespace().collect();
    assert!(
        words.contains(&"connect") && words.contains(&"listen"),
        "{asked}"
    );
}
