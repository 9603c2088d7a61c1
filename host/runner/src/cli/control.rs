//! The commands that ask a running runner: a `weft up` in another terminal.

use crate::setting;
use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use std::path::PathBuf;
use std::time::Duration;
use weft_host::log::LogLevels;

/// Which runner is asked.
#[derive(Debug, Args)]
pub(crate) struct On {
    /// The runner, where several run: its name, NAME.PID, its PID, or the path of its socket.
    #[arg(long, value_name = "RUNNER", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) on: Option<String>,

    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// `weft ps`.
#[derive(Debug, Args)]
#[command(after_help = "Columns:
  CPU       time it has held a processor
  MEMORY    of its linear memories
  HANDLES   that it holds
  CHANNELS  that it has made
  STARTER   the id of the process that started it; - for those of the manifest")]
pub(crate) struct PsArgs {
    /// Also show processes that other processes have started, and those that have ended.
    #[arg(short, long)]
    pub(crate) all: bool,

    #[command(flatten)]
    pub(crate) on: On,
}

/// `weft channels`.
#[derive(Debug, Args)]
#[command(after_help = "Columns:
  MAKER    the process that made it; - for those of the manifest
  HELD     bytes it retains now, of its CAPACITY
  DEPTH    frames it retains now
  FRAMES   accepted so far, and their BYTES
  DROPPED  frames that found no room
  LAG      frames that its slowest reader has not read
  READERS  \"nobody\" where somebody writes: it is lost")]
pub(crate) struct ChannelsArgs {
    #[command(flatten)]
    pub(crate) on: On,
}

/// `weft peek`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  weft peek lines
  weft peek -n 100 lines
  weft peek -f --json lines | jq -r .text")]
pub(crate) struct PeekArgs {
    /// The channel of the manifest.
    pub(crate) channel: String,

    /// At most N frames. Default: 10, and with --follow no bound.
    #[arg(short = 'n', long, value_name = "N")]
    pub(crate) frames: Option<u64>,

    /// Wait for more frames, until the channel ends.
    #[arg(short, long)]
    pub(crate) follow: bool,

    #[command(flatten)]
    pub(crate) on: On,
}

/// `weft logs`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  weft logs -f
  weft logs -n 20 parse
  weft logs --since 14:02 --until 14:05 parse
  weft logs --json parse | jq .Body")]
pub(crate) struct LogsArgs {
    /// The process: its name, or its id. Left out: all processes, in the order of time.
    pub(crate) process: Option<String>,

    /// Follow the log, also across restarts, until the process has ended for good; without one,
    /// until the runner ends.
    #[arg(short, long)]
    pub(crate) follow: bool,

    /// Only the last N entries of those that are there already.
    #[arg(short = 'n', long, value_name = "N")]
    pub(crate) lines: Option<usize>,

    /// Only entries since then, such as 5m, 14:02:11, or 2030-01-31T12:00:00Z.
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<String>,

    /// Only entries until then, written as for --since.
    #[arg(long, value_name = "TIME", conflicts_with = "follow")]
    pub(crate) until: Option<String>,

    /// Which entries, written as for `weft up --log-level`. Entries below info exist only if
    /// `weft up` asked for them.
    #[arg(long, value_name = "LEVELS", default_value = "info")]
    pub(crate) log_level: LogLevels,

    #[command(flatten)]
    pub(crate) on: On,
}

/// `weft top`.
#[derive(Debug, Args)]
#[command(after_help = "Keys:
  q, Esc, Ctrl-C    quit
  up, down, j, k    select; PgUp, PgDn, Home and End too
  tab               the other table
  s, S              sort by the next column, by the one before
  r                 the other way round
Columns:
  CPU%      of one processor, since the last time; TIME is the sum
  MEMORY    of its linear memories
  HANDLES   that it holds
  RESTARTS  how often it was started again
  DEPTH     frames that the channel retains; HELD are their bytes
  LAG       frames that its slowest reader has not read
  DROPS     frames that found no room")]
#[cfg_attr(
    not(feature = "top"),
    allow(dead_code, reason = "what can be typed is the same in every build")
)]
pub(crate) struct TopArgs {
    /// How often to refresh.
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = setting::duration)]
    pub(crate) interval: Duration,

    /// Print the screen once, after one interval, and exit.
    #[arg(long)]
    pub(crate) once: bool,

    /// The runner, where several run: its name, NAME.PID, its PID, or the path of its socket.
    #[arg(long, value_name = "RUNNER", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) on: Option<String>,
}

/// `weft stop`.
#[derive(Debug, Args)]
pub(crate) struct StopArgs {
    /// The process: its name, or its id.
    pub(crate) process: String,

    /// Time the process has to end before it is killed. Default: that of the runner.
    #[arg(long, value_name = "TIME", value_parser = setting::duration)]
    pub(crate) grace: Option<Duration>,

    #[command(flatten)]
    pub(crate) on: On,
}

/// Where `weft up` listens.
#[derive(Debug, Args)]
pub(crate) struct Control {
    /// The control socket, for `weft ps`, logs, stop and channels: its path, or off.
    #[arg(long, value_name = "PATH|off")]
    pub(crate) control: Option<PathBuf>,
}

/// `weft down`.
#[derive(Debug, Args)]
pub(crate) struct DownArgs {
    #[command(flatten)]
    pub(crate) on: On,
}

/// `weft restart`.
#[derive(Debug, Args)]
pub(crate) struct RestartArgs {
    /// The process of the manifest: its name, or its id.
    pub(crate) process: String,

    #[command(flatten)]
    pub(crate) on: On,
}
