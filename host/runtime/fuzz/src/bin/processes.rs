//! The fuzz target `processes`; see the module of this name.
#![cfg_attr(feature = "fuzzing", no_main)]

weft_host_fuzz::target!(weft_host_fuzz::processes::run);
