//! What a process is started with: its component, its rights, its bounds.

use crate::bindings::weft::fabric::{process as raw, types};
use crate::process::{Value, millis};
use std::time::Duration;

/// A right of a process.
///
/// ```
/// use weft_guest::{Capability, StartOptions};
/// let data = Capability::Filesystem {
///     source: "/data/today".into(),
///     guest_path: "/data".into(),
///     writable: false,
/// };
/// let options = StartOptions::new("parse").capabilities([data, Capability::ChannelWriter]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Capability {
    /// Create channels, and drain or terminate the ones held.
    ChannelLifecycle,
    /// Make readers of a channel held, and read.
    ChannelReader,
    /// Make writers of a channel held, and write.
    ChannelWriter,
    /// Start processes, and stop those whose handle is held.
    ProcessLifecycle,
    /// Look up the log channel of a process whose handle is held.
    LogReader,
    /// Publish channels under names that start with this prefix.
    RegistryPublish(String),
    /// Look up channels under names that start with this prefix.
    RegistryLookup(String),
    /// Read the wall clock and the monotonic clock.
    Clocks,
    /// See one environment variable, with this value.
    Environment {
        /// The variable's name.
        name: String,
        /// The variable's value.
        value: String,
    },
    /// See one folder.
    Filesystem {
        /// The folder as this process sees it, within one of its own mounts.
        source: String,
        /// Where the child sees it.
        guest_path: String,
        /// Whether the child may change what is in it.
        writable: bool,
    },
    /// A right that the program around the host has added, as it is written in a list of capabilities: `NAME`, or
    /// `NAME=VALUE`.
    Other(String),
}

impl From<Capability> for types::Capability {
    fn from(capability: Capability) -> Self {
        match capability {
            Capability::ChannelLifecycle => types::Capability::ChannelLifecycle,
            Capability::ChannelReader => types::Capability::ChannelReader,
            Capability::ChannelWriter => types::Capability::ChannelWriter,
            Capability::ProcessLifecycle => types::Capability::ProcessLifecycle,
            Capability::LogReader => types::Capability::LogReader,
            Capability::RegistryPublish(prefix) => types::Capability::RegistryPublish(prefix),
            Capability::RegistryLookup(prefix) => types::Capability::RegistryLookup(prefix),
            Capability::Clocks => types::Capability::Clocks,
            Capability::Environment { name, value } => {
                types::Capability::Environment(types::EnvVar { name, value })
            }
            Capability::Filesystem {
                source,
                guest_path,
                writable,
            } => types::Capability::Filesystem(types::Mount {
                source,
                guest_path,
                writable,
            }),
            Capability::Other(text) => types::Capability::Other(text),
        }
    }
}

/// Bounds of a process. `None` leaves it at the parent's own bound; nothing can be set
/// higher than the parent's own bound.
///
/// ```
/// use std::time::Duration;
/// use weft_guest::{Limits, StartOptions};
/// let limits = Limits {
///     memory: Some(16 << 20),
///     cpu_time: Some(Duration::from_secs(2)),
///     ..Limits::default()
/// };
/// let options = StartOptions::new("parse").limits(limits);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of all its linear memories together, and of its children's.
    pub memory: Option<u64>,
    /// Elements of all its tables together, and of its children's.
    pub table_elements: Option<u64>,
    /// Core instances of its component.
    pub instances: Option<u32>,
    /// Handles it holds at once, with those it sent that nobody has read yet.
    pub handles: Option<u32>,
    /// Channels it has made, while somebody holds a part of them.
    pub channels: Option<u32>,
    /// Bytes of the capacities of those channels, and of the frames it waits to
    /// write.
    pub channel_bytes: Option<u64>,
    /// Bytes of one frame it writes.
    pub frame_bytes: Option<u32>,
    /// Handles it sends with one frame.
    pub handles_per_frame: Option<u32>,
    /// Bytes that one call may hand to the host.
    pub hostcall_bytes: Option<u64>,
    /// Bytes of log entries in a second; what is beyond is dropped and counted.
    pub log_rate: Option<u64>,
    /// Live descendants: children, their children, and so on.
    pub children: Option<u32>,
    /// Generations of children it may have; 0 for none.
    pub spawn_depth: Option<u32>,
    /// Bytes that the host keeps for it and its children outside of their memories and
    /// channels.
    pub host_bytes: Option<u64>,
    /// Files and folders that it and its children have open, mounts included.
    pub open_files: Option<u32>,
    /// Bytes that it and its children write to files, all together.
    pub disk_bytes: Option<u64>,
    /// Time it and its children hold a processor; waits do not count. Whole
    /// milliseconds, rounded up, at most 49 days.
    pub cpu_time: Option<Duration>,
    /// About the number of instructions it executes. What a process gives its
    /// children is taken from its own, so a process with this limit has to set it for
    /// each child. Needs a host that counts them.
    pub fuel: Option<u64>,
    /// Time from its start to its end, running or waiting. Whole milliseconds, rounded up, at most 49 days.
    pub wall_time: Option<Duration>,
}

/// Whose child a new process is, and whether it ends with its starter.
///
/// ```
/// use weft_guest::{Ownership, StartOptions};
/// let options = StartOptions::new("logger").ownership(Ownership::Detached);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ownership {
    /// It is asked to stop when its starter has ended, and killed after the host's grace period for orphans.
    #[default]
    Child,
    /// Like `Child`, and linked with its starter; see [`Process::link`](crate::Process::link). When the handle
    /// that the start returned is dropped, the process is stopped in the same way.
    Linked,
    /// It outlives its starter.
    Detached,
}

