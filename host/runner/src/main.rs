//! The `weft` command. It is a library, so that its parts can be tested without a process each.

use std::process::ExitCode;

fn main() -> ExitCode {
    weft_runner::main()
}
