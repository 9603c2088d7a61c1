//! A `wasi:cli/command` of WASI 0.3, written against the raw interfaces since
//! Rust's standard library still speaks 0.2.
//!
//! Prints its arguments and then stdin, in capitals. `--exit CODE` exits with a code.

mod bindings {
    #![allow(missing_docs, unsafe_code, clippy::all)]
    wit_bindgen::generate!({
        inline: "
            package weft:tests;
            world command {
                import wasi:cli/environment@0.3.0;
                import wasi:cli/exit@0.3.0;
                import wasi:cli/stdin@0.3.0;
                import wasi:cli/stdout@0.3.0;
                export wasi:cli/run@0.3.0;
            }

            package wasi:cli@0.3.0 {
                interface environment {
                    get-arguments: func() -> list<string>;
                }
                interface exit {
                    exit-with-code: func(status-code: u8);
                }
                interface run {
                    run: async func() -> result;
                }
                interface types {
                    enum error-code { io, illegal-byte-sequence, pipe }
                }
                interface stdin {
                    use types.{error-code};
                    read-via-stream: func() -> tuple<stream<u8>, future<result<_, error-code>>>;
                }
                interface stdout {
                    use types.{error-code};
                    write-via-stream: func(data: stream<u8>) -> future<result<_, error-code>>;
                }
            }
        ",
        world: "weft:tests/command",
        generate_all,
    });
    export!(Command);
    pub struct Command;
}

use bindings::exports::wasi::cli::run::Guest;
use bindings::wasi::cli::{environment, exit, stdin, stdout};
use bindings::{Command, wit_stream};

impl Guest for Command {
    async fn run() -> Result<(), ()> {
        let arguments: Vec<String> = environment::get_arguments().into_iter().skip(1).collect();
        let (mut out, piped) = wit_stream::new();
        let written = stdout::write_via_stream(piped);
        let greeting = format!("WASI 0.3 with {arguments:?}\n");
        out.write_all(greeting.into_bytes()).await;

        let (input, _end) = stdin::read_via_stream();
        let text = input.collect().await;
        out.write_all(text.to_ascii_uppercase()).await;
        drop(out);
        written.await.map_err(|_| ())?;

        if let [flag, code] = arguments.as_slice()
            && flag == "--exit"
        {
            exit::exit_with_code(code.parse().map_err(|_| ())?);
        }
        Ok(())
    }
}
