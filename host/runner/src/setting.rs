//! What comes from the environment: the cache folder, the memory there is, and the
//! host made from them; in `sockets` the folders of control sockets; and the texts that options and manifests share.

mod sockets;

pub(crate) use sockets::folders as control_folders;

use crate::memory;
use crate::screen::say;
use anyhow::{Context, Result, anyhow, bail};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;
use weft_host::{Capabilities, EngineError, Host, HostConfig, LimitRequest, Limits, Mount, Right};

/// Places for processes when one component is run: itself and its children.
pub(crate) const PROCESSES_OF_A_RUN: u32 = 1_024;

/// Bytes of the deepest stack: every process reserves as many addresses.
const MAX_STACK: u64 = 64 << 20;

/// Room for so many processes, or for as many as the machine holds if `dense`.
pub(crate) fn profile(dense: bool, max_processes: u32) -> HostConfig {
    match dense {
        true => HostConfig::dense(),
        false => HostConfig {
            max_processes,
            ..HostConfig::default()
        },
    }
}

/// Makes a host of this configuration with the compile cache of this user.
pub(crate) fn host(config: HostConfig) -> Result<Host> {
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
                // As where nothing can be written, which its user knows.
                _ => tracing::warn!("{without}"),
            }
            config.cache_directory = None;
            Ok(Host::new(config)?)
        }
        Err(error) => Err(error.into()),
    }
}

/// `WEFT_CACHE`, else `weft` in the user's cache folder. An empty `WEFT_CACHE` means none.
fn cache_directory() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("WEFT_CACHE") {
        return (!path.is_empty()).then(|| absolute(Path::new(&path)));
    }
    let set = |name| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let base = set("XDG_CACHE_HOME").or_else(|| Some(set("HOME")?.join(".cache")))?;
    Some(absolute(&base.join("weft")))
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// Reads `64KiB`, `1 MB` or `4096`.
pub(crate) fn bytes(text: &str) -> Result<u64> {
    bytesize::ByteSize::from_str(text)
        .map(|size| size.as_u64())
        .map_err(|_| anyhow!("`{text}` is no size; write it as 4096, \"64KiB\" or \"1MiB\""))
}

/// Writes a number of bytes for people.
pub(crate) fn size_text(bytes: u64) -> String {
    bytesize::ByteSize::b(bytes).display().iec().to_string()
}

/// Adds a capability: the name of a right, or `registry-publish=PREFIX` and
/// `registry-lookup=PREFIX`.
pub(crate) fn grant(set: &mut Capabilities, text: &str) -> Result<()> {
    let (name, prefix) = match text.split_once('=') {
        Some((name, prefix)) => (name, Some(prefix)),
        None => (text, None),
    };
    let prefixes = match name {
        "registry-publish" => &mut set.publish,
        "registry-lookup" => &mut set.lookup,
        _ => {
            set.rights.insert(text.parse::<Right>()?);
            return Ok(());
        }
    };
    let prefix = prefix.with_context(|| {
        format!(
            "`{name}` is for names with a prefix; write {name}=PREFIX, or {name}= for all names"
        )
    })?;
    prefixes.insert(prefix.to_owned());
    Ok(())
}

/// Sets one limit by its name.
pub(crate) fn limit(request: &mut LimitRequest, name: &str, value: &str) -> Result<()> {
    match name {
        "memory" => request.memory = Some(above_zero(in_memory(value)?)?),
        "table-elements" => request.table_elements = Some(count(value)?),
        "instances" => request.instances = Some(above_zero(count(value)?)?),
        "handles" => request.handles = Some(above_zero(count(value)?)?),
        "channels" => request.channels = Some(count(value)?),
        "channel-bytes" => request.channel_bytes = Some(in_memory(value)?),
        "frame-bytes" => {
            let most = u32::try_from(bytes(value)?);
            request.frame_bytes = Some(most.context("a frame has less than 4GiB")?);
        }
        "handles-per-frame" => request.handles_per_frame = Some(count(value)?),
        "hostcall-bytes" => request.hostcall_bytes = Some(above_zero(bytes(value)?)?),
        "log-rate" => request.log_rate = Some(bytes(value)?),
        "children" => request.children = Some(count(value)?),
        "spawn-depth" => request.spawn_depth = Some(count(value)?),
        "host-bytes" => request.host_bytes = Some(above_zero(in_memory(value)?)?),
        "open-files" => request.open_files = Some(count(value)?),
        "disk-bytes" => request.disk_bytes = Some(bytes(value)?),
        "cpu-time" => request.cpu_time = Some(time(value)?),
        "wall-time" => request.wall_time = Some(time(value)?),
        "fuel" => request.fuel = Some(above_zero(count(value)?)?),
        "stack" => bail!("the stack is the same for all processes of a host: {STACK_HINT}"),
        _ => bail!(
            "there is no limit `{name}`; there are: {}",
            Limits::NAMES.join(", ")
        ),
    }
    Ok(())
}

/// Reads a number of bytes that there is memory for.
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

/// Where the depth of stacks is set.
const STACK_HINT: &str = "weft run --stack SIZE, or stack = SIZE under [host] in a manifest";

/// Reads the depth of stacks.
pub(crate) fn stack(text: &str) -> Result<usize> {
    let bytes = above_zero(bytes(text)?)?;
    if bytes > MAX_STACK {
        let (asked, most) = (size_text(bytes), size_text(MAX_STACK));
        bail!("{asked} is too much for a stack, {most} is the most");
    }
    Ok(usize::try_from(bytes)?)
}

/// Reads the bytes of the largest component.
pub(crate) fn component_bytes(text: &str) -> Result<u64> {
    above_zero(in_memory(text)?)
}

fn count<T: FromStr>(text: &str) -> Result<T> {
    text.parse().map_err(|_| anyhow!("`{text}` is no number"))
}

/// Reads `500ms` or `10s`.
pub(crate) fn duration(text: &str) -> Result<Duration> {
    humantime::parse_duration(text)
        .map_err(|_| anyhow!("`{text}` is no time; write it as \"500ms\" or \"10s\""))
}

fn time(text: &str) -> Result<Duration> {
    let time = duration(text)?;
    above_zero(time.as_nanos())?;
    Ok(time)
}

fn above_zero<T: Default + PartialEq>(value: T) -> Result<T> {
    if value == T::default() {
        bail!("with 0 nothing could run; leave it out for the default");
    }
    Ok(value)
}

/// Checks that a folder is there and makes it a mount.
pub(crate) fn mount(host_path: PathBuf, guest_path: String, writable: bool) -> Result<Mount> {
    let shown = host_path.display();
    let metadata =
        std::fs::metadata(&host_path).with_context(|| format!("cannot mount `{shown}`"))?;
    if !metadata.is_dir() {
        bail!("cannot mount `{shown}`: it is not a folder; mount the folder it is in");
    }
    Ok(Mount {
        host_path,
        guest_path,
        writable,
    })
}
