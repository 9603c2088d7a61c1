//! Frees channels that only frames hold and that nobody can reach any more.
//!
//! A handle may be attached to a frame of its own channel, or two channels may hold handles of
//! each other. Once nobody else has a handle of any of them, nobody will ever
//! read these frames; counting references alone would keep them for ever.
//!
//! # Terms
//! A handle is *in a frame* or *outside*: in somebody's hands, in a write that waits, or on
//! its way to be dropped. Garbage is a set of channels all of whose handles are in frames of the set.
//!
//! # When to look
//! A set becomes garbage when its last outside handle goes. It goes by being dropped: attaching it
//! to a frame of a channel of the set takes a writer of that channel, which is outside and
//! goes later. So looking is up to whoever drops a handle: it looks if handles of that channel are
//! in flight and no outside one is left. Of several dropped at once, the last one sees the
//! others gone: a reader's or writer's count changes under the lock of its channel, a
//! `Channel`'s by `SeqCst`, and each reads the other's after its own.
//! That a handle in flight is missed, because it is attached at that very moment, does no
//! harm: the channel it is attached to has an outside handle then, whose drop looks.
//!
//! # How to look
//! A walk goes from such channels to the channels of the handles in its frames, and so on, wherever
//! no outside handle is seen. It notes, for each channel, how many handles there are
//! and how many it found in frames. A channel with more handles than were found is live, and so is
//! whatever its frames lead to. The rest is garbage.
//!
//! # Why what it finds is garbage
//! Only attaching is excluded during a walk, by [`ATTACHING`]; frames are read, evicted and
//! dropped meanwhile. So handles leave frames but none gets into one, and a handle found in
//! a frame was in it from the start of the walk on. Say that of the handles found in frames of the
//! set declared garbage some leave their frame during the walk, the first of them a frame of
//! channel W, after the visit to W. Whoever took it had an outside handle w of W. All handles of W
//! that were found existed when W was visited: those found before had not
//! left, those found later were in their frames. As many were counted as found, so these were
//! all, all of them in frames. New ones are made only from outside ones, so w is one of them and
//! left its frame before. After it was found: then it was not the first. Before: then it was never
//! found. Both contradict. So none left, all counts are of one and the same
//! moment, all handles of the set are in its own frames, and thus nobody has or gets one.
//! The counts in flight only say where looking is worth it; they may be too high for a moment.
//!
//! # Cost
//! One load for a handle of a channel with nothing in flight. A walk costs what it
//! visits: the channels that hang on nothing but those whose handles were dropped. Who drops `n`
//! handles, each with up to `n` channels hanging on it, pays `n` times `n` one by one, but only
//! `n` by `drop_together`; what `release` drops together is looked at together too.

use std::collections::HashMap;

use crate::{
    release,
    shared::Shared,
    sync::{Arc, Guard, static_lock},
};

static_lock! {
    /// Held while handles are attached, and during a walk. Taken before the lock of a channel,
    /// never after, and never while foreign code runs.
    ATTACHING
}

/// Excludes walks.
pub(crate) fn attaching() -> Guard<'static, ()> {
    ATTACHING.lock()
}

/// A handle of this channel was closed, and counts no more.
pub(crate) fn closed(shared: &Arc<Shared>) {
    if shared.has_in_flight() && !shared.has_outside() {
        release::suspect(shared);
    }
}

/// Looks whether these channels, and what hangs on them, are garbage, and if so frees them.
#[cold]
pub(crate) fn collect(suspects: Vec<Arc<Shared>>) {
    let mut walk = Walk::default();
    let guard = attaching();
    walk.visit_all(suspects);
    drop(guard);
    // All of them are emptied before any handle is dropped, so that these drops find
    // nothing to walk through.
    release::together(|| {
        for shared in walk.garbage() {
            shared.terminate();
        }
    });
    // The walk may hold the last reference to a channel, so it goes last.
}

#[derive(Default)]
struct Walk {
    nodes: Vec<Node>,
    /// By address, which stays unique as long as the node holds the channel.
    index: HashMap<*const Shared, usize>,
}

struct Node {
    shared: Arc<Shared>,
    /// Handles that exist; none counted where one is outside.
    handles: Option<usize>,
    /// Handles found in frames.
    found: usize,
    /// The nodes its frames lead to.
    leads_to: Vec<usize>,
}

impl Walk {
    fn visit_all(&mut self, suspects: Vec<Arc<Shared>>) {
        for suspect in suspects {
            self.node(suspect);
        }
        // Nodes found on the way are added at the end.
        let mut at = 0;
        while let Some(node) = self.nodes.get(at) {
            let shared = Arc::clone(&node.shared);
            if let Some((handles, found)) = shared.look() {
                let leads_to: Vec<_> = found.into_iter().map(|it| self.node(it)).collect();
                for &to in &leads_to {
                    if let Some(node) = self.nodes.get_mut(to) {
                        node.found += 1;
                    }
                }
                if let Some(node) = self.nodes.get_mut(at) {
                    node.handles = Some(handles);
                    node.leads_to = leads_to;
                }
            }
            at += 1;
        }
    }

    fn node(&mut self, shared: Arc<Shared>) -> usize {
        let new = self.nodes.len();
        let at = *self.index.entry(Arc::as_ptr(&shared)).or_insert(new);
        // A reference more than the node's is never the last one.
        if at == new {
            self.nodes.push(Node {
                shared,
                handles: None,
                found: 0,
                leads_to: Vec::new(),
            });
        }
        at
    }

    /// The channels visited that nothing live leads to.
    fn garbage(&self) -> impl Iterator<Item = &Arc<Shared>> {
        let mut live = vec![false; self.nodes.len()];
        let all = self.nodes.iter().enumerate();
        let explained = |node: &Node| node.handles == Some(node.found);
        let roots = all.filter(|(_, node)| !explained(node));
        let mut to_mark: Vec<_> = roots.map(|(at, _)| at).collect();
        while let Some(at) = to_mark.pop() {
            if let (Some(mark), Some(node)) = (live.get_mut(at), self.nodes.get(at))
                && !std::mem::replace(mark, true)
            {
                to_mark.extend(&node.leads_to);
            }
        }
        let dead = self.nodes.iter().zip(live).filter(|(_, live)| !live);
        dead.map(|(node, _)| &node.shared)
    }
}
