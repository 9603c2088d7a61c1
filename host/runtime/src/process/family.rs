//! The relations of a process: its parent, its children, the processes linked with it, and the monitors that
//! watch it. They decide who is told of its end, and who ends with it.
//!
//! Not how a process is ended; that is `control`.
//!
//! Invariants:
//! - Everyone registered before an end is told of it once. Whoever registers later is told at once. For this
//!   the status is set first, and then the relations are closed.
//! - No lock of one process is held while another's is taken, so the ends of two processes may cross.

use super::exit::ExitStatus;
use super::handle::{Process, ProcessShared};
use super::monitor::{Queue, Watch};
use crate::account::Charge;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

/// Length of the reason kept for a linked end. Every process along a chain of links keeps a copy.
const REASON_BYTES: usize = 1 << 10;

/// Whose child a process is, and whether it ends with its starter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ownership {
    /// Stopped when its starter has ended.
    #[default]
    Child,
    /// Like `Child`, and linked with its starter; see [`Process::link`]. Also stopped when the guest that
    /// started it drops the handle it got at the start.
    Linked,
    /// Outlives its starter.
    Detached,
}

/// The relations of one process.
pub(super) struct Family {
    /// The id of its starter; none for an embedder.
    pub(super) starter: Option<u64>,
    parent: Weak<ProcessShared>,
    ownership: Ownership,
    /// Grace period of the children once this process has ended.
    orphan_grace: Duration,
    relations: Mutex<Relations>,
}

#[derive(Default)]
struct Relations {
    /// The process is ending. Its handles are being dropped, and a dropped handle no longer stops a child.
    closing: bool,
    /// The status is set. Whoever registers now is told at once.
    closed: bool,
    children: BTreeMap<u64, Weak<ProcessShared>>,
    links: BTreeMap<u64, Link>,
    watches: Vec<Watch>,
    /// The queue that gets the ends of linked processes; they do not end this process then.
    trapped_by: Option<Weak<Queue>>,
}

/// One direction of a link.
struct Link {
    peer: Weak<ProcessShared>,
    /// Paid by the process that made the link: its queue may have to keep the peer's end.
    charge: Option<Charge>,
    /// This process ordered the peer's end, and so ignores it.
    expected: bool,
}

impl Family {
    pub(super) fn new(
        parent: Option<&Arc<ProcessShared>>,
        ownership: Ownership,
        orphan_grace: Duration,
    ) -> Self {
        Self {
            starter: parent.map(|parent| parent.id),
            parent: parent.map_or_else(Weak::new, Arc::downgrade),
            ownership,
            orphan_grace,
            relations: Mutex::default(),
        }
    }

