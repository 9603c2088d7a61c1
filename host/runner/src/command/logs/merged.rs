//! The logs of several processes as one, in the order of time.
//!
//! What has been logged before comes in that order. What is logged while the logs are followed comes in batches, each in
//! that order: entries of two processes may change places only if one arrives a moment late.

use super::{Show, asked};
use anyhow::Result;
use futures::stream::{BoxStream, SelectAll};
use futures::{StreamExt, stream};
use std::pin::pin;
use std::time::Duration;
use weft_control::protocol::{Event, ProcessRow};
use weft_control::{Client, ClientError, Events, LogPiece};
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

/// The pieces of one or of several logs, as they arrive.
type Pieces = BoxStream<'static, Result<Piece, ClientError>>;

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

/// Shows the logs.
///
/// # Errors
/// When the runner cannot be asked, or goes away.
pub(super) async fn show(runner: Client, wanted: Wanted, show: &Show) -> Result<u8> {
    let mut open = Open::new(runner, &wanted).await.map_err(asked::advised)?;
    let mut last = wanted.last;
    loop {
        let (mut pieces, more) = open.batch().await.map_err(asked::advised)?;
        pieces.sort_by_key(|piece| piece.time);
        let lines = pieces.iter().filter_map(|piece| {
            show.printer.make_room_for(&piece.of.service_name);
            show.line(&piece.of, &piece.piece)
        });
        let mut lines: Vec<String> = lines.collect();
        if let Some(last) = last.take() {
            lines.drain(..lines.len().saturating_sub(last));
        }
        for line in &lines {
            if let Some(code) = show.print(line) {
                return Ok(code);
            }
        }
        if !more {
            return Ok(0);
        }
    }
}

/// The logs that are read.
struct Open {
    runner: Client,
    logs: SelectAll<Pieces>,
    follow: bool,
    since: Option<u64>,
    /// The events of the runner, if the logs of all processes are followed.
    events: Option<Events>,
}

impl Open {
    async fn new(runner: Client, wanted: &Wanted) -> Result<Self, ClientError> {
        let mut open = Self {
            runner,
            logs: SelectAll::new(),
            follow: wanted.follow,
            since: wanted.since,
            events: None,
        };
        if let Some(process) = &wanted.process {
            open.add(process.clone()).await?;
            return Ok(open);
        }
        let (now, events) = open.runner.watch().await?;
        open.events = wanted.follow.then_some(events);
        for row in &now.processes {
            open.add(named(row)).await?;
        }
        Ok(open)
    }

    /// Reads the log of one more process.
    async fn add(&mut self, process: String) -> Result<(), ClientError> {
        let log = self.runner.logs(process, self.follow, self.since).await?;
        let state = (log, LogResource::default(), 0);
        let pieces = stream::try_unfold(state, |(mut log, mut of, mut time)| async move {
            while let Some(piece) = log.next().await? {
                match piece {
                    LogPiece::Of(process) => of = process,
                    piece => {
                        time = time_of(&piece, &of).unwrap_or(time);
                        let piece = Piece {
                            of: of.clone(),
                            piece,
                            time,
                        };
                        return Ok(Some((piece, (log, of, time))));
                    }
                }
            }
            Ok(None)
        });
        self.logs.push(pieces.boxed());
        Ok(())
    }

    /// What has arrived, and whether more may come: all there is, or when logs are followed all until nothing comes for
    /// a moment.
    async fn batch(&mut self) -> Result<(Vec<Piece>, bool), ClientError> {
        let mut pieces = Vec::new();
        loop {
            if self.logs.is_empty() && self.events.is_none() {
                return Ok((pieces, false));
            }
            let moment = pin!(tokio::time::sleep(MOMENT));
            tokio::select! {
                piece = self.logs.next(), if !self.logs.is_empty() => pieces.extend(piece.transpose()?),
                event = next(&mut self.events) => match event? {
                    Some(Event::Started(row)) if row.starter.is_some() => {
                        self.add(named(&row)).await?;
                    }
                    Some(_) => {}
                    None => self.events = None,
                },
                () = moment, if self.follow => {
                    if !pieces.is_empty() {
                        return Ok((pieces, true));
                    }
                }
            }
            if self.follow && pieces.len() >= BATCH {
                return Ok((pieces, true));
            }
        }
    }
}

/// The next event; it never comes if there are none.
async fn next(events: &mut Option<Events>) -> Result<Option<Event>, ClientError> {
    match events {
        Some(events) => events.next().await,
        None => std::future::pending().await,
    }
}

/// What names the log of a process: for one of the manifest its name, which stays when it is restarted.
fn named(row: &ProcessRow) -> String {
    match row.starter {
        None => row.name.clone(),
        Some(_) => row.id.to_string(),
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