/// What to start, with which arguments, rights and limits.
///
/// ```no_run
/// use weft_guest::{Capability, Limits, StartOptions};
/// let options = StartOptions::new("flights-parse")
///     .name("parse")
///     .capability(Capability::ChannelReader)
///     .limits(Limits { memory: Some(16 << 20), ..Limits::default() });
/// ```
#[derive(Debug)]
pub struct StartOptions {
    component: String,
    name: Option<String>,
    entry_point: String,
    args: Vec<Value>,
    capabilities: Vec<Capability>,
    limits: Limits,
    ownership: Ownership,
}

impl StartOptions {
    /// Starts `run` of the component with this name in the host's store: no
    /// arguments, no capabilities, the limits of this process.
    ///
    /// ```
    /// let options = weft_guest::StartOptions::new("hello");
    /// ```
    pub fn new(component: impl Into<String>) -> Self {
        StartOptions {
            component: component.into(),
            name: None,
            entry_point: "run".to_owned(),
            args: Vec::new(),
            capabilities: Vec::new(),
            limits: Limits::default(),
            ownership: Ownership::Child,
        }
    }

    /// A friendly name, for logs and people; the component's name unless set.
    ///
    /// ```
    /// use weft_guest::StartOptions;
    /// let options = StartOptions::new("parse").name("parse-1");
    /// ```
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The exported function to call: `run`, or `my:package/interface.function`.
    ///
    /// ```
    /// use weft_guest::StartOptions;
    /// let options = StartOptions::new("tool").entry_point("wasi:cli/run@0.2.6.run");
    /// ```
    pub fn entry_point(mut self, function: impl Into<String>) -> Self {
        self.entry_point = function.into();
        self
    }

    /// Adds an argument, after those there already are.
    ///
    /// ```
    /// use weft_guest::{StartOptions, Value};
    /// let options = StartOptions::new("parse")
    ///     .arg("/data/flights.csv")
    ///     .arg(42u32)
    ///     .arg(Value::wave("some([1, 2])"));
    /// ```
    pub fn arg(mut self, value: impl Into<Value>) -> Self {
        self.args.push(value.into());
        self
    }

    /// Adds a capability.
    ///
    /// ```
    /// use weft_guest::{Capability, StartOptions};
    /// let options = StartOptions::new("parse").capability(Capability::Clocks);
    /// ```
    pub fn capability(mut self, capability: Capability) -> Self {
        self.capabilities.push(capability);
        self
    }

    /// Adds capabilities.
    ///
    /// ```
    /// use weft_guest::{Capability, StartOptions};
    /// let options = StartOptions::new("parse")
    ///     .capabilities([Capability::ChannelReader, Capability::ChannelWriter]);
    /// ```
    pub fn capabilities(mut self, capabilities: impl IntoIterator<Item = Capability>) -> Self {
        self.capabilities.extend(capabilities);
        self
    }

    /// Sets the limits.
    ///
    /// ```
    /// use weft_guest::{Limits, StartOptions};
    /// let limits = Limits { handles: Some(100), ..Limits::default() };
    /// let options = StartOptions::new("parse").limits(limits);
    /// ```
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Says whose child it is, and whether it ends with this process.
    ///
    /// ```
    /// use weft_guest::{Ownership, StartOptions};
    /// let options = StartOptions::new("parse").ownership(Ownership::Linked);
    /// ```
    pub fn ownership(mut self, ownership: Ownership) -> Self {
        self.ownership = ownership;
        self
    }

    /// What [`StartOptions::entry_point`] was called before 0.2.
    #[doc(hidden)]
    #[deprecated(note = "this is `entry_point` now")]
    pub fn entrypoint(self, function: impl Into<String>) -> Self {
        self.entry_point(function)
    }

    /// What [`StartOptions::ownership`] was called before 0.2.
    #[doc(hidden)]
    #[deprecated(note = "this is `ownership` now")]
    pub fn bond(self, ownership: Ownership) -> Self {
        self.ownership(ownership)
    }

    /// As the raw bindings want it.
    pub(crate) fn into_raw(self) -> (raw::StartOptions, raw::HostLimits) {
        let host_limits = raw::HostLimits {
            host_bytes: self.limits.host_bytes,
            open_files: self.limits.open_files,
            disk_bytes: self.limits.disk_bytes,
        };
        let options = raw::StartOptions {
            name: self.name.unwrap_or_else(|| self.component.clone()),
            component: self.component,
            entry_point: self.entry_point,
            args: self.args.into_iter().map(Value::into_raw).collect(),
            capabilities: self.capabilities.into_iter().map(Into::into).collect(),
            ownership: match self.ownership {
                Ownership::Child => raw::Ownership::Child,
                Ownership::Linked => raw::Ownership::Linked,
                Ownership::Detached => raw::Ownership::Detached,
            },
            limits: raw::Limits {
                memory: self.limits.memory,
                table_elements: self.limits.table_elements,
                instances: self.limits.instances,
                handles: self.limits.handles,
                channels: self.limits.channels,
                channel_bytes: self.limits.channel_bytes,
                frame_bytes: self.limits.frame_bytes,
                handles_per_frame: self.limits.handles_per_frame,
                hostcall_bytes: self.limits.hostcall_bytes,
                log_rate: self.limits.log_rate,
                children: self.limits.children,
                spawn_depth: self.limits.spawn_depth,
                cpu_time_ms: self.limits.cpu_time.map(|time| u64::from(millis(time))),
                fuel: self.limits.fuel,
                wall_time_ms: self.limits.wall_time.map(|time| u64::from(millis(time))),
            },
        };
        (options, host_limits)
    }
}
