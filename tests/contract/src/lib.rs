//! The contract of channels, as a suite that any engine can be held to.
//!
//! An engine implements [`Engine`] and its three handles, and calls [`contract_tests!`] in a test
//! of its own: that makes one test of each sentence of the contract, which the files of `suite`
//! quote. `host/channel/tests/contract.rs` is the example.
//!
//! - `engine`: what an engine offers to the suite, and the values that go in and out;
//! - `suite`: the tests, by subject;
//! - `support`: waits begun and given up, frames that show whether they are whole.
//!
//! Invariants: the suite learns everything through the interface, so an engine may be at the far
//! end of a network. It sleeps nowhere and measures no time: that something waits is
//! shown by `would-block`, or by what could not have come out otherwise. The one limit there is
//! turns a hang into a failure.
//!
//! This crate is not: a place for what only the native engine promises, such as who is
//! woken how often or what a frame weighs; that is in `host/channel/tests`.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says no by panicking"
)]

mod engine;
pub mod suite;
mod support;

pub use engine::{
    Backpressure, Channel, Engine, Frame, OpenError, ReadError, Reader, Stats, WriteError, Writer,
};
pub use support::run;

/// Makes a test of each sentence of the contract for an [`Engine`].
///
/// ```ignore
/// weft_channel_contract::contract_tests!(MyEngine);
/// ```
///
/// An engine that hands writes to a server cannot take one back that is on its way there. With `writes_may_land` it is held to what can be
/// promised then; see `suite::cancels`.
#[macro_export]
macro_rules! contract_tests {
    ($engine:ty) => {
        $crate::contract_tests! { @common $engine }
        $crate::contract_tests! { @list $engine:
            cancels: cancelling_at_random_loses_nothing_and_hangs_nobody,
        }
    };
    ($engine:ty, writes_may_land) => {
        $crate::contract_tests! { @common $engine }
        $crate::contract_tests! { @list $engine:
            cancels: cancelling_at_random_loses_nothing_that_was_promised,
        }
    };
    (@common $engine:ty) => {
        $crate::contract_tests! { @list $engine:
            capacity: a_frame_larger_than_the_capacity_is_too_large,
            capacity: the_capacity_is_never_exceeded,
            capacity: frames_of_every_size_arrive_as_they_were_sent,
            capacity: batches_of_frames_of_every_size_arrive_as_they_were_sent,
            readers: a_strong_reader_holds_writers_back,
            readers: the_slowest_strong_reader_decides,
            readers: a_strong_reader_that_goes_or_weakens_lets_writers_go,
            readers: an_overtaken_weak_reader_is_told_its_exact_loss_once,
            readers: a_weak_reader_loses_the_rest_of_a_batch_by_the_frame,
            readers: a_weakened_reader_keeps_its_place,
            readers: a_new_reader_starts_at_the_oldest_frame_retained,
            readers: without_a_strong_reader_no_writer_waits,
            readers: a_batch_read_keeps_its_limits,
            writers: the_last_strong_writer_ends_the_channel,
            writers: a_strong_writer_that_weakens_is_as_good_as_gone,
            writers: a_weak_writer_keeps_nothing_open,
            writers: a_channel_without_a_strong_writer_stays_open,
            writers: the_last_strong_writer_ends_reads_that_wait,
            writers: writers_have_names_of_their_own,
            full: block_makes_a_writer_wait,
            full: room_goes_to_every_write_it_suffices_for,
            full: block_sends_a_batch_whole,
            full: drop_says_false_and_counts,
            full: drop_sends_what_fits_of_a_batch,
            ending: drain_takes_no_more_and_lets_readers_finish,
            ending: drain_fails_writes_that_wait_and_ends_reads_that_wait,
            ending: terminate_fails_whatever_comes_later,
            ending: terminate_fails_whatever_waits,
            ending: a_drained_channel_can_be_terminated,
            ending: ends_outlive_the_channel_handle,
            cancels: a_cancelled_read_loses_no_frame,
            cancels: a_cancelled_write_sends_nothing,
            cancels: a_cancelled_write_lets_the_next_one_go,
            order: one_writer_and_sixty_four_readers,
            order: sixty_four_writers_and_one_reader,
            order: sixty_four_writers_and_readers,
            order: one_order_under_contention,
            order: one_order_with_room_to_spare,
        }
    };
    (@list $engine:ty: $($subject:ident: $name:ident,)*) => {
        $(
            #[test]
            fn $name() {
                $crate::run($crate::suite::$subject::$name::<$engine>);
            }
        )*
    };
}
