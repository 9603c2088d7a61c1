//! `weft logs`: the logs of processes of a runner.
//!
//! ```text
//! logs/merged  several logs as one, in the order of time
//! logs/since   the times that --since and --until take
//! ```

mod merged;
mod since;

use super::asked;
use crate::cli::{LogFormat, LogsArgs};
use crate::screen::logs::Printer;
use crate::screen::output::reader;
use anyhow::Result;
use merged::Wanted;
use std::pin::pin;
use weft_control::{Client, LogPiece};
use weft_host::log::{LogEntry, LogResource};

/// What is shown, and how.
struct Show {
    printer: Printer,
    /// Nanoseconds since 1970: newer entries are left out.
    until: Option<u64>,
}

/// Prints the logs; with `follow` until the processes have ended for good.
pub(super) async fn logs(args: LogsArgs) -> Result<u8> {
    let time = |option, text: &Option<String>| {
        let text = text.as_deref();
        text.map(|text| since::read(option, text)).transpose()
    };
    let wanted = Wanted {
        process: args.process,
        follow: args.follow,
        since: time("--since", &args.since)?,
        last: args.lines,
    };
    let format = match args.on.json {
        true => LogFormat::Json,
        false => LogFormat::Pretty,
    };
    let show = Show {
        printer: Printer::new(format, args.log_level, console::colors_enabled()),
        until: time("--until", &args.until)?,
    };
    let runner = asked::runner(args.on.on);
    let shown = async {
        match (&wanted.process, wanted.last) {
            (Some(_), None) => one(runner, wanted, &show).await,
            _ => merged::show(runner, wanted, &show).await,
        }
    };
    tokio::select! {
        shown = shown => shown,
        // The reader of stdout has seen enough, as `grep -m1` has after one match.
        () = pin!(reader::gone()) => Ok(0),
    }
}

/// Shows the log of one process as it arrives.
async fn one(runner: Client, wanted: Wanted, show: &Show) -> Result<u8> {
    let mut log = wanted.open(&runner).await?;
    let mut of = LogResource::default();
    while let Some(piece) = log.next().await.map_err(asked::advised)? {
        if let LogPiece::Of(process) = piece {
            show.printer.make_room_for(&process.service_name);
            of = process;
            continue;
        }
        let code = show
            .line(&of, &piece)
            .and_then(|line| super::print_line(&line));
        if let Some(code) = code {
            return Ok(code);
        }
    }
    Ok(0)
}

impl Show {
    /// The lines for a piece of the log of this process, without a final newline; none if it is not shown.
    fn line(&self, of: &LogResource, piece: &LogPiece) -> Option<String> {
        match piece {
            LogPiece::Of(_) => None,
            LogPiece::Lost(lost) => self.printer.lost(of.clone(), *lost),
            // A frame that is not a log entry is not shown, as on the runner's own screen.
            LogPiece::Entry(text) => {
                let entry = LogEntry::read(text.as_bytes(), of.clone())?;
                let is_newer = |until: u64| {
                    let time = entry.timestamp.parse::<u64>();
                    time.is_ok_and(|time| time > until)
                };
                match self.until.is_some_and(is_newer) {
                    true => None,
                    false => self.printer.entry(&entry, text),
                }
            }
        }
    }
}
