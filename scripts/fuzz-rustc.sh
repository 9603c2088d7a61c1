#!/usr/bin/env bash
# rustc for this workspace's crates in a fuzz build; see fuzz.sh. Macros run in the compiler and build scripts before
# it, so neither can be instrumented.
set -euo pipefail
rustc=$1
shift
[[ " $* " == *" proc-macro "* || " $* " == *" -vV "* || " $* " == *" - "* ||
  " $* " == *" --crate-name build_script_build "* ]] && exec "$rustc" "$@"
# shellcheck disable=SC2086
exec "$rustc" "$@" $WEFT_FUZZ_FLAGS
