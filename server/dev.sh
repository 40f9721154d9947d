#!/usr/bin/env bash
# Runs the application, and builds and starts it anew whenever a source file has changed.
set -euo pipefail
cd "$(dirname "$0")/.."

program=
stop() {
    [ -n "$program" ] || return 0
    kill -TERM "$program" 2>/dev/null || true
    wait "$program" || true
    program=
}
trap 'stop; rm -f "$seen"; exit 0' INT TERM
seen=$(mktemp)

while true; do
    touch "$seen"
    if frontend/build.sh --quick && server/build.sh; then
        stop
        "${CARGO_TARGET_DIR:-target}/debug/tenantatlas" dev &
        program=$!
    else
        echo "The build failed: what was running stays, and the next change tries again." >&2
    fi
    until [ -n "$(find app frontend server migrations style Cargo.toml -type f -newer "$seen" -print -quit)" ]; do
        sleep 1
    done
    echo "Changed: building anew …" >&2
done
