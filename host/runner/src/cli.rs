//! The command line: the subcommands, their options and their help.

mod control;
mod help;
mod manifest;

pub(crate) use help::EXIT_CODES;

pub(crate) use control::{
    ChannelsArgs, Control, DownArgs, LogsArgs, PeekArgs, PsArgs, RestartArgs, StopArgs, TopArgs,
};
pub(crate) use manifest::{
    BuildArgs, CheckArgs, DevArgs, GraphArgs, GraphFormat, UpArgs, WhichManifest,
};

use crate::project::{Language, Template};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use std::time::Duration;
use weft_host::log::LogLevels;

/// Run, wire and inspect WebAssembly components.
#[derive(Debug, Parser)]
#[command(name = "weft", version, about, after_help = EXIT_CODES, max_term_width = 100)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,

    /// Show on stderr what the host does: -v for steps, -vv for details.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,

    /// Work in this folder: relative paths are from there.
    #[arg(long, global = true, value_name = "FOLDER")]
    pub(crate) cwd: Option<PathBuf>,

    /// The runner that `weft up --detach` has started: not for people.
    #[arg(long, hide = true)]
    pub(crate) detached: bool,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run one component as a process.
    Run(RunArgs),
    /// Run several components wired by channels, as a manifest says.
    Up(UpArgs),
    /// Build and run a manifest, and build and reload what changes.
    Dev(DevArgs),
    /// Run the commands that make the components of a manifest.
    Build(BuildArgs),
    /// Check a manifest as `weft up` does, without starting anything.
    Check(CheckArgs),
    /// Show the processes that `weft up` runs.
    Ps(PsArgs),
    /// Show the logs of processes that `weft up` runs.
    Logs(LogsArgs),
    /// End a `weft up`: its processes stop in their order.
    Down(DownArgs),
    /// Stop a process that `weft up` runs, for good.
    Stop(StopArgs),
    /// Start a process that `weft up` runs again, on its channels.
    Restart(RestartArgs),
    /// Show the channels between processes that `weft up` runs.
    Channels(ChannelsArgs),
    /// Show frames that a channel of `weft up` holds, without taking them.
    Peek(PeekArgs),
    /// Show the processes and channels that `weft up` runs, live.
    Top(TopArgs),
    /// Show what a component exports, imports and will ask for.
    Inspect(InspectArgs),
    /// Put components together into one: plugs into imports, or as a WAC document says.
    Compose(ComposeArgs),
    /// Make a guest project that builds and runs at once.
    New(NewArgs),
    /// Draw the processes and channels of a manifest.
    Graph(GraphArgs),
    /// Print the JSON schema of manifests, for editors.
    Schema,
    /// Write a man page for each command into a folder.
    Man {
        /// The folder; it is made if it is not there.
        #[arg(value_name = "FOLDER")]
        folder: PathBuf,
    },
    /// Print a completion script, such as for: source <(weft completions bash)
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

impl Command {
    /// The options for showing logs, of the subcommands that have them.
    pub(crate) fn logs(&self) -> Option<&LogArgs> {
        match self {
            Self::Run(args) => Some(&args.logs),
            Self::Up(args) => Some(&args.runner.logs),
            Self::Dev(args) => Some(&args.runner.logs),
            _ => None,
        }
    }
}

/// Whether the command line asks for `--log-format json`, even if it cannot be parsed. Everything after `--` belongs to
/// the guest.
pub(crate) fn asks_for_json(typed: impl IntoIterator<Item = std::ffi::OsString>) -> bool {
    const OPTION: &str = "--log-format";
    let typed = typed
        .into_iter()
        .map(|word| word.to_string_lossy().into_owned());
    let words: Vec<String> = typed.take_while(|word| word != "--").collect();
    let apart = words.windows(2).any(|pair| pair == [OPTION, "json"]);
    apart || words.contains(&format!("{OPTION}=json"))
}

