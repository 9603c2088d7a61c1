//! How a process ended.
//!
//! Invariant: every process gets exactly one status, and it never changes.

use super::handles::NoPlace;
use super::state::ProcessState;
use crate::account::Exhausted;
use crate::component::types::value_text;
use crate::limits::{HostBound, Limit, RESULT_BYTES};
use crate::naming::named;
use wasmtime::component::{ResourceTableError, Val};
use wasmtime::{FrameInfo, FrameSymbol, PoolConcurrencyLimitError, Store, WasmBacktrace};
use wasmtime_wasi::I32Exit;

/// Frames kept of a backtrace: enough to see where. Bounded, since guests recurse.
const MAX_FRAMES: usize = 32;
/// Lines kept of a backtrace: a frame has a line for each inlined function.
const MAX_LINES: usize = 128;

/// How wasmtime words the errors of store bounds for which it has no types: the beginning, the end, and the limit. The whole text is
/// compared, so that a guest's text in an error is not mistaken for one. The tests of the limits check these words.
const LIMIT_ERRORS: [(&str, &str, Limit); 4] = [
    (
        "too much data is being copied between the host and the guest: ",
        "fuel allocated for hostcalls has been exhausted",
        Limit::HostcallBytes,
    ),
    (
        "cannot allocate another handle: ",
        "store handle limit exceeded",
        Limit::Handles,
    ),
    (
        "cannot lend resource: ",
        "store handle limit exceeded",
        Limit::Handles,
    ),
    (
        "resource limit exceeded: instance count too high at ",
        "",
        Limit::Instances,
    ),
];

/// Parts of the names of functions by which Rust panics, mangled or not. These functions are never inlined in the standard library
/// as built for guests.
const PANICKING: [&str; 3] = ["rust_panic", "rust_begin_unwind", "panicking"];

/// What a trap left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trap {
    /// The panic's message, or the reason wasm gives.
    pub message: String,
    /// Whether the guest panicked; otherwise it broke a rule of wasm.
    pub panicked: bool,
    /// The functions on the guest's stack, innermost first, demangled. With file and line if the component has
    /// debug information.
    pub backtrace: Vec<String>,
}

/// How a process ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExitStatus {
    /// The entry point returned this value, in WAVE. Empty when it returns nothing. For a `result` it is the
    /// value in `ok`.
    Returned(String),
    /// The entry point returned an error: its text, or WAVE if the error is not a string.
    Failed(String),
    /// It called exit with this code, which is not zero.
    Exited(u8),
    /// It trapped.
    Trapped(Trap),
    /// It was asked to stop and did so in time.
    Stopped,
    /// It was ended from outside.
    Killed,
    /// It reached the limit of this name.
    Limit(String),
    /// A linked process ended without success: which one, and how.
    Linked(String),
}

named! {
    /// The kind of an exit: one word, without the value, the error or the reason.
    pub enum ExitKind {
        /// [`ExitStatus::Returned`].
        Returned = "returned",
        /// [`ExitStatus::Failed`].
        Failed = "failed",
        /// [`ExitStatus::Exited`].
        Exited = "exited",
        /// [`ExitStatus::Trapped`].
        Trapped = "trapped",
        /// [`ExitStatus::Stopped`].
        Stopped = "stopped",
        /// [`ExitStatus::Killed`].
        Killed = "killed",
        /// [`ExitStatus::Limit`].
        Limit = "limit",
        /// [`ExitStatus::Linked`].
        Linked = "linked",
    }
}

impl ExitStatus {
    /// Its kind.
    pub fn kind(&self) -> ExitKind {
        match self {
            ExitStatus::Returned(_) => ExitKind::Returned,
            ExitStatus::Failed(_) => ExitKind::Failed,
            ExitStatus::Exited(_) => ExitKind::Exited,
            ExitStatus::Trapped(_) => ExitKind::Trapped,
            ExitStatus::Stopped => ExitKind::Stopped,
            ExitStatus::Killed => ExitKind::Killed,
            ExitStatus::Limit(_) => ExitKind::Limit,
            ExitStatus::Linked(_) => ExitKind::Linked,
        }
    }

