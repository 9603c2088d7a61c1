//! `weft logs`: the log of one process of a runner.
//!
//! ```text
//! logs/since  the times that --since takes
//! ```

mod since;

use super::asked;
use crate::cli::{LogFormat, LogsArgs};
use crate::outcome;
use crate::screen::logs::Printer;
use crate::screen::output::reader;
use crate::screen::say;
use anyhow::Result;
use std::io::{ErrorKind, Write};
use std::pin::pin;
use weft_control::LogPiece;
use weft_host::log::{LogEntry, LogResource};

/// Prints the log; with `follow` until the process has ended for good.
pub(super) async fn logs(args: LogsArgs) -> Result<u8> {
    let since = args.since.as_deref().map(since::read).transpose()?;
    let runner = asked::runner(args.on.on);
    let log = runner.logs(args.process, args.follow, since).await;
    let mut log = log.map_err(asked::advised)?;
    let format = match args.on.json {
        true => LogFormat::Json,
        false => LogFormat::Pretty,
    };
    let printer = Printer::new(format, args.log_level, console::colors_enabled());
    let mut of = LogResource::default();
    let mut reader_gone = pin!(reader::gone());
    loop {
        let piece = tokio::select! {
            piece = log.next() => piece.map_err(asked::advised)?,
            // The reader of stdout has seen enough, as `grep -m1` has after one match.
            () = &mut reader_gone => return Ok(0),
        };
        let line = match piece {
            None => return Ok(0),
            Some(LogPiece::Of(process)) => {
                printer.make_room_for(&process.service_name);
                of = process;
                None
            }
            // A frame that is not a log entry is not shown, as on the runner's own screen.
            Some(LogPiece::Entry(text)) => LogEntry::read(text.as_bytes(), of.clone())
                .and_then(|entry| printer.entry(&entry, &text)),
            Some(LogPiece::Lost(lost)) => printer.lost(of.clone(), lost),
        };
        let Some(line) = line else { continue };
        let mut out = std::io::stdout().lock();
        match writeln!(out, "{line}") {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(0),
            Err(error) => {
                say::error(&format!("cannot write to stdout: {error}"));
                return Ok(outcome::FAILED);
            }
        }
    }
}
