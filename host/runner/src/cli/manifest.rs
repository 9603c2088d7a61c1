//! The commands that take a manifest, and the options that say which.

use super::{Control, Grace, HostArgs, LogArgs, TelemetryArgs, help};
use crate::manifest::{Changes, Source, Variables};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Which manifest.
#[derive(Clone, Debug, Args)]
pub(crate) struct WhichManifest {
    /// The manifest, or the folder of a weft.toml; - for stdin. Left out: the weft.toml of this folder, or of
    /// the nearest above. Paths in it are relative to its folder.
    #[arg(value_name = "MANIFEST")]
    pub(crate) manifest: Option<PathBuf>,

    /// Variables for ${NAME} in the manifest, in lines NAME=VALUE. Those of the environment come first.
    #[arg(long, value_name = "FILE")]
    pub(crate) env_file: Vec<PathBuf>,

    /// Merge a [profile.NAME] of the manifest over it. May be given several times: later ones come last.
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Vec<String>,

    /// Put a value into the manifest, such as processes.parse.limits.memory=64MiB: TOML, or else a string.
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,
}

impl WhichManifest {
    /// Where the manifest comes from.
    ///
    /// # Errors
    /// When none is named, and the working folder is in no project.
    pub(crate) fn source(&self) -> anyhow::Result<Source> {
        Source::find(self.manifest.as_deref())
    }

    /// What is changed in the manifest.
    ///
    /// # Errors
    /// When a file of variables cannot be read.
    pub(crate) fn changes(&self) -> anyhow::Result<Changes> {
        Ok(Changes {
            profiles: self.profile.clone(),
            variables: Variables::read(self.env_file.iter().map(PathBuf::as_path))?,
            sets: self.set.clone(),
        })
    }
}

/// `weft up`.
#[derive(Debug, Args)]
#[command(after_help = help::manifest())]
pub(crate) struct UpArgs {
    #[command(flatten)]
    pub(crate) which: WhichManifest,

    /// Check everything, as `weft check` does, and start nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// First run the commands that make the components.
    #[arg(long)]
    pub(crate) build: bool,

    /// Run in the background: return when the processes have been started.
    #[arg(short, long)]
    pub(crate) detach: bool,

    /// Reload the processes of a component when its file changes, and start those again that have failed.
    #[arg(long)]
    pub(crate) watch: bool,

    #[command(flatten)]
    pub(crate) runner: RunnerArgs,
}

/// What a runner of a manifest is like.
#[derive(Debug, Args)]
pub(crate) struct RunnerArgs {
    #[command(flatten)]
    pub(crate) host: HostArgs,

    #[command(flatten)]
    pub(crate) control: Control,

    #[command(flatten)]
    pub(crate) logs: LogArgs,

    #[command(flatten)]
    pub(crate) grace: Grace,

    #[command(flatten)]
    pub(crate) telemetry: TelemetryArgs,
}

/// `weft dev`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  weft dev
  weft dev --profile test --log-level debug")]
pub(crate) struct DevArgs {
    #[command(flatten)]
    pub(crate) which: WhichManifest,

    #[command(flatten)]
    pub(crate) runner: RunnerArgs,
}

impl From<DevArgs> for UpArgs {
    fn from(args: DevArgs) -> Self {
        Self {
            which: args.which,
            dry_run: false,
            build: true,
            detach: false,
            watch: true,
            runner: args.runner,
        }
    }
}

/// `weft build`.
#[derive(Debug, Args)]
pub(crate) struct BuildArgs {
    #[command(flatten)]
    pub(crate) which: WhichManifest,
}

/// `weft check`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  weft check
  weft check --json flights/weft.toml | jq .warnings")]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) which: WhichManifest,

    /// Print one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

/// `weft graph`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  weft graph flights/weft.toml
  weft graph --format svg > graph.svg")]
pub(crate) struct GraphArgs {
    #[command(flatten)]
    pub(crate) which: WhichManifest,

    /// What to print.
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub(crate) format: GraphFormat,
}

/// How a manifest is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum GraphFormat {
    /// For Mermaid, which many viewers of Markdown have.
    #[default]
    Mermaid,
    /// For Graphviz.
    Dot,
    /// A picture, for browsers and documents.
    Svg,
    /// One JSON object, for programs.
    Json,
}
