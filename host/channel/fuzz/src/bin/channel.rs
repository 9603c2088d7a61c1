//! The fuzz target: bytes are a sequence of operations on one channel.
//!
//! Built by `just fuzz` it is a libFuzzer program. Built by plain cargo it runs the files it is
//! given, each once, and prints the operations: that is how to look at what the fuzzer found.
//! `cargo run -p weft-channel-fuzz -- FILE`
#![cfg_attr(feature = "fuzzing", no_main)]

use weft_channel_fuzz::Sequence;

#[cfg(feature = "fuzzing")]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| Sequence::from_bytes(bytes).run());

#[cfg(not(feature = "fuzzing"))]
fn main() -> std::io::Result<()> {
    for file in std::env::args_os().skip(1) {
        let sequence = Sequence::from_bytes(&std::fs::read(file)?);
        println!("{sequence:#?}");
        sequence.run();
    }
    Ok(())
}
