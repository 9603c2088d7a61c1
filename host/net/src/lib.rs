//! The edges of a Weft host: where frames come from and go to outside it.
//!
//! ```text
//! framing/   frames in a stream of bytes, both ways
//! source/    programs that write frames to a channel: from files, streams and clocks
//! sink/      programs that read frames from a channel: to files and streams
//! rejected   what is done with input that makes no frame
//! ```
//!
//! Sources and sinks are [programs](weft_host::process::Program): the host runs each as a process, without a guest.
//!
//! The crate takes configuration structs and never reads the terminal, the environment or the home folder. Stdin and stdout are streams
//! that the embedder gives.
//!
//! Invariants:
//! - Frames keep their order.
//! - What a source or sink holds in memory is bounded by constants and by the capacity of its channel.
//! - What is refused or lost is counted, and said once.
#![deny(missing_docs)]

pub mod framing;
mod rejected;
pub mod sink;
pub mod source;

pub use rejected::OnError;
