//! The thread that serves clients outside the host: a control socket, and metrics.
//!
//! Guests can block every thread of the runtime they run on, for as long as one of their calls takes. A service that
//! must answer all the same runs here: in a runtime of its own, on one thread, without a task of any guest. [`Slots`]
//! limits how many clients are served at once.
//!
//! Do no long work here: it delays every other client.
#![deny(missing_docs)]

mod slots;

pub use slots::{Slot, Slots};

use std::io;
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Why nothing can be served.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The system cannot start a thread.
    #[error("cannot start the thread that serves others")]
    NoThread(#[source] io::Error),
    /// The task did not complete: the service was dropped, or the task panicked.
    #[error("the thread that serves others has ended")]
    Ended,
}

/// The thread. Dropping this ends it, with everything that is served there.
#[derive(Debug)]
pub struct Service {
    runtime: Handle,
    _end: oneshot::Sender<()>,
}

impl Service {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the system cannot start one.
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

    /// Runs a task on the thread.
    pub fn spawn<T: Send + 'static>(
        &self,
        task: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<T> {
        self.runtime.spawn(task)
    }

    /// Runs a task on the thread and waits for its result. Use it to open sockets: they belong to the runtime they are
    /// opened in.
    ///
    /// # Errors
    /// [`ServiceError::Ended`] when the task did not complete.
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
