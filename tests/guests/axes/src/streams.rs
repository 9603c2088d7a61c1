//! Streams of bytes over channels. The test kit of the SDK, which stands for the host elsewhere, has none.

use crate::channels::dropping;
use crate::make::{How, MIB, Made, hold, said};
use crate::waits::{FRAME, WAITING, full};
use weft_guest::bindings::weft::fabric::channel_async;
use weft_guest::bindings::wit_stream;
use weft_guest::futures::future::poll_immediate;

/// Streams that wait for a frame; that took a byte of a large one, which the channel then let go; that took one of a small
/// frame in a large batch.
pub async fn read(how: How) -> Result<Made, String> {
    let root = dropping(FRAME).map_err(said)?;
    let writer = root.weak_writer().map_err(said)?;
    let payload = vec![7; FRAME];
    let mut kept = Vec::new();
    let most = how.pick(WAITING, 300, 300);
    for n in 0..most {
        match how {
            How::Number => {}
            How::Size => drop(writer.try_write(&payload)),
            How::Both => drop(writer.try_write_packed(&[2, FRAME as u32], &payload)),
        }
        let reader = match root.weak_reader() {
            Ok(reader) => reader,
            Err(error) => return Ok(Made::new(n, said(error), kept)),
        };
        let (mut stream, end) = channel_async::read_bytes(reader);
        let mut read = Box::pin(async move {
            let taken = stream.read(Vec::with_capacity(1)).await;
            // Kept with what it gave.
            (taken, stream)
        });
        let taken = poll_immediate(&mut read).await;
        kept.push((read, taken, end));
    }
    Ok(Made::new(most, "all", (kept, root, writer)))
}

/// Streams into a full channel, without a byte and with many.
pub async fn write(how: How) -> Result<Made, String> {
    let (root, reader, writer) = full(MIB)?;
    let writer = hold(writer);
    let mut kept = Vec::new();
    let most = how.pick(WAITING / 4, 30, 5000);
    for _ in 0..most {
        let (mut to, from) = wit_stream::new::<u8>();
        let mut sent = Box::pin(channel_async::write_bytes(writer, from));
        let answer = poll_immediate(&mut sent).await;
        let bytes = vec![7; how.pick(0, MIB, 5000)];
        let mut written = Box::pin(async move { to.write(bytes).await });
        let _ = poll_immediate(&mut written).await;
        kept.push((sent, written));
        if let Some(answer) = answer {
            return Ok(Made::new(most, said(answer), (kept, root, reader)));
        }
    }
    Ok(Made::new(most, "all", (kept, root, reader)))
}
