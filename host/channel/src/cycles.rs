//! Frees channels that only frames hold and that nobody can reach any more.
//!
//! A handle may be attached to a frame of its own channel, or two channels may hold handles of
//! each other. Once nobody else has a handle of any of them, nobody will ever
//! read these frames; counting references alone would keep them for ever.
//!
//! # Terms
//! A handle is *in a frame* or *outside*: in somebody's hands, in a write that waits, or on
//! its way to be dropped. Garbage is a set of channels all of whose handles are in frames of the
//! set. Garbage stays garbage, and nothing of it changes until it is emptied here: only somebody with a
//! handle outside can make, drop or attach one, or read and evict frames.
//!
//! # When to look
//! A set becomes garbage when its last outside handle goes. It goes by being dropped: attaching it
//! to a frame of a channel of the set takes a writer of that channel, which is outside and
//! goes later. So looking is up to whoever drops a handle: it looks if handles of that channel are
//! in flight and no outside one is left.
//!
//! # How to look
//! A look visits such channels and the channels of the handles in their frames, and so on, wherever
//! no outside handle is seen. It locks one channel at a time, and for a part of its frames. It notes
//! how many handles of each there are, how many it found in frames, and a count of changes, which
//! grows whenever a handle of the channel is made or dropped, and whenever one gets into its frames or
//! out of them. When all are visited, each is visited once more. A channel is live if its count of
//! changes is another by then, or if not all its handles were found; and so is whatever its frames
//! lead to. The rest is garbage.
//!
//! Nobody is kept from anything meanwhile, and a look may be interrupted at any point for any
//! time. So it is made in slices, see `release`.
//!
//! # Why what it finds is garbage
//! Take a moment between the first visits and the second ones. Nothing about a channel that is declared
//! garbage had changed from its first visit, if that had parts from the first of them, to its second. So at
//! that moment it had as many handles as were counted, and those that were found in frames of the set were
//! there. None was found elsewhere: a live channel that leads to it would have made it live. As many were found as
//! there were, so all handles of the set were in its own frames.
//!
//! # Why all garbage is found
//! What is garbage when a look begins is seen as it is, however long the look takes. Nothing that lives leads to it.
//! So where a look visits all that does lead to it, it is found. What a look comes to without that is part of
//! a larger garbage, and some of this cannot be reached from the handles that were dropped. That was garbage before they
//! were: whoever made it so looks at it, and as it is emptied, handles of the rest are dropped. The same goes where two looks
//! come to one channel, and one sees that the other has emptied it.
//!
//! If several threads drop handles of a set at once, one of them sees all of it. Who drops lowers the count of
//! handles, under the lock of the channel, then reads the count in flight, then looks. Who attaches raises the count in
//! flight, then adds the frame, under the lock of its channel, and drops the writer later. Counts in flight are `SeqCst`, so one of
//! these reads is the last. Its thread finds what the others did, whatever it locks: had it had a lock
//! before one of them, that one's read would have come later. Apart from this, counts in flight only say where looking is worth
//! it: they are never too low, and may be too high for a while.
//!
//! # Cost
//! One load for a handle of a channel with nothing in flight. A look costs what it
//! visits, in time and in memory: the channels that hang on nothing but those whose handles were dropped, and their
//! handles in frames. Who drops `n` handles, each with up to `n` channels hanging on it, pays `n` times `n` one by one, but only
//! `n` by `drop_together`; what `release` drops together is looked at together too.

use std::{collections::HashMap, mem};

use crate::{
    release,
    shared::{Seen, Shared},
    steps::Steps,
    sync::Arc,
};

/// Handles that are looked at in one hold of a channel's lock, and those of one frame: some ten microseconds.
#[cfg(not(weft_model))]
const PART: usize = 256;
/// In a model things are small.
#[cfg(weft_model)]
const PART: usize = 1;

/// A handle of this channel was closed, and counts no more.
pub(crate) fn closed(shared: &Arc<Shared>) {
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
    shared: Arc<Shared>,
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
    pub fn new(suspects: Vec<Arc<Shared>>) -> Self {
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

    fn node(&mut self, shared: Arc<Shared>) -> usize {
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