    /// Bytes of its text, which is kept for everyone who asks.
    pub(super) fn text_bytes(&self) -> u64 {
        let bytes = match self {
            ExitStatus::Returned(text)
            | ExitStatus::Failed(text)
            | ExitStatus::Limit(text)
            | ExitStatus::Linked(text) => text.len(),
            ExitStatus::Trapped(trap) => {
                trap.message.len() + trap.backtrace.iter().map(String::len).sum::<usize>()
            }
            ExitStatus::Exited(_) | ExitStatus::Stopped | ExitStatus::Killed => 0,
        };
        bytes as u64
    }

    /// Whether the process finished its work, or stopped when asked.
    pub fn is_success(&self) -> bool {
        matches!(self.kind(), ExitKind::Returned | ExitKind::Stopped)
    }
}

impl std::fmt::Display for ExitStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let word = self.kind();
        match self {
            ExitStatus::Returned(value) if value.is_empty() => f.write_str(word.name()),
            ExitStatus::Returned(value) => write!(f, "{word} {value}"),
            ExitStatus::Failed(error) => write!(f, "{word}: {error}"),
            ExitStatus::Exited(code) => write!(f, "{word} with code {code}"),
            ExitStatus::Trapped(trap) if trap.panicked => write!(f, "panicked: {}", trap.message),
            ExitStatus::Trapped(trap) => write!(f, "{word}: {}", trap.message),
            ExitStatus::Stopped | ExitStatus::Killed => f.write_str(word.name()),
            ExitStatus::Limit(limit) => write!(f, "reached its limit `{limit}`"),
            ExitStatus::Linked(reason) => write!(f, "ended with a linked process: {reason}"),
        }
    }
}

/// The status of a call that returned values. A value too large to keep ends the process at the limit
/// `result-bytes`.
pub(super) fn of_results(results: &[Val], is_command: bool) -> ExitStatus {
    bounded(of_values(results, is_command))
}

/// The status, unless its value is too large to keep.
pub(super) fn bounded(status: ExitStatus) -> ExitStatus {
    match status {
        ExitStatus::Returned(text) | ExitStatus::Failed(text) if text.len() > RESULT_BYTES => {
            ExitStatus::Limit(HostBound::ResultBytes.name().into())
        }
        status => status,
    }
}

fn of_values(results: &[Val], is_command: bool) -> ExitStatus {
    match results.first() {
        None => ExitStatus::Returned(String::new()),
        Some(Val::Result(Ok(None))) => ExitStatus::Returned(String::new()),
        Some(Val::Result(Ok(Some(value)))) => ExitStatus::Returned(value_text(value)),
        // A command has no error value: a plain failure, as a shell sees it.
        Some(Val::Result(Err(None))) if is_command => ExitStatus::Exited(1),
        Some(Val::Result(Err(None))) => ExitStatus::Failed("an error without a value".into()),
        Some(Val::Result(Err(Some(error)))) => ExitStatus::Failed(match error.as_ref() {
            Val::String(text) => text.clone(),
            value => value_text(value),
        }),
        Some(value) => ExitStatus::Returned(value_text(value)),
    }
}

/// The status of a call, or an instantiation, that returned an error.
pub(super) fn of_error(error: &wasmtime::Error, store: &Store<ProcessState>) -> ExitStatus {
    if let Some(I32Exit(code)) = error.downcast_ref::<I32Exit>() {
        return match u8::try_from(*code) {
            Ok(0) => ExitStatus::Returned(String::new()),
            Ok(code) => ExitStatus::Exited(code),
            // A shell would show the low byte; a zero there would hide a failure.
            Err(_) => ExitStatus::Exited(u8::MAX),
        };
    }
    let state = store.data();
    if let Some(limit) = reached(error, state) {
        return ExitStatus::Limit(limit.into());
    }
    let backtrace = error.downcast_ref::<WasmBacktrace>();
    let panic = match shows_panic(backtrace) {
        Some(true) => state.log.panic_message(),
        Some(false) => None,
        None => state.log.last_words_of_panic(),
    };
    // Memory was refused, to the guest itself or for a value that a call returns to it. Each language ends in its
    // own way then, so the text of the trap tells nothing. If the guest called the host after the refusal, it went
    // on, and the trap has another cause: unless that call was its allocator's last message.
    let stuck = panic.is_none() && !state.growth.went_on();
    match state.growth.refused() {
        Some(limit) if stuck => return ExitStatus::Limit(limit.name().into()),
        _ if state.log.allocation_failed() && state.growth.memory_was_refused() => {
            return ExitStatus::Limit(Limit::Memory.name().into());
        }
        _ => {}
    }
    let backtrace = backtrace.map(frames).unwrap_or_default();
    match panic {
        Some(message) => ExitStatus::Trapped(Trap {
            message,
            panicked: true,
            backtrace,
        }),
        None => {
            let message = match error.downcast_ref::<wasmtime::Trap>() {
                Some(trap) => trap
                    .to_string()
                    .trim_start_matches("wasm trap: ")
                    .to_owned(),
                None => error.root_cause().to_string(),
            };
            ExitStatus::Trapped(Trap {
                message,
                panicked: false,
                backtrace,
            })
        }
    }
}

