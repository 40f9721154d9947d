#!/usr/bin/env bash
# Builds the program; the arguments go to cargo.
set -euo pipefail
cd "$(dirname "$0")/.."

profile=debug
for argument in "$@"; do [ "$argument" = --release ] && profile=release; done
[ -f "${CARGO_TARGET_DIR:-target}/$profile/tenantatlas" ] || echo "Building the server (first time: about 6 minutes) …" >&2
cargo build -p server --bin tenantatlas "$@"
