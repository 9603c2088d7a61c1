//! Frees channels that only frames hold and that nobody can reach any more.
//!
//! A handle may be attached to a frame of its own channel, or two channels may hold handles of
//! each other. Once nobody else has a handle of any of them, nobody will ever
//! read these frames; counting references alone would keep them for ever.
//!
//! # Terms
//! A handle is *in a frame* or *outside*: in somebody's hands, in a write that waits, or on
//! its way to be dropped. *Garbage* is a set of channels all of whose handles are in frames of the
//! set. Garbage stays garbage, and nothing of it changes until it is emptied here: only somebody with a
//! handle outside can make, drop or attach one, or read and evict frames.
//!
//! # When to look
//! A set becomes garbage when its last outside handle goes. That handle was dropped. It was not attached to a frame of a
//! channel of the set: attaching takes a writer of that channel, and that writer is outside and goes later.
//! So whoever drops a handle looks, if handles of that channel are in flight and no outside one is left.
//!
//! # How to look
//! 1. Visit the channel, then the channels of the handles in its frames, and so on. Stop at a channel that has an outside
//!    handle. A visit holds one lock at a time, and only for a part of a channel's frames.
//! 2. Note for each channel how many handles it has, how many of them were found in frames, and its count of changes. That
//!    count grows whenever a handle of the channel is made or dropped, and whenever a handle gets into its frames or out of them.
//! 3. When all are visited, visit each once more. A channel is live if its count of changes differs from the one noted, or if not all
//!    its handles were found.
//! 4. Whatever the frames of a live channel lead to is live too.
//! 5. The rest is garbage. Empty it.
//!
//! Nobody has to wait meanwhile, and a look may be interrupted at any point for any
//! time. So it is made in slices, see `release`.
//!
//! # Why what it finds is garbage
//! 1. Take a moment after all first visits and before all second ones.
//! 2. A channel that is declared garbage did not change between its first visit and its second. If the first visit had
//!    several parts, it did not change between those either.
//! 3. So at that moment it had as many handles as were counted, and the handles found in frames of the set were there.
//! 4. None was found in frames of another channel: that channel would be live, and by step 4 above this one too.
//! 5. As many were found as there were. So all handles of the set were in its own frames.
//!
//! # Why all garbage is found
//! 1. What is garbage when a look begins does not change, however long the look takes, and no live channel leads to it.
//! 2. So a look finds it, if it visits all channels that lead to it.
//! 3. If it does not visit all of them, what it came to is a part of a larger garbage, and some of that cannot be reached from the handles
//!    that were dropped. That part was garbage before. Whoever dropped its last outside handle looks at it, and emptying it
//!    drops handles of the rest, which is looked at then.
//! 4. The same holds where two looks come to one channel: one of them sees that the other has emptied it.
//!
//! # Several threads
//! If several threads drop handles of a set at once, one of them sees all of it:
//!
//! 1. Who drops a handle lowers the count of handles, under the lock of the channel, then reads the count in flight, then looks.
//! 2. Who attaches one raises the count in flight, then adds the frame, under the lock of its channel, and drops the writer later.
//! 3. Counts in flight are `SeqCst`, so one of these reads is the last.
//! 4. The thread of that read finds what the others did, whatever it locks. If it had held a lock before one of the others
//!    did, the other's read would have been later.
//!
//! Apart from this, counts in flight only say where looking is worth it: they are never too low, and may be too high for a while.
//!
//! # Cost
//! Dropping a handle of a channel with nothing in flight costs one load. A look costs what it
//! visits, in time and in memory: the channels that hang on nothing but those whose handles were dropped, and their
//! handles in frames. Dropping `n` handles, each with up to `n` channels hanging on it, costs `n` times `n` one by one, but only
//! `n` by `drop_together`; what `release` drops together is looked at together too.

use std::{collections::HashMap, mem};

use crate::{
    native::{
        release,
        shared::{ChannelCore, Seen},
        steps::Steps,
    },
    sync::Arc,
};

/// Handles that are looked at in one hold of a channel's lock, and those of one frame: some ten microseconds.
#[cfg(not(weft_model))]
const PART: usize = 256;
/// In a model things are small.
#[cfg(weft_model)]
const PART: usize = 1;

/// A handle of this channel was closed, and counts no more.
pub(crate) fn closed(shared: &Arc<ChannelCore>) {
    if shared.has_in_flight() && !shared.has_outside() {
        release::suspect(shared);
    }
}

/// A look, as far as it has come.
pub(crate) struct Look {
    nodes: Vec<Node>,
    /// By address, which stays unique as long as the node holds the channel.
    index: HashMap<usize, usize>,
    stage: Stage,
    /// Live nodes that are still to be marked, with what they lead to.
    to_mark: Vec<usize>,
}

