//! What is left to do once locks are released: tasks to wake, handles and frames to drop, and channels to look at that may
//! have become unreachable. Each piece is taken out and done by itself.
//!
//! Order:
//! 1. Tasks that wait are woken.
//! 2. A look under way goes on, before handles are dropped. So what it found unreachable is emptied as a whole, and the drops of
//!    those handles have nothing to walk through.
//! 3. Frames and handles are dropped.
//! 4. A new look begins, last: it costs what it walks through, and one look serves the channels of many handles.

use std::{collections::VecDeque, mem, task::Waker};

use crate::{
    attachment::Attachments,
    native::{cycles::Look, shared::ChannelCore, spent::Spent, steps::Steps},
    sync::Arc,
};

#[derive(Default)]
pub(crate) struct Backlog {
    wake: VecDeque<Waker>,
    looks: Vec<Look>,
    /// A list, so that a chain of channels, each with a handle of the next in a frame, needs no deep stack.
    attached: Vec<Attachments>,
    spent: Vec<Spent>,
    suspects: Vec<Arc<ChannelCore>>,
}

/// A piece of a backlog.
pub(crate) enum Task {
    Wake(Waker),
    Look(Look),
    Release(Attachments),
    Drop(Spent),
}

impl Backlog {
    pub fn is_empty(&self) -> bool {
        let Self {
            wake,
            looks,
            attached,
            spent,
            suspects,
        } = self;
        let nothing_to_drop = attached.is_empty() && spent.is_empty();
        wake.is_empty() && looks.is_empty() && nothing_to_drop && suspects.is_empty()
    }

    pub fn wake(&mut self, wakers: Vec<Waker>) {
        self.wake.extend(wakers);
    }

    pub fn drop(&mut self, spent: Vec<Spent>) {
        self.spent.extend(spent);
    }

    pub fn release(&mut self, attached: Attachments) {
        self.attached.push(attached);
    }

    pub fn suspect(&mut self, suspect: Arc<ChannelCore>) {
        self.suspects.push(suspect);
    }

    /// The piece to be done next.
    pub fn next(&mut self) -> Option<Task> {
        if let Some(waker) = self.wake.pop_front() {
            Some(Task::Wake(waker))
        } else if let Some(look) = self.looks.pop() {
            Some(Task::Look(look))
        } else if let Some(attached) = self.attached.pop() {
            Some(Task::Release(attached))
        } else if let Some(spent) = self.spent.pop() {
            Some(Task::Drop(spent))
        } else if !self.suspects.is_empty() {
            Some(Task::Look(Look::new(mem::take(&mut self.suspects))))
        } else {
            None
        }
    }

    /// Takes back a piece that was begun.
    pub fn put_back(&mut self, task: Task) {
        match task {
            Task::Wake(waker) => self.wake.push_front(waker),
            Task::Look(look) => self.looks.push(look),
            Task::Release(attached) => self.attached.push(attached),
            Task::Drop(spent) => self.spent.push(spent),
        }
    }

    /// Takes over what another one has.
    pub fn absorb(&mut self, other: &mut Self) {
        if self.is_empty() {
            return mem::swap(self, other);
        }
        while let Some(task) = other.next() {
            self.put_back(task);
        }
    }

    /// Does it all, whatever that takes.
    pub fn finish(&mut self) {
        while let Some(task) = self.next() {
            task.run(&mut Steps::without_end());
        }
    }
}

impl Task {
    /// Does it, or a part of it for which there are steps; what is left. Runs foreign code.
    pub fn run(self, steps: &mut Steps) -> Option<Self> {
        match self {
            Self::Wake(waker) => {
                waker.wake();
                steps.did(1);
                None
            }
            Self::Look(mut look) => (!look.go_on(steps)).then_some(Self::Look(look)),
            Self::Release(attached) => {
                steps.did(attached.len());
                drop(attached);
                None
            }
            Self::Drop(spent) => spent.drop_some(steps).map(Self::Drop),
        }
    }
}
