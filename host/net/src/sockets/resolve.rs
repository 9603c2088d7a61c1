//! Who looks names up.

use crate::pattern::Name;
use std::future::Future;
use std::io;
use std::net::{IpAddr, ToSocketAddrs};
use std::pin::Pin;
use std::sync::Arc;
use tokio::sync::{Semaphore, oneshot};

/// Look-ups of all guests that may run at once: each holds a thread as long as the system's resolver takes, which may be half a minute.
const AT_ONCE: usize = 16;

/// A look-up under way. Dropping it gives up the answer.
pub type Resolving = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Something that finds the addresses of names.
pub trait Resolve: Send + Sync + 'static {
    /// Looks a name up. It must neither hold the calling thread nor do the work of many at once without a bound.
    ///
    /// # Errors
    /// Whatever went wrong, in the future: to the guest the name has no address then.
    fn resolve(&self, name: &Name) -> Resolving;
}

/// The system's resolver, with its hosts file and its servers.
///
/// It blocks, so each look-up has a thread of its own, and a few run at once. A look-up that nobody waits for any more keeps its thread and its
/// permit to the end.
#[derive(Debug)]
pub struct SystemResolver {
    threads: Arc<Semaphore>,
}

impl Default for SystemResolver {
    fn default() -> Self {
        Self {
            threads: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }
}

impl Resolve for SystemResolver {
    fn resolve(&self, name: &Name) -> Resolving {
        let threads = self.threads.clone();
        let name = name.as_str().to_owned();
        Box::pin(async move {
            let permit = threads.acquire_owned().await.map_err(io::Error::other)?;
            let (answer, answered) = oneshot::channel();
            let asking = move || {
                let found = (name.as_str(), 0).to_socket_addrs();
                let found = found.map(|found| found.map(|address| address.ip()).collect());
                drop(permit);
                // Nobody may be waiting any more.
                drop(answer.send(found));
            };
            let thread = std::thread::Builder::new().name("weft-look-up".to_owned());
            thread.spawn(asking)?;
            answered.await.map_err(io::Error::other)?
        })
    }
}
