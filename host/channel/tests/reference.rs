//! Random sequences of operations do on the engine what they do on the naive model of it, and
//! whoever waits and could go on was woken: see `weft-channel-fuzz`, which runs them.
#![allow(missing_docs)]

use proptest::prelude::*;
use weft_channel_fuzz::Sequence;

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 4096,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_sequence_of_operations_does_what_the_model_does(
        capacity in any::<u8>(),
        kind in any::<u8>(),
        ops in prop::collection::vec(any::<[u8; 4]>(), 1..300),
    ) {
        Sequence::new(capacity, kind, ops).run();
    }
}
