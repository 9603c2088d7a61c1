//! Processes that are programs of the embedder: Rust that runs in a task of the host, in place of a component.
//!
//! `driver` runs one. A program has no store and no WebAssembly. Otherwise its process is like any: it is in the table, has a record, an
//! account, a log, metrics and a status, is stopped, killed, watched and supervised. What it reads and writes are the ends among its
//! arguments.
//!
//! Not a sandbox: a program is part of the embedder, and may do what the embedder may. No guest can start one.
//!
//! Invariants:
//! - What a program holds is dropped before its end can be observed.
//! - A panic in a program ends its process, and nothing else.

mod driver;

pub(super) use driver::{NativeLaunch, drive, lay_out};

use super::argument::{Argument, Arguments};
use super::handle::{Process, ProcessShared};
use super::options::StartOptions;
use super::refusal::StartError;
use super::start::{Granter, prepare};
use crate::account::Account;
use crate::component::LoadedComponent;
use crate::host::HostInner;
use crate::interface::ReaderHandle;
use crate::log::{Severity, scope};
use crate::metrics::{Instrument, InstrumentKind, Series};
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use weft_channel::{Channel, Frames, ReadError, Writer};

/// A program that runs: its end is the end of the process. `Ok` is [`Returned`](crate::ExitStatus::Returned) with this value, or
/// [`Stopped`](crate::ExitStatus::Stopped) if the process was asked to stop; `Err` is [`Failed`](crate::ExitStatus::Failed) with this text.
pub type Running = Pin<Box<dyn Future<Output = Result<String, String>> + Send>>;

/// A program of the embedder, for [`StartOptions::native`](super::StartOptions::native).
pub trait Program: Debug + Send + Sync {
    /// What it is, in a word: shown where the component of another process is.
    fn kind(&self) -> &str;

    /// Runs it. A supervisor that restarts the process calls it again, after the earlier future has been dropped.
    ///
    /// A kill drops the future at its next wait. So it must not hold its thread for long; what may block goes to a thread of its own.
    fn run(self: Arc<Self>, context: Context) -> Running;
}

/// What a program has of its process.
#[derive(Debug)]
pub struct Context {
    /// Weak: a process must not keep its host alive.
    host: Weak<HostInner>,
    arguments: Vec<(String, Argument)>,
    shared: Arc<ProcessShared>,
    account: Arc<Account>,
}

