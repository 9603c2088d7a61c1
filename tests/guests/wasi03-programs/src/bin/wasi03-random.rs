//! Random bytes and numbers, which differ each time, and the seed, which does not.

use wasi03_programs::bindings::wasi::random::{insecure, insecure_seed, random};
use wasi03_programs::say;

wasi03_programs::program!(super::run);

async fn run() -> Result<(), ()> {
    for bytes in [
        random::get_random_bytes,
        insecure::get_insecure_random_bytes,
    ] {
        assert_eq!(bytes(0).len(), 0);
        assert_eq!(bytes(1000).len(), 1000);
        assert_ne!(bytes(16), bytes(16));
    }
    assert_ne!(random::get_random_u64(), random::get_random_u64());
    let insecure = insecure::get_insecure_random_u64;
    assert_ne!(insecure(), insecure());
    let seed = insecure_seed::get_insecure_seed;
    assert_eq!(seed(), seed());
    say("random numbers are right\n").await
}
