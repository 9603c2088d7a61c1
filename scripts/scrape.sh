#!/usr/bin/env bash
# A real Prometheus scrapes `weft up --metrics`, promtool checks the text, and the query API must return the values.
# Needs the guests and `weft` (WEFT, or target/debug/weft), and prometheus and promtool, which `./dev scrape` fetches:
# `just scrape`.
set -euo pipefail
cd "$(dirname "$0")/.."
say() { printf '[scrape] %s\n' "$*" >&2; }
die() { say "error: $*"; exit 1; }

# Seconds until a server that does not answer counts as broken. A working one answers within one second.
PATIENCE=120
weft=$(realpath "${WEFT:-target/debug/weft}")
guests=$PWD/target/wasm32-wasip2/guest
folder=$(mktemp -d)
started=()
finish() {
  for id in "${started[@]}"; do kill "$id" 2>/dev/null || true; done
  wait
  rm -rf "$folder"
}
trap finish EXIT

# Repeats a command until it succeeds.
until_done() {
  local end=$((SECONDS + PATIENCE))
  until "$@"; do
    [ $SECONDS -lt $end ] || die "still not: $*"
    sleep 0.2
  done
}

get() { python3 -c 'import sys, urllib.request as r; sys.stdout.write(r.urlopen(sys.argv[1], timeout=10).read().decode())' "$1"; }

cat >"$folder/weft.toml" <<TOML
[components]
scenarios = "$guests/scenarios.wasm"
[channels.news]
[processes.stays]
component = "scenarios"
args = { scenario = "wait-stop", arg = "" }
[processes.ends]
component = "scenarios"
args = { scenario = "echo", arg = "" }
TOML
"$weft" up "$folder/weft.toml" --metrics 127.0.0.1:0 --control "$folder/control" 2>"$folder/weft.err" &
started+=($!)
until_done grep -q '^metrics at http://' "$folder/weft.err"
url=$(sed -n 's/^metrics at //p' "$folder/weft.err")

say "promtool reads what weft serves"
ends_are_counted() { get "$url" >"$folder/text" && grep -q '^weft_process_ends_total{status="returned"} 1$' "$folder/text"; }
until_done ends_are_counted
promtool check metrics <"$folder/text"

# A port for Prometheus that was free a moment ago.
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
target=${url#http://}
cat >"$folder/prometheus.yml" <<YAML
global: { scrape_interval: 1s, scrape_timeout: 1s }
scrape_configs:
  - job_name: weft
    static_configs: [{ targets: ["${target%/metrics}"] }]
YAML
say "prometheus scrapes it"
prometheus --config.file "$folder/prometheus.yml" --storage.tsdb.path "$folder/data" \
  --web.listen-address "127.0.0.1:$port" --log.level warn 2>"$folder/prometheus.err" &
started+=($!)

# Prints the value of a query, and fails until there is one: ask QUERY.
ask() {
  python3 - "http://127.0.0.1:$port/api/v1/query" "$1" <<'PYTHON'
import json, sys, urllib.parse, urllib.request
url, query = sys.argv[1:]
try:
    answer = urllib.request.urlopen(url + "?" + urllib.parse.urlencode({"query": query}), timeout=10)
except OSError:
    sys.exit(1)
result = json.load(answer)["data"]["result"]
if len(result) != 1:
    sys.exit(1)
print(result[0]["value"][1])
PYTHON
}
value_of() { value=$(ask "$1"); }
expect() {
  until_done value_of "$1"
  say "$1 is $value"
  [ "$value" = "$2" ] || die "$1 is $value and not $2"
}
expect 'up{job="weft"}' 1
expect 'weft_process_starts_total' 2
expect 'weft_process_ends_total{status="returned"}' 1
expect 'weft_processes' 1
expect 'count(weft_process_memory_bytes{process="stays"} > 0)' 1
expect 'weft_channel_capacity_bytes{channel="news",maker=""}' 262144
expect 'weft_start_phase_seconds_count{phase="instantiate"}' 2
expect 'histogram_quantile(1, weft_start_phase_seconds_bucket{phase="instantiate"}) > bool 0' 1
say "done"
