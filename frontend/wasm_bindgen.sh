#!/usr/bin/env bash
# Tells which wasm-bindgen belongs to this project: its `version`, the `folder` for one of our own, the `path` of one that fits.
set -euo pipefail
cd "$(dirname "$0")/.."

version=$(sed -n '/^name = "wasm-bindgen"$/{n;s/version = "\(.*\)"/\1/p}' Cargo.lock)
folder="${XDG_CACHE_HOME:-$HOME/.cache}/tenantatlas/wasm-bindgen-$version"

case "$1" in
version) echo "$version" ;;
folder) echo "$folder" ;;
path)
    for candidate in "$(command -v wasm-bindgen || true)" "$folder/bin/wasm-bindgen"; do
        if [ -x "$candidate" ] && [ "$("$candidate" --version)" = "wasm-bindgen $version" ]; then
            echo "$candidate"
            exit
        fi
    done
    exit 1
    ;;
esac
