#!/usr/bin/env bash
# Runs every test on one PostgreSQL server; the arguments say which crates.
set -euo pipefail
cd "$(dirname "$0")/.."

target=${CARGO_TARGET_DIR:-target}
if [ -z "${TEST_DATABASE_URL:-}" ]; then
    echo "Building the tests …" >&2
    cargo build -p server --example with_postgres
    exec "$target/debug/examples/with_postgres" server/test.sh "$@"
fi

if cargo nextest --version >/dev/null 2>&1; then
    cargo nextest run --no-fail-fast "$@"
else
    cargo test --no-fail-fast "$@" --lib --bins --tests
fi

server/build.sh
export CHROMIUM TENANTATLAS_BIN E2E_DATA_DIR
CHROMIUM=$(frontend/chromium.sh)
TENANTATLAS_BIN=$(realpath "$target/debug/tenantatlas")
# The database's user has to get in, which mktemp's mode would not let it.
E2E_DATA_DIR=$(mktemp -d)
trap 'rm -rf "$E2E_DATA_DIR"' EXIT
chmod 0711 "$E2E_DATA_DIR"
cd end2end
npx --no-install playwright test
