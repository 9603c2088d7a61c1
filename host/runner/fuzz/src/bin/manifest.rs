//! The fuzz target `manifest`.
#![cfg_attr(feature = "fuzzing", no_main)]

weft_host_fuzz::target!(weft_runner_fuzz::run);
