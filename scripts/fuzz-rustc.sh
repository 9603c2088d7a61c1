#!/usr/bin/env bash
# rustc for the crates of this workspace in a fuzz build; see fuzz.sh. Macros run in the compiler and
# cannot be instrumented.
set -euo pipefail
rustc=$1
shift
[[ " $* " == *" proc-macro "* || " $* " == *" -vV "* || " $* " == *" - "* ]] && exec "$rustc" "$@"
# shellcheck disable=SC2086
exec "$rustc" "$@" $WEFT_FUZZ_FLAGS