impl ComponentBound {
    /// The bound in bytes: the host's default, unless the option sets another.
    ///
    /// # Errors
    /// When the text is not a size, or the size exceeds the memory.
    pub(crate) fn bytes(&self) -> anyhow::Result<u64> {
        let usual = weft_host::HostConfig::default().max_component_bytes;
        let Some(text) = &self.component_bytes else {
            return Ok(usual);
        };
        let bytes = crate::setting::component_bytes(text);
        bytes.map_err(|error| error.context(format!("--component-bytes {text}")))
    }
}

/// `weft run`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  weft run hello.wasm --invoke 'run(\"world\")'
  weft run tool.wasm --dir data::/data --env LEVEL=debug -- --count 3
  weft run worker.wasm --grant clocks --limit memory=64MiB")]
pub(crate) struct RunArgs {
    /// The component's file.
    pub(crate) component: PathBuf,

    /// The entry point and its arguments in WAVE, such as 'run("text", 3)'. Without it a command runs as
    /// one, and anything else at `run`.
    #[arg(
        long,
        value_name = "NAME(ARGS…)",
        default_value = "",
        hide_default_value = true
    )]
    pub(crate) invoke: String,

    #[arg(long, value_name = "CAP", help = help::capabilities())]
    pub(crate) grant: Vec<String>,

    /// Mount a folder read-only. HOST::GUEST::rw makes it writable. HOST may contain ::.
    #[arg(long, value_name = "HOST[::GUEST]")]
    pub(crate) dir: Vec<String>,

    /// Set an environment variable. KEY alone takes the value it has in this shell.
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) env: Vec<String>,

    /// Let it show a certificate under a name, with --grant certificate=NAME: the files of its chain and of its key. With a third file, clients must show a
    /// certificate of an authority that is in it.
    #[arg(long, value_name = "NAME=CERT,KEY[,CLIENTS]")]
    pub(crate) certificate: Vec<String>,

    /// Believe the certificates of the authorities in this file, in place of the system's, when it connects.
    #[arg(long, value_name = "FILE")]
    pub(crate) authorities: Option<PathBuf>,

    /// Bound its connections: in-flight=128KiB in each direction, connect-time=30s, lookup-time=20s of a name, close-time=30s to send the rest; these are the
    /// defaults. With idle-time=10m, one on which nothing moves for so long is closed.
    #[arg(long, value_name = "BOUND=VALUE")]
    pub(crate) network: Vec<String>,

    #[arg(long, value_name = "LIMIT=VALUE", help = help::limits())]
    pub(crate) limit: Vec<String>,

    /// Size of a guest's call stack, such as 1MiB.
    #[arg(long, value_name = "SIZE")]
    pub(crate) stack: Option<String>,

    #[command(flatten)]
    pub(crate) bound: ComponentBound,

    #[command(flatten)]
    pub(crate) host: HostArgs,

    #[command(flatten)]
    pub(crate) logs: LogArgs,

    #[command(flatten)]
    pub(crate) grace: Grace,

    #[command(flatten)]
    pub(crate) telemetry: TelemetryArgs,

    /// Arguments of a command component.
    #[arg(last = true, value_name = "ARGS")]
    pub(crate) arguments: Vec<String>,
}

/// What the host of guests is like.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct HostArgs {
    /// Hold as many processes as the machine has room for, up to 100,000, at the price of slower
    /// memory accesses, slower starts and shallower stacks.
    #[arg(long)]
    pub(crate) dense: bool,

    /// Write a core dump into this folder for each process that traps. Tools for wasm can read it.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) coredump: Option<PathBuf>,
}

/// How large a component may be.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ComponentBound {
    /// Size of the largest component file to accept, such as 256MiB.
    #[arg(long, value_name = "SIZE", visible_alias = "max-component")]
    pub(crate) component_bytes: Option<String>,
}

