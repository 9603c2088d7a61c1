//! Whatever the text of patterns, they are read or refused, and compared as their targets say: see `weft-net-fuzz`, which runs it.
#![allow(missing_docs)]

use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1_024,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_text_is_patterns_that_compare_as_their_targets_do(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        weft_net_fuzz::run(&bytes);
    }
}