impl Debug for ProcessShared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProcessShared")
            .field("id", &self.id)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Context {
    fn new(
        host: Weak<HostInner>,
        arguments: Arguments,
        shared: Arc<ProcessShared>,
        account: Arc<Account>,
    ) -> Self {
        let arguments = match arguments {
            Arguments::Named(named) => named,
            Arguments::Positional(all) => {
                let all = all.into_iter().enumerate();
                all.map(|(at, it)| (format!("#{}", at + 1), it)).collect()
            }
        };
        Self {
            host,
            arguments,
            shared,
            account,
        }
    }

    /// The name of its process.
    pub fn name(&self) -> &str {
        &self.shared.name
    }

    /// The component of this name in the store of the host, as it is now.
    pub fn component(&self, name: &str) -> Option<Arc<LoadedComponent>> {
        self.host.upgrade()?.components.get(name)
    }

    /// Starts a process as a child of this one. It may have any rights and limits, as if the embedder started it, and what it holds does
    /// not count as this process's. It is stopped when this process has ended.
    ///
    /// # Errors
    /// [`StartError`], also when the host is gone.
    pub fn start(&self, options: StartOptions) -> Result<Process, StartError> {
        let host = self.host.upgrade().ok_or(StartError::ShuttingDown)?;
        let mut limits = host.config.limits.with(&options.limits);
        // It is one generation below.
        limits.spawn_depth = limits.spawn_depth.saturating_add(1);
        let granter = Granter {
            capabilities: None,
            limits: &limits,
            account: None,
            parent: Some(&self.shared),
            files: None,
            kept: None,
        };
        Ok(prepare(&host, &granter, options)?.launch())
    }

    /// Takes an argument by its name, or by its position: `#1` is the first.
    pub fn take(&mut self, name: &str) -> Option<Argument> {
        let at = self.arguments.iter().position(|(it, _)| it == name)?;
        Some(self.arguments.swap_remove(at).1)
    }

    /// Takes a reader among the arguments.
    pub fn reader(&mut self, name: &str) -> Option<Input> {
        match self.take(name)? {
            Argument::Reader(reader) => Some(Input {
                reader,
                shared: self.shared.clone(),
                account: self.account.clone(),
            }),
            _ => None,
        }
    }

    /// Takes a writer among the arguments.
    pub fn writer(&mut self, name: &str) -> Option<Arc<Writer>> {
        match self.take(name)? {
            Argument::Writer(writer) => Some(writer.0),
            _ => None,
        }
    }

    /// Takes a channel among the arguments.
    pub fn channel(&mut self, name: &str) -> Option<Channel> {
        match self.take(name)? {
            Argument::Channel(handle) => Some(handle.channel),
            _ => None,
        }
    }

    /// Whether the process was asked to stop.
    pub fn stop_requested(&self) -> bool {
        self.shared.stop_requested()
    }

    /// Resolves when the process is asked to stop; at once if it was before.
    pub async fn stop_request(&self) {
        self.shared.stop_request().await;
    }

    /// Writes an entry to the log of the process, in the scope of the program's kind. It never waits.
    pub fn log<'a>(
        &self,
        severity: Severity,
        text: impl Into<String>,
        fields: impl IntoIterator<Item = (&'a str, String)>,
    ) {
        let fields = fields.into_iter();
        let fields: BTreeMap<_, _> = fields.map(|(key, value)| (key.to_owned(), value)).collect();
        let scope = scope::of_guest(Process::of(&self.shared).component().to_owned());
        self.shared.log.write(severity, &scope, text.into(), fields);
    }

    /// A counter of the process, among its [metrics](super::Process::metrics). One that cannot be opened counts for nobody, and the log
    /// says why.
    pub fn counter(&self, name: &str, unit: &str, description: &str) -> Counter {
        let instrument = Instrument {
            name: name.to_owned(),
            unit: unit.to_owned(),
            description: description.to_owned(),
            kind: InstrumentKind::Counter,
            bounds: Vec::new(),
        };
        let opened = self
            .shared
            .own_metrics
            .open(instrument, Vec::new(), &self.account);
        let opened = opened.map_err(|error| {
            self.log(
                Severity::Warn,
                format!("`{name}` is not counted: {error}"),
                [],
            );
        });
        Counter(opened.ok())
    }
}

/// A counter of a program's own. The default one counts for nobody.
#[derive(Clone, Debug, Default)]
pub struct Counter(Option<Arc<Series>>);

impl Counter {
    /// Adds to it.
    pub fn add(&self, amount: u64) {
        if let Some(series) = &self.0 {
            // Exact up to 2^53.
            series.add(amount as f64);
        }
    }
}

/// A reader of a program.
///
/// What is read from a [committed](crate::channel::ReaderHandle::committed) one is finished by the next read, or when the program returns.
#[derive(Debug)]
pub struct Input {
    reader: ReaderHandle,
    shared: Arc<ProcessShared>,
    account: Arc<Account>,
}

impl Input {
    /// Takes the frames that are there, waiting for the first; see [`Reader::read_batch`](weft_channel::Reader::read_batch). No frames
    /// is the end of the channel.
    ///
    /// Once the process has been asked to stop it waits only for a channel that has ended or is about to: it takes what is there, and no
    /// frames then is the end of what is to be read.
    ///
    /// # Errors
    /// Those of the reader, but for `WouldBlock`.
    pub async fn read_batch(&self, max_frames: u32, max_bytes: u64) -> Result<Frames, ReadError> {
        let (max_frames, max_bytes) = self.reader.read_on_within(max_frames, max_bytes);
        let reader = &self.reader.reader;
        let frames = tokio::select! {
            biased;
            read = reader.read_batch(max_frames, max_bytes) => read?,
            () = self.shared.stop_request() => match reader.is_ending() {
                true => reader.read_batch(max_frames, max_bytes).await?,
                false => match reader.try_read_batch(max_frames, max_bytes) {
                    Err(ReadError::WouldBlock) => Frames::default(),
                    read => read?,
                },
            },
        };
        self.keep(&frames);
        Ok(frames)
    }

    /// Keeps what was read from a committed reader. What cannot be paid for is not kept, and the log says so.
    fn keep(&self, frames: &Frames) {
        let Some(committed) = &self.reader.committed else {
            return;
        };
        // The payloads are shared.
        let kept = frames.iter().collect();
        if let Err(exhausted) = committed.took(kept, &self.account) {
            let text = format!("what was read is not kept for a restart: {exhausted}");
            self.shared.log.note_limit(exhausted.limit(), &text);
        }
    }
}
