//! The host: an engine, its components and its processes.

use crate::changes::{Changes, HostChanges};
use crate::channel::{ChannelUsage, Channels};
use crate::channel::{NamedChannel, NamedChannels};
use crate::component::ComponentStore;
use crate::config::HostConfig;
use crate::engine::{self, EngineError, Engines, Shortage};
use crate::interface::ChannelHandle;
use crate::interface::filesystem::{HostShare, KeptFolders};
use crate::interface::registry::{PublishError, Published, Registration, Registry};
use crate::metrics::{Metrics, Recorder};
use crate::name::HostName;
use crate::process::{
    self, CoreDumps, Granter, Image, Observers, Prepared, Process, ProcessTable, StartError,
    StartObserver, StartOptions,
};
use crate::share::Shares;
use crate::usage::{Census, Usage};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;

/// A host. Cheap to clone; dropping the last clone leaves running processes
/// running, [`shutdown`](Host::shutdown) ends them.
#[derive(Clone)]
pub struct Host {
    inner: Arc<HostInner>,
}

pub(crate) struct HostInner {
    pub(crate) name: HostName,
    pub(crate) components: ComponentStore,
    pub(crate) table: Arc<ProcessTable>,
    pub(crate) observers: Arc<Observers>,
    pub(crate) shares: Arc<Shares>,
    pub(crate) registry: Arc<Registry>,
    pub(crate) channels: Arc<Channels>,
    pub(crate) named: NamedChannels,
    pub(crate) changes: Arc<Changes>,
    pub(crate) core_dumps: Option<Arc<CoreDumps>>,
    pub(crate) files: Arc<HostShare>,
    pub(crate) census: Census,
    pub(crate) metrics: Arc<Recorder>,
    pub(crate) config: HostConfig,
    pub(crate) max_processes: u32,
    shortage: Option<Shortage>,
    pub(crate) runtime: Handle,
}

impl Host {
    /// Makes a host on the tokio runtime this is called in.
    ///
    /// # Errors
    /// [`EngineError`] when there is no runtime, the cache, the folder for core dumps or an extension cannot be used,
    /// or the engine cannot start.
    pub fn new(config: HostConfig) -> Result<Self, EngineError> {
        let runtime = Handle::try_current().map_err(|_| EngineError::NoRuntime)?;
        let (max_processes, shortage) = engine::max_processes(&config);
        if let Some(shortage) = &shortage {
            tracing::warn!("{shortage}");
        }
        if let Some((name, reason)) = config.extensions.fault() {
            return Err(EngineError::Extension { name, reason });
        }
        let name = match &config.name {
            Some(name) => name.clone(),
            None => HostName::random().map_err(EngineError::NoName)?,
        };
        let metrics = Arc::new(Recorder::new(config.time_hostcalls));
        let changes = Arc::<Changes>::default();
        let core_dumps = config.core_dumps.as_deref().map(CoreDumps::open);
        let core_dumps = core_dumps.transpose()?.map(Arc::new);
        let engines = Engines::new(HostConfig {
            max_processes,
            ..config.clone()
        })?;
        Ok(Self {
            inner: Arc::new(HostInner {
                name,
                components: ComponentStore::new(engines, &config, &metrics),
                table: Arc::default(),
                observers: Arc::default(),
                shares: Arc::default(),
                registry: Arc::default(),
                channels: Arc::new(Channels::new(&changes, config.max_channel_capacity)),
                named: NamedChannels::default(),
                changes,
                core_dumps,
                files: HostShare::new(config.max_open_files),
                census: Census::default(),
                metrics,
                config,
                max_processes,
                shortage,
                runtime,
            }),
        })
    }

    /// Its name: the one that was configured, or one made at random.
    pub fn name(&self) -> &HostName {
        &self.inner.name
    }

    /// The component store.
    pub fn components(&self) -> &ComponentStore {
        &self.inner.components
    }

    /// The configuration it was made with.
    pub fn config(&self) -> &HostConfig {
        &self.inner.config
    }

    /// Processes that can live at once: what was configured, or what the machine allows.
    pub fn max_processes(&self) -> u32 {
        self.inner.max_processes
    }

    /// Why that is less than what was configured, if it is.
    pub fn shortage(&self) -> Option<&Shortage> {
        self.inner.shortage.as_ref()
    }

    /// Files and folders that can be open for all guests at once: what was configured, or what the system allows.
    pub fn max_open_files(&self) -> u32 {
        self.inner.files.descriptors()
    }

    /// Makes every check of a start and lays the process out without running it. The
    /// embedder may grant any capability and any limit.
    ///
    /// # Errors
    /// [`StartError`] says which check failed; nothing is left behind then.
    pub fn prepare(&self, options: StartOptions) -> Result<Prepared, StartError> {
        let image = self.image(&options)?;
        self.prepare_of(&image, options, None)
    }

    /// The component that these options mean now, or their program.
    pub(crate) fn image(&self, options: &StartOptions) -> Result<Image, StartError> {
        process::image(&self.inner, options)
    }

