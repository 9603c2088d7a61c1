//! The host's own tracing, on stderr: silent unless asked for, but for servers that go away and come back.

use super::say;
use crate::cli::LogFormat;
use crate::setting;
use std::io::{self, Write};
use tracing::{Level, Metadata};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use weft_host::log::Severity;

/// Sets up tracing for this number of `-v` options. `WEFT_LOG` overrides it with directives such as `weft_host=debug`.
pub(crate) fn init(verbose: u8) {
    let default = match verbose {
        // Whether the servers of durable channels are there.
        0 => "error,weft_nats=info",
        1 => "warn,weft=debug,weft_host=debug,weft_nats=debug",
        2 => "warn,weft=trace,weft_host=trace,weft_channel=trace,weft_nats=trace",
        _ => "debug,weft=trace,weft_host=trace,weft_channel=trace,weft_nats=trace",
    };
    let asked = setting::trace_directives();
    let parsed = asked.as_deref().map(EnvFilter::try_new);
    let (filter, wrong) = match parsed {
        Some(Ok(filter)) => (filter, None),
        Some(Err(error)) => (EnvFilter::new(default), Some(error)),
        None => (EnvFilter::new(default), None),
    };
    let colour = console::colors_enabled_stderr() && say::format() != LogFormat::Json;
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(Lines)
        .with_ansi(colour)
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::CLOSE)
        .try_init();
    if let Some(error) = wrong {
        say::warning(&format!(
            "WEFT_LOG is not used: {error}; write directives such as weft_host=debug, with commas between"
        ));
    }
}

/// Makes a [`Line`] for each event.
struct Lines;

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Line;

    fn make_writer(&'a self) -> Line {
        Line::of(Severity::Info)
    }

    fn make_writer_for(&'a self, about: &Metadata<'_>) -> Line {
        Line::of(match *about.level() {
            Level::ERROR => Severity::Error,
            Level::WARN => Severity::Warn,
            Level::INFO => Severity::Info,
            Level::DEBUG => Severity::Debug,
            Level::TRACE => Severity::Trace,
        })
    }
}

/// The text of one event. Dropping it queues the text, so tracing never waits for the terminal.
struct Line {
    severity: Severity,
    text: Vec<u8>,
}

impl Line {
    fn of(severity: Severity) -> Self {
        let text = Vec::new();
        Self { severity, text }
    }
}

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let text = String::from_utf8_lossy(&self.text);
        say::traced(self.severity, text.trim_end());
    }
}
