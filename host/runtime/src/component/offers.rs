//! What imports are about: the capability that each function needs.
//!
//! Not which imports there are; that the linker knows.

/// The capability that a function of an offered interface needs, if it needs one.
pub(super) fn capability(import: &str, function: &str) -> Option<&'static str> {
    let path = import.split_once('@').map_or(import, |(path, _)| path);
    Some(match (path, function) {
        (
            "weft:fabric/channel",
            "[static]channel.create"
            | "[static]channel.attach"
            | "[method]channel.share"
            | "[method]channel.revoke"
            | "[method]channel.drain"
            | "[method]channel.terminate",
        ) => "channel-lifecycle",
        (
            "weft:fabric/channel",
            "[method]channel.strong-reader"
            | "[method]channel.weak-reader"
            | "[method]reader.read"
            | "[method]reader.try-read"
            | "[method]reader.read-within"
            | "[method]reader.read-packed"
            | "[method]reader.try-read-packed",
        )
        | ("weft:fabric/channel-async", "read" | "read-packed" | "read-bytes") => "channel-reader",
        (
            "weft:fabric/channel",
            "[method]channel.strong-writer"
            | "[method]channel.weak-writer"
            | "[method]writer.write"
            | "[method]writer.try-write"
            | "[method]writer.write-packed"
            | "[method]writer.try-write-packed"
            | "[method]writer.write-with",
        )
        | ("weft:fabric/channel-async", "write" | "write-packed" | "write-with" | "write-bytes") => {
            "channel-writer"
        }
        ("weft:fabric/registry", "publish") => "registry-publish",
        ("weft:fabric/registry", "lookup") | ("weft:fabric/registry-async", "await-name") => {
            "registry-lookup"
        }
        (
            "weft:fabric/process",
            "[static]process.start"
            | "[static]process.start-within"
            | "[method]process.stop"
            | "[method]process.kill"
            | "[method]process.link"
            | "children",
        )
        | ("weft:fabric/process-async", "stop") => "process-lifecycle",
        ("weft:fabric/process", "[method]process.log-channel") => "log-reader",
        ("wasi:clocks/wall-clock" | "wasi:clocks/system-clock", "now")
        | ("wasi:clocks/monotonic-clock", "now") => "clocks",
        ("wasi:cli/environment", "get-environment") => "environment",
        ("wasi:filesystem/preopens", "get-directories") => "filesystem",
        _ => return None,
    })
}
