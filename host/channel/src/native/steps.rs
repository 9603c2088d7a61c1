//! How much work may still be done at a stretch.
//!
//! A step is what takes some 100 ns: to wake a task, to free a frame, to look at a handle.

/// Steps left.
#[derive(Debug)]
pub(crate) struct Steps(usize);

impl Steps {
    /// As many as it takes.
    pub const fn without_end() -> Self {
        Self(usize::MAX)
    }

    pub const fn new(steps: usize) -> Self {
        Self(steps)
    }

    /// So many were done; more than there were is the same as all.
    pub fn did(&mut self, steps: usize) {
        self.0 = self.0.saturating_sub(steps);
    }

    pub fn are_used_up(&self) -> bool {
        self.0 == 0
    }
}
