//! Calls of 0.3 that are given up in the middle.

use super::{folder, number, text};
use crate::v3::Files;
use crate::v3::bindings::wit_stream;
use crate::version::{Answer, CREATE, READ, Version};
use std::pin::pin;
use weft_guest::futures::future::poll_immediate;
use wit_bindgen::StreamResult;

/// Bytes of one read or write.
const PIECE: usize = 1000;

/// Copies the file `f` to `g`, reading and writing in pieces of which every one is given up at once, and says whether the
/// two are the same. `arg` is how long `f` is.
pub async fn copy(arg: &str) -> Answer<String> {
    let at = folder::<Files>()?;
    let whole: Vec<u8> = (0..number(arg)?).map(|at| (at % 251) as u8).collect();
    let from = Files::open(&at, "f", CREATE).await?;
    Files::write(&from, 0, &whole).await?;
    let to = Files::open(&at, "g", CREATE).await?;

    let (mut bytes, read) = from.read_via_stream(0);
    let (mut out, piped) = wit_stream::new();
    let written = to.write_via_stream(piped, 0);
    let (mut given_up, mut ended) = (0, false);
    while !ended {
        let mut piece = Vec::new();
        {
            let mut reading = pin!(bytes.read(Vec::with_capacity(PIECE)));
            let (result, read) = match poll_immediate(reading.as_mut()).await {
                Some(done) => done,
                None => {
                    given_up += 1;
                    reading.as_mut().cancel()
                }
            };
            ended = matches!(result, StreamResult::Dropped);
            piece.extend(read);
        }
        while !piece.is_empty() {
            let mut writing = pin!(out.write(piece));
            let (_, rest) = match poll_immediate(writing.as_mut()).await {
                Some(done) => done,
                None => {
                    given_up += 1;
                    writing.as_mut().cancel()
                }
            };
            piece = rest.into_vec();
        }
    }
    drop((bytes, out));
    read.await.map_err(text)?;
    written.await.map_err(text)?;

    // Calls that are dropped before they are done do nothing to those that follow.
    for _ in 0..100 {
        let calls = (from.stat(), at.stat_at(crate::v3::FOLLOW, "f".into()));
        let _ = poll_immediate(Box::pin(calls.0)).await;
        let _ = poll_immediate(Box::pin(calls.1)).await;
        let _ = poll_immediate(Box::pin(Files::open(&at, "f", READ))).await;
    }
    let mut copied = Vec::new();
    loop {
        let piece = Files::read(&to, copied.len() as u64, 64 << 10).await?;
        if piece.is_empty() {
            break;
        }
        copied.extend(piece);
    }
    Ok(format!(
        "the same: {}, some given up: {}",
        copied == whole,
        given_up > 0
    ))
}