    fn relations(&self) -> MutexGuard<'_, Relations> {
        self.relations
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl ProcessShared {
    /// Registers a process with its starter, before it runs. If the starter has ended meanwhile, the process
    /// ends too, unless it is detached.
    pub(super) fn enter_family(self: &Arc<Self>, charge: Option<Charge>) {
        let Some(parent) = self.family.parent.upgrade() else {
            return;
        };
        let mut relations = parent.family.relations();
        let orphan = relations.closed;
        if !orphan {
            relations.children.insert(self.id, Arc::downgrade(self));
        }
        drop(relations);
        match self.family.ownership {
            Ownership::Detached => {}
            _ if orphan => self.control.kill(ExitStatus::Killed),
            Ownership::Child => {}
            Ownership::Linked => link(&parent, self, charge),
        }
    }

    /// Links this process with another and pays for the link.
    pub(crate) fn link(self: &Arc<Self>, other: &Process, charge: Charge) {
        link(self, &other.shared, Some(charge));
    }

    /// The live processes it has started, oldest first.
    pub(super) fn children(&self) -> Vec<Process> {
        let relations = self.family.relations();
        let known = relations.children.values().filter_map(Weak::upgrade);
        // A child stays in the list for a moment after its end.
        known
            .filter(|child| child.status().is_none())
            .map(|shared| Process { shared })
            .collect()
    }

    /// Registers a watch. Gives it back if the process has ended already.
    pub(super) fn watch(&self, watch: Watch) -> Result<(), Watch> {
        let mut relations = self.family.relations();
        if relations.closed {
            return Err(watch);
        }
        // Dropped monitors leave their watches behind. They are removed only when the list is full: that costs
        // one step for each watch, and the list is never longer than about twice the live watches.
        if relations.watches.len() == relations.watches.capacity() {
            relations.watches.retain(Watch::is_live);
        }
        relations.watches.push(watch);
        Ok(())
    }

    /// Drops the watches of this queue.
    pub(super) fn unwatch(&self, queue: &Arc<Queue>) {
        self.family
            .relations()
            .watches
            .retain(|watch| !watch.is_of(queue));
    }

    /// From now on the ends of linked processes go to this queue.
    pub(super) fn trap_exits(&self, queue: &Arc<Queue>) {
        let mut relations = self.family.relations();
        let before = relations.trapped_by.replace(Arc::downgrade(queue));
        drop(relations);
        if let Some(before) = before.and_then(|before| before.upgrade())
            && !Arc::ptr_eq(&before, queue)
        {
            before.set_traps_exits(false);
        }
        queue.set_traps_exits(true);
    }

    /// The process is ending, and is about to drop what it holds.
    pub(super) fn closing(&self) {
        self.family.relations().closing = true;
    }

    /// This process orders the end of another, and its side of the link ignores that end. The other side does not
    /// ignore this process's end.
    pub(crate) fn expect_end(&self, other: &ProcessShared) {
        if let Some(link) = self.family.relations().links.get_mut(&other.id) {
            link.expected = true;
        }
    }

    /// The guest that started a linked process has dropped its handle.
    pub(crate) fn let_go(self: &Arc<Self>, child: &Arc<ProcessShared>) {
        if self.family.relations().closing {
            // This process is ending: `leave_family` stops its children.
            return;
        }
        self.expect_end(child);
        child.control.stop_within(self.family.orphan_grace);
    }

    /// Tells everyone of the end. The status is set already.
    pub(super) fn leave_family(self: &Arc<Self>, status: &ExitStatus) {
        let mut relations = self.family.relations();
        relations.closed = true;
        let children = std::mem::take(&mut relations.children);
        let links = std::mem::take(&mut relations.links);
        let watches = std::mem::take(&mut relations.watches);
        drop(relations);
        if let Some(parent) = self.family.parent.upgrade() {
            parent.family.relations().children.remove(&self.id);
        }
        for peer in links.values().filter_map(|link| link.peer.upgrade()) {
            peer.peer_ended(self, status);
        }
        for watch in watches {
            watch.deliver(self);
        }
        for child in children.values().filter_map(Weak::upgrade) {
            if child.family.ownership != Ownership::Detached {
                child.control.stop_within(self.family.orphan_grace);
            }
        }
    }

    /// A process linked with this one has ended.
    fn peer_ended(&self, peer: &Arc<ProcessShared>, status: &ExitStatus) {
        let mut relations = self.family.relations();
        let Some(link) = relations.links.remove(&peer.id) else {
            return;
        };
        let queue = relations.trapped_by.as_ref().and_then(Weak::upgrade);
        drop(relations);
        if link.expected {
            return;
        }
        let told = queue.is_some_and(|queue| queue.push_linked(peer, link.charge));
        if told || status.is_success() {
            return;
        }
        // Along a chain of links the first reason is passed on, since that is the one to fix.
        let reason = match status {
            ExitStatus::Linked(reason) => reason.clone(),
            status => {
                let mut reason = format!("`{}` {status}", peer.name);
                reason.truncate(reason.floor_char_boundary(REASON_BYTES));
                reason
            }
        };
        self.control.kill(ExitStatus::Linked(reason));
    }
}

/// Links two processes; `one` pays. If one of them has ended already, the other is told at once.
pub(super) fn link(one: &Arc<ProcessShared>, other: &Arc<ProcessShared>, charge: Option<Charge>) {
    if one.id == other.id {
        return;
    }
    for (from, to, charge) in [(one, other, charge), (other, one, None)] {
        let mut relations = from.family.relations();
        if !relations.closed {
            let peer = Arc::downgrade(to);
            relations.links.entry(to.id).or_insert(Link {
                peer,
                charge,
                expected: false,
            });
        }
    }
    for (ended, told) in [(one, other), (other, one)] {
        let closed = ended.family.relations().closed;
        if let (true, Some(status)) = (closed, ended.status()) {
            told.peer_ended(ended, &status);
        }
    }
}

/// Undoes a link.
pub(super) fn unlink(one: &ProcessShared, other: &ProcessShared) {
    for (from, to) in [(one, other), (other, one)] {
        from.family.relations().links.remove(&to.id);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::handle::Record;
    use super::super::monitor::Monitor;
    use super::*;
    use crate::account::{Account, Good};
    use crate::limits::Limits;
    use crate::log::ProcessLog;
    use crate::usage::Counted;

    fn process(id: u64) -> Process {
        let log = Arc::new(ProcessLog::new("p", id, 1024, 1024).unwrap());
        let account = Account::new(&Limits::default(), None, Counted::default());
        let family = Family::new(None, Ownership::Child, Duration::ZERO);
        let shared = Arc::new(ProcessShared::new(
            id,
            "p".into(),
            "c".into(),
            log,
            family,
            Arc::new(crate::metrics::Recorder::new(false)),
            Record {
                kept: Charge::nothing(&account, Good::HostBytes),
                counted: Counted::default(),
                changes: Arc::default(),
                host: "here".parse().unwrap(),
            },
        ));
        Process { shared }
    }

    /// The reason of a process that is to end with another; none if it is not.
    fn ended_with(process: &Process) -> Option<String> {
        let mut killed = std::pin::pin!(process.shared.control.killed());
        let waker = std::task::Waker::noop();
        let polled = killed
            .as_mut()
            .poll(&mut std::task::Context::from_waker(waker));
        match polled {
            std::task::Poll::Ready(ExitStatus::Linked(reason)) => Some(reason),
            _ => None,
        }
    }

    #[test]
    fn an_end_is_not_lost_to_a_monitor_that_is_just_going() {
        let (one, other) = (process(1), process(2));
        let monitor = Monitor::new();
        monitor.trap_exits(&other);
        one.link(&other);
        // Held, as by a thread that reports an end at this moment.
        let queue = other.shared.family.relations().trapped_by.clone();
        let _held = queue.unwrap().upgrade().unwrap();
        drop(monitor);
        one.shared.finish(ExitStatus::Killed);
        assert!(ended_with(&other).is_some());
    }

    #[test]
    fn monitors_that_are_gone_leave_little_with_those_they_watched() {
        let process = process(1);
        let kept: Vec<Monitor> = (0..3).map(|_| Monitor::new()).collect();
        for monitor in &kept {
            monitor.watch(&process, 7);
        }
        for _ in 0..10_000 {
            Monitor::new().watch(&process, 0);
        }
        let left = process.shared.family.relations().watches.len();
        assert!(left <= 16, "{left}");
        process.shared.finish(ExitStatus::Killed);
        for monitor in &kept {
            assert_eq!(monitor.try_next().unwrap().tag, 7);
        }
    }

    #[test]
    fn a_reason_is_kept_short_along_links() {
        let (one, other) = (process(1), process(2));
        one.link(&other);
        one.shared.finish(ExitStatus::Failed("x".repeat(1 << 20)));
        let reason = ended_with(&other).unwrap();
        assert_eq!(reason.len(), REASON_BYTES);
    }
}
