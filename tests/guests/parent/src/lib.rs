//! Starts a child, talks with it through two channels and tells how it ended.

use weft_guest::{Capability, Channel, Process, StartOptions, join};

/// Room in each of the two channels, in bytes. Small, so that both sides wait.
const CAPACITY: u64 = 256;

/// Starts `component`, whose entry point takes a reader and a writer and copies
/// from one to the other, and sends it this many frames. Returns how many came
/// back as they went, and how the child ended.
#[weft_guest::main]
async fn main(component: String, frames: u32) -> weft_guest::Result<String> {
    let there = Channel::bounded(CAPACITY)?;
    let back = Channel::bounded(CAPACITY)?;
    let output = there.strong_writer()?;
    let mut input = back.strong_reader()?;
    let child = Process::start(
        StartOptions::new(component)
            .name("child")
            .arg(there.strong_reader()?)
            .arg(back.strong_writer()?)
            .capability(Capability::ChannelReader)
            .capability(Capability::ChannelWriter),
    )?;

    let send = async move {
        for number in 0..frames {
            output.write(number.to_le_bytes()).await?.or_dropped();
        }
        // Dropping the only strong writer is what ends the child's input.
        drop(output);
        Ok::<_, weft_guest::Error>(())
    };
    let receive = async {
        let mut same = 0;
        for number in 0.. {
            match input.read().await? {
                Some(frame) => same += u32::from(frame.payload == u32::to_le_bytes(number)),
                None => break,
            }
        }
        Ok::<_, weft_guest::Error>(same)
    };
    let (sent, same) = join!(send, receive);
    sent?;
    Ok(format!(
        "{} frames came back; child {}",
        same?,
        child.wait().await
    ))
}