#[derive(Clone, Copy)]
enum Stage {
    /// The first visits: to this node next, to its frames from this segment on.
    Visit { node: usize, from: u64 },
    /// The second ones: to this node next.
    Check { node: usize },
    /// The garbage is emptied, all nodes are given up.
    Free,
}

struct Node {
    shared: Arc<ChannelCore>,
    /// What was seen of it; none where a handle is outside.
    seen: Option<Seen>,
    /// Handles of it found in frames.
    found: usize,
    /// The nodes its frames lead to.
    leads_to: Vec<usize>,
    live: bool,
}

impl Look {
    /// At these channels, and what hangs on them.
    pub fn new(suspects: Vec<Arc<ChannelCore>>) -> Self {
        let mut look = Self {
            nodes: Vec::new(),
            index: HashMap::new(),
            stage: Stage::Visit { node: 0, from: 0 },
            to_mark: Vec::new(),
        };
        for suspect in suspects {
            look.node(suspect);
        }
        look
    }

    /// Goes on as long as there are steps; whether it has come to its end. What is garbage then is empty.
    #[cold]
    pub fn go_on(&mut self, steps: &mut Steps) -> bool {
        let mut goes_on = true;
        while goes_on && !steps.are_used_up() {
            goes_on = match self.stage {
                Stage::Visit { node, from } => self.visit(node, from, steps),
                Stage::Check { node } => self.check(node, steps),
                Stage::Free => self.free(steps),
            };
        }
        !goes_on
    }

    fn visit(&mut self, at: usize, from: u64, steps: &mut Steps) -> bool {
        steps.did(1);
        // Nodes found on the way are added at the end.
        let Some(node) = self.nodes.get_mut(at) else {
            self.stage = Stage::Check { node: 0 };
            return true;
        };
        let glimpse = node.shared.look(from, PART);
        // From one part to the next nothing may have changed.
        let glimpse = glimpse.filter(|it| from == 0 || node.seen == Some(it.seen));
        node.seen = glimpse.as_ref().map(|it| it.seen);
        let (leads_to, next) = glimpse.map_or_else(Default::default, |it| (it.leads_to, it.next));
        self.stage = match next {
            Some(from) => Stage::Visit { node: at, from },
            None => Stage::Visit {
                node: at + 1,
                from: 0,
            },
        };
        steps.did(leads_to.len());
        for to in leads_to {
            let to = self.node(to);
            if let Some(node) = self.nodes.get_mut(to) {
                node.found += 1;
            }
            if let Some(node) = self.nodes.get_mut(at) {
                node.leads_to.push(to);
            }
        }
        true
    }

    fn check(&mut self, at: usize, steps: &mut Steps) -> bool {
        steps.did(1);
        if let Some(live) = self.to_mark.pop() {
            self.mark(live, steps);
            return true;
        }
        let Some(node) = self.nodes.get_mut(at) else {
            self.stage = Stage::Free;
            return true;
        };
        self.stage = Stage::Check { node: at + 1 };
        if !node.live && !node.is_explained() {
            node.live = true;
            self.to_mark.push(at);
        }
        true
    }

    /// Marks what a live node leads to.
    fn mark(&mut self, at: usize, steps: &mut Steps) {
        let node = self.nodes.get_mut(at);
        let leads_to = node.map(|node| mem::take(&mut node.leads_to));
        let leads_to = leads_to.unwrap_or_default();
        steps.did(leads_to.len());
        for to in leads_to {
            if let Some(node) = self.nodes.get_mut(to)
                && !mem::replace(&mut node.live, true)
            {
                self.to_mark.push(to);
            }
        }
    }

    fn free(&mut self, steps: &mut Steps) -> bool {
        steps.did(1);
        let Some(node) = self.nodes.pop() else {
            return false;
        };
        if !node.live {
            node.shared.terminate();
        }
        // The node may hold the last reference to a channel.
        true
    }

    fn node(&mut self, shared: Arc<ChannelCore>) -> usize {
        let new = self.nodes.len();
        let at = *self.index.entry(Arc::as_ptr(&shared).addr()).or_insert(new);
        // A reference more than the node's is never the last one.
        if at == new {
            self.nodes.push(Node {
                shared,
                seen: None,
                found: 0,
                leads_to: Vec::new(),
                live: false,
            });
        }
        at
    }
}

impl Node {
    /// Whether all its handles were found, and nothing has changed since.
    fn is_explained(&self) -> bool {
        self.seen
            .is_some_and(|seen| seen.handles == self.found && seen.changes == self.shared.changes())
    }
}
