//! `weft peek`.

use super::Machine;

/// A source whose lines nobody reads, a process that keeps their channel open, and a reader of other lines.
const PEEKED: &str = r#"
    [channels]
    orders = { capacity = "64KiB" }
    kept = {}
    [processes.source]
    component = "flights-source"
    args = { path = "/data/lines", lines = { writer = "orders" } }
    mounts = [{ host = ".", guest = "/data" }]
    [processes.one]
    component = "scenarios"
    args = { scenario = "wait-stop", arg = "" }
"#;

fn peeked(machine: &Machine, lines: &[u8]) -> super::Up {
    let manifest = machine.manifest("app", PEEKED);
    std::fs::write(manifest.with_file_name("lines"), lines).unwrap();
    let up = machine.up(&manifest, &[]);
    super::until(|| machine.json(&["ps"])["processes"][0]["state"]["ended"].is_string());
    up
}

#[test]
fn frames_are_shown_as_text_and_stay_in_their_channel() {
    let machine = Machine::new();
    let long = "x".repeat(300);
    let lines = format!("one\ntwo \u{1b}[31m\n{long}\nfour\n");
    let up = peeked(&machine, lines.as_bytes());
    let wanted = format!(
        "one\ntwo \\u{{1b}}[31m\n{}… (300 bytes)\nfour\n",
        "x".repeat(256)
    );
    // Twice the same, as nothing is taken.
    for _ in 0..2 {
        assert_eq!(machine.says(&["peek", "orders"]), wanted);
    }
    assert_eq!(machine.says(&["peek", "-n", "1", "orders"]), "one\n");
    assert_eq!(machine.says(&["peek", "-n", "0", "orders"]), "");
    // The channel has ended, so there is nothing to wait for.
    assert_eq!(machine.says(&["peek", "--follow", "orders"]), wanted);
    assert_eq!(
        machine.says(&["peek", "--json", "-n", "2", "orders"]),
        "{\"number\":0,\"size\":3,\"text\":\"one\"}\n\
         {\"number\":1,\"size\":9,\"text\":\"two \\u001b[31m\"}\n"
    );
    let whole = machine.says(&["peek", "--json", "orders"]);
    assert!(whole.contains(&long), "{whole}");
    let channels = machine.json(&["channels"]);
    let orders = &channels["channels"][0];
    assert_eq!(orders["frames_held"], 4);
    assert_eq!((&orders["readers"], &orders["lag"]), (&0.into(), &0.into()));
    up.interrupt();
}

#[test]
fn a_frame_that_is_no_text_is_shown_in_hexadecimal_and_as_base64() {
    let machine = Machine::new();
    let up = peeked(&machine, b"\xff\x00\xfe\n");
    assert_eq!(machine.says(&["peek", "orders"]), "3 bytes: ff 00 fe\n");
    assert_eq!(
        machine.says(&["peek", "--json", "orders"]),
        "{\"number\":0,\"size\":3,\"base64\":\"/wD+\"}\n"
    );
    up.interrupt();
}

#[test]
fn a_channel_that_is_not_there_is_bad_input_and_the_names_are_listed() {
    let machine = Machine::new();
    let up = peeked(&machine, b"");
    assert_eq!(
        machine.refuses(&["peek", "order"]),
        "error: there is no channel `order`; there are: orders, kept\n"
    );
    assert_eq!(machine.says(&["peek", "kept"]), "");
    up.interrupt();
    let machine = Machine::new();
    let up = machine.up(&machine.manifest("app", super::TWO), &[]);
    assert_eq!(
        machine.refuses(&["peek", "any"]),
        "error: there is no channel `any`; there are none\n"
    );
    up.interrupt();
}

#[test]
fn who_only_peeks_is_marked_among_the_readers_as_long_as_it_does() {
    let machine = Machine::new();
    let sdk = crate::support::guest_of("sdk").display().to_string();
    let text = format!("sdk = {sdk:?}\n");
    let text = text
        + r#"
        [channels]
        orders = {}
        [processes.keeper]
        component = "sdk"
        capabilities = ["channel-reader", "channel-writer"]
        [processes.keeper.args]
        scenario = "waits/stop"
        number = 0
        input = { reader = "orders", weak = true }
        output = { writer = "orders" }
    "#;
    let up = machine.up(&machine.manifest("app", &text), &[]);
    let counts = || {
        let row = &machine.json(&["channels"])["channels"][0];
        (row["readers"].as_u64(), row["peeks"].as_u64())
    };
    super::until(|| counts() == (Some(1), Some(0)));
    assert!(!machine.says(&["channels"]).contains("peek"));
    std::thread::scope(|scope| {
        let peeking = scope.spawn(|| machine.weft(&["peek", "--follow", "orders"]));
        super::until(|| counts() == (Some(1), Some(1)));
        assert!(machine.says(&["channels"]).contains(" 1 +1 peek "));
        up.interrupt();
        // The end of the runner ends it.
        assert!(peeking.join().is_ok());
    });
}

#[test]
fn frames_that_go_by_faster_than_they_are_looked_at_are_counted_and_hold_nobody_up() {
    let machine = Machine::new();
    let text = r#"
        [supervision]
        max-restarts = 1000000
        within = "1s"
        backoff = "1ms"
        max-backoff = "1ms"
        [channels]
        orders = { capacity = "1KiB" }
        [processes.source]
        component = "flights-source"
        args = { path = "/data/lines", lines = { writer = "orders" } }
        mounts = [{ host = ".", guest = "/data" }]
        restart = "always"
    "#;
    let manifest = machine.manifest("app", text);
    let lines: String = (0..2000).map(|number| format!("{number}\n")).collect();
    std::fs::write(manifest.with_file_name("lines"), lines).unwrap();
    let up = machine.up(&manifest, &[]);
    let seen = machine.says(&["peek", "-f", "--json", "-n", "2000", "orders"]);
    let seen: Vec<serde_json::Value> = seen
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let lagged = seen.iter();
    // Some may have gone before the first that was seen.
    let lagged = lagged.skip_while(|it| it["number"].is_null());
    let lagged: u64 = lagged.filter_map(|it| it["lagged"].as_u64()).sum();
    let numbers: Vec<u64> = seen.iter().filter_map(|it| it["number"].as_u64()).collect();
    assert_eq!(numbers.len(), 2000);
    assert!(lagged > 0);
    // Every frame was seen or counted.
    let (first, last) = (numbers[0], numbers[1999]);
    assert_eq!(last - first + 1, 2000 + lagged);
    up.interrupt();
}
