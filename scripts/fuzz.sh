#!/usr/bin/env bash
# Builds a fuzz target on stable Rust and runs it: fuzz.sh SECONDS TARGET. It does what cargo-fuzz does, without a
# nightly compiler. Only this workspace's own crates are instrumented: a wrapper gives them the flags. Their
# dependencies, above all wasmtime, are reused as they were built for the tests.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=$1 target=$2

# libFuzzer's own limit, in MB. `weights` bounds each load itself, and what the allocator keeps of earlier loads adds up to more.
memory=2048
[ "$target" != weights ] || memory=6144
case $target in
channel) package=weft-channel-fuzz longest=1602 ;;
component | invocation | processes | weights) package=weft-host-fuzz longest=600 ;;
manifest) package=weft-runner-fuzz longest=600 ;;
pattern) package=weft-net-fuzz longest=200 ;;
*) echo "no fuzz target is called $target" >&2 && exit 2 ;;
esac

WEFT_FUZZ_FLAGS="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4"
WEFT_FUZZ_FLAGS+=" -Cllvm-args=-sanitizer-coverage-inline-8bit-counters"
WEFT_FUZZ_FLAGS+=" -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares"
# The fuzzer should also find overflows and failed debug assertions.
WEFT_FUZZ_FLAGS+=" -Coverflow-checks=on -Cdebug-assertions=on -Ccodegen-units=1"
export WEFT_FUZZ_FLAGS
RUSTC_WORKSPACE_WRAPPER=$PWD/scripts/fuzz-rustc.sh \
  cargo build --quiet -p "$package" --bin "$target" --features fuzzing

corpus=target/fuzz/corpus/$target
found=target/fuzz/found/$target/
mkdir -p "$corpus" "$found"
"target/debug/$target" "$corpus" -artifact_prefix="$found" -max_total_time="$seconds" \
  -max_len=$longest -len_control=20 -rss_limit_mb=$memory -print_final_stats=1 ||
  { echo "found: run \`cargo run -p $package --bin $target -- FILE\` with the file named above" >&2; exit 1; }
