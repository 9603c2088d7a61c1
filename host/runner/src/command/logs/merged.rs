//! The logs of several processes as one, in the order of time.
//!
//! What has been logged before comes in that order. What is logged while the logs are followed comes in batches, each in
//! that order: entries of two processes may change places only if one arrives a moment late.

use super::{Show, asked};
use anyhow::Result;
use std::collections::HashMap;
use std::pin::pin;
use std::time::Duration;
use weft_control::{Client, Log, LogPiece};
use weft_host::log::{LogEntry, LogResource};

/// How long to wait for entries of other processes, which may be older. Nobody who follows logs notices it.
const MOMENT: Duration = Duration::from_millis(100);

/// Most pieces that are put into order at once, so that a flood is shown while it comes.
const BATCH: usize = 10_000;

/// A piece of the log of one process.
struct Piece {
    of: LogResource,
    piece: LogPiece,
    /// Nanoseconds since 1970. A loss has the time of the entry before it.
    time: u64,
}

/// Which logs, and how much of them.
pub(super) struct Wanted {
    /// One process, or all.
    pub(super) process: Option<String>,
    /// Whether to wait for more.
    pub(super) follow: bool,
    /// Nanoseconds since 1970: older entries are left out.
    pub(super) since: Option<u64>,
    /// Most lines of what has been logged before.
    pub(super) last: Option<usize>,
}

impl Wanted {
    /// Asks the runner for them.
    pub(super) async fn open(&self, runner: &Client) -> Result<Log> {
        let log = runner
            .logs(self.process.clone(), self.follow, self.since)
            .await;
        log.map_err(asked::advised)
    }
}

/// Shows the logs.
///
/// # Errors
/// When the runner cannot be asked, or goes away.
pub(super) async fn show(runner: Client, wanted: Wanted, show: &Show) -> Result<u8> {
    let mut arriving = Pieces {
        log: wanted.open(&runner).await?,
        follow: wanted.follow,
        of: LogResource::default(),
        times: HashMap::new(),
    };
    let mut last = wanted.last;
    loop {
        let (mut pieces, more) = arriving.batch(show).await?;
        pieces.sort_by_key(|piece| piece.time);
        let lines = pieces.iter();
        let lines = lines.filter_map(|piece| show.line(&piece.of, &piece.piece));
        let mut lines: Vec<String> = lines.collect();
        if let Some(last) = last.take() {
            lines.drain(..lines.len().saturating_sub(last));
        }
        for line in &lines {
            if let Some(code) = crate::command::print_line(line) {
                return Ok(code);
            }
        }
        if !more {
            return Ok(0);
        }
    }
}

/// The pieces of one or of several logs, as they arrive.
struct Pieces {
    log: Log,
    follow: bool,
    /// The process that the next piece is of.
    of: LogResource,
    /// The time of the last entry of each process, for the loss after it.
    times: HashMap<u64, u64>,
}

impl Pieces {
    /// What has arrived, and whether more may come: all there is, or when logs are followed all until nothing comes for
    /// a moment.
    async fn batch(&mut self, show: &Show) -> Result<(Vec<Piece>, bool)> {
        let mut pieces = Vec::new();
        loop {
            let moment = pin!(tokio::time::sleep(MOMENT));
            tokio::select! {
                piece = self.log.next() => match piece.map_err(asked::advised)? {
                    None => return Ok((pieces, false)),
                    Some(LogPiece::Of(process)) => {
                        show.printer.make_room_for(&process.service_name);
                        self.of = process;
                    }
                    Some(piece) => pieces.push(self.timed(piece)),
                },
                () = moment, if self.follow && !pieces.is_empty() => return Ok((pieces, true)),
            }
            if self.follow && pieces.len() >= BATCH {
                return Ok((pieces, true));
            }
        }
    }

    fn timed(&mut self, piece: LogPiece) -> Piece {
        let last = self.times.entry(self.of.process_id).or_default();
        *last = time_of(&piece, &self.of).unwrap_or(*last);
        Piece {
            of: self.of.clone(),
            piece,
            time: *last,
        }
    }
}

/// The time of an entry; none of a loss.
fn time_of(piece: &LogPiece, of: &LogResource) -> Option<u64> {
    match piece {
        LogPiece::Entry(text) => {
            let entry = LogEntry::read(text.as_bytes(), of.clone())?;
            entry.timestamp.parse().ok()
        }
        LogPiece::Of(_) | LogPiece::Lost(_) => None,
    }
}
