#!/usr/bin/env bash
# Checks the crates that Weft is built from against deny.toml: `just deny`, with cargo-deny from .tools/. The advisories
# are in a git repository that not every machine can reach. In that case the last fetched copy is used. Without a copy
# they are not checked, and the script says so.
set -euo pipefail
cd "$(dirname "$0")/.."
say() { printf '[deny] %s\n' "$*" >&2; }
PATH="$PWD/.tools/bin:$PATH"

# Timeout in seconds for fetching the advisories, a few megabytes.
PATIENCE=60

cargo deny --locked check --hide-inclusion-graph licenses bans sources
fetched=.tools/advisories.fetched
if timeout "$PATIENCE" cargo deny --locked fetch db >/dev/null 2>&1; then
  date +%F >"$fetched"
fi
if [ -e "$fetched" ]; then
  say "advisories as of $(cat "$fetched")"
  cargo deny --frozen check advisories
else
  say "advisories were not checked: their database cannot be fetched here"
fi
