//! The environment: the cache folder, the available memory, and the host made from them. `sockets` has the folders of
//! control sockets. Also parses the texts that options and manifests have in common.

mod sockets;

pub(crate) use sockets::folders as control_folders;

use crate::cli::{Grace, HostArgs, LogArgs};
use crate::memory;
use crate::network::Network;
use crate::screen::logs::kept;
use crate::screen::say;
use anyhow::{Context, Result, anyhow, bail};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;
use weft_host::{
    Host, HostConfig,
    capability::Mount,
    engine::EngineError,
    limits::{HostBound, Limit, LimitAmount, LimitRequest, LimitUnit},
};

/// Maximum number of processes of `weft run`: the component and its children.
pub(crate) const PROCESSES_OF_A_RUN: u32 = 1_024;

/// The largest stack in bytes. Every process reserves that many addresses.
const MAX_STACK: u64 = 64 << 20;

/// The configuration that these options ask for: for this many processes, or if dense for as many as the machine holds.
pub(crate) fn config(
    host: &HostArgs,
    grace: &Grace,
    logs: &LogArgs,
    max_processes: u32,
) -> HostConfig {
    let config = match host.dense {
        true => HostConfig::dense(),
        false => HostConfig::default().max_processes(max_processes),
    };
    config
        // Orphans get the same grace period as processes after Ctrl-C.
        .orphan_grace(grace.grace)
        .core_dumps(host.coredump.clone())
        .log_levels(kept(&logs.log_level))
}

/// Makes a host with this configuration, this network and this user's compile cache.
pub(crate) fn host(mut config: HostConfig, network: &Network) -> Result<Host> {
    config.extensions = crate::extensions::of(network.config()?);
    let host = host_of(config)?;
    if let Some(shortage) = host.shortage() {
        say::warning(&shortage.to_string());
    }
    Ok(host)
}

fn host_of(mut config: HostConfig) -> Result<Host> {
    config.cache_directory = cache_directory();
    if let Some(memory) = memory::available() {
        config.max_channel_capacity = config.max_channel_capacity.min(memory);
    }
    match Host::new(config.clone()) {
        Ok(host) => Ok(host),
        Err(error @ (EngineError::Cache(_) | EngineError::UnsafeCache(_))) => {
            let without = format!(
                "{error}; components are compiled anew in every run, unless WEFT_CACHE names a folder that can be used"
            );
            match error {
                EngineError::UnsafeCache(_) => say::warning(&without),
                // For example on a read-only file system, which the user knows about.
                _ => tracing::warn!("{without}"),
            }
            config.cache_directory = None;
            Ok(Host::new(config)?)
        }
        Err(error @ EngineError::CoreDumps { .. }) => {
            Err(anyhow::Error::new(error).context("--coredump"))
        }
        Err(error) => Err(error.into()),
    }
}

/// `WEFT_CACHE`, else `weft` in the user's cache folder. An empty `WEFT_CACHE` turns the cache off.
fn cache_directory() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("WEFT_CACHE") {
        return (!path.is_empty()).then(|| absolute(Path::new(&path)));
    }
    of_user("XDG_CACHE_HOME", ".cache")
}

/// The folder for what outlives a runner: the logs of those in the background, and where sources were; none for a user without a home.
pub(crate) fn state_folder() -> Option<PathBuf> {
    of_user("XDG_STATE_HOME", ".local/state")
}

/// `weft` in the folder that a variable names, or else in this folder of the user's home.
fn of_user(variable: &str, usual: &str) -> Option<PathBuf> {
    let set = |name| {
        let value = std::env::var_os(name).filter(|value| !value.is_empty());
        value.map(PathBuf::from)
    };
    let base = set(variable).or_else(|| Some(set("HOME")?.join(usual)))?;
    Some(absolute(&base.join("weft")))
}

