//! A component around another: makes channels and hands their ends to the function that it imports.

mod bindings {
    #![allow(unsafe_code, missing_docs, clippy::all)]
    wit_bindgen::generate!({
        path: "../../../wit",
        inline: "
            package test:outer;
            world outer {
                import weft:fabric/channel@0.2.0;
                use weft:fabric/channel@0.2.0.{reader, writer};
                import run: func(input: reader, output: writer) -> result<_, string>;
                export start: func(word: string) -> result<string, string>;
            }
        ",
        world: "test:outer/outer",
        generate_all,
    });
}

use bindings::weft::fabric::channel::{Backpressure, Channel, Options};

/// Bytes that each channel holds.
const CAPACITY: u64 = 1024;

struct Outer;

impl bindings::Guest for Outer {
    fn start(word: String) -> Result<String, String> {
        let (there, back) = (channel()?, channel()?);
        let writer = there.strong_writer().map_err(text)?;
        let input = there.strong_reader().map_err(text)?;
        let read = back.strong_reader().map_err(text)?;
        let output = back.strong_writer().map_err(text)?;
        writer.write(word.as_bytes()).map_err(text)?;
        bindings::run(input, output)?;
        let answer = read.read().map_err(text)?.ok_or("no answer")?;
        String::from_utf8(answer.frame.payload).map_err(text)
    }
}

fn channel() -> Result<Channel, String> {
    let options = Options {
        capacity: CAPACITY,
        backpressure: Backpressure::Block,
    };
    Channel::create(options).map_err(text)
}

fn text(error: impl std::fmt::Debug) -> String {
    format!("{error:?}")
}

/// Exports it, with generated code.
mod export {
    #![allow(unsafe_code)]
    use super::{Outer, bindings};
    bindings::export!(Outer with_types_in bindings);
}
