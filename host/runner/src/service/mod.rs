//! The thread that serves those outside: the control socket, and metrics.
//!
//! Guests can hold all threads of the runtime they run on, for as long as a call of theirs takes. What is to answer whatever they do has
//! a runtime of its own, on one thread, on which no guest has a task. `places` is who is served there when many want to be.
//!
//! Not the place for work: what takes long there keeps everybody else outside waiting. Signals are heard on a thread of
//! their own, which ends the command also when this one is stuck.

pub(crate) mod places;

use anyhow::{Context, Result};
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// The thread. It ends, with all that is served there, when this is dropped.
pub(crate) struct Service {
    runtime: Handle,
    _end: oneshot::Sender<()>,
}

impl Service {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the system gives none.
    pub(crate) fn start() -> Result<Self> {
        let cannot = "cannot start the thread that serves others";
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.context(cannot)?;
        let handle = runtime.handle().clone();
        let (end, ended) = oneshot::channel::<()>();
        std::thread::Builder::new()
            .name("weft-service".into())
            .spawn(move || {
                let _ = runtime.block_on(ended);
            })
            .context(cannot)?;
        Ok(Self {
            runtime: handle,
            _end: end,
        })
    }

    /// Runs a task there.
    pub(crate) fn spawn<T: Send + 'static>(
        &self,
        task: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<T> {
        self.runtime.spawn(task)
    }

    /// Runs something there, such as to open what only that thread may wait with, and waits for it.
    ///
    /// # Errors
    /// Those of the task.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        task: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        self.spawn(task).await?
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
            let (mut client, mut server) = UnixStream::pair()?;
            let answer = tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(1)).await;
                server.write_all(b"answer").await
            });
            let mut answered = [0; 6];
            client.read_exact(&mut answered).await?;
            answer.await??;
            Ok(answered)
        });
        assert_eq!(&guests.block_on(served).unwrap(), b"answer");
        drop(release);
    }
}
