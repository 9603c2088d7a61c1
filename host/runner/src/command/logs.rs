//! `weft logs`: the log of one process of a runner.
//!
//! ```text
//! logs/since  the times that --since takes
//! ```

mod since;

use crate::cli::{LogFormat, LogsArgs};
use crate::control::client;
use crate::control::protocol::{Reply, Request};
use crate::outcome;
use crate::screen::logs::Printer;
use crate::screen::output::reader;
use crate::screen::say;
use anyhow::{Result, bail};
use std::io::{ErrorKind, Write};
use std::pin::pin;
use weft_host::{LogEntry, LogResource};

/// Prints the log; with `follow` until the process has ended for good.
pub(super) async fn logs(args: LogsArgs) -> Result<u8> {
    let since = args.since.as_deref().map(since::read).transpose()?;
    let request = Request::Logs {
        process: args.process,
        follow: args.follow,
        since,
    };
    let mut answers = client::ask(args.on.on.as_deref(), request).await?;
    let format = match args.on.json {
        true => LogFormat::Json,
        false => LogFormat::Pretty,
    };
    let printer = Printer::new(format, args.log_level, console::colors_enabled());
    let mut of = LogResource::default();
    let mut reader_gone = pin!(reader::gone());
    loop {
        let answer = tokio::select! {
            answer = answers.next() => answer?,
            // Whoever read it has enough, as `grep -m1` has.
            () = &mut reader_gone => return Ok(0),
        };
        let line = match answer {
            Reply::Of { process, id } => {
                printer.make_room_for(&process);
                of = LogResource {
                    service_name: process,
                    process_id: id,
                };
                None
            }
            // As on the runner's own screen, what is no entry is not shown.
            Reply::Entry(text) => LogEntry::read(text.as_bytes(), of.clone())
                .and_then(|entry| printer.entry(&entry, &text)),
            Reply::Lost(lost) => printer.lost(of.clone(), lost),
            Reply::Done => return Ok(0),
            _ => bail!("what answers is no runner of this version"),
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
