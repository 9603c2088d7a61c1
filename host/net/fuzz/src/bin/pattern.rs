//! The fuzz target `pattern`.
#![cfg_attr(feature = "fuzzing", no_main)]

weft_host_fuzz::target!(weft_net_fuzz::run);
