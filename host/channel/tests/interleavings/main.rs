//! The engine under loom: each test is run once for every order in which its threads may take the
//! channel's lock. `just model` runs them; in any other build this file is empty.
//!
//! A wake-up that is lost leaves a thread waiting for ever, which loom reports as a deadlock.
//! That is what most of these tests would show: they merely wait for what must come.
//!
//! - `waits`: a wait begins while what it waits for happens;
//! - `at_hand`: frames are read without the lock while others write, wait or end the channel;
//! - `cancels`: a wait is given up while what it waits for happens;
//! - `ends`: an end of the channel goes or weakens while others wait or come;
//! - `ending`: the channel is drained or terminated while others wait;
//! - `handles`: the handles of a frame are taken while others take or release them;
//! - `cycles`: channels that only frames hold lose their last handles while others take some;
//! - `slices`: such looks and other work done in slices, while others go on in between;
//! - `order`: what readers see, and what overtaken readers are told.
//!
//! Threads are few and steps are few: the number of orders grows with their factorial.
#![cfg(weft_model)]
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod at_hand;
mod cancels;
mod cycles;
mod ending;
mod ends;
mod handles;
mod order;
mod slices;
mod support;
mod waits;
