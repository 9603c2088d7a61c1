//! Starts, each with too much of one thing. What they start, if they do, returns at once.

use crate::make::{How, LARGE, MIB, Made, insist, said};
use weft_guest::bindings::weft::fabric::process::{
    HostLimits, Limits, Ownership, Process, StartOptions, Value,
};
use weft_guest::bindings::weft::fabric::types::{Capability, EnvVar, Error, Mount};

/// Elements of a list that takes about what one call may hand over, in the host's form.
const ELEMENTS: usize = 150_000;

/// Starts of each: enough to tell what is kept of one from what is not.
const TIMES: u64 = 12;

/// Bytes that the arguments of one start may have.
const ARGUMENTS: usize = MIB;

pub fn make(axis: &str, how: How) -> Option<Made> {
    let start: Box<dyn Fn() -> StartOptions> = match axis {
        "start-names" => with(|options, text| options.name = text, how),
        "start-components" => with(|options, text| options.component = text, how),
        "start-entry-points" => with(|options, text| options.entry_point = text, how),
        "start-arguments" => Box::new(move || arguments(how)),
        "start-bytes" => Box::new(move || bytes(how)),
        "start-wave" => Box::new(move || wave(how)),
        "start-capabilities" => Box::new(move || capabilities(how)),
        "start-variables" => Box::new(move || variables(how)),
        "start-folders" => Box::new(move || folders(how)),
        _ => return None,
    };
    let times = how.pick(TIMES, TIMES / 2, TIMES);
    Some(insist(times, |n| match n % 2 {
        0 => started(start()),
        _ => Process::start(start()).map(ended),
    }))
}

/// The child entry point of this guest, playing `what`, with all that is asked for left out.
pub fn options(what: &str) -> StartOptions {
    StartOptions {
        component: "axes".to_owned(),
        name: "child".to_owned(),
        entry_point: "child".to_owned(),
        args: vec![Value::String(what.to_owned())],
        capabilities: vec![],
        limits: Limits {
            memory: None,
            table_elements: None,
            instances: None,
            handles: None,
            channels: None,
            channel_bytes: None,
            frame_bytes: None,
            handles_per_frame: None,
            hostcall_bytes: None,
            log_rate: None,
            children: None,
            spawn_depth: None,
            cpu_time_ms: None,
            fuel: None,
            wall_time_ms: None,
        },
        ownership: Ownership::Child,
    }
}

/// Starts by the other function, and lets go of what has ended.
fn started(options: StartOptions) -> Result<(), Error> {
    let limits = HostLimits {
        host_bytes: None,
        open_files: None,
        disk_bytes: None,
    };
    Process::start_within(options, limits).map(ended)
}

/// Waits for a child and lets go of it.
fn ended(child: Process) {
    child.wait();
}

/// A start with a text of the largest size, or of a megabyte many times.
fn with(put: fn(&mut StartOptions, String), how: How) -> Box<dyn Fn() -> StartOptions> {
    Box::new(move || {
        let mut options = options("return");
        put(&mut options, "x".repeat(how.pick(256, LARGE, MIB)));
        options
    })
}

fn arguments(how: How) -> StartOptions {
    StartOptions {
        args: match how {
            How::Number => (0..ELEMENTS).map(|_| Value::Bool(true)).collect(),
            How::Size => vec![Value::String("x".repeat(LARGE))],
            How::Both => (0..8).map(|_| Value::String("x".repeat(MIB))).collect(),
        },
        ..options("return")
    }
}

/// A list of bytes, which the host has as a list of values: as many as there may be, more, and of all.
fn bytes(how: How) -> StartOptions {
    let bytes = || Value::Bytes(vec![7; how.pick(1000, LARGE, ARGUMENTS)]);
    StartOptions {
        entry_point: "bytes".to_owned(),
        args: vec![bytes()],
        ..options("return")
    }
}

/// Values that nest as deep as their text is long, in each way WAVE has.
fn wave(how: How) -> StartOptions {
    let brackets = [
        ("(", ")"),
        ("[", "]"),
        ("some(", ")"),
        ("{a:", "}"),
        ("ok(", ")"),
    ];
    let nested = |(open, close): (&str, &str), bytes: usize| {
        let depth = bytes / (open.len() + close.len());
        format!("{}1{}", open.repeat(depth), close.repeat(depth))
    };
    StartOptions {
        args: match how {
            How::Number => vec![Value::Wave(nested(brackets[1], 2000))],
            How::Size => vec![Value::Wave(nested(brackets[0], ARGUMENTS))],
            How::Both => brackets
                .map(|pair| Value::Wave(nested(pair, ARGUMENTS / 8)))
                .into(),
        },
        ..options("return")
    }
}

fn capabilities(how: How) -> StartOptions {
    StartOptions {
        capabilities: match how {
            How::Number => vec![Capability::ChannelReader; ELEMENTS],
            How::Size => vec![Capability::RegistryPublish("x".repeat(LARGE))],
            How::Both => (0..ELEMENTS / 2)
                .map(|n| Capability::RegistryLookup(format!("axes/{n:0>40}")))
                .collect(),
        },
        ..options("return")
    }
}

fn variables(how: How) -> StartOptions {
    let variable = |name: String, value: String| Capability::Environment(EnvVar { name, value });
    StartOptions {
        capabilities: match how {
            How::Number => (0..ELEMENTS / 2)
                .map(|n| variable(n.to_string(), String::new()))
                .collect(),
            How::Size => vec![variable("x".to_owned(), "x".repeat(LARGE))],
            How::Both => (0..10)
                .map(|n| variable(n.to_string(), "x".repeat(MIB)))
                .collect(),
        },
        ..options("return")
    }
}

fn folders(how: How) -> StartOptions {
    let folder = |source: String| {
        Capability::Filesystem(Mount {
            guest_path: "/inner".to_owned(),
            source,
            writable: false,
        })
    };
    let deep = |bytes: usize| format!("/data{}", "/.".repeat(bytes / 2));
    StartOptions {
        capabilities: match how {
            How::Number => (0..ELEMENTS / 2)
                .map(|_| folder("/data".to_owned()))
                .collect(),
            How::Size => vec![folder(deep(LARGE))],
            How::Both => (0..16).map(|_| folder(deep(MIB / 2))).collect(),
        },
        ..options("return")
    }
}

/// What was said to a start that must not fail here.
pub fn start(what: &str) -> Result<Process, String> {
    Process::start(options(what)).map_err(said)
}