/// `WEFT_LOG`, unless it is empty.
pub(crate) fn trace_directives() -> Option<String> {
    let value = std::env::var_os("WEFT_LOG").filter(|value| !value.is_empty())?;
    Some(value.to_string_lossy().into_owned())
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// Reads `64KiB`, `1 MB` or `4096`.
pub(crate) fn bytes(text: &str) -> Result<u64> {
    // Parse whole numbers exactly, up to the largest.
    if let Ok(bytes) = text.parse() {
        return Ok(bytes);
    }
    let size = bytesize::ByteSize::from_str(text).map(|size| size.as_u64());
    let bytes =
        size.map_err(|_| anyhow!("`{text}` is no size; write it as 4096, \"64KiB\" or \"1MiB\""))?;
    // `bytesize` turns a size that does not fit into the largest number.
    if bytes == u64::MAX {
        bail!("`{text}` is too much: a size is less than 16EiB");
    }
    Ok(bytes)
}

/// Writes a number of bytes for people.
pub(crate) fn size_text(bytes: u64) -> String {
    bytesize::ByteSize::b(bytes).display().iec().to_string()
}

/// Sets one limit by its name.
pub(crate) fn limit(request: &mut LimitRequest, name: &str, value: &str) -> Result<()> {
    if name == HostBound::Stack.name() {
        bail!("the stack is the same for all processes of a host: {STACK_HINT}");
    }
    let limit: Limit = name.parse()?;
    let amount = match limit.unit() {
        LimitUnit::Memory => LimitAmount::Number(in_memory(value)?),
        LimitUnit::Bytes | LimitUnit::BytesPerSecond => LimitAmount::Number(bytes(value)?),
        LimitUnit::Time => LimitAmount::Time(duration(value)?),
        LimitUnit::Count(_) => LimitAmount::Number(count(value)?),
    };
    if !limit.allows_to_run(amount) {
        bail!(NOTHING_RUNS);
    }
    match (request.set(limit, amount), limit.unit()) {
        (Err(_), LimitUnit::Count(_)) => bail!("`{value}` is no number"),
        // The only size with fewer than 64 bits.
        (set, _) => set.context("a frame has less than 4GiB"),
    }
}

/// Reads a number of bytes, at most as many as there is memory.
pub(crate) fn in_memory(text: &str) -> Result<u64> {
    let bytes = bytes(text)?;
    if let Some(memory) = memory::available()
        && bytes > memory
    {
        let (asked, most) = (size_text(bytes), size_text(memory));
        bail!("{asked} is more than the memory there is, {most}");
    }
    Ok(bytes)
}

/// Why 0 is refused as a bound.
const NOTHING_RUNS: &str = "with 0 nothing could run; leave it out for the default";

/// Where to set the stack size.
const STACK_HINT: &str = "weft run --stack SIZE, or stack = SIZE under [host] in a manifest";

/// Reads the stack size.
pub(crate) fn stack(text: &str) -> Result<usize> {
    let bytes = above_zero(bytes(text)?)?;
    if bytes > MAX_STACK {
        let (asked, most) = (size_text(bytes), size_text(MAX_STACK));
        bail!("{asked} is too much for a stack, {most} is the most");
    }
    Ok(usize::try_from(bytes)?)
}

/// Reads the bound on a component's size.
pub(crate) fn component_bytes(text: &str) -> Result<u64> {
    above_zero(in_memory(text)?)
}

fn count(text: &str) -> Result<u64> {
    text.parse().map_err(|_| anyhow!("`{text}` is no number"))
}

/// The accepted units of time. `M` for months is missing, because people would mistake it for minutes.
const TIME_UNITS: [&str; 27] = [
    "nanos", "nsec", "ns", "usec", "us", "µs", "millis", "msec", "ms", "seconds", "second", "secs",
    "sec", "s", "minutes", "minute", "mins", "min", "m", "hours", "hour", "hrs", "hr", "h", "days",
    "day", "d",
];

/// Reads `500ms` or `10s`.
pub(crate) fn duration(text: &str) -> Result<Duration> {
    let time = humantime::parse_duration(text)
        .map_err(|_| anyhow!("`{text}` is no time; write it as \"500ms\" or \"10s\""))?;
    let words = text.split(|c: char| !c.is_alphabetic());
    let mut units = words.filter(|word| !word.is_empty());
    if let Some(unit) = units.find(|unit| !TIME_UNITS.contains(unit)) {
        bail!("`{unit}` is no unit of times here; there are ms, s, m for minutes, h and d");
    }
    Ok(time)
}

fn above_zero<T: Default + PartialEq>(value: T) -> Result<T> {
    if value == T::default() {
        bail!(NOTHING_RUNS);
    }
    Ok(value)
}

/// Checks that a folder exists and makes it a mount.
pub(crate) fn mount(host_path: PathBuf, guest_path: String, writable: bool) -> Result<Mount> {
    let shown = host_path.display();
    let metadata =
        std::fs::metadata(&host_path).with_context(|| format!("cannot mount `{shown}`"))?;
    if !metadata.is_dir() {
        bail!("cannot mount `{shown}`: it is not a folder; mount the folder it is in");
    }
    Ok(Mount::new(host_path, guest_path).writable(writable))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_unit_of_times_up_to_a_day_is_read() {
        for unit in TIME_UNITS {
            duration(&format!("1{unit}")).unwrap();
        }
        assert_eq!(duration("2h 30m").unwrap(), Duration::from_secs(9_000));
    }

    #[test]
    fn a_month_is_not_taken_for_a_minute() {
        for text in ["2M", "1h 2M", "1w", "2weeks", "1month", "3y", "1year"] {
            let said = duration(text).unwrap_err().to_string();
            assert!(said.contains("ms, s, m for minutes, h and d"), "{said}");
        }
    }

    #[test]
    fn a_size_is_as_it_is_written_or_refused() {
        assert_eq!(bytes("18446744073709551615").unwrap(), u64::MAX);
        assert_eq!(bytes("15EiB").unwrap(), 15 << 60);
        for text in ["16EiB", "100EiB", "18446744073709551616"] {
            assert!(bytes(text).is_err(), "{text}");
        }
        let said = bytes("16EiB").unwrap_err().to_string();
        assert!(said.contains("less than 16EiB"), "{said}");
    }
}
