//! Reloads: replace a running process by one of a newer component.
//!
//! The newer process is laid out while the older one still runs; that makes every check of a start. Then the
//! older one is asked to stop. When it has ended, the newer one starts on the same handles. The two never run
//! at the same time: each would take some of the frames, which breaks the order and any state built from them.
//!
//! A child that has failed for good holds no handles. It is started with new options, if its spec can make
//! them.

use super::child::{Reply, State, Successor};
use super::error::ReloadError;
use super::event::Next;
use super::spec::Restart;
use super::task::Task;
use tokio::time::Instant;

impl Task {
    pub(super) async fn reload(&mut self, name: &str, reply: Reply) {
        match self.lay_out_successor(name).await {
            Ok(Some((index, mut successor))) => {
                successor.replies.push(reply);
                self.replace(index, successor);
            }
            // The receiver may be gone.
            Ok(None) => drop(reply.send(Ok(()))),
            Err(error) => drop(reply.send(Err(error))),
        }
    }

    /// Makes every check. None if no successor has to wait: the child is started, or will be started later
    /// anyway.
    async fn lay_out_successor(
        &mut self,
        name: &str,
    ) -> Result<Option<(usize, Successor)>, ReloadError> {
        let found = self.children.iter().position(|child| child.name == name);
        let unknown = || ReloadError::UnknownChild {
            name: name.to_owned(),
            children: self.children.iter().map(|c| c.name.clone()).collect(),
        };
        let index = found.ok_or_else(unknown)?;
        if self.down.is_some() {
            return Err(ReloadError::Stopping);
        }
        let child = self.children.get_mut(index).ok_or(ReloadError::Stopping)?;
        if child.has_ended() {
            return self.start_anew(index).await.map(|()| None);
        }
        let image = child.newest(&self.host)?;
        let prepared = child.prepare(&self.host, &image)?;
        child.image = image;
        child.restarts = 0;
        Ok(match &mut child.state {
            State::Running(running) if !running.asked => Some((
                index,
                Successor {
                    prepared: Box::new(prepared),
                    replies: Vec::new(),
                },
            )),
            State::Running(_) if child.restart == Restart::Never => {
                return Err(ReloadError::Ended(child.name.clone()));
            }
            // It is being restarted with its siblings anyway, and then uses the newer component.
            State::Running(_) | State::Ended => None,
            // The newer component may fix the failure, so the back-off ends.
            State::Waiting(at) => {
                *at = Instant::now();
                None
            }
        })
    }

    /// Starts a child that has failed for good, with new options.
    async fn start_anew(&mut self, index: usize) -> Result<(), ReloadError> {
        let child = self.children.get_mut(index).ok_or(ReloadError::Stopping)?;
        child.revive().await?;
        let image = child.newest(&self.host);
        let prepared = image.and_then(|image| {
            let prepared = child.prepare(&self.host, &image)?;
            child.image = image;
            Ok(prepared)
        });
        // After a failure the new handles are closed again.
        let prepared = prepared.inspect_err(|_| child.let_go())?;
        child.restarts = 0;
        let name = child.name.clone();
        // It is added again at its next end for good.
        self.ended.retain(|(ended, _)| *ended != name);
        self.launch(index, prepared);
        Ok(())
    }

    /// Asks the older process to stop, so that its successor can start.
    fn replace(&mut self, index: usize, mut successor: Successor) {
        let Some(child) = self.children.get_mut(index) else {
            return;
        };
        let Some(running) = child.running_mut() else {
            return;
        };
        // Of two concurrent reloads the later one is done, and answers both.
        if let Some(earlier) = running.successor.take() {
            successor.replies.extend(earlier.replies);
        }
        running.successor = Some(successor);
        running.process.stop_within(self.settings.grace);
    }

    /// The older process has ended.
    pub(super) fn succeed(&mut self, index: usize, successor: Successor) {
        self.tell(index, Next::Reload);
        self.launch(index, *successor.prepared);
        for reply in successor.replies {
            let _ = reply.send(Ok(()));
        }
    }
}
