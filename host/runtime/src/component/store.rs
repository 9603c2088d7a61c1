//! The component store: components by name.
//!
//! A component is loaded once and shared by all its processes. Loading a name again replaces its component for
//! future starts; running processes keep theirs. A forgotten component is freed with its last process.

use super::ComponentInfo;
use super::compiler::Compiler;
use super::error::LoadError;
use super::load::{self, LoadedComponent};
use super::read;
use crate::config::HostConfig;
use crate::engine::Engines;
use crate::metrics::{Phase, PhaseTime, Recorder};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

/// Named components of one host.
pub struct ComponentStore {
    engines: Arc<Engines>,
    components: RwLock<BTreeMap<String, Arc<LoadedComponent>>>,
    compiler: Compiler,
    metrics: Arc<Recorder>,
    /// Most bytes of a component.
    bytes: u64,
}

impl ComponentStore {
    pub(crate) fn new(engines: Engines, config: &HostConfig, metrics: &Arc<Recorder>) -> Self {
        Self {
            engines: Arc::new(engines),
            components: RwLock::default(),
            compiler: Compiler::new(config.max_compilations, config.compile_time),
            metrics: metrics.clone(),
            bytes: config.max_component_bytes,
        }
    }

    /// Loads a component from bytes and keeps it under `name`. The compiler runs on separate threads.
    ///
    /// # Errors
    /// [`LoadError`] says which phase failed and why. The store is unchanged then.
    pub async fn load(
        &self,
        name: &str,
        bytes: Vec<u8>,
    ) -> Result<Arc<LoadedComponent>, LoadError> {
        self.load_after(None, name, bytes).await
    }

    async fn load_after(
        &self,
        read: Option<PhaseTime>,
        name: &str,
        bytes: Vec<u8>,
    ) -> Result<Arc<LoadedComponent>, LoadError> {
        let mut loaded = self.compile(name, bytes, load::load).await?;
        loaded.phases.splice(0..0, read);
        for phase in &loaded.phases {
            self.metrics.load_phases.record(*phase);
        }
        let loaded = Arc::new(loaded);
        self.components
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(name.to_owned(), loaded.clone());
        Ok(loaded)
    }

    /// Loads a component from a file and keeps it under `name`.
    ///
    /// # Errors
    /// As [`load`](Self::load), and [`LoadError::Read`] for a file that cannot be read.
    pub async fn load_file(
        &self,
        name: &str,
        path: &Path,
    ) -> Result<Arc<LoadedComponent>, LoadError> {
        let phase = Phase::begin("read");
        let bytes = self.read(name, path).await?;
        self.load_after(Some(phase.end()), name, bytes).await
    }

    /// Describes a component without keeping it, even if it imports something that this host does not offer.
    ///
    /// # Errors
    /// [`LoadError`] for bytes that are not a valid component.
    pub async fn inspect(&self, name: &str, bytes: Vec<u8>) -> Result<ComponentInfo, LoadError> {
        self.compile(name, bytes, load::inspect).await
    }

    /// Like [`inspect`](Self::inspect), for a file. Also returns its size in bytes.
    ///
    /// # Errors
    /// As for [`inspect`](Self::inspect), and [`LoadError::Read`] for a file that cannot be read.
    pub async fn inspect_file(
        &self,
        name: &str,
        path: &Path,
    ) -> Result<(u64, ComponentInfo), LoadError> {
        let bytes = self.read(name, path).await?;
        let size = bytes.len() as u64;
        Ok((size, self.inspect(name, bytes).await?))
    }

    async fn read(&self, name: &str, path: &Path) -> Result<Vec<u8>, LoadError> {
        let (owned, path, most) = (name.to_owned(), path.to_owned(), self.bytes);
        tokio::task::spawn_blocking(move || read::read_file(&owned, &path, most))
            .await
            .map_err(|_| LoadError::Interrupted {
                name: name.to_owned(),
            })?
    }

    async fn compile<T: Send + 'static>(
        &self,
        name: &str,
        bytes: Vec<u8>,
        compile: fn(&Engines, &str, &[u8]) -> Result<T, LoadError>,
    ) -> Result<T, LoadError> {
        read::within(name, &bytes, self.bytes)?;
        let (engines, owned) = (self.engines.clone(), name.to_owned());
        let compile = move || compile(&engines, &owned, &bytes);
        self.compiler.run(name, compile).await
    }

    /// The component of this name.
    pub fn get(&self, name: &str) -> Option<Arc<LoadedComponent>> {
        self.components
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(name)
            .cloned()
    }

    /// Removes the component with this name, and returns it. Its processes go on, and supervisors keep it for their children. It
    /// can no longer be started by name.
    pub fn remove(&self, name: &str) -> Option<Arc<LoadedComponent>> {
        self.components
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(name)
    }

    /// The names of all components, sorted.
    pub fn names(&self) -> Vec<String> {
        self.components
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .keys()
            .cloned()
            .collect()
    }
}

impl std::fmt::Debug for ComponentStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}
