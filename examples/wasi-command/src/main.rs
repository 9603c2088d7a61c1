//! An ordinary program: arguments, a variable, a file, an exit code.
//!
//! No part of Weft is in it. Weft runs any `wasi:cli/command` component as a
//! process, and its lines of output become log entries.
//!
//! ```text
//! wasi-command [--exit CODE] [FILE or - for stdin]...
//! ```

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut code = ExitCode::SUCCESS;
    let mut args = std::env::args().skip(1);
    println!(
        "GREETING is {}",
        std::env::var("GREETING").unwrap_or_else(|_| "not set".to_owned())
    );
    while let Some(arg) = args.next() {
        println!("argument {arg}");
        if arg == "--exit" {
            match args.next().map(|text| text.parse::<u8>()) {
                Some(Ok(number)) => code = ExitCode::from(number),
                _ => {
                    eprintln!("--exit wants a number from 0 to 255");
                    return ExitCode::from(2);
                }
            }
        } else {
            let (name, text) = match arg.as_str() {
                "-" => ("stdin", std::io::read_to_string(std::io::stdin())),
                path => (path, std::fs::read_to_string(path)),
            };
            match text {
                Ok(text) => println!("{name} has {} lines", text.lines().count()),
                Err(error) => {
                    eprintln!("cannot read {name}: {error}");
                    code = ExitCode::FAILURE;
                }
            }
        }
    }
    code
}
