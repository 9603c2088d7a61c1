//! `weft graph`, and the folder that a command works in.

use crate::weft::{up, weft};
use snapbox::str;

const TEXT: &str = r#"
    [channels]
    there = {}
    "a \"b\"" = {}
    [processes.source]
    component = "parked"
    args = { input = { reader = "there", weak = true }, output = { writer = "there" } }
    [processes."si\"nk"]
    component = "parked"
    args = { input = { channel = "a \"b\"" } }
"#;

#[test]
fn a_manifest_is_drawn_in_every_format() {
    let folder = tempfile::tempdir().unwrap();
    drop(up(folder.path(), &["parked"], TEXT));
    // The folder is said in both ways; components need not be there.
    let drawn = |format: &str| {
        weft()
            .arg("--cwd")
            .arg(folder.path())
            .args(["graph", "--format", format])
            .args(["--set", "components.parked=gone.wasm"])
            .assert()
            .success()
    };
    drawn("mermaid").stdout_eq(str![[r#"
flowchart LR
  p0["source"]
  p1["si#quot;nk"]
  c0(["there"])
  c1(["a #quot;b#quot;"])
  c0 -.-> p0
  p0 --> c0
  p1 <--> c1

"#]]);
    let dot = drawn("dot").get_output().stdout.clone();
    assert_eq!(
        String::from_utf8(dot).unwrap(),
        r#"digraph weft {
  rankdir=LR;
  p0 [shape=box, label="source"];
  p1 [shape=box, label="si\"nk"];
  c0 [shape=oval, label="there"];
  c1 [shape=oval, label="a \"b\""];
  c0 -> p0 [style=dashed];
  p0 -> c0;
  p1 -> c1 [dir=both];
}
"#
    );
    let svg = drawn("svg").get_output().stdout.clone();
    let svg = String::from_utf8(svg).unwrap();
    assert!(
        svg.starts_with("<svg ") && svg.ends_with("</svg>\n"),
        "{svg}"
    );
    for part in [
        ">source</text>",
        ">si\"nk</text>",
        ">there</text>",
        ">a \"b\"</text>",
    ] {
        assert_eq!(svg.matches(part).count(), 1, "{part}: {svg}");
    }
    // A weak end, and the two heads of a channel.
    let arrows = |words: &str| svg.matches(words).count();
    assert_eq!(
        [
            arrows("class=\"arrow\""),
            arrows("stroke-dasharray"),
            arrows("marker-start")
        ],
        [3, 1, 1]
    );
    let json = drawn("json").get_output().stdout.clone();
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(
        json["edges"][0],
        serde_json::json!({
            "process": "source", "argument": "input", "channel": "there", "end": "reader", "weak": true,
        })
    );
}

#[test]
fn routes_to_processes_are_drawn_too() {
    let folder = tempfile::tempdir().unwrap();
    let text = r#"
        [channels]
        orders = {}
        [processes.api]
        component = "parked"
        [http.front]
        listen = "127.0.0.1:0"
        [http.front.routes]
        "GET /orders" = { channel = "orders" }
        "/api/*" = { process = "api" }
    "#;
    drop(up(folder.path(), &["parked"], text));
    let drawn = |format: &str| {
        let mut command = weft();
        command = command.arg("--cwd").arg(folder.path());
        command.args(["graph", "--format", format]).assert()
    };
    drawn("mermaid").success().stdout_eq(str![[r#"
flowchart LR
  p0["front"]
  p1["api"]
  c0(["orders"])
  p0 <--> c0
  p0 -->|"/api/*"| p1

"#]]);
    let json = drawn("json").success().get_output().stdout.clone();
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(
        json["routes"],
        serde_json::json!([{ "listener": "front", "route": "/api/*", "process": "api" }])
    );
    let dot = drawn("dot").success().get_output().stdout.clone();
    let dot = String::from_utf8(dot).unwrap();
    assert!(dot.contains("p0 -> p1 [label=\"/api/*\"];"), "{dot}");
}

#[test]
fn a_command_works_in_the_folder_that_it_is_told() {
    let folder = tempfile::tempdir().unwrap();
    drop(up(folder.path(), &["parked"], TEXT));
    let graph = |cwd: &std::path::Path| weft().arg("graph").arg("--cwd").arg(cwd).assert();
    graph(folder.path()).success();
    graph(&folder.path().join("gone"))
        .code(2)
        .stderr_eq(str![[r#"
error: --cwd [..]gone: No such file or directory (os error 2)

"#]]);
}
