//! One child: what it is made of, and whether it is running, waiting or ended.

use super::error::ReloadError;
use super::event::ChildEnd;
use super::keeper::Keeper;
use super::spec::{Anew, ChildSpec, Restart};
use crate::host::Host;
use crate::interface::filesystem::KeptFolders;
use crate::process::{Image, Prepared, Process, StartError};
use tokio::sync::oneshot;
use tokio::time::Instant;

/// The sender for the answer to a reload.
pub(super) type Reply = oneshot::Sender<Result<(), ReloadError>>;

pub(super) struct Child {
    pub(super) name: String,
    pub(super) restart: Restart,
    /// What the next incarnation is made of. A newer component with the same name does not replace it; only a
    /// reload does, if the newer one fits.
    pub(super) image: Image,
    /// Its mounted folders, opened once: guests may move folders and place links along their paths.
    folders: KeptFolders,
    /// None once the child has ended for good.
    keeper: Option<Keeper>,
    /// Restarts since it last ran for as long as the window.
    pub(super) restarts: u32,
    /// Its last end.
    pub(super) last: Option<ChildEnd>,
    pub(super) state: State,
    /// Answers to send when it has ended for good.
    pub(super) stopping: Vec<oneshot::Sender<ChildEnd>>,
    /// How a reload starts it once it has failed for good. None if it is not, or after it was stopped.
    pub(super) anew: Option<Anew>,
    pub(super) stop_rank: u32,
}

pub(super) enum State {
    Running(Running),
    /// To be started at this time.
    Waiting(Instant),
    /// Ended for good.
    Ended,
}

pub(super) struct Running {
    pub(super) process: Process,
    pub(super) since: Instant,
    /// Whether it was asked to stop, because of a sibling or because all are stopped.
    pub(super) asked: bool,
    /// The process that replaces it when it has ended.
    pub(super) successor: Option<Successor>,
}

/// A process of a newer component, laid out while the older one stops.
pub(super) struct Successor {
    pub(super) prepared: Box<Prepared>,
    pub(super) replies: Vec<Reply>,
}

impl Child {
    /// Checks a child and lays its first process out.
    pub(super) fn new(host: &Host, spec: ChildSpec) -> Result<(Self, Prepared), StartError> {
        let image = host.image(&spec.start)?;
        let prepared = host.prepare_of(&image, spec.start.clone(), None)?;
        let folders = prepared.keep_folders()?;
        let lends = spec.restart == Restart::Never;
        let child = Self {
            name: spec.name,
            restart: spec.restart,
            image,
            folders,
            keeper: Some(Keeper::new(spec.start, lends)),
            restarts: 0,
            last: None,
            state: State::Waiting(Instant::now()),
            stopping: Vec::new(),
            anew: spec.anew,
            stop_rank: spec.stop_rank,
        };
        Ok((child, prepared))
    }

    /// Lays out its next process.
    pub(super) fn prepare(&self, host: &Host, image: &Image) -> Result<Prepared, ReloadError> {
        let keeper = self.keeper()?;
        let options = keeper.options().map_err(|gone| ReloadError::LetGo {
            argument: keeper.name_of(gone.0),
        })?;
        Ok(host.prepare_of(image, options, Some(&self.folders))?)
    }

    /// Makes new start options for a child that has failed for good, and keeps them.
    ///
    /// # Errors
    /// If it has not failed, was stopped, or its options cannot be made again.
    pub(super) async fn revive(&mut self) -> Result<(), ReloadError> {
        let anew = self.anew.as_ref().filter(|_| self.has_failed());
        let anew = anew.ok_or_else(|| ReloadError::Ended(self.name.clone()))?;
        let options = anew.make().await.map_err(|gone| {
            // They cannot be made later either.
            self.anew = None;
            ReloadError::Anew(gone)
        })?;
        self.keeper = Some(Keeper::new(options, self.restart == Restart::Never));
        Ok(())
    }

    /// The newest component with its name; a program stays what it is.
    pub(super) fn newest(&self, host: &Host) -> Result<Image, ReloadError> {
        Ok(host.image(self.keeper()?.bare())?)
    }

    fn keeper(&self) -> Result<&Keeper, ReloadError> {
        let keeper = self.keeper.as_ref();
        keeper.ok_or_else(|| ReloadError::Ended(self.name.clone()))
    }

    /// Runs a process that has been laid out.
    pub(super) fn launch(&mut self, prepared: Prepared) -> Process {
        if let Some(keeper) = &mut self.keeper {
            keeper.handed_over();
        }
        let process = prepared.launch();
        self.state = State::Running(Running {
            process: process.clone(),
            since: Instant::now(),
            asked: false,
            successor: None,
        });
        process
    }

    /// Ends the child for good and closes its kept handles.
    pub(super) fn finish(&mut self) {
        self.state = State::Ended;
        self.let_go();
        self.answer_stops();
    }

    /// Closes its kept handles.
    pub(super) fn let_go(&mut self) {
        weft_channel::drop_together(self.keeper.take());
    }

    /// Answers those who wait until it has ended for good.
    pub(super) fn answer_stops(&mut self) {
        if let Some(end) = &self.last {
            for reply in self.stopping.drain(..) {
                // The receiver may be gone.
                let _ = reply.send(end.clone());
            }
        }
    }

    pub(super) fn running(&self) -> Option<&Running> {
        match &self.state {
            State::Running(running) => Some(running),
            _ => None,
        }
    }

    pub(super) fn running_mut(&mut self) -> Option<&mut Running> {
        match &mut self.state {
            State::Running(running) => Some(running),
            _ => None,
        }
    }

    /// When it is to be started, if it waits for a restart.
    pub(super) fn waits_until(&self) -> Option<Instant> {
        match self.state {
            State::Waiting(at) => Some(at),
            _ => None,
        }
    }

    pub(super) fn has_ended(&self) -> bool {
        matches!(self.state, State::Ended)
    }

    /// Whether it has failed for good and a reload can start it again.
    pub(super) fn can_be_mended(&self) -> bool {
        self.has_ended() && self.has_failed() && self.anew.is_some()
    }

    fn has_failed(&self) -> bool {
        self.last.as_ref().is_some_and(|end| !end.is_success())
    }
}

impl Successor {
    /// Drops the prepared process, and answers the reloads that wait for it.
    pub(super) fn give_up(self, mut outcome: impl FnMut() -> Result<(), ReloadError>) {
        weft_channel::drop_together(self.prepared);
        for reply in self.replies {
            // The receiver may be gone.
            let _ = reply.send(outcome());
        }
    }
}
