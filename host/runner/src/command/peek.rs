//! `weft peek`: frames that a channel of a runner holds.
//!
//! A frame of text is one line. Any other is shown as bytes, in hexadecimal. With `--json` each is an object, as the
//! control protocol has it.

use super::asked;
use crate::cli::PeekArgs;
use crate::screen::output::reader;
use crate::screen::{one_line, say};
use anyhow::Result;
use serde_json::json;
use std::fmt::Write as _;
use std::pin::pin;
use weft_control::PeekPiece;
use weft_control::protocol::{FRAME_BYTES, FrameRow, Payload};

/// Frames that are shown if nobody says how many: what fits on a screen.
const USUAL: u64 = 10;

/// Bytes of a frame that are shown on a line. More of it would hide the others.
const LINE_BYTES: u64 = 256;

/// Prints the frames.
pub(super) async fn peek(args: PeekArgs) -> Result<u8> {
    let (frames, bytes) = (
        args.frames.or((!args.follow).then_some(USUAL)),
        match args.on.json {
            true => FRAME_BYTES,
            false => LINE_BYTES,
        },
    );
    let runner = asked::runner(args.on.on);
    let shown = async {
        let asked = runner.peek(args.channel, args.follow, frames, bytes);
        let mut found = asked.await.map_err(asked::advised)?;
        while let Some(piece) = found.next().await.map_err(asked::advised)? {
            let line = match (args.on.json, &piece) {
                (true, piece) => object(piece)?,
                (false, PeekPiece::Frame(frame)) => line(frame),
                (false, PeekPiece::Lost(lost)) => {
                    say::warning(&lagged(*lost));
                    continue;
                }
            };
            if let Some(code) = super::print_line(&line) {
                return Ok(code);
            }
        }
        Ok(0)
    };
    tokio::select! {
        shown = shown => shown,
        // The reader of stdout has seen enough.
        () = pin!(reader::gone()) => Ok(0),
    }
}

fn lagged(lost: u64) -> String {
    let plural = if lost == 1 { "" } else { "s" };
    format!("lagged: {lost} frame{plural} went by unseen")
}

fn object(piece: &PeekPiece) -> Result<String> {
    Ok(match piece {
        PeekPiece::Frame(frame) => serde_json::to_string(frame)?,
        PeekPiece::Lost(lost) => json!({ "lagged": lost }).to_string(),
    })
}

/// A frame on one line. What is left out is said by the size.
fn line(frame: &FrameRow) -> String {
    let size = frame.size;
    match &frame.payload {
        Payload::Text(text) if text.len() as u64 == size => one_line(text),
        Payload::Text(text) => format!("{}… ({size} bytes)", one_line(text)),
        payload => {
            let bytes = payload.bytes().unwrap_or_default();
            let cut = if (bytes.len() as u64) < size {
                "…"
            } else {
                ""
            };
            let plural = if size == 1 { "" } else { "s" };
            let mut line = format!("{size} byte{plural}:");
            for byte in bytes {
                // Writing to a string never fails.
                let _ = write!(line, " {byte:02x}");
            }
            line + cut
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(size: u64, payload: Payload) -> String {
        line(&FrameRow {
            number: 0,
            size,
            payload,
        })
    }

    #[test]
    fn a_frame_is_one_line_that_says_what_is_left_out() {
        let text = |text: &str| Payload::Text(text.to_owned());
        let bytes = || Payload::Base64("AP8=".to_owned());
        for (size, payload, wanted) in [
            (1, text("a"), "a"),
            (5, text("a\n\u{1b}[b"), "a\\n\\u{1b}[b"),
            (0, text(""), ""),
            (900, text("ab"), "ab… (900 bytes)"),
            (2, bytes(), "2 bytes: 00 ff"),
            (900, bytes(), "900 bytes: 00 ff…"),
        ] {
            assert_eq!(shown(size, payload), wanted);
        }
    }
}
