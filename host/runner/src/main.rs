//! The `weft` command. The code is in a library, so that tests need not start a process for each case.

use std::process::ExitCode;

fn main() -> ExitCode {
    weft_runner::main()
}
