//! Manifests: whatever the text, it is read or refused, and the refusal says something.
//!
//! The property test `tests/command/random.rs` draws text at random, the fuzz target `manifest` (`just fuzz`)
//! searches for text that reaches new code.
//!
//! This crate is not: part of what ships. It says no by panicking, as tests do.

use std::path::Path;
use weft_host_fuzz::words;

/// What manifests are made of.
const WORDS: &[&str] = &[
    "[components]\n",
    "[channels.c]\n",
    "[processes.p]\n",
    "[processes.q]\n",
    "[host]\n",
    "[processes.p.limits]\n",
    "[[processes.p.mounts]]\n",
    "[processes.p.args]\n",
    "component = ",
    "capacity = ",
    "backpressure = ",
    "args = ",
    "capabilities = ",
    "env = ",
    "limits = ",
    "stdio = ",
    "command-line = ",
    "entry-point = ",
    "stack = ",
    "restart = ",
    "restarts = ",
    "within = ",
    "backoff = ",
    "strategy = ",
    "order = ",
    "[supervision]\n",
    "memory = ",
    "wall-time = ",
    "cpu-time = ",
    "handles = ",
    "fuel = ",
    "children = ",
    "host = ",
    "guest = ",
    "writable = ",
    "reader = ",
    "writer = ",
    "channel = ",
    "weak = ",
    "a = ",
    "x",
    "\"a\"",
    "\"c\"",
    "\"p\"",
    "\"\"",
    "\"block\"",
    "\"drop\"",
    "\"64KiB\"",
    "\"1s\"",
    "\"1h\"",
    "\"-1\"",
    "\"always\"",
    "\"never\"",
    "\"inherit\"",
    "\"channel-reader\"",
    "\"channel-writer\"",
    "\"registry-publish(a)\"",
    "\"/\"",
    "\"\\u0000\"",
    "0",
    "1",
    "-1",
    "18446744073709551615",
    "9223372036854775807",
    "1e400",
    "nan",
    "-inf",
    "true",
    "false",
    "1979-05-27",
    "[",
    "]",
    "{",
    "}",
    ", ",
    " = ",
    "\n",
    "a = \"a.wasm\"\n",
    "args = { i = { reader = \"c\" }, o = { writer = \"c\" } }\n",
    "component = \"a\"\n",
    "capabilities = [\"channel-reader\", \"channel-writer\"]\n",
];

/// A manifest with something in it, so that less has to be found.
const BEGINNING: &str = "[components]\na = \"a.wasm\"\n[processes.p]\ncomponent = \"a\"\n";

/// Reads and checks the text that bytes are, alone and behind a manifest that is right.
pub fn run(bytes: &[u8]) {
    let text = words::text(bytes, WORDS);
    for text in [format!("{BEGINNING}{text}"), text] {
        if let Err(shown) = weft_runner::check_manifest(&text, Path::new("weft.toml")) {
            assert!(!shown.trim().is_empty(), "{text:?}");
            // Nothing that a terminal would obey.
            let harmless = |c: char| !c.is_control() || "\n\t".contains(c);
            assert!(shown.chars().all(harmless), "{text:?}: {shown:?}");
        }
    }
}
