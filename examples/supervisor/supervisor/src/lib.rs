//! Supervises a worker that traps at a bad line: the next incarnation goes on after it.

use std::time::Duration;
use weft_guest::supervisor::{ChildSpec, Restart, Supervisor};
use weft_guest::{Capability, Channel, Error, ReadError, StartOptions};

/// Bytes of the channel on which the worker says how far it is. Its reader is weak, so that the
/// worker never waits for it.
const CAPACITY: u64 = 1024;

/// Returns how the last incarnation ended.
#[weft_guest::main]
async fn main(path: String) -> weft_guest::Result<String> {
    let channel = Channel::bounded(CAPACITY)?;
    let mut progress = channel.weak_reader()?;
    let mut done = 0;
    let worker = ChildSpec::new("worker", move || {
        loop {
            match progress.try_read() {
                Ok(Some(frame)) => {
                    let number = <[u8; 8]>::try_from(frame.payload.as_slice());
                    done = number.map_or(done, u64::from_le_bytes);
                }
                Err(ReadError::Lagged(_)) => {}
                Ok(None) | Err(ReadError::WouldBlock) => break,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(StartOptions::new("worker")
            .arg(path.as_str())
            .arg(done)
            // Weak, so that the end of one worker is not the end of the channel.
            .arg(channel.weak_writer()?)
            .capability(Capability::ChannelWriter)
            .capability(Capability::Filesystem {
                source: "/data".to_owned(),
                guest_path: "/data".to_owned(),
                writable: false,
            }))
    });
    let ended = Supervisor::new()
        .max_restarts(3, Duration::from_secs(60))
        .child(worker.restart(Restart::OnFailure))
        .run()
        .await?;
    let worker = ended.first().ok_or_else(|| Error::msg("no child"))?;
    Ok(worker.end.to_string())
}
