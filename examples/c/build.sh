#!/usr/bin/env bash
# Makes build/stats.wasm. Needs clang-19, wasm-ld-19, wasi-libc, wit-bindgen and wasm-tools, Weft's contract in
# wit/deps/fabric, and in ADAPTER the path of wasi_snapshot_preview1.reactor.wasm.
set -euo pipefail
cd "$(dirname "$0")"
mkdir -p build

# The world as C: build/stats.h, build/stats.c, and an object that carries the world itself.
wit-bindgen c wit --world stats --out-dir build >/dev/null

# A core module. A reactor has no main; its constructors run before the first call.
clang-19 --target=wasm32-wasi -mexec-model=reactor -Os -Wall -Wextra -Werror -Ibuild \
  -fuse-ld=/usr/bin/wasm-ld-19 -Wl,--strip-debug \
  stage.c weft.c build/stats.c build/stats_component_type.o -o build/stats.core.wasm

# A component. Debian's C library speaks WASI 0.1, the adapter makes 0.2 of it.
wasm-tools component new build/stats.core.wasm --adapt wasi_snapshot_preview1="$ADAPTER" -o build/stats.wasm
