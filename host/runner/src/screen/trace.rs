//! The host's own tracing, on stderr: silent unless asked for.

use super::note;
use std::io::{self, Write};
use tracing_subscriber::EnvFilter;

/// Sets up tracing for `-v` given this many times; `WEFT_LOG` overrides it with
/// directives such as `weft_host=debug`.
pub(crate) fn init(verbose: u8) {
    let default = match verbose {
        0 => "error",
        1 => "warn,weft=info,weft_host=info",
        2 => "warn,weft=debug,weft_host=debug,weft_channel=debug",
        _ => "debug",
    };
    let filter = EnvFilter::try_from_env("WEFT_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(Line::default)
        .with_ansi(console::colors_enabled_stderr())
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::CLOSE)
        .try_init();
}

/// What is said of one event; it is written when this is dropped, so that who says it never waits.
#[derive(Default)]
struct Line(Vec<u8>);

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        note(String::from_utf8_lossy(&self.0).trim_end());
    }
}
