//! The host's own tracing, on stderr: silent unless asked for.

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
        .with_writer(std::io::stderr)
        .with_ansi(console::colors_enabled_stderr())
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::CLOSE)
        .try_init();
}
