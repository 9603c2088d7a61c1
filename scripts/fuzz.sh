#!/usr/bin/env bash
# Builds a fuzz target on stable Rust and runs it: fuzz.sh SECONDS TARGET.
# What cargo-fuzz would do, without a nightly compiler: the flags are codegen flags, and the
# explicit target keeps them away from build scripts.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=$1 target=$2

host=$(rustc -vV | sed -n 's/^host: //p')
sancov="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4"
sancov="$sancov -Cllvm-args=-sanitizer-coverage-inline-8bit-counters"
sancov="$sancov -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares"
# Overflows and debug assertions are what a fuzzer is to find as well.
checks="-Coverflow-checks=on -Cdebug-assertions=on -Ccodegen-units=1"
RUSTFLAGS="$sancov $checks --cfg fuzzing" cargo build --quiet \
  -p weft-channel-fuzz --bin "$target" --target "$host" --target-dir target/fuzz

corpus=target/fuzz/corpus/$target
found=target/fuzz/found/$target/
mkdir -p "$corpus" "$found"
"target/fuzz/$host/debug/$target" "$corpus" -artifact_prefix="$found" -max_total_time="$seconds" \
  -max_len=1602 -len_control=20 -print_final_stats=1 ||
  { echo "found: run \`cargo run -p weft-channel-fuzz --bin $target -- FILE\` with the file named above" >&2; exit 1; }
