//! What the host offers to components: which imports it knows, and which
//! capability each of them is about.
//!
//! Invariant: an import that [`is_offered`] denies is not linked, so a component
//! with it is refused before anything runs.

/// Interfaces of `weft:fabric@0.1`.
const FABRIC: &[&str] = &[
    "types",
    "channel",
    "channel-async",
    "process",
    "process-async",
    "frames",
    "registry",
    "registry-async",
    "log",
];

/// Packages of WASI, 0.2 and 0.3.
const WASI: &[&str] = &["cli", "clocks", "filesystem", "io", "random", "sockets"];

/// Whether the host links an interface of this name.
pub(super) fn is_offered(import: &str) -> bool {
    let (path, version) = import.split_once('@').unwrap_or((import, ""));
    let Some((package, interface)) = path.split_once('/') else {
        return false;
    };
    match package.split_once(':') {
        Some(("weft", "fabric")) => FABRIC.contains(&interface) && version.starts_with("0.1."),
        Some(("wasi", name)) => {
            WASI.contains(&name) && (version.starts_with("0.2.") || version.starts_with("0.3."))
        }
        _ => false,
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offers_its_own_package_and_wasi_and_nothing_else() {
        for name in [
            "weft:fabric/channel@0.1.0",
            "wasi:cli/run@0.2.6",
            "wasi:clocks/types@0.3.0",
        ] {
            assert!(is_offered(name), "{name}");
        }
        for name in [
            "weft:fabric/channel@0.2.0",
            "weft:fabric/tapes@0.1.0",
            "wasi:http/types@0.2.0",
            "x",
        ] {
            assert!(!is_offered(name), "{name}");
        }
    }
}
