//! How a panic of a guest is told from other traps, and its message kept: a trap itself says only that an instruction was reached.
//!
//! Invariant: no more than a bounded part of a message is kept.

use super::sink::ProcessLog;

/// Bytes kept of a panic's message: it becomes part of the exit status.
const PANIC_BYTES: usize = 8 << 10;
/// How the last lines of a Rust panic begin, except for a backtrace, and how a backtrace begins.
const PANIC_ENDS: [&str; 2] = [
    "note: run with `RUST_BACKTRACE=1` ",
    "thread panicked while ",
];
const BACKTRACE_BEGINS: &str = "stack backtrace:";

/// Something that looked like a panic of the guest.
#[derive(Debug)]
pub(super) struct Panic {
    message: String,
    /// Whether the last output was the end of a panic's output. In a backtrace each line counts as the end.
    pub(super) is_last: bool,
    in_backtrace: bool,
}

impl ProcessLog {
    /// Remembers the message of a panic, to recognize the trap that follows. `whole`: the panic prints nothing more.
    pub(crate) fn note_panic(&self, message: &str, whole: bool) {
        let kept = message.get(..message.floor_char_boundary(PANIC_BYTES));
        self.lock().panic = kept.map(|message| Panic {
            message: message.to_owned(),
            is_last: whole,
            in_backtrace: false,
        });
    }

    /// Remembers that the guest's allocator got no memory.
    pub(crate) fn note_allocation_failed(&self) {
        self.lock().allocation_failed = true;
    }

    /// Whether the guest's allocator got no memory.
    pub(crate) fn allocation_failed(&self) -> bool {
        self.lock().allocation_failed
    }

    /// The message of the last panic, or of what looked like one.
    pub(crate) fn panic_message(&self) -> Option<String> {
        let state = self.lock();
        state.panic.as_ref().map(|panic| panic.message.clone())
    }

    /// A line of stderr that may belong to a panic: the standard library prints a hint, a backtrace or both after the message.
    pub(super) fn note_behind_panic(&self, line: &str) {
        let mut state = self.lock();
        if let Some(panic) = &mut state.panic {
            panic.in_backtrace |= line == BACKTRACE_BEGINS;
            panic.is_last =
                panic.in_backtrace || PANIC_ENDS.iter().any(|end| line.starts_with(end));
        }
    }

    /// The message of the last panic, if its output was the last that the process wrote.
    pub(crate) fn last_words_of_panic(&self) -> Option<String> {
        let state = self.lock();
        let panic = state.panic.as_ref().filter(|panic| panic.is_last);
        panic.map(|panic| panic.message.clone())
    }
}