/// The name of the guest's limit, or the host's bound, that an error is about.
fn reached(error: &wasmtime::Error, state: &ProcessState) -> Option<&'static str> {
    if let Some(exhausted) = error.downcast_ref::<Exhausted>() {
        return Some(exhausted.limit());
    }
    if let Some(none) = error.downcast_ref::<NoPlace>() {
        return Some(none.limit());
    }
    if let Some(ResourceTableError::Full) = error.downcast_ref::<ResourceTableError>() {
        return Some(state.table.no_place().limit());
    }
    // The pool has one stack for each process and some to spare. A composed component whose parts wait at the
    // same time can use up the stacks of others.
    if error.is::<PoolConcurrencyLimitError>() {
        return Some(HostBound::HostCapacity.name());
    }
    if let Some(limit) = limit_of(&error.root_cause().to_string()) {
        return Some(limit.name());
    }
    match error.downcast_ref::<wasmtime::Trap>() {
        Some(wasmtime::Trap::StackOverflow) => Some(HostBound::Stack.name()),
        Some(wasmtime::Trap::OutOfFuel) => Some(Limit::Fuel.name()),
        _ => None,
    }
}

/// The limit of a wasmtime error that has no type.
fn limit_of(cause: &str) -> Option<Limit> {
    let is_it = |(begin, end, _): &&(&str, &str, Limit)| match cause.strip_prefix(begin) {
        // The rest is the count.
        Some(rest) if end.is_empty() => rest.parse::<u64>().is_ok(),
        Some(rest) => rest == *end,
        None => false,
    };
    let found = LIMIT_ERRORS.iter().find(is_it);
    found.map(|(_, _, limit)| *limit)
}

/// Whether this is the stack of a panic: one of Rust's panic functions is on it. The log alone does not tell, since a guest may print another
/// program's panic and then trap for another reason. `None` if the innermost function has no name, as in a stripped component.
fn shows_panic(backtrace: Option<&WasmBacktrace>) -> Option<bool> {
    fn names(frame: &FrameInfo) -> impl Iterator<Item = &str> {
        let inlined = frame.symbols().iter().filter_map(FrameSymbol::name);
        inlined.chain(frame.func_name())
    }
    let frames = backtrace?.frames();
    names(frames.first()?).next()?;
    let panics = |name: &str| PANICKING.iter().any(|function| name.contains(function));
    Some(frames.iter().flat_map(names).any(panics))
}

fn frames(backtrace: &WasmBacktrace) -> Vec<String> {
    let frames = backtrace.frames();
    let mut lines: Vec<String> = frames.iter().take(MAX_FRAMES).flat_map(calls).collect();
    lines.truncate(MAX_LINES);
    if frames.len() > MAX_FRAMES {
        lines.push(format!("... and {} more", frames.len() - MAX_FRAMES));
    }
    lines
}

/// The functions of a frame: the inlined ones first, if debug information names them.
fn calls(frame: &FrameInfo) -> Vec<String> {
    let name = |name: Option<&str>| match name.or_else(|| frame.func_name()) {
        Some(name) => format!("{:#}", rustc_demangle::demangle(name)),
        None => format!("function {}", frame.func_index()),
    };
    let symbols = frame.symbols();
    if symbols.is_empty() {
        return vec![name(None)];
    }
    let line = |inlined: bool, symbol: &FrameSymbol| {
        // Line tables alone have names without paths, so the outer function's name comes from the frame.
        let own = frame.func_name().filter(|_| !inlined);
        let name = name(own.or_else(|| symbol.name()));
        match (symbol.file(), symbol.line()) {
            (Some(file), Some(line)) => format!("{name} at {file}:{line}"),
            _ => name,
        }
    };
    let last = symbols.len() - 1;
    let symbols = symbols.iter().enumerate();
    symbols
        .map(|(at, symbol)| line(at < last, symbol))
        .collect()
}
