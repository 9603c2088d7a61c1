//! What a reader says about the frames that its guest has finished with.
//!
//! Reading on says it by itself: the host sees the read. But frames that buffered writers have collected would be lost if the guest
//! failed then. So while there are any, the reader says so itself, and only when they are out. And a guest can do all of it itself.
//!
//! Where many frames are read together and handed out one by one, the host does not see how far the guest has got. So the reader says it
//! when it is dropped, as after an error, and the panic hook says it before the trap: all frames are finished but the one in hand.
//!
//! Invariant: what is committed was handed out, and is never the frame in hand, unless the guest says so.

use crate::bindings::weft::fabric::channel as raw;
use crate::task::buffers;
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

/// After so many unfinished frames what was collected is sent, so that they are finished: few to handle again, and enough that a write
/// for them costs nothing beside them.
const SEND_AFTER: u32 = 1024;

/// Who says that frames are finished.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum By {
    /// The host, at each read.
    #[default]
    Reading,
    /// This.
    Sdk,
    Guest,
}

/// Which frames of a reader are finished.
#[derive(Debug, Default)]
pub(crate) struct Commits {
    /// None of a reader that is no committed one, or has read nothing yet.
    progress: Option<Rc<Progress>>,
    /// Whether the host was asked which it is.
    asked: bool,
    by: By,
    /// Whether frames are handled beside each other, so that nobody knows which is finished.
    beside: bool,
}

/// How far the guest has got with what was read and is not committed.
#[derive(Debug)]
struct Progress {
    reader: Weak<raw::Reader>,
    by: Cell<By>,
    beside: bool,
    /// Frames handed out.
    begun: Cell<u32>,
    /// How many of these were handed out last, together: the guest has them in hand.
    in_hand: Cell<u32>,
    /// How many frames there were when it last tried to send what was collected.
    tried: Cell<u32>,
}

thread_local! {
    static PROGRESS: RefCell<Watched> = RefCell::default();
}

/// The committed readers of the guest.
#[derive(Debug, Default)]
pub(crate) struct Watched(Vec<Weak<Progress>>);

impl Watched {
    /// Changes places with those of the guest that runs.
    #[cfg(not(target_family = "wasm"))]
    pub(crate) fn swap(&mut self) {
        PROGRESS.with(|all| std::mem::swap(&mut *all.borrow_mut(), self));
    }
}

/// The guest panics: says how far it has got with the frames of all readers. Outside of a guest a panic is the test's.
#[cfg(target_family = "wasm")]
pub(crate) fn settle() {
    // A panic hook must not panic.
    let all = PROGRESS.with(|all| Some(std::mem::take(&mut all.try_borrow_mut().ok()?.0)));
    for progress in all.unwrap_or_default() {
        if let Some(progress) = progress.upgrade() {
            progress.let_go();
        }
    }
}

impl Commits {
    /// The same, for a reader that has become another one. Nothing is taken.
    pub(crate) fn renewed(&self) -> Self {
        Commits {
            progress: None,
            asked: false,
            by: self.progress.as_ref().map_or(self.by, |it| it.by.get()),
            beside: self.beside,
        }
    }

    /// Frames are handled beside each other.
    pub(crate) fn beside(&mut self) {
        self.beside = true;
    }

    /// Whether the reader is a committed one, and has read.
    pub(crate) fn any(&self) -> bool {
        self.progress.is_some()
    }

    /// Before the reader reads on.
    #[inline]
    pub(crate) fn read_on(&mut self, reader: &raw::Reader) {
        if let Some(progress) = &self.progress {
            progress.read_on(reader);
        }
    }

    /// Frames were read.
    #[inline]
    pub(crate) fn took(&mut self, reader: &Rc<raw::Reader>) {
        if !self.asked {
            self.ask(reader);
        }
    }

    #[cold]
    fn ask(&mut self, reader: &Rc<raw::Reader>) {
        self.asked = true;
        if reader.attempt() == 0 {
            return;
        }
        let progress = Rc::new(Progress {
            reader: Rc::downgrade(reader),
            by: Cell::new(self.by),
            beside: self.beside,
            begun: Cell::default(),
            in_hand: Cell::default(),
            tried: Cell::default(),
        });
        PROGRESS.with(|all| {
            let all = &mut all.borrow_mut().0;
            all.retain(|it| it.strong_count() > 0);
            all.push(Rc::downgrade(&progress));
        });
        self.progress = Some(progress);
    }

    /// So many frames were handed out, together.
    #[inline]
    pub(crate) fn handed(&self, frames: usize) {
        if let Some(progress) = &self.progress {
            let frames = u32::try_from(frames).unwrap_or(u32::MAX);
            progress
                .begun
                .set(progress.begun.get().saturating_add(frames));
            progress.in_hand.set(frames);
        }
    }

    /// The guest has finished with so many of the frames that it was handed, the oldest.
    pub(crate) fn commit(&mut self, reader: &Rc<raw::Reader>, most: u32) {
        self.by = By::Guest;
        self.took(reader);
        if let Some(progress) = &self.progress {
            progress.by.set(By::Guest);
            progress.commit(reader, progress.begun.get().min(most));
        }
    }

    /// The reader is dropped.
    pub(crate) fn let_go(&self) {
        if let Some(progress) = &self.progress {
            progress.let_go();
        }
    }
}

impl Progress {
    fn read_on(&self, reader: &raw::Reader) {
        if self.by.get() == By::Guest {
            return;
        }
        if buffers::any_unsent() && !self.sends_first(reader) {
            return;
        }
        if self.by.get() == By::Sdk {
            reader.commit(u32::MAX);
        }
        self.begun.set(0);
        self.in_hand.set(0);
        self.tried.set(0);
    }

    /// Whether what was collected is sent. If it is not, nothing is finished.
    #[cold]
    fn sends_first(&self, reader: &raw::Reader) -> bool {
        let begun = self.begun.get();
        let many = begun.saturating_sub(self.tried.get()) >= SEND_AFTER;
        // Frames that come again are finished one by one, so that the one at which the guest fails is found.
        if many || reader.attempt() > 1 {
            self.tried.set(begun);
            buffers::flush();
        }
        let sent = !buffers::any_unsent();
        if !sent && self.by.get() == By::Reading {
            reader.commit(0);
            self.by.set(By::Sdk);
        }
        sent
    }

    fn commit(&self, reader: &raw::Reader, finished: u32) {
        reader.commit(finished);
        let begun = self.begun.get().saturating_sub(finished);
        self.begun.set(begun);
        self.in_hand.set(self.in_hand.get().min(begun));
        self.tried.set(0);
    }

    /// All frames are finished but those in hand, if what follows from them is out.
    fn let_go(&self) {
        let finished = self.begun.get().saturating_sub(self.in_hand.get());
        if finished == 0 || self.beside || self.by.get() == By::Guest {
            return;
        }
        if let Some(reader) = self.reader.upgrade()
            && buffers::flush_if_idle()
        {
            self.by.set(By::Sdk);
            self.commit(&reader, finished);
        }
    }
}
