//! Whatever the text of a manifest, it is read or refused: see `weft-runner-fuzz`, which runs it.

use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2048,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_text_is_a_manifest_or_is_refused(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        weft_runner_fuzz::run(&bytes);
    }
}
