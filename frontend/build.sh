#!/usr/bin/env bash
# Builds the browser part and puts the whole site into target/site; does nothing where nothing has changed.
# usage: build.sh [--quick]   quick leaves out the step that makes the download small, which takes a minute or two
set -euo pipefail
cd "$(dirname "$0")/.."

site=target/site
wasm="${CARGO_TARGET_DIR:-target}/wasm32-unknown-unknown/wasm-release/frontend.wasm"
work=target/site-work
quick=${1:-}

[ -f "$wasm" ] || echo "Building the browser part (first time: about 3 minutes) …" >&2
cargo build -p frontend --lib --target wasm32-unknown-unknown --profile wasm-release

# Two builds at once would pack into one folder.
exec 9>target/site.lock
flock 9

# Everything that the site is made from.
inputs=$quick$(
    find style -type f -print0 | sort -z |
        xargs -0 sha256sum "$wasm" Cargo.lock end2end/package-lock.json frontend/build.sh frontend/bind/src/main.rs frontend/pack_site.mjs |
        sha256sum | cut -c1-64
)
if [ -f "$site/manifest.json" ] && [ "$(cat "$site/.inputs" 2>/dev/null)" = "$inputs" ]; then exit; fi

echo "Packing the site …" >&2
cargo build -p bind
rm -rf "$work"
"${CARGO_TARGET_DIR:-target}/debug/bind" "$wasm" "$work/bound"
# Only what every browser of the last years has. With --all-features browsers refuse the module.
[ "$quick" = --quick ] ||
    node end2end/node_modules/binaryen/bin/wasm-opt -O3 --enable-bulk-memory --enable-nontrapping-float-to-int \
        --enable-sign-ext --enable-mutable-globals --enable-reference-types --enable-multivalue \
        "$work/bound/tenantatlas_bg.wasm" -o "$work/bound/tenantatlas_bg.wasm"
node frontend/pack_site.mjs "$work/bound" style "$work/site"
echo "$inputs" >"$work/site/.inputs"
# A running server reads file by file, so it misses the site only for this moment.
rm -rf "$site"
mv "$work/site" "$site"
rm -rf "$work"
