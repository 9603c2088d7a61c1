//! The strength of an end of a remote engine, and what becomes of the end when its downgrade fails.
//!
//! Invariant: an end is lost from the beginning of its downgrade until the engine has done it. So one whose downgrade failed, or was
//! given up, stays lost.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::{error::Unavailable, options::Strength, remote::Asked};

#[derive(Debug)]
pub(crate) struct Downgrade {
    strong: AtomicBool,
    lost: AtomicBool,
}

impl Downgrade {
    pub fn of(strength: Strength) -> Self {
        Self {
            strong: AtomicBool::new(strength == Strength::Strong),
            lost: AtomicBool::new(false),
        }
    }

    pub fn is_strong(&self) -> bool {
        self.strong.load(Ordering::Relaxed)
    }

    /// Whether the end can no longer be used.
    pub fn is_lost(&self) -> bool {
        self.lost.load(Ordering::Acquire)
    }

    /// Has the engine make the end weak, by `set_weak`. An end that is weak stays as it is.
    pub async fn run<'a>(
        &self,
        set_weak: impl FnOnce() -> Asked<'a, Result<(), Unavailable>>,
    ) -> Result<(), Unavailable> {
        if !self.is_strong() {
            return Ok(());
        }
        self.lost.store(true, Ordering::Release);
        set_weak().await?;
        self.strong.store(false, Ordering::Relaxed);
        self.lost.store(false, Ordering::Release);
        Ok(())
    }
}
