//! Hands batches of lines to workers, collects what they found, and survives those that trap.
//!
//! A worker gets two ends of channels and the right to use them, nothing else: no file, no
//! clock. Of a batch whose worker trapped each half goes to a new worker, until the bad line is
//! alone.

use weft_guest::futures::StreamExt;
use weft_guest::futures::stream::FuturesUnordered;
use weft_guest::{
    Capability, Channel, Error, ExitStatus, Json, Process, StartOptions, TypedReader, join, log,
};

/// Workers at a time.
const WORKERS: usize = 4;

/// Bytes of each channel. A worker that has trapped reads nothing more, and holds nobody up.
const CAPACITY: u64 = 64 * 1024;

/// What came of a batch: its totals, or how its worker ended.
type Outcome = Result<(u64, i64), ExitStatus>;

/// Works through the file at `path` in batches of so many lines.
#[weft_guest::main]
async fn main(path: String, batch: u32) -> weft_guest::Result<String> {
    let text = std::fs::read_to_string(&path)
        .map_err(|error| Error::msg(format!("cannot read {path}: {error}")))?;
    let lines: Vec<&str> = text.lines().collect();
    let size = usize::try_from(batch)?.max(1);
    let mut waiting: Vec<&[&str]> = lines.chunks(size).rev().collect();
    let mut running = FuturesUnordered::new();
    let (mut flights, mut delay, mut workers, mut trapped) = (0, 0, 0, 0);
    loop {
        while running.len() < WORKERS
            && let Some(batch) = waiting.pop()
        {
            workers += 1;
            running.push(async move { (batch, tally(workers, batch).await) });
        }
        let Some((batch, outcome)) = running.next().await else {
            break;
        };
        match outcome? {
            Ok((more, late)) => {
                flights += more;
                delay += late;
            }
            Err(status) => {
                trapped += 1;
                match batch {
                    [line] => log::warn!("left out `{line}`: its worker {status}"),
                    batch => {
                        let (first, second) = batch.split_at(batch.len() / 2);
                        waiting.extend([second, first]);
                    }
                }
            }
        }
    }
    Ok(format!(
        "{flights} flights, {delay} minutes late; {workers} workers, {trapped} of them trapped"
    ))
}

/// Has a new worker add up these lines.
async fn tally(number: u32, lines: &[&str]) -> weft_guest::Result<Outcome> {
    let (work, total) = (Channel::bounded(CAPACITY)?, Channel::bounded(CAPACITY)?);
    let worker = Process::start(
        StartOptions::new("tally")
            .name(format!("tally-{number}"))
            .arg(work.strong_reader()?)
            .arg(total.strong_writer()?)
            .capability(Capability::ChannelReader)
            .capability(Capability::ChannelWriter),
    )?;
    let output = work.strong_writer()?;
    let mut totals: TypedReader<(u64, i64), Json> = total.strong_reader()?.into();
    let send = async move {
        for line in lines {
            output.write(*line).await?.or_dropped();
        }
        // Dropping the only strong writer is what ends the worker's input.
        drop(output);
        Ok::<_, Error>(())
    };
    let (sent, found) = join!(send, totals.read());
    sent?;
    // A worker that traps lets go of its writer, so that nothing was found.
    match found? {
        Some(found) => Ok(Ok(found)),
        None => Ok(Err(worker.wait().await)),
    }
}
