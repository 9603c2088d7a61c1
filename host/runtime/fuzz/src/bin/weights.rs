//! The fuzz target `weights`; see the module of this name.
#![cfg_attr(feature = "fuzzing", no_main)]

weft_host_fuzz::target!(weft_host_fuzz::weights::run);
