//! The thread that serves those outside: a control socket, and metrics.
//!
//! Guests can hold all threads of the runtime they run on, for as long as a call of theirs takes. What is to answer whatever they do has
//! a runtime of its own, on one thread, on which no guest has a task. [`Places`] is who is served there when many want to be.
//!
//! Not the place for work: what takes long there keeps everybody else outside waiting.
#![deny(missing_docs)]

mod places;

pub use places::{Place, Places};

use std::io;
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Why something is not served.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The system gives no thread.
    #[error("cannot start the thread that serves others")]
    NoThread(#[source] io::Error),
    /// The task that ran there came to no end: the service was dropped, or the task panicked.
    #[error("the thread that serves others has ended")]
    Ended,
}

/// The thread. It ends, with all that is served there, when this is dropped.
#[derive(Debug)]
pub struct Service {
    runtime: Handle,
    _end: oneshot::Sender<()>,
}

impl Service {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the system gives none.
    pub fn start() -> Result<Self, ServiceError> {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(ServiceError::NoThread)?;
        let handle = runtime.handle().clone();
        let (end, ended) = oneshot::channel::<()>();
        std::thread::Builder::new()
            .name("weft-service".into())
            .spawn(move || {
                let _ = runtime.block_on(ended);
            })
            .map_err(ServiceError::NoThread)?;
        Ok(Self {
            runtime: handle,
            _end: end,
        })
    }

    /// Runs a task there.
    pub fn spawn<T: Send + 'static>(
        &self,
        task: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<T> {
        self.runtime.spawn(task)
    }

    /// Runs something there, such as to open what only that thread may wait with, and waits for it.
    ///
    /// # Errors
    /// [`ServiceError::Ended`] when it came to no end.
    pub async fn run<T: Send + 'static>(
        &self,
        task: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, ServiceError> {
        self.spawn(task).await.map_err(|_| ServiceError::Ended)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::sync::mpsc::channel;
    use std::time::Duration;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::UnixStream;

    #[test]
    fn what_it_runs_goes_on_while_every_thread_of_guests_is_held() {
        let guests = Builder::new_multi_thread().worker_threads(1).build();
        let guests = guests.unwrap();
        let ((begins, begun), (release, held)) = (channel::<()>(), channel::<()>());
        guests.spawn(async move {
            begins.send(()).unwrap();
            let _ = held.recv();
        });
        begun.recv().unwrap();
        let service = Service::start().unwrap();
        let served = service.run(async {
            let (mut client, mut server) = UnixStream::pair().unwrap();
            let answer = tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(1)).await;
                server.write_all(b"answer").await
            });
            let mut answered = [0; 6];
            client.read_exact(&mut answered).await.unwrap();
            answer.await.unwrap().unwrap();
            answered
        });
        assert_eq!(&guests.block_on(served).unwrap(), b"answer");
        drop(release);
    }
}
