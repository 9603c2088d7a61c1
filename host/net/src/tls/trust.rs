//! Whose certificates are believed, read when it is first asked for: the system's are hundreds, and most programs need none of them.

use super::Roots;
use std::fmt;
use std::sync::Arc;
use tokio::sync::OnceCell;

/// What reads authorities. It may block.
type Read = Box<dyn Fn() -> Result<Roots, String> + Send + Sync>;

/// Authorities that are read once. By default there is none, so that nobody is believed. Cheap to clone.
#[derive(Clone)]
pub struct Trust(Arc<Lazy>);

struct Lazy {
    read: Read,
    found: OnceCell<Roots>,
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
            found: OnceCell::new(),
        }))
    }

    /// The authorities.
    ///
    /// # Errors
    /// Why they cannot be read.
    pub(crate) async fn roots(&self) -> Result<Roots, String> {
        let lazy = self.0.clone();
        // One at a time: however many ask, they hold one thread.
        let found = self.0.found.get_or_try_init(move || async move {
            let reading = tokio::task::spawn_blocking(move || (lazy.read)());
            reading.await.map_err(|error| error.to_string())?
        });
        found.await.cloned()
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
