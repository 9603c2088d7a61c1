//! `weft ps` and `weft channels`.

use super::Machine;
use snapbox::str;

/// What comes to rest: a source that has ended, a process whose child outlives it, and one that made a channel.
const ROWS: &str = r#"
    [channels]
    orders = { capacity = "64KiB" }
    unread = { capacity = "4KiB", backpressure = "drop" }
    [processes.source]
    component = "flights-source"
    args = { path = "/data/lines", lines = { writer = "orders" } }
    capabilities = ["channel-writer"]
    mounts = [{ host = ".", guest = "/data" }]
    [processes.starter]
    component = "scenarios"
    args = { scenario = "leave-orphan", arg = "" }
    capabilities = ["process-lifecycle"]
    [processes.keeper]
    component = "scenarios"
    args = { scenario = "publish-and-stay", arg = "news" }
    capabilities = ["channel-lifecycle", "channel-writer", "channel-reader", "registry-publish="]
"#;

/// Text with every run of spaces as one, since widths depend on times.
fn squeezed(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let words: Vec<_> = line.split_whitespace().collect();
        words.join(" ") + "\n"
    });
    lines.collect()
}

#[test]
fn processes_and_channels_are_shown_as_tables_and_as_json() {
    let machine = Machine::new();
    let manifest = machine.manifest("app", ROWS);
    std::fs::write(manifest.with_file_name("lines"), "header\none\ntwo\n").unwrap();
    let up = machine.up(&manifest, &["--grace", "1h"]);
    super::until(|| {
        let seen = machine.json(&["ps"]);
        let ended = |index: usize| seen["processes"][index]["state"]["ended"].is_string();
        let made = machine.json(&["channels"])["channels"][2]["frames_written"] == 1;
        ended(0) && ended(1) && made
    });
    snapbox::assert_data_eq!(
        squeezed(&machine.says(&["ps"])),
        str![[r#"
ID NAME COMPONENT AGE CPU MEMORY HANDLES CHANNELS CHILDREN RESTARTS STARTER STATE
1 source flights-source [..]s [..]s 0 B 0 0 0 0 - returned[..]
2 starter scenarios [..]s [..]s 0 B 0 0 0 0 - returned "left"
3 keeper scenarios [..]s [..]s [..]iB [..] 1 0 0 - running
4 scenarios scenarios [..]s [..]s [..]iB [..] 0 0 0 2 [..]

"#]]
    );
    snapbox::assert_data_eq!(
        squeezed(&machine.says(&["channels"])),
        str![[r#"
NAME MAKER CAPACITY HELD DEPTH FRAMES BYTES DROPPED LAG READERS WRITERS
orders - 64.0 KiB 12 B 3 3 12 B 0 0 0 0
unread - 4.0 KiB 0 B 0 0 0 B 0 0 0 0
#1 keeper (3) 64 B 4 B 1 1 4 B 0 0 nobody 1

"#]]
    );
    let seen = machine.json(&["ps"]);
    assert_eq!(seen["runner"], "app");
    assert_eq!(seen["pid"], up.pid());
    assert_eq!(seen["processes"][3]["starter"], 2);
    // A process has names and ids that hold among several hosts.
    let host = seen["host"].as_str().expect("the host's name");
    for whole in [format!("{host}/1"), "app/source".to_owned(), "1".to_owned()] {
        assert_eq!(
            machine.says(&["stop", &whole]),
            machine.says(&["stop", "source"]),
            "{whole}"
        );
    }
    assert!(
        machine
            .refuses(&["stop", "elsewhere/1"])
            .contains("elsewhere/1")
    );
    // What guests started is shown once it has ended only to who asks for all.
    let told = machine.says(&["stop", "--grace", "0s", "scenarios"]);
    assert_eq!(told, "scenarios killed\n");
    assert!(!machine.says(&["ps"]).contains("killed"));
    assert!(machine.says(&["ps", "--all"]).contains("killed"));
    up.interrupt();
}