    /// As [`prepare`](Self::prepare), of this image whatever the store has under its name, in these folders if they are open already.
    pub(crate) fn prepare_of(
        &self,
        image: &Image,
        options: StartOptions,
        kept: Option<&KeptFolders>,
    ) -> Result<Prepared, StartError> {
        let granter = Granter {
            capabilities: None,
            limits: &self.inner.config.limits,
            account: None,
            parent: None,
            files: None,
            kept,
        };
        process::prepare_of(&self.inner, &granter, image, options)
    }

    /// Starts a process: [`prepare`](Self::prepare) and [`Prepared::launch`].
    ///
    /// # Errors
    /// [`StartError`]; nothing has run then, and nothing is left behind.
    pub fn start(&self, options: StartOptions) -> Result<Process, StartError> {
        Ok(self.prepare(options)?.launch())
    }

    /// Counts a start of a supervised process, the first or one more.
    pub(crate) fn count_start_of(&self, name: &str, again: bool) {
        self.inner.metrics.restarts.started(name, again);
    }

    /// Where its processes run.
    pub(crate) fn runtime(&self) -> Handle {
        self.inner.runtime.clone()
    }

    /// Puts a channel under a name, for processes that may look it up. The name is free
    /// again when what is returned is dropped.
    ///
    /// # Errors
    /// [`PublishError`] for a name that is taken or none.
    pub fn publish(
        &self,
        name: &str,
        channel: &ChannelHandle,
    ) -> Result<Registration, PublishError> {
        let (channel, access) = (channel.channel.clone(), channel.access);
        let published = Published { channel, access };
        self.inner.registry.publish(name, published)
    }

    /// The channel under a name, with the access it was published with.
    pub fn lookup(&self, name: &str) -> Option<ChannelHandle> {
        let found = self.inner.registry.lookup(name)?;
        Some(ChannelHandle::new(found.channel, found.access))
    }

    /// The live processes, oldest first.
    pub fn processes(&self) -> Vec<Process> {
        self.inner.table.live()
    }

    /// Shows a channel of the embedder's under a name, beside those that guests make. It keeps nothing alive, and gives nobody access: for
    /// that there is [`publish`](Self::publish). Another channel of that name is shown no more.
    pub fn name_channel(&self, name: &str, channel: &weft_channel::Channel) {
        self.inner.named.name(name, channel);
        self.inner.changes.note();
    }

    /// The channels of the embedder's that have [a name](Self::name_channel), in the order in which they got it.
    pub fn named_channels(&self) -> Vec<NamedChannel> {
        self.inner.named.now()
    }

    /// The channels that guests have made and of which somebody holds a part, oldest first. Those of
    /// the embedder are [`named_channels`](Self::named_channels).
    pub fn channels(&self) -> Vec<ChannelUsage> {
        self.inner.channels.now()
    }

    /// Calls `observer` with every process that starts from now on, by the embedder or by a guest, before it runs: a reader of
    /// its [log](Process::log) opened then misses no entry. For as long as what is returned is held.
    ///
    /// It is called on the thread that starts the process, so it must not block. It must not hold the host, which
    /// keeps it. Who also needs the processes there are already registers first and then asks for
    /// [`processes`](Self::processes): one that starts meanwhile may come both ways.
    pub fn observe_starts(
        &self,
        observer: impl Fn(&Process) + Send + Sync + 'static,
    ) -> StartObserver {
        self.inner.observers.add(observer)
    }

    /// Tells from now on when processes start, are asked to stop or end, and when channels are made or go, so that whoever shows
    /// [`processes`](Self::processes) and [`channels`](Self::channels) need not look in between.
    pub fn changes(&self) -> HostChanges {
        self.inner.changes.watch()
    }

    /// What the host has done since it was made, and what goes on in it. Looks at every process and channel, so it is for once a
    /// second and not for every request.
    pub fn metrics(&self) -> Metrics {
        Metrics::read(&self.inner)
    }

    /// What the host holds now.
    pub fn usage(&self) -> Usage {
        let inner = &self.inner;
        Usage {
            processes: inner.table.taken(),
            stores: inner.census.stores.now(),
            records: inner.census.records.now(),
            accounts: inner.census.accounts.now(),
            names: inner.registry.names(),
            tokens: inner.shares.tokens(),
            channels: inner.channels.count(),
            open_files: inner.files.taken() as usize,
            extensions: inner.census.extensions.now(),
        }
    }

    /// Starts no more processes, asks all to stop, and kills those that
    /// have not ended after `grace`. Returns when none is left.
    pub async fn shutdown(&self, grace: Duration) {
        self.inner.table.close();
        let mut live = self.processes();
        for process in &live {
            process.request_stop();
        }
        let mut grace = grace;
        // Again, for those that were on their way when the table was closed.
        while !live.is_empty() {
            futures::future::join_all(live.iter().map(|process| process.stop(grace))).await;
            live = self.processes();
            grace = Duration::ZERO;
        }
    }
}

impl std::fmt::Debug for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Host")
            .field("components", &self.inner.components)
            .finish_non_exhaustive()
    }
}
