//! Helpers for all suites: the files of guests, a host, and short ways to start processes.

#![allow(dead_code, reason = "each suite uses its own part")]

pub mod h2;
pub mod leaks;
pub mod nats;
pub mod wit;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use weft_host::{
    Argument, Arguments, Capabilities, ExitStatus, Host, HostConfig, Process, StartOptions,
    log::LogEntry,
};

/// A test that takes longer has hung. No test depends on being faster.
pub const HUNG: Duration = Duration::from_secs(120);

/// The target folder of this build.
pub fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
        .parent()
        .expect("tmp is in target")
        .to_owned()
}

/// The file of a built guest.
pub fn guest(name: &str) -> PathBuf {
    let file = target().join("wasm32-wasip2/guest").join(name);
    assert!(
        file.exists(),
        "{} is not built; run `./dev guests`",
        file.display()
    );
    file
}

/// The file of a built guest by its name: that of its crate, or of a twin that is an example of the crate. Libraries have underscores in their
/// names, programs keep their dashes.
pub fn guest_of(name: &str) -> PathBuf {
    let library = format!("{}.wasm", name.replace('-', "_"));
    let others = [format!("{name}.wasm"), format!("examples/{library}")];
    let folder = target().join("wasm32-wasip2/guest");
    let mut found = others.iter().map(|file| folder.join(file));
    let found = found.find(|file| file.exists());
    found.unwrap_or_else(|| guest(&library))
}

/// The repository's folder.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .expect("repository")
}

/// Maximum number of processes of a test's host. Every test has a host, and all share the machine's memory mappings.
const PROCESSES: u32 = 512;

/// A configuration with few processes, and with a compile cache that all tests share.
pub fn config() -> HostConfig {
    HostConfig::default()
        .max_processes(PROCESSES)
        .cache_directory(Some(target().join("tmp/cache")))
}

/// A host with the given guests loaded under their names.
pub async fn host(guests: &[&str]) -> Host {
    host_with(config(), guests).await
}

/// The same with a given configuration.
pub async fn host_with(config: HostConfig, guests: &[&str]) -> Host {
    let host = Host::new(config).expect("a host");
    leaks::watch(&host);
    for name in guests {
        host.components()
            .load_file(name, &guest_of(name))
            .await
            .expect(name);
    }
    host
}

/// Options to start `run` of a component.
pub fn options(component: &str, arguments: Vec<Argument>) -> StartOptions {
    StartOptions::new(component)
        .entry_point("run")
        .arguments(Arguments::Positional(arguments))
}

/// Options for a scenario of the guest `scenarios`.
pub fn scenario(name: &str, argument: &str, capabilities: Capabilities) -> StartOptions {
    options("scenarios", vec![text(name), text(argument)]).capabilities(capabilities)
}

/// A string argument.
pub fn text(text: &str) -> Argument {
    Argument::String(text.into())
}

/// Waits for the end of a process, and panics after a timeout.
pub async fn end(process: &Process) -> ExitStatus {
    tokio::time::timeout(HUNG, process.wait())
        .await
        .expect("the process ends")
}

/// Starts a process, waits for it, and returns how it ended.
pub async fn outcome(host: &Host, options: StartOptions) -> ExitStatus {
    end(&host.start(options).expect("it starts")).await
}

/// The entries of an ended process's log.
pub async fn log(process: &Process) -> Vec<LogEntry> {
    let reader = process.log();
    let mut entries = Vec::new();
    while let Ok(Some(frame)) = reader.read().await {
        entries.push(serde_json::from_slice(&frame.payload).expect("an entry is JSON"));
    }
    entries
}

/// Asserts that no process is alive in the host.
pub fn assert_empty(host: &Host) {
    let left: Vec<_> = host
        .processes()
        .iter()
        .map(|p| p.name().to_owned())
        .collect();
    assert!(left.is_empty(), "still alive: {left:?}");
}

/// Runs a test on two workers, as on a small machine, and asserts that it leaves nothing behind: see [`leaks`].
pub fn block_on<T>(test: impl Future<Output = T>) -> T {
    let descriptors = leaks::Descriptors::begin();
    let runtime = runtime();
    let outcome = runtime.block_on(async {
        let outcome = test.await;
        leaks::nothing_in_hosts().await;
        outcome
    });
    leaks::no_tasks(&runtime);
    drop(runtime);
    drop(descriptors);
    outcome
}

/// A runtime with two workers.
pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime")
}

/// A channel that blocks writers.
pub fn channel(capacity: u64) -> weft_channel::Channel {
    weft_channel::Channel::new(weft_channel::Options::new(capacity)).expect("a channel")
}

/// Shares a value with tasks.
pub fn shared<T>(value: T) -> Arc<T> {
    Arc::new(value)
}

/// The same start with the capabilities for channels.
pub fn with_channels(mut options: StartOptions) -> StartOptions {
    options.capabilities = Capabilities::channels();
    options
}
