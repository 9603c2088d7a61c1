//! `weft up`: processes that are restarted as the manifest says.

use crate::weft::up;
use std::collections::HashSet;
use std::path::Path;

/// A child that does what the lines of a file say, one whose diary is read by a third.
const PIPELINE: &str = r#"
    [channels]
    orders = {}
    diary = {}
    [processes.source]
    component = "flights-source"
    args = { path = "/data/lines", lines = { writer = "orders" } }
    capabilities = ["channel-writer"]
    mounts = [{ host = ".", guest = "/data" }]
    [processes.sink]
    component = "parked"
    args = { input = { reader = "diary" } }
    capabilities = ["channel-reader"]
    [processes.a]
    component = "supervised"
    args = { tag = "a", input = { reader = "orders" }, diary = { writer = "diary" } }
    capabilities = ["channel-reader", "channel-writer"]
"#;

/// Runs the pipeline with these orders and words about `a`, and returns stderr.
fn pipeline(orders: &[&str], words: &str, supervision: &str, code: i32) -> String {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("lines"), orders.join("\n")).unwrap();
    let text = format!("{PIPELINE}{words}\n[supervision]\n{supervision}\n");
    stderr(folder.path(), &text, code)
}

fn stderr(folder: &Path, text: &str, code: i32) -> String {
    let components = ["flights-source", "parked", "supervised"];
    let assert = up(folder, &components, text).assert().code(code);
    String::from_utf8_lossy(&assert.get_output().stderr).into_owned()
}

fn assert_says(stderr: &str, wanted: &[&str]) {
    for wanted in wanted {
        assert!(stderr.contains(wanted), "`{wanted}` is not in: {stderr}");
    }
}

#[test]
fn a_process_that_fails_is_restarted_and_reads_on() {
    let orders = ["1", "fail", "2", "trap", "3", "4"];
    let restarts = "restart = \"on-failure\"\ndelivery = \"at-most-once\"";
    let stderr = pipeline(&orders, restarts, "backoff = \"1ms\"", 0);
    assert_says(
        &stderr,
        &[
            "a failed: told to; restarting in 1ms (1 of 5)",
            "a panicked; restarting in 2ms (2 of 5)",
            "a returned 2\n",
            // Of three incarnations, four copied, one at the end, and one for each order.
            "sink returned 10\n",
        ],
    );
    assert!(!stderr.contains("error:"), "{stderr}");
}

#[test]
fn what_a_process_had_not_finished_comes_again_and_what_ends_it_is_rejected() {
    let words = r#"
        restart = "on-failure"
        max-deliveries = 2
        rejected = "bad"
        [channels.bad]
        [processes.rejects]
        component = "parked"
        args = { input = { reader = "bad" } }
    "#;
    let stderr = pipeline(&["1", "trap", "2"], words, "backoff = \"1ms\"", 0);
    assert_says(
        &stderr,
        &[
            "a panicked; restarting in 1ms (1 of 5)",
            "a panicked; restarting in 2ms (2 of 5)",
            "a frame of 4 bytes is rejected, as 2 processes ended while they handled it: it went to the channel for rejected frames",
            "a returned 1\n",
            "rejects returned 1\n",
            // Of three incarnations, two copied, one at the end, and one for each time that the order came.
            "sink returned 8\n",
        ],
    );
}

/// Good lines of the large file.
const MANY: usize = 200_000;

#[test]
fn of_very_many_lines_none_but_the_bad_one_is_lost_by_a_stage_that_panics_at_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    let mut lines: Vec<String> = (0..MANY).map(|number| format!("line {number}")).collect();
    lines.insert(MANY / 2, "trap".to_owned());
    std::fs::write(file("lines"), lines.join("\n")).unwrap();
    // The stage collects what it writes, so that much of it is not written yet when it panics.
    let text = r#"
        [channels]
        lines = {}
        good = {}
        bad = {}
        [sources.lines]
        file = "lines"
        channel = "lines"
        [processes.stage]
        component = "sdk"
        args = { scenario = "finished/collected", input = { reader = "lines" }, output = { writer = "good" }, number = 0 }
        restart = "on-failure"
        rejected = "bad"
        [sinks.good]
        channel = "good"
        file = "good"
        [sinks.bad]
        channel = "bad"
        file = "bad"
        [supervision]
        backoff = "1ms"
    "#;
    let assert = up(folder.path(), &["sdk"], text).assert().success();
    let stderr = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    let good = std::fs::read_to_string(file("good")).unwrap();
    let arrived: HashSet<&str> = good.lines().collect();
    let lost = lines.iter().filter(|line| !arrived.contains(line.as_str()));
    assert_eq!(lost.collect::<Vec<_>>(), ["trap"], "{stderr}");
    assert_eq!(std::fs::read_to_string(file("bad")).unwrap(), "trap\n");
    assert_eq!(stderr.matches(" is rejected").count(), 1, "{stderr}");
}