/// For those who watch from outside.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct TelemetryArgs {
    /// Serve metrics as Prometheus text at http://ADDR/metrics, such as 127.0.0.1:9100. Port 0 picks
    /// a free port and prints it.
    #[arg(long, value_name = "ADDR")]
    pub(crate) metrics: Option<String>,

    /// Send logs, traces and metrics to a collector by OTLP over gRPC, such as http://127.0.0.1:4317.
    #[arg(long, value_name = "URL")]
    pub(crate) otlp: Option<String>,
}

/// `weft compose`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  weft compose app.wasm --plug filter.wasm -o filtered.wasm
  weft compose pipeline.wac --dep my:filter=filter.wasm -o pipeline.wasm

With --plug, what FILE imports and that component exports under the same name,
or one of a compatible version, is connected. A WAC document says itself what is
connected with what; its packages are files `NAMESPACE/NAME.wasm` in its folder,
unless --dep says otherwise.")]
#[cfg_attr(
    not(feature = "compose"),
    allow(dead_code, reason = "what can be typed is the same in every build")
)]
pub(crate) struct ComposeArgs {
    /// A component, or a WAC document (`.wac`).
    pub(crate) file: PathBuf,

    /// A component whose exports are plugged into the imports of FILE.
    #[arg(long, value_name = "FILE")]
    pub(crate) plug: Vec<PathBuf>,

    /// A package of the document, and its component's file.
    #[arg(long, value_name = "PACKAGE=FILE")]
    pub(crate) dep: Vec<String>,

    #[command(flatten)]
    pub(crate) bound: ComponentBound,

    /// Where the composed component goes; `-` for stdout.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
}

/// What is shown of logs.
#[derive(Clone, Debug, Args)]
pub(crate) struct LogArgs {
    /// How the logs of processes are shown, on stderr.
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub(crate) log_format: LogFormat,

    /// Which entries: off, error, warn, info, debug or trace, for all or with commas between for
    /// some: TARGET=LEVEL, PROCESS/=LEVEL, PROCESS/TARGET=LEVEL. Of targets the beginning
    /// matters, of processes the name, or NAME* for its beginning.
    #[arg(long, value_name = "LEVELS", default_value = "info")]
    pub(crate) log_level: LogLevels,

    /// How progress is shown, on stderr: what is compiled, started and ended, and what channels do.
    #[arg(long, value_name = "HOW", value_enum, default_value_t)]
    pub(crate) progress: ShowProgress,
}

/// How progress is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ShowProgress {
    /// In status lines on a terminal, else in plain lines.
    #[default]
    Auto,
    /// In plain lines.
    Plain,
    /// Not at all. Warnings and errors are still shown.
    Off,
}

/// How logs are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people: aligned, and in colour on a terminal.
    #[default]
    Pretty,
    /// For programs: every line on stderr is one JSON object.
    Json,
    /// Not at all.
    Off,
}

/// How long a stop may take.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Grace {
    /// Time a process has to end after Ctrl-C before it is killed.
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = crate::setting::duration)]
    pub(crate) grace: Duration,
}

/// `weft inspect`.
#[derive(Debug, Args)]
pub(crate) struct InspectArgs {
    /// The component's file.
    pub(crate) component: PathBuf,

    /// Print one JSON object.
    #[arg(long)]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) bound: ComponentBound,
}

/// `weft new`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  weft new my-pipeline
  weft new my-stage --template stage
  weft new my-service --template service --lang python
  weft new guests/my-tool --template command")]
pub(crate) struct NewArgs {
    /// The folder to make; its name is the project's. Small letters, digits and dashes.
    #[arg(value_name = "NAME")]
    pub(crate) path: PathBuf,

    /// The programming language.
    #[arg(long, value_name = "LANGUAGE", value_enum, default_value_t = Language::Rust)]
    pub(crate) lang: Language,

    /// What is made. Default: pipeline in Rust, stage in other languages.
    #[arg(long, value_enum)]
    pub(crate) template: Option<Template>,
}
