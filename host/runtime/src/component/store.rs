//! The component store: components by name.
//!
//! A component is loaded once and shared by all processes made of it. A name that is
//! loaded again means the newer component from then on; running processes keep theirs.

use super::ComponentInfo;
use super::load::{self, LoadError, LoadedComponent};
use crate::engine::Engines;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

/// Named components of one host.
pub struct ComponentStore {
    engines: Arc<Engines>,
    components: RwLock<BTreeMap<String, Arc<LoadedComponent>>>,
}

impl ComponentStore {
    pub(crate) fn new(engines: Engines) -> Self {
        Self {
            engines: Arc::new(engines),
            components: RwLock::default(),
        }
    }

    /// Loads a component from bytes and keeps it under `name`. The compiler runs
    /// on a thread of its own.
    ///
    /// # Errors
    /// [`LoadError`] says in which phase it failed and why; the store is as before.
    pub async fn load(
        &self,
        name: &str,
        bytes: Vec<u8>,
    ) -> Result<Arc<LoadedComponent>, LoadError> {
        let engines = self.engines.clone();
        let owned = name.to_owned();
        let loaded = tokio::task::spawn_blocking(move || load::load(&engines, &owned, &bytes))
            .await
            .map_err(|_| LoadError::Interrupted {
                name: name.to_owned(),
            })??;
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
        let (owned, file) = (name.to_owned(), path.to_owned());
        let read = move || std::fs::read(file);
        let bytes = tokio::task::spawn_blocking(read)
            .await
            .map_err(|_| LoadError::Interrupted {
                name: name.to_owned(),
            })?
            .map_err(|cause| LoadError::Read {
                name: owned,
                path: path.to_owned(),
                cause,
            })?;
        self.load(name, bytes).await
    }

    /// Says what is in a component without keeping it, also in one that imports
    /// what this host does not offer.
    ///
    /// # Errors
    /// [`LoadError`] for bytes that are no valid component.
    pub async fn inspect(&self, name: &str, bytes: Vec<u8>) -> Result<ComponentInfo, LoadError> {
        let engines = self.engines.clone();
        let owned = name.to_owned();
        tokio::task::spawn_blocking(move || load::inspect(&engines, &owned, &bytes))
            .await
            .map_err(|_| LoadError::Interrupted {
                name: name.to_owned(),
            })?
    }

    /// The component of this name.
    pub fn get(&self, name: &str) -> Option<Arc<LoadedComponent>> {
        self.components
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(name)
            .cloned()
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