#[test]
fn without_restart_a_process_ends_for_good() {
    let stderr = pipeline(&["1", "fail", "2"], "", "max-restarts = 9", 1);
    assert_says(&stderr, &["a failed: told to\n", "sink returned 3\n"]);
    assert_says(&stderr, &["error: process `a` failed: told to\n"]);
    assert!(!stderr.contains("restarting"), "{stderr}");
}

#[test]
fn beyond_the_limit_weft_gives_up_with_the_code_of_the_last_end() {
    let settings = "max-restarts = 2\nwithin = \"1h\"\nbackoff = \"0s\"\nmax-backoff = \"0s\"";
    let orders = ["fail", "fail", "trap"];
    let once = "restart = \"always\"\ndelivery = \"at-most-once\"";
    let stderr = pipeline(&orders, once, settings, 134);
    assert_says(
        &stderr,
        &[
            "a failed: told to; restarting in 0s (2 of 2)",
            "a panicked; giving up after 2 restarts within 1h",
            "error: process `a` panicked",
        ],
    );
    // One that returns again and again is given up on too, and that is no success.
    let stderr = pipeline(&["return"], "restart = \"always\"", settings, 1);
    assert_says(&stderr, &["a returned 0; giving up after 2 restarts"]);
    let why =
        "error: process `a` returned 0 but must keep running; gave up after 2 restarts within 1h";
    assert_says(&stderr, &[why]);
}

#[test]
fn a_strategy_restarts_the_others_too() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("lines"), "x\nfail\n").unwrap();
    let text = PIPELINE.replace(
        "component = \"parked\"",
        "component = \"parked\"\nrestart = \"always\"",
    );
    let text = format!(
        "{text}restart = \"on-failure\"\n\
         [supervision]\nstrategy = \"one-for-all\"\nmax-restarts = 1\nbackoff = \"1ms\"\n"
    );
    let components = ["flights-source", "parked", "supervised"];
    let assert = up(folder.path(), &components, &text)
        .args(["--grace", "100ms"])
        .assert();
    let stderr = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    assert_says(
        &stderr,
        &[
            "a failed: told to; restarting in 1ms (1 of 1)",
            // It heeds no request to stop, and its channel is open.
            "sink stopped; restarting with the others",
        ],
    );
}

#[test]
fn bad_values_are_told_with_what_is_allowed() {
    let cases = [
        (
            "restart = \"sometimes\"",
            "",
            "unknown variant `sometimes`, expected one of `never`, `on-failure`, `always`",
        ),
        (
            "",
            "strategy = \"all\"",
            "unknown variant `all`, expected one of `one-for-one`, `one-for-all`, `rest-for-one`",
        ),
        (
            "",
            "max-restarts = -1",
            "supervision: max-restarts: -1 is no number of restarts; write one from 0 on, such as 5",
        ),
        (
            "",
            "max-restarts = \"many\"",
            "max-restarts: \"many\" is no number of restarts",
        ),
        (
            "",
            "within = 10",
            "supervision: within: `10` is no time; write it as \"500ms\" or \"10s\"",
        ),
        (
            "",
            "within = \"0s\"",
            "within: a window of no time holds no restarts",
        ),
        (
            "",
            "backoff = \"soon\"",
            "supervision: backoff: `soon` is no time",
        ),
        (
            "",
            "max-backoff = true",
            "supervision: max-backoff: `true` is no time",
        ),
        (
            "",
            "backoff = \"2s\"\nmax-backoff = \"1s\"",
            "max-backoff: \"1s\" is less than the first wait, backoff = \"2s\"",
        ),
        (
            "",
            "colour = 1",
            "unknown field `colour`, expected one of `strategy`, `max-restarts`, `within`, `backoff`, `max-backoff`",
        ),
    ];
    for (of_process, supervision, wanted) in cases {
        assert_refused(of_process, supervision, wanted);
    }
}

#[test]
fn keys_about_frames_that_come_again_are_of_use_where_frames_come_again() {
    let cases = [
        (
            "max-deliveries = 2",
            "`max-deliveries` is of no use without `restart`",
        ),
        (
            "restart = \"always\"\ndelivery = \"at-most-once\"\nrejected = \"bad\"",
            "`rejected` is of no use with delivery = \"at-most-once\"",
        ),
        (
            "restart = \"always\"\nrejected = \"bad\"",
            "rejected: there is no channel `bad`",
        ),
        (
            "restart = \"always\"\nmax-deliveries = 0",
            "expected a nonzero u32",
        ),
    ];
    for (of_process, wanted) in cases {
        assert_refused(of_process, "", wanted);
    }
}

/// Checks that a manifest with these lines is refused.
fn assert_refused(of_process: &str, supervision: &str, wanted: &str) {
    let folder = tempfile::tempdir().unwrap();
    let text = format!(
        "[supervision]\n{supervision}\n[processes.a]\ncomponent = \"parked\"\n{of_process}\n"
    );
    assert_says(&stderr(folder.path(), &text, 2), &[wanted]);
}
