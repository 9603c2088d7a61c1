//! What comes from the environment: the cache folder, the machine's memory, and the
//! host made from them; and the texts that options and manifests share.

use crate::cli::Grace;
use crate::screen;
use anyhow::{Context, Result, anyhow, bail};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use weft_host::{Capabilities, Host, HostConfig, LimitRequest, Mount, Right};

/// Places for processes when one component is run: itself and its children.
pub(crate) const PROCESSES_OF_A_RUN: u32 = 1_024;

/// Makes a host with the compile cache of this user, for so many processes, or for as many as there is
/// room for if `dense`. Processes whose parent has ended have as long to stop as after Ctrl-C.
pub(crate) fn host(max_processes: u32, dense: bool, grace: Grace) -> Result<Host> {
    let profile = match dense {
        true => HostConfig::dense(),
        false => HostConfig {
            max_processes,
            ..HostConfig::default()
        },
    };
    let host = host_of(HostConfig {
        orphan_grace: *grace.grace,
        cache_directory: cache_directory(),
        ..profile
    })?;
    if let Some(shortage) = host.shortage() {
        screen::note(&format!("warning: {shortage}"));
    }
    Ok(host)
}

fn host_of(mut config: HostConfig) -> Result<Host> {
    if let Some(memory) = memory() {
        config.max_channel_capacity = config.max_channel_capacity.min(memory);
    }
    match Host::new(config.clone()) {
        Ok(host) => Ok(host),
        Err(error) if config.cache_directory.is_some() => {
            tracing::warn!("going without a compile cache: {error}");
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

/// Bytes of memory of this machine, where it says.
pub(crate) fn memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1024)
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
        "memory" => request.memory = Some(above_zero(bytes(value)?)?),
        "handles" => request.handles = Some(above_zero(count(value)?)?),
        "channels" => request.channels = Some(count(value)?),
        "channel-bytes" => request.channel_bytes = Some(bytes(value)?),
        "frame-bytes" => {
            let most = u32::try_from(bytes(value)?);
            request.frame_bytes = Some(most.context("a frame has less than 4GiB")?);
        }
        "handles-per-frame" => request.handles_per_frame = Some(count(value)?),
        "wall-time" => {
            let time = humantime::parse_duration(value)
                .map_err(|_| anyhow!("`{value}` is no time; write it as \"500ms\" or \"10s\""))?;
            above_zero(time.as_nanos())?;
            request.wall_time = Some(time);
        }
        _ => bail!(
            "there is no limit `{name}`; there are: memory, handles, channels, channel-bytes, \
             frame-bytes, handles-per-frame, wall-time"
        ),
    }
    Ok(())
}

fn count(text: &str) -> Result<u32> {
    text.parse().map_err(|_| anyhow!("`{text}` is no number"))
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
    if guest_path.is_empty() {
        bail!("the folder needs a name that the guest sees it by, such as /data");
    }
    Ok(Mount {
        host_path,
        guest_path,
        writable,
    })
}

/// Adds a mount; two cannot stand in one place.
pub(crate) fn add_mount(mounts: &mut Vec<Mount>, mount: Mount) -> Result<()> {
    if mounts
        .iter()
        .any(|other| other.guest_path == mount.guest_path)
    {
        bail!("there is a folder at `{}` already", mount.guest_path);
    }
    mounts.push(mount);
    Ok(())
}

/// Checks that an environment variable can have this name.
pub(crate) fn variable_name(name: &str) -> Result<()> {
    if name.is_empty() || name.contains(['=', '\0']) {
        bail!("`{name}` is no name of a variable");
    }
    Ok(())
}
