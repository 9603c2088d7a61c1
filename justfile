# Every task of a contributor. `./dev RECIPE` installs the tools first.

guest_toolchain := env("WEFT_GUEST_TOOLCHAIN", "")

# List the recipes
default:
    @just --list

# Build everything and run the flights pipeline
demo: guests build
    target/debug/weft up examples/flights/weft.toml

# Run every test
test: guests
    cargo test --quiet
    cargo test --quiet -p weft-guest -p weft-guest-macros -p words-count

# Test durable channels alone, against a NATS server that is fetched into .tools/
nats:
    cargo test --quiet -p weft-nats

# Kill, stop and cut off hosts, servers and connections of durable channels, and print how long it takes until all goes on (about 2 minutes)
chaos:
    WEFT_CHAOS=long cargo test --quiet -p weft-nats --test chaos -- --include-ignored --nocapture --test-threads 2

# Check the channel engine in every order its threads may run in, within bounds (about a minute)
model:
    RUSTFLAGS="--cfg weft_model" cargo test --quiet -p weft-channel --test interleavings --target-dir target/model

# Fuzz TARGET for SECONDS: channel, component, invocation, manifest, pattern, processes, weights; needs g++, keeps corpus and findings in target/fuzz
fuzz SECONDS="60" TARGET="channel": guests
    scripts/fuzz.sh {{ SECONDS }} {{ TARGET }}

# Build the host and the weft command (target/debug/weft, optimised)
build:
    cargo build

# Build the example and test guests (target/wasm32-wasip2/guest): all crates but those named weft-*
guests:
    cargo {{ if guest_toolchain == "" { "" } else { "+" + guest_toolchain } }} build --workspace --exclude 'weft-*' --lib --bins --examples --profile guest --target wasm32-wasip2
    cargo {{ if guest_toolchain == "" { "" } else { "+" + guest_toolchain } }} build -p lines --profile guest-lines --target wasm32-wasip2

# Build the stage `join` in Python, run the flights pipeline with it and compare; fetches the tools into .tools/
python: guests build
    scripts/languages.sh python

# The same with `parse` in JavaScript, on QuickJS
javascript: guests build
    scripts/languages.sh javascript

# The same on Firefox's engine, whose tools are 385 MB
starlingmonkey: guests build
    scripts/languages.sh starlingmonkey

# The same with `stats` in C, with clang from Debian; its tools take minutes to compile
c: guests build
    scripts/languages.sh c

# All three languages and Rust in one pipeline
polyglot: guests build
    scripts/languages.sh polyglot

# Check that the command builds without its features, and that their dependencies are gone then
lean:
    cargo check --quiet -p weft-runner --no-default-features
    ! cargo tree -p weft-runner --no-default-features --edges normal,build --prefix none | grep -E '^(async-nats|tonic|opentelemetry|wac|ratatui|crossterm)'

# Format all code
fmt:
    cargo fmt --all
    rustfmt --edition 2024 host/runner/templates/rust/*/src/*.rs host/runner/templates/rust/pipeline/*/src/*.rs

# Check formatting and run clippy on hosts and guests
lint:
    cargo fmt --all --check
    rustfmt --check --edition 2024 host/runner/templates/rust/*/src/*.rs host/runner/templates/rust/pipeline/*/src/*.rs
    cargo clippy --workspace --all-targets -- -D warnings

# What is measured is built as it is installed, which takes a quarter of an hour the first time. FILTER `dense` is needed for the rows of
# 100,000 processes.
# Measure each row against its baseline in the same run; also into target/bench*.json
bench FILTER="": guests
    cargo {{ if guest_toolchain == "" { "" } else { "+" + guest_toolchain } }} build --quiet --lib --bins --examples -p 'bench-*' -p 'flights-*' -p http-02 -p http-03 -p axes -p transform -p transform-link --profile guest-dist --target wasm32-wasip2
    cargo build --quiet --profile dist --bin weft --example bench --example bench-edges --example bench-memory
    target/dist/examples/bench "{{ FILTER }}"
    target/dist/examples/bench-edges "{{ FILTER }}"
    target/dist/examples/bench-memory "{{ FILTER }}"

# Measure durable channels against `async-nats` alone, with a server on loopback
bench-nats:
    cargo run --quiet --profile dist -p weft-nats --example bench-durable

# Build `wasmtime serve`, the baseline of a row of the bench (.tools/bin); it takes 10 minutes or more
bench-wasmtime:
    cargo install --quiet --locked --root .tools wasmtime-cli@48.0.8 --no-default-features --features run,serve,component-model-async,cranelift,parallel-compilation,pooling-allocator

# The host is built once more with frame pointers, so that stacks can be followed through host, guest and libraries.
# That takes minutes the first time.
# Draw where the time of one row of the bench goes, as a flame graph (target/profile-NAME.svg)
profile NAME: guests
    cargo build --quiet -p weft-host --example bench --target-dir target/profiling --config 'build.rustflags=["-C","force-frame-pointers=yes"]'
    perf record --quiet --call-graph fp --freq 1999 --output target/profiling/perf.data target/profiling/debug/examples/bench --profile "{{ NAME }}"
    perf script --input target/profiling/perf.data >target/profiling/samples
    inferno-collapse-perf --quiet target/profiling/samples >target/profiling/stacks
    inferno-flamegraph --quiet --title "{{ NAME }}" target/profiling/stacks >"target/profile-{{ NAME }}.svg"

# Build the API documentation (target/doc)
doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --no-deps -p weft-channel -p weft-nats -p weft-host -p weft-service -p weft-control -p weft-telemetry -p weft-net -p weft-guest

# Build the book (target/book)
book:
    .tools/bin/mdbook build docs

# Put the code of tested files into the pages of the book, where it has changed
book-code:
    scripts/book-code.py

# Build a stage with cargo component and run it in the flights pipeline; the first time compiles the tool
cargo-component: guests
    cargo +{{ env("WEFT_CARGO_COMPONENT_TOOLCHAIN", "stable") }} component build -p cargo-component-parse --profile guest
    cargo test --quiet -p weft-runner --test command cargo_component -- --include-ignored

# Let a real Prometheus scrape `weft up --metrics`, and promtool check the result; fetches both into .tools/
scrape: guests build
    scripts/scrape.sh

# Open the page of the example `webhook` in a browser without a screen: events, a WebSocket and fetch, from origins that may and may not; installs Chromium
browser: guests build
    cargo test --quiet -p weft-runner --test command browser -- --include-ignored

# Make projects with `weft new` in every language, build and run them; fetches componentize-py and componentize-qjs
new-projects: guests
    cargo test --quiet -p weft-runner --test command new_projects -- --include-ignored

# Check licences, sources and duplicate versions of all crates, and known advisories if they can be fetched (deny.toml)
deny:
    scripts/deny.sh

# What CI runs
ci: test lint doc
