//! Whose certificates are believed, read when it is first asked for: the system's are hundreds, and most programs need none of them.

use super::Roots;
use std::fmt;
use std::sync::{Arc, OnceLock};

/// What reads authorities. It may block.
type Read = Box<dyn Fn() -> Result<Roots, String> + Send + Sync>;

/// Authorities that are read once. By default there is none, so that nobody is believed. Cheap to clone.
#[derive(Clone)]
pub struct Trust(Arc<Lazy>);

struct Lazy {
    read: Read,
    found: OnceLock<Roots>,
}

impl Trust {
    /// These.
    pub fn of(roots: Roots) -> Self {
        Self::lazily(move || Ok(roots.clone()))
    }

    /// Those that `read` gives, on a thread that may block. If it fails, whoever asked is told why, and the next one asks again.
    pub fn lazily(read: impl Fn() -> Result<Roots, String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(Lazy {
            read: Box::new(read),
            found: OnceLock::new(),
        }))
    }

    /// The authorities.
    ///
    /// # Errors
    /// Why they cannot be read.
    pub(crate) async fn roots(&self) -> Result<Roots, String> {
        if let Some(found) = self.0.found.get() {
            return Ok(found.clone());
        }
        let lazy = self.0.clone();
        let reading = tokio::task::spawn_blocking(move || (lazy.read)());
        let found = reading.await.map_err(|error| error.to_string())??;
        Ok(self.0.found.get_or_init(|| found).clone())
    }
}

impl Default for Trust {
    fn default() -> Self {
        Self::of(Roots::of([]))
    }
}

impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Trust").field(&self.0.found.get()).finish()
    }
}
