//! Random input does what the model does, or no harm: see `weft-host-fuzz`, which runs it.
//!
//! A program of its own: its host lasts as long as it does, and would be a leak to the other tests.
#![allow(missing_docs)]

use proptest::prelude::*;

fn few(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        // A sequence that hangs takes a minute each time.
        max_shrink_time: 120_000,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(few(96))]

    #[test]
    fn processes_end_and_are_told_as_the_model_says(
        ops in prop::collection::vec(any::<u8>(), 0..150),
    ) {
        weft_host_fuzz::processes::run(&ops);
    }

    #[test]
    fn any_bytes_are_a_component_that_ends_or_are_refused(
        bytes in prop::collection::vec(any::<u8>(), 0..24),
    ) {
        weft_host_fuzz::component::run(&bytes);
    }
}

proptest! {
    #![proptest_config(few(2048))]

    #[test]
    fn any_text_is_a_call_that_fits_or_is_refused(
        bytes in prop::collection::vec(any::<u8>(), 0..24),
    ) {
        weft_host_fuzz::invocation::run(&bytes);
    }
}
